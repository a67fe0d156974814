"""“This is the same person as …”: looking up the other one from a lead's page."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse

from core.errors import InvalidInput
from core.texts import _
from leads import search, selectors
from leads.models import DuplicateSuggestion, Lead
from leads.stages import Stage
from lifecycle import merge_rights, merging
from people.models import User
from web.console import duplicate_list
from web.console.duplicate_list import Who

MOST = 10


@dataclass(frozen=True, slots=True)
class SamePage:
    """The lead, what was looked for, and who was found."""

    lead: int
    name: str
    q: str
    found: tuple[Who, ...]
    problem: str


def seen(lead_id: int, reader: User) -> Lead:
    """The lead, if the reader may see it."""
    lead = _visible(reader).filter(pk=lead_id).first()
    if lead is None:
        raise Http404
    return lead


def build(lead: Lead, q: str, reader: User, *, problem: str) -> SamePage:
    """Up to ten others that fit what was looked for. One query."""
    found: list[Lead] = []
    if q:
        others = _visible(reader).exclude(person=lead.person_id).exclude(stage=Stage.MERGED.value)
        by_number = others.filter(pk=int(q)) if q.isdecimal() and len(q) < 10 else None
        found = list((by_number or search.narrow(others, q)).order_by("-pk")[:MOST])
    told = tuple(duplicate_list.who(one.person, one) for one in found)
    return SamePage(lead.pk, lead.person.name, q, told, problem)


def suggest(lead: Lead, other: str, *, by: User) -> tuple[str, str]:
    """Suggest the pair; what was done, and where to go: to the pair for who may merge it."""
    if not (other.isdecimal() and len(other) < 19):
        raise InvalidInput(_("Pick one of those found."))
    twin = seen(int(other), by)
    made = merging.suggest(lead_id=lead.pk, other_id=twin.pk, by=by)
    if merge_rights.may_merge(by, [lead, twin]):
        return _("Compare the two, then merge them."), reverse("console:duplicate", args=[made.pk])
    said = _("Suggested. RevOps, Marketing or a manager decides whether they are one.")
    return said, reverse("console:lead", args=[lead.pk])


def after(reader: User, one: DuplicateSuggestion) -> str:
    """Where to go after a merge: on with the queue, or to the lead that carries on."""
    if merge_rights.may_review(reader):
        return reverse("console:duplicates")
    lead = Lead.objects.filter(person__in=[one.first_id, one.second_id])
    carrier = lead.exclude(stage=Stage.MERGED.value).first()
    return reverse("console:lead", args=[carrier.pk]) if carrier else reverse("console:inbox")


def _visible(reader: User) -> QuerySet[Lead]:
    return selectors.visible_to(reader).select_related("person", "account", "owner")
