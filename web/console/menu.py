"""Which actions a page offers on a lead. Only an offer: the action itself decides who may."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.urls import reverse

from core.texts import _, lazy
from leads.models import Lead
from leads.stages import CLOSED, Stage
from lifecycle import permissions
from people import holders
from people.models import Role, User

LABELS = {
    "accept": lazy("Accept"),
    "reject": lazy("Reject"),
    "dispute": lazy("Dispute the rejection"),
    "decide_dispute": lazy("Decide the dispute"),
    "activity": lazy("Log contact"),
    "email": lazy("Write e-mail"),
    "sales_qualify": lazy("Mark as SQL"),
    "convert": lazy("Create opportunity"),
    "win": lazy("Won"),
    "lose": lazy("Lost"),
    "self_source": lazy("Self-source"),
    "return_to_nurture": lazy("Return to nurture"),
    "recycle": lazy("Recycle"),
    "disqualify": lazy("Disqualify"),
    "reopen": lazy("Reopen"),
    "reassign": lazy("Reassign"),
    "return_handoff": lazy("Return to the SDR"),
    "misroute": lazy("Not mine"),
    "claim": lazy("Claim"),
    "edit": lazy("Edit fields"),
    "release": lazy("Let pass"),
    "let_in": lazy("Let pass"),
    "wait": lazy("Waiting for the customer…"),
    "go_on": lazy("Wait no longer"),
    "wake_up": lazy("Wake-up…"),
    "next_step": lazy("Next step…"),
    "step_done": lazy("Next step done…"),
}
DANGER = frozenset({"reject", "disqualify", "lose"})

FIRST: dict[str, tuple[str, ...]] = {
    Stage.INQUIRY: ("self_source", "activity"),
    Stage.MQL: ("accept", "reject", "activity"),
    Stage.SAL: ("sales_qualify", "activity"),
    Stage.SQL: ("convert", "activity"),
    Stage.OPPORTUNITY: ("win", "lose", "activity"),
    Stage.NURTURE: ("self_source", "activity"),
    Stage.WON: (),
    Stage.LOST: (),
    Stage.DISQUALIFIED: (),
    Stage.MERGED: (),
}
MORE: dict[str, tuple[str, ...]] = {
    Stage.INQUIRY: ("disqualify",),
    Stage.MQL: ("disqualify",),
    Stage.SAL: ("return_to_nurture", "disqualify"),
    Stage.SQL: ("return_to_nurture", "disqualify"),
    Stage.NURTURE: ("disqualify",),
}
MANAGED: dict[str, tuple[str, ...]] = {
    Stage.MQL: ("recycle",),
    Stage.WON: ("reopen",),
    Stage.LOST: ("reopen",),
    Stage.DISQUALIFIED: ("reopen",),
}
CONTACT_FIRST = frozenset({Stage.INQUIRY, Stage.NURTURE, Stage.SAL, Stage.SQL})
"""Where owed contact comes before any step: without an acceptance that comes before both."""
OF_A_BUYER = frozenset({"reopen", "let_in", "edit", "dispute", "decide_dispute"})
"""What there is nobody for once the buyer was erased."""
KEYS = {"accept": "a", "sales_qualify": "a", "convert": "a", "reject": "r", "activity": "c",
        "email": "e"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Action:
    """One action as a link to its form; `key` presses it.

    Of one that is done at once, without a form to fill in, `confirms` says what it confirms, and
    leads back to `back`.
    """

    name: str
    label: str
    url: str
    key: str
    primary: bool
    danger: bool
    confirms: tuple[str, ...] = ()
    back: str = ""


@dataclass(frozen=True, slots=True)
class Menu:
    """What this reader is offered, and why not more where it is little."""

    first: tuple[Action, ...]
    more: tuple[Action, ...]
    why_not: str


def offer(
    lead: Lead, reader: User, *, back: str = "", obligation: str = "", reachable: bool = True,
    waits: str = "", disputes: str = "",
) -> Menu:  # fmt: skip
    """The actions for this reader on this lead; `back` is where each leads afterwards.

    `disputes` is what they may do about its rejection; that comes first.

    Where `obligation` asks for contact and no acceptance is due, logging it comes first; not for
    who is not `reachable` by any way. `waits` is the action on what can wait for the customer.

    `lead.person`, `lead.owner` and its team should be loaded.
    """
    found = _offered(
        lead, reader, back=back, obligation=obligation, reachable=reachable, waits=waits,
        disputes=disputes,
    )  # fmt: skip
    if lead.person.erased_at is not None:
        return _of_erased(found)
    if lead.stage != Stage.NURTURE or not permissions.keeps_queues(reader):
        return found
    return replace(found, more=(*found.more, _action(lead, "wake_up", back, primary=False)))


def _of_erased(found: Menu) -> Menu:
    """Nothing is kept of the buyer, and nobody comes back. A deal goes on."""
    first, more = (
        tuple(one for one in each if one.name not in OF_A_BUYER)
        for each in (found.first, found.more)
    )
    why_not = "" if first or more else _("Its buyer was erased; nothing is kept of them.")
    return Menu(first, more, why_not)


def _offered(
    lead: Lead, reader: User, *, back: str, obligation: str, reachable: bool, waits: str = "",
    disputes: str = "",
) -> Menu:  # fmt: skip
    if disputes:
        rest = _offered(lead, reader, back=back, obligation=obligation, reachable=reachable)
        (asked,) = _menu(lead, (disputes,), (), back).first
        others = tuple(replace(one, primary=False) for one in rest.first)
        return Menu((asked, *others), rest.more, "")
    if lead.quarantined_at is not None or lead.exclusion:
        return _set_aside(lead, reader, back)
    overrides = permissions.overrides(lead, reader)
    if lead.owner_id is not None and lead.owner_id != reader.pk and not overrides:
        if lead.opportunity is not None and lead.opportunity.owner_id == reader.pk:
            return _menu(lead, FIRST.get(lead.stage, ()), (), back)
        return Menu(
            (),
            (),
            _("{owner} holds this lead; only they and their manager act on it.").format(
                owner=lead.owner
            ),
        )
    if lead.owner_id is None and not overrides:
        return _unowned(lead, reader, back)
    planned = _planned(lead, waits)
    return _acting(lead, back, obligation, planned, overrides=overrides, reachable=reachable)


def at_once(menu: Menu, name: str, confirms: tuple[str, ...], *, back: str) -> Menu:
    """The same, where this action confirms what is shown beforehand and needs no form."""
    first = tuple(
        replace(one, confirms=confirms, back=back) if one.name == name else one
        for one in menu.first
    )
    return replace(menu, first=first)


def _planned(lead: Lead, waits: str) -> tuple[str, ...]:
    """Waiting for the buyer, and what is promised next, where somebody works the lead."""
    if lead.owner_id is None or lead.stage in CLOSED:
        return ()
    step = ("step_done",) if lead.next_step_at is not None else ()
    return (*((waits,) if waits else ()), *step, "next_step")


def _acting(
    lead: Lead,
    back: str,
    obligation: str,
    planned: tuple[str, ...],
    *,
    overrides: bool,
    reachable: bool,
) -> Menu:
    """For the owner, or who may act for them."""
    first = FIRST.get(lead.stage, ())
    if obligation in {"first_contact", "respond"} and lead.stage in CONTACT_FIRST:
        first = tuple(sorted(first, key=lambda name: name != "activity"))
    more = MORE.get(lead.stage, ())
    if not reachable and "disqualify" in more:
        first = (*(one for one in first if one != "activity"), "disqualify")
        more = ("activity", *(one for one in more if one != "disqualify"))
    first, more = _with_plan(first, more, planned)
    first = (*first, *_written(lead, reachable=reachable))
    if _was_handed_off(lead):
        more = ("return_handoff", *more)
    if lead.owner_id is not None or lead.queue:
        more = (*more, "reassign")
    if lead.owner_id is not None and lead.stage in (Stage.MQL, Stage.SAL):
        more = (*more, "misroute")
    if lead.stage != Stage.MERGED:
        more = (*more, "edit")
    if overrides:
        more = (*more, *MANAGED.get(lead.stage, ()))
    return _menu(lead, first, more, back)


def _written(lead: Lead, *, reachable: bool) -> tuple[str, ...]:
    """Writing to the buyer, where there is somebody to write to."""
    written = lead.stage not in CLOSED and reachable and lead.person.email
    return ("email",) if written else ()


def _with_plan(
    first: tuple[str, ...], more: tuple[str, ...], planned: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What ends a wait or a promise is at hand; what begins one is behind the rest."""
    ends = tuple(one for one in planned if one in ("go_on", "step_done"))
    return (*first, *ends), (*(one for one in planned if one not in ends), *more)


