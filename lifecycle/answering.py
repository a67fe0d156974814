"""The buyer who writes or calls again after a contact: whoever owns the lead owes an answer."""

from __future__ import annotations

from dataclasses import dataclass

from core import reading
from governance.moments import Moment
from leads import selectors
from leads.models import Activity, Lead, LeadEvent
from lifecycle import turns
from lifecycle.acts import Act
from sla import services as sla
from sla.services import Came


@dataclass(frozen=True, slots=True)
class Word:
    """What a message of the buyer means: they are `back`, and want an answer of somebody (`asks`).

    What they wrote or said before we last reached out to them is neither.
    """

    back: bool = False
    asks: bool = False


def word(activity: Activity, lead: Lead) -> Word:
    """What an activity that is not written yet says of the buyer. One query where they spoke."""
    if activity.direction != Activity.Direction.INBOUND or activity.automatic:
        return Word()
    asked = selectors.last_contacts([lead.pk])
    reading.ask(asked)
    last = next((at for _, at in asked.found), None)
    again = turns.asks_again("", stage=lead.stage, at=activity.at, contacted_at=last)
    return Word(
        back=turns.is_word("", did=True, at=activity.at, contacted_at=last),
        asks=again and activity.awaits_answer and lead.owner_id is not None,
    )


def heard(act: Act, activity: Activity, event: LeadEvent, *, said: Word) -> None:
    """The buyer is back: what waited for them goes on, and the clock of the answer opens.

    Where that runs already, this joins it.
    """
    if said.back:
        sla.heard(act.lead, act.case.clocks, ledger=act.ledger, event=event)
    if said.asks:
        act.case.came = Came(activity.at, act.now)
        act.case.happen(Moment.TOUCHED, event, ledger=act.ledger)
