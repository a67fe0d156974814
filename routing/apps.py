"""Routing: who gets a lead, and why."""

from __future__ import annotations

from django.apps import AppConfig


class RoutingConfig(AppConfig):
    """Adds a fact, and the checks of routing rules to those of the kit."""

    name = "routing"
    verbose_name = "Routing"

    def ready(self) -> None:
        """Register a fact, kit checks, duties and what forms can offer; nothing else happens."""
        from governance import part_choices  # noqa: PLC0415 (models must be loaded first)
        from people import holders  # noqa: PLC0415
        from routing import answering, kit_checks, models, territory_fact  # noqa: PLC0415

        territory_fact.register()
        kit_checks.register()
        answering.register()

        def pools() -> list[tuple[str, str]]:
            return list(models.Pool.objects.order_by("label").values_list("key", "label"))

        def reps() -> list[tuple[str, str]]:
            working = holders.by_name(holders.everybody())
            return [(one.username, f"{one} ({one.username})") for one in working]

        for kind in ("routing_rule", "escalation_level"):
            part_choices.register(f"{kind}.pool", pools)
            part_choices.register(f"{kind}.rep", reps)
