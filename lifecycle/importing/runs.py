"""What people ask of an import: upload, check, import for good, cancel, go on.

    upload ─▶ UPLOADED ─▶ check ─▶ CHECKING ─▶ READY ─▶ start ─▶ RUNNING ─▶ DONE
                 ▲                    │          │                 │
                 └────── cancel ◀─────┴── remap ─┘              CANCELLED, FAILED ─▶ go on

The work itself is the worker's, see `working`.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from core import database, errors, queue
from core.errors import FieldError
from leads.models import Channel
from lifecycle import permissions, retelling
from lifecycle.importing import files, mapping, reading, tables, translating
from lifecycle.importing.mapping import Meanings
from lifecycle.importing.pacing import Pace
from lifecycle.importing.tables import Peek, Table
from lifecycle.importing.translating import Plan
from lifecycle.models import ImportMapping, ImportRow, ImportRun
from people.models import User

State = ImportRun.State
IN_WORK = (State.CHECKING, State.RUNNING)
OPEN = (State.UPLOADED, State.CHECKING, State.READY, State.RUNNING)
JOBS = {
    ImportRun.Subject.LEADS.value: "lifecycle.importing.working.work",
    ImportRun.Subject.ACCOUNTS.value: "lifecycle.account_importing.working.work",
}
UNDO = "lifecycle.importing.undoing.work"
JOB_SECONDS = 480.0
"""How long one job works before it hands on to the next."""
JOB_LIMIT = dt.timedelta(minutes=20)
OURS = reading.OURS


def upload(
    content: Iterable[bytes],
    *,
    name: str,
    by: User,
    door: str = ImportRun.Door.PAGE,
    subject: str = ImportRun.Subject.LEADS,
    now: dt.datetime | None = None,
) -> ImportRun:
    """Keep a file to be imported. Raises TooLarge, Unreadable, NotAllowed, InvalidInput."""
    _require_one_of("subject", subject, ImportRun.Subject.values)
    permissions.require_importer(by, of_accounts=subject == ImportRun.Subject.ACCOUNTS)
    at = now or database.now()
    with files.landed(content, name=name) as file:
        seen = tables.peek(file.path)
        with transaction.atomic():
            run = ImportRun.objects.create(
                door=door,
                subject=subject,
                by=by,
                name=file.path.name,
                size=file.size,
                digest=file.digest,
                kind=kind_of(seen),
                sheet=seen.sheet,
                uploaded_at=at,
                asked_at=at,
                file_until=at + dt.timedelta(days=settings.IMPORT_FILE_DAYS),
            )
            files.store(run, file.path)
    return run


@transaction.atomic
def begin_here(
    path: Path, table: Table, plan: Plan, *, live: bool, dry_run: bool, sheet: str, encoding: str,
    pace: Pace | None = None,
) -> ImportRun:  # fmt: skip
    """The record of an import that a command works on itself, at once.

    A file small enough for an upload is kept, too, for the result file.
    """
    require_stand_in(plan.meanings)
    at, size = database.now(), path.stat().st_size
    kept = size <= settings.IMPORT_MAX_BYTES
    kinds = ImportRun.Kind
    run = ImportRun.objects.create(
        door=ImportRun.Door.COMMAND,
        name=files.plain_name(path.name),
        size=size,
        digest=table.digest,
        kind=kinds.WORKBOOK if table.native_dates else kinds.TEXT,
        file_until=at + dt.timedelta(days=settings.IMPORT_FILE_DAYS) if kept else None,
        sheet=sheet,
        encoding=encoding,
        mapping=mapping.document_of(plan.meanings),
        channel=plan.channel,
        live=live,
        pace_pool=pace.pool if pace else "",
        pace_per_rep=pace.per_rep if pace else None,
        dry_run=dry_run,
        state=State.CHECKING if dry_run else State.RUNNING,
        uploaded_at=at,
        asked_at=at,
    )
    if kept:
        files.store(run, path)
    return run


def require_stand_in(meanings: Meanings) -> None:
    """Raises InvalidInput where who is to own what nobody owns is no active user."""
    name = meanings.constants.get(mapping.OF_ALL, "")
    found = retelling.named([name]).get(name.casefold())
    if name and (found is None or not found.active):
        message = f"“{name[:80]}” is no active user; give an e-mail address or user name."
        raise errors.InvalidInput(message, errors=[FieldError(mapping.OF_ALL, message)])


def kind_of(seen: Peek) -> str:
    """What is kept of a file's form."""
    kinds = ImportRun.Kind
    return kinds.WORKBOOK if seen.is_workbook else kinds.TEXT


