from __future__ import annotations

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "reports"
    verbose_name = "Reports"

    def ready(self) -> None:
        """Be verified; open the governance review of each month on the first."""
        from lifecycle import jobs  # noqa: PLC0415
        from lifecycle.invariants import run  # noqa: PLC0415
        from reports import invariants  # noqa: PLC0415
        from reports.reviews import steps  # noqa: PLC0415

        run.register(invariants.INVARIANTS)
        jobs.register("reviews", steps.reviews, thread="beside")
