"""Who is told of an event, once, and what becomes of what cannot be told."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from governance.kit import Kit
from leads import outbox, selectors
from leads.models import EventKind
from lifecycle import deliveries, news, notices
from lifecycle.deliveries import Deliveries
from lifecycle.models import Notice
from people.models import Role
from sla import sweeps
from sla.models import Clock
from tests import small_company as company

HOUR = dt.timedelta(hours=1)


def told() -> list[tuple[str, str, str]]:
    rows = Notice.objects.select_related("to").order_by("id")
    return [(row.kind, row.to.first_name, row.words["part"]) for row in rows]


def test_a_new_owner_is_told_once(kit: Kit, now: dt.datetime) -> None:
    company.lead(owner=company.person("Ana"), now=now)
    assert notices.drain(now=now) == deliveries.Drained(done=1)
    assert notices.drain(now=now) == deliveries.Drained()
    assert told() == [("ASSIGNED", "Ana", "HOLDER")]
    assert Notice.objects.get().mail_due_at == now


def test_who_takes_a_lead_themselves_is_not_told_of_it(kit: Kit, now: dt.datetime) -> None:
    ana = company.person("Ana")
    company.lead(owner=ana, by=ana, now=now)
    assert notices.drain(now=now).done == 1
    assert told() == []


def test_a_warning_goes_to_who_holds_the_lead(kit: Kit, now: dt.datetime) -> None:
    boss = company.person("Bo", role=Role.MANAGER)
    ana = company.person("Ana", team=company.team("East", manager=boss))
    company.lead(owner=ana, due_at=now + HOUR / 4, now=now)
    sweeps.warn_and_breach(now=now)
    notices.drain(now=now)
    assert told() == [("ASSIGNED", "Ana", "HOLDER"), ("WARNED", "Ana", "HOLDER")]
    words = Notice.objects.get(kind="WARNED").words
    assert words["label"] == "Accept or reject within an hour"
    assert words["due_at"] == (now + HOUR / 4).isoformat()


def test_a_warning_of_a_queued_lead_goes_to_the_manager_of_its_pool(
    kit: Kit, now: dt.datetime
) -> None:
    company.pool("smb", manager=company.person("Pat", role=Role.MANAGER))
    company.lead(queue="smb", due_at=now + HOUR / 4, policy="route", now=now)
    sweeps.warn_and_breach(now=now)
    notices.drain(now=now)
    assert told() == [("WARNED", "Pat", "MANAGER")]


def test_a_breach_goes_to_the_owner_and_to_the_manager_of_the_team(
    kit: Kit, now: dt.datetime
) -> None:
    boss = company.person("Bo", role=Role.MANAGER)
    company.pool("smb", manager=company.person("Pat", role=Role.MANAGER))
    ana = company.person("Ana", team=company.team("East", manager=boss))
    company.lead(owner=ana, via="smb", due_at=now + HOUR, now=now)
    sweeps.warn_and_breach(now=now + 2 * HOUR)
    notices.drain(now=now + 2 * HOUR)
    breached = [row for row in told() if row[0] == "BREACHED"]
    assert breached == [("BREACHED", "Ana", "HOLDER"), ("BREACHED", "Bo", "MANAGER")]


def test_without_a_team_the_manager_of_the_pool_hears_of_a_breach(
    kit: Kit, now: dt.datetime
) -> None:
    pat, other = (company.person(name, role=Role.MANAGER) for name in ("Pat", "Ola"))
    company.pool("smb", manager=pat)
    company.lead(owner=company.person("Ana"), via="smb", due_at=now + HOUR, now=now)
    sweeps.warn_and_breach(now=now + 2 * HOUR)
    notices.drain(now=now + 2 * HOUR)
    assert ("BREACHED", "Pat", "MANAGER") in told()
    # Who is told of a lead can open it.
    assert [selectors.visible_to(one).count() for one in (pat, other)] == [1, 0]


def test_a_manager_who_missed_a_deadline_is_not_who_it_escalates_to(
    kit: Kit, now: dt.datetime
) -> None:
    company.person("Rita", role=Role.REVOPS)
    boss = company.person("Bo", role=Role.MANAGER)
    boss.team = company.team("East", manager=boss)
    boss.save(update_fields=["team"])
    company.lead(owner=boss, due_at=now + HOUR, now=now)
    sweeps.warn_and_breach(now=now + 2 * HOUR)
    notices.drain(now=now + 2 * HOUR)
    breached = [row for row in told() if row[0] == "BREACHED"]
    assert breached == [("BREACHED", "Bo", "HOLDER"), ("BREACHED", "Rita", "MANAGER")]


def test_a_breach_is_told_of_who_held_the_lead_at_the_deadline(kit: Kit, now: dt.datetime) -> None:
    ana, ben = company.person("Ana"), company.person("Ben")
    lead = company.lead(owner=ana, due_at=now + HOUR, now=now)
    sweeps.warn_and_breach(now=now + 2 * HOUR)
    lead.owner = ben
    lead.save(update_fields=["owner"])
    Clock.objects.update(holder=ben)
    notices.drain(now=now + 2 * HOUR)
    assert ("BREACHED", "Ana", "HOLDER") in told()
    assert ("BREACHED", "Ben", "HOLDER") not in told()


def test_nobody_is_mailed_a_warning_that_is_settled_meanwhile(kit: Kit, now: dt.datetime) -> None:
    company.lead(owner=company.person("Ana"), due_at=now + HOUR / 4, now=now)
    sweeps.warn_and_breach(now=now)
    company.stop_clock(Clock.objects.get(), now=now)
    notices.drain(now=now)
    assert Notice.objects.get(kind="WARNED").mail_due_at is None


@pytest.mark.parametrize("settled", [False, True])
def test_what_is_no_news_any_more_is_mailed_with_others_unless_it_is_settled(
    kit: Kit, now: dt.datetime, settled: bool
) -> None:
    lead = company.lead(owner=company.person("Ana"), now=now)
    if settled:
        lead.owner = company.person("Ben")
        lead.save(update_fields=["owner"])
    later = now + dt.timedelta(days=2)
    notices.drain(now=later)
    notice = Notice.objects.get()
    assert (notice.read_at, notice.mail_due_at, notice.mail_together) == (
        (later, None, True) if settled else (None, later, True)
    )


def test_the_number_of_queries_does_not_grow_with_the_number_of_events(
    kit: Kit, now: dt.datetime, django_assert_max_num_queries: Any
) -> None:
    ana = company.person("Ana")
    for _ in range(3):
        company.lead(owner=ana, due_at=now + HOUR / 4, now=now)
    sweeps.warn_and_breach(now=now)
    with django_assert_max_num_queries(30) as few:
        notices.drain(now=now)
    for _ in range(12):
        company.lead(owner=ana, due_at=now + HOUR / 4, now=now)
    sweeps.warn_and_breach(now=now)
    with django_assert_max_num_queries(len(few.captured_queries)):
        notices.drain(now=now)
    assert Notice.objects.count() == 30


class TestWhatFails:
    """One row that cannot be told takes no other with it and does not go on for ever."""

    @pytest.fixture
    def poisoned(
        self, kit: Kit, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
    ) -> tuple[int, list[int]]:
        ana = company.person("Ana")
        for _ in range(5):
            company.lead(owner=ana, now=now)
        bad = company.events(EventKind.ASSIGNED)[2].pk
        gather, seen = news.gather, []

        def choking(event_ids: Any) -> list[news.Item]:
            ids = list(event_ids)
            seen.append(len(ids))
            if bad in ids:
                raise ValueError("cannot be told")
            return gather(ids)

        monkeypatch.setattr(news, "gather", choking)
        return bad, seen

    def test_the_others_are_told(self, poisoned: tuple[int, list[int]], now: dt.datetime) -> None:
        assert notices.drain(now=now) == deliveries.Drained(done=4, failed=1)
        assert Notice.objects.count() == 4
        row = outbox.news().get(event=poisoned[0])
        assert row.last_error == "ValueError: cannot be told"
        assert row.due_at > now
        assert row.lease_until is None

    def test_it_is_given_up_after_its_last_attempt_and_stays_visible(
        self, poisoned: tuple[int, list[int]], now: dt.datetime
    ) -> None:
        waits, at = [], now
        for _ in range(deliveries.MOST_ATTEMPTS):
            assert notices.drain(now=at).failed == 1
            due = outbox.news().get(event=poisoned[0]).due_at
            waits.append(due - at)
            at = due
        assert waits == sorted(waits)
        assert waits[0] < waits[-1]
        assert notices.drain(now=at + dt.timedelta(days=9)) == deliveries.Drained()
        assert [row.event_id for row in notices.dead()] == [poisoned[0]]

    def test_what_was_given_up_can_be_taken_up_again(
        self, poisoned: tuple[int, list[int]], now: dt.datetime, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        outbox.news().filter(event=poisoned[0]).update(attempts=deliveries.MOST_ATTEMPTS)
        notices.drain(now=now)
        monkeypatch.undo()
        assert notices.revive(now=now) == 1
        assert notices.drain(now=now) == deliveries.Drained(done=1)
        assert not notices.dead().exists()

    def test_an_attempt_that_never_came_back_is_counted_and_repeated_after_its_lease(
        self, kit: Kit, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        company.lead(owner=company.person("Ana"), now=now)
        monkeypatch.setattr(Deliveries, "_worked", lambda *_, now: True)  # as if killed here
        notices.drain(now=now)
        monkeypatch.undo()
        assert outbox.news().get().attempts == 1
        assert notices.drain(now=now + dt.timedelta(seconds=30)) == deliveries.Drained()
        assert notices.drain(now=now + deliveries.LEASE).done == 1
        assert Notice.objects.count() == 1