def peek(run: ImportRun, *, sheet: str = "", encoding: str = "") -> Peek:
    """The beginning of the file. Raises Unreadable, or NotFound when it is not kept any more."""
    with files.fetched(run) as path:
        return tables.peek(path, sheet=sheet or run.sheet, encoding=encoding or run.encoding)


def signature(headings: Iterable[str], *, of_accounts: bool = False) -> str:
    """What tables with the same headings have in common, in whatever order they stand.

    Headings that are written otherwise are others: their table is guessed anew.
    """
    own = sorted({one.strip() for one in headings if not one.startswith(OURS)})
    about = ["accounts:"] if of_accounts else []
    return hashlib.sha256("\n".join([*about, *own]).encode()).hexdigest()


def remembered(headings: Iterable[str], *, of_accounts: bool = False) -> ImportMapping | None:
    """How a table with these headings was mapped last."""
    wanted = signature(headings, of_accounts=of_accounts)
    return ImportMapping.objects.filter(signature=wanted).first()


def check(
    run_id: int,
    *,
    document: Mapping[str, Any],
    by: User,
    channel: str = "",
    live: bool = False,
    sheet: str = "",
    encoding: str = "",
    pace: Pace | None = None,
    now: dt.datetime | None = None,
) -> ImportRun:
    """Ask the worker for a dry run by this mapping, and remember the mapping for these headings.

    `pace` holds the rows of a live import back, to be released by and by.

    Raises BadMapping or InvalidInput for what cannot be used, TooLate in the wrong state.
    """
    _require_one_of("channel", channel, Channel.values)
    run = one(run_id, by)
    require_encoding(encoding)
    with files.fetched(run) as path:
        seen = tables.peek(path, sheet=sheet or run.sheet, encoding=encoding)
    meanings = mapping.read(document, name="that was sent")
    translating.require_identity(meanings, seen.headings, name=run.name)
    require_stand_in(meanings)
    pool, per_rep = (pace.pool, pace.per_rep) if pace else ("", None)
    columns = {"channel": channel, "live": live, "pace_pool": pool, "pace_per_rep": per_rep}
    return ask(run_id, document, seen, by=by, encoding=encoding, columns=columns, now=now)


@transaction.atomic
def ask(
    run_id: int,
    document: Mapping[str, Any],
    seen: Peek,
    *,
    by: User,
    encoding: str = "",
    columns: Mapping[str, Any] | None = None,
    now: dt.datetime | None = None,
) -> ImportRun:
    """Ask the worker for a dry run by a mapping that fits, and remember it for these headings.

    Raises TooLate in the wrong state.
    """
    at = now or database.now()
    run = _held(run_id, by, State.UPLOADED, State.READY)
    _anew(run, at, dry_run=True, state=State.CHECKING)
    run.mapping, run.sheet, run.encoding = dict(document), seen.sheet, encoding
    for name, value in (columns or {}).items():
        setattr(run, name, value)
    run.save()
    ImportMapping.objects.update_or_create(
        signature=signature(seen.headings, of_accounts=of_accounts(run)),
        defaults={"document": run.mapping, "channel": run.channel, "by": by, "used_at": at},
    )
    _enqueue(run)
    return run


@transaction.atomic
def start(run_id: int, *, by: User, now: dt.datetime | None = None) -> ImportRun:
    """Ask the worker to import for good what was checked. Raises TooLate."""
    run = _held(run_id, by, State.READY)
    _require_file(run)
    _anew(run, now or database.now(), dry_run=False, state=State.RUNNING)
    _take_over(run, by)
    run.save()
    _enqueue(run)
    return run


@transaction.atomic
def go_on(run_id: int, *, by: User, now: dt.datetime | None = None) -> ImportRun:
    """Take up an import that was cancelled or failed, where it stopped. Raises TooLate."""
    run = _held(run_id, by, State.CANCELLED, State.FAILED)
    _require_file(run)
    if not run.mapping:
        raise errors.TooLate("It was never mapped; upload the file again.")
    at = now or database.now()
    # A dry run that failed begins again.
    if run.dry_run:
        _anew(run, at, dry_run=True, state=State.CHECKING)
    run.state = State.CHECKING if run.dry_run else State.RUNNING
    run.asked_at, run.beat_at, run.finished_at, run.error, run.falls = at, None, None, "", 0
    _take_over(run, by)
    run.save()
    _enqueue(run)
    return run


