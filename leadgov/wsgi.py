"""The entry point of web servers."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

from core import collector
from web import charsets

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leadgov.settings")
application = charsets.guarded(get_wsgi_application())
collector.settle()
