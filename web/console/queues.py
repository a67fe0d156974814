"""The names of queues: a pool is one too."""

from __future__ import annotations

from django.db.models import QuerySet

from routing.models import Pool


def labels() -> dict[str, str]:
    """Key to name of every pool; there are few. One query."""
    return dict(pairs())


def pairs() -> QuerySet[Pool, tuple[str, str]]:
    """The rows for `labels`, to be asked with others."""
    return Pool.objects.values_list("key", "label")
