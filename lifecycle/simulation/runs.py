"""The stored runs: asked for, taken up by a worker, finished, or failed with a word.

    request ─▶ WAITING ─▶ taken up ─▶ RUNNING, with signs of life ─▶ DONE, or FAILED with why
                  ▲                    │
                  └──── the sweep ◀── no sign of life

A run pins both texts. Whoever works on it holds it by the number of its attempt: one that was
taken over, replaced or cancelled notices at its next sign of life and writes nothing more.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from typing import Any

from django.db import DatabaseError, transaction

from core import bulk, database, errors, queue
from core.errors import DomainError, FieldError
from governance import findings, selectors, signing, texts
from governance.kit import Kit, KitInvalid, checksum
from governance.models import KitStatus, KitVersion, Simulation
from lifecycle.models import SimulatedLead
from lifecycle.simulation import replay
from lifecycle.simulation.replay import Row
from people.models import User

__all__ = [
    "cancel",
    "latest",
    "prepare",
    "request",
    "require_days",
    "run",
    "take_up_left_behind",
    "work",
]

State = Simulation.State
USUAL_DAYS = 30
MOST_DAYS = 365
MOST_ATTEMPTS = 3
SILENCE = dt.timedelta(seconds=90)
"""A run that gives no sign of life for so long has lost its worker."""
PATIENCE = dt.timedelta(minutes=2)
"""A run that nobody has taken up by then is queued again …"""
GIVEN_UP = dt.timedelta(hours=1)
"""… and fails after so long."""
LONGEST = dt.timedelta(hours=1)
"""How long the queue lets one run work."""
ROWS = 500

OPEN = (KitStatus.DRAFT, KitStatus.IN_REVIEW, KitStatus.SCHEDULED)
UNFINISHED = (State.WAITING, State.RUNNING)

log = logging.getLogger(__name__)

Progress = Callable[[int, int], None]


class TakenOver(Exception):
    """This attempt no longer holds the run."""


def request(
    version: KitVersion, *, by: User, now: dt.datetime, days: int = USUAL_DAYS
) -> Simulation:
    """Ask a worker to try this version on the leads of the last days.

    The same question while its run is unfinished gives that run. Raises what `prepare` raises.
    """
    with transaction.atomic():
        simulation = prepare(version, by=by, now=now, days=days)
        if simulation.state == State.WAITING:
            _enqueue(simulation)
    return simulation


@transaction.atomic
def prepare(
    version: KitVersion, *, by: User | None, now: dt.datetime, days: int = USUAL_DAYS
) -> Simulation:
    """A waiting run of the version's text as it stands; other unfinished runs of it are replaced.

    `by` is None on the command line. Raises `NotAllowed`, `InvalidInput` for the days, `TooLate`
    for a version that is no longer open, `KitInvalid` for one that cannot be executed.
    """
    _require_may_ask(by)
    require_days(days)
    version = KitVersion.objects.select_for_update(of=("self",)).get(pk=version.pk)
    active = selectors.active_version()
    _require_comparable(version, active)
    text = _sound_text(version)
    base = active.checksum if active else ""
    unfinished = Simulation.objects.filter(kit=version, state__in=UNFINISHED)
    same = unfinished.filter(checksum=text, base_checksum=base, days=days).first()
    if same is not None:
        return same
    unfinished.update(state=State.FAILED, error="Replaced by a later run.", finished_at=now)
    return Simulation.objects.create(
        kit=version,
        checksum=text,
        base_checksum=base,
        days=days,
        until=now,
        requested_by=by,
        requested_at=now,
    )


def latest(version: KitVersion) -> Simulation | None:
    """The last finished run of exactly this text against the active version; None: none speaks."""
    active = selectors.active_version()
    done = Simulation.objects.filter(
        kit=version,
        state=State.DONE,
        checksum=checksum(texts.document_of(version)),
        base_checksum=active.checksum if active else "",
    )
    return done.order_by("-finished_at", "-pk").first()


def cancel(simulation: Simulation, *, by: User, now: dt.datetime) -> Simulation:
    """Give an unfinished run up. Raises `TooLate` when it has ended."""
    _require_may_ask(by)
    ended = Simulation.objects.filter(pk=simulation.pk, state__in=UNFINISHED).update(
        state=State.FAILED, error=f"Cancelled by {by}.", finished_at=now
    )
    simulation.refresh_from_db()
    if not ended:
        raise errors.TooLate(
            f"This run has ended already: {simulation.get_state_display().lower()}."
        )
    return simulation


def work(simulation_id: int) -> None:
    """The queue's task."""
    run(simulation_id)


