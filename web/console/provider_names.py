"""Labels of the providers that tell more about buyers, by their keys."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from leads.models import EnrichmentProvider


def of(keys: Iterable[object]) -> QuerySet[EnrichmentProvider, tuple[str, str]]:
    """Key and label of these providers."""
    rows = EnrichmentProvider.objects.filter(key__in={str(key) for key in keys if key})
    return rows.values_list("key", "label")
