"""Which turn a lead takes, by where it stands: shared by the pipeline and by simulations. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from enum import StrEnum

from governance.kit import Kit
from governance.moments import Moment
from leads.models import AccountStatus, Channel
from leads.stages import CLOSED, Stage

UNWANTED = (AccountStatus.COMPETITOR, AccountStatus.DO_NOT_CONTACT)
KNOWN = (AccountStatus.CUSTOMER, AccountStatus.OPEN_OPPORTUNITY)

OURS = (Channel.OUTBOUND, Channel.IMPORT)
"""Channels by which nobody came: we found them, or had a list."""

TOLD = (Channel.EVENT, Channel.REFERRAL, Channel.PARTNER)
"""Channels by which somebody else tells us of the buyer: a list of guests, a friend, a partner."""

REPLY = "email_reply"
"""The signal that answers something we wrote."""


class Turn(StrEnum):
    """What the company makes of a touch.

    ORDINARY: judged by the kit's criteria. KNOWN: handed to who keeps the account, never a new
    MQL. UNWANTED: kept, and nothing follows from it.
    """

    ORDINARY = "ORDINARY"
    KNOWN = "KNOWN"
    UNWANTED = "UNWANTED"


def of(kit: Kit, *, stage: str, channel: str, account_status: str) -> Turn:
    """The turn of a touch of a lead at this stage and of this channel.

    Accounts are known to kits with a clock for them in this cell; others mean what they meant.
    """
    if account_status in UNWANTED:
        return Turn.UNWANTED
    if account_status in KNOWN and answers_known(kit, stage=stage, channel=channel):
        return Turn.KNOWN
    return Turn.ORDINARY


def answers_known(kit: Kit, *, stage: str, channel: str) -> bool:
    """Whether the kit promises known accounts an answer there, whatever the facts."""
    return any(
        Moment.KNOWN_ACCOUNT in one.starts_on and stage in one.stages and one.condition is None
        and not kit.exemption(stage=stage, channel=channel, obligation=one.obligation)
        for one in kit.policies
    )  # fmt: skip


def keeper(
    account_status: str,
    *,
    deal: int | None,
    cs: int | None,
    account: int | None,
    parent: int | None,
) -> int | None:
    """Who answers for a known account, of those active: of its open deal, its CS owner, its owner,
    its parent's.

    The deal's comes first where there is nothing but the deal; a customer is its CS owner's, and
    where it has none the account owner's. None: routing finds somebody.
    """
    customer = account_status == AccountStatus.CUSTOMER
    first = cs if customer else deal if account_status == AccountStatus.OPEN_OPPORTUNITY else None
    return first or account or parent or None


def comes_back_to(stood: Stage, *, account_status: str, faded: bool) -> Stage:
    """Where a lead comes back to that an exclusion took out where it `stood`.

    An MQL that nobody owns rests instead where its score has `faded` below what the kit recycles
    at, or its company is one we must not deal with: it would have been recycled meanwhile.
    """
    recycled = stood is Stage.MQL and (faded or account_status in UNWANTED)
    return Stage.NURTURE if recycled else stood


def may_reopen(stage: str, account_status: str) -> bool:
    """A closed buyer who asks for a person is back, unless we must not deal with the company."""
    closed = stage in (Stage.WON, Stage.LOST, Stage.DISQUALIFIED)
    return closed and account_status not in UNWANTED


def is_word(channel: str, *, did: bool, at: dt.datetime, contacted_at: dt.datetime | None) -> bool:
    """Whether a touch is the buyer's own word, and not of before we last reached out to them.

    Of what others tell us it is only what the buyer `did`: a signal that came with it. Being on a
    list, however it was uploaded, is no word.
    """
    own = channel not in OURS and (did or channel not in TOLD)
    return own and (contacted_at is None or contacted_at < at)


def is_reply(kind: str) -> bool:
    """Whether a signal that came by itself is the buyer's word to us, though it asks for nobody."""
    return kind == REPLY


def asks_again(
    channel: str,
    *,
    stage: str,
    at: dt.datetime,
    contacted_at: dt.datetime | None,
    did: bool = True,
) -> bool:
    """Whether a touch is the buyer's word after a contact, which wants an answer of its own."""
    word = is_word(channel, did=did, at=at, contacted_at=contacted_at)
    return wants_answer(word=word, stage=stage, contacted_at=contacted_at)


def wants_answer(*, word: bool, stage: str, contacted_at: dt.datetime | None) -> bool:
    """Whether the buyer's own `word` follows a contact, so that it is owed an answer of its own."""
    return word and stage not in CLOSED and contacted_at is not None


def may_qualify(stage: str) -> bool:
    """Whether criteria are judged here: those further on have been, those closed are not."""
    return stage in (Stage.INQUIRY, Stage.NURTURE)


def fresh_since(stage: str, entered_at: dt.datetime) -> dt.datetime | None:
    """From when on behaviour counts: a nurtured buyer must show something new. None: all of it."""
    return entered_at if stage == Stage.NURTURE else None


def may_be_quarantined(stage: str, *, asked: bool, held: bool, passed: bool) -> bool:
    """Thin data stops only who nobody answers for, asked for nobody, and was not let pass."""
    return may_qualify(stage) and not (asked or held or passed)


def calls_keeper(stage: str, *, raised: bool, held: bool, qualifies: bool) -> bool:
    """Whether a touch of a known account is for its keeper: they asked, or would be a new MQL.

    `held` says that somebody owns the lead or that it waits: they see the touch as it is.
    """
    return stage not in CLOSED and (raised or (qualifies and not held))


def rests_once_answered(stage: str, *, owed: bool, asked: bool) -> bool:
    """Whether nobody need hold a nurtured lead of a known account any more after a contact."""
    return stage == Stage.NURTURE and not owed and not asked


def needs_owner(stage: str, *, asked: bool, held: bool) -> bool:
    """MQLs, and buyers who asked for a person at any stage, need somebody who answers for them.

    `held` says that somebody owns the lead or that it waits in a queue.
    """
    return not held and (stage == Stage.MQL or (asked and stage not in CLOSED))


def woken_by(
    wake_on: str,
    *,
    signals: Sequence[tuple[str, dt.datetime]],
    since: dt.datetime,
    band: str,
    kit: Kit,
) -> str:
    """What a nurtured lead waited for and has come `since` it rests; empty where nothing has.

    Then all the buyer's behaviour counts again. A band is reached by any that is higher, too.
    """
    what, _, key = wake_on.partition(":")
    if what == "signal":
        return wake_on if any(kind == key and at >= since for kind, at in signals) else ""
    order = [one.key for one in kit.bands]
    reached = key in order and band in order and order.index(band) <= order.index(key)
    return wake_on if what == "band" and reached else ""
