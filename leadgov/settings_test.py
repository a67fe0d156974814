"""Settings of the tests: the product's own, on the tests' cluster or what DATABASE_URL names."""

from __future__ import annotations

import importlib.util
import os

from devtools import database

os.environ.setdefault("LEADGOV_TESTING", "1")
# Dozens of threads that wait for one lead are a few seconds' work, but not on a busy machine.
os.environ.setdefault("LEADGOV_LOCK_TIMEOUT_MS", "30000")
# So that the way in by a provider is there; tests of it name a provider of their own.
os.environ.setdefault("LEADGOV_OIDC_ISSUER", "http://127.0.0.1:9/never")
os.environ.setdefault("LEADGOV_OIDC_CLIENT_ID", "leadgov")
os.environ.setdefault("LEADGOV_OIDC_CLIENT_SECRET", "a-throw-away-secret")
if importlib.util.find_spec("onelogin"):  # the extra `saml`
    os.environ.setdefault("LEADGOV_SAML_ENTITY_ID", "https://idp.example.com/metadata")
    os.environ.setdefault("LEADGOV_SAML_SSO_URL", "https://idp.example.com/sso")
    os.environ.setdefault("LEADGOV_SAML_CERTIFICATE", "MIIB")
    os.environ.setdefault("LEADGOV_SSO_DOMAINS", "example.com")
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
