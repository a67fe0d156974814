"""Settings, all from the environment; a wrong value stops the start with a clear word.

Every variable is listed in docs/operations.md.
"""

from __future__ import annotations

import sys
from datetime import time
from pathlib import Path
from typing import Any

import django_stubs_ext
import environ
from django.core.exceptions import ImproperlyConfigured

from leadgov import api_names, languages, single_sign_on

django_stubs_ext.monkeypatch()  # lets classes such as ModelAdmin[Lead] carry their type

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
# What `make run` wrote down, so that manage.py typed by hand finds its database; set variables win.
env.read_env(BASE_DIR / ".leadgov" / "env")

# Core

DEBUG: bool = env.bool("LEADGOV_DEBUG", default=False)
SECRET_KEY: str = env.str("LEADGOV_SECRET_KEY", default="")
if not SECRET_KEY:
    if "check" not in sys.argv[1:2] and not env.bool("LEADGOV_TESTING", default=False):
        raise ImproperlyConfigured(
            "Set LEADGOV_SECRET_KEY to a long random text (`make run` makes one)."
        )
    SECRET_KEY = "only-for-checks-" + "x" * 50
SECRET_KEY_FALLBACKS: list[str] = env.list("LEADGOV_SECRET_KEY_FALLBACKS", default=[])
ENCRYPTION_KEYS: list[str] = env.list("LEADGOV_ENCRYPTION_KEYS", default=[])
ALLOW_PRIVATE_PROVIDERS: bool = env.bool("LEADGOV_ALLOW_PRIVATE_PROVIDERS", default=False)
ALLOWED_HOSTS: list[str] = env.list(
    "LEADGOV_ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"]
)
BASE_URL: str = env.str("LEADGOV_BASE_URL", default="http://127.0.0.1:8000")
CSRF_TRUSTED_ORIGINS: list[str] = env.list("LEADGOV_CSRF_TRUSTED_ORIGINS", default=[])
ROOT_URLCONF = "leadgov.urls"
WSGI_APPLICATION = "leadgov.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "leadgov.apps.LeadGovConfig",
    "web.apps.WebConfig",
    "reports.apps.ReportsConfig",
    "integrations.apps.IntegrationsConfig",
    "lifecycle.apps.LifecycleConfig",
    "routing.apps.RoutingConfig",
    "sla.apps.SlaConfig",
    "leads.apps.LeadsConfig",
    "governance.apps.GovernanceConfig",
    "people.apps.PeopleConfig",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "rest_framework",
    "knox",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "template_partials",
    "simple_history",
    "pgtrigger",
    "django_q",
    "csp",
]

LOCALE_PATHS = [BASE_DIR / "locale"]
SPOKEN = languages.read(env, LOCALE_PATHS[0])
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "web.middleware.AnswerHeaders",
    "web.middleware.CleanInput",
    "django.contrib.sessions.middleware.SessionMiddleware",
    *SPOKEN.middleware,
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "web.middleware.ReaderTimeZone",
    "web.second_factor.Required",
    "web.middleware.DatabaseOutage",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "builtins": ["django.templatetags.i18n"],  # every text is translated; nobody loads it
        },
    }
]

# Database. The pool serves web processes only: a forking worker must not share one.

DATABASES: dict[str, dict[str, Any]] = {
    "default": env.db_url("DATABASE_URL", default="postgres://leadgov@127.0.0.1:5432/leadgov")
}
if DATABASES["default"]["ENGINE"] != "django.db.backends.postgresql":
    raise ImproperlyConfigured("DATABASE_URL must name a PostgreSQL (15 or later) database.")
_options: dict[str, Any] = DATABASES["default"].setdefault("OPTIONS", {})
_statement_timeout_ms = env.int("LEADGOV_STATEMENT_TIMEOUT_MS", default=60_000)
_lock_timeout_ms = env.int("LEADGOV_LOCK_TIMEOUT_MS", default=8_000)
# A database host that vanishes without a word is noticed within a minute, not in two hours.
for _name, _value in {
    "connect_timeout": 5,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
}.items():
    _options.setdefault(_name, _value)
# Each trigger asks which ones are to be passed over. Where nothing answers, the database has an
# error to catch: a third of a millisecond for each row, ten times what the trigger itself does.
_options["options"] = (
    f"-c statement_timeout={_statement_timeout_ms} -c lock_timeout={_lock_timeout_ms} "
    "-c idle_in_transaction_session_timeout=60000 -c timezone=UTC -c pgtrigger.ignore={}"
)
if env.bool("LEADGOV_DB_POOL", default=False):
    _threads = env.int("LEADGOV_WEB_THREADS", default=4)
    _options["pool"] = {
        "min_size": 1,
        "max_size": _threads + 1,
        "timeout": 10,
        "max_lifetime": 1800,
    }
    DATABASES["default"]["CONN_MAX_AGE"] = 0
