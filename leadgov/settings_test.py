"""Settings of the tests: the product's own, on the tests' cluster or what DATABASE_URL names."""

from __future__ import annotations

import os

from devtools import database

os.environ.setdefault("LEADGOV_TESTING", "1")
# Dozens of threads that wait for one lead are a few seconds' work, but not on a busy machine.
os.environ.setdefault("LEADGOV_LOCK_TIMEOUT_MS", "30000")
if "DATABASE_URL" not in os.environ:
    os.environ["LEADGOV_TEST_CLUSTER"] = "1"
    os.environ["DATABASE_URL"] = database.url(test=True)

from leadgov.settings import *  # noqa: F403

# Test runs at the same time do not meet: each process makes a database of its own.
DATABASES["default"]["TEST"] = {"NAME": f"{database.TEST_PREFIX}{os.getpid()}"}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True  # nothing has been collected
