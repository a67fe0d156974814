"""The doors: pages for people, an API for systems, public forms."""

from __future__ import annotations

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Pages, API, forms."""

    name = "web"
    verbose_name = "Web"

    def ready(self) -> None:
        """Have the worker mail figures."""
        from lifecycle import jobs  # noqa: PLC0415
        from web.by_mail import sending  # noqa: PLC0415

        jobs.register("report_mails", sending.step, thread="telling")
