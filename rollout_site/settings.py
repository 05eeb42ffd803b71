"""Settings, from the environment (the README lists the variables)."""

import contextlib
import os
import secrets
import sys
import warnings
from pathlib import Path
from typing import Any

import dj_database_url

from rollout_site.fingerprints import fingerprint

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(os.environ.get("ROLLSTAGE_DATA", BASE_DIR / "var"))


OURS = (
    "rollstage.sqlite3*", "secret_key*", "kubeconfig*", "class.json", "lock", "tls", "tls/*", "static", "test*.sqlite3*",
)  # fmt: skip


def keep_private(folder: Path) -> None:
    """Makes passwords, sessions and keys accessible to the owner only (0600, 0700), even if an earlier version made the files. A
    folder with other contents too keeps its mode."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    ours = {each for pattern in OURS for each in folder.glob(pattern)}
    alone = [folder] if ours.issuperset(folder.iterdir()) else []
    for each in (*ours, *alone):
        with contextlib.suppress(OSError):  # another user's file, or deleted since
            each.chmod(0o700 if each.is_dir() else 0o600)


def kept_secret(path: Path) -> str:
    """A secret, generated once and kept in a file for its owner only; the file is complete or missing even if the process is
    killed."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        new = path.with_name(f"{path.name}.{os.getpid()}")
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(50))
        new.replace(path)
    secret = path.read_text(errors="replace")
    if not secret.strip():
        sys.exit(f"{path} is empty. Delete it: Rollstage then makes another secret, and everybody logs in again.")
    return secret


def from_list(name: str, default: str = "") -> list[str]:
    return [each.strip() for each in os.environ.get(name, default).split(",") if each.strip()]


def one_of(name: str, *allowed: str) -> str:
    """The variable's value, which must be one of `allowed`; the first is the default."""
    value = os.environ.get(name) or allowed[0]
    if value not in allowed:
        sys.exit(f"{name} is {value!r}; it must be one of {', '.join(allowed)}.")
    return value


DEBUG = os.environ.get("DEBUG", "") == "1"
SECRET_KEY = os.environ.get("SECRET_KEY") or kept_secret(DATA_DIR / "secret_key")
ALLOWED_HOSTS = from_list("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = from_list("CSRF_TRUSTED_ORIGINS")
# What a visitor without an account may do in every cluster: none, view, edit or admin.
ANONYMOUS = one_of("ROLLSTAGE_ANONYMOUS", "none", "view", "edit", "admin")
# Who may create an account: none (only administrators), invitation (anyone with an invitation's link) or open (anyone).
REGISTRATION = one_of("ROLLSTAGE_REGISTRATION", "none", "invitation", "open")
# API requests a second per user, with bursts of twice as many; 0 is no limit.
API_RATE = float(os.environ.get("ROLLSTAGE_API_RATE", "200"))
# The public addresses of the page and the API, such as https://rollstage.example.org, without a final slash; empty: that of
# the request. API_CA is the file of the authority that kubeconfigs trust; empty: a public one.
PUBLIC_ADDRESS = os.environ.get("ROLLSTAGE_ADDRESS", "").rstrip("/")
API_ADDRESS = os.environ.get("ROLLSTAGE_API_ADDRESS", "").rstrip("/")
API_CA = os.environ.get("ROLLSTAGE_API_CA", "")

INSTALLED_APPS = [
    "cluster",  # before channels, to replace its runworker
    "channels",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "rollout_site.middleware.content_security_policy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",  # with random padding, so that lengths reveal no secrets
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "rollout_site.urls"
ASGI_APPLICATION = "rollout_site.asgi.application"
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
                "cluster.classroom.lesson_panel.context",
            ],
        },
    },
]

# Measured: without WAL and IMMEDIATE most contended writes fail with "database is locked".
SQLITE_OPTIONS = {
    "timeout": 20,
    "transaction_mode": "IMMEDIATE",
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA temp_store=MEMORY; "
    "PRAGMA mmap_size=134217728; PRAGMA journal_size_limit=27103364; PRAGMA cache_size=-20000; PRAGMA wal_autocheckpoint=4000;",
}
# A client that stalls inside a transaction, or loses its network, must not block the others (docs/team.md has the
# reasons for each number); options in the URL take precedence.
POSTGRES_OPTIONS = {
    "application_name": "rollstage",
    "connect_timeout": 10,
    "server_side_binding": True,
    "prepare_threshold": 3,  # the server plans a repeated statement once: half of a small query's time
    "tcp_user_timeout": 30_000,  # milliseconds
    "options": "-c lock_timeout=7s -c statement_timeout=60s -c idle_in_transaction_session_timeout=10s",
}


def from_url() -> Any:
    """The database of DATABASE_URL."""
    found: Any = dj_database_url.config(conn_max_age=None)  # threads keep their connections (cluster.records.threads)
    if found["ENGINE"] == "django.db.backends.postgresql":
        found["OPTIONS"] = {**POSTGRES_OPTIONS, **found.get("OPTIONS", {})}
    return found


if os.environ.get("DATABASE_URL"):
    DATABASES = {"default": from_url()}
else:
    keep_private(DATA_DIR)
    DATABASES = {
        "default": {
            "ENGINE": "rollout_site.sqlite",
            "NAME": str(DATA_DIR / "rollstage.sqlite3"),
            "OPTIONS": SQLITE_OPTIONS,
            "CONN_MAX_AGE": None,
            "TEST": {"NAME": str(DATA_DIR / "test.sqlite3")},
        }
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# The channel layer for doorbells between processes: Redis if configured, else PostgreSQL; on SQLite one server has all viewers.
REDIS_URL = os.environ.get("REDIS_URL")
ON_POSTGRES = DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql"
HAS_OTHER_SERVERS = bool(REDIS_URL) or ON_POSTGRES
# redis-py's default time-out equals the layer's longest blocking read, so an idle worker would fail with it.
REDIS_HOSTS = [{"address": REDIS_URL, "socket_timeout": 60, "socket_connect_timeout": 5}]


def channel_layer() -> dict[str, Any]:
    if REDIS_URL:
        return {"BACKEND": "cluster.live.redis_layer.RedisLayer", "CONFIG": {"hosts": REDIS_HOSTS}}
    if ON_POSTGRES:
        return {"BACKEND": "cluster.live.postgres_layer.PostgresLayer"}
    return {"BACKEND": "cluster.live.layers.LocalChannelLayer"}


CHANNEL_LAYERS = {"default": channel_layer()}

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "rollout_site.passwords.DifferentCharactersValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LANGUAGE_COOKIE_AGE = 365 * 86_400
LANGUAGE_COOKIE_SAMESITE = "Lax"
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = DATA_DIR / "static" / fingerprint(BASE_DIR / "static")
STORAGES = {"staticfiles": {"BACKEND": "rollout_site.static_files.GatheredStorage"}}
warnings.filterwarnings("ignore", message="No directory at")  # only servers gather
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Over plain http from another machine, browsers ignore the header and log a warning.
SECURE_CROSS_ORIGIN_OPENER_POLICY = None if PUBLIC_ADDRESS.startswith("http://") else "same-origin"
HTTPS = os.environ.get("HTTPS", "") == "1"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$"]  # probes request these from the same host
# HSTS for subdomains and preload lists are the domain owner's decision.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
DATA_UPLOAD_MAX_MEMORY_SIZE = 3 * 1024 * 1024  # the API's limit, and more than a page needs

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
