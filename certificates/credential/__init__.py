"""The signed document: composed, linted, read, baked. Pure."""
