from __future__ import annotations

from django.apps import AppConfig


class IntegrationsConfig(AppConfig):
    name = "integrations"
    verbose_name = "Integrations"

    def ready(self) -> None:
        """Ask for events while anybody listens, take a step of the worker, be verified."""
        from integrations import fanning, invariants, listening, steps  # noqa: PLC0415
        from leads import outbox  # noqa: PLC0415
        from lifecycle import jobs  # noqa: PLC0415
        from lifecycle.invariants import run  # noqa: PLC0415

        outbox.register(fanning.CONSUMER, listening.KINDS, wanted=listening.is_wanted)
        jobs.register("outward", steps.outward, thread="outward")
        run.register(invariants.INVARIANTS)
