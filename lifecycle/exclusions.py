"""Who is no buyer is taken out before anybody is asked, and let in again when that was wrong.

An exclusion disqualifies only leads that nobody owns. Such a lead comes back to where it stood
(`detours`), as soon as the exclusion holds no more, whatever brought that about, or when a person
lets it pass. What its buyer asked for meanwhile is heard then.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import Q

from governance.kit import Kit
from governance.moments import Moment
from leads import exclusion, resting, services
from leads.exclusion import Excluded
from leads.ledger import Ledger
from leads.models import Account, Lead, LeadEvent
from leads.stages import CLOSED, Stage
from lifecycle import detours, ownership
from lifecycle.case import Case

TAKEN_OUT, LET_IN = "disqualify", "readmit"
"""The steps of the state machine by which a lead goes and comes back."""
WHY = "excluded"
MOST_LEADS = 200
"""So many leads of a company are looked at at once; others when they are touched next."""


def keeps_out(
    case: Case,
    *,
    ledger: Ledger,
    cause: LeadEvent | None,
    because: Mapping[str, Any],
    raised: bool = False,
) -> bool:
    """Whether nothing follows for this lead, since an exclusion of the kit holds.

    Takes it out, lets it in again, or leaves it as it is. Who `raised` a hand and is kept out is
    remembered; a closed lead is not reopened by it.
    """
    lead = case.lead
    if lead.exclusion and _is_gone(case):
        return True
    out, may = bool(lead.exclusion), _may_catch(lead)
    if not (out or (ledger.kit.exclusions and (may or (raised and lead.stage in CLOSED)))):
        return False
    holding = holds(case, ledger)
    if out:
        if not _still(lead, holding):
            _move_on(case, holding, ledger=ledger, cause=cause, because=because)
    elif may and holding:
        _take_out(case, holding[0], ledger=ledger, cause=cause, because=because)
    if raised and lead.exclusion and lead.unheard_at is None:
        lead.unheard_at = ledger.now
        ledger.change(lead, "unheard_at")
    return bool(lead.exclusion) or (bool(holding) and lead.stage in CLOSED)


def holds(case: Case, ledger: Ledger) -> tuple[Excluded, ...]:
    """The exclusions of the ledger's kit that hold for a lead now, but for those it may pass."""
    return exclusion.decide(
        ledger.kit,
        lambda names: case.facts(ledger.kit, ledger.now, names=names),
        passed=case.lead.passed_exclusions,
    )


def is_otherwise(case: Case, ledger: Ledger) -> bool:
    """Whether exclusions would take this lead out now, or would not have it out any more."""
    lead = case.lead
    if lead.exclusion:
        return not _still(lead, holds(case, ledger))
    return _may_catch(lead) and bool(holds(case, ledger))


def hears(case: Case, *, ledger: Ledger, cause: LeadEvent | None) -> LeadEvent | None:
    """What opens the request now that its buyer made while the lead was kept out; None: nothing.

    Clocks learn of it from who calls this, once the lead stands where it is to stand.
    """
    lead, event = case.lead, case.let_in or cause
    if event is None or lead.unheard_at is None or lead.exclusion or lead.stage in CLOSED:
        return None
    lead.hand_raised_at = lead.hand_raised_at or ledger.now
    lead.unheard_at = None
    ledger.change(lead, "hand_raised_at", "unheard_at")
    return event


def let_pass(case: Case, *, note: int | None, ledger: Ledger) -> LeadEvent:
    """A person lets a lead past the exclusion that took it out, until its cycle ends.

    What becomes of it next is decided by who calls this.
    """
    lead = case.lead
    passed = lead.exclusion
    because = {
        "passed": True, "override": True, "note": note, "reason": "",
    }  # fmt: skip
    lead.passed_exclusions = sorted({*lead.passed_exclusions, passed})
    ledger.change(lead, "passed_exclusions")
    return _let_in(case, ledger=ledger, cause=None, because=because)


def was_let_pass(step: LeadEvent) -> bool:
    """Whether a step was a person's, who let a lead past an exclusion."""
    return step.transition == LET_IN and bool(step.because.get("passed"))


