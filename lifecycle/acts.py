"""The frame every act on one lead stands in: one transaction, kit, account, lead, in that order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q

from governance import selectors as kits
from governance.kit import Kit
from leads import present, services
from leads.ledger import Ledger
from leads.models import Account, Lead, LeadEvent
from lifecycle import deal_standing, gathering, standings
from lifecycle.case import Case
from people.models import User
from sla import services as sla
from sla.clock import MOMENT_OF_STEP


@dataclass(slots=True)
class Act:
    """One person (or job) acting on one locked lead."""

    case: Case
    ledger: Ledger
    by: User | None

    @property
    def lead(self) -> Lead:
        """The lead acted on."""
        return self.case.lead

    @property
    def kit(self) -> Kit:
        """The kit it is done under."""
        return self.ledger.kit

    @property
    def now(self) -> dt.datetime:
        """The instant of the act, read once the lead was locked."""
        return self.ledger.now

    def move(self, transition: str, *, because: dict[str, Any], to: str | None = None) -> LeadEvent:
        """Take the step and let its moment stop, cancel and start clocks."""
        event = services.move(self.lead, transition, ledger=self.ledger, because=because, to=to)
        self.case.happen(MOMENT_OF_STEP[transition], event, ledger=self.ledger)
        return event


@contextmanager
def on(
    lead_id: int,
    *,
    by: User | None,
    now: dt.datetime | None = None,
    actor: str = "user",
    reason: str | None = None,
    with_account: bool = False,
    restates: bool = False,
) -> Iterator[Act]:
    """Lock a lead, act, and write everything at the end; any refusal leaves no trace.

    `with_account` locks the account too, which comes before the lead in the lock order; an act that
    `restates` how it stands to us locks beside both the leads that follow that.
    """
    with transaction.atomic():
        kit = kits.active_kit()
        if with_account or restates:
            wanted = Lead.objects.filter(pk=lead_id).values("account_id")
            accounts = list(Account.objects.filter(pk__in=wanted).select_for_update(no_key=True))
            if accounts and restates:
                standings.lock(Q(pk=lead_id), accounts, kit=kit)
        lead = services.lock(lead_id)
        services.require_unmerged(lead)
        case = gathering.open_cases([lead])[lead.pk]
        ledger = Ledger(
            kit=kit,
            now=now or present.of([lead_id]),
            actor=actor,
            by_id=by.pk if by else None,
            reason=reason,
        )
        catch_up(case, ledger)
        yield Act(case, ledger, by)
        case.rescore_if_moved(kit, ledger.now, ledger=ledger)
        ledger.flush()
        deal_standing.follow(ledger, [lead])


@contextmanager
def on_many(
    leads: Sequence[Lead], *, by: User | None, now: dt.datetime, kit: Kit, actor: str
) -> Iterator[list[Act]]:
    """Act on leads that are locked already, under one ledger."""
    ledger = Ledger(kit=kit, now=now, actor=actor, by_id=by.pk if by else None)
    cases = gathering.open_cases(leads)
    for case in cases.values():
        catch_up(case, ledger)
    yield [Act(case, ledger, by) for case in cases.values()]
    for case in cases.values():
        case.rescore_if_moved(kit, now, ledger=ledger)
    ledger.flush()
    deal_standing.follow(ledger, leads)


def catch_up(case: Case, ledger: Ledger) -> None:
    """Its clocks as they would stand had a worker followed their holders' hours up to now."""
    if sla.catch_up(case.lead, case.clocks, ledger=ledger):
        sla.show_next_due(case.lead, case.clocks, ledger=ledger)
