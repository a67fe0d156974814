"""The signals that made a lead an MQL, in words, leading to what its buyer did."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from core.texts import _
from governance.kit import Kit
from leads.models import LeadEvent, Signal
from web.console.sentence import Known, Piece

MOST = 10
"""So many are told one by one."""


def signals_of(because: Iterable[Mapping[str, Any]]) -> QuerySet[Signal]:
    """The signals that these events name as evidence."""
    ids = [pk for one in because if "criteria" in one for pk in one.get("signals") or ()]
    return Signal.objects.filter(pk__in=ids)


def pieces(event: LeadEvent, known: Known) -> tuple[Piece, ...]:
    """` Evidence: Pricing page viewed, 3 March 10:15 (signal 41), …`; nothing without any."""
    kit = known.kits.get(event.kit_id or 0)
    named = event.because.get("signals") or ()
    found = [known.signals[pk] for pk in named if pk in known.signals]
    if not found:
        return ()
    url = f"{reverse('console:lead', args=[event.lead_id])}?kind=touches"
    told = [Piece(_(" Evidence: "))]
    for place, one in enumerate(found[:MOST]):
        told += [Piece(", ")] if place else []
        when = known.moment(one.occurred_at)
        told.append(
            Piece(
                _("{called} {when} (signal {pk})").format(
                    called=_called(one.kind, kit), when=when, pk=one.pk
                ),
                url=url,
            )
        )
    more = len(found) - MOST
    return (*told, Piece(_(" and {more} more.").format(more=more) if more > 0 else "."))


def _called(kind: str, kit: Kit | None) -> str:
    return kit.signals[kind].label if kit is not None and kind in kit.signals else kind
