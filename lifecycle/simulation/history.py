"""Courses out of records: who did what when, and what was known of the lead right then."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from governance import selectors as kits
from governance.kit import Kit
from leads import partner_lookup, partner_naming, registration
from leads.models import EventKind
from leads.own_fields import Saying
from leads.partner_naming import Mention, Naming
from leads.snapshot import Snapshot
from leads.stages import Stage
from lifecycle import detours, exclusions, handoffs
from lifecycle.simulation import charted, excluding, records, spoken, steps
from lifecycle.simulation.course import (
    Carried,
    Course,
    Doing,
    Heard,
    Real,
    Signals,
    Step,
    Ties,
    Unknown,
)
from lifecycle.simulation.records import Event, Records, Window
from routing import escalation, territories
from routing.territories import Place
from sla.models import Clock

__all__ = ["Window", "courses", "window"]

window = records.window

WHERE = ("country", "region", "postal_code")
OF_TWO = (EventKind.JOINED, EventKind.PARTED)
"""After these a log is no longer that of one buyer alone."""
OF_LEAD = ("channel", "category", "campaign", "potential_value")
OWNING = (EventKind.ASSIGNED, EventKind.QUEUED, EventKind.RELEASED)


def courses(
    ids: Sequence[int], *, since: dt.datetime, until: dt.datetime, judged_by: Iterable[Kit] = ()
) -> Iterator[Course]:
    """The courses of these leads after `since`, up to `until`, in the order given.

    Territories are read where one of the kits that are to judge them speaks of those.
    """
    named = frozenset[str]().union(*map(spoken.everything, judged_by))
    found = records.read(ids, since=since, until=until, spoken=named)
    for lead in ids:
        yield _Told(lead, found, since, until).course()


class _Told:
    """Goes once through the log of one lead."""

    def __init__(self, lead: int, found: Records, since: dt.datetime, until: dt.datetime) -> None:
        self._lead, self._found = lead, found
        self._since, self._until = since, until
        self._did = records.signals_of(found.signals.get(lead, ()))
        self._heard: list[tuple[str, dt.datetime]] = []
        self._steps: list[Step] = []
        self._open: dict[str, Any] | None = None
        self._stage, self._entered_at, self._cycle = Stage.INQUIRY.value, since, 1
        self._owner: int | None = None
        self._queue = ""
        self._quarantined = self._passed = False
        self._exclusion, self._let_past = "", frozenset[str]()
        self._stood, self._wake_on = excluding.stood({}, since), ""
        self._let_in_at: dt.datetime | None = None
        self._touches = 0
        self._contacted_at: dt.datetime | None = None
        self._last_touch_at: dt.datetime | None = None
        self._mentions: list[Mention] = []
        self._sayings: list[Saying] = []
        self._qualified_at: dt.datetime | None = None
        self._pool = ""
        self._kits: set[int] = set()
        self._unknown: Unknown | None = None
        self._missing = ""

    def course(self) -> Course:
        """The whole course, or why there is none."""
        events = steps.standing(self._found.events.get(self._lead, ()))
        before = [event for event in events if event.recorded_at <= self._since]
        for event in before:
            self._note(event)
        start = self._start()
        for event in events[len(before) :]:
            self._happen(event)
        self._close()
        real = Real(self._qualified_at, self._pool, frozenset(self._kits))
        return Course(
            **start,
            steps=tuple(self._steps),
            real=real,
            unknown=self._unknown,
            missing=self._missing,
        )

    def _start(self) -> dict[str, Any]:
        """Where the lead stood when the window began."""
        row = self._found.leads.of(self._lead, self._since)
        latest = self._found.leads.of(self._lead, self._until) or {}
        return {
            "lead": self._lead,
            "since": self._since,
            "until": self._until,
            "stage": self._stage,
            "entered_at": self._entered_at,
            "cycle": self._cycle,
            "asked": row is not None and row["hand_raised_at"] is not None,
            "owner": self._owner,
            "queue": "" if self._quarantined else self._queue,
            "quarantined": self._quarantined,
            "passed": self._passed,
            "exclusion": self._exclusion,
            "let_past": self._let_past,
            "unheard": row is not None and row["unheard_at"] is not None,
            "stood": self._stood,
            "wake_on": self._wake_on,
            "signals": self._known_signals(self._since),
            "known": self._known(self._since, judged=bool(self._queue)),
            "carried": tuple(filter(None, map(_carried, self._found.clocks.get(self._lead, ())))),
            "category": latest.get("category", "UNKNOWN"),
            "ties": _ties(latest),
        }

    def _note(self, event: Event) -> None:
        """What an event of any time changes: stage, owner, what is known."""
        if event.kind in OF_TWO or event.transition in ("merge", "unmerge"):
            self._unknown = self._unknown or Unknown.MERGED
        if event.kind in (EventKind.STAGE, EventKind.WAKE_UP):
            self._note_step(event)
        elif event.kind in (EventKind.QUARANTINED, EventKind.CLEANSED):
            self._quarantined = event.kind == EventKind.QUARANTINED
            self._passed = self._passed or steps.let_pass(event)
        elif event.kind in OWNING:
            self._owner, self._queue = event.owner, event.queue
        elif event.because.get("activity") in self._found.contacts:
            self._contacted_at = max(self._contacted_at or event.at, event.at)
        elif event.kind == EventKind.TOUCHED:
            self._touches += 1
            self._last_touch_at = self._later(event)
            self._mentions += self._mentioned(event)
            self._sayings += self._said(event)
            self._heard += self._did.by_touch.get(event.because["touch"], ())
        elif event.kind == EventKind.SIGNALLED:
            self._heard += self._sent(event)

    def _note_step(self, event: Event) -> None:
        """Where the lead stands, which exclusion has it out, which ones it was let pass.

        And what wakes it.
        """
        self._wake_on = steps.woken_by(event)
        if event.kind == EventKind.WAKE_UP:
            return
        if event.transition == "reopen":
            self._passed, self._let_past = False, frozenset()
        if event.transition == exclusions.TAKEN_OUT:
            self._stood = excluding.stood(event.because, self._entered_at)
        self._stage, self._cycle = event.to_stage, event.cycle
        self._entered_at = detours.since_told(event.because) or event.at
        key = str(event.because.get("exclusion", ""))
        self._exclusion = key if event.transition == exclusions.TAKEN_OUT else ""
        if event.transition == exclusions.LET_IN:
            self._let_in_at = event.recorded_at
            self._let_past |= {key} if event.because.get("passed") else frozenset()

    def _happen(self, event: Event) -> None:
        """An event of the window."""
        step = self._step(event)
        owned = self._owner is not None
        if step is not None:
            self._close()
        self._note(event)
        self._decided(event)
        if step is not None:
            known = self._known(event.recorded_at, judged=step["doing"] is Doing.TOUCHED)
            ties = _ties(self._found.leads.of(self._lead, event.recorded_at) or {})
            self._open = {
                **step, "at": event.recorded_at, "order": event.id, "known": known, "ties": ties,
                "owned": owned,
            }  # fmt: skip
        if self._open is not None and self._open["at"] == event.recorded_at:
            self._open["real_stage"] = self._stage
            self._open["real_held"] = self._owner is not None or bool(self._queue)

    def _close(self) -> None:
        if self._open is not None:
            self._steps.append(Step(**self._open))
            self._open = None

    def _step(self, event: Event) -> dict[str, Any] | None:
        """What an event is as a step of the course; None for what kits decide."""
        if event.kind == EventKind.TOUCHED:
            return {"doing": Doing.TOUCHED, "touch": self._touch(event)}
        if event.kind == EventKind.SIGNALLED:
            return {"doing": Doing.TOUCHED, "touch": self._signalled(event)}
        if event.kind == EventKind.ACTIVITY:
            return self._activity(event)
        if event.kind in OWNING and event.recorded_at == self._let_in_at:
            return None  # what comes back past an exclusion is routed anew, whoever let it in
        return steps.of(event)

    def _activity(self, event: Event) -> dict[str, Any] | None:
        if event.because.get("activity") in self._found.retracted:
            return None
        if event.because.get("kind") == "ANSWERED":
            return {"doing": Doing.ANSWERED}
        if handoffs.was_booked(event.because):
            return {"doing": Doing.BOOKED}
        if event.because.get("uncounted"):
            return None  # of before the buyer asked: it answered nothing then
        if event.because.get("activity") in self._found.contacts:
            backdated = bool(event.because.get("backdated"))
            at = event.recorded_at if backdated else event.at
            return {"doing": Doing.CONTACTED, "proof_at": at}
        return {"doing": Doing.ASKED} if event.because.get("asks") else None

    def _touch(self, event: Event) -> Heard:
        pk = event.because["touch"]
        row = self._found.touches.get(pk)
        if row is None or not row.legible:
            self._unknown = self._unknown or Unknown.ERASED
            return Heard(pk, "")
        keeper = event.because.get("keeper")
        signals = self._did.by_touch.get(pk, ())
        after = self._contacted_at is not None and self._contacted_at < row.occurred_at
        return Heard(pk, row.channel, signals, row.historical, keeper, after)

    def _signalled(self, event: Event) -> Heard:
        """What came by itself: judged as a touch is, though it is none."""
        signals, reached = self._sent(event), self._contacted_at
        after = reached is not None and any(reached < at for _, at in signals)
        return Heard(0, "", signals, keeper=event.because.get("keeper"), after=after)

    def _sent(self, event: Event) -> Signals:
        found = (self._did.by_sent.get(pk, ()) for pk in event.because["sent"])
        return tuple(one for signals in found for one in signals)

    def _later(self, event: Event) -> dt.datetime | None:
        """When the buyer was last heard of, this touch counted."""
        row = self._found.touches.get(event.because["touch"])
        known = [at for at in (self._last_touch_at, row and row.occurred_at) if at is not None]
        return max(known, default=None)

    def _mentioned(self, event: Event) -> list[Mention]:
        pk = event.because["touch"]
        row = self._found.touches.get(pk)
        return [Mention(row.occurred_at, pk, row.partner)] if row and row.partner.name else []

    def _said(self, event: Event) -> list[Saying]:
        pk = event.because["touch"]
        row = self._found.touches.get(pk)
        return [Saying(row.occurred_at, pk, row.said)] if row and row.said else []

    def _named_partner(self, at: dt.datetime) -> Naming | None:
        """What was made of the partner whom a touchpoint had named last."""
        last = partner_naming.latest(self._mentions, now=at, memory=partner_lookup.memory())
        return partner_naming.decide(self._found.namings.of(last.keys)) if last else None

    def _decided(self, event: Event) -> None:
        """Keep what a kit really decided in the window."""
        by_rule = event.kind in (EventKind.ASSIGNED, EventKind.QUEUED) and "rule" in event.because
        qualified = event.kind == EventKind.STAGE and event.transition == "qualify"
        if (by_rule or qualified or event.kind == EventKind.TOUCHED) and event.kit is not None:
            self._kits.add(event.kit)
        if by_rule:
            self._pool = self._pool or str(event.because.get("pool", ""))
        if qualified:
            self._qualified_at = self._qualified_at or event.recorded_at

    def _known(self, at: dt.datetime, *, judged: bool) -> Snapshot:
        """What was known at that instant, when something was written down."""
        lead = self._found.leads.of(self._lead, at)
        person = self._found.people.of(lead["person_id"] if lead else None, at)
        account = self._found.accounts.of(lead["account_id"] if lead else None, at)
        home = lead["account_id"] if lead else None
        partner = registration.in_force(self._found.registered.get(home or 0, ()), at)
        if judged:
            self._miss("lead", absent=lead is None)
            self._miss("person", absent=lead is not None and person is None)
            named = lead is not None and lead["account_id"] is not None
            self._miss("account", absent=named and account is None)
        own = {name: lead[name] for name in OF_LEAD} if lead else {}
        return Snapshot(
            now=at,
            touches=self._touches,
            last_touch_at=self._last_touch_at,
            signals=self._known_signals(at),
            sayings=tuple(self._sayings),
            typed=(lead["own_fields"] if lead else None) or {},
            partner_registered=partner is not None,
            partner_name=partner.name if partner is not None else "",
            partner_manager=partner.manager if partner is not None else None,
            territory=self._territory(person or {}, account or {}, at),
            **partner_naming.as_known(self._named_partner(at)),
            **own,
            **(person or {}),
            **(account or {}),
        )

    def _territory(
        self, person: Mapping[str, Any], account: Mapping[str, Any], at: dt.datetime
    ) -> str:
        """The key of the territory that the buyer was in; empty where none was, or none is read."""
        company = Place(*(account.get(f"company_{name}", "") for name in WHERE))
        place = territories.where(company, person.get("person_country", ""))
        area = charted.at(self._found.areas, at).of(place)
        return area.territory if area is not None else ""

    def _miss(self, what: str, *, absent: bool) -> None:
        if absent and self._unknown is None:
            self._unknown, self._missing = Unknown.NO_RECORD, what

    def _known_signals(self, at: dt.datetime) -> Signals:
        alone = [one for one in self._did.alone if one[1] <= at]
        return tuple(sorted([*self._heard, *alone], key=lambda one: one[1], reverse=True))


def _ties(lead: Mapping[str, Any]) -> Ties:
    return Ties(lead.get("person_id") or 0, lead.get("account_id"))


def _carried(clock: Clock) -> Carried | None:
    """A clock of before the window, with the policy that started it."""
    try:
        kit = kits.kit_of(clock.kit_id)
        policy = kit.policy(clock.policy)
    except (KeyError, kits.UnknownKit):
        return None
    climbs = policy.key in escalation.acting(kit)
    return Carried(policy, clock.started_at, clock.due_at, climbs)
