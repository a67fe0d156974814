"""Where a version stands on its way into force, and what comes next. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import tzinfo

from governance.models import KitStatus, Simulation
from web.console import words
from web.console.version_case import Case


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the track; `state` is done, now, todo, stuck (in the way) or spared."""

    label: str
    state: str
    word: str


WORDS = {
    "done": "done",
    "now": "now",
    "todo": "to come",
    "stuck": "in the way",
    "spared": "not needed",
}


def track(case: Case) -> tuple[Step, ...]:
    """The way into force while it lasts; an emergency's ends with the countersignature."""
    status = case.version.status
    if case.is_emergency:
        steps = [*_review(case), ("Signed by one", "done"), ("Active", "done"),
                 ("Countersigned", "now")]  # fmt: skip
    elif case.is_open:
        signed = status != KitStatus.DRAFT and case.read.consent.is_given
        held = [("Scheduled", "done")] if status == KitStatus.SCHEDULED else []
        steps = [*_review(case), ("Signed", "done" if signed else ""), *held, ("Active", "")]
    else:
        return ()
    return tuple(Step(label, state, WORDS[state]) for label, state in _filled(steps))


def _review(case: Case) -> list[tuple[str, str]]:
    in_review = case.version.status != KitStatus.DRAFT
    spared = not case.needs_simulation or (in_review and not case.is_simulated)
    simulated = "spared" if spared else "done" if case.is_simulated else ""
    return [
        ("Draft", "done"),
        ("Checked", "stuck" if case.errors else "done"),
        ("Simulated", simulated),
        ("In review", "done" if in_review else ""),
    ]


def _filled(steps: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Steps with their states: the first that is open is now, what follows is to come."""
    reached = True
    for label, state in steps:
        yield label, (state or "now") if reached else "todo"
        reached = reached and state in ("done", "spared")


def sentence(case: Case, waits: Sequence[str], *, zone: tzinfo) -> str:
    """What this version is, and what comes next, in one or two sentences."""
    return {
        KitStatus.DRAFT: _draft,
        KitStatus.IN_REVIEW: _in_review,
        KitStatus.SCHEDULED: _scheduled,
        KitStatus.ACTIVE: _active,
        KitStatus.RETIRED: _retired,
        KitStatus.WITHDRAWN: _withdrawn,
    }[KitStatus(case.version.status)](case, waits, zone)


def _draft(case: Case, waits: Sequence[str], zone: tzinfo) -> str:
    if case.is_stale and case.active is not None:
        base = case.version.base
        on = f"v{base.number}" if base else "no kit"
        return f"Drafted on {on}, but v{case.active.number} is active now. Rebase it first."
    if case.errors:
        count = words.plural(len(case.errors), "error")
        stands = "stands" if len(case.errors) == 1 else "stand"
        return f"{count} {stands} against it. Mend them, then simulate and submit it."
    if case.needs_simulation and not case.read.changes:
        return "It says what the active version says. Edit its parts."
    if case.needs_simulation and not case.is_simulated:
        return f"Next: simulate it on real leads{_run(case)}, then submit it for review."
    note = ", with a note on the warnings" if case.warnings else ""
    return f"Checked and simulated. Next: submit it for review{note}."


def _run(case: Case) -> str:
    run = case.simulation
    if run is None:
        return ""
    if run.state in (Simulation.State.WAITING, Simulation.State.RUNNING):
        return " (a run is under way)"
    return " again, as the report is of an earlier text"


def _in_review(case: Case, waits: Sequence[str], zone: tzinfo) -> str:
    if case.read.was_edited:
        return "It was edited after its review began. Take it back to draft, then submit it anew."
    if case.is_stale:
        return "Another version became active since. Rebase it; it is then signed again."
    if waits:
        return f"Waiting for {_joined(waits)}"
    if case.version.publish_when_signed:
        return "Signed by all who must. It comes into force at once."
    return "Signed by all who must. Publish it now, or schedule it."


def _joined(waits: Sequence[str]) -> str:
    """“the signature of Marketing: Nina.”, “the signatures of Sales (Oliver) and Marketing …”."""
    parts = [wait.partition(": ") for wait in waits]
    if len(parts) == 1:
        party, _, names = parts[0]
        return f"the signature of {_whose(party)}: {names}."
    told = " and ".join(f"{_whose(party)} ({names})" for party, _, names in parts)
    return f"the signatures of {told}."


def _whose(party: str) -> str:
    return "an approver" if party == "Approver" else party


def _scheduled(case: Case, waits: Sequence[str], zone: tzinfo) -> str:
    at = case.version.effective_from
    when = words.moment(at, now=case.now, zone=zone) if at else "its instant"
    by = f", scheduled by {case.version.scheduled_by}" if case.version.scheduled_by else ""
    return f"Comes into force at {when}{by}. The worker does it."


def _active(case: Case, waits: Sequence[str], zone: tzinfo) -> str:
    row = case.version
    since = words.moment(row.published_at or case.now, now=case.now, zone=zone)
    if case.is_emergency and row.expires_at:
        reverts = words.moment(row.expires_at, now=case.now, zone=zone)
        return f"In force since {since} as an emergency. It reverts at {reverts} unless signed."
    return f"In force since {since}. Every new decision works under it."


def _retired(case: Case, waits: Sequence[str], zone: tzinfo) -> str:
    row = case.version
    since = words.moment(row.published_at or case.now, now=case.now, zone=zone)
    until = words.moment(row.retired_at or case.now, now=case.now, zone=zone)
    return f"Was in force from {since} to {until}. Decisions of that time name it."


def _withdrawn(case: Case, waits: Sequence[str], zone: tzinfo) -> str:
    return "Given up; its text stays readable. Clone it to take it up again."