def put_back(lead: Lead, step: LeadEvent, *, ledger: Ledger) -> None:
    """What let it in was undone, a person's step or an edit: it is out again, as before."""
    key = step.because["exclusion"]
    lead.exclusion, lead.reason = key, step.because.get("excluded_for", "")
    lead.before_exclusion = step.because.get(resting.STOOD, {})
    lead.passed_exclusions = [one for one in lead.passed_exclusions if one != key]
    lead.unheard_at = resting.instant(step.because.get("unheard_at"))
    lead.hand_raised_at = None
    ledger.change(
        lead, "exclusion", "reason", "before_exclusion", "passed_exclusions", "unheard_at",
        "hand_raised_at",
    )  # fmt: skip


def concerned(accounts: Collection[Account], *, kit: Kit) -> list[int]:
    """The leads of these companies that exclusions may take out or let in as those now stand.

    Merged leads and those of erased people stay as they are. No query where the kit has no
    exclusion over accounts.
    """
    if not accounts or not exclusion.speaks_of_accounts(kit):
        return []
    at = Q(stage__in=[one.value for one in exclusion.AT], owner__isnull=True)
    found = Lead.objects.filter(
        at | ~Q(exclusion=""), account__in=accounts, person__erased_at__isnull=True
    ).exclude(stage=Stage.MERGED.value)
    newest = found.order_by("-last_touch_at", "pk").values_list("pk", flat=True)
    return list(newest[:MOST_LEADS])


def _may_catch(lead: Lead) -> bool:
    return exclusion.may_catch(lead.stage, owned=lead.owner_id is not None)


def _still(lead: Lead, holding: tuple[Excluded, ...]) -> bool:
    """Whether the exclusion that has a lead out is among those that hold."""
    return any(one.exclusion.key == lead.exclusion for one in holding)


def _is_gone(case: Case) -> bool:
    """Whether a lead never comes back by itself: it is another's now, or its buyer was erased."""
    return case.lead.stage == Stage.MERGED or case.buyer.person.erased_at is not None


def _move_on(
    case: Case,
    holding: tuple[Excluded, ...],
    *,
    ledger: Ledger,
    cause: LeadEvent | None,
    because: Mapping[str, Any],
) -> None:
    """The exclusion that took it out holds no more: it comes back, unless another one holds."""
    _by_the_kit(_let_in(case, ledger=ledger, cause=cause, because={**because, "reason": ""}))
    if holding:
        _take_out(case, holding[0], ledger=ledger, cause=cause, because=because)


def _take_out(
    case: Case,
    found: Excluded,
    *,
    ledger: Ledger,
    cause: LeadEvent | None,
    because: Mapping[str, Any],
) -> None:
    lead = case.lead
    stood = resting.noted(lead)
    told = {**because, **found.as_data(), resting.STOOD: stood}
    event = services.move(lead, TAKEN_OUT, ledger=ledger, because=told, cause=cause)
    _by_the_kit(event)
    case.happen(Moment.DISQUALIFIED, event, ledger=ledger)
    lead.unheard_at = lead.unheard_at or lead.hand_raised_at
    ownership.let_go(case, ledger=ledger, why=WHY, cause=event)
    lead.exclusion, lead.reason = found.exclusion.key, found.exclusion.reason
    lead.before_exclusion = stood
    ledger.change(lead, "exclusion", "reason", "before_exclusion", "unheard_at")


def _let_in(
    case: Case, *, ledger: Ledger, cause: LeadEvent | None, because: Mapping[str, Any]
) -> LeadEvent:
    lead, stood = case.lead, case.lead.before_exclusion
    to = detours.leads_to(case, ledger)
    told = {
        **because,
        "exclusion": lead.exclusion,
        resting.STOOD: stood,
        "excluded_for": lead.reason,
        "unheard_at": lead.unheard_at.isoformat() if lead.unheard_at else None,
    }
    since = resting.since(to, stood)
    if since is not None:
        told["since"] = since.isoformat()
    if exclusion.REJECTION in stood:
        told[exclusion.REJECTION] = stood[exclusion.REJECTION]
        case.returned = True
    lead.exclusion = ""
    ledger.change(lead, "exclusion")
    event = services.move(lead, LET_IN, ledger=ledger, because=told, to=to, cause=cause)
    detours.stand_again(lead, ledger=ledger)
    case.happen(Moment.REOPENED, event, ledger=ledger)
    if to is Stage.MQL:
        case.happen(Moment.QUALIFIED, event, ledger=ledger)
    case.let_in = event
    return event


def _by_the_kit(event: LeadEvent) -> None:
    """The step is nobody's, whoever changed the facts that it follows from."""
    event.actor, event.by_id = "pipeline", None
