"""A new kit brought to many leads at once scores them as a touchpoint of each would."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from core import errors
from governance.kit import Kit
from leads import score_rows, scoring
from leads.models import EventKind, Lead, LeadEvent, ScorePart, ScoreRecord
from lifecycle import decay, gathering, rescoring
from lifecycle.invariants import score
from lifecycle.invariants.invariant import Context
from tests import factories, kit_edits
from tests.factories import DAY, NOW, Company
from tests.kit_edits import Parts

pytestmark = pytest.mark.django_db

KINDS = ("pricing_page_view", "content_download", "email_click")
LATER = NOW + 20 * DAY


@pytest.fixture
def company(db: None) -> Company:
    return factories.company()


@pytest.fixture
def leads(company: Company) -> list[Lead]:
    """Buyers of companies of all sizes, who did this and that over three weeks."""
    chance = random.Random(11)
    found = []
    for number in range(24):
        at = NOW + chance.random() * 6 * DAY
        about: dict[str, Any] = {
            "company": {"employees": str(chance.choice([3, 80, 700])), "name": f"Firm {number}",
                        "domain": f"firm{number}.example"},
            "person": {"email": f"kim@firm{number}.example"},
        }  # fmt: skip
        said = {"Budget": chance.choice(["400", "1,200.50", "9000", "much"]), "Student": "yes"}
        lead = factories.capture(
            signals=shown(chance), now=at, fields=said if number % 3 else {}, **about
        )
        for _ in range(chance.randrange(3)):
            at += chance.random() * 5 * DAY
            factories.captures_attached(signals=shown(chance), now=at, **about)
        found.append(lead)
    return found


def shown(chance: random.Random) -> list[dict[str, str]]:
    return [{"kind": chance.choice(KINDS)} for _ in range(chance.randrange(4))]


def other_rules(parts: Parts) -> None:
    view = {"category": "INTENT", "signal": KINDS[0]}
    budget = {"fact": "field.budget", "op": "gte", "value": 1200.5}
    student = {"not": {"fact": "field.student", "op": "eq", "value": True}}
    parts["own_field"] = [
        {"key": "budget", "label": "Budget", "position": 0, "type": "NUMBER"},
        {"key": "student", "label": "Student", "position": 1, "type": "BOOLEAN"},
    ]
    size = {"fact": "company.employees", "op": "gte", "value": 50}
    much = {"fact": "signal.email_click.count_730d", "op": "gte", "value": 2}
    parts["score_rule"] = [
        {"label": one["key"], "position": place, **one}
        for place, one in enumerate(
            [
                {"key": "size", "category": "FIT", "points": "15", "condition": size},
                {"key": "far", "category": "FIT", "points": "-3",
                 "condition": {"not": {"fact": "company.country", "op": "eq", "value": "DE"}}},
                {"key": "much", "category": "INTENT", "points": "9", "condition": much},
                {"key": "budget", "category": "FIT", "points": "6", "condition": budget},
                {"key": "no_student", "category": "FIT", "points": "2", "condition": student},
                {"key": "pricing", "points": "20", "half_life_days": "5", "cap": "50", **view},
                {"key": "ever", "points": "4", **view},
                {"key": "once", "points": "11", "times": "ONCE", "half_life_days": "9", **view},
                {"key": "lately", "points": "6", "within_days": 12, "half_life_days": "9", **view},
                {"key": "last", "points": "7", "within_days": 12, "times": "ONCE", **view},
                {"key": "mail", "category": "ENGAGEMENT", "points": "-5", "signal": KINDS[2]},
            ]
        )
    ]  # fmt: skip


@transaction.atomic
def rescore(kit: Kit, now: dt.datetime) -> int:
    return rescoring.rescored(Lead.objects.values_list("pk", flat=True), kit, now)


def test_the_parts_are_those_that_each_lead_would_get(company: Company, leads: list[Lead]) -> None:
    kit = kit_edits.publish(other_rules, by=company.revops, now=LATER)
    before = ScoreRecord.objects.count()
    changed = rescore(kit, LATER)
    assert changed == ScoreRecord.objects.count() - before > 15
    assert rescore(kit, LATER) == 0
    for lead_id, case in gathering.open_cases(Lead.objects.order_by("pk")).items():
        stored = {one.rule: one for one in score_rows.of_lead(lead_id) if one.value}
        case.buyer.parts = dict(stored)
        case.appraise(kit, LATER)
        assert stored.keys() == case.buyer.parts.keys()
        for rule, part in case.buyer.parts.items():
            assert stored[rule].present(LATER) == pytest.approx(part.present(LATER)), rule
            assert not score_rows.write(case.buyer.part_rows[rule], part, kit=kit.id), rule
        _, kept = score_rows.as_of(lead_id, LATER).read()
        assert scoring.points(kept, LATER) == scoring.points(stored.values(), LATER)


def test_whoever_leaves_their_band_by_it_is_told_once(company: Company, leads: list[Lead]) -> None:
    kit = kit_edits.publish(other_rules, by=company.revops, now=LATER)
    told = LeadEvent.objects.filter(kind=EventKind.CROSSED)
    before, bands = told.count(), dict(Lead.objects.values_list("pk", "band"))
    rescore(kit, LATER)
    while decay.run(now=LATER):
        pass
    moved = [pk for pk, band in Lead.objects.values_list("pk", "band") if band != bands[pk]]
    assert told.count() - before == len(moved) > 3
    for invariant in score.INVARIANTS[:2]:
        assert not invariant.look(Context(LATER)).offences


def test_nobody_leaves_their_band_before_they_are_looked_at(
    company: Company, leads: list[Lead]
) -> None:
    kit = kit_edits.publish(other_rules, by=company.revops, now=LATER)
    rescore(kit, LATER)
    while decay.run(now=LATER):
        pass
    rescore(kit, LATER + DAY)
    misbanded = score.INVARIANTS[0].look
    for days in range(1, 60, 3):
        assert not misbanded(Context(LATER + days * DAY)).offences


def test_revops_rescores_everybody_once_and_is_told_before(
    company: Company, leads: list[Lead]
) -> None:
    kit = kit_edits.publish(other_rules, by=company.revops, now=LATER)
    before = list(ScorePart.objects.order_by("pk").values())
    shown = rescoring.preview(kit, by=company.revops, now=LATER)
    assert list(ScorePart.objects.order_by("pk").values()) == before
    assert (shown.leads, shown.looked_at) == (24, 24)
    old = dict(Lead.objects.values_list("pk", "band"))
    done = rescoring.apply(by=company.revops, reason="New points", now=LATER)
    assert (done.state, done.changed) == ("DONE", shown.changed)
    while decay.run(now=LATER):
        pass
    bands = Lead.objects.values_list("pk", "band")
    moved = Counter((old[pk], band) for pk, band in bands if band != old[pk])
    assert moved == {(one.before, one.after): one.leads for one in shown.moves}
    assert rescoring.apply(by=company.revops, reason="Again", now=LATER).changed == 0
    assert set(Lead.objects.values_list("stage", flat=True)) <= {"INQUIRY", "MQL"}


def test_only_revops_rescores_and_says_why(company: Company, leads: list[Lead]) -> None:
    with pytest.raises(errors.NotAllowed):
        rescoring.preview(company.kit, by=company.manager, now=LATER)
    with pytest.raises(errors.NotAllowed):
        rescoring.apply(by=company.manager, reason="Because", now=LATER)
    with pytest.raises(errors.InvalidInput):
        rescoring.apply(by=company.revops, reason=" ", now=LATER)


def test_its_page_shows_who_moves_and_does_it(
    company: Company, leads: list[Lead], client: Client
) -> None:
    kit_edits.publish(other_rules, by=company.revops, now=LATER)
    client.force_login(company.revops)
    page = client.get("/kit/rescore/").text
    assert "Tried on all 24 leads" in page
    assert client.post("/kit/rescore/", {"reason": ""}).status_code == 422
    done = client.post("/kit/rescore/", {"reason": "New points"})
    assert "changed under kit v2" in client.get(done["Location"]).text
    assert "Done before" in client.get("/kit/rescore/").text
    client.force_login(company.manager)
    assert client.get("/kit/rescore/").status_code == 403


def test_leads_of_a_band_are_listed_and_handed_on_alone(
    company: Company, leads: list[Lead], client: Client
) -> None:
    client.force_login(company.revops)
    (band, count), *others = Counter(Lead.objects.values_list("band", flat=True)).most_common()
    assert others
    listed = client.get("/leads/", {"band": band}).text
    assert f"{count} leads" in listed
    assert client.get("/leads/", {"band": "lukewarm"}).status_code == 400
    page = client.get("/leads/reassign/", {"all": "1", "band": band, "way": "ANEW"}).text
    assert f'name="band" value="{band}"' in page
