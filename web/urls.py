"""The three doors and the signs of life."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from web import health
from web.capture import hooks, sites

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("api/", include("web.api.urls")),
    path("hooks/<slug:key>/", hooks.receive, name="inbound-hook"),
    path("s.js", sites.script, name="site-script"),
    path("s/<slug:key>/", sites.receive, name="site-signal"),
    path("f/", include("web.capture.urls")),
    path("", include("web.console.urls")),
]
