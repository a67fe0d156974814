"""Where a version stands on its way into force, and what comes next. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import tzinfo

from core.texts import _, lazy
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
    "todo": lazy("to come"),
    "stuck": lazy("in the way"),
    "spared": lazy("not needed"),
}


def track(case: Case) -> tuple[Step, ...]:
    """The way into force while it lasts; an emergency's ends with the countersignature."""
    status = case.version.status
    if case.is_emergency:
        steps = [*_review(case), (_("Signed by one"), "done"), (_("Active"), "done"),
                 (_("Countersigned"), "now")]  # fmt: skip
    elif case.is_open:
        signed = status != KitStatus.DRAFT and case.read.consent.is_given
        held = [(_("Scheduled"), "done")] if status == KitStatus.SCHEDULED else []
        steps = [*_review(case), (_("Signed"), "done" if signed else ""), *held, (_("Active"), "")]
    else:
        return ()
    return tuple(Step(label, state, WORDS[state]) for label, state in _filled(steps))


def _review(case: Case) -> list[tuple[str, str]]:
    in_review = case.version.status != KitStatus.DRAFT
    spared = not case.needs_simulation or (in_review and not case.is_simulated)
    simulated = "spared" if spared else "done" if case.is_simulated else ""
    return [
        (_("Draft"), "done"),
        (_("Checked"), "stuck" if case.errors else "done"),
        (_("Simulated"), simulated),
        (_("In review"), "done" if in_review else ""),
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
        on = f"v{base.number}" if base else _("no kit")
        return _("Drafted on {on}, but v{number} is active now. Rebase it first.").format(
            on=on, number=case.active.number
        )
    if case.errors:
        count = words.plural(len(case.errors), "error")
        stands = "stands" if len(case.errors) == 1 else "stand"
        return _("{count} {stands} against it. Mend them, then simulate and submit it.").format(
            count=count, stands=stands
        )
    if case.needs_simulation and not case.read.changes:
        return _("It says what the active version says. Edit its parts.")
    if case.needs_simulation and not case.is_simulated:
        return _("Next: simulate it on real leads{run}, then submit it for review.").format(
            run=_run(case)
        )
    note = _(", with a note on the warnings") if case.warnings else ""
    return _("Checked and simulated. Next: submit it for review{note}.").format(note=note)


def _run(case: Case) -> str:
    run = case.simulation
    if run is None:
        return ""
    if run.state in (Simulation.State.WAITING, Simulation.State.RUNNING):
        return _(" (a run is under way)")
    return _(" again, as the report is of an earlier text")


def _in_review(case: Case, waits: Sequence[str], zone: tzinfo) -> str:
    if case.read.was_edited:
        return _(
            "It was edited after its review began. Take it back to draft, then submit it anew."
        )
    if case.is_stale:
        return _("Another version became active since. Rebase it; it is then signed again.")
    if waits:
        return _("Waiting for {joined}").format(joined=_joined(waits))
    if case.version.publish_when_signed:
        return _("Signed by all who must. It comes into force at once.")
    return _("Signed by all who must. Publish it now, or schedule it.")


def _joined(waits: Sequence[str]) -> str:
    """“the signature of Marketing: Nina.”, “the signatures of Sales (Oliver) and Marketing …”."""
    parts = [wait.partition(": ") for wait in waits]
    if len(parts) == 1:
        party, _rest, names = parts[0]
        return _("the signature of {whose}: {names}.").format(whose=_whose(party), names=names)
    told = " and ".join(f"{_whose(party)} ({names})" for party, _rest, names in parts)
    return _("the signatures of {told}.").format(told=told)


def _whose(party: str) -> str:
    return _("an approver") if party == "Approver" else party


def _scheduled(case: Case, waits: Sequence[str], zone: tzinfo) -> str:
    at = case.version.effective_from
    when = words.moment(at, now=case.now, zone=zone) if at else _("its instant")
    by = (
        _(", scheduled by {scheduled_by}").format(scheduled_by=case.version.scheduled_by)
        if case.version.scheduled_by
        else ""
    )
    return _("Comes into force at {when}{by}. The worker does it.").format(when=when, by=by)


def _active(case: Case, waits: Sequence[str], zone: tzinfo) -> str:
    row = case.version
    since = words.moment(row.published_at or case.now, now=case.now, zone=zone)
    if case.is_emergency and row.expires_at:
        reverts = words.moment(row.expires_at, now=case.now, zone=zone)
        return _(
            "In force since {since} as an emergency. It reverts at {reverts} unless signed."
        ).format(since=since, reverts=reverts)
    return _("In force since {since}. Every new decision works under it.").format(since=since)


def _retired(case: Case, waits: Sequence[str], zone: tzinfo) -> str:
    row = case.version
    since = words.moment(row.published_at or case.now, now=case.now, zone=zone)
    until = words.moment(row.retired_at or case.now, now=case.now, zone=zone)
    return _("Was in force from {since} to {until}. Decisions of that time name it.").format(
        since=since, until=until
    )


def _withdrawn(case: Case, waits: Sequence[str], zone: tzinfo) -> str:
    return _("Given up; its text stays readable. Clone it to take it up again.")
