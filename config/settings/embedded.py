"""One machine, nothing but Python: SQLite, no broker, secrets made once under DATA_DIR."""

from pathlib import Path

from config.databases import database
from config.env import env_bool, env_key, env_list, env_secret, env_str, make_key
from config.settings.base import *  # noqa: F403
from config.settings.base import STORAGES

EMBEDDED = True
DATA_DIR = Path(env_str("DATA_DIR", "./var")).resolve()
DATA_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)
_SECRETS = DATA_DIR / "secrets"

PORT = env_str("PORT", "8000")
BASE_URL = env_str("BASE_URL", f"http://localhost:{PORT}")
DEBUG = env_bool("DEBUG", default=False)
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])

SECRET_KEY = env_secret("SECRET_KEY", kept_in=_SECRETS)
KEY_ENCRYPTION_KEY = env_key(
    "KEY_ENCRYPTION_KEY", env_secret("KEY_ENCRYPTION_KEY", kept_in=_SECRETS, make=make_key)
)
TOKEN_PEPPER = env_secret("TOKEN_PEPPER", kept_in=_SECRETS)
METRICS_TOKEN = env_secret("METRICS_TOKEN", kept_in=_SECRETS)

DATABASES = {"default": database(env_str("DATABASE_URL", f"sqlite:///{DATA_DIR}/db.sqlite3"))}
MEDIA_ROOT = Path(env_str("MEDIA_ROOT", str(DATA_DIR / "media")))
LOG_FILE = env_str("LOG_FILE", str(DATA_DIR / "service.log"))
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BASE_URL.startswith("https://")

# Files are served straight from static/: there is no collectstatic step on a laptop.
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "config.static_files.HashedStorage"}}
