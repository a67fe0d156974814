"""The product's settings, but for pages whose files nobody has collected."""

from leadgov.settings import *  # noqa: F403
from leadgov.settings import STORAGES

STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
