"""Name of the task the clock asks signing to run."""

ROTATE = "signing.rotate"
