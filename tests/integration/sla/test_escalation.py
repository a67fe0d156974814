"""Level by level after a breach: at its time, once, to whom it concerns, and not after the end."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from governance import documents
from governance import kit as kits
from governance.models import KitStatus, KitVersion, Signature
from leads.models import Lead, LeadEvent
from lifecycle import actions, notices, playbook
from lifecycle.invariants import run
from lifecycle.models import Notice
from people.models import Role, User
from sla import services, sweeps
from sla.models import Clock, ClockEvent
from tests import factories
from tests.factories import DAY, HOUR, MINUTE, NOW

pytestmark = pytest.mark.django_db

DUE = NOW + 15 * MINUTE
TIMES = {"team": DUE + HOUR, "sales": DUE + 4 * HOUR, "revops": DUE + DAY}
"""First contact after a form; the last level needs a whole office day."""


def text(*, first: str = "team", **levels: dict[str, Any]) -> dict[str, Any]:
    """The playbook with these levels, `first` right after a missed first contact."""
    document = playbook.document()
    document["parts"].pop("fixture", None)  # examples of what the playbook's own parts do
    for entry in document["parts"]["clock_policy"]:
        entry.pop("escalation", None)
        if entry["key"] == "first_contact.form":
            entry["escalation"] = first
    if levels:
        entries = [{"key": key, "label": key.title(), **one} for key, one in levels.items()]
        document["parts"]["escalation_level"] = entries
    return document


def first_contact(lead: Lead) -> Clock:
    return Clock.objects.get(lead=lead, obligation="first_contact", void=False)


def told(lead: Lead) -> list[tuple[str, dt.datetime]]:
    """The levels of the lead's first contact, with their instants, as they were recorded."""
    rows = LeadEvent.objects.filter(
        lead=lead, kind="ESCALATED", because__obligation="first_contact"
    )
    return [(row.because["level"], row.at) for row in rows.order_by("sequence")]


def heard(kind: str = "ESCALATED") -> list[tuple[str, str]]:
    rows = Notice.objects.filter(kind=kind).select_related("to").order_by("id")
    return [(row.to.username, row.words["part"]) for row in rows]


def is_clean(now: dt.datetime) -> None:
    broken = [result for result in run.check(now=now, replay=50) if result.broken]
    assert not broken


@pytest.fixture
def company() -> factories.Company:
    return factories.company(text=text())


def test_each_level_comes_at_its_working_time_after_the_deadline_and_once(
    company: factories.Company,
) -> None:
    lead = factories.capture()
    sweeps.warn_and_breach(now=DUE + MINUTE)
    assert told(lead) == []
    assert (first_contact(lead).escalation, first_contact(lead).escalate_at) == (
        "team", TIMES["team"],
    )  # fmt: skip
    for number, (level, at) in enumerate(TIMES.items()):
        sweeps.warn_and_breach(now=at - dt.timedelta(seconds=1))
        assert len(told(lead)) == number
        assert sweeps.warn_and_breach(now=at).escalated == 1
        assert sweeps.warn_and_breach(now=at).total == 0
        assert told(lead)[-1] == (level, at)
    sweeps.warn_and_breach(now=NOW + 20 * DAY)
    assert told(lead) == list(TIMES.items())
    assert (first_contact(lead).escalation, first_contact(lead).escalate_at) == ("", None)
    is_clean(NOW + 20 * DAY)


def test_after_a_long_silence_all_levels_are_told_in_order_with_the_time_they_had(
    company: factories.Company,
) -> None:
    lead = factories.capture()
    sweeps.warn_and_breach(now=NOW + 5 * DAY)
    assert told(lead) == list(TIMES.items())
    notes = ClockEvent.objects.filter(clock=first_contact(lead)).order_by("id")
    kinds = [note.kind for note in notes]
    assert kinds == ["STARTED", "WARNED", "BREACHED", *["ESCALATED"] * 3]
    assert {note.recorded_at for note in notes if note.kind == "ESCALATED"} == {NOW + 5 * DAY}
    is_clean(NOW + 5 * DAY)


def test_a_level_of_no_minutes_comes_with_the_breach_itself() -> None:
    levels = {"team": {"after_minutes": 0, "tell": ["MARKETING"]}}
    factories.company(text=text(**levels))
    lead = factories.capture()
    swept = sweeps.warn_and_breach(now=DUE + MINUTE)
    assert (swept.breached, swept.escalated) == (1, 1)
    assert told(lead) == [("team", DUE)]


def test_an_ended_clock_escalates_no_further(company: factories.Company) -> None:
    late, never = factories.captures([factories.touch(), factories.touch()])
    sweeps.warn_and_breach(now=TIMES["team"])
    actions.log_activity(lead_id=late.pk, by=late.owner, kind="CALL", now=TIMES["team"] + MINUTE)
    actions.reject(lead_id=never.pk, by=never.owner, reason="spam", now=TIMES["team"] + MINUTE)
    sweeps.warn_and_breach(now=NOW + 9 * DAY)
    for lead in (late, never):
        assert told(lead) == [("team", TIMES["team"])]
    is_clean(NOW + 9 * DAY)