else:
    DATABASES["default"]["CONN_MAX_AGE"] = env.int("LEADGOV_CONN_MAX_AGE", default=60)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASES["default"]["DISABLE_SERVER_SIDE_CURSORS"] = env.bool("LEADGOV_PGBOUNCER", default=False)

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "leadgov_cache",
        # The usual 300 would let a flood of made-up names push the counts of failed log-ins out.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
}

# People and log-in

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "people.adapters.ClosedSignup"
ACCOUNT_LOGIN_METHODS = {"email", "username"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
INVITATION_DAYS: int = env.int("LEADGOV_INVITATION_DAYS", default=7)
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # who has no account gets no mail from us
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",  # codes of a second factor count here, too
    "reset_password": "20/m/ip,5/m/key",
    "reset_password_from_key": "20/m/ip",
    "reauthenticate": "10/m/user",
    "change_password": "5/m/user",
}
MFA_ADAPTER = "people.adapters.SecondFactor"
MFA_FORMS = {
    "authenticate": "people.second_factor_forms.Authenticate",
    "reauthenticate": "people.second_factor_forms.Reauthenticate",
}
MFA_TOTP_TOLERANCE = 1  # a phone's clock may be half a minute off
MFA_RECOVERY_CODES_SHOW_ONCE = True
SECOND_FACTOR_FOR: list[str] = env.list("LEADGOV_SECOND_FACTOR_FOR", default=[])
_ASKED = ("ALL", "ADMIN", "REVOPS", "MARKETING", "MANAGER", "AE", "SDR", "FINANCE",
          "CUSTOMER_SUCCESS", "PARTNER_MANAGER", "AUDITOR")  # fmt: skip
if unknown := set(SECOND_FACTOR_FOR).difference(_ASKED):
    raise ImproperlyConfigured(
        f"LEADGOV_SECOND_FACTOR_FOR names {', '.join(sorted(unknown))}; use some of "
        f"{', '.join(_ASKED)}."
    )
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("LEADGOV_TRUSTED_PROXIES", default=0)

SINGLE_SIGN_ON = single_sign_on.read(env)
INSTALLED_APPS += SINGLE_SIGN_ON.apps
SOCIALACCOUNT_PROVIDERS = SINGLE_SIGN_ON.providers
SINGLE_SIGN_ON_WAYS = SINGLE_SIGN_ON.ways
SINGLE_SIGN_ON_DOMAINS = SINGLE_SIGN_ON.domains
SOCIALACCOUNT_ADAPTER = "people.single_sign_on.KnownPeople"
SOCIALACCOUNT_LOGIN_ON_GET = True  # a form's way to another site is what our policy forbids
SOCIALACCOUNT_STORE_TOKENS = False

# Security

