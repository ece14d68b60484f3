"""An app whose task leaves a trace in a file, for tests that start and kill real processes."""
