"""How far the making of all facts is. Reads only."""

from __future__ import annotations

from reports.facts import keeping
from reports.models import FactsBuild


def made_share() -> float | None:
    """The part of all leads whose facts are made; None when figures are of all of them."""
    if keeping.is_built():
        return None
    build = FactsBuild.objects.order_by("-pk").first()
    if build is None or not build.last or build.finished_at is not None:
        return 0.0
    return min(1.0, build.upto / build.last)
