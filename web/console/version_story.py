"""What was done with a version: who, what, when, the latest first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from core import reading
from core.texts import _, lazy
from governance.authorship import Edit, Place
from governance.models import KitEvent, KitVersion, Simulation
from people.models import User
from web.console import version_acts, words
from web.console.version_case import Case

Step = KitEvent.Kind
SAID: dict[str, tuple[str, str]] = {
    Step.SUBMITTED: (lazy("Submitted it for review"), "arrow-right"),
    Step.REOPENED: (lazy("Took it back to draft"), "undo"),
    Step.SCHEDULED: (lazy("Scheduled it"), "calendar"),
    Step.UNSCHEDULED: (lazy("Cancelled the schedule"), "x-circle"),
    Step.PUBLISHED: (lazy("Put it in force"), "check-circle"),
    Step.COUNTERSIGNED: (lazy("Countersigned: it stays"), "check"),
    Step.HALF_TIME: (lazy("Half of the emergency’s time was over"), "clock"),
    Step.SET_BACK: (lazy("Could not come into force"), "alert"),
    Step.WITHDRAWN: (lazy("Withdrew it"), "ban"),
}
"""Each step in words, with its icon; signatures tell themselves, with their deputies."""
EDITS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that was done."""

    at: datetime
    who: str
    text: str
    icon: str


def entries(
    case: Case, edits: Mapping[Place, Edit], subjects: Mapping[Place, str], *, zone: tzinfo
) -> tuple[Entry, ...]:
    """The story of one version. One message."""
    version = case.version
    kept = version.history.select_related("history_user").order_by("history_date", "history_id")
    steps = KitEvent.objects.filter(kit=version).exclude(kind=Step.SIGNED)
    steps = steps.select_related("by").order_by("at", "pk")
    runs = Simulation.objects.filter(kit=version, state=Simulation.State.DONE)
    runs = runs.select_related("requested_by").order_by("-requested_at")[:EDITS_SHOWN]
    reading.ask(kept, steps, runs)
    found = [
        *_writing(version, kept),
        *_steps(steps, now=case.now, zone=zone),
        *_signatures(case),
        *_runs(runs),
    ]
    changed = sorted(
        (
            Entry(
                edit.at,
                _who(edit.by),
                _("Edited {subjects}").format(subjects=subjects[place]),
                "pencil",
            )
            for place, edit in edits.items()
            if edit.number == version.number and edit.at > version.created_at
        ),
        key=lambda one: one.at,
    )
    return tuple(sorted([*found, *changed[-EDITS_SHOWN:]], key=lambda one: one.at, reverse=True))


def _steps(rows: Iterable[KitEvent], *, now: datetime, zone: tzinfo) -> Iterator[Entry]:
    for row in rows:
        said, icon = SAID[row.kind]
        yield Entry(row.at, _who(row.by), f"{said}{_besides(row, now=now, zone=zone)}", icon)


def _besides(row: KitEvent, *, now: datetime, zone: tzinfo) -> str:
    """What the step itself keeps: for when, or why."""
    if row.kind == Step.SCHEDULED and (at := row.details.get("at")):
        return _(" for {fromisoformat}").format(
            fromisoformat=words.moment(datetime.fromisoformat(at), now=now, zone=zone)
        )
    why = str(row.details.get("why") or "")
    return f": {why}" if why else ""


def _writing(version: KitVersion, rows: Iterable[Any]) -> Iterator[Entry]:
    """When it was begun, described anew, put on another base."""
    for row in rows:
        why = row.history_change_reason or ""
        if row.history_type == "+":
            yield Entry(row.history_date, _who(row.history_user), _begun(version, row), "plus")
        elif why == "described":
            said = _("Changed title or notes")
            yield Entry(row.history_date, _who(row.history_user), said, "pencil")
        elif why.startswith("rebased"):
            said = f"{why[:1].upper()}{why[1:]}"
            yield Entry(row.history_date, _who(row.history_user), said, "merge")


def _begun(version: KitVersion, row: Any) -> str:
    if version.restores is not None:
        return _("Began it with the text of v{number}").format(number=version.restores.number)
    if row.base_id is None:
        return _("Began the first kit")
    # A rebase changes the base later; only while it stands can it be named.
    on = (
        _(" on v{number}").format(number=version.base.number)
        if version.base and row.base_id == version.base_id
        else ""
    )
    return _("Began the draft{on}").format(on=on)


def _signatures(case: Case) -> Iterator[Entry]:
    consent = case.read.consent
    for row in (*consent.valid, *consent.void):
        stands = (
            _(", deputy of {deputy_of}").format(deputy_of=row.deputy_of) if row.deputy_of else ""
        )
        whom = version_acts.for_party(row.party)
        yield Entry(
            row.signed_at,
            str(row.by),
            _("Signed {whom}{stands}").format(whom=whom, stands=stands),
            "check",
        )


def _runs(runs: Iterable[Simulation]) -> Iterator[Entry]:
    for run in runs:
        count = words.plural(run.total, "lead")
        text = _("Simulated it on {count} of {plural}").format(
            count=count, plural=words.plural(run.days, "day")
        )
        yield Entry(run.finished_at or run.requested_at, _who(run.requested_by), text, "scale")


def _who(user: User | None) -> str:
    return str(user) if user else _("The system")