SECURE_BEHIND_TLS: bool = env.bool("LEADGOV_TLS", default=False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = SECURE_BEHIND_TLS
SECURE_HSTS_SECONDS = 31_536_000 if SECURE_BEHIND_TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE_BEHIND_TLS
if env.bool("LEADGOV_TLS_BY_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "web.errors.csrf_failure"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}
FORM_BRAKE: int = env.int("LEADGOV_FORM_BRAKE", default=3_000)
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1_900  # the largest condition there may be sends five a test
DATA_UPLOAD_MAX_MEMORY_SIZE = env.int("LEADGOV_MAX_BODY_BYTES", default=2_621_440)

IMPORT_MAX_BYTES: int = env.int("LEADGOV_IMPORT_MAX_BYTES", default=20 * 1024 * 1024)
FILE_UPLOAD_HANDLERS = [
    "web.uploads.Quota",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
IMPORT_FILE_DAYS: int = env.int("LEADGOV_IMPORT_FILE_DAYS", default=14)

# Language and time: stored in UTC, shown in the reader's zone

LANGUAGE_CODE = SPOKEN.first
LANGUAGES = SPOKEN.offered
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True
DEFAULT_COUNTRY: str = env.str("LEADGOV_DEFAULT_COUNTRY", default="")
EXPORT_ROLES: list[str] = env.list(
    "LEADGOV_EXPORT_ROLES",
    default=["SDR", "AE", "MANAGER", "MARKETING", "REVOPS", "CUSTOMER_SUCCESS", "PARTNER_MANAGER",
             "AUDITOR"],
)  # fmt: skip
BASE_CURRENCY: str = env.str("LEADGOV_BASE_CURRENCY", default="EUR")
REPORT_ZONE: str = env.str("LEADGOV_REPORT_ZONE", default="UTC")
SIGNALS_WAIT_DAYS: int = env.int("LEADGOV_SIGNALS_WAIT_DAYS", default=90)
PARTNER_REGISTRATION_DAYS: int = env.int("LEADGOV_PARTNER_REGISTRATION_DAYS", default=90)
PARTNER_WARNING_DAYS: int = env.int("LEADGOV_PARTNER_WARNING_DAYS", default=14)

# Static files

STATIC_URL = "/static/"
DOCS_DIR = BASE_DIR / "docs"  # the guide, served at /help/
STATICFILES_DIRS = [BASE_DIR / "static", ("help", DOCS_DIR / "images")]
STATIC_ROOT = Path(env.str("LEADGOV_STATIC_ROOT", default=str(BASE_DIR / ".leadgov" / "static")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# Mail

EMAIL_BACKEND = env.str(
    "LEADGOV_EMAIL_BACKEND", default="django.core.mail.backends.console.EmailBackend"
)
EMAIL_HOST: str = env.str("LEADGOV_SMTP_HOST", default="127.0.0.1")
EMAIL_PORT: int = env.int("LEADGOV_SMTP_PORT", default=25)
EMAIL_HOST_USER: str = env.str("LEADGOV_SMTP_USER", default="")
EMAIL_HOST_PASSWORD: str = env.str("LEADGOV_SMTP_PASSWORD", default="")
EMAIL_USE_TLS: bool = env.bool("LEADGOV_SMTP_TLS", default=False)
EMAIL_TIMEOUT = 10
MAIL_DOMAIN: str = env.str("LEADGOV_MAIL_DOMAIN", default="")
OWN_DOMAINS: list[str] = env.list("LEADGOV_OWN_DOMAINS", default=[])
_hours = env.str("LEADGOV_CALL_HOURS", default="08:00-20:00")
try:
    _opens, _closes = map(time.fromisoformat, _hours.split("-"))
except ValueError as fault:
    message = f"LEADGOV_CALL_HOURS is “{_hours}”; write it as 08:00-20:00."
    raise ImproperlyConfigured(message) from fault
CALL_HOURS: tuple[time, time] = (_opens, _closes)
DEFAULT_FROM_EMAIL: str = env.str("LEADGOV_FROM_EMAIL", default="LeadGov <leadgov@localhost>")

# API

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "web.api.authentication.ApiKeyAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["web.api.permissions.HasScope"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["web.api.parsers.StrictJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "web.api.errors.problem",
    "URL_FORMAT_OVERRIDE": None,  # `format` is a parameter of reports
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
KNOX_TOKEN_MODEL = "people.ApiKey"
MIGRATION_MODULES = {"knox": None}  # our keys are `people.ApiKey`; knox needs no table of its own
REST_KNOX = {
    "AUTH_HEADER_PREFIX": "Api-Key",
    "TOKEN_TTL": None,
    "TOKEN_MODEL": "people.ApiKey",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "LeadGov API",
    "DESCRIPTION": "Capture touches, work leads, read the kit and the reports.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "ENUM_NAME_OVERRIDES": api_names.ENUMS,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

# Jobs: an alarm clock only; work itself is rows with due times (docs/architecture.md)

Q_CLUSTER = {
    "name": "leadgov",
    "orm": "default",
    "workers": env.int("LEADGOV_QUEUE_WORKERS", default=2),
    "timeout": 120,
    "retry": 420,  # a task, and two before it in the line, are over by then one way or the other
    "queue_limit": 2,
    "bulk": 1,
    "poll": 1.0,
    "guard_cycle": 1,
    "recycle": 200,
    "max_rss": 400_000,
    "max_attempts": 1,
    "ack_failures": True,
    "catch_up": False,
    "broker_class": "lifecycle.queue_broker.Broker",
    "save_limit": -1,
}

# History

SIMPLE_HISTORY_DATE_INDEX = "Composite"
SIMPLE_HISTORY_HISTORY_CHANGE_REASON_USE_TEXT_FIELD = True

_log_level = env.str("LEADGOV_LOG_LEVEL", default="INFO")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": _log_level},
    "loggers": {"django": {"level": _log_level}},  # it has a level of its own otherwise
}
