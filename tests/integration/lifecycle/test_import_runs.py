"""A run goes from upload to the last row, whatever happens to its worker; its sums always hold."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from core import errors
from leads.models import Lead, Touch
from lifecycle import pipeline
from lifecycle.importing import files, mapping, runs, working
from lifecycle.importing.reading import Unreadable
from lifecycle.models import ImportChunk, ImportMapping, ImportRow, ImportRun
from tests import factories
from tests.factories import Company

pytestmark = pytest.mark.django_db

State = ImportRun.State
HEADINGS = "Id,Vorname,Nachname,E-Mail,Firma"
DOCUMENT = {
    "system": "fair",
    "exact": True,
    "columns": {
        "external_id": ["Id"],
        "person.first_name": ["Vorname"],
        "person.last_name": ["Nachname"],
        "person.email": ["E-Mail"],
        "company.name": ["Firma"],
    },
}


def small_batches(size: int) -> Callable[..., working.run.Options]:
    """The options of an import, with batches of so many rows."""
    return partial(working.run.Options, batch_size=size)


@pytest.fixture
def company(db: None) -> Company:
    return factories.company()


@pytest.fixture(autouse=True)
def jobs(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """What the queue was asked to work on; the tests do it when they see fit."""
    asked: list[int] = []
    monkeypatch.setattr(runs.queue, "enqueue", lambda _, pk, **__: asked.append(pk))
    return asked


def text(*rows: str) -> list[bytes]:
    return ["\n".join([HEADINGS, *rows, ""]).encode()]


def people(count: int, *, every: int = 5) -> list[str]:
    """Buyers of whom every fifth is the one before last again, under another id."""
    return [
        f"{n},Kim,N{(who := n - 2 if n % every == 4 else n)},n{who}@c{who}.test,Co {who}"
        for n in range(count)
    ]


def uploaded(company: Company, *rows: str, document: dict[str, Any] | None = None) -> ImportRun:
    run = runs.upload(text(*rows), name="fair.csv", by=company.marketing)
    return runs.check(run.pk, document=document or DOCUMENT, by=company.marketing)


def verdicts(run: ImportRun) -> list[str]:
    return list(run.rows.order_by("number").values_list("verdict", flat=True))


def sums(run: ImportRun) -> None:
    run.refresh_from_db()
    assert Counter(verdicts(run)) == Counter(run.tallies)
    assert run.done == sum(run.tallies.values())


def imported(company: Company, *rows: str) -> ImportRun:
    run = uploaded(company, *rows)
    working.work(run.pk)
    runs.start(run.pk, by=company.marketing)
    working.work(run.pk)
    run.refresh_from_db()
    return run


def test_a_run_is_checked_and_then_imported_as_it_was_checked(company: Company) -> None:
    rows = [*people(12), "x,No,Key,,Co", "y,Bad,Mail,not an address,Co"]
    run = uploaded(company, *rows)
    working.work(run.pk)
    run.refresh_from_db()
    assert (run.state, run.total, run.done, Lead.objects.count()) == (State.READY, 14, 14, 0)
    checked = verdicts(run)
    sums(run)
    assert not run.rows.exclude(lead=None, touch=None).exists()
    runs.start(run.pk, by=company.marketing)
    working.work(run.pk)
    sums(run)
    assert run.state == State.DONE
    assert verdicts(run) == checked
    assert set(run.rows.exclude(touch=None).values_list("touch__lead", "lead").distinct()) == set(
        run.rows.exclude(touch=None).values_list("lead", "lead").distinct()
    )


@pytest.mark.parametrize("size", [1, 3, 7])
def test_a_rehearsal_in_small_batches_says_what_one_in_a_large_batch_says(
    company: Company, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [
        *people(14),
        "0,Kim,N0,n0@c0.test,Co 0",
        "50,Kim,N1,N.1+x@c1.test,Co 1",
        "50,Kim,N1,other@c1.test,Co 1",
        "51,Ana,N3,,Co 3",
        "60,Jan,Smith,jan@c9.test,Co 9",
        "61,Jane,Smith,,Co 9 GmbH",
        "62,J.,Smyth,,Co 9",
        "60,Jan,Smith,,",
        "63,Smith,Jan,,CO 9",
    ]
    run = uploaded(company, *rows)
    working.work(run.pk)
    large = verdicts(run)
    again = runs.remap(run.pk, by=company.marketing)
    again = runs.check(again.pk, document=DOCUMENT, by=company.marketing)
    monkeypatch.setattr(working, "Options", small_batches(size))
    working.work(again.pk)
    assert verdicts(again) == large
    assert len(set(large)) > 1


def test_a_lost_worker_is_replaced_and_its_rows_are_told_as_its_own(
    company: Company, jobs: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = uploaded(company, *people(9))
    working.work(run.pk)
    expected = verdicts(run)
    runs.start(run.pk, by=company.marketing)
    monkeypatch.setattr(working, "Options", small_batches(3))
    record, calls = working.record, []

    def killed_in_the_second(*args: Any) -> str:
        calls.append(args)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return record(*args)

    monkeypatch.setattr(working, "record", killed_in_the_second)
    with pytest.raises(KeyboardInterrupt):
        working.work(run.pk)
    run.refresh_from_db()
    assert (run.done, Touch.objects.count()) == (3, 6)
    jobs.clear()
    now = run.beat_at + working.SILENCE + dt.timedelta(seconds=1)  # type: ignore[operator]
    assert working.take_up_left_behind(now=now) == 1
    assert jobs == [run.pk]
    working.work(run.pk)
    sums(run)
    assert (run.state, verdicts(run)) == (State.DONE, expected)


def test_who_lost_hold_writes_nothing_more(company: Company) -> None:
    run = uploaded(company, *people(4))
    old = working.take_up(run.pk)
    assert old is not None
    ImportRun.objects.filter(pk=run.pk).update(beat_at=None)
    assert working.take_up(run.pk) is not None
    with pytest.raises(working.TakenOver):
        working.record(old, [])
    assert working.take_up(run.pk) is None


def test_a_worker_that_falls_again_and_again_ends_the_run_with_a_word(company: Company) -> None:
    run = uploaded(company, *people(4))
    for _ in range(working.MOST_FALLS):
        assert working.take_up(run.pk) is not None
        at = ImportRun.objects.get(pk=run.pk).beat_at
        assert at is not None
        assert working.take_up_left_behind(now=at + dt.timedelta(hours=1)) == 1
    assert working.take_up(run.pk) is not None
    assert working.take_up_left_behind(now=at + dt.timedelta(hours=2)) == 0
    run.refresh_from_db()
    assert (run.state, "ended 3 times" in run.error) == (State.FAILED, True)


def test_a_cancelled_import_keeps_what_is_in_says_it_and_goes_on(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = uploaded(company, *people(9))
    working.work(run.pk)
    expected = verdicts(run)
    runs.start(run.pk, by=company.marketing)
    monkeypatch.setattr(working, "Options", small_batches(3))
    advance = pipeline.advance

    def cancelled_meanwhile(ids: list[int], **more: Any) -> Any:
        ImportRun.objects.filter(pk=run.pk, state=State.RUNNING).update(state=State.CANCELLED)
        return advance(ids, **more)

    monkeypatch.setattr(pipeline, "advance", cancelled_meanwhile)
    working.work(run.pk)
    sums(run)
    assert (run.state, run.done, Touch.objects.count()) == (State.CANCELLED, 3, 3)
    monkeypatch.setattr(pipeline, "advance", advance)
    runs.go_on(run.pk, by=company.manager)
    working.work(run.pk)
    sums(run)
    assert (run.state, verdicts(run)) == (State.DONE, expected)


def test_a_cancelled_check_leads_back_to_the_mapping(company: Company) -> None:
    run = uploaded(company, *people(4))
    hold = working.take_up(run.pk)
    runs.cancel(run.pk, by=company.marketing)
    run.refresh_from_db()
    assert run.state == State.UPLOADED
    assert hold is not None
    with pytest.raises(working.TakenOver):
        working.record(hold, [])


def test_a_long_import_is_handed_from_job_to_job(
    company: Company, jobs: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "JOB_SECONDS", -1.0)
    monkeypatch.setattr(working, "Options", small_batches(3))
    run = uploaded(company, *people(7))
    for expected in (3, 6, 7):
        working.work(run.pk)
        run.refresh_from_db()
        assert run.done == expected
    working.work(run.pk)
    sums(run)
    assert run.state == State.READY
    assert len(jobs) >= 3


def test_the_same_headings_in_another_order_are_mapped_already(company: Company) -> None:
    uploaded(company, *people(2))
    headings = [*reversed(HEADINGS.split(",")), "LeadGov verdict"]
    known = runs.remembered(headings)
    assert known is not None
    assert mapping.read(known.document, name="x").system == "fair"
    assert runs.remembered([*headings, "Shoe size"]) is None
    assert runs.remembered([one.lower() for one in headings]) is None
    assert ImportMapping.objects.count() == 1


def test_rows_hold_no_values_of_the_file(company: Company) -> None:
    document = {**DOCUMENT, "columns": {**DOCUMENT["columns"], "occurred_at": ["Firma"]}}  # type: ignore[dict-item]
    run = uploaded(company, "1,Kim,Canary,n@c.test,Canary Ltd", document=document)
    working.work(run.pk)
    runs.start(run.pk, by=company.marketing)
    working.work(run.pk)
    row = ImportRow.objects.get(run=run)
    assert (row.verdict, row.codes) == ("REJECTED", ["instant"])
    assert "Canary" not in f"{row.faults} {row.remarks}"


def test_files_are_forgotten_after_their_time_but_not_while_in_work(company: Company) -> None:
    run = uploaded(company, *people(3))
    late = run.uploaded_at + dt.timedelta(days=365)
    assert files.forget(now=late) == 0
    working.work(run.pk)
    assert files.forget(now=late) == 1
    run.refresh_from_db()
    assert (run.state, ImportChunk.objects.count()) == (State.CANCELLED, 0)
    with pytest.raises(errors.TooLate, match="not kept any more"):
        runs.go_on(run.pk, by=company.marketing)


def test_uploads_are_refused_with_a_word(company: Company, settings: Any) -> None:
    with pytest.raises(errors.NotAllowed):
        runs.upload(text(*people(1)), name="a.csv", by=company.reps[0])
    with pytest.raises(Unreadable, match="empty"):
        runs.upload([b""], name="a.csv", by=company.marketing)
    settings.IMPORT_MAX_BYTES = 10
    with pytest.raises(files.TooLarge, match="Split it"):
        runs.upload(iter([b"x" * 8] * 1000), name="a.csv", by=company.marketing)
    assert ImportRun.objects.count() == ImportChunk.objects.count() == 0


@pytest.mark.parametrize(
    ("verb", "state"),
    [("start", "UPLOADED"), ("start", "DONE"), ("go_on", "DONE"), ("cancel", "DONE"),
     ("remap", "RUNNING"), ("cancel", "FAILED"), ("go_on", "RUNNING")],
)  # fmt: skip
def test_what_a_run_is_past_comes_too_late(company: Company, verb: str, state: str) -> None:
    run = uploaded(company, *people(1))
    ImportRun.objects.filter(pk=run.pk).update(state=state, total=0)
    with pytest.raises(errors.TooLate):
        getattr(runs, verb)(run.pk, by=company.marketing)


def test_a_command_is_seen_as_a_run_too(company: Company, tmp_path: Any) -> None:
    path = tmp_path / "leads.csv"
    path.write_text("mql_id,origin\na,social\nb,direct_traffic\nb,direct_traffic\n")
    call_command("import_leads", str(path), "--mapping", "olist", verbosity=0)
    run = ImportRun.objects.get()
    sums(run)
    assert (run.door, run.state, run.by, run.done) == ("COMMAND", "DONE", None, 3)
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(length(content)) FROM lifecycle_importchunk")
        assert cursor.fetchone()[0] == path.stat().st_size