def test_a_clock_that_is_met_late_but_before_anybody_looked_escalates_to_nobody(
    company: factories.Company,
) -> None:
    lead = factories.capture()
    actions.log_activity(lead_id=lead.pk, by=lead.owner, kind="CALL", now=TIMES["sales"])
    assert first_contact(lead).breached_at == DUE
    sweeps.warn_and_breach(now=NOW + 9 * DAY)
    assert told(lead) == []
    is_clean(NOW + 9 * DAY)


def test_what_is_handed_over_keeps_its_levels(company: factories.Company) -> None:
    lead = factories.capture()
    sweeps.warn_and_breach(now=TIMES["team"])
    other = next(rep for rep in company.reps if rep != lead.owner)
    actions.reassign(
        lead_id=lead.pk, by=company.manager, to=other.pk, reason="ill",
        now=TIMES["team"] + MINUTE,
    )  # fmt: skip
    sweeps.warn_and_breach(now=NOW + 5 * DAY)
    assert told(lead) == list(TIMES.items())
    is_clean(NOW + 5 * DAY)


def test_a_deadline_that_passed_unseen_before_a_hand_over_still_escalates(
    company: factories.Company,
) -> None:
    lead = factories.capture()
    other = next(rep for rep in company.reps if rep != lead.owner)
    actions.reassign(
        lead_id=lead.pk, by=company.manager, to=other.pk, reason="ill", now=DUE + MINUTE
    )
    sweeps.warn_and_breach(now=TIMES["team"])
    assert told(lead) == [("team", TIMES["team"])]


def test_a_clock_that_runs_on_after_an_undo_goes_on_at_the_level_it_had_reached(
    company: factories.Company,
) -> None:
    lead = factories.capture()
    sweeps.warn_and_breach(now=TIMES["team"])
    at = TIMES["team"] + MINUTE
    actions.reject(lead_id=lead.pk, by=lead.owner, reason="no_interest", now=at)
    actions.undo(lead_id=lead.pk, by=lead.owner, now=at + MINUTE)
    clock = first_contact(lead)
    assert (clock.state, clock.escalation) == ("RUNNING", "sales")
    is_clean(at + 2 * MINUTE)
    sweeps.warn_and_breach(now=NOW + 5 * DAY)
    assert told(lead) == list(TIMES.items())
    is_clean(NOW + 5 * DAY)


def test_running_clocks_keep_the_levels_of_the_kit_that_started_them(
    company: factories.Company,
) -> None:
    lead = factories.capture()
    sweeps.warn_and_breach(now=DUE + MINUTE)
    in_force_instead(text(first=""), by=company.revops, now=DUE + HOUR / 2)
    later = factories.capture(now=DUE + HOUR / 2)
    sweeps.warn_and_breach(now=NOW + 5 * DAY)
    assert told(lead) == list(TIMES.items())
    assert told(later) == []
    assert first_contact(later).breached_at is not None
    notices.drain(now=NOW + 5 * DAY)
    assert Notice.objects.filter(kind="ESCALATED", words__level="All sales managers").exists()


def in_force_instead(document: dict[str, Any], *, by: User, now: dt.datetime) -> None:
    """Another kit, in force from now on, past the workflow that is tested elsewhere."""
    KitVersion.objects.filter(status=KitStatus.ACTIVE).update(
        status=KitStatus.RETIRED, retired_at=now
    )
    document = documents.completed(document)
    checksum = kits.checksum(document)
    version = KitVersion.objects.create(number=99, created_at=now, checksum=checksum)
    Signature.objects.create(kit=version, by=by, party="APPROVER", checksum=checksum, signed_at=now)
    KitVersion.objects.filter(pk=version.pk).update(
        status=KitStatus.ACTIVE, document=document, published_at=now
    )


