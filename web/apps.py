"""The doors: pages for people, an API for systems, public forms."""

from __future__ import annotations

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Pages, API, forms."""

    name = "web"
    verbose_name = "Web"
