"""Django's settings, given by code: what an administrator may choose stands in odmail's own configuration."""

import logging
from pathlib import Path
from typing import Any

from django.conf import settings
from django.conf.locale import LANG_INFO

PACKAGE = Path(__file__).resolve().parents[1]

APPLICATIONS = (
    "odweb.api",
    "odweb.apply",
    "odweb.bureau",
    "odweb.delegates",
    "odweb.drive",
    "odweb.entry",
    "odweb.factors",
    "odweb.filters",
    "odweb.flow",
    "odweb.handover",
    "odweb.me",
    "odweb.mobile",
    "odweb.photo",
    "odweb.setup",
    "odweb.sharing",
    "odweb.subscriptions",
    "odweb.sheets",
    "odweb.staff",
    "odweb.unsubscribe",
)
"""Each a feature of the pages, with its views, forms, templates and models."""

LANGUAGES = (("en", "English"), ("or", "ଓଡ଼ିଆ"), ("hi", "हिन्दी"))
"""Each by its own name: who cannot read the page must still find the switch."""

# Django does not know Odia; its own few texts that people meet are in our catalog.
LANG_INFO.setdefault("or", {"bidi": False, "code": "or", "name": "Odia", "name_local": "ଓଡ଼ିଆ"})

_HOUR = 3600


def configure(folder: Path, secret: str, hosts: list[str], zone: str) -> None:
    """Once a process, before anything of Django is used. Times are shown in `zone`."""
    settings.configure(**values(folder, secret, hosts, zone))
    for name in ("django.request", "django.security"):  # the gateway has a line for each request
        logging.getLogger(name).setLevel(logging.CRITICAL)


def values(folder: Path, secret: str, hosts: list[str], zone: str) -> dict[str, Any]:
    """All settings that are not Django's defaults."""
    return dict(
        SECRET_KEY=secret,
        ALLOWED_HOSTS=hosts,
        ROOT_URLCONF="odweb.project.urls",
        INSTALLED_APPS=[
            "django.contrib.sessions",
            "django.contrib.messages",
            "django.contrib.staticfiles",
            "odweb.project",
            *APPLICATIONS,
        ],
        MIDDLEWARE=[
            "odweb.project.middleware.policy.policy",
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.locale.LocaleMiddleware",
            "django.middleware.common.CommonMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "odweb.project.middleware.person.person",
            "django.contrib.messages.middleware.MessageMiddleware",
            "odweb.project.middleware.faults.Faults",
        ],
        TEMPLATES=[_templates()],
        DATABASES={"default": _database(folder)},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        **_security(),
        **_words(zone),
        **_static(folder),
    )


def _templates() -> dict[str, Any]:
    return {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
                "odweb.project.context.page",
            ],
        },
    }


def _database(folder: Path) -> dict[str, Any]:
    """The standard library's SQLite may corrupt a write-ahead log (fixed in 3.51.3): so it gets none."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": folder / "web.sqlite",
        "OPTIONS": {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=TRUNCATE; PRAGMA synchronous=EXTRA;",
        },
    }


def _security() -> dict[str, Any]:
    return {
        "SESSION_COOKIE_NAME": "__Host-session",
        "SESSION_COOKIE_SECURE": True,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_AGE": 12 * _HOUR,
        "CSRF_COOKIE_NAME": "__Host-csrf",
        "CSRF_COOKIE_SECURE": True,
        "CSRF_COOKIE_HTTPONLY": True,
        "CSRF_FAILURE_VIEW": "odweb.project.errors.forged",
        "MESSAGE_STORAGE": "django.contrib.messages.storage.session.SessionStorage",
        "DATA_UPLOAD_MAX_MEMORY_SIZE": 2 << 20,
        "DATA_UPLOAD_MAX_NUMBER_FIELDS": 2000,
        "X_FRAME_OPTIONS": "DENY",
    }


def _words(zone: str) -> dict[str, Any]:
    return {
        "USE_I18N": True,
        "USE_TZ": True,
        "TIME_ZONE": zone,
        "LANGUAGE_CODE": "en",
        "LANGUAGES": LANGUAGES,
        "LANGUAGE_COOKIE_NAME": "__Host-language",
        "LANGUAGE_COOKIE_SECURE": True,
        "LANGUAGE_COOKIE_AGE": 365 * 24 * _HOUR,
        "LOCALE_PATHS": [PACKAGE / "locale"],
        "FORMAT_MODULE_PATH": ["odweb.project.formats"],
        "LOGGING_CONFIG": None,
    }


def _static(folder: Path) -> dict[str, Any]:
    return {
        "FILE_UPLOAD_PERMISSIONS": 0o600,
        "FILE_UPLOAD_DIRECTORY_PERMISSIONS": 0o700,
        "STATIC_URL": "/static/",
        "STATIC_ROOT": folder / "static",
        "STATICFILES_DIRS": [PACKAGE / "static"],
        "STORAGES": {
            "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
            "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
        },
    }
