"""What people do about their leads: contact, decide, discover, hand over, close.

Nothing is decided here that the product decides. People plan their next step when they get a lead
and take it, when they are at work, through the same actions as everybody.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from random import Random
from typing import Any

from core.errors import DomainError
from leads.models import Lead
from leads.stages import Stage
from lifecycle import actions, checklists
from lifecycle.demo import talk
from lifecycle.demo.agenda import Agenda
from lifecycle.demo.buyers import Buyer
from lifecycle.demo.card import Card
from lifecycle.demo.selling import Desk
from lifecycle.demo.staff import Person, Staff
from lifecycle.proofs import BY_HAND, Reported
from people.models import User

DAY = timedelta(days=1)

REJECTED = 0.2
QUALIFIED = 0.62
CONVERTED = 0.76
WON = 0.28
COMES_BACK = 0.13
UNDONE = 0.013
SWIFT = {"FORM": (2, 14, 5), "CHAT": (2, 13, 4), "PHONE": (2, 13, 5)}
"""Minutes to the first contact, by channel: least, most, usual."""
UNHURRIED = {"INBOUND_EMAIL": (5, 52, 22), "PORTAL": (5, 52, 20), "TRIAL": (4, 50, 15)}
SLOW = (12, 200, 60)
REACHED = 0.78
ANSWERED_BY_CONTACT = {"first_contact", "respond"}
_OWED = {"first_contact": "contact", "respond": "contact", "resolve": "resolve"}
"""What a new owner takes over, by what the old one had planned."""


class Floor:
    """Everybody who works leads, with their cards and plans."""

    def __init__(
        self,
        agenda: Agenda,
        staff: Staff,
        rng: Random,
        *,
        comes_back: Callable[[Buyer, datetime], None],
    ) -> None:
        self.cards: dict[int, Card] = {}
        self.waiting: set[int] = set()
        self.refused: Counter[str] = Counter()
        self.done: Counter[str] = Counter()
        self._agenda, self._staff, self._rng = agenda, staff, rng
        self._comes_back = comes_back
        self._desk = Desk(agenda, staff, rng)
        self._deeds: dict[str, Callable[[Card, datetime], None]] = {
            "contact": self._contact,
            "decide": self._decide,
            "resolve": self._resolve,
            "learn": self._learn,
            "discover": self._discover,
            "qualify": self._qualify,
            "hand_over": self._hand_over,
            "convert": self._convert,
            "close": self._close,
            "give_back": self._give_back,
            "source": self._source,
            "step_in": self._step_in,
        }

    # What they learn, and what they plan then.

    def learn(
        self, card: Card, stage: str, owner: int | None, owed: Collection[str], at: datetime
    ) -> None:
        """The lead stands so now, and these obligations are open: the owner plans."""
        new = owner != card.owner
        fresh = stage != card.stage
        card.stage, card.owner = stage, owner
        if new:
            card.plan += 1
            card.pending.clear()
        if owner is None:
            return
        if ANSWERED_BY_CONTACT & set(owed):
            self._plan(card, "contact", at, self._reaction(card))
        if stage == Stage.MQL and (new or fresh):
            self._plan(card, "decide", at, self._consideration(card, at))
        elif stage in (Stage.INQUIRY, Stage.NURTURE) and "resolve" in owed:
            late = self._rng.random() > self._staff[owner].care
            self._plan(card, "resolve", at, self._between(200, 2000, 700) + (2000 if late else 0))

    def prospect(self, card: Card, at: datetime) -> None:
        """A buyer answered a rep's mail: half of them are brought in by that rep."""
        if card.owner is None and self._rng.random() < 0.55:
            rep = self._staff.prospector(card.buyer.country, self._rng)
            when = self._staff.after(rep, at, self._between(20, 400, 90))
            self._agenda.add(when, functools.partial(self._bring_in, card, rep))

    def cover(self, person: Person, at: datetime) -> None:
        """Somebody goes on leave: the manager has their undecided leads routed anew."""
        manager = self._staff.manager_of(person)
        for card in self.cards.values():
            open_here = card.owner == person.id and card.stage in (Stage.MQL, Stage.INQUIRY)
            if open_here and not card.buyer.script.leave:
                self._reassign(card, manager, None, "On leave, please take over.", at)

    def _plan(self, card: Card, deed: str, at: datetime, minutes: float) -> None:
        """The owner takes this step after so many minutes at work, unless it is planned already."""
        script = card.buyer.script
        if card.owner is None or deed in card.pending or deed in script.leave:
            return
        owner = self._staff[card.owner]
        card.pending.add(deed)
        effort = min(minutes, 20) if script.hurry else minutes * owner.pace
        when = script.times.get(deed) or self._staff.after(owner, at, effort)
        self._agenda.add(max(when, at), functools.partial(self._perform, card, card.plan, deed))

    def _perform(self, card: Card, plan: int, deed: str, at: datetime) -> None:
        if card.plan == plan:
            card.pending.discard(deed)
            self._deeds[deed](card, at)

    def _reaction(self, card: Card) -> float:
        least, most, usual = SWIFT.get(card.channel) or UNHURRIED.get(card.channel) or SLOW
        if card.owner is not None and self._rng.random() > self._staff[card.owner].care:
            return self._between(most * 1.3, most * 8, most * 2)
        return self._between(least, most, usual) / self._pace(card)

    def _consideration(self, card: Card, at: datetime) -> float:
        if card.owner is not None and self._rng.random() > self._staff[card.owner].care:
            if self._rng.random() < 0.45:
                self._plan(card, "step_in", at, self._between(900, 1500, 1000))
            return self._between(1000, 2200, 1300)
        return self._between(20, 420, 90)

    # Steps. Each takes the lead's state for granted and lets the product refuse.

    def _contact(self, card: Card, at: datetime) -> None:
        kind = {"INBOUND_EMAIL": "EMAIL", "SOCIAL": "SOCIAL"}.get(card.channel, "CALL")
        card.cool(at)
        reached = self._rng.random() < REACHED * card.warmth
        if self._log(card, kind if reached else "CALL", reached=reached, at=at) and not reached:
            self._agenda.add(
                self._staff.after(self._owner(card), at, self._between(5, 90, 20)),
                functools.partial(self._write_after, card, card.plan),
            )

    def _write_after(self, card: Card, plan: int, at: datetime) -> None:
        if card.plan == plan and card.owner is not None and self._rng.random() < 0.2:
            self._log(card, "EMAIL", reached=True, at=at)

    def _decide(self, card: Card, at: datetime) -> None:
        if card.stage != Stage.MQL:
            return
        if card.buyer.kind == "customer":  # no rejection: passed on to who looks after them
            note = talk.note_for("existing_customer", self._rng, card.buyer)
            self._act(actions.disqualify, card, at, reason="existing_customer", note=note)
            return
        owner = self._owner(card)
        reason, criterion = talk.objection(
            card.buyer, self._rng, REJECTED * owner.strictness / card.promise
        )
        if reason:
            note = talk.note_for(reason, self._rng, card.buyer)
            said = {"reason": reason, "criterion": criterion, "note": note}
            wake = talk.rest(reason, card.buyer, self._rng, at)
            self._act(actions.reject, card, at, wake=wake, **said)
        else:
            words = talk.evidence(self._rng)
            self._act(actions.accept, card, at, icp_confirmed=True, reachable=True, evidence=words)
        if self._rng.random() < UNDONE and not card.buyer.script.times:
            self._think_better(card, owner, at)
        elif card.stage == Stage.SAL:
            self._work(card, at)
        else:
            self._put_off(card, at)

    def _think_better(self, card: Card, owner: Person, at: datetime) -> None:
        """They press undo a few minutes later, and decide again."""

        def undo(when: datetime) -> None:
            self._act(actions.undo, card, when, by=owner.user)
            self._plan(card, "decide", when, self._between(5, 60, 15))

        self._agenda.add(at + timedelta(minutes=self._rng.uniform(1, 8)), undo)

    def _work(self, card: Card, at: datetime) -> None:
        """Accepted: what becomes of it is known to fate."""
        drawn = self._rng.random()
        odds = QUALIFIED * card.promise * card.warmth
        if drawn < odds or card.buyer.script.times or card.buyer.script.leave:
            if self._rng.random() < 0.5:
                self._plan(card, "learn", at, self._between(60, 380, 150))
            self._plan(card, "discover", at, self._between(400, 2600, 1000))
        elif drawn < 0.95:
            self._plan(card, "give_back", at, self._between(500, 3300, 1600))
        else:
            self._plan(card, "give_back", at, self._between(4900, 7500, 5600))

    def _learn(self, card: Card, at: datetime) -> None:
        """A first talk, before discovery: what it brings is kept for later."""
        if card.stage == Stage.SAL and self._log(card, "CALL", reached=True, at=at):
            self._act(checklists.save, card, at, checklist=talk.first_answers(self._rng))

    def _discover(self, card: Card, at: datetime) -> None:
        if card.stage == Stage.SAL and self._log(card, "DISCOVERY_CALL", reached=True, at=at):
            self._plan(card, "qualify", at, self._between(10, 240, 45))

    def _qualify(self, card: Card, at: datetime) -> None:
        if self._act(actions.sales_qualify, card, at, checklist=talk.checklist(self._rng)):
            self._plan(card, "hand_over", at, self._between(5, 90, 20))

    def _hand_over(self, card: Card, at: datetime) -> None:
        executive = self._staff.executive_for(self._owner(card), at)
        self._reassign(card, self._owner(card), executive, "Discovery is done, over to you.", at)
        if card.stage != Stage.SQL:
            return
        if self._rng.random() < CONVERTED or card.buyer.script.times:
            late = self._rng.random() > executive.care
            self._plan(card, "convert", at, self._between(60, 780, 280) + (900 if late else 0))
        else:
            self._plan(card, "give_back", at, self._between(300, 1400, 700))

    def _convert(self, card: Card, at: datetime) -> None:
        offer = self._desk.offer(card.buyer)
        days = min(max(self._rng.lognormvariate(2.85, 0.6), 3), 100)
        ends = at + days * DAY
        said = offer.said(ends + self._rng.randrange(-3, 25) * DAY)
        if self._act(actions.convert, card, at, **said):
            if "close" not in card.buyer.script.leave:
                self._desk.open(card.lead, offer, at, ends)
            self._plan(card, "close", ends, self._between(10, 400, 100))

    def _close(self, card: Card, at: datetime) -> None:
        if card.stage != Stage.OPPORTUNITY:  # closed with another lead of the same deal
            return
        if self._rng.random() < WON:
            if self._act(actions.win, card, at, **self._desk.won()):
                self._desk.keep(card.lead, at)
        else:
            reason = talk.loss(self._rng)
            rival = self._desk.rival(0.8 if reason == "chose_competitor" else 0.2)
            note = talk.note_for(reason, self._rng, card.buyer)
            self._act(actions.lose, card, at, reason=reason, note=note, competitor=rival)
            self._put_off(card, at)

    def _give_back(self, card: Card, at: datetime) -> None:
        if card.stage in (Stage.SAL, Stage.SQL):
            reason = talk.not_now(self._rng)
            wake = talk.rest(reason, card.buyer, self._rng, at)
            self._act(actions.return_to_nurture, card, at, reason=reason, wake=wake)
            self._put_off(card, at)

    def _resolve(self, card: Card, at: datetime) -> None:
        """A buyer who asked, but is no MQL: taken on all the same, or declined."""
        if card.stage not in (Stage.INQUIRY, Stage.NURTURE):
            return
        if self._rng.random() < (0.5 if card.buyer.kind == "core" else 0.12):
            self._source(card, at)
            return
        reason = talk.refusal(card.buyer, self._rng)
        note = talk.note_for(reason, self._rng, card.buyer)
        self._act(actions.disqualify, card, at, reason=reason, note=note)

    def _source(self, card: Card, at: datetime) -> None:
        if self._act(actions.self_source, card, at):
            self._work(card, at)

    def _bring_in(self, card: Card, rep: Person, at: datetime) -> None:
        if card.owner is None and card.stage in (Stage.INQUIRY, Stage.NURTURE):
            card.owner = rep.id
            if self._act(actions.self_source, card, at):
                self._plan(card, "contact", at, self._between(*SLOW))
                self._work(card, at)
            else:
                card.owner = None

    def _step_in(self, card: Card, at: datetime) -> None:
        """Overdue: the manager gives the lead to somebody else, or back to Marketing."""
        if card.stage != Stage.MQL:
            return
        manager = self._staff.manager_of(self._owner(card))
        when = self._staff.after(manager, at, self._between(5, 120, 30))

        def decide(at: datetime) -> None:
            if card.stage != Stage.MQL or card.owner is None:
                return
            if self._rng.random() < 0.25:
                self._act(actions.recycle, card, at, by=manager.user, reason="interest_faded")
            else:
                self._reassign(card, manager, None, "Overdue for too long.", at)

        self._agenda.add(when, decide)

    def _put_off(self, card: Card, at: datetime) -> None:
        resting = card.stage in (Stage.NURTURE, Stage.LOST) and card.buyer.kind != "role"
        if resting and not card.came_back and self._rng.random() < COMES_BACK:
            card.came_back = True
            self._comes_back(card.buyer, at + self._rng.uniform(9, 50) * DAY)

    # The product's own doors.

    def _act(self, action: Callable[..., Lead], card: Card, at: datetime, **details: Any) -> bool:
        """Take a step; False when the product refuses it."""
        by: User = details.pop("by", None) or self._owner(card).user
        try:
            lead = action(lead_id=card.lead, by=by, now=at, **details)
        except DomainError as refusal:
            self.refused[f"{action.__name__}: {refusal.code}"] += 1
            return False
        self.done[action.__name__] += 1
        if lead.owner_id != card.owner:
            card.plan += 1
            card.pending.clear()
        card.stage, card.owner = str(lead.stage), lead.owner_id
        if lead.queue:
            self.waiting.add(card.lead)
        return True

    def _log(self, card: Card, kind: str, *, reached: bool, at: datetime) -> bool:
        try:
            actions.log_activity(
                lead_id=card.lead,
                by=self._owner(card).user,
                kind=kind,
                outcome="COMPLETED" if reached else "NO_ANSWER",
                note=talk.small_talk(kind, self._rng) if reached else "",
                reported=self._told_by(card, kind, at),
                now=at,
            )
        except DomainError as refusal:
            self.refused[f"log_activity: {refusal.code}"] += 1
            return False
        self.done["log_activity"] += 1
        return True

    def _told_by(self, card: Card, kind: str, at: datetime) -> Reported:
        """Some have a telephone that reports their calls; the others write down what they did."""
        owner = self._owner(card).user
        if kind != "CALL" or owner.pk % 2:
            return BY_HAND
        return Reported("telephone", f"{card.lead}-{at:%Y%m%dT%H%M%S}", verified=True)

    def _reassign(
        self, card: Card, by: Person, to: Person | None, reason: str, at: datetime
    ) -> None:
        before = card.owner
        if to is not None and to.id == before:
            return
        owed = {name for name, deed in _OWED.items() if deed in card.pending}
        moved = self._act(
            actions.reassign, card, at, by=by.user, to=to.id if to else None, reason=reason
        )
        if moved and card.owner != before:
            owner, card.owner = card.owner, before
            self.learn(card, card.stage, owner, owed, at)

    def _owner(self, card: Card) -> Person:
        if card.owner is None:
            raise LookupError(f"nobody owns lead {card.lead}")
        return self._staff[card.owner]

    def _pace(self, card: Card) -> float:
        return self._owner(card).pace

    def _between(self, least: float, most: float, usual: float) -> float:
        return self._rng.triangular(least, most, usual)
