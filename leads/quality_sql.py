"""The rules for a good record as columns of a query, for many leads at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db.models import BooleanField, Case, QuerySet, Value, When

from core import steps
from governance import condition_sql, conditions, facts
from governance.facts import Registry
from governance.terms import QualityRule
from leads import quality
from leads.models import Lead
from leads.quality import Quality


def annotate(
    leads: QuerySet[Lead],
    rules: Sequence[QualityRule],
    *,
    now: dt.datetime,
    registry: Registry = facts.registry,
) -> tuple[QuerySet[Lead], tuple[str, ...]]:
    """The leads with one boolean column per rule, and the names of those columns.

    `registry` is that of the rules' kit.
    Raises `NotSelectable` for a fact that has no SQL.
    """
    columns, aliases = condition_sql.columns_of(
        quality.fact_names(rules), registry=registry, now=now
    )
    fulfilled = {}
    for number, rule in enumerate(rules):
        holds = condition_sql.q(rule.condition or conditions.ALWAYS, columns)
        fulfilled[f"fulfils_{number}"] = Case(
            When(holds, then=Value(True)),  # noqa: FBT003
            default=Value(False),  # noqa: FBT003
            output_field=BooleanField(),
        )
    return leads.alias(**aliases).annotate(**fulfilled), tuple(fulfilled)


def of_lead(
    lead_id: int,
    rules: Sequence[QualityRule],
    *,
    now: dt.datetime,
    registry: Registry = facts.registry,
) -> Quality:
    """How good the record of one lead is. One query, none when there are no rules."""
    return asked_of(lead_id, rules, now=now, registry=registry).read()


@steps.in_steps
def asked_of(
    lead_id: int,
    rules: Sequence[QualityRule],
    *,
    now: dt.datetime,
    registry: Registry = facts.registry,
) -> steps.Story[Quality]:
    """As `of_lead`, asked with others."""
    if not rules:
        return Quality((), ())
    names = quality.fact_names(rules)
    columns, held = condition_sql.columns_of(names, registry=registry, now=now)
    rows = Lead.objects.annotate(**held).values(*held).filter(pk=lead_id)
    yield [rows] if held else []
    row = rows[0] if held else {}
    known = {name: registry.get(name).clean(row[columns[name]]) for name in names}
    return quality.decide(rules, known)