def _was_handed_off(lead: Lead) -> bool:
    """Whether an AE works what somebody else sourced; the act itself knows for sure."""
    owner, worked = lead.owner, lead.stage in {Stage.SAL, Stage.SQL}
    others = lead.sourced_by_id not in (None, lead.owner_id)
    return worked and others and owner is not None and owner.plays(Role.AE)


def _quarantined(lead: Lead, reader: User, back: str) -> Menu:
    if permissions.keeps_queues(reader):
        return _menu(lead, ("edit", "release"), ("disqualify", "activity"), back)
    if reader.plays(*holders.REPS):
        return _menu(lead, ("self_source",), (), back)
    return Menu((), (), _("In quarantine: Marketing and RevOps complete its record first."))


def _set_aside(lead: Lead, reader: User, back: str) -> Menu:
    """In quarantine, or taken out by an exclusion."""
    if lead.quarantined_at is not None:
        return _quarantined(lead, reader, back)
    if permissions.overrides(lead, reader):
        return _menu(lead, ("let_in",), ("edit",), back)
    return Menu((), (), _("An exclusion has taken it out; a manager or RevOps may let it pass."))


def _unowned(lead: Lead, reader: User, back: str) -> Menu:
    if lead.queue:
        return _menu(lead, ("claim",), (), back)
    works = reader.plays(*holders.ROLES)
    if works and lead.stage in {Stage.INQUIRY, Stage.NURTURE}:
        return _menu(lead, ("self_source",), (), back)
    return Menu((), (), _("Nobody holds this lead; a manager can reopen or assign it."))


def _menu(lead: Lead, first: tuple[str, ...], more: tuple[str, ...], back: str) -> Menu:
    return Menu(
        tuple(_action(lead, name, back, primary=place == 0) for place, name in enumerate(first)),
        tuple(_action(lead, name, back, primary=False) for name in more),
        "",
    )


def _action(lead: Lead, name: str, back: str, *, primary: bool) -> Action:
    url = reverse("console:lead-action", args=[lead.pk, name.replace("_", "-")])
    return Action(
        name,
        LABELS[name],
        f"{url}?{urlencode({'next': back})}" if back else url,
        KEYS.get(name, ""),
        primary,
        name in DANGER,
    )
