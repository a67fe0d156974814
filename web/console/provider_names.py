"""Labels of the providers that tell more about buyers, by their keys."""

from __future__ import annotations

from collections.abc import Iterable

from leads.models import EnrichmentProvider


def of(keys: Iterable[object]) -> dict[str, str]:
    """The labels of these providers, in one query; none for no key."""
    wanted = {str(key) for key in keys if key}
    if not wanted:
        return {}
    rows = EnrichmentProvider.objects.filter(key__in=wanted)
    return dict(rows.values_list("key", "label"))
