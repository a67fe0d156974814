"""A list that is held reaches reps so many a day, each row once, with clocks that start then."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from core import database, errors
from leads.models import Lead, Touch, TouchStatus
from lifecycle import jobs, parking
from lifecycle.importing import releasing, runs, undoing, working
from lifecycle.importing.pacing import Pace
from lifecycle.invariants import run as invariants
from lifecycle.models import ImportRow, ImportRun
from people.models import Leave
from routing.models import PoolMember
from sla.models import Clock
from tests import factories
from tests.factories import Company
from tests.integration.lifecycle.test_races import together

pytestmark = pytest.mark.django_db

State = ImportRun.State
BERLIN = ZoneInfo("Europe/Berlin")
HEADINGS = "Id,Vorname,Nachname,E-Mail,Firma,Web,Land,Branche,Mitarbeiter,Kanal,Titel,Art"
TARGETS = (
    "external_id", "person.first_name", "person.last_name", "person.email", "company.name",
    "company.domain", "person.country", "company.industry", "company.employees", "channel",
    "person.title", "source.category",
)  # fmt: skip
DOCUMENT: dict[str, Any] = {
    "system": "fair",
    "exact": True,
    "columns": dict(zip(TARGETS, ([one] for one in HEADINGS.split(",")), strict=True)),
}
SHIFTS = tuple((day, "09:00", "17:00") for day in range(5))
LATE = {"clock.breached_in_time", "outbox.delivered", "kit_outbox.delivered", "lead.decay_behind"}


@pytest.fixture(autouse=True)
def no_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs.queue, "enqueue", lambda *_, **__: None)


@pytest.fixture
def company(db: None) -> Company:
    made = factories.company(reps=())
    reps = [
        factories.rep(name, pools=["dach"], shifts=SHIFTS, time_zone="Europe/Berlin")
        for name in ("anna", "ben")
    ]
    return dataclasses.replace(made, reps=tuple(reps))


@pytest.fixture
def monday() -> dt.datetime:
    """09:00 in Berlin, a Monday at least three days from now."""
    today = database.now().astimezone(BERLIN).date()
    day = today + dt.timedelta(days=3)
    day += dt.timedelta(days=-day.weekday() % 7)
    return dt.datetime.combine(day, dt.time(9), BERLIN)


def lines(count: int, first: int = 1) -> list[str]:
    return [
        f"{n},Kim,Alt{n},kim@alt{n}-co.de,Alt{n} Co,alt{n}-co.de,DE,Software,420,FORM,"
        "VP Operations,PAID"
        for n in range(first, first + count)
    ]


def held(company: Company, count: int, *, per_rep: int = 2, start: bool = True) -> ImportRun:
    text = "\n".join([HEADINGS, *lines(count), ""]).encode()
    run = runs.upload([text], name="fair.csv", by=company.marketing)
    pace = Pace(per_rep, "dach")
    runs.check(run.pk, document=DOCUMENT, by=company.marketing, live=True, pace=pace)
    working.work(run.pk)
    if start:
        runs.start(run.pk, by=company.marketing)
        working.work(run.pk)
    run.refresh_from_db()
    assert run.state == (State.DONE if start else State.READY), run.error
    # A table carries no behaviour; these buyers asked for a demo at the stand.
    for touch in Touch.objects.filter(status=TouchStatus.HELD):
        touch.payload["signals"] = [{"kind": "demo_request"}]
        touch.save(update_fields=["payload"])
    return run


def counted() -> tuple[int, int]:
    """How many are held, and how many leads there are."""
    return Touch.objects.filter(status=TouchStatus.HELD).count(), Lead.objects.count()


def require_sound(now: dt.datetime) -> None:
    factories.check_rules()
    results = invariants.check(now=now)
    broken = {one.invariant.key: one.found.offences for one in results if one.found.count}
    assert not broken.keys() - LATE, broken


def test_a_list_is_released_day_by_day_to_who_is_at_work(
    company: Company, monday: dt.datetime
) -> None:
    run = held(company, 9)
    anna, ben = company.reps
    assert run.tallies == {"HELD": 9}
    assert counted() == (9, 0)
    before = monday - dt.timedelta(hours=1)
    jobs.sweep(before)
    require_sound(before)
    standing = releasing.standing(run, now=before)
    assert standing == releasing.Standing(9, 9, monday, 4, planned=True)
    # Ben falls ill at the last moment; the plan is made anew when it is due.
    Leave.objects.create(user=ben, starts_at=before, ends_at=monday + dt.timedelta(hours=12))
    for minute in range(3):
        jobs.sweep(monday + dt.timedelta(minutes=minute))
    assert counted() == (7, 2)
    numbers = ImportRow.objects.filter(touch__status="ADVANCED").values_list("number", flat=True)
    assert sorted(numbers) == [1, 2]
    require_sound(monday + dt.timedelta(minutes=3))
    for day, left in ((1, 3), (2, 0)):
        jobs.sweep(monday + dt.timedelta(days=day))
        assert counted() == (left, 9 - left)
    run.refresh_from_db()
    assert run.releases_at is None
    assert {row.came_to for row in run.rows.select_related("touch")} == set(
        Lead.objects.values_list("pk", flat=True)
    )
    owners = set(Lead.objects.values_list("owner", flat=True))
    assert owners
    assert owners <= {anna.pk, ben.pk}


def test_clocks_start_at_release_and_the_touch_keeps_when_it_was_received(
    company: Company, monday: dt.datetime
) -> None:
    held(company, 1)
    received = Touch.objects.get().received_at
    jobs.sweep(monday)
    lead, touch = Lead.objects.get(), Touch.objects.get()
    assert touch.received_at == received <= monday - dt.timedelta(days=2)
    assert lead.created_at == lead.entered_stage_at == touch.advanced_at == monday
    clocks = list(Clock.objects.all())
    assert clocks
    assert all(clock.started_at == monday and clock.breached_at is None for clock in clocks)
    jobs.sweep(monday + dt.timedelta(minutes=1))
    assert not Clock.objects.filter(breached_at__isnull=False).exists()


def test_who_joins_the_pool_counts_from_the_next_share_on(
    company: Company, monday: dt.datetime
) -> None:
    held(company, 9)
    jobs.sweep(monday)
    assert counted() == (5, 4)
    factories.rep("cem", pools=["dach"], shifts=SHIFTS, time_zone="Europe/Berlin")
    PoolMember.objects.filter(user=company.reps[0]).update(active=False)
    jobs.sweep(monday + dt.timedelta(hours=2))
    assert counted() == (3, 6)
    jobs.sweep(monday + dt.timedelta(hours=4))
    assert counted() == (3, 6)


def test_released_touches_of_a_worker_that_died_are_advanced_by_the_sweep(
    company: Company, monday: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    held(company, 2)
    with monkeypatch.context() as patch:
        patch.setattr(releasing.pipeline, "advance", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            releasing.release_due(now=monday)
    assert counted() == (0, 0)
    later = monday + 2 * parking.LEASE
    jobs.sweep(later)
    assert counted() == (0, 2)
    require_sound(later)


def test_all_can_be_released_at_once(company: Company, monday: dt.datetime) -> None:
    run = held(company, 9, per_rep=1)
    night = monday - dt.timedelta(hours=9)
    assert releasing.release_all(run_id=run.pk, by=company.marketing, now=night) == 9
    jobs.sweep(night)
    assert counted() == (0, 9)
    require_sound(night)
    with pytest.raises(errors.TooLate):
        releasing.release_all(run_id=run.pk, by=company.marketing)


def test_the_rest_can_be_held_back_and_imported_again(
    company: Company, monday: dt.datetime
) -> None:
    run = held(company, 9)
    jobs.sweep(monday)
    with pytest.raises(errors.NotAllowed):
        releasing.hold_back(run_id=run.pk, by=company.reps[0])
    assert releasing.hold_back(run_id=run.pk, by=company.revops, now=monday) == 5
    assert Touch.objects.filter(status=TouchStatus.WITHDRAWN).count() == 5
    require_sound(monday)
    jobs.sweep(monday + dt.timedelta(days=1))
    assert counted() == (0, 4)
    again = held(company, 9)
    assert again.tallies == {"HELD": 5, "REPLAYED": 4}
    with pytest.raises(errors.TooLate):
        releasing.hold_back(run_id=run.pk, by=company.revops)


def test_undoing_the_import_takes_held_rows_back_too(company: Company, monday: dt.datetime) -> None:
    run = held(company, 9)
    jobs.sweep(monday)
    factories.check_rules()
    undone = undoing.undo(run_id=run.pk, by=company.revops, now=monday + dt.timedelta(hours=1))
    assert undone.is_done
    assert counted() == (0, 0)
    assert not Touch.objects.exists()
    jobs.sweep(monday + dt.timedelta(days=1))
    assert counted() == (0, 0)
    require_sound(monday + dt.timedelta(days=1))


def test_a_dry_run_decides_the_rows_as_if_they_came_now(company: Company) -> None:
    run = held(company, 3, start=False)
    assert run.tallies == {"CREATED": 3}
    assert counted() == (0, 0)


def test_a_cancelled_list_is_released_as_far_as_it_came_and_goes_on(
    company: Company, monday: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = held(company, 6, start=False)
    runs.start(run.pk, by=company.marketing)
    record = working.record

    def cancelled(*given: Any) -> str:
        ImportRun.objects.filter(pk=run.pk).update(state=State.CANCELLED)
        return record(*given)

    with monkeypatch.context() as patch:
        patch.setattr(working, "record", cancelled)
        working.work(run.pk)
    assert Touch.objects.count() == ImportRow.objects.filter(run=run).count()
    run.refresh_from_db()
    ImportRun.objects.filter(pk=run.pk).update(state=State.CANCELLED, finished_at=run.beat_at)
    runs.go_on(run.pk, by=company.marketing)
    working.work(run.pk)
    jobs.sweep(monday)
    assert counted() == (2, 4)
    require_sound(monday)


@pytest.mark.parametrize(
    ("pace", "pool", "live", "field", "word"),
    [
        ("20", "dach", False, "pace", "History"),
        ("0", "dach", True, "pace", "1 to"),
        ("-3", "dach", True, "pace", "1 to"),
        ("many", "dach", True, "pace", "1 to"),
        ("", "dach", True, "pace", "1 to"),
        ("99999999999999999999", "dach", True, "pace", "1 to"),
        ("20", "nowhere", True, "pool", "nowhere"),
        ("20", "", True, "pool", "choose"),
    ],
)
def test_a_pace_that_makes_no_sense_is_refused_with_what_to_do(
    company: Company, pace: str, pool: str, live: bool, field: str, word: str
) -> None:
    with pytest.raises(errors.InvalidInput) as refusal:
        releasing.read_pace(pace, pool, live=live)
    [fault] = refusal.value.errors
    assert fault.field == field
    assert word in fault.message


def test_the_command_holds_the_rows(company: Company, tmp_path: Any, monday: dt.datetime) -> None:
    file, own = tmp_path / "fair.csv", tmp_path / "own.yaml"
    file.write_text("\n".join([HEADINGS, *lines(5), ""]))
    columns = "\n".join(f"  {to}: ['{name[0]}']" for to, name in DOCUMENT["columns"].items())
    own.write_text(f"system: fair\ncolumns:\n{columns}\n")
    given = ["import_leads", str(file), "--mapping", str(own), "--pace", "1", "--pool", "dach"]
    with pytest.raises(CommandError, match="History"):
        call_command(*given, stdout=io.StringIO(), stderr=io.StringIO())
    out = io.StringIO()
    call_command(*given, "--live", stdout=out, stderr=io.StringIO())
    assert "5 held" in out.getvalue()
    jobs.sweep(monday)
    assert counted() == (3, 2)


def test_the_page_tells_how_far_it_is_and_offers_both_ways_out(
    company: Company, client: Client, monday: dt.datetime
) -> None:
    run = held(company, 9)
    jobs.sweep(monday - dt.timedelta(days=1))
    client.force_login(company.marketing)
    page = client.get(f"/import/{run.pk}/").content.decode()
    assert "9 of 9 held; next 4 at 08:00 on Mon" in page
    assert "2 a day to each rep, pool dach" in page
    client.post(f"/import/{run.pk}/release/")
    page = client.get(f"/import/{run.pk}/").content.decode()
    assert "9 of 9 held; the worker releases what is due." in page
    client.post(f"/import/{run.pk}/hold-back/")
    page = client.get(f"/import/{run.pk}/").content.decode()
    assert "9 rows held back for good." in page
    assert "None of 9 is held any more." in page


def test_the_mapping_page_asks_for_the_pace_and_keeps_what_was_refused(
    company: Company, client: Client
) -> None:
    text = "\n".join(["Email,Last name", "kim@alt.de,Alt", ""]).encode()
    run = runs.upload([text], name="fair.csv", by=company.marketing)
    client.force_login(company.marketing)
    form = {"c0": "person.email", "c1": "person.last_name", "as": "guess", "zone": "UTC",
            "as_what": "history", "pool": "dach", "pace": "20"}  # fmt: skip
    refused = client.post(f"/import/{run.pk}/check/", form)
    assert "History reaches nobody" in refused.content.decode()
    assert 'value="20"' in refused.content.decode()
    client.post(f"/import/{run.pk}/check/", {**form, "as_what": "live"})
    run.refresh_from_db()
    assert (run.state, run.pace_per_rep, run.pace_pool) == (State.CHECKING, 20, "dach")


@pytest.mark.django_db(transaction=True)
def test_two_workers_release_each_row_once() -> None:
    made = factories.company()
    run = held(made, 12, per_rep=3)
    now = database.now()
    done = together([lambda: releasing.release_due(now=now) for _ in range(4)])
    assert sorted(done) == [0, 0, 0, 6]
    assert counted() == (6, 6)
    together([
        lambda: releasing.release_all(run_id=run.pk, by=made.revops, now=now),
        lambda: undoing.undo(run_id=run.pk, by=made.revops, now=now),
        lambda: releasing.release_due(now=now),
    ])  # fmt: skip
    releasing.release_due(now=now)
    run.refresh_from_db()
    assert (run.state, counted()) == (State.UNDONE, (0, 0))
    connection.close()
