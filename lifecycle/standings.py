"""What follows for leads that wait when it changes how their company stands to us."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from django.db.models import BooleanField, ExpressionWrapper, Q

from governance.kit import Kit
from governance.moments import Moment
from leads import services
from leads.ledger import Ledger
from leads.models import Account, AccountStatus, Lead
from leads.stages import Stage
from lifecycle import (
    causes,
    exclusions,
    gathering,
    keepers,
    ownership,
    quarantine,
    reconsidering,
    turns,
)
from lifecycle.case import Case
from routing import services as routing
from sla import services as sla

WHY: dict[str, str] = {
    AccountStatus.COMPETITOR: "the account is a competitor",
    AccountStatus.DO_NOT_CONTACT: "the account must not be contacted",
}
KNOWN = "the account is known"
TO_KEEPER = causes.TO_KEEPER


def follow(
    accounts: Collection[Account], *, ledger: Ledger, to_keepers: bool = True
) -> tuple[Case, ...]:
    """Leads that wait in queues are let go where the company is unwanted now, and handed to the
    keeper where it is known; what somebody owns stays with them. Exclusions that speak of accounts
    take leads out and let them in. Returns the leads it looked at.

    Without `to_keepers` nobody is handed over, as what a deal does must leave nothing behind when
    it is undone.

    The accounts must be locked and written with their new status. The caller flushes the ledger.
    """
    marking = (*turns.UNWANTED, *turns.KNOWN) if to_keepers else turns.UNWANTED
    marked = [one.pk for one in accounts if one.status in marking]
    concerned = exclusions.concerned(accounts, kit=ledger.kit)
    if not marked and not concerned:
        return ()
    waiting = Q(account_id__in=marked) & ~Q(queue="")
    rows = Lead.objects.filter(waiting | Q(pk__in=concerned)).order_by("pk")
    locked = list(rows.select_for_update(of=("self",), no_key=True))
    if not locked:
        return ()
    cases = tuple(gathering.open_cases(locked).values())
    for case in cases:
        if case.lead.pk in concerned:
            exclusions.keeps_out(case, ledger=ledger, cause=None, because={})
    queued = [one for one in cases if one.lead.queue and one.lead.account_id in marked]
    _restate(queued, {one.pk: one for one in accounts}, ledger)
    back = [one for one in cases if one.let_in is not None and not one.lead.exclusion]
    reconsidering.reconsider(back, ledger=ledger)
    return cases


def lock(wanted: Q, accounts: Collection[Account], *, kit: Kit) -> list[Lead]:
    """Lock the leads that are `wanted`, with those that `follow` may look at once these locked
    accounts stand otherwise: in one order, as others lock several leads, too. Returns the wanted.

    Who locks some of them first and the others later meets whoever holds those and waits.
    """
    waiting = Q(account__in=accounts) & ~Q(queue="")
    beside = waiting | Q(pk__in=exclusions.concerned(accounts, kit=kit))
    # Asked of the row as it is once it is locked.
    is_wanted = ExpressionWrapper(wanted, output_field=BooleanField())
    rows = Lead.objects.filter(wanted | beside).annotate(is_wanted=is_wanted).order_by("pk")
    rows = rows.select_related("owner__team")
    return [one for one in rows.select_for_update(of=("self",), no_key=True) if one.is_wanted]


def _restate(cases: Sequence[Case], statuses: Mapping[int, Account], ledger: Ledger) -> None:
    kept = keepers.of(statuses.values())
    for case in cases:
        account = statuses[case.lead.account_id or 0]
        if case.lead.quarantined_at is not None:
            quarantine.leave(case, ledger=ledger, why=WHY.get(account.status, KNOWN))
        elif account.status in turns.UNWANTED:
            _let_go(case, WHY[AccountStatus(account.status)], ledger)
        elif account.pk in kept:
            ownership.hand_to(case, kept[account.pk], ledger=ledger, why=TO_KEEPER)
        case.rescore(ledger.kit, ledger.now, ledger=ledger)


def _let_go(case: Case, why: str, ledger: Ledger) -> None:
    if case.lead.stage == Stage.MQL:
        because = {"reason": "", "why": why, "override": True}
        event = services.move(case.lead, "recycle", ledger=ledger, because=because)
        case.happen(Moment.RECYCLED, event, ledger=ledger)
        ownership.let_go(case, ledger=ledger, why=why, cause=event)
        return
    released = routing.release(case.lead, ledger=ledger, held=case.held, why=why)
    if released is not None:
        sla.cancel_all(case.lead, case.clocks, ledger=ledger, event=released, why=why)
    case.held = None
    if case.lead.hand_raised_at is not None:
        case.lead.hand_raised_at = None
        ledger.change(case.lead, "hand_raised_at")
