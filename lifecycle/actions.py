"""What people do to a lead. Console, API, admin and jobs all call these functions.

Each is one transaction and one shape: lock, check who may, check what is needed, move, let go or
hand over. Refusals raise a DomainError and leave no trace; `now` is the database clock unless a
test or the demo gives another.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from types import MappingProxyType

from core import errors
from leads import services
from leads.models import Lead
from leads.stages import CLOSED, Stage
from lifecycle import (
    acts,
    affirming,
    causes,
    checklists,
    contesting,
    exclusions,
    handoffs,
    misrouting,
    notices,
    overriding,
    ownership,
    permissions,
    proofs,
    quarantine,
    reasons,
    reconsidering,
)
from lifecycle.closing_requests import close_request
from lifecycle.contact_log import log_activity
from lifecycle.deal_closing import lose, win
from lifecycle.deals import convert
from lifecycle.handoffs import return_handoff
from lifecycle.misrouting import misroute
from lifecycle.taking_back import undo
from lifecycle.waking import WakeUp
from people.models import User
from routing.models import Override

__all__ = [
    "accept",
    "claim",
    "close_request",
    "convert",
    "disqualify",
    "log_activity",
    "lose",
    "misroute",
    "reassign",
    "recycle",
    "reject",
    "release",
    "reopen",
    "return_handoff",
    "return_to_nurture",
    "sales_qualify",
    "self_source",
    "undo",
    "win",
]


def accept(
    *,
    lead_id: int,
    by: User,
    icp_confirmed: bool,
    reachable: bool | None = None,
    evidence: str = "",
    now: dt.datetime | None = None,
) -> Lead:
    """The owner takes the lead: it fits the ICP and the contact can be reached.

    With `reachable` None the facts answer, as `affirming` says. Raises InvalidInput for what is
    neither confirmed nor shown.
    """
    with acts.on(lead_id, by=by, now=now) as act:
        override = permissions.require_owner(act.lead, by)
        affirmed = affirming.require(
            act.kit,
            affirming.shown(act.case, act.kit, act.now),
            {"icp_confirmed": icp_confirmed, "reachable": reachable},
            evidence=evidence,
        )
        event = act.move("accept", because={"affirmed": affirmed, "override": override})
        if evidence:
            proofs.keep_note(act, evidence)
        handoffs.at_sal(act, event)
    return act.lead


def reject(
    *,
    lead_id: int,
    by: User,
    reason: str,
    criterion: str = "",
    note: str = "",
    wake: WakeUp | None = None,
    now: dt.datetime | None = None,
) -> Lead:
    """The owner refuses the lead; the reason says which criterion failed and where it goes.

    Where the facts contradict it, Marketing is told that it can be contested.
    """
    with acts.on(lead_id, by=by, now=now) as act:
        override = permissions.require_owner(act.lead, by)
        found = reasons.require(act.kit, reason, "reject", note=note)
        failed = reasons.failed_criterion(act.kit, found, criterion)
        told = contesting.because(act.case, act.kit, criterion=failed, now=act.now)
        event = reasons.leave(
            act, "reject", found, note=note, to=found.outcome, criterion=failed,
            override=override, told=told, wake=wake,
        )  # fmt: skip
        if "contestable" in told:
            notices.tell_of(event, ledger=act.ledger)
    return act.lead


def self_source(*, lead_id: int, by: User, now: dt.datetime | None = None) -> Lead:
    """A rep brings the lead in themselves and owns it: sales-generated, outside MQL rates."""
    with acts.on(lead_id, by=by, now=now) as act:
        permissions.require_rep(by)
        if act.lead.owner_id not in (None, by.pk):
            permissions.require_owner(act.lead, by)
        event = act.move("self_source", because={"channel": act.lead.channel})
        act.lead.sourced_by = by
        act.ledger.change(act.lead, "sourced_by")
        if act.lead.owner_id != by.pk:
            ownership.hand_to(act.case, by.pk, ledger=act.ledger, cause=event, why="self-sourced")
        handoffs.at_sal(act, event)
    return act.lead


def sales_qualify(
    *,
    lead_id: int,
    by: User,
    checklist: Mapping[str, str] = MappingProxyType({}),
    now: dt.datetime | None = None,
) -> Lead:
    """Mark as SQL: the discovery call is done and a qualification framework is met.

    `checklist` maps items, as `bant.budget` or `budget`, to what was learnt; what was kept before
    in `checklists` counts with it. Raises InvalidInput naming everything that is missing.
    """
    with acts.on(lead_id, by=by, now=now) as act:
        override = permissions.require_owner(act.lead, by)
        known = checklists.merged(act, checklist)
        proof = proofs.require_sales_qualified(act.kit, act.lead, known)
        event = act.move("sales_qualify", because={**proof, "override": override})
        checklists.write(act, checklist)
        proofs.keep_checklist(act, known)
        handoffs.at_sql(act, event)
    return act.lead


def return_to_nurture(
    *,
    lead_id: int,
    by: User,
    reason: str,
    note: str = "",
    wake: WakeUp | None = None,
    now: dt.datetime | None = None,
) -> Lead:
    """Not now: the owner gives the lead back to Marketing."""
    with acts.on(lead_id, by=by, now=now) as act:
        override = permissions.require_owner(act.lead, by)
        found = reasons.require(act.kit, reason, "return_to_nurture", note=note)
        reasons.leave(act, "return_to_nurture", found, note=note, override=override, wake=wake)
    return act.lead


def recycle(
    *,
    lead_id: int,
    by: User,
    reason: str = "",
    note: str = "",
    wake: WakeUp | None = None,
    now: dt.datetime | None = None,
) -> Lead:
    """A manager sends an MQL back to Marketing."""
    with acts.on(lead_id, by=by, now=now) as act:
        permissions.require_manager(act.lead, by)
        found = reasons.require(act.kit, reason, "recycle", note=note) if reason else None
        reasons.leave(act, "recycle", found, note=note, override=True, wake=wake)
    return act.lead


def disqualify(
    *, lead_id: int, by: User, reason: str, note: str = "", now: dt.datetime | None = None
) -> Lead:
    """Not a buyer at all. A lead nobody owns may be disqualified by managers and RevOps.

    One in quarantine also by Marketing.
    """
    with acts.on(lead_id, by=by, now=now) as act:
        override = permissions.require_owner_or_keeper(act.lead, by)
        found = reasons.require(act.kit, reason, "disqualify", note=note)
        reasons.leave(act, "disqualify", found, note=note, override=override)
    return act.lead


def reopen(*, lead_id: int, by: User, reason: str = "", now: dt.datetime | None = None) -> Lead:
    """A manager starts the next cycle of a closed lead, which begins as an inquiry.

    One that an exclusion took out is let past that instead: it needs a `reason`, and is judged as
    if it had just come in.
    """
    with acts.on(lead_id, by=by, now=now) as act:
        permissions.require_manager(act.lead, by)
        permissions.require_kept(act.case.buyer.person)
        if act.lead.exclusion:
            if not reason.strip():
                raise reasons.missing("reason", "Say why it may pass, in a few words.")
            note = proofs.keep_note(act, reason.strip())
            event = exclusions.let_pass(act.case, note=note, ledger=act.ledger)
            reconsidering.reconsider([act.case], ledger=act.ledger, causes={act.lead.pk: event})
            return act.lead
        kept = proofs.keep_note(act, reason.strip()) if reason.strip() else None
        act.move("reopen", because={"override": True, **({"note": kept} if kept else {})})
    return act.lead


def reassign(
    *,
    lead_id: int,
    by: User,
    to: int | None,
    reason: str,
    why: str = "OTHER",
    seen: str = "",
    expected_owner: str | None = None,
    now: dt.datetime | None = None,
) -> Lead:
    """Give an open lead to somebody else, or with `to=None` let the routing rules choose anew.

    The owner may hand a lead on; everybody else needs to be a manager or RevOps. `why` is one of
    the reasons that the report of overrides counts, `reason` what the new owner reads. `seen` is
    the `permissions.place_of` the lead that was decided on, `expected_owner` the id of who had it,
    empty for nobody; raises TooLate where it has moved.
    """
    if not reason.strip():
        raise reasons.missing("reason", "Say why, in a few words: the new owner will read it.")
    overriding.require_why(why)
    with acts.on(lead_id, by=by, now=now) as act:
        override = permissions.require_owner(act.lead, by)
        permissions.require_still(act.lead, seen, held=act.case.held, by=by)
        if expected_owner is not None:
            expected = int(expected_owner) if expected_owner else None
            permissions.require_owned_by(act.lead, expected, held=act.case.held, by=by)
        if act.lead.stage in CLOSED or (
            act.lead.owner_id is None and not act.lead.queue and act.lead.stage == Stage.NURTURE
        ):
            raise errors.TooLate("This lead is not being worked; reopen or self-source it first.")
        note = proofs.keep_note(act, reason.strip())
        user = misrouting.require_rep(to, act.lead) if to is not None else None
        kind = Override.Kind.REASSIGNED if override else Override.Kind.HANDED_OVER
        overriding.note(act, kind=kind, why=why, to=user)
        if user is None:
            if act.lead.quarantined_at is not None:
                quarantine.leave(act.case, ledger=act.ledger, why="routed anew")
            anew = ownership.again(
                [act.case], why=causes.REASSIGNED, note=note, again=causes.REASSIGNED
            )
            ownership.route([act.case], ledger=act.ledger, again=anew)
            return act.lead
        ownership.hand_to(act.case, user.pk, ledger=act.ledger, why=causes.REASSIGNED, note=note)
    return act.lead


def claim(*, lead_id: int, by: User, now: dt.datetime | None = None) -> Lead:
    """A pool member takes a lead that waits in their pool's queue."""
    with acts.on(lead_id, by=by, now=now) as act:
        permissions.require_rep(by)
        if not act.lead.queue:
            raise errors.TooLate(
                f"{act.lead.owner or 'Nobody'} holds this lead; it waits in no queue.",
                state={"owner": str(act.lead.owner_id or ""), "stage": act.lead.stage},
            )
        if act.lead.quarantined_at is not None:
            raise errors.TooLate(
                "This lead waits in quarantine until its data is good enough; it is let pass or "
                "completed there.",
                code="quarantined",
                state=services.state_of(act.lead),
            )
        member = by.pool_memberships.filter(pool__key=act.lead.queue, active=True).exists()
        if not (member or permissions.overrides(act.lead, by)):
            raise errors.NotAllowed("Only members of this pool may claim from its queue.")
        ownership.hand_to(act.case, by.pk, ledger=act.ledger, why="claimed")
    return act.lead


def release(*, lead_id: int, by: User, reason: str, now: dt.datetime | None = None) -> Lead:
    """Let a lead pass out of quarantine although its data is thin; no floor holds it this cycle.

    It is judged, and routed if it has to be, as if it had just come in.
    """
    if not reason.strip():
        raise reasons.missing("reason", "Say why it may pass, in a few words.")
    with acts.on(lead_id, by=by, now=now) as act:
        permissions.require_keeper(by)
        if act.lead.quarantined_at is None:
            raise errors.TooLate(
                "This lead is in quarantine no more.", state=services.state_of(act.lead)
            )
        act.lead.passed_at = act.now
        act.ledger.change(act.lead, "passed_at")
        note = proofs.keep_note(act, reason.strip())
        event = quarantine.leave(
            act.case, ledger=act.ledger, why=quarantine.LET_PASS, because={"note": note}
        )
        reconsidering.reconsider([act.case], ledger=act.ledger, causes={act.lead.pk: event})
    return act.lead
