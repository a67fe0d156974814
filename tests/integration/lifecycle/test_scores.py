"""Scores of live leads: crossings told once, what time alone changes, and what was shown when."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import DatabaseError

from integrations import listening
from integrations.models import Endpoint
from leads import score_rows, score_sql, scoring
from leads.models import EventKind, Lead, LeadEvent, Outbox, ScoreRecord
from lifecycle import decay, intake, merging, pipeline
from lifecycle.invariants import score
from lifecycle.invariants.invariant import Context
from tests import factories, kit_edits
from tests.factories import DAY, HOUR, MINUTE, NOW, Company
from tests.kit_edits import Edit, Parts

pytestmark = pytest.mark.django_db

SMALL = {"company": {"employees": "3"}}
"""A company outside the profile, so that nothing qualifies and only the score moves."""


@pytest.fixture
def company(db: None) -> Company:
    return factories.company()


def rules(*entries: dict[str, Any], bands: tuple[dict[str, Any], ...] = ()) -> Edit:
    """These score rules and bands alone."""

    def edit(parts: Parts) -> None:
        parts["score_rule"] = [
            {"label": one["key"].title(), "category": "INTENT", "position": place, **one}
            for place, one in enumerate(entries)
        ]
        if bands:
            parts["score_band"] = list(bands)

    return edit


BANDS = (
    {"key": "hot", "label": "Hot", "at_least": "60", "leaves_below": "50", "position": 0},
    {"key": "cold", "label": "Cold", "at_least": "-1000", "position": 1},
)
VIEWS = {"key": "views", "signal": "pricing_page_view", "points": "20", "half_life_days": "7"}


def view(lead: Lead | None = None, *, now: dt.datetime, times: int = 1, **more: Any) -> Lead:
    """Somebody of a small company, or the buyer of this lead, views the pricing page."""
    signals = [{"kind": "pricing_page_view"}] * times
    if lead is None:
        return factories.capture(signals=signals, now=now, **{**SMALL, **more})
    return factories.captures_attached(
        person={"email": lead.person.email}, signals=signals, now=now, **{**SMALL, **more}
    )


def crossings(lead: Lead) -> list[tuple[str, str, str]]:
    told = LeadEvent.objects.filter(lead=lead, kind=EventKind.CROSSED).order_by("sequence")
    return [
        (one.because["direction"], one.because["from_band"], one.because["to_band"]) for one in told
    ]


def settle(until: dt.datetime) -> None:
    """Let the decay job look whenever something is due until then."""
    while (due := Lead.objects.filter(decays_at__lte=until).order_by("decays_at")).exists():
        decay.run(now=due[0].decays_at)


def sound(now: dt.datetime) -> None:
    for invariant in score.INVARIANTS:
        assert not invariant.look(Context(now)).offences, invariant.key


def test_each_crossing_is_told_once(company: Company) -> None:
    kit_edits.publish(rules(VIEWS, bands=BANDS), by=company.revops, now=NOW)
    lead = view(now=NOW, times=2)
    assert crossings(lead) == []
    view(lead, now=NOW + HOUR)
    assert crossings(lead) == []  # two of them have faded a little: 59.9
    view(lead, now=NOW + 2 * HOUR)
    view(lead, now=NOW + 3 * HOUR)
    assert crossings(lead) == [("up", "cold", "hot")]
    settle(NOW + 40 * DAY)
    assert crossings(lead) == [("up", "cold", "hot"), ("down", "hot", "cold")]
    view(lead, now=NOW + 41 * DAY, times=4)
    assert crossings(lead)[2:] == [("up", "cold", "hot")]
    sound(NOW + 41 * DAY)


def test_a_band_is_kept_down_to_where_it_is_left(company: Company) -> None:
    kit_edits.publish(rules(VIEWS, bands=BANDS), by=company.revops, now=NOW)
    lead = view(now=NOW, times=3)
    lead = Lead.objects.get(pk=lead.pk)
    assert lead.band == "hot"
    assert lead.decays_at is not None
    left = scoring.points(score_rows.of_lead(lead.pk), lead.decays_at).total
    assert 49.999 < left < 50
    decay.run(now=lead.decays_at - MINUTE)
    view(lead, now=NOW + DAY)
    lead = Lead.objects.get(pk=lead.pk)
    assert (lead.band, crossings(lead)) == ("hot", [("up", "", "hot")])


def test_history_that_is_brought_in_tells_nobody_of_its_crossings(company: Company) -> None:
    kit_edits.publish(rules(VIEWS, bands=BANDS), by=company.revops, now=NOW)
    hooked = {"kinds": [EventKind.CROSSED.value], "url": "x", "host": "example.com", "secret": "x"}
    Endpoint.objects.create(label="Warehouse", **hooked)
    listening.forget()
    views = [{"kind": "pricing_page_view"}] * 4
    for email, historical in (("kim@old.example", True), ("lee@new.example", False)):
        body = factories.touch(person={"email": email}, signals=views, **SMALL)
        kept = intake.receive([body], scope="list", keys=[email], now=NOW, historical=historical)
        pipeline.advance([one.touch_id for one in kept if one.touch_id], now=NOW)
    assert LeadEvent.objects.filter(kind=EventKind.CROSSED).count() == 2
    (told,) = Outbox.objects.filter(event__kind=EventKind.CROSSED)
    assert told.event.lead.person.email == "lee@new.example"


@pytest.mark.parametrize("more", [0, 1], ids=["nothing since", "a touch of its own"])
def test_a_merge_that_is_taken_back_takes_its_crossing_back(company: Company, more: int) -> None:
    kit_edits.publish(rules(VIEWS, bands=BANDS), by=company.revops, now=NOW)
    stays, goes = view(now=NOW, times=2), view(now=NOW, times=2)
    by: dict[str, Any] = {"by": company.revops}
    made = merging.merge(winner_id=stays.person_id, loser_id=goes.person_id, now=NOW + MINUTE, **by)
    stays, goes = sorted(Lead.objects.all(), key=lambda one: one.stage == "MERGED")
    assert (crossings(stays), goes.stage) == ([("up", "cold", "hot")], "MERGED")
    for _ in range(more):
        view(stays, now=NOW + HOUR)  # 59.9 points by itself: never hot, though hot is left at 50
    merging.unmerge(merge_id=made.pk, now=NOW + 2 * HOUR, **by)
    assert crossings(stays) == [("up", "cold", "hot"), ("down", "hot", "cold")]
    assert crossings(goes) == []
    assert set(Lead.objects.values_list("band", flat=True)) == {"cold"}
    sound(NOW + 2 * HOUR)


def test_who_rests_as_merged_fades_when_they_stand_again(company: Company) -> None:
    kit_edits.publish(rules(VIEWS, bands=BANDS), by=company.revops, now=NOW)
    leads = [view(now=NOW, times=4), view(now=NOW, times=4)]
    parts = {one.pk: score_rows.of_lead(one.pk) for one in leads}
    by: dict[str, Any] = {"by": company.revops}
    winner, loser = (one.person_id for one in leads)
    made = merging.merge(winner_id=winner, loser_id=loser, now=NOW + MINUTE, **by)
    later = NOW + 40 * DAY
    settle(later)
    resting = Lead.objects.get(stage="MERGED")
    assert (resting.band, crossings(resting)) == ("hot", [("up", "", "hot")])
    merging.unmerge(merge_id=made.pk, now=later, **by)
    for lead in leads:
        assert Lead.objects.get(pk=lead.pk).band == "cold"
        assert crossings(lead) == [("up", "", "hot"), ("down", "hot", "cold")]
        assert score_rows.of_lead(lead.pk) == parts[lead.pk]
    sound(later)


def test_a_rule_over_days_turns_by_itself(company: Company) -> None:
    gone = {"fact": "signal.pricing_page_view.last_days", "op": "gte", "value": 10}
    idle = {"key": "idle", "points": "-30", "condition": gone}
    lately = {"fact": "signal.pricing_page_view.count_5d", "op": "gte", "value": 2}
    keen = {"key": "keen", "points": "50", "condition": lately}
    once = {"key": "once", "points": "40", "signal": "pricing_page_view", "times": "ONCE"}
    kit_edits.publish(rules(idle, keen, once, bands=BANDS), by=company.revops, now=NOW)
    lead = view(now=NOW, times=2)

    def total() -> float:
        settle(at)
        return scoring.points(score_rows.of_lead(lead.pk), at).total

    shown = []
    for days in (0, 4.99, 5.01, 9.99, 10.01):
        at = NOW + dt.timedelta(days=days)
        shown.append(total())
    assert shown == [90, 90, 40, 40, 10]
    assert crossings(lead) == [("up", "", "hot"), ("down", "hot", "cold")]


def test_windows_are_read_alike_in_python_and_sql(company: Company) -> None:
    short = {**VIEWS, "key": "short", "within_days": 3, "half_life_days": None}
    last = {**VIEWS, "key": "last", "within_days": 3, "times": "ONCE", "half_life_days": None}
    kit_edits.publish(rules(VIEWS, short, last, bands=BANDS), by=company.revops, now=NOW)
    lead = view(now=NOW)
    view(lead, now=NOW + 2 * DAY)
    for days, windowed in ((2, 60), (3.5, 40), (4.99, 40), (5.01, 0)):
        at = NOW + dt.timedelta(days=days)
        parts = score_rows.of_lead(lead.pk)
        assert sum(one.present(at) for one in parts if one.rule != "views") == windowed
        row = Lead.objects.annotate(total=score_sql.score(at)).get(pk=lead.pk)
        assert row.total == pytest.approx(scoring.points(parts, at).total)


def test_the_score_of_a_past_instant_is_what_was_shown_then(company: Company) -> None:
    short = {**VIEWS, "key": "short", "within_days": 3}
    kit_edits.publish(rules(VIEWS, short), by=company.revops, now=NOW)
    lead = view(now=NOW)
    shown: dict[dt.datetime, float] = {}

    def look(at: dt.datetime) -> None:
        shown[at] = scoring.points(score_rows.of_lead(lead.pk), at).total

    look(NOW + HOUR)
    view(lead, now=NOW + DAY, times=2)
    look(NOW + DAY)
    look(NOW + 2 * DAY)
    kit_edits.publish(rules({**VIEWS, "points": "5"}), by=company.revops, now=NOW + 3 * DAY)
    look(NOW + 3 * DAY)
    view(lead, now=NOW + 4 * DAY)
    look(NOW + 4 * DAY)
    for at, total in shown.items():
        _, parts = score_rows.as_of(lead.pk, at).read()
        assert scoring.points(parts, at).total == pytest.approx(total), at
    assert score_rows.as_of(lead.pk, NOW - MINUTE).read() == (None, [])


def test_a_touch_is_scored_by_the_kit_in_force_alone(company: Company) -> None:
    kit_edits.publish(rules(VIEWS), by=company.revops, now=NOW)
    lead = view(now=NOW)
    twice = {**VIEWS, "points": "40", "half_life_days": None}
    kit = kit_edits.publish(
        rules(twice, {**twice, "key": "more"}), by=company.revops, now=NOW + HOUR
    )
    view(lead, now=NOW + DAY)
    parts = score_rows.of_lead(lead.pk)
    assert {one.rule: one.value for one in parts} == {"views": 80, "more": 80}
    assert {one.kit_id for one in Lead.objects.get(pk=lead.pk).score_parts.all()} == {kit.id}


def test_records_are_never_edited(company: Company) -> None:
    view(now=NOW)
    with pytest.raises(DatabaseError, match="Cannot update"):
        ScoreRecord.objects.update(at=NOW)
