from __future__ import annotations

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "reports"
    verbose_name = "Reports"

    def ready(self) -> None:
        """Follow the log of leads, be verified, open each month's review, tell in the demo."""
        from leads import exchange, outbox  # noqa: PLC0415
        from lifecycle import jobs  # noqa: PLC0415
        from lifecycle.demo import chapters  # noqa: PLC0415
        from lifecycle.importing import removing  # noqa: PLC0415
        from lifecycle.invariants import run  # noqa: PLC0415
        from reports import cost_acts, invariants, ledger_demo  # noqa: PLC0415
        from reports import steps as of_facts  # noqa: PLC0415
        from reports.facts import keeping, proving  # noqa: PLC0415
        from reports.reviews import steps  # noqa: PLC0415

        run.register(invariants.INVARIANTS)
        run.register(proving.INVARIANTS)
        outbox.follow(keeping.CONSUMER, keeping.KINDS)
        removing.also(keeping.forget)
        jobs.register("facts", of_facts.facts, thread="beside")
        jobs.register("reviews", steps.reviews, thread="beside")
        exchange.also(cost_acts.value_by_rate)
        chapters.register("ledger", ledger_demo)