@transaction.atomic
def cancel(run_id: int, *, by: User, now: dt.datetime | None = None) -> ImportRun:
    """Stop it. A dry run leads back to the mapping; what an import brought in stays in.

    The batch at hand is finished and recorded. Raises TooLate when it has ended already.
    """
    run = _held(run_id, by, *OPEN)
    at = now or database.now()
    if run.state == State.CHECKING:
        _anew(run, at, dry_run=True, state=State.UPLOADED)
    else:
        run.state, run.finished_at = State.CANCELLED, at
        run.error = f"Cancelled by {by}."
    run.save()
    return run


@transaction.atomic
def remap(run_id: int, *, by: User, now: dt.datetime | None = None) -> ImportRun:
    """Back to the mapping after a dry run. Raises TooLate."""
    run = _held(run_id, by, State.READY, State.UPLOADED, State.FAILED, State.CANCELLED)
    if not run.dry_run:
        raise errors.TooLate("Rows of it are in already, so its mapping stays. Upload it anew.")
    _require_file(run)
    _anew(run, now or database.now(), dry_run=True, state=State.UPLOADED)
    run.save()
    return run


def of_accounts(run: ImportRun) -> bool:
    """Whether its rows are accounts."""
    return run.subject == ImportRun.Subject.ACCOUNTS


def one(run_id: int, by: User) -> ImportRun:
    """The run, for who may see such files. Raises NotAllowed, NotFound."""
    permissions.require_import_reader(by)
    run = ImportRun.objects.select_related("by", "undo_by").filter(pk=min(run_id, 2**63 - 1))
    return _seen(run.first(), by)


def _held(run_id: int, by: User, *states: str) -> ImportRun:
    """The run under lock, if it is in one of these states, for who may import."""
    permissions.require_importer(by)
    rows = ImportRun.objects.filter(pk=min(run_id, 2**63 - 1))
    run = _seen(rows.select_for_update(no_key=True).first(), by)
    if run.state not in states:
        raise errors.TooLate(
            f"This import is {run.get_state_display().lower()} now; look at it again.",
            state={"state": run.state},
        )
    return run


def _seen(run: ImportRun | None, by: User) -> ImportRun:
    """Who may not import accounts does not learn that others did."""
    if run is None or (of_accounts(run) and not permissions.sees_account_imports(by)):
        raise errors.NotFound("There is no such import.")
    return run


def _take_over(run: ImportRun, by: User) -> None:
    """A command's run is the worker's from here on."""
    if run.door == ImportRun.Door.COMMAND:
        run.door = ImportRun.Door.PAGE
    run.by = run.by or by


def _enqueue(run: ImportRun) -> None:
    queue.enqueue(JOBS[run.subject], run.pk, timeout=JOB_LIMIT)


def _anew(run: ImportRun, at: dt.datetime, *, dry_run: bool, state: str) -> None:
    """Forget what a dry run found; whoever still works on it loses hold."""
    ImportRow.objects.filter(run=run).delete()
    run.state, run.dry_run = State(state), dry_run
    run.done = run.remarked = run.falls = run.blank = 0
    run.total, run.tallies, run.notes, run.error = None, {}, [], ""
    run.attempts += 1
    run.asked_at = at
    run.started_at = run.beat_at = run.finished_at = None


def _require_file(run: ImportRun) -> None:
    if run.file_until is None:
        raise errors.TooLate(
            f"The file {run.name} is not kept any more. Upload it again; rows that are in are "
            "recognised."
        )


def require_encoding(encoding: str) -> None:
    """Refuse a name nobody knows. Raises InvalidInput."""
    _require_one_of("encoding", encoding, list[str](reading.ENCODINGS))


def _require_one_of(name: str, value: str, known: Sequence[str]) -> None:
    if value and value not in known:
        message = f"There is no {name} “{value[:40]}”; pick one from the list."
        raise errors.InvalidInput(message, errors=[FieldError(name, message)])
