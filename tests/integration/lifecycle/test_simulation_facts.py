"""Courses of real leads: the facts are those of the instant, whatever was learnt later."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance import facts, selectors
from leads.models import Account, EventKind, Lead, LeadEvent, Person, Touch, TouchStatus
from lifecycle import actions, intake, merging, pipeline
from lifecycle.simulation import history, judging
from lifecycle.simulation.course import Course, Doing, Unknown
from routing.models import Decision
from sla.models import Clock
from tests import busy_company, factories
from tests.factories import DAY, HOUR, MINUTE, NOW, capture, touch, work
from tests.simulating import SINCE, UNTIL, kit_with, known_later, replayed

pytestmark = pytest.mark.django_db

BY_KIT = ("lead.stage", "lead.cycle", "lead.hand_raiser", "score.")
"""Facts that a kit decides; a course leaves them open."""


def course(lead: Lead, *, since: dt.datetime = SINCE, until: dt.datetime = UNTIL) -> Course:
    (found,) = history.courses([lead.pk], since=since, until=until)
    return found


def doings(one: Course) -> list[tuple[str, str]]:
    return [(step.doing.value, step.transition) for step in one.steps]


def test_what_is_known_is_what_the_decisions_recorded() -> None:
    """Every registered fact that no kit decides, for every routing of a busy company."""
    _, end = busy_company.busy()
    # The busy company tells its days out of order, so a deal of tomorrow is known today.
    left_out = (*BY_KIT, "account.status")
    names = [name for name in facts.registry.names() if not name.startswith(left_out)]
    compared = 0
    for decision in Decision.objects.select_related("lead"):
        found = course(decision.lead, until=end)
        if found.unknown is Unknown.MERGED:
            continue
        then = [
            step for step in found.steps if step.at == decision.at and step.doing is Doing.TOUCHED
        ]
        if not then:
            continue
        known = facts.registry.to_document(facts.registry.read_all(then[-1].known, names))
        assert known == {name: decision.facts[name] for name in names}
        compared += 1
    assert compared > 15


def test_a_buyer_who_was_two_is_not_played_again() -> None:
    company = factories.company()
    one, other = capture(), capture()
    made = merging.merge(
        winner_id=one.person_id, loser_id=other.person_id, by=company.revops, now=NOW + MINUTE
    )
    assert [course(lead).unknown for lead in (one, other)] == [Unknown.MERGED] * 2
    merging.unmerge(merge_id=made.pk, by=company.revops, now=NOW + 2 * MINUTE)
    assert [course(lead).unknown for lead in (one, other)] == [Unknown.MERGED] * 2


def test_criteria_are_judged_on_the_evidence_that_was_recorded() -> None:
    _, end = busy_company.busy()
    kit, compared = selectors.active_kit(), 0
    for event in LeadEvent.objects.filter(transition="qualify").select_related("lead"):
        judged = judging.judge(course(event.lead, until=end), kit)
        if judged.qualified_at == event.at and judged.reasons.verdict is not None:
            assert judged.reasons.verdict.as_data() == event.because["criteria"]
            compared += 1
    assert compared > 15


def test_an_account_corrected_later_is_judged_as_it_was_known() -> None:
    factories.company()
    lead = capture()
    account = Account.objects.get(pk=lead.account_id)
    known_later(account, at=NOW + HOUR, industry="Gambling", employees=7)
    known_later(Person.objects.get(pk=lead.person_id), at=NOW + HOUR, title="Intern")
    (step,) = course(lead).steps
    assert (step.known.company_industry, step.known.company_employees) == ("Software", 420)
    assert step.known.person_title == "VP Operations"
    assert judging.judge(course(lead), selectors.active_kit()).stage == "MQL"


def test_how_the_company_stood_to_us_is_told_as_of_then() -> None:
    factories.company()
    lead = capture()
    work(lead, to="OPPORTUNITY", now=NOW + HOUR)
    assert lead.account is not None
    colleague = capture(company={"domain": lead.account.domain}, now=NOW + 2 * HOUR)
    assert colleague.account_id == lead.account_id
    actions.win(lead_id=lead.pk, by=lead.owner, now=NOW + 3 * HOUR)
    (step,) = course(colleague).steps
    assert step.known.account_status == "OPEN_OPPORTUNITY"
    assert course(lead).steps[0].known.account_status == "PROSPECT"


def test_a_correction_counts_from_when_it_was_made() -> None:
    factories.company()
    lead = capture(company={"industry": "Gambling"})
    assert lead.stage == "INQUIRY"
    known_later(Account.objects.get(pk=lead.account_id), at=NOW + HOUR, industry="Software")
    again = touch(person={"email": lead.person.email}, company={"industry": "Gambling"})
    intake.capture([again], scope="tests", keys=["again"], now=NOW + 2 * HOUR)
    seen = [step.known.company_industry for step in course(lead).steps]
    assert seen == ["Gambling", "Software"]
    judged = judging.judge(course(lead), selectors.active_kit())
    assert judged.qualified_at == NOW + 2 * HOUR


def test_steps_that_were_taken_back_never_were() -> None:
    company = factories.company()
    lead = capture()
    common = {"lead_id": lead.pk, "by": lead.owner}
    actions.reject(**common, reason="spam", now=NOW + HOUR)
    actions.undo(**common, now=NOW + HOUR + MINUTE)
    work(lead, to="SAL", now=NOW + 2 * HOUR)
    assert doings(course(lead)) == [("TOUCHED", ""), ("STEPPED", "accept")]
    actions.reassign(lead_id=lead.pk, by=company.manager, to=None, reason="no", now=NOW + 3 * HOUR)
    assert doings(course(lead))[-1] == ("REROUTED", "")


def test_the_window_begins_where_the_lead_stood() -> None:
    factories.company()
    lead = capture()
    work(lead, to="SAL", now=NOW + HOUR)
    factories.captures_attached(now=NOW + DAY, person={"email": lead.person.email})
    later = course(lead, since=NOW + 2 * HOUR)
    assert (later.stage, later.entered_at, later.owner) == ("SAL", NOW + HOUR, lead.owner_id)
    assert later.asked
    assert later.signals == (("demo_request", NOW),)
    running = Clock.objects.filter(lead=lead, started_at__lte=NOW + HOUR, state="RUNNING")
    assert {one.policy.key for one in later.carried} == {clock.policy for clock in running}
    assert doings(later) == [("TOUCHED", "")]


def test_people_who_reached_out_and_those_who_only_took_notes() -> None:
    factories.company()
    lead = capture()
    common = {"lead_id": lead.pk, "by": lead.owner}
    actions.log_activity(**common, kind="NOTE", note="big deal", now=NOW + MINUTE)
    actions.log_activity(**common, kind="CALL", at=NOW + MINUTE, now=NOW + HOUR)
    steps = course(lead).steps[1:]
    assert [(step.doing, step.at, step.proof_at) for step in steps] == [
        (Doing.CONTACTED, NOW + HOUR, NOW + MINUTE)
    ]


def test_what_cannot_be_replayed_is_counted_with_its_reason() -> None:
    factories.company()
    plain, erased, forgotten = factories.captures([touch() for _ in range(3)])
    Touch.objects.filter(lead=erased).update(payload={})
    Account.history.filter(id=forgotten.account_id).delete()
    imported = intake.receive([touch()], scope="file", now=NOW, historical=True)
    pipeline.advance([imported[0].touch_id or 0], now=NOW)
    intake.capture([touch()], scope="form", now=NOW, quarantine=True)
    parked = intake.receive([touch()], scope="form", keys=["parked"], now=NOW)
    Touch.objects.filter(pk=parked[0].touch_id).update(status=TouchStatus.PARKED)

    told, rows = replayed(kit_with())
    assert told["leads"] == 1
    assert told["unknown"] == {"ERASED": 1, "IMPORTED": 1, "NO_RECORD": 1}
    assert told["missing"] == {"account": 1}
    assert (told["touches_parked"], told["touches_quarantined"]) == (1, 1)
    assert {rows[erased.pk].unknown, rows[forgotten.pk].unknown} == {
        Unknown.ERASED,
        "NO_RECORD:account",
    }
    assert plain.pk not in rows


def test_leads_outside_the_window_are_left_alone() -> None:
    factories.company()
    lead = capture()
    assert replayed(kit_with(), since=NOW + MINUTE)[0]["leads"] == 0
    assert replayed(kit_with(), until=NOW - MINUTE)[0]["leads"] == 0
    assert history.window(since=SINCE, until=UNTIL).leads == (lead.pk,)


def test_what_happened_after_the_window_is_not_looked_at() -> None:
    factories.company()
    lead = capture()
    short = course(lead, until=NOW + MINUTE)
    work(lead, to="SAL", now=NOW + HOUR)
    known_later(Account.objects.get(pk=lead.account_id), at=NOW + HOUR, employees=1)
    assert course(lead, until=NOW + MINUTE) == short


def test_reading_costs_the_same_for_one_lead_and_for_many() -> None:
    factories.company()
    leads = factories.captures([touch() for _ in range(12)])
    for lead in leads[:6]:
        work(lead, to="SQL", now=NOW + HOUR)
    counts = []
    for some in (leads[:1], leads):
        with CaptureQueriesContext(
            connection,
        ) as read:
            list(history.courses([lead.pk for lead in some], since=SINCE, until=UNTIL))
        counts.append(len(read))
    assert counts[0] == counts[1] <= 9


def test_every_kind_of_event_has_its_place_in_a_course() -> None:
    """An event kind of a later release must be looked at here before it is passed over."""
    known = {"TOUCHED", "SIGNALLED", "STAGE", "ASSIGNED", "QUEUED", "RELEASED", "ACTIVITY"}
    of_clocks = {"WARNED", "BREACHED", "CORRECTED", "ESCALATED", "RECALCULATED"} | {
        "PAUSED",
        "RESUMED",
        "MOVED",
        "NEXT_STEP",
    }
    passed_over = {
            "ENRICHED", "JOINED", "PARTED", "WITHDRAWN", "RETRACTED", "EDITED", "ERASED",
            "DISPUTED", "RULED",
            "CROSSED", "WAKE_UP",
        }  # fmt: skip
    of_quarantine = {"QUARANTINED", "CLEANSED"}
    assert set(EventKind.values) == known | of_clocks | passed_over | of_quarantine
