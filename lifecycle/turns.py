"""Which turn a lead takes, by where it stands: shared by the pipeline and by simulations. Pure."""

from __future__ import annotations

import datetime as dt

from leads.models import AccountStatus
from leads.stages import CLOSED, Stage

UNWANTED = (AccountStatus.COMPETITOR, AccountStatus.DO_NOT_CONTACT)


def may_reopen(stage: str, account_status: str) -> bool:
    """A closed buyer who asks for a person is back, unless we must not deal with the company."""
    closed = stage in (Stage.WON, Stage.LOST, Stage.DISQUALIFIED)
    return closed and account_status not in UNWANTED


def may_qualify(stage: str) -> bool:
    """Whether criteria are judged here: those further on have been, those closed are not."""
    return stage in (Stage.INQUIRY, Stage.NURTURE)


def fresh_since(stage: str, entered_at: dt.datetime) -> dt.datetime | None:
    """From when on behaviour counts: a nurtured buyer must show something new. None: all of it."""
    return entered_at if stage == Stage.NURTURE else None


def needs_owner(stage: str, *, asked: bool, held: bool) -> bool:
    """MQLs, and buyers who asked for a person at any stage, need somebody who answers for them.

    `held` says that somebody owns the lead or that it waits in a queue.
    """
    return not held and (stage == Stage.MQL or (asked and stage not in CLOSED))
