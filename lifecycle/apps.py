from __future__ import annotations

from django.apps import AppConfig


class LifecycleConfig(AppConfig):
    name = "lifecycle"
    verbose_name = "Lifecycle"

    def ready(self) -> None:
        """Ask for what people are told of, leads and kit; have the examples of kits tried."""
        from governance import kit_log  # noqa: PLC0415 (models must be loaded first)
        from leads import outbox  # noqa: PLC0415
        from lifecycle import escalating, fixtures, kit_notices, notices  # noqa: PLC0415
        from sla import pauses, sweeps  # noqa: PLC0415

        fixtures.register()
        outbox.register(notices.CONSUMER, notices.KINDS)
        kit_log.register(kit_notices.CONSUMER)
        sweeps.register(escalating.act)
        sweeps.register_resume(pauses.wake_in_time)
