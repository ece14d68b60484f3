"""What all settings share. Differences live in embedded, production and test."""

import logging
from pathlib import Path

from config.email import email_settings
from config.env import env_int, env_key, env_list, env_networks, env_str
from config.storage import file_storage

ROOT = Path(__file__).resolve().parents[2]
VERSION = "0.1.0"

INSTALLED_APPS = [
    "config.apps.ConfigConfig",
    "tenants.apps.AdminSiteConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_prometheus",
    "django_structlog",
    "rest_framework",
    "drf_spectacular",
    "observability.apps.ObservabilityConfig",
    "tenants.apps.TenantsConfig",
    "outbox.apps.OutboxConfig",
    "signing.apps.SigningConfig",
    "templates_app.apps.TemplatesConfig",
    "mail.apps.MailConfig",
    "domains.apps.DomainsConfig",
    "certificates.apps.CertificatesConfig",
    "verification.apps.VerificationConfig",
    "ingest.apps.IngestConfig",
]

MIDDLEWARE = [
    "observability.middleware.MetricsMiddleware",
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "observability.middleware.RequestLogMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "config.static_files.HashedFilesMiddleware",
    "csp.middleware.CSPMiddleware",
    "config.middleware.CookielessMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "config.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
    "config.middleware.ProblemMiddleware",
]

ROOT_URLCONF = "config.urls"
CSRF_FAILURE_VIEW = "config.error_views.csrf_failure"
WSGI_APPLICATION = "config.wsgi.application"
AUTH_USER_MODEL = "tenants.User"
AUTHENTICATION_BACKENDS = ["tenants.sign_in.PeopleBackend"]
FORMS_URLFIELD_ASSUME_HTTPS = True  # Django 6's behaviour, before it is the only one
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

DEFAULT_EXCEPTION_REPORTER_FILTER = "config.error_reports.Filter"

LANGUAGE_CODE = "en"
# Of public pages and letters, each by its own name; glossary and manner: docs/languages.md.
LANGUAGES = [
    ("en", "English"),
    ("de", "Deutsch"),
    ("es", "Español"),
    ("fr", "Français"),
    ("ar", "العربية"),
    ("ja", "日本語"),
]
LOCALE_PATHS = [ROOT / "locale"]
FORMAT_MODULE_PATH = ["config.formats"]
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT: Path | None = ROOT / "static_collected"
STATICFILES_DIRS = [ROOT / "static"]

STORAGES = {
    "default": file_storage(env_str("STORAGE_URL", ""), folder=env_str("MEDIA_ROOT", "")),
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

# One request body: an array of 1,000 completions fits, a flood does not.
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
SECURE_REFERRER_POLICY = "no-referrer"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_HTTPONLY = True

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["tenants.authentication.ApiKeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["tenants.permissions.HasScope"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["config.parsers.StrictJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "config.problems.exception_handler",
    "UNAUTHENTICATED_USER": None,
}

SPECTACULAR_SETTINGS = {
    "TITLE": "Certification service",
    "DESCRIPTION": "Report completions, read, revoke and verify certificates.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "OAS_VERSION": "3.1.1",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "config.openapi.add_public_addresses",
    ],
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
}

# Keys (contract, section 3): seconds.
JWKS_MAX_AGE = env_int("JWKS_MAX_AGE", 300, minimum=1)
KEY_PREPUBLISH = env_int("KEY_PREPUBLISH", 24 * 60 * 60, minimum=1)
KEY_LIFETIME = env_int("KEY_LIFETIME", 90 * 24 * 60 * 60, minimum=1)

# While KEY_ENCRYPTION_KEY is being changed: the former one, which still opens and seals nothing.
_previous = env_str("KEY_ENCRYPTION_KEY_PREVIOUS", "")
KEY_ENCRYPTION_KEY_PREVIOUS = (
    env_key("KEY_ENCRYPTION_KEY_PREVIOUS", _previous) if _previous else None
)

# Where new keys are made: in this token, or sealed in the database when no module is named.
PKCS11_MODULE = env_str("PKCS11_MODULE", "")
PKCS11_TOKEN = env_str("PKCS11_TOKEN") if PKCS11_MODULE else ""
PKCS11_PIN = env_str("PKCS11_PIN") if PKCS11_MODULE else ""

# How often counted verifications are written down, in seconds; 0: only when asked to.
VERIFICATION_FLUSH_SECONDS = 1

# Where visitors come from: proxies that are believed, the header in which they name a country, and
# a file of countries in place of the registries' lists.
TRUSTED_PROXIES = env_networks("TRUSTED_PROXIES")
COUNTRY_HEADER = env_str("COUNTRY_HEADER", "")
GEOIP_DATABASE = env_str("GEOIP_DATABASE", "")
# Of so many visits out of a hundred the browser reports how fast our pages were.
RUM_SAMPLE = env_int("RUM_SAMPLE", 100, maximum=100)
# How long figures of verifications are kept.
VERIFY_RETENTION_DAYS = env_int("VERIFY_RETENTION_DAYS", 400, minimum=1)

OTEL_EXPORTER_OTLP_ENDPOINT = env_str("OTEL_EXPORTER_OTLP_ENDPOINT", "")
LOG_FORMAT = env_str("LOG_FORMAT", "json")
LOG_FILE = env_str("LOG_FILE", "")
LOGGING_CONFIG = None  # observability.logging configures structlog and the standard library
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
DJANGO_STRUCTLOG_CELERY_ENABLED = True
DJANGO_STRUCTLOG_COMMAND_LOGGING_ENABLED = False
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = logging.DEBUG  # one line a request: its end
PROMETHEUS_EXPORT_MIGRATIONS = False
METRICS_PORT = env_int("METRICS_PORT", 0)

CELERY_BROKER_URL = env_str("CELERY_BROKER_URL", "")
globals().update(email_settings(env_str("EMAIL_URL", "console:")))
DEFAULT_FROM_EMAIL = env_str("DEFAULT_FROM_EMAIL", "certificates@localhost")
MAIL_WEBHOOK_TOKEN = env_str("MAIL_WEBHOOK_TOKEN", "")
REDIS_URL = env_str("REDIS_URL", "")
CERT_FONT_DIRS = env_list("CERT_FONT_DIRS", [])


def caches(redis_url: str) -> dict[str, dict[str, str]]:
    """Return the cache: Redis where there is one, else this process's memory."""
    if redis_url:
        return {
            "default": {
                "BACKEND": "django.core.cache.backends.redis.RedisCache",
                "LOCATION": redis_url,
            }
        }
    return {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}


CACHES = caches(REDIS_URL)

# No nonces: cached pages would repeat them. Inline styles of public pages pass by their hash.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "img-src": ["'self'", "data:"],
        "style-src": ["'self'"],
        "script-src": ["'self'"],
        "connect-src": ["'self'"],
        "font-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}
