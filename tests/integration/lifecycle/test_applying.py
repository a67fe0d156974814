"""A recorded act on many rows: in chunks, each once, past what is at fault, until it is done."""

from __future__ import annotations

from typing import Any

import pytest

from core import database
from leads.models import EventKind, Lead, LeadEvent
from lifecycle import applying, jobs, recalculating
from lifecycle.models import KitApplication
from sla import successors
from sla.models import Clock, ClockState
from tests import factories, kit_edits
from tests.factories import HOUR, MINUTE, NOW, Company
from tests.kit_edits import minutes

pytestmark = pytest.mark.django_db


def apply(by: Any) -> KitApplication:
    return recalculating.apply(None, by=by, now=NOW + MINUTE, reason="Faster", seen=None)


def running(lead: Lead) -> Clock:
    return Clock.objects.get(lead=lead, obligation="accept", state=ClockState.RUNNING)


@pytest.fixture
def company() -> Company:
    return factories.company()


def test_many_are_left_to_the_worker_who_goes_on_where_it_stopped(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    leads = factories.captures([factories.touch() for _ in "abcde"])
    kit = kit_edits.publish(minutes("accept", 60), by=company.revops, now=NOW + MINUTE)
    queued: list[tuple[Any, ...]] = []
    monkeypatch.setattr(applying, "AT_ONCE", 2)
    monkeypatch.setattr(applying, "CHUNK", 2)
    monkeypatch.setattr(applying.queue, "enqueue", lambda *job: queued.append(job))
    given = apply(company.revops)
    assert (given.state, queued) == ("WAITING", [("lifecycle.recalculating.resume", given.pk)])

    replace, calls = successors.replace, iter(range(100))

    def killed(*args: Any, **more: Any) -> Clock:
        if next(calls) == 3:
            raise SystemExit("the process is killed in its second chunk")
        return replace(*args, **more)

    monkeypatch.setattr(successors, "replace", killed)
    with pytest.raises(SystemExit):
        recalculating.resume(given.pk, now=NOW + MINUTE)
    given.refresh_from_db()
    assert (given.state, given.done, given.changed) == ("RUNNING", 2, 2)
    monkeypatch.setattr(successors, "replace", replace)
    stalled = applying.take_up_stalled(now=given.beat_at + applying.STALLED_AFTER + MINUTE)
    assert (stalled, len(queued)) == (1, 2)
    recalculating.resume(given.pk, now=NOW + MINUTE)
    recalculating.resume(given.pk, now=NOW + MINUTE)
    given.refresh_from_db()
    assert (given.state, given.done, given.changed) == ("DONE", 5, 5)
    assert {running(lead).kit_id for lead in leads} == {kit.id}
    assert LeadEvent.objects.filter(kind=EventKind.RECALCULATED).count() == 5


def test_one_lead_at_fault_keeps_no_other_from_its_new_deadline(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, bad, other = factories.captures([factories.touch() for _ in "abc"])
    kit = kit_edits.publish(minutes("accept", 60), by=company.revops, now=NOW + MINUTE)
    replace, poisoned = successors.replace, running(bad).pk

    def sometimes(clock: Clock, *args: Any, **more: Any) -> Clock:
        if clock.pk == poisoned:
            raise ValueError("broken row")
        return replace(clock, *args, **more)

    monkeypatch.setattr(successors, "replace", sometimes)
    done = apply(company.revops)
    assert (done.state, done.changed, done.passed_over) == ("DONE", 2, {"failed": 1})
    assert done.failures == [
        {"verb": "recalculate", "id": poisoned, "why": "ValueError: broken row"}
    ]
    kits = [running(lead).kit_id for lead in (good, bad, other)]
    assert kits == [kit.id, company.kit.id, kit.id]


def test_a_kit_that_comes_into_force_meanwhile_ends_the_run(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.captures([factories.touch() for _ in "ab"])
    kit_edits.publish(minutes("accept", 60), by=company.revops, now=NOW + MINUTE)
    monkeypatch.setattr(applying, "AT_ONCE", 0)
    given = apply(company.revops)
    kit_edits.publish(minutes("accept", 90), by=company.revops, now=NOW + 2 * MINUTE)
    recalculating.resume(given.pk, now=NOW + MINUTE)
    given.refresh_from_db()
    assert given.state == "FAILED"
    assert "Kit v3 came into force meanwhile" in given.error
    assert not LeadEvent.objects.filter(kind=EventKind.RECALCULATED).exists()


def test_the_sweep_takes_up_what_lost_its_worker_and_nothing_else(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.captures([factories.touch() for _ in "ab"])
    kit_edits.publish(minutes("accept", 60), by=company.revops, now=NOW + MINUTE)
    queued: list[tuple[Any, ...]] = []
    monkeypatch.setattr(applying.queue, "enqueue", lambda *job: queued.append(job))
    done = apply(company.revops)
    monkeypatch.setattr(applying, "AT_ONCE", 0)
    fresh = KitApplication.objects.create(
        act="REQUALIFY", kit_id=company.kit.id, by=company.revops, reason="r",
        requested_at=NOW, total=1, selection=[["qualify", 1]],
    )  # fmt: skip
    assert done.state == "DONE"
    assert jobs.run(jobs.DECIDING, now=NOW + MINUTE).counts["applications"] == 0
    later = NOW + applying.STALLED_AFTER + MINUTE
    assert jobs.run(jobs.DECIDING, now=later).counts["applications"] == 1
    assert jobs.run(jobs.DECIDING, now=later + MINUTE).counts["applications"] == 0
    assert queued == [("lifecycle.requalifying.resume", fresh.pk)]


def test_what_ends_its_worker_again_and_again_fails_with_a_word(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    queued: list[tuple[Any, ...]] = []
    monkeypatch.setattr(applying.queue, "enqueue", lambda *job: queued.append(job))
    one = KitApplication.objects.create(
        act="REQUALIFY", kit_id=company.kit.id, by=company.revops, reason="r",
        requested_at=NOW, total=1, selection=[["qualify", 1]],
    )  # fmt: skip

    def ends_its_process(*_: Any) -> bool:
        raise SystemExit

    monkeypatch.setattr(applying, "_chunk", ends_its_process)
    at = NOW
    for _ in range(9):
        at += applying.STALLED_AFTER + MINUTE
        if applying.take_up_stalled(now=at):
            with pytest.raises(SystemExit):
                applying.run(one.pk, work=lambda *_: applying.Worked(), now=at)
    assert len(queued) == applying.MOST_FALLS
    one.refresh_from_db()
    assert one.state == "FAILED"
    assert "Its worker ended 3 times" in one.error


def test_what_waits_while_the_queue_is_away_is_not_given_up(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(applying.queue, "enqueue", lambda *job: None)
    KitApplication.objects.create(
        act="REQUALIFY", kit_id=company.kit.id, by=company.revops, reason="r",
        requested_at=NOW, total=1, selection=[["qualify", 1]],
    )  # fmt: skip
    for hour in range(1, 9):
        assert applying.take_up_stalled(now=NOW + hour * HOUR) == 1


def test_every_act_names_a_job_that_the_queue_can_call(company: Company) -> None:
    assert set(applying.JOBS) == set(KitApplication.Act)
    for name in applying.JOBS.values():
        applying.queue.enqueue(name, 0)


def test_an_application_of_nothing_is_done(company: Company) -> None:
    made = applying.submit(
        KitApplication.Act.RECALCULATE, [], kit=company.kit, by=company.revops, reason="r",
        work=lambda *_: applying.Worked(), now=database.now(),
    )  # fmt: skip
    assert (made.state, made.done) == ("DONE", 0)
