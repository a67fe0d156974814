"""The age of the last governance review in a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from core.texts import _
from reports.reviews import months
from reports.reviews.age import Age
from web.console import words


@dataclass(frozen=True, slots=True)
class Line:
    """The sentence; `tone` is late once it is overdue."""

    sentence: str
    url: str
    tone: str


def line(age: Age, *, now: datetime) -> Line:
    """What everybody's first page says of it."""
    late = age.is_overdue(now)
    told = _closed(age, now) or _open(age, now) or _("No governance review has been opened yet.")
    if late:
        told += _(" It is overdue: one is due each month.")
    return Line(told, reverse("console:reviews"), "late" if late else "none")


def _closed(age: Age, now: datetime) -> str:
    if age.closed is None or age.closed_at is None:
        return ""
    return _("Last governance review: {month}, closed {ago} by {who}.").format(
        month=months.name(age.closed),
        ago=_ago(age.closed_at, now),
        who=_(" and ").join(age.signers) or _("nobody"),
    )


def _open(age: Age, now: datetime) -> str:
    if age.open is None or age.opened_at is None:
        return ""
    return _("No governance review is closed yet: {month} was opened {ago}.").format(
        month=months.name(age.open), ago=_ago(age.opened_at, now)
    )


def _ago(at: datetime, now: datetime) -> str:
    days = (now - at).days
    if days < 1:
        return _("today")
    return _("{days} ago").format(days=words.plural(days, "day"))
