"""One way to write a moment on operators' screens: as its timeline does, day first, 24 hours."""

DATE_FORMAT = "j M Y"
DATETIME_FORMAT = "j M Y H:i"