def test_a_lead_whose_escalation_fails_is_parked_and_the_others_go_on(
    company: factories.Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    leads = factories.captures([factories.touch() for _ in range(3)])
    sweeps.warn_and_breach(now=DUE + MINUTE)
    bad, real = leads[1], services.escalate

    def fails(clock: Clock, lead: Lead, **more: Any) -> None:
        if lead.pk == bad.pk:
            raise ValueError("this one breaks")
        real(clock, lead, **more)

    monkeypatch.setattr(services, "escalate", fails)
    at = TIMES["team"] + MINUTE
    assert sweeps.warn_and_breach(now=at).escalated == 2
    assert first_contact(bad).parked_error == "ValueError: this one breaks"
    assert sweeps.warn_and_breach(now=at).total == 0
    monkeypatch.setattr(services, "escalate", real)
    assert sweeps.warn_and_breach(now=at + HOUR).escalated == 1


def test_a_pass_costs_the_same_for_one_escalation_and_for_many(
    company: factories.Company, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    factories.capture()
    factories.captures([factories.touch() for _ in range(8)], now=NOW + MINUTE)
    sweeps.warn_and_breach(now=DUE + 5 * MINUTE)
    with django_assert_max_num_queries(20) as one:
        assert sweeps.warn_and_breach(now=TIMES["team"]).escalated == 1
    with django_assert_num_queries(len(one)):
        assert sweeps.warn_and_breach(now=TIMES["team"] + MINUTE).escalated == 8


class TestWhoHears:
    """Notices of the levels of one missed first contact; anna and ben work under mia."""

    def escalated(self, *tell: str, **columns: Any) -> Lead:
        factories.company(text=text(team={"after_minutes": 60, "tell": list(tell)}))
        factories.user("max", role=Role.MANAGER)
        factories.user("mona", role=Role.MANAGER, is_active=False)
        User.objects.filter(username="mia").update(**columns)
        lead = factories.capture()
        sweeps.warn_and_breach(now=TIMES["team"])
        notices.drain(now=TIMES["team"])
        return lead

    @pytest.mark.parametrize(
        ("tell", "users"),
        [
            (["TEAM_MANAGER"], ["mia"]),
            (["POOL_MANAGER", "TEAM_MANAGER"], ["mia"]),
            (["MANAGERS"], ["mia", "max"]),
            (["MARKETING", "REVOPS"], ["mark", "rita"]),
            (["TEAM_MANAGER", "MANAGERS"], ["mia", "max"]),
        ],
    )
    def test_the_level_says_who(self, tell: list[str], users: list[str]) -> None:
        self.escalated(*tell)
        assert heard() == [(user, "MANAGER") for user in users]

    def test_the_holder_hears_when_the_level_names_them(self) -> None:
        lead = self.escalated("HOLDER", "MARKETING")
        assert lead.owner is not None
        assert heard() == [(lead.owner.username, "HOLDER"), ("mark", "MANAGER")]

    @pytest.mark.parametrize(
        ("at_work", "off_shift", "mailed"),
        [
            (["mia"], ["max"], ["mia"]),
            ([], ["mia", "max"], ["mia", "max"]),
            ([], ["max"], ["mia", "max"]),  # nobody knows whether mia is there
        ],
    )
    def test_all_of_a_circle_hear_and_who_is_at_work_is_mailed(
        self, at_work: list[str], off_shift: list[str], mailed: list[str]
    ) -> None:
        factories.company(text=text(team={"after_minutes": 60, "tell": ["MANAGERS"]}))
        factories.user("max", role=Role.MANAGER)
        for username, ends in [*((one, 0) for one in at_work), *((one, 2) for one in off_shift)]:
            person = User.objects.get(username=username)
            for day in range(7):
                person.shifts.create(weekday=day, starts=dt.time(ends // 2), ends=dt.time(ends))
        factories.capture()
        sweeps.warn_and_breach(now=TIMES["team"])
        notices.drain(now=TIMES["team"])
        assert heard() == [("mia", "MANAGER"), ("max", "MANAGER")]
        told = Notice.objects.filter(kind="ESCALATED", mail_due_at__isnull=False).order_by("pk")
        assert list(told.values_list("to__username", flat=True)) == mailed
        alone = Notice.objects.filter(words__nobody_at_work=True).exists()
        assert alone is (len(off_shift) == 2)

    def test_where_the_one_to_tell_has_left_the_next_broader_circle_hears(self) -> None:
        self.escalated("TEAM_MANAGER", "POOL_MANAGER", is_active=False)
        assert heard() == [("max", "MANAGER")]

    def test_the_breach_is_told_to_holder_and_manager_as_ever(self) -> None:
        lead = self.escalated("REVOPS")
        assert lead.owner is not None
        assert heard("BREACHED") == [(lead.owner.username, "HOLDER"), ("mia", "MANAGER")]

    def test_the_manager_who_missed_it_is_not_who_it_escalates_to_even_after_a_hand_over(
        self,
    ) -> None:
        company = factories.company(text=text(team={"after_minutes": 60, "tell": ["MANAGERS"]}))
        factories.user("max", role=Role.MANAGER)
        lead = factories.capture()
        actions.reassign(
            lead_id=lead.pk, by=company.manager, to=company.manager.pk, reason="mine",
            now=NOW + MINUTE,
        )  # fmt: skip
        sweeps.warn_and_breach(now=DUE + MINUTE)
        actions.reassign(
            lead_id=lead.pk, by=company.manager, to=company.reps[0].pk, reason="not mine",
            now=DUE + 2 * MINUTE,
        )  # fmt: skip
        sweeps.warn_and_breach(now=TIMES["team"])
        notices.drain(now=TIMES["team"])
        assert heard() == [("max", "MANAGER")]

    def test_nobody_is_mailed_of_what_is_done_meanwhile(self) -> None:
        factories.company(text=text(team={"after_minutes": 60, "tell": ["REVOPS"]}))
        lead = factories.capture()
        sweeps.warn_and_breach(now=TIMES["team"])
        actions.log_activity(
            lead_id=lead.pk, by=lead.owner, kind="CALL", now=TIMES["team"] + MINUTE
        )
        notices.drain(now=TIMES["team"] + MINUTE)
        assert [row.mail_due_at for row in Notice.objects.filter(kind="ESCALATED")] == [None]
