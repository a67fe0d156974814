"""Telling the log what an import of history says of the past: stages, owner, deal.

Only of leads that nobody ever worked: at INQUIRY, held by nobody, known from imports alone. What
is closed stays closed, without clocks. What is still worked needs somebody active to answer for
it; their clocks start now. Nothing of it is news to anybody. Two queries more in a batch, whatever
its size, and one that reserves ids for deals; some more where deals are named by their ids; none
where no history is told.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection

from core import bulk
from core.errors import FieldError
from governance.kit import Kit
from governance.moments import Moment
from leads import exchange, past, references, services
from leads.ledger import Ledger
from leads.models import LeadEvent, Opportunity, Touch
from leads.past import Past, Step
from leads.references import Reference
from leads.stages import WORKED, Stage
from lifecycle import deal_steps, named_deals, turns
from lifecycle.case import Case
from lifecycle.gathering import Arrival
from lifecycle.named_deals import Book, remark
from people import holders, roles
from routing import services as routing

DEALS = {
    Stage.OPPORTUNITY: Opportunity.Status.OPEN.value,
    Stage.WON: Opportunity.Status.WON.value,
    Stage.LOST: Opportunity.Status.LOST.value,
}
"""Stages with a deal, and how it stands then."""
PRESENT = {
    Stage.MQL: Moment.ASSIGNED,
    Stage.SAL: Moment.ACCEPTED,
    Stage.SQL: Moment.SALES_QUALIFIED,
    Stage.OPPORTUNITY: Moment.CONVERTED,
}
"""The moment whose clocks run at a stage that is still worked."""

TELLING = {"stage", "deal_id", *past.INSTANTS}
KNOWN = "Its past is not taken over: the lead was known already."
"""Who owned it is of no use alone: nobody owns an inquiry."""


@dataclass(frozen=True, slots=True)
class User:
    """Somebody a record may name as its owner."""

    pk: int
    active: bool


@dataclass(slots=True)
class _Tale:
    """One lead's past, ready to be written."""

    case: Case
    touch: Touch
    said: Mapping[str, str]
    past: Past
    owner: User | None
    remarks: list[FieldError]
    cause: LeadEvent
    called: Reference | None

    def joins(self, book: Book) -> bool:
        """Whether its deal is here already."""
        entry = book.of(self.called)
        return entry is not None and entry.deal is not None


def retell(told: Sequence[tuple[Arrival, LeadEvent]], *, ledger: Ledger) -> None:
    """Write the past of the leads whose touches tell one; `told` are touches with their events."""
    some = [
        (arrival, arrival.case, event)
        for arrival, event in told
        if arrival.touch.historical
        and arrival.case is not None
        and TELLING & {*arrival.said("history")}
    ]
    if not some:
        return
    book = named_deals.look_up(_called(one.touch) for one, _, _ in some)
    words = ("owner", "owner_else")
    users = named({one.said("history").get(word, "") for one, _, _ in some for word in words})
    live = _touched_live({case.lead.pk for _, case, _ in some})
    tales: dict[int, _Tale] = {}
    for arrival, case, event in some:
        if not _untouched(case, live) or case.lead.pk in tales:
            arrival.remarks += tuple(_known(arrival.touch, case, event, book, ledger))
            continue
        tale = _tale(arrival.touch, case, users, event, book)
        arrival.remarks += tuple(tale.remarks)
        if tale.past.steps:
            tales[case.lead.pk] = tale
    dealing = [one for one in tales.values() if one.past.stage in DEALS and not one.joins(book)]
    ids = bulk.reserve({Opportunity: len(dealing)})[Opportunity] if dealing else []
    numbers = {one.case.lead.pk: pk for one, pk in zip(dealing, ids, strict=True)}
    for arrival, case, _ in some:
        mine = tales.get(case.lead.pk)
        if mine is not None and mine.touch is arrival.touch:
            notes = _write(mine, numbers.get(case.lead.pk), book, ledger)
            arrival.remarks += tuple(notes)
    book.keep(now=ledger.now)


def _called(touch: Touch) -> Reference | None:
    return references.of_deal(touch.idempotency_scope, touch.payload.get("history", {}))


