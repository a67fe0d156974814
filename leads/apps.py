"""Leads: the buyer, and everything that happens to them."""

from __future__ import annotations

from django.apps import AppConfig


class LeadsConfig(AppConfig):
    """Makes the facts about leads known to the rule language."""

    name = "leads"
    verbose_name = "Leads"

    def ready(self) -> None:
        """Register facts, kit checks and what forms can offer; nothing else happens at start."""
        from leads import (  # noqa: PLC0415 (models must be loaded)
            facts,
            field_rule_checks,
            kit_checks,
            kit_choices,
            own_field_checks,
            own_field_facts,
            touch_facts,
        )

        facts.register()
        touch_facts.register()
        own_field_facts.register()
        kit_checks.register()
        field_rule_checks.register()
        own_field_checks.register()
        kit_choices.register()