def run(
    simulation_id: int, *, now: dt.datetime | None = None, progress: Progress | None = None
) -> Simulation:
    """Replay the leads and keep the report. One that is not to be taken up is left as it is.

    `now` is the database's clock unless given; `progress` is told leads done and in all.
    """
    simulation = _take_up(simulation_id, now)
    if simulation is not None:
        try:
            _replay(simulation, now, progress)
        except TakenOver:
            log.info("Simulation %s goes on elsewhere, or was given up.", simulation_id)
        except DomainError as refusal:
            _fail(simulation, refusal.message, now)
        except DatabaseError:
            raise  # nothing can be written down now; the sweep takes the run up again
        except Exception as error:
            log.exception("Simulation %s failed.", simulation_id)
            _fail(simulation, f"{type(error).__name__}: {error}", now)
    return Simulation.objects.get(pk=simulation_id)


def take_up_left_behind(*, now: dt.datetime) -> int:
    """Queue runs again that lost their worker or never found one; returns how many.

    One that has ended its worker too often, or waited too long, fails with a word.
    """
    silent = Simulation.objects.filter(state=State.RUNNING, beat_at__lt=now - SILENCE)
    waiting = Simulation.objects.filter(state=State.WAITING, requested_at__lt=now - PATIENCE)
    count = 0
    with transaction.atomic():
        rows = (silent | waiting.exclude(beat_at__gte=now - PATIENCE)).order_by("pk")
        for simulation in rows.select_for_update(skip_locked=True):
            if why := _hopeless(simulation, now):
                _end(simulation, State.FAILED, now, error=why)
                continue
            simulation.state, simulation.beat_at = State.WAITING, now
            simulation.save(update_fields=["state", "beat_at"])
            _enqueue(simulation)
            count += 1
    return count


# What may be asked.


def _require_may_ask(by: User | None) -> None:
    if by is not None and not signing.works_on_kits(by):
        raise errors.NotAllowed("Simulations are for those who write or sign kits.")


def require_days(days: int) -> None:
    """Raise `InvalidInput` for a window that is too short or too long."""
    if not 1 <= days <= MOST_DAYS:
        message = f"Choose 1 to {MOST_DAYS} days."
        raise errors.InvalidInput(message, errors=[FieldError("days", message)])


def _require_comparable(version: KitVersion, active: KitVersion | None) -> None:
    if version.status not in OPEN:
        raise errors.TooLate(
            f"Kit v{version.number} is {version.get_status_display().lower()}: only a version "
            "that may still come into force is simulated."
        )
    if active is None:
        raise errors.TooLate(
            "No kit is active yet, so there is nothing to compare with. "
            "The first version needs no simulation."
        )


def _sound_text(version: KitVersion) -> str:
    """The checksum of a text that can be executed; raises `KitInvalid`."""
    kit = texts.compiled(version)
    found = [one for one in texts.check(version) if one.kind != "fixture"]
    if faults := findings.errors_of(found):
        raise KitInvalid(faults)
    return kit.checksum


# Who works on it.


def _enqueue(simulation: Simulation) -> None:
    queue.enqueue("lifecycle.simulation.runs.work", simulation.pk, timeout=LONGEST)


