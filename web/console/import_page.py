"""One import: how far it is, what becomes or became of its rows, what can be done next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import partial

from django.conf import settings
from django.urls import reverse

from core import errors
from core.errors import NotFound
from lifecycle import permissions
from lifecycle.importing import releasing, results, retold, runs, staying, telling, undoing
from lifecycle.importing.results import Result
from lifecycle.models import ImportRow, ImportRun, ImportVerdict
from people.models import User
from web.console import import_list, lead_names, words
from web.console.import_list import TONES
from web.console.lead_names import LeadName

PAGE = 50
State = ImportRun.State
WORKING = (*runs.IN_WORK, State.UNDOING)
VERDICTS: Mapping[str, tuple[str, str]] = {
    "CREATED": ("ok", "new leads"),
    "ATTACHED": ("info", "one more touchpoint of a known buyer"),
    "REVIEW": ("warn", "new leads that may be somebody known"),
    "QUARANTINED": ("warn", "new leads below the quality floor"),
    "PARKED": ("late", "stored, in the exception queue"),
    "HELD": ("info", "stored, released as reps come to work"),
    "REPLAYED": ("none", "nothing happens again"),
    "REJECTED": ("late", "not imported; mend and upload again"),
    "UPDATED": ("info", "accounts that change"),
    "UNCHANGED": ("none", "accounts that are so already"),
}
OF_ACCOUNTS = {"CREATED": "new accounts"}
NO_UNDO = (
    "An import of accounts is not undone at one go: the history of each account shows what it "
    "changed. Correct the file and import it again; values typed by people stay."
)


@dataclass(frozen=True, slots=True)
class Figure:
    """How many rows have one verdict; `url` shows them."""

    label: str
    value: str
    line: str
    tone: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class Row:
    """What became of one row."""

    number: int
    line: int
    verdict: str
    tone: str
    reasons: tuple[str, ...]
    remarks: tuple[str, ...]
    url: str
    name: str


@dataclass(frozen=True, slots=True)
class Act:
    """Something that can be done now."""

    url: str
    label: str
    tone: str
    confirm: str = ""


@dataclass(frozen=True, slots=True)
class Release:
    """How far the release of a held list is, and what can be done about the rest."""

    sentence: str
    acts: tuple[Act, ...]


@dataclass(frozen=True, slots=True)
class ImportPage:
    """The page."""

    id: int
    name: str
    url: str
    state: str
    tone: str
    sentence: str
    is_working: bool
    done: int
    total: int
    error: str
    notes: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    figures: tuple[Figure, ...]
    rows: tuple[Row, ...]
    rows_title: str
    blanks: str
    outcome: str
    no_undo: str
    verdict: str
    next_url: str
    first_url: str
    csv_url: str
    rejected_url: str
    acts: tuple[Act, ...]
    undo_url: str
    release: Release | None


def seen(run_id: int, reader: User) -> ImportRun:
    """The run, for who may import. Raises NotAllowed, NotFound."""
    return runs.one(run_id, reader)


def build(
    run: ImportRun, reader: User, query: Mapping[str, str], *, now: datetime, zone: tzinfo
) -> ImportPage:
    """The page in three queries beside the frame's. Raises InvalidInput for an unknown verdict."""
    verdict, after = query.get("verdict", ""), query.get("after", "")
    if verdict and verdict not in ImportVerdict.values:
        raise errors.InvalidInput(f"There is no verdict “{verdict[:40]}”; pick one from the list.")
    place = min(int(after), 2**31 - 1) if after.isascii() and after.isdigit() else 0
    url = reverse("console:import-run", args=[run.pk])
    csv = reverse("console:import-csv", args=[run.pk])
    some = _page(run, verdict, place)
    rows = _rows(run, some[:PAGE])
    chosen = f"verdict={verdict}&" if verdict else ""
    ended = run.done and run.state not in WORKING
    return ImportPage(
        id=run.pk, name=run.name, url=url, state=run.get_state_display(), tone=TONES[run.state],
        sentence=_sentence(run), is_working=run.state in WORKING, done=run.done,
        total=run.total or 0, error=run.error, notes=tuple(run.notes),
        facts=_facts(run, now=now, zone=zone), figures=_figures(run, url, verdict),
        rows=rows, blanks=_blanks(run, rows),
        outcome="Account" if runs.of_accounts(run) else "Lead",
        no_undo=NO_UNDO if runs.of_accounts(run) and run.done and not run.dry_run else "",
        rows_title=ImportVerdict(verdict).label if verdict else "All rows",
        verdict=verdict,
        next_url=f"{url}?{chosen}after={some[PAGE - 1].number}" if len(some) > PAGE else "",
        first_url=(f"{url}?verdict={verdict}" if verdict else url) if place else "",
        csv_url=(f"{csv}?verdict={verdict}" if verdict else csv) if ended else "",
        rejected_url=f"{csv}?verdict=REJECTED" if ended and run.tallies.get("REJECTED") else "",
        acts=_acts(run),
        undo_url=reverse("console:import-undo", args=[run.pk])
        if undoing.may_undo(run, reader) else "",
        release=_release(run, reader, now=now, zone=zone),
    )  # fmt: skip


