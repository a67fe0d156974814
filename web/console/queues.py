"""The names of queues: a pool is one too."""

from __future__ import annotations

from routing.models import Pool


def labels() -> dict[str, str]:
    """Key to name of every pool; there are few. One query."""
    return dict(Pool.objects.values_list("key", "label"))
