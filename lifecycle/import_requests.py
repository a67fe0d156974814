"""What systems ask of imports, of leads and of accounts alike. RevOps alone speaks here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from core import errors
from core.errors import FieldError
from lifecycle import permissions
from lifecycle.account_importing import asking
from lifecycle.importing import mapping, proposing, releasing, runs, undoing
from lifecycle.importing.mapping import BadMapping
from lifecycle.models import ImportRow, ImportRun, ImportVerdict
from people.models import User


@dataclass(frozen=True, slots=True)
class Seen:
    """The beginning of a file, and how it would be mapped unless told otherwise."""

    headings: tuple[str, ...]
    sheets: tuple[str, ...]
    proposal: Mapping[str, Any]


def require(by: User) -> None:
    """For RevOps. Raises NotAllowed."""
    if not permissions.may_import_accounts(by):
        raise errors.NotAllowed("Only RevOps imports files over the API, by a key of its own.")


def every(by: User) -> QuerySet[ImportRun]:
    """All imports. Raises NotAllowed."""
    require(by)
    return ImportRun.objects.select_related("by", "undo_by")


def one(run_id: int, *, by: User) -> ImportRun:
    """One import. Raises NotAllowed, NotFound."""
    require(by)
    return runs.one(run_id, by)


def rows(run_id: int, *, by: User, verdict: str = "") -> QuerySet[ImportRow]:
    """What became of its rows. Raises InvalidInput for a verdict that is none."""
    run = one(run_id, by=by)
    if verdict and verdict not in ImportVerdict.values:
        text = f"Name one of {', '.join(ImportVerdict.values)}."
        raise errors.InvalidInput(text, errors=[FieldError("verdict", text, "choice")])
    found = run.rows.select_related("touch").defer("touch__payload")
    return found.filter(verdict=verdict) if verdict else found


def upload(content: Iterable[bytes], *, name: str, subject: str, by: User) -> ImportRun:
    """Keep a file to be checked. Raises NotAllowed, TooLarge, Unreadable."""
    require(by)
    return runs.upload(content, name=name, by=by, door=ImportRun.Door.API, subject=subject)


def look(run: ImportRun, *, by: User) -> Seen:
    """The beginning of the file. Raises NotFound when it is not kept any more."""
    seen = runs.peek(run)
    return Seen(seen.headings, seen.sheets, _usual(run, by=by, sheet="", encoding=""))


def check(
    *,
    run_id: int,
    by: User,
    wanted: str | Mapping[str, Any] | None = None,
    system: str = "",
    channel: str = "",
    live: bool = False,
    pool: str = "",
    rows_a_day: int | None = None,
    sheet: str = "",
    encoding: str = "",
) -> ImportRun:
    """Ask for the dry run. `wanted` is a mapping, a preset's name, or None for the usual one.

    Raises BadMapping, InvalidInput, TooLate.
    """
    run = one(run_id, by=by)
    runs.require_encoding(encoding)
    document = _document(run, wanted, by=by, sheet=sheet, encoding=encoding)
    if system:
        document["system"] = system
    if runs.of_accounts(run):
        _refuse(channel=channel, live=live, pool=pool, rows_a_day=rows_a_day)
        return asking.check(run_id, document=document, by=by, sheet=sheet, encoding=encoding)
    if not document.get("system") and "external_id" not in document.get("columns", {}):
        document["system"] = "import"
    pace = releasing.read_pace("" if rows_a_day is None else str(rows_a_day), pool, live=live)
    return runs.check(
        run_id,
        document=document,
        by=by,
        channel=channel,
        live=live,
        pace=pace,
        sheet=sheet,
        encoding=encoding,
    )


def start(*, run_id: int, by: User) -> ImportRun:
    """Import for good what was checked. Raises TooLate."""
    require(by)
    return runs.start(run_id, by=by)


def cancel(*, run_id: int, by: User) -> ImportRun:
    """Stop it; what is in stays in. Raises TooLate."""
    require(by)
    return runs.cancel(run_id, by=by)


def go_on(*, run_id: int, by: User) -> ImportRun:
    """Take it up where it stopped. Raises TooLate."""
    require(by)
    return runs.go_on(run_id, by=by)


def undo(*, run_id: int, by: User, reason: str = "") -> ImportRun:
    """Take the whole import back; a big one is left to the worker. Raises TooLate."""
    require(by)
    undoing.undo(run_id=run_id, by=by, reason=reason)
    return runs.one(run_id, by)


def _document(
    run: ImportRun, wanted: str | Mapping[str, Any] | None, *, by: User, sheet: str, encoding: str
) -> dict[str, Any]:
    if wanted is None:
        return _usual(run, by=by, sheet=sheet, encoding=encoding)
    if isinstance(wanted, Mapping):
        return dict(wanted)
    known: Sequence[str] = [] if runs.of_accounts(run) else mapping.preset_names()
    if wanted not in known:
        text = f"There is no preset “{wanted[:40]}”; known are {', '.join(known) or 'none'}."
        raise BadMapping(text, errors=[FieldError("mapping", text, "choice")])
    return mapping.document_of(mapping.load(wanted))


def _usual(run: ImportRun, *, by: User, sheet: str, encoding: str) -> dict[str, Any]:
    seen = runs.peek(run, sheet=sheet, encoding=encoding)
    if not runs.of_accounts(run):
        return proposing.usual(run, seen, zone=by.time_zone)
    known = runs.remembered(seen.headings, of_accounts=True)
    return dict(run.mapping or (known.document if known else {}))


def _refuse(**said: object) -> None:
    """Refuse what only rows of leads can have."""
    faults = [
        FieldError(name, "Accounts have no such thing; leave it out.", "unknown")
        for name, value in said.items()
        if value
    ]
    if faults:
        raise errors.InvalidInput("Accounts do not come like that.", errors=faults)
