"""Everything about one person as one document, in the product's own words. Reads only."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Model, QuerySet
from django.forms import model_to_dict

from core import database
from leads.models import Account, LeadEvent, Opportunity, SentSignal, Signal, Touch
from lifecycle.privacy import subject
from lifecycle.privacy.holdings import HOLDINGS, Holding
from people.models import User
from routing.models import Decision

NOT_GIVEN = frozenset(("receipt", "body_hash"))
Encoder = DjangoJSONEncoder
"""Writes instants, dates and decimals as text."""


def export(*, person_id: int, by: User | None, now: dt.datetime | None = None) -> dict[str, Any]:
    """The document; `by` None is a command. Raises NotAllowed and NotFound."""
    if by is not None:
        subject.require_keeper(by)
    who = subject.of(person_id)
    document: dict[str, Any] = {
        "exported_at": now or database.now(),
        "person": who.person,
        "merged_from": [one for one in who.people if one != who.person],
    }
    for holding in HOLDINGS:
        if holding.export:
            rows = holding.model._default_manager.filter(holding.rows(who))
            document[holding.name] = _listed(rows)
        if holding.past:
            document[f"{holding.name}_history"] = _history(holding, rows)
    document["companies"] = _listed(Account.objects.filter(pk__in=who.accounts))
    deals = Opportunity.objects.filter(leads__in=who.leads).distinct()
    document["opportunities"] = _listed(deals)
    document["touchpoints"] = _listed(Touch.objects.filter(pk__in=who.touches))
    document["signals"] = _listed(Signal.objects.filter(lead_id__in=who.leads))
    document["sent_signals"] = _listed(SentSignal.objects.filter(pk__in=who.signals))
    document["events"] = _listed(LeadEvent.objects.filter(lead_id__in=who.leads))
    document["decisions"] = _listed(Decision.objects.filter(lead_id__in=who.leads))
    return document


def _listed(rows: QuerySet[Any]) -> list[dict[str, Any]]:
    return [_row(one) for one in rows.order_by("pk")]


def _row(row: Model) -> dict[str, Any]:
    found = {"id": row.pk}
    for column in row._meta.concrete_fields:
        if not isinstance(column, models.BinaryField) and column.name not in NOT_GIVEN:
            found[column.name] = getattr(row, column.attname)
    return found


def _history(holding: Holding, rows: QuerySet[Any]) -> list[dict[str, Any]]:
    past = holding.model.history.model  # type: ignore[attr-defined]
    found = past.objects.filter(id__in=rows.order_by().values("pk")).order_by("history_id")
    known = [name for name in holding.blank if hasattr(past, name)]
    return [
        model_to_dict(one) | {name: getattr(one, name) for name in known} | {"at": one.history_date}
        for one in found
    ]
