"""Runs are asked for, taken up, watched, taken over, and end with a report or a word."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils.module_loading import import_string
from django_q.models import OrmQ

from core.errors import InvalidInput, NotAllowed, TooLate
from governance import selectors, services
from governance.kit import KitInvalid
from governance.models import KitVersion, Simulation
from leads.models import Lead
from lifecycle import jobs
from lifecycle.models import SimulatedLead
from lifecycle.simulation import replay, runs
from tests import factories, kit_versions
from tests.factories import DAY, HOUR, MINUTE, NOW, Company, captures, touch
from tests.kit_findings import part
from tests.simulating import draft, edit

pytestmark = pytest.mark.django_db

LATER = NOW + DAY
State = Simulation.State


def narrower(document: dict[str, Any]) -> None:
    part(document, "criterion", "icp")["condition"]["all"][0]["value"] = [100, 5000]


@pytest.fixture
def company() -> Company:
    """Two leads, of which a narrower profile loses one."""
    company = factories.company()
    captures([touch(), touch(company={"employees": "60"})])
    return company


@pytest.fixture
def version(company: Company) -> KitVersion:
    return draft(narrower, by=company.revops, now=NOW + HOUR)


def ask(company: Company, version: KitVersion, **more: Any) -> Simulation:
    return runs.request(version, by=company.revops, now=LATER, **more)


def drain() -> int:
    """Run what is queued, as a worker would; returns how many tasks there were."""
    count = 0
    while row := OrmQ.objects.order_by("pk").first():
        task = row.task
        row.delete()
        import_string(task["func"])(*task["args"])
        count += 1
    return count


def test_a_run_is_queued_done_by_the_worker_and_speaks_for_the_draft(
    company: Company, version: KitVersion
) -> None:
    asked = ask(company, version)
    assert (asked.state, asked.days, asked.until) == (State.WAITING, 30, LATER)
    assert runs.latest(version) is None
    assert drain() == 1
    done = runs.latest(version)
    assert done is not None
    assert (done.pk, done.state, done.done, done.total) == (asked.pk, State.DONE, 2, 2)
    assert done.summary["mqls"] == {"before": 2, "after": 1, "gained": 0, "lost": 1, "moved": 0}
    (row,) = SimulatedLead.objects.filter(simulation=done)
    assert row.differs[0] == "MQL_LOST"
    assert done.requested_by == company.revops


def test_the_report_is_pinned_to_text_and_base(company: Company, version: KitVersion) -> None:
    done = runs.run(ask(company, version).pk, now=LATER)
    assert runs.latest(version) == done
    edit(version, "reason", "timing", label="Later, perhaps")
    assert runs.latest(version) is None
    edit(version, "reason", "timing", label="Not now")
    assert runs.latest(version) == done
    factories.next_kit(
        lambda parts: parts["reason"][0].update(label="Another"), by=company.revops, now=LATER
    )
    assert runs.latest(version) is None


def test_review_begins_with_the_report_and_not_before(
    company: Company, version: KitVersion
) -> None:
    with pytest.raises(services.requirements.NotSimulated):
        services.submit(version, by=company.revops, now=LATER, note=kit_versions.NOTE)
    runs.run(ask(company, version).pk, now=LATER)
    submitted = services.submit(version, by=company.revops, now=LATER, note=kit_versions.NOTE)
    assert submitted.status == "IN_REVIEW"


def test_the_same_question_gives_the_run_that_is_under_way(
    company: Company, version: KitVersion
) -> None:
    first = ask(company, version)
    assert ask(company, version) == first
    other = ask(company, version, days=7)
    first.refresh_from_db()
    assert (first.state, first.error) == (State.FAILED, "Replaced by a later run.")
    assert other.state == State.WAITING
    drain()
    assert list(Simulation.objects.filter(state=State.DONE)) == [other]


def test_a_run_of_a_text_that_was_edited_meanwhile_fails_with_a_word(
    company: Company, version: KitVersion
) -> None:
    asked = ask(company, version)
    edit(version, "reason", "timing", label="Later, perhaps")
    ended = runs.run(asked.pk, now=LATER)
    assert ended.state == State.FAILED
    assert "edited" in ended.error
    assert not SimulatedLead.objects.exists()


def test_a_run_against_a_base_that_was_replaced_fails_with_a_word(
    company: Company, version: KitVersion
) -> None:
    asked = ask(company, version)
    factories.next_kit(
        lambda parts: parts["reason"][0].update(label="Another"), by=company.revops, now=LATER
    )
    ended = runs.run(asked.pk, now=LATER)
    assert ended.state == State.FAILED
    assert "became active" in ended.error


@pytest.mark.parametrize("role", ["SDR", "AE"])
def test_who_works_on_no_kits_asks_for_no_run(
    company: Company, version: KitVersion, role: str
) -> None:
    somebody = factories.user("sam", role=role)
    with pytest.raises(NotAllowed):
        runs.request(version, by=somebody, now=LATER)
    with pytest.raises(NotAllowed):
        runs.cancel(ask(company, version), by=somebody, now=LATER)


@pytest.mark.parametrize("days", [0, -1, 366])
def test_a_window_must_make_sense(company: Company, version: KitVersion, days: int) -> None:
    with pytest.raises(InvalidInput) as refusal:
        ask(company, version, days=days)
    assert [fault.field for fault in refusal.value.errors] == ["days"]


def test_only_versions_that_may_come_into_force_are_simulated(company: Company) -> None:
    active = selectors.active_version()
    assert active is not None
    with pytest.raises(TooLate, match="active"):
        ask(company, active)


def test_a_draft_that_cannot_be_executed_is_refused_with_its_faults(
    company: Company, version: KitVersion
) -> None:
    edit(version, "routing_rule", "dach", pool="nowhere")
    with pytest.raises(KitInvalid) as refusal:
        ask(company, version)
    assert any(fault.field.startswith("routing_rule.dach") for fault in refusal.value.errors)


def test_signs_of_life_are_written_down(
    company: Company, version: KitVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay, "CHUNK", 1)
    seen: list[tuple[int, int]] = []
    asked = ask(company, version)

    def look(_done: int, _total: int) -> None:
        row = Simulation.objects.get(pk=asked.pk)
        assert (row.state, row.beat_at, row.attempts) == (State.RUNNING, LATER, 1)
        seen.append((row.done, row.total))

    runs.run(asked.pk, now=LATER, progress=look)
    assert seen[:2] == [(1, 2), (2, 2)]


def test_a_run_that_lost_its_worker_is_taken_up_again(
    company: Company, version: KitVersion
) -> None:
    asked = ask(company, version)
    OrmQ.objects.all().delete()
    died_at = LATER + MINUTE
    Simulation.objects.filter(pk=asked.pk).update(
        state=State.RUNNING, attempts=1, beat_at=died_at, done=1, total=2
    )
    for lead in Lead.objects.all():
        SimulatedLead.objects.create(simulation=asked, lead=lead, differs=["BAND"])
    assert jobs.sweep(died_at + runs.SILENCE)["simulations"] == 0
    assert jobs.sweep(died_at + runs.SILENCE + MINUTE)["simulations"] == 1
    assert jobs.sweep(died_at + runs.SILENCE + MINUTE)["simulations"] == 0
    drain()
    done = Simulation.objects.get(pk=asked.pk)
    assert (done.state, done.attempts, done.done) == (State.DONE, 2, 2)
    assert SimulatedLead.objects.count() == 1


def test_a_run_that_ends_its_worker_too_often_fails_with_a_word(
    company: Company, version: KitVersion
) -> None:
    asked = ask(company, version)
    Simulation.objects.filter(pk=asked.pk).update(
        state=State.RUNNING, attempts=runs.MOST_ATTEMPTS, beat_at=LATER
    )
    assert runs.take_up_left_behind(now=LATER + HOUR) == 0
    asked.refresh_from_db()
    assert asked.state == State.FAILED
    assert "ended 3 times" in asked.error


def test_a_run_that_no_worker_takes_up_is_queued_again_and_given_up_at_last(
    company: Company, version: KitVersion
) -> None:
    asked = ask(company, version)
    OrmQ.objects.all().delete()
    assert runs.take_up_left_behind(now=LATER + MINUTE) == 0
    assert runs.take_up_left_behind(now=LATER + 3 * MINUTE) == 1
    assert runs.take_up_left_behind(now=LATER + 4 * MINUTE) == 0
    assert OrmQ.objects.count() == 1
    assert runs.take_up_left_behind(now=LATER + 2 * HOUR) == 0
    asked.refresh_from_db()
    assert asked.state == State.FAILED
    assert "No worker" in asked.error


def test_a_second_worker_leaves_a_living_run_alone(company: Company, version: KitVersion) -> None:
    asked = ask(company, version)
    Simulation.objects.filter(pk=asked.pk).update(state=State.RUNNING, attempts=1, beat_at=LATER)
    assert runs.run(asked.pk, now=LATER + MINUTE).attempts == 1
    assert runs.run(asked.pk, now=LATER + HOUR).state == State.DONE


def test_whoever_was_taken_over_or_cancelled_writes_nothing_more(
    company: Company, version: KitVersion
) -> None:
    asked = ask(company, version)

    def meanwhile(_done: int, _total: int) -> None:
        runs.cancel(asked, by=company.manager, now=LATER)

    ended = runs.run(asked.pk, now=LATER, progress=meanwhile)
    assert (ended.state, ended.error) == (State.FAILED, f"Cancelled by {company.manager}.")
    assert ended.summary == {}
    assert not SimulatedLead.objects.exists()
    with pytest.raises(TooLate):
        runs.cancel(asked, by=company.manager, now=LATER)


def test_a_fault_of_the_program_is_told_and_ends_the_run(
    company: Company, version: KitVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise ValueError("a bad day")

    monkeypatch.setattr(replay, "replay", fail)
    ended = runs.run(ask(company, version).pk, now=LATER)
    assert (ended.state, ended.error) == (State.FAILED, "ValueError: a bad day")


def test_a_later_report_takes_the_place_of_the_earlier_ones_leads(
    company: Company, version: KitVersion
) -> None:
    first = runs.run(ask(company, version).pk, now=LATER)
    second = runs.run(ask(company, version, days=14).pk, now=LATER + MINUTE)
    assert runs.latest(version) == second
    assert not SimulatedLead.objects.filter(simulation=first).exists()
    first.refresh_from_db()
    assert first.summary["mqls"]["lost"] == 1


# The command line.


def command(*words: str) -> None:
    call_command("kit", "simulate", *words)


def test_a_stored_draft_keeps_its_report(
    company: Company, version: KitVersion, capsys: pytest.CaptureFixture[str]
) -> None:
    command(str(version.number), "--days", "365")
    told = capsys.readouterr().out
    assert runs.latest(version) is not None
    assert "2 MQLs before, 1 after: 0 gained, 1 lost." in told
    assert "agrees with what was really decided for 2 of 2 leads (100.0 %)" in told


def test_a_file_is_only_told(
    company: Company, version: KitVersion, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "next.yaml"
    call_command("kit", "export", str(version.number), "--output", str(path))
    command(str(path), "--days", "365", "--json")
    told = capsys.readouterr().out
    assert '"lost": 1' in told
    assert not Simulation.objects.exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["99"], "no kit version"),
        (["1"], "active"),
        (["./missing.yaml"], "cannot be read"),
        (["2", "--days", "0"], "1 to 365"),
    ],
)
def test_what_cannot_be_simulated_is_refused(
    company: Company, version: KitVersion, words: list[str], said: str
) -> None:
    assert version.number == 2
    with pytest.raises(CommandError, match=said):
        command(*words)


def test_instants_are_told_by_the_database(company: Company, version: KitVersion) -> None:
    done = runs.run(ask(company, version).pk)
    assert done.finished_at is not None
    assert done.started_at is not None
    assert dt.timedelta(0) <= done.finished_at - done.started_at < dt.timedelta(minutes=5)
