"""Several hosts: PostgreSQL, a broker, secrets from outside; refuses to start without them."""

from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from config.databases import database
from config.email import email_settings
from config.env import env_key, env_list, env_str
from config.settings.base import *  # noqa: F403
from config.settings.base import CELERY_BROKER_URL, ROOT, STORAGES

EMBEDDED = False
DEBUG = False
SECRET_KEY = env_str("SECRET_KEY")
BASE_URL = env_str("BASE_URL")
DATABASES = {"default": database(env_str("DATABASE_URL"))}
KEY_ENCRYPTION_KEY = env_key("KEY_ENCRYPTION_KEY", env_str("KEY_ENCRYPTION_KEY"))
TOKEN_PEPPER = env_str("TOKEN_PEPPER")

if not CELERY_BROKER_URL:
    raise ImproperlyConfigured("CELERY_BROKER_URL is not set. Production needs a broker.")

DATA_DIR = Path(env_str("DATA_DIR", str(ROOT / "var")))
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS", [urlsplit(BASE_URL).hostname or ""])
METRICS_TOKEN = env_str("METRICS_TOKEN", "")
globals().update(email_settings(env_str("EMAIL_URL", "smtp://localhost")))
MEDIA_ROOT = Path(env_str("MEDIA_ROOT", str(DATA_DIR / "media")))

_HTTPS = BASE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _HTTPS
if _HTTPS:
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if _HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _HTTPS
SECURE_SSL_REDIRECT = False  # the proxy in front redirects; health probes speak plain HTTP
SILENCED_SYSTEM_CHECKS = ["security.W008"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

STORAGES = {
    "default": STORAGES["default"],
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
