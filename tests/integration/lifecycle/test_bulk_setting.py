"""A field or a next step on many leads: told beforehand, each by itself, taken back."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from core import errors
from leads.models import EventKind, Lead, LeadEvent
from lifecycle import actions, bulk_acting, editing, next_steps
from lifecycle.bulk_acting import Verb
from lifecycle.invariants import run as invariants
from lifecycle.models import BulkAct
from sla.models import Clock
from tests import factories, own_kit
from tests.factories import MINUTE, NOW

pytestmark = pytest.mark.django_db

AT = NOW + MINUTE
CITY = {"field": "field.city", "value": "Hamburg"}
STEP = {"at": NOW + 30 * factories.HOUR, "kind": "CALL"}


@pytest.fixture
def company() -> factories.Company:
    here = factories.company()
    own_kit.publish(here.revops)
    return here


def leads(count: int = 4) -> list[Lead]:
    return factories.captures([factories.touch() for _ in range(count)], now=NOW)


def told(act: BulkAct) -> dict[int, str]:
    return dict(act.lines.values_list("lead", "left"))


def cities(*some: Lead) -> list[str]:
    rows = dict(Lead.objects.values_list("pk", "own_fields"))
    return [rows[one.pk].get("city", [""])[0] for one in some]


def sound(at: dt.datetime) -> None:
    broken = [one for one in invariants.check(now=at, replay=20) if one.broken]
    assert {one.invariant.key: one.found.offences for one in broken} == {}


def test_each_lead_gets_the_field_or_says_why_not(company: factories.Company) -> None:
    anna, ben = company.reps
    made = leads(6)
    own = [one for one in made if one.owner == anna]
    bens = next(one for one in made if one.owner == ben)
    closed = factories.work(own[2], to="SQL", now=NOW)
    actions.disqualify(
        lead_id=closed.pk, by=anna, reason=_reason(company), note="x", now=AT - MINUTE / 2
    )
    editing.edit(lead_id=own[1].pk, by=anna, values={"field.city": "Hamburg"}, now=NOW)
    meant = [*(one.pk for one in own), bens.pk]

    found = bulk_acting.preview(meant, Verb.SET, by=anna, given=CITY, now=AT)
    assert (found.total, found.going) == (4, 1)
    assert dict(found.stays) == {
        "has it already": 1, "is at Disqualified": 1, "is somebody else’s to work": 1,
    }  # fmt: skip
    act = bulk_acting.submit(meant, Verb.SET, by=anna, given=CITY, now=AT)
    lines = told(act)
    assert [lines[pk] for pk in meant] == [
        "", "has it already", "is at Disqualified", "is somebody else’s to work"]  # fmt: skip
    assert cities(*own, bens) == ["Hamburg", "Hamburg", "", ""]
    event = LeadEvent.objects.filter(lead=own[0], kind=EventKind.EDITED).get()
    assert (event.by, event.because["fields"]) == (anna, ["field.city"])

    back = bulk_acting.undo(act.pk, by=anna, now=AT + MINUTE)
    assert told(back) == {own[0].pk: ""}
    assert cities(*own) == ["", "Hamburg", ""]
    sound(AT + 2 * MINUTE)


def test_what_was_changed_since_stays(company: factories.Company) -> None:
    made = leads()
    ids = [one.pk for one in made]
    act = bulk_acting.submit(ids, Verb.SET, by=company.revops, given=CITY, now=AT)
    own, later = {"field.city": "Bonn"}, AT + MINUTE
    editing.edit(lead_id=ids[0], by=company.revops, values=own, now=later)
    assert made[1].owner is not None
    actions.log_activity(lead_id=ids[1], by=made[1].owner, kind="CALL", now=later)
    back = bulk_acting.undo(act.pk, by=company.revops, now=later + MINUTE)
    assert [bool(told(back)[pk]) for pk in ids] == [True, True, False, False]
    assert cities(*made) == ["Bonn", "Hamburg", "", ""]


@pytest.mark.parametrize(
    ("verb", "given", "field"),
    [
        (Verb.SET, {}, "field"),
        (Verb.SET, {"field": "person.email", "value": "a@b.example"}, "field"),
        (Verb.SET, {"field": "field.gone", "value": "x"}, "field"),
        (Verb.SET, {"field": "field.city", "value": " "}, "value"),
        (Verb.SET, {"field": "field.work", "value": "Pirate"}, "value"),
        (Verb.SET, {"field": "field.visits", "value": "many"}, "value"),
        (Verb.SET, {"field": "person.country", "value": "Atlantis"}, "value"),
        (Verb.SET, {"field": "lead.potential_value", "value": "-1"}, "value"),
        (Verb.NEXT_STEP, {}, "at"),
        (Verb.NEXT_STEP, {"at": NOW - MINUTE}, "at"),
        (Verb.NEXT_STEP, {**STEP, "kind": "NOTE"}, "kind"),
    ],
)
def test_a_bad_value_is_told_before_any_lead_is_touched(
    company: factories.Company, verb: str, given: dict[str, Any], field: str
) -> None:
    (lead,) = leads(1)
    for call in (bulk_acting.preview, bulk_acting.submit):
        with pytest.raises(errors.InvalidInput) as refused:
            call([lead.pk], verb, by=company.revops, given=given, now=AT)
        assert [one.field for one in refused.value.errors] == [field]
    assert not BulkAct.objects.exists()


def test_a_field_of_a_company_is_set_once_for_all_its_leads(company: factories.Company) -> None:
    bodies = [factories.touch(company={"name": "Acme", "domain": "acme.example"}) for _ in range(2)]
    made = factories.captures(bodies, now=NOW)
    given = {"field": "company.region", "value": "Hessen"}
    act = bulk_acting.submit(
        [one.pk for one in made], Verb.SET, by=company.revops, given=given, now=AT
    )
    assert sorted(told(act).values()) == ["", "has it already"]
    back = bulk_acting.undo(act.pk, by=company.revops, now=AT + MINUTE)
    assert list(told(back).values()) == [""]
    assert Lead.objects.get(pk=made[0].pk).account.region == ""


def test_next_steps_are_promised_and_taken_back_with_their_clocks(
    company: factories.Company,
) -> None:
    made = leads()
    ids = [one.pk for one in made]
    first = NOW + 20 * factories.HOUR
    next_steps.promise(lead_id=ids[0], by=company.revops, at=first, kind="EMAIL", now=NOW)
    before = _clocks(ids)
    act = bulk_acting.submit(ids, Verb.NEXT_STEP, by=company.revops, given=STEP, now=AT)
    assert set(told(act).values()) == {""}
    rows = Lead.objects.filter(pk__in=ids).values_list("next_step_at", "next_step_kind")
    assert set(rows) == {(STEP["at"], "CALL")}
    next_steps.promise(lead_id=ids[1], by=company.revops, at=first, now=AT + MINUTE)
    back = bulk_acting.undo(act.pk, by=company.revops, now=AT + 2 * MINUTE)
    assert [bool(told(back)[pk]) for pk in ids] == [False, True, False, False]
    found = dict(Lead.objects.filter(pk__in=ids).values_list("pk", "next_step_at"))
    assert [found[pk] for pk in ids] == [first, first, None, None]
    assert Lead.objects.get(pk=ids[0]).next_step_kind == "EMAIL"
    others = [pk for pk in ids if pk != ids[1]]
    assert _clocks(others) == [row for row in before if row[0] in others]
    sound(AT + 3 * MINUTE)


def test_a_next_step_is_not_taken_back_after_its_window(company: factories.Company) -> None:
    (lead,) = leads(1)
    act = bulk_acting.submit([lead.pk], Verb.NEXT_STEP, by=company.revops, given=STEP, now=AT)
    back = bulk_acting.undo(act.pk, by=company.revops, now=AT + 9 * factories.DAY)
    assert list(told(back).values()) == ["It was too long ago to be taken back."]


def _clocks(ids: list[int]) -> list[tuple[Any, ...]]:
    """What runs on these leads, whatever rows it is made of."""
    rows = Clock.objects.filter(lead__in=ids, state="RUNNING")
    return sorted(rows.values_list("lead", "policy", "started_at", "due_at"))


def _reason(company: factories.Company) -> str:
    reasons = company.kit.reasons.values()
    return next(one.key for one in reasons if "disqualify" in one.used_for)
