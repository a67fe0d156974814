from __future__ import annotations

from django.apps import AppConfig


class LifecycleConfig(AppConfig):
    name = "lifecycle"
    verbose_name = "Lifecycle"

    def ready(self) -> None:
        """Ask for the events that people are told of; have the examples of kits tried."""
        from leads import outbox  # noqa: PLC0415 (models must be loaded first)
        from lifecycle import fixtures, notices  # noqa: PLC0415

        fixtures.register()
        outbox.register(notices.CONSUMER, notices.KINDS)
