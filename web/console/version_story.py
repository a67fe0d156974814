"""What was done with a version: who, what, when, the latest first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo

from governance.authorship import Edit, Place
from governance.models import KitVersion, Simulation
from people.models import User
from web.console import version_acts, words
from web.console.version_case import Case

ICONS = {
    "submitted for review": "arrow-right",
    "back to draft": "undo",
    "scheduled": "calendar",
    "schedule cancelled": "x-circle",
    "published": "check-circle",
    "withdrawn": "ban",
    "countersigned": "check",
}
SAID = {
    "submitted for review": "Submitted it for review",
    "back to draft": "Took it back to draft",
    "scheduled": "Scheduled it",
    "schedule cancelled": "Cancelled the schedule",
    "published": "Published it",
    "withdrawn": "Withdrew it",
    "countersigned": "Countersigned: it stays",
    "described": "Changed title or notes",
}
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
    """The story of one version. Two queries."""
    version = case.version
    found = [*_moves(version), *_signatures(case), *_runs(version)]
    changed = sorted(
        (
            Entry(edit.at, _who(edit.by), f"Edited {subjects[place]}", "pencil")
            for place, edit in edits.items()
            if edit.number == version.number and edit.at > version.created_at
        ),
        key=lambda one: one.at,
    )
    return tuple(sorted([*found, *changed[-EDITS_SHOWN:]], key=lambda one: one.at, reverse=True))


def _moves(version: KitVersion) -> Iterator[Entry]:
    rows = version.history.select_related("history_user").order_by("history_date", "history_id")
    for row in rows:
        why = row.history_change_reason or ""
        if row.history_type == "+":
            yield Entry(row.history_date, _who(row.history_user), _begun(version), "plus")
        else:
            said = SAID.get(why) or (f"{why[:1].upper()}{why[1:]}" if why else SAID["described"])
            yield Entry(row.history_date, _who(row.history_user), said, ICONS.get(why, "info"))


def _begun(version: KitVersion) -> str:
    if version.restores is not None:
        return f"Began it with the text of v{version.restores.number}"
    return f"Began the draft on v{version.base.number}" if version.base else "Began the first kit"


def _signatures(case: Case) -> Iterator[Entry]:
    consent = case.read.consent
    for row in (*consent.valid, *consent.void):
        stands = f", deputy of {row.deputy_of}" if row.deputy_of else ""
        whom = version_acts.for_party(row.party)
        yield Entry(row.signed_at, str(row.by), f"Signed {whom}{stands}", "check")


def _runs(version: KitVersion) -> Iterator[Entry]:
    runs = Simulation.objects.filter(kit=version, state=Simulation.State.DONE)
    for run in runs.select_related("requested_by").order_by("-requested_at")[:EDITS_SHOWN]:
        count = words.plural(run.total, "lead")
        text = f"Simulated it on {count} of {run.days} days"
        yield Entry(run.finished_at or run.requested_at, _who(run.requested_by), text, "scale")


def _who(user: User | None) -> str:
    return str(user) if user else "The system"
