"""The WSGI entry of each web worker."""

import os

import django

from config import telemetry

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.embedded")
# Before the application: its middleware chain is built once.
telemetry.start()
django.setup(set_prefix=False)

from config.front import assembly  # noqa: E402 - Django is set up above
from config.request import Application  # noqa: E402

application = assembly.in_front_of(Application())
