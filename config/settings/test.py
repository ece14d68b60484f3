"""Fixed secrets and a throw-away database; TEST_DATABASE_URL points the suite elsewhere."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from config.databases import database
from config.settings.base import *  # noqa: F403
from config.settings.base import STORAGES, caches
from config.storage import file_storage

EMBEDDED = True
DEBUG = False
BASE_URL = "http://testserver"
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
SECRET_KEY = "for tests only"  # noqa: S105
KEY_ENCRYPTION_KEY = b"k" * 32
TOKEN_PEPPER = "pepper for tests only"  # noqa: S105
METRICS_TOKEN = "metrics token for tests only"  # noqa: S105

DATA_DIR = Path(os.environ.get("TEST_DATA_DIR") or tempfile.mkdtemp(prefix="certification-test-"))
if "TEST_DATA_DIR" not in os.environ:
    atexit.register(shutil.rmtree, DATA_DIR, ignore_errors=True)
DATABASES = {
    "default": database(os.environ.get("TEST_DATABASE_URL") or f"sqlite:///{DATA_DIR}/db.sqlite3")
}
CACHES = caches("")
MEDIA_ROOT = DATA_DIR / "media"
STORAGES = STORAGES | {"default": file_storage("", folder="")}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
LOG_FORMAT = "json"
LOG_FILE = ""
WHITENOISE_AUTOREFRESH = True
VERIFICATION_FLUSH_SECONDS = 0
