"""What people and systems do with a lead: one view shape, one call each into the lifecycle."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from core.errors import NotFound
from lifecycle import (
    actions,
    checklists,
    claims,
    disputes,
    merging_leads,
    next_steps,
    pausing,
    reaching,
    waking,
)
from web import problems
from web.api import bodies, documents, leads, permissions, shown
from web.api.leads import LeadDoor
from web.api.views import StrictSerializer

Act = Callable[..., object]


class ActionView(LeadDoor):
    """Reads the body, acts, shows the lead as it then is."""

    act: ClassVar[Act]
    done_status = 200

    def post(self, request: Request, lead_id: str) -> Response:
        """Refusals are problems; 409 tells the present state."""
        self.refuse_unknown(request, set())
        known = self.lead_id()
        act = type(self).act
        act(lead_id=known, **{"by": request.user} | self.body(request))
        return Response(leads.full(known), status=self.done_status)


def _view(
    name: str,
    act: Act,
    body: type[StrictSerializer],
    summary: str,
    *,
    status: int = 200,
    door: str = permissions.LEADS,
) -> type[ActionView]:
    """The view of one action, described by its name, body and summary."""
    described = extend_schema_view(
        post=extend_schema(
            operation_id=name,
            summary=summary,
            request=body,
            responses={status: shown.LeadFull, **documents.REFUSALS},
        )
    )
    attributes: dict[str, Any] = {
        "__doc__": summary,
        "__module__": __name__,
        "act": staticmethod(act),
        "serializer_class": body,
        "done_status": status,
        "door": door,
    }
    made = type(f"{name.title().replace('_', '')}View", (ActionView,), attributes)
    return described(made)


VIEWS: dict[str, type[ActionView]] = {
    name: _view(name, act, body, summary)
    for name, act, body, summary in (
        ("accept", actions.accept, bodies.Accept, "Take an MQL: it becomes sales-accepted."),
        ("reject", actions.reject, bodies.Reject, "Refuse an MQL, with its reason."),
        ("self_source", actions.self_source, bodies.Empty, "Take a lead that sales found itself."),
        ("sales_qualify", actions.sales_qualify, bodies.SalesQualify, "Mark as SQL."),
        ("checklist", checklists.save, bodies.Checklist, "Keep what was learnt so far."),
        ("convert", actions.convert, bodies.Convert, "Open or join an opportunity."),
        ("win", actions.win, bodies.Win, "The deal is won."),
        ("lose", actions.lose, bodies.Lose, "The deal is lost."),
        (
            "return_to_nurture",
            actions.return_to_nurture,
            bodies.ReturnToNurture,
            "Hand an accepted lead back to Marketing.",
        ),
        ("recycle", actions.recycle, bodies.Recycle, "Send a waiting MQL back to Marketing."),
        ("disqualify", actions.disqualify, bodies.Reason, "No buyer: end this cycle."),
        (
            "reopen",
            actions.reopen,
            bodies.Reopen,
            "Begin the next cycle of a closed lead, or let it past the exclusion that took it out.",
        ),
        ("undo", actions.undo, bodies.Empty, "Take one's own last step back."),
        ("reassign", actions.reassign, bodies.Reassign, "Give the lead to somebody else."),
        (
            "return_handoff",
            actions.return_handoff,
            bodies.ReturnHandoff,
            "The AE gives a lead back to the SDR who handed it off.",
        ),
        ("misroute", actions.misroute, bodies.Misroute, "Give back what is not yours."),
        (
            "set_next_step",
            next_steps.promise,
            bodies.NextStep,
            "Promise the next step and its instant, in the place of one before.",
        ),
        (
            "await_buyer",
            pausing.await_buyer,
            bodies.AwaitBuyer,
            "The next word is the buyer's: clocks that may wait stand still.",
        ),
        ("go_on", pausing.go_on, bodies.Empty, "Wait for the buyer no longer."),
    )
}
"""Address of each action under a lead."""


class ClaimView(ActionView):
    """Taking a lead from a queue, where somebody may be faster."""

    act = staticmethod(actions.claim)
    serializer_class = bodies.Empty

    def lead_id(self) -> int:
        """As of every door; who saw it in the queue is told who was first."""
        try:
            return super().lead_id()
        except NotFound:
            claims.require_waiting(self.named(), by=self.caller)
            raise

    @extend_schema(
        operation_id="claim",
        summary="Take a waiting lead from its queue.",
        request=bodies.Empty,
        responses={200: shown.LeadFull, **documents.REFUSALS},
    )
    def post(self, request: Request, lead_id: str) -> Response:
        """409 names who was first, also to who may not see the lead any more."""
        return super().post(request, lead_id)


VIEWS["claim"] = ClaimView


class LogActivityView(ActionView):
    """What was done with a buyer."""

    serializer_class = bodies.LogActivity

    @extend_schema(
        operation_id="log_activity",
        summary="Record a call, message or meeting.",
        request=bodies.LogActivity,
        responses={201: shown.EditedLead, **documents.REFUSALS},
    )
    def post(self, request: Request, lead_id: str) -> Response:
        """Remarks say where it stops no clock, or only from when it was written."""
        self.refuse_unknown(request, set())
        known = self.lead_id()
        done = actions.log_activity(lead_id=known, **{"by": request.user} | self.body(request))
        fault = reaching.told(reaching.said_of(done))
        remarks = problems.listed([fault] if fault else [])
        return Response({**leads.full(known), "remarks": remarks}, status=201)


MERGE_VIEWS: dict[str, type[ActionView]] = {
    "merge": _view(
        "merge",
        merging_leads.merge,
        bodies.Merge,
        "Its buyer is that of another lead: make them one.",
        door=permissions.MERGES,
    ),
    "unmerge": _view(
        "unmerge",
        merging_leads.unmerge,
        bodies.Empty,
        "Part two buyers again: both stand as they stood.",
        door=permissions.MERGES,
    ),
}
"""The same for what Marketing may do, too."""

DISPUTE_VIEWS: dict[str, type[ActionView]] = {
    "dispute": _view(
        "dispute",
        disputes.dispute,
        bodies.Dispute,
        "Marketing says that a rejection is wrong.",
        door=permissions.DISPUTES,
    ),
    "decide_dispute": _view(
        "decide_dispute",
        disputes.rule,
        bodies.DecideDispute,
        "RevOps decides a disputed rejection, for good.",
        door=permissions.DISPUTES,
    ),
}
"""What Marketing and RevOps do about rejections."""

NURTURE_VIEWS: dict[str, type[ActionView]] = {
    "wake_up": _view(
        "wake_up",
        waking.change,
        bodies.WakeUpChange,
        "Set when a nurtured lead is looked at again.",
        door=permissions.QUEUES,
    )
}
"""What Marketing does with leads that rest."""
