"""What people chose of how they are mailed: their own choice, else the company's, else ours.

In the console every notice stands at once, whatever was chosen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Q

from lifecycle.models import (
    KitNews,
    Mode,
    Notice,
    NoticePreference,
    PartnerNews,
    ReviewNews,
    Topic,
)

TOPICS: Mapping[str, Topic] = {
    Notice.Kind.ASSIGNED: Topic.NEW_LEAD,
    Notice.Kind.WARNED: Topic.DUE_SOON,
    Notice.Kind.BREACHED: Topic.OVERDUE,
    Notice.Kind.ESCALATED: Topic.ESCALATED,
    Notice.Kind.CONTESTABLE: Topic.DISPUTE,
    Notice.Kind.DISPUTED: Topic.DISPUTE,
    Notice.Kind.RULED: Topic.DISPUTE,
    Notice.Kind.WOKEN: Topic.WAKE_UP,
    Notice.Kind.FADED: Topic.WAKE_UP,
    **dict.fromkeys(KitNews.values, Topic.KIT),
    **dict.fromkeys(PartnerNews.values, Topic.PARTNER),
    **dict.fromkeys(ReviewNews.values, Topic.REVIEW),
}


@dataclass(frozen=True, slots=True)
class Preference:
    """How somebody is mailed; topics that are not in `modes` are mailed at once."""

    modes: Mapping[str, str]
    digest_hours: tuple[int, ...] = (9,)
    off_hours: bool = False

    def mode(self, topic: Topic) -> Mode:
        """When they are mailed of this."""
        found = self.modes.get(topic, Mode.AT_ONCE)
        return Mode(found) if found in Mode.values else Mode.AT_ONCE


OURS = Preference({})


def topic_of(kind: str) -> Topic:
    """What a notice of this kind is about."""
    return TOPICS.get(kind, Topic.TERRITORY)


def of(user_ids: Iterable[int]) -> dict[int, Preference]:
    """How each of these people is mailed; one query."""
    ids = set(user_ids)
    rows = NoticePreference.objects.filter(Q(user=None) | Q(user__in=ids))
    found = {row.user_id: row for row in rows}
    company = found.get(None)
    return {user: _merged(found.get(user), company) for user in ids}


def of_company() -> Preference:
    """How people are mailed who chose nothing."""
    return _merged(NoticePreference.objects.filter(user=None).first(), None)


def _merged(own: NoticePreference | None, company: NoticePreference | None) -> Preference:
    said = own or company
    if said is None:
        return OURS
    modes = {**(company.modes if company else {}), **(own.modes if own else {})}
    return Preference(modes, tuple(sorted(said.digest_hours)), said.off_hours)