def export(run: ImportRun, reader: User, verdict: str) -> Result:
    """The result file. Raises InvalidInput."""
    return results.of(run, by=reader, verdict=verdict, base=settings.BASE_URL)


def act(run_id: int, reader: User, name: str) -> str:
    """Do one of the acts; returns the sentence of the toast. Raises DomainError."""
    verbs = {
        "start": (runs.start, "The worker imports it now; this page tells how far it is."),
        "go-on": (runs.go_on, "The worker goes on with it."),
        "cancel": (runs.cancel, "Cancelled."),
        "remap": (runs.remap, "Choose its columns anew."),
    }
    if name == "release":
        count = releasing.release_all(run_id=run_id, by=reader)
        return f"{words.plural(count, 'row')} released; the worker brings them in."
    if name == "hold-back":
        count = releasing.hold_back(run_id=run_id, by=reader)
        return f"{words.plural(count, 'row')} held back for good."
    if name not in verbs:
        raise NotFound("There is nothing here, or nothing you may see.")
    verb, told = verbs[name]
    verb(run_id, by=reader)
    return told


def _page(run: ImportRun, verdict: str, after: int) -> list[ImportRow]:
    if run.state in WORKING or not run.done:
        return []
    rows = run.rows.select_related("touch", "account").defer("touch__payload")
    rows = rows.filter(number__gt=after).order_by("number")
    if verdict:
        rows = rows.filter(verdict=verdict)
    return list(rows[: PAGE + 1])


def _rows(run: ImportRun, some: Sequence[ImportRow]) -> tuple[Row, ...]:
    of_accounts = runs.of_accounts(run)
    named = {} if of_accounts else lead_names.of(one.came_to for one in some if one.came_to)
    told = retold.of_some(run, some)
    return tuple(
        Row(
            number=one.number,
            line=one.line,
            verdict=ImportVerdict(one.verdict).label,
            tone=VERDICTS[one.verdict][0],
            reasons=tuple(told.get(one.number, (one.faults,))[0]),
            remarks=(*told.get(one.number, ((), one.remarks))[1], *staying.fate(one)),
            url=_url(one),
            name=_name(one, named),
        )
        for one in some
    )


def _blanks(run: ImportRun, rows: Sequence[Row]) -> str:
    """What stands for values that are not shown; empty where none is missing."""
    if not any(telling.is_bare((*row.reasons, *row.remarks)) for row in rows):
        return ""
    where = "kept no longer than its file" if run.file_until is None else "shown in the result file"
    return f"{telling.BLANK} stands for a value of the row; it is {where}."


def _name(row: ImportRow, named: Mapping[int, LeadName]) -> str:
    if row.account is not None:
        return row.account.name or row.account.domain or ""
    found = named.get(row.came_to or 0)
    return found.name if found else ""


def _url(row: ImportRow) -> str:
    if row.account_id is not None:
        return reverse("console:account", args=[row.account_id])
    return reverse("console:lead", args=[row.came_to]) if row.came_to else ""


def _figures(run: ImportRun, url: str, verdict: str) -> tuple[Figure, ...]:
    if not run.done:
        return ()
    return tuple(
        Figure(
            label=ImportVerdict(key).label,
            value=words.number(run.tallies[key]),
            line=OF_ACCOUNTS.get(key, line) if runs.of_accounts(run) else line,
            tone=tone,
            url=f"{url}?verdict={key}",
            current=key == verdict,
        )
        for key, (tone, line) in VERDICTS.items()
        if run.tallies.get(key)
    )


def _sentence(run: ImportRun) -> str:
    rows = words.plural(run.total or 0, "row")
    of = f"{run.done:,} of {rows}"
    if run.state in runs.IN_WORK and run.total is None:
        reads = "It waits for the worker." if run.beat_at is None else "The file is being read."
        return f"{reads} Nothing is written yet."
    good = _good(run)
    before = run.tallies.get("REPLAYED", 0)
    known = f" {before:,} were imported before." if before else ""
    waits = "It waits for the worker." if run.beat_at is None else ""
    if run.state == State.UPLOADED:
        return "Its file is not kept any more, so there is nothing to map. Upload it again."
    stopped = f"{of} were done before it stopped; they are in and stay in."
    if run.dry_run or not run.done:
        stopped = "Nothing of it was imported."
    told = {
        State.CHECKING: f"{of} checked. {waits} Nothing is written yet.",
        State.READY: f"{rows} checked, {good:,} can be imported.{known} Nothing is written yet.",
        State.RUNNING: f"{of} imported. {waits} You may leave this page; the worker goes on.",
        State.DONE: f"{rows} done, {good:,} imported.{known}",
        State.CANCELLED: stopped,
        State.FAILED: stopped,
        State.UNDOING: f"{waits} {' '.join(undoing.told(run).told())} The worker goes on.",
        State.UNDONE: " ".join(undoing.told(run).told()),
    }
    return " ".join(told[State(run.state)].split())