def _known(
    touch: Touch, case: Case, cause: LeadEvent, book: Book, ledger: Ledger
) -> Iterator[FieldError]:
    """Of a lead that was known already only the deal is brought up to date, if it is named."""
    called, said = _called(touch), touch.payload["history"]
    entry = book.of(called)
    if called is None or entry is None or entry.deal is None:
        yield remark(KNOWN)
        return
    found = past.said_of(said, until=touch.received_at)
    story = past.decide(found, received=touch.occurred_at)
    book.seen[called] = entry.deal.pk
    yield from named_deals.mend(entry, said, story, ledger=ledger)
    why = named_deals.close(
        entry, case, story, touch_id=touch.pk, cause=cause, ledger=ledger
    )  # fmt: skip
    if why:
        yield remark(why, "stage")


def _untouched(case: Case, live: set[int]) -> bool:
    lead = case.lead
    worked = case.is_held or case.clocks or lead.hand_raised_at or lead.quarantined_at
    begun = (lead.stage, lead.cycle) == (Stage.INQUIRY, 1)
    return begun and not worked and lead.pk not in live


def _tale(
    touch: Touch, case: Case, users: Mapping[str, User], cause: LeadEvent, book: Book
) -> _Tale:
    said: Mapping[str, str] = touch.payload["history"]
    found = past.said_of(said, until=touch.received_at)
    story = past.decide(found, received=case.lead.entered_stage_at)
    name = said.get("owner", "")
    owner = users.get(name.casefold())
    remarks = list(story.remarks)
    if name and owner is None:
        remarks.append(remark(f"Nobody here is called “{name}”.", "owner"))
    if owner is None or (story.stage in WORKED and not owner.active):
        owner = users.get(said.get("owner_else", "").casefold(), owner)
    called = _called(touch)
    if said.get("deal_id") and called is None:
        remarks.append(remark(named_deals.NAMELESS, "deal_id"))
    why = _unfit(story, owner, case)
    if not why and story.stage in DEALS:
        why = book.misfit(called, case.lead.account_id, DEALS[Stage(story.stage)])
    if why:
        remarks.append(remark(f"It was {story.stage}; it comes in as an inquiry: {why}."))
        story = Past()
    return _Tale(case, touch, said, story, owner, remarks, cause, called)


def _unfit(story: Past, owner: User | None, case: Case) -> str:
    """Why the steps cannot be written: somebody must answer for what is worked, or own a deal."""
    if story.stage in WORKED and case.account_status in turns.UNWANTED:
        return "its company is not to be worked"
    if story.stage in WORKED and (owner is None or not owner.active):
        return "nobody who is active and works leads owns it, so nobody would answer for it"
    if story.stage in DEALS and owner is None:
        return "a deal needs an owner who is a user here"
    return ""


def _write(tale: _Tale, deal_id: int | None, book: Book, ledger: Ledger) -> list[FieldError]:
    """The steps, the owner from the first worked stage on, the deal; returns what was not used."""
    case, lead, steps = tale.case, tale.case.lead, tale.past.steps
    notes: list[FieldError] = []
    reason = _reason(tale, ledger.kit, notes)
    deal = _join_or_make(tale, deal_id, notes, book, ledger)
    event = tale.cause
    for step in steps:
        because = _because(tale, step, reason, deal)
        event = services.move(
            lead, step.transition, to=_chosen(step), ledger=ledger, because=because,
            cause=tale.cause, at=step.at,
        )  # fmt: skip
        if step.to_stage == Stage.MQL and tale.owner is not None:
            event = _own(tale, tale.owner, step.at, ledger)
    if deal is not None:
        lead.opportunity = deal
        ledger.change(lead, "opportunity")
    if tale.past.stage in WORKED:
        case.happen(PRESENT[Stage(tale.past.stage)], event, ledger=ledger)
    else:
        routing.release(
            lead, ledger=ledger, held=case.held, why=steps[-1].transition, cause=event,
            at=steps[-1].at,
        )  # fmt: skip
        case.held = None
    if reason:
        lead.reason = reason
        ledger.change(lead, "reason")
    case.rescore(ledger.kit, ledger.now, ledger=ledger)
    return notes


def _own(tale: _Tale, owner: User, at: dt.datetime, ledger: Ledger) -> LeadEvent:
    because = {"history": True, "touch": tale.touch.pk}
    routed = routing.assign(
        tale.case.lead, owner.pk, ledger=ledger, because=because, cause=tale.cause, at=at
    )
    tale.case.held = routed.assignment
    return routed.event


