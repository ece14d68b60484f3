"""How this service writes dates, by language: `FORMAT_MODULE_PATH`."""