def _good(run: ImportRun) -> int:
    """Rows that an import brings in, or brought in: neither refused nor there before."""
    idle = int(run.tallies.get("REJECTED", 0)) + int(run.tallies.get("REPLAYED", 0))
    return int(run.done) - idle


def _release(run: ImportRun, reader: User, *, now: datetime, zone: tzinfo) -> Release | None:
    found = releasing.standing(run, now=now)
    if found is None or not found.total:
        return None
    if not found.held:
        return Release(f"None of {found.total:,} is held any more.", ())
    told = f"{found.held:,} of {found.total:,} held"
    if run.state not in undoing.ENDED:
        return Release(f"{told}; released once all rows are in.", ())
    if found.next_at is None:
        told = f"{told}; nobody of the pool {run.pace_pool} is at work in the next 60 days."
    elif found.planned:
        when = words.moment(found.next_at, now=now, zone=zone)
        told = f"{told}; next {found.next_count:,} at {when}."
    else:
        told = f"{told}; the worker releases what is due."
    url = partial(reverse, "console:import-act")
    acts = []
    if run.pace_per_rep is not None:
        acts.append(Act(url(args=[run.pk, "release"]), "Release all now", "primary",
                        f"{words.plural(found.held, 'row')} come in at once: clocks start, owners "
                        "are told."))  # fmt: skip
    if permissions.may_undo_import(reader, run.by_id):
        acts.append(Act(url(args=[run.pk, "hold-back"]), "Hold back the rest", "danger",
                        f"{words.plural(found.held, 'row')} never become leads. To bring them in "
                        "after all, upload the file again."))  # fmt: skip
    return Release(told, tuple(acts))


def _facts(run: ImportRun, *, now: datetime, zone: tzinfo) -> tuple[tuple[str, str], ...]:
    size = run.size / 1024
    told = [
        ("By", import_list.who(run)),
        ("Uploaded", words.moment(run.uploaded_at, now=now, zone=zone)),
        ("Size", f"{size / 1024:,.1f} MB" if size > 1024 else f"{max(size, 1):,.0f} kB"),
    ]
    if runs.of_accounts(run):
        told += [("Rows are", "accounts"), ("Ids are of", str(run.mapping.get("system", "")))]
    else:
        come = "in now: qualified, routed, clocks start" if run.live else "as history"
        told.append(("Rows come", come))
    if run.pace_pool:
        pace = f"{run.pace_per_rep} a day to each rep" if run.pace_per_rep else "all released"
        told.append(("Pace", f"{pace}, pool {run.pace_pool}"))
    if run.channel:
        told.append(("Channel", run.get_channel_display()))
    if run.undo_by_id is not None:
        told.append(("Undone by", str(run.undo_by)))
        told += [("Because", run.undo_reason)] if run.undo_reason else []
    if run.undone_at is not None:
        told.append(("Undone", words.moment(run.undone_at, now=now, zone=zone)))
    if run.finished_at is not None:
        told.append(("Finished", words.moment(run.finished_at, now=now, zone=zone)))
    kept = words.day(run.file_until, now=now, zone=zone) if run.file_until else "not any more"
    told.append(("File kept until" if run.file_until else "File kept", kept))
    return tuple(told)


def _acts(run: ImportRun) -> tuple[Act, ...]:
    def one(name: str, label: str, tone: str = "", confirm: str = "") -> Act:
        return Act(reverse("console:import-act", args=[run.pk, name]), label, tone, confirm)

    kept = run.file_until is not None
    good = _good(run)
    start = one("start", f"Import {words.plural(good, 'row')} for good", "primary")
    if run.state == State.READY:
        return (*([start] if kept and good else []), one("remap", "Change the mapping"),
                one("cancel", "Discard", "danger"))  # fmt: skip
    if run.state in runs.OPEN:
        return (one("cancel", "Cancel", "danger"),)
    if run.state in (State.CANCELLED, State.FAILED) and kept:
        if run.dry_run:
            return (one("remap", "Map its columns", "primary"),)
        return (one("go-on", "Go on where it stopped", "primary"),)
    return ()
