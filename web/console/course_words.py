"""How a clock's course reads: what stands still and until when, what is promised, what moved.

Pure: `moment` says an instant in the reader's words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from core.texts import _, lazy
from governance.kit import Kit
from leads.models import Activity, EventKind, Lead, LeadEvent
from sla.models import Clock, ClockEvent
from web.console.sentence import Known, Piece, Sentence

Moment = Callable[[datetime], str]
KINDS = {kind.value: kind.label.lower() for kind in Activity.Kind}
PROMISED = [one for one in Activity.Kind.choices if one[0] != Activity.Kind.NOTE]
"""What somebody may promise to do next."""
CUSTOMER, LEAVE = ClockEvent.Cause.CUSTOMER.value, ClockEvent.Cause.LEAVE.value


def waits(clocks: Iterable[Clock], moment: Moment) -> str:
    """“Waiting for the customer until Fri”; empty where nothing does."""
    until = [one.resume_at for one in clocks if one.paused_for == CUSTOMER and one.resume_at]
    return _("Waiting for the customer until {max}").format(max=moment(max(until))) if until else ""


def next_step(lead: Lead, moment: Moment) -> str:
    """“Next step: call, 10:00 tomorrow”; empty where none is promised."""
    if lead.next_step_at is None:
        return ""
    kind = KINDS.get(lead.next_step_kind, "")
    return _("Next step: {kind}{next_step_at}").format(
        kind=kind + ", " if kind else "", next_step_at=moment(lead.next_step_at)
    )


def wakes(at: datetime | None, on: str, moment: Moment) -> str:
    """“Looked at again 3 Mar, or once they show “trial start””; empty where nothing is set."""
    when = moment(at) if at is not None else ""
    sooner = _("once {waker}").format(waker=waker(on)) if on else ""
    told = ", or ".join(filter(None, (when, sooner)))
    return _("Looked at again {told}").format(told=told) if told else ""


def waker(on: str) -> str:
    """What wakes a nurtured lead, by its name in the kit."""
    what, _rest, key = on.partition(":")
    named = key.replace("_", " ")
    return (
        _("their score is {named}").format(named=named)
        if what == "band"
        else _("they show “{named}”").format(named=named)
    )


def plan(lead: Lead, clocks: Iterable[Clock], moment: Moment) -> tuple[str, ...]:
    """Until when it waits, what is promised next and what wakes it, where that is so."""
    told = (
        waits(clocks, moment),
        next_step(lead, moment),
        wakes(lead.wake_at, lead.wake_on, moment),
    )
    return tuple(one for one in told if one)


def still(clock: Clock, moment: Moment) -> str:
    """Why a clock stands still, until when, and when it is due then."""
    why = {
        CUSTOMER: _("Waits for the customer"),
        LEAVE: _("Stands still while its holder is on leave"),
    }
    until = (
        _(" until {resume_at}").format(resume_at=moment(clock.resume_at)) if clock.resume_at else ""
    )
    return _("{why}{until}; then due {due_at}.").format(
        why=why.get(clock.paused_for, _("Stands still")), until=until, due_at=moment(clock.due_at)
    )


def paused(event: LeadEvent, known: Known) -> Sentence:
    """Clocks began to stand still."""
    because = event.because
    until = because.get("until")
    when = (
        _(" until {fromisoformat}").format(
            fromisoformat=known.moment(datetime.fromisoformat(until))
        )
        if until
        else ""
    )
    if because.get("cause") == LEAVE:
        whose = known.names.get(because.get("holder") or 0, _("Whoever holds it"))
        told = (
            Piece(whose, strong=True),
            Piece(
                _(" is on leave{when}: {clocks}.").format(when=when, clocks=_clocks(event, known))
            ),
        )
        return Sentence("clock", "none", told)
    row = known.activities.get(because.get("note") or 0)
    told = (
        known.who(event),
        Piece(
            _(" waits for the customer{when}: {clocks}.").format(
                when=when, clocks=_clocks(event, known)
            )
        ),
    )
    return Sentence("clock", "info", told, row.note if row else "")


WHY = {
    "heard": lazy("The customer is back"),
    "over": lazy("The wait is over"),
    "person": lazy("The wait was ended"),
}


def resumed(event: LeadEvent, known: Known) -> Sentence:
    """They run on."""
    why = WHY.get(str(event.because.get("why")), _("Whoever holds it is back"))
    if event.because.get("why") == "person":
        return Sentence(
            "clock", "info",
            (known.who(event), Piece(_(" waits for the customer no longer."))),
        )  # fmt: skip
    return Sentence("clock", "info", (Piece(_("{why}: the clocks run on.").format(why=why)),))


MOVES = {
    "HANDED": ": what is left is due in the working hours of {who}",
    "HOURS": ", since the working hours or leave of {who} changed",
    "LEAVE": ", since the leave of {who} changed",
}


def moved(event: LeadEvent, known: Known) -> Sentence:
    """A deadline moved: from when, to when, why."""
    because = event.because
    whose = known.names.get(because.get("holder") or 0, _("whoever holds it"))
    if because.get("cause") == "HANDED" and not because.get("holder"):
        why = _(": what is left is due on the calendar, as nobody holds it")
    else:
        why = MOVES.get(str(because.get("cause")), "").format(who=whose)
    pieces = [Piece(_("The deadline of {clocks} moved").format(clocks=_clocks(event, known)))]
    was, now = because.get("was"), because.get("due_at")
    if was and was == now:
        pieces = [Piece(_("The deadline of {clocks} stayed").format(clocks=_clocks(event, known)))]
    elif was and now:
        then, becomes = (known.moment(datetime.fromisoformat(one)) for one in (was, now))
        pieces += [Piece(_(" from {then} to ").format(then=then)), Piece(becomes, strong=True)]
    return Sentence("clock", "none", (*pieces, Piece(f"{why}.")))


def promised(event: LeadEvent, known: Known) -> Sentence:
    """What somebody promised to do next, and when."""
    kind = KINDS.get(str(event.because.get("kind") or ""), "something")
    at = event.because.get("at")
    when = f", {known.moment(datetime.fromisoformat(at))}" if at else ""
    was = event.because.get("was")
    before = (
        _(", instead of {fromisoformat}").format(
            fromisoformat=known.moment(datetime.fromisoformat(was))
        )
        if was
        else ""
    )
    step = Piece(f"{kind}{when}", strong=True)
    if "undone" in event.because:
        again = (Piece(": "), step, Piece(_(" stands again."))) if at else (Piece("."),)
        taken = (known.who(event), Piece(_(" took the next step back")), *again)
        return Sentence("undo", "none", taken)
    told = (known.who(event), Piece(_(" promised the next step: ")), step, Piece(f"{before}."))
    return Sentence("calendar", "info", told)


def _clocks(event: LeadEvent, known: Known) -> str:
    named = [_called(str(one), known.kits.get(event.kit_id or 0))
             for one in event.because.get("clocks") or []]  # fmt: skip
    return " and ".join(f"“{one}”" for one in named) or _("its clocks")


def _called(obligation: str, kit: Kit | None) -> str:
    """As the kit calls its clock, where it has one alone for this obligation."""
    labels = {one.label for one in kit.policies if one.obligation == obligation} if kit else ()
    return next(iter(labels)) if len(labels) == 1 else obligation.replace("_", " ").capitalize()


def woken(event: LeadEvent, known: Known) -> Sentence:
    """The day has come on which it is looked at again, or somebody set another."""
    if event.because.get("due"):
        return Sentence("clock", "info", (Piece(_("The day has come to look at it again.")),))
    at = event.because.get("at")
    told = wakes(
        datetime.fromisoformat(at) if at else None, str(event.because.get("on") or ""), known.moment
    )
    said = (
        _(" set: {told}{told2}.").format(told=told[:1].lower(), told2=told[1:])
        if told
        else _(" set that nothing wakes it.")
    )
    return Sentence("clock", "none", (known.who(event), Piece(said)))


TELLERS: dict[str, Callable[[LeadEvent, Known], Sentence]] = {
    EventKind.PAUSED: paused,
    EventKind.RESUMED: resumed,
    EventKind.MOVED: moved,
    EventKind.NEXT_STEP: promised,
    EventKind.WAKE_UP: woken,
}
"""The sentence of each kind of event."""
