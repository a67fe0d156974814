"""The three doors and the signs of life."""

from __future__ import annotations

import importlib.util

from django.urls import URLPattern, URLResolver, include, path

from web import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("api/", include("web.api.urls")),
    path("f/", include("web.capture.urls")),
]
if importlib.util.find_spec("web.console.urls"):
    urlpatterns.append(path("", include("web.console.urls")))
