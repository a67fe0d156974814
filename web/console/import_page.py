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
from core.texts import _
from lifecycle import permissions
from lifecycle.importing import releasing, results, retold, runs, staying, telling, undoing
from lifecycle.importing.results import Result
from lifecycle.models import ImportRow, ImportRun, ImportVerdict
from people.models import User
from web.console import import_list, import_words, lead_names, words
from web.console.import_list import TONES
from web.console.lead_names import LeadName

PAGE = 50
State = ImportRun.State
WORKING = (*runs.IN_WORK, State.UNDOING)


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
        raise errors.InvalidInput(
            _("There is no verdict “{verdict}”; pick one from the list.").format(
                verdict=verdict[:40]
            )
        )
    place = min(int(after), 2**31 - 1) if after.isascii() and after.isdigit() else 0
    url = reverse("console:import-run", args=[run.pk])
    csv = reverse("console:import-csv", args=[run.pk])
    some = _page(run, verdict, place)
    rows = _rows(run, some[:PAGE])
    chosen = f"verdict={verdict}&" if verdict else ""
    ended = run.done and run.state not in WORKING
    return ImportPage(
        id=run.pk,
        name=run.name,
        url=url,
        state=run.get_state_display(),
        tone=TONES[run.state],
        sentence=import_words.sentence(run),
        is_working=run.state in WORKING,
        done=run.done,
        total=run.total or 0,
        error=run.error,
        notes=tuple(run.notes),
        facts=_facts(run, now=now, zone=zone),
        figures=_figures(run, url, verdict),
        rows=rows,
        blanks=_blanks(run, rows),
        outcome=_("Account") if runs.of_accounts(run) else _("Lead"),
        no_undo=import_words.NO_UNDO
        if runs.of_accounts(run) and run.done and not run.dry_run
        else "",
        rows_title=ImportVerdict(verdict).label if verdict else _("All rows"),
        verdict=verdict,
        next_url=f"{url}?{chosen}after={some[PAGE - 1].number}" if len(some) > PAGE else "",
        first_url=(f"{url}?verdict={verdict}" if verdict else url) if place else "",
        csv_url=(f"{csv}?verdict={verdict}" if verdict else csv) if ended else "",
        rejected_url=f"{csv}?verdict=REJECTED" if ended and run.tallies.get("REJECTED") else "",
        acts=_acts(run),
        undo_url=reverse("console:import-undo", args=[run.pk])
        if undoing.may_undo(run, reader)
        else "",
        release=_release(run, reader, now=now, zone=zone),
    )


def export(run: ImportRun, reader: User, verdict: str) -> Result:
    """The result file. Raises InvalidInput."""
    return results.of(run, by=reader, verdict=verdict, base=settings.BASE_URL)


def act(run_id: int, reader: User, name: str) -> str:
    """Do one of the acts; returns the sentence of the toast. Raises DomainError."""
    verbs = {
        "start": (runs.start, _("The worker imports it now; this page tells how far it is.")),
        "go-on": (runs.go_on, _("The worker goes on with it.")),
        "cancel": (runs.cancel, _("Cancelled.")),
        "remap": (runs.remap, _("Choose its columns anew.")),
    }
    if name == "release":
        count = releasing.release_all(run_id=run_id, by=reader)
        return _("{plural} released; the worker brings them in.").format(
            plural=words.plural(count, "row")
        )
    if name == "hold-back":
        count = releasing.hold_back(run_id=run_id, by=reader)
        return _("{plural} held back for good.").format(plural=words.plural(count, "row"))
    if name not in verbs:
        raise NotFound(_("There is nothing here, or nothing you may see."))
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
            tone=import_words.VERDICTS[one.verdict][0],
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
    where = (
        _("kept no longer than its file")
        if run.file_until is None
        else _("shown in the result file")
    )
    return _("{BLANK} stands for a value of the row; it is {where}.").format(
        BLANK=telling.BLANK, where=where
    )


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
            line=import_words.OF_ACCOUNTS.get(key, line) if runs.of_accounts(run) else line,
            tone=tone,
            url=f"{url}?verdict={key}",
            current=key == verdict,
        )
        for key, (tone, line) in import_words.VERDICTS.items()
        if run.tallies.get(key)
    )


