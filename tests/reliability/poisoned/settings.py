"""Embedded settings with a poison in the renderer: for processes that tests start."""

from config.settings.embedded import *  # noqa: F403
from config.settings.embedded import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.reliability.poisoned.apps.PoisonedConfig"]
