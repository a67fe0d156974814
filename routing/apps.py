"""Routing: who gets a lead, and why."""

from __future__ import annotations

from django.apps import AppConfig


class RoutingConfig(AppConfig):
    """Adds the checks of routing rules to those of the kit."""

    name = "routing"
    verbose_name = "Routing"

    def ready(self) -> None:
        """Register kit checks and the pools that forms offer; nothing else happens at start."""
        from governance import part_choices  # noqa: PLC0415 (models must be loaded first)
        from people.models import User  # noqa: PLC0415
        from routing import kit_checks, models  # noqa: PLC0415

        kit_checks.register()
        part_choices.register(
            "routing_rule.pool",
            lambda: models.Pool.objects.order_by("label").values_list("key", "label"),
        )
        part_choices.register(
            "routing_rule.rep",
            lambda: [
                (one.username, f"{one} ({one.username})")
                for one in User.objects.filter(is_active=True).order_by("first_name", "username")
                if one.role != "SERVICE"
            ],
        )
