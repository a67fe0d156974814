"""The project as an app, so that its own templates, checks and commands are found."""

from __future__ import annotations

from django.apps import AppConfig


class LeadGovConfig(AppConfig):
    """Project-wide pieces; imports everything and is imported by nobody."""

    name = "leadgov"
    verbose_name = "LeadGov"
