"""Reading reviews, as far as they are the reader's."""

from __future__ import annotations

from django.db.models import Count, Q, QuerySet

from core import errors
from people.models import User
from reports.models import Review, ReviewState
from reports.reviews import months, rights

HEAVY = ("snapshot", "content")
"""Columns that lists leave out."""


def visible_to(user: User) -> QuerySet[Review]:
    """The reviews this person may read, the newest first."""
    if rights.reads_all(user):
        return Review.objects.order_by("-month")
    if not user.is_active:
        return Review.objects.none()
    return Review.objects.filter(state=ReviewState.CLOSED).order_by("-month")


def listed_to(user: User) -> QuerySet[Review]:
    """The same for lists: without the tables, with how many findings and how many undecided."""
    return (
        visible_to(user)
        .defer(*HEAVY)
        .annotate(
            count=Count("findings"),
            undecided=Count("findings", filter=Q(findings__decision="")),
        )
    )


def one(number: str, user: User) -> Review:
    """The review of this number. Raises NotFound where there is none, or not theirs to read."""
    found = visible_to(user).filter(month=months.read(number)).first()
    if found is None:
        raise errors.NotFound("There is no such review, or it is not closed yet.")
    return found


def of_finding(number: str, place: int, user: User) -> Review:
    """The review of a finding, for who reads it and for the owner of that finding.

    Raises NotFound.
    """
    found = Review.objects.filter(month=months.read(number)).first()
    if found is None or not (
        rights.may_read(user, found)
        or (user.is_active and found.findings.filter(number=place, owner=user).exists())
    ):
        raise errors.NotFound("There is no such finding, or it is not yours to see.")
    return found