def _release(run: ImportRun, reader: User, *, now: datetime, zone: tzinfo) -> Release | None:
    found = releasing.standing(run, now=now)
    if found is None or not found.total:
        return None
    if not found.held:
        return Release(_("None of {total} is held any more.").format(total=f"{found.total:,}"), ())
    told = _("{held} of {total} held").format(held=f"{found.held:,}", total=f"{found.total:,}")
    if run.state not in undoing.ENDED:
        return Release(_("{told}; released once all rows are in.").format(told=told), ())
    if found.next_at is None:
        told = _("{told}; nobody of the pool {pace_pool} is at work in the next 60 days.").format(
            told=told, pace_pool=run.pace_pool
        )
    elif found.planned:
        when = words.moment(found.next_at, now=now, zone=zone)
        told = _("{told}; next {next_count} at {when}.").format(
            told=told, next_count=f"{found.next_count:,}", when=when
        )
    else:
        told = _("{told}; the worker releases what is due.").format(told=told)
    url = partial(reverse, "console:import-act")
    acts = []
    if run.pace_per_rep is not None:
        acts.append(
            Act(
                url(args=[run.pk, "release"]),
                _("Release all now"),
                "primary",
                _("{plural} come in at once: clocks start, owners are told.").format(
                    plural=words.plural(found.held, "row")
                ),
            )
        )
    if permissions.may_undo_import(reader, run.by_id):
        acts.append(
            Act(
                url(args=[run.pk, "hold-back"]),
                _("Hold back the rest"),
                "danger",
                _(
                    "{plural} never become leads. To bring them in after all, "
                    "upload the file again."
                ).format(plural=words.plural(found.held, "row")),
            )
        )
    return Release(told, tuple(acts))


def _facts(run: ImportRun, *, now: datetime, zone: tzinfo) -> tuple[tuple[str, str], ...]:
    size = run.size / 1024
    told = [
        (_("By"), import_list.who(run)),
        (_("Uploaded"), words.moment(run.uploaded_at, now=now, zone=zone)),
        (
            _("Size"),
            _("{size} MB").format(size=f"{size / 1024:,.1f}")
            if size > 1024
            else _("{max} kB").format(max=f"{max(size, 1):,.0f}"),
        ),
    ]
    if runs.of_accounts(run):
        told += [(_("Rows are"), "accounts"), (_("Ids are of"), str(run.mapping.get("system", "")))]
    else:
        come = _("in now: qualified, routed, clocks start") if run.live else _("as history")
        told.append((_("Rows come"), come))
    if run.pace_pool:
        pace = (
            _("{pace_per_rep} a day to each rep").format(pace_per_rep=run.pace_per_rep)
            if run.pace_per_rep
            else _("all released")
        )
        told.append(
            (_("Pace"), _("{pace}, pool {pace_pool}").format(pace=pace, pace_pool=run.pace_pool))
        )
    if run.channel:
        told.append((_("Channel"), run.get_channel_display()))
    if run.undo_by_id is not None:
        told.append((_("Undone by"), str(run.undo_by)))
        told += [(_("Because"), run.undo_reason)] if run.undo_reason else []
    if run.undone_at is not None:
        told.append((_("Undone"), words.moment(run.undone_at, now=now, zone=zone)))
    if run.finished_at is not None:
        told.append((_("Finished"), words.moment(run.finished_at, now=now, zone=zone)))
    kept = words.day(run.file_until, now=now, zone=zone) if run.file_until else _("not any more")
    told.append((_("File kept until") if run.file_until else _("File kept"), kept))
    return tuple(told)


def _acts(run: ImportRun) -> tuple[Act, ...]:
    def one(name: str, label: str, tone: str = "", confirm: str = "") -> Act:
        return Act(reverse("console:import-act", args=[run.pk, name]), label, tone, confirm)

    kept = run.file_until is not None
    good = import_words.good(run)
    start = one(
        "start", _("Import {plural} for good").format(plural=words.plural(good, "row")), "primary"
    )
    if run.state == State.READY:
        return (*([start] if kept and good else []), one("remap", _("Change the mapping")),
                one("cancel", _("Discard"), "danger"))  # fmt: skip
    if run.state in runs.OPEN:
        return (one("cancel", _("Cancel"), "danger"),)
    if run.state in (State.CANCELLED, State.FAILED) and kept:
        if run.dry_run:
            return (one("remap", _("Map its columns"), "primary"),)
        return (one("go-on", _("Go on where it stopped"), "primary"),)
    return ()