def _because(tale: _Tale, step: Step, reason: str, deal: Opportunity | None) -> dict[str, Any]:
    because: dict[str, Any] = {"history": True, "touch": tale.touch.pk}
    if deal is not None and step.to_stage in DEALS:
        because["opportunity"] = deal.pk
    if reason and step is tale.past.steps[-1]:
        because["reason"] = reason
    return because


def _chosen(step: Step) -> str | None:
    """Only steps with several targets are told theirs; none of a past has."""
    return None if step.transition != "reject" else step.to_stage


def _reason(tale: _Tale, kit: Kit, notes: list[FieldError]) -> str:
    """The kit's reason of this key or name, where one fits the last step; else empty."""
    said = tale.said.get("reason", "").casefold()
    last = tale.past.steps[-1].transition
    if not said:
        return ""
    for one in kit.reasons.values():
        if last in one.used_for and said in (one.key.casefold(), one.label.casefold()):
            return one.key
    told = f"“{tale.said['reason']}” is no reason of the kit for this; it is only kept."
    notes.append(remark(told, "reason"))
    return ""


def _join_or_make(
    tale: _Tale, deal_id: int | None, notes: list[FieldError], book: Book, ledger: Ledger
) -> Opportunity | None:
    """The deal that its record names where it is here, else a new one; None at stages without."""
    if tale.past.stage not in DEALS or tale.owner is None:
        return None
    entry = book.of(tale.called)
    if tale.called is not None and entry is not None and entry.deal is not None:
        book.seen[tale.called] = entry.deal.pk
        notes += named_deals.mend(entry, tale.said, tale.past, ledger=ledger)
        return entry.deal
    if deal_id is None:
        return None
    deal = _deal(tale, deal_id, tale.owner, notes)
    exchange.value(deal, tale.past.steps[-1].at.date(), ledger.once(exchange.Rates))
    ledger.add(deal)
    deal_steps.begin(deal, ledger=ledger, because={"history": True, "lead": tale.case.lead.pk})
    if deal.closed_at is not None:
        deal_steps.closed(
            deal, ledger=ledger, at=deal.closed_at, history=True, lead=tale.case.lead.pk
        )
    book.made(tale.called, deal)
    return deal


def _deal(tale: _Tale, pk: int, owner: User, notes: list[FieldError]) -> Opportunity:
    """The deal as it is said to stand; named after the company, never after a person."""
    account, steps = tale.case.buyer.account, tale.past.steps
    opened = next(step.at for step in steps if step.to_stage == Stage.OPPORTUNITY)
    closed = tale.past.stage != Stage.OPPORTUNITY
    status = tale.past.stage if closed else Opportunity.Status.OPEN
    amount, currency = named_deals.worth(tale.said, notes)
    return Opportunity(
        pk=pk,
        account_id=account.pk if account is not None else None,
        name=(account.name if account is not None else "") or "Imported deal",
        owner_id=owner.pk,
        status=status,
        amount=amount,
        currency=currency or (settings.BASE_CURRENCY if amount is not None else ""),
        expected_close=tale.past.expected.date() if tale.past.expected else None,
        created_at=opened,
        closed_at=steps[-1].at if closed else None,
    )


def named(names: Iterable[str]) -> dict[str, User]:
    """Users by what records call them: e-mail, user name, or a full name only one of them has.

    By the casefolded name; those that name nobody are left out.
    """
    wanted = sorted({name.casefold() for name in names if name})
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_NAMED, {"names": wanted, "roles": list(holders.ROLES)})
        rows = cursor.fetchall()
    found: dict[str, User] = {}
    for sure in (False, True):
        for pk, active, full, *own in rows:
            keys = own if sure else [full] if sum(row[2] == full for row in rows) == 1 else []
            found |= dict.fromkeys(keys, User(pk, active))
    return {name: found[name] for name in wanted if name in found}


_NAMED = f"""
    SELECT id, is_active AND {roles.sql("people_user", "%(roles)s")},
           lower(first_name || ' ' || last_name), lower(email), lower(username)
      FROM people_user
     WHERE role <> 'SERVICE'
       AND (lower(email) = ANY(%(names)s) OR lower(username) = ANY(%(names)s)
            OR lower(first_name || ' ' || last_name) = ANY(%(names)s))
     ORDER BY id
"""  # noqa: S608 - a fragment of ours


def _touched_live(leads: set[int]) -> set[int]:
    """Those of the leads that another door than an import of history brought something to."""
    rows = Touch.objects.filter(lead_id__in=leads, historical=False)
    return set(rows.values_list("lead_id", flat=True))
