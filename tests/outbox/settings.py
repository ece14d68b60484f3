"""Embedded settings with the recording app: for processes that tests start."""

from config.settings.embedded import *  # noqa: F403
from config.settings.embedded import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.outbox.recording.apps.RecordingConfig"]