@transaction.atomic
def _take_up(simulation_id: int, now: dt.datetime | None) -> Simulation | None:
    simulation = Simulation.objects.select_for_update().get(pk=simulation_id)
    at = now or database.now()
    silent = simulation.beat_at is None or simulation.beat_at < at - SILENCE
    if not (simulation.state == State.WAITING or (simulation.state == State.RUNNING and silent)):
        return None
    if simulation.attempts >= MOST_ATTEMPTS:
        _end(simulation, State.FAILED, at, error=_too_often(simulation))
        return None
    simulation.state = State.RUNNING
    simulation.attempts += 1
    simulation.started_at = simulation.beat_at = at
    simulation.done = simulation.total = 0
    simulation.save(update_fields=["state", "attempts", "started_at", "beat_at", "done", "total"])
    SimulatedLead.objects.filter(simulation=simulation).delete()
    return simulation


def _held(simulation: Simulation) -> Any:
    """The row, as long as this attempt holds it."""
    return Simulation.objects.filter(
        pk=simulation.pk, state=State.RUNNING, attempts=simulation.attempts
    )


def _hopeless(simulation: Simulation, now: dt.datetime) -> str:
    if simulation.attempts >= MOST_ATTEMPTS:
        return _too_often(simulation)
    if simulation.state == State.WAITING and simulation.requested_at < now - GIVEN_UP:
        return "No worker took it up within an hour. See whether the worker runs, then try again."
    return ""


def _too_often(simulation: Simulation) -> str:
    return (
        f"Its worker ended {simulation.attempts} times before it was through. "
        "See the worker's log of that time, or try fewer days."
    )


# What it does.


def _replay(simulation: Simulation, now: dt.datetime | None, progress: Progress | None) -> None:
    base, draft = _kits(simulation)
    rows: list[Row] = []

    def beat(done: int, total: int) -> None:
        told = _held(simulation).update(done=done, total=total, beat_at=now or database.now())
        if not told:
            raise TakenOver
        if progress is not None:
            progress(done, total)

    def keep(row: Row) -> None:
        rows.append(row)
        if len(rows) >= ROWS:
            _store(simulation, rows)
            rows.clear()

    summary = replay.replay(
        base,
        draft,
        since=simulation.until - dt.timedelta(days=simulation.days),
        until=simulation.until,
        keep=keep,
        beat=beat,
    )
    _store(simulation, rows)
    _finish(simulation, summary, now)


def _kits(simulation: Simulation) -> tuple[Kit, Kit]:
    """The version in force and the draft, if both still say what the run pins."""
    active = selectors.active_version()
    if active is None or active.checksum != simulation.base_checksum:
        raise errors.TooLate("Another version became active since this was asked. Run it again.")
    draft = texts.compiled(simulation.kit)
    if draft.checksum != simulation.checksum:
        raise errors.TooLate("The draft was edited since this was asked. Run it again.")
    return selectors.kit_of(active.pk), draft


@transaction.atomic
def _store(simulation: Simulation, rows: list[Row]) -> None:
    """Keep these leads, if this attempt still holds the run."""
    if not rows:
        return
    if _held(simulation).select_for_update().first() is None:
        raise TakenOver
    bulk.copy(
        [
            SimulatedLead(
                simulation=simulation,
                lead_id=row.lead,
                differs=list(row.differs),
                unknown=row.unknown,
                before=row.before,
                after=row.after,
            )
            for row in rows
        ]
    )


@transaction.atomic
def _finish(simulation: Simulation, summary: dict[str, Any], now: dt.datetime | None) -> None:
    held = _held(simulation).select_for_update().first()
    if held is None:
        raise TakenOver
    held.summary, held.done = summary, held.total
    held.save(update_fields=["summary", "done"])
    _end(held, State.DONE, now or database.now())
    # Earlier reports keep their figures; their leads are told by this one.
    SimulatedLead.objects.filter(simulation__kit_id=held.kit_id).exclude(simulation=held).delete()


def _fail(simulation: Simulation, why: str, now: dt.datetime | None) -> None:
    held = _held(simulation).first()
    if held is not None:
        _end(held, State.FAILED, now or database.now(), error=why[:2_000])


def _end(simulation: Simulation, state: str, now: dt.datetime, *, error: str = "") -> None:
    simulation.state, simulation.error = State(state), error
    simulation.finished_at = simulation.beat_at = now
    simulation.save(update_fields=["state", "error", "finished_at", "beat_at"])
