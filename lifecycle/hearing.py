"""What becomes of a lead whose buyer was heard of, by a touch or by a signal that came by itself.

Excluded, reopened, hand raised, quarantined, qualified or handed on: in memory and in the
ledger only.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from governance.moments import Moment
from leads import services
from leads.ledger import Ledger
from leads.models import LeadEvent
from leads.stages import CLOSED
from lifecycle import exclusions, quarantine, reconsidering, turns
from lifecycle.case import Case
from sla import services as sla
from sla.services import Came


@dataclass(frozen=True, slots=True)
class Heard:
    """What was heard of a buyer, as the judgement needs it.

    `raised` says that they asked for a person, `word` that it is their own word and none of before
    we last reached out to them. `event` tells of it in the lead's log, `because` in what follows.
    """

    occurred_at: dt.datetime
    received_at: dt.datetime
    raised: bool
    word: bool
    event: LeadEvent
    because: Mapping[str, Any]


def judge(case: Case, heard: Heard, *, ledger: Ledger) -> None:
    """What this makes of the lead, short of routing it.

    Nothing follows while an exclusion holds, nor for a company that is not to be dealt with.
    """
    lead, event, because = case.lead, heard.event, dict(heard.because)
    case.came = case.came or Came(heard.occurred_at, heard.received_at)
    if _kept_out(case, heard, ledger) or case.account_status in turns.UNWANTED:
        return
    if heard.word:
        sla.heard(lead, case.clocks, ledger=ledger, event=event)
    raised = heard.raised or exclusions.hears(case, ledger=ledger, cause=event) is not None
    if raised and _reopened(case, heard, ledger) and _kept_out(case, heard, ledger):
        return  # what it was let pass, it was let pass in the cycle before
    if raised and lead.stage not in CLOSED and lead.hand_raised_at is None:
        lead.hand_raised_at = ledger.now
        ledger.change(lead, "hand_raised_at")
    known = reconsidering.turn(case, ledger.kit) is turns.Turn.KNOWN
    quarantine.judge(case, known=known, ledger=ledger, because=because, cause=event)
    if known:
        reconsidering.call_keeper(case, raised=raised, ledger=ledger, cause=event)
        _ask_again(case, heard, ledger)
        return
    reconsidering.qualify(case, ledger=ledger, because=because, cause=event)
    _ask_again(case, heard, ledger)
    if raised and lead.stage not in CLOSED:
        case.happen(Moment.HAND_RAISED, event, ledger=ledger)


def _kept_out(case: Case, heard: Heard, ledger: Ledger) -> bool:
    return exclusions.keeps_out(
        case, raised=heard.raised, ledger=ledger, because=heard.because, cause=heard.event
    )


def _reopened(case: Case, heard: Heard, ledger: Ledger) -> bool:
    """Whether the next cycle of a closed lead begins, since its buyer asked for a person."""
    if not turns.may_reopen(case.lead.stage, case.account_status):
        return False
    because = dict(heard.because)
    event = services.move(case.lead, "reopen", ledger=ledger, because=because, cause=heard.event)
    case.happen(Moment.REOPENED, event, ledger=ledger)
    return True


def _ask_again(case: Case, heard: Heard, ledger: Ledger) -> None:
    """Whoever owns the lead had written or called, and the buyer comes back to it."""
    again = turns.wants_answer(
        word=heard.word, stage=case.lead.stage, contacted_at=case.contacted_at
    )
    if again and case.lead.owner_id is not None:
        case.happen(Moment.TOUCHED, heard.event, ledger=ledger)
