"""Two people, merged and parted: ways to make them, and to see that nothing was lost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from leads.models import (
    DuplicateSuggestion,
    IdentityKey,
    Lead,
    Person,
    PersonMerge,
    ScorePart,
    Signal,
    Touch,
)
from lifecycle import actions, merging
from lifecycle.invariants import run
from routing.models import PoolMember
from sla.models import Clock, ClockState
from tests import factories
from tests.acting import fresh, owner
from tests.factories import MINUTE, NOW, Company

SOON = NOW + 2 * MINUTE
LATER = NOW + 4 * MINUTE


def world() -> dict[str, Any]:
    """Every row that a merge may touch, as it stands, but for versions, which only grow."""
    tables: dict[str, Any] = {}
    for model in (Person, IdentityKey, Lead, Signal, ScorePart, Touch, DuplicateSuggestion):
        columns = [field.attname for field in model._meta.concrete_fields]
        rows = model.objects.order_by("pk").values(*(one for one in columns if one != "version"))
        tables[model.__name__] = {row["id"]: row for row in rows}
    running = Clock.objects.filter(state=ClockState.RUNNING)
    names = ("lead_id", "obligation", "scope", "policy", "kit_id", "holder_id", "cycle", "channel")
    times = ("started_at", "warn_at", "due_at", "warned_at", "breached_at", "escalate_at")
    tables["Clock"] = dict(enumerate(sorted(map(str, running.values(*names, *times)))))
    owed = PoolMember.objects.values_list("pool__key", "user__username", "credit", "lent")
    tables["PoolMember"] = dict(enumerate(sorted(owed)))
    return tables


def assert_clean(now: dt.datetime = LATER) -> None:
    factories.check_rules()
    broken = [one for one in run.check(now=now) if one.broken]
    assert not broken, [(one.invariant.key, one.found) for one in broken]


def merge(winner: Lead, loser: Lead, company: Company, **more: Any) -> PersonMerge:
    given = {"by": company.revops, "now": SOON, **more}
    made = merging.merge(winner_id=winner.person_id, loser_id=loser.person_id, **given)
    assert_clean(given["now"])
    return made


def unmerge(made: PersonMerge, company: Company, now: dt.datetime = LATER) -> merging.Parted:
    done = merging.unmerge(merge_id=made.pk, by=company.revops, now=now)
    assert_clean(now)
    return done


def inquiry(**parts: Any) -> Lead:
    """A lead that does not qualify and that nobody holds."""
    given = {"company": {"employees": "3"}, "signals": [{"kind": "pricing_page_view"}], **parts}
    return factories.capture(channel="OUTBOUND", **given)


def mql(**parts: Any) -> Lead:
    return factories.capture(**parts)


def at(stage: str) -> Callable[..., Lead]:
    def make(**parts: Any) -> Lead:
        return factories.work(mql(**parts), to=stage, now=NOW)

    make.__name__ = stage
    return make


def nurtured(**parts: Any) -> Lead:
    lead = mql(**parts)
    actions.reject(lead_id=lead.pk, by=owner(lead), reason="timing", now=NOW)
    return fresh(lead)


def quarantined(**parts: Any) -> Lead:
    """A row of a bought list that says too little."""
    thin = {"industry": None, "employees": None, "country": None}
    lead = factories.capture(channel="IMPORT", company=thin, signals=[], **parts)
    assert lead.quarantined_at is not None
    return lead


def quiet(**parts: Any) -> Lead:
    """A lead without any behaviour."""
    return inquiry(**{"signals": [], **parts})


def again(lead: Lead, *, now: dt.datetime = SOON + MINUTE, **parts: Any) -> Touch:
    """One more touch that comes by this lead's own address."""
    person = Person.objects.get(pk=lead.person_id)
    key = IdentityKey.objects.filter(person__in=[lead.person_id], kind="EMAIL").first()
    told = {"person": {"email": key.value if key else person.email}, **parts}
    factories.captures([factories.touch(**told)], now=now)
    return Touch.objects.latest("pk")


PRICING: dict[str, Any] = {"channel": "OUTBOUND", "signals": [{"kind": "pricing_page_view"}]}
