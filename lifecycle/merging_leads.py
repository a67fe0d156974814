"""Merging by leads: what systems name are leads, what is merged are the people behind them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db.models import Q

from core import errors
from core.errors import FieldError
from leads.models import Lead, PersonMerge
from lifecycle import merging
from people.models import User


def merge(
    *,
    lead_id: int,
    into: int,
    by: User,
    keep: Mapping[str, str] | None = None,
    reason: str = "",
    now: dt.datetime | None = None,
) -> PersonMerge:
    """Make the buyer of a lead part of the buyer of the lead `into`.

    Raises NotFound for the first lead, InvalidInput for `into` when there is none, else as
    `merging.merge`.
    """
    people = dict(Lead.objects.filter(pk__in=[lead_id, into]).values_list("pk", "person_id"))
    if lead_id not in people:
        raise errors.NotFound(f"There is no lead {lead_id}.")
    if into not in people:
        fault = FieldError("into", "There is no such lead.", "unknown")
        raise errors.InvalidInput(f"There is no lead {into}.", errors=[fault])
    return merging.merge(
        winner_id=people[into], loser_id=people[lead_id], by=by, keep=keep, reason=reason, now=now
    )


def unmerge(*, lead_id: int, by: User, now: dt.datetime | None = None) -> merging.Parted:
    """Take back the merge by which a lead rests, or the latest one of a lead that carries on.

    Raises NotFound, and TooLate when no merge of its buyer stands.
    """
    lead = Lead.objects.select_related("person").filter(pk=lead_id).first()
    if lead is None:
        raise errors.NotFound(f"There is no lead {lead_id}.")
    root = lead.person.merged_into_id or lead.person_id
    standing = PersonMerge.objects.filter(
        Q(winner=root) | Q(winner__merged_into=root), undone_at__isnull=True
    )
    if lead.merged_into_id is not None:
        standing = standing.filter(**{f"before__leads__{lead.pk}__into__isnull": False})
    found = standing.order_by("pk").last()
    if found is None:
        raise errors.TooLate("No merge of this lead’s buyer stands; there is nothing to undo.")
    return merging.unmerge(merge_id=found.pk, by=by, now=now)
