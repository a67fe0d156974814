"""What a lead's page says of merges: where it goes on, who was merged in, and the way back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.urls import reverse

from core import steps
from core.texts import _
from leads.models import IdentityKey, Lead, PersonMerge
from lifecycle import merge_rights
from people.models import User
from web.console import words


@dataclass(frozen=True, slots=True)
class MergeLine:
    """One merge that stands; `undo_url` is empty for those who may not take it back."""

    name: str
    line: str
    undo_url: str


@dataclass(frozen=True, slots=True)
class Merged:
    """Where the lead goes on, and who became part of its buyer."""

    into_url: str
    into: str
    merges: tuple[MergeLine, ...]
    reached: tuple[str, ...]
    same_url: str


@steps.in_steps
def of_lead(lead: Lead, *, reader: User, now: datetime) -> steps.Story[Merged]:
    """Two messages: merges, and values that came with them."""
    root = lead.person.merged_into_id or lead.person_id
    standing = PersonMerge.objects.filter(
        Q(winner=root) | Q(winner__merged_into=root), undone_at__isnull=True
    )
    merges = standing.select_related("loser", "by").order_by("-pk")
    yield [merges]
    kept = _kept_of(root) if merges else IdentityKey.objects.none().values_list("value", flat=True)
    yield [kept]
    shown = {lead.person.email.lower(), lead.person.phone}
    url = reverse("console:lead", args=[lead.merged_into_id]) if lead.merged_into_id else ""
    return Merged(
        into_url=url,
        into=_("lead {merged_into_id}").format(merged_into_id=lead.merged_into_id) if url else "",
        merges=tuple(_line(one, reader, now) for one in merges),
        reached=tuple(value for value in kept if value not in shown),
        same_url=""
        if url or lead.person.erased_at
        else reverse("console:lead-same-as", args=[lead.pk]),
    )


def _line(one: PersonMerge, reader: User, now: datetime) -> MergeLine:
    by = _(" by {by}").format(by=one.by) if one.by else ""
    reason = f": {one.reason}" if one.reason else ""
    return MergeLine(
        name=one.loser.name,
        line=_("merged in {ago}{by}{reason}").format(
            ago=words.ago(one.at, now=now), by=by, reason=reason
        ),
        undo_url=reverse("console:merge-undo", args=[one.pk])
        if merge_rights.may_unmerge(reader, one) and one.loser.erased_at is None
        else "",
    )


def _kept_of(root: int) -> QuerySet[IdentityKey, str]:
    """Addresses and numbers, those of the people merged in too."""
    kinds = (IdentityKey.Kind.EMAIL, IdentityKey.Kind.PHONE)
    keys = IdentityKey.objects.filter(Q(person=root) | Q(person__merged_into=root), kind__in=kinds)
    return keys.order_by("kind", "value").values_list("value", flat=True)
