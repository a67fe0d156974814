"""Leads that came to somebody in one act are one notice: which, how many, and what it says.

The notice hangs on the first of them, so that it is the same one however often and in however many
parts the act is told of. How many there are is read when it is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from leads.models import EventKind, LeadEvent
from lifecycle.models import HandedLead, Notice, Reassignment
from people.models import User

ACT = "handed"
"""Names the act in the words of a notice."""


def words_of(event: LeadEvent) -> dict[str, Any]:
    """The act that brought somebody a lead by this event; nothing where it came alone."""
    act = event.because.get("reassignment") if event.kind == EventKind.ASSIGNED else None
    return {ACT: act} if act else {}


def joined(notices: Sequence[Notice]) -> list[Notice]:
    """The same, those of one act to one person as one. One query where there are such."""
    wanted = {key for one in notices if (key := _key(one)) is not None}
    first = _first(wanted) if wanted else {}
    kept: list[Notice] = []
    seen: dict[tuple[int, int], Notice] = {}
    for one in notices:
        key = _key(one)
        if key is None or key not in first:
            kept.append(one)
        elif key in seen:
            seen[key].mail_due_at = seen[key].mail_due_at or one.mail_due_at
            seen[key].read_at = seen[key].read_at and one.read_at
        else:
            one.event_id, one.lead_id = first[key]
            seen[key] = one
            kept.append(one)
    return kept


def _key(notice: Notice) -> tuple[int, int] | None:
    act = notice.words.get(ACT)
    return (int(act), notice.to_id) if act else None


def _first(wanted: Iterable[tuple[int, int]]) -> dict[tuple[int, int], tuple[int, int]]:
    """By act and person the event and the lead that came to them first."""
    acts, people = zip(*wanted, strict=True)
    rows = _came().filter(act__in=acts, to_user__in=people)
    found = rows.order_by("act", "to_user", "event").distinct("act", "to_user")
    return {
        (act, to): (event, lead)
        for act, to, event, lead in found.values_list("act", "to_user", "event", "lead")
    }


def _came() -> QuerySet[HandedLead]:
    return HandedLead.objects.filter(event__isnull=False, to_user__isnull=False)


@dataclass(frozen=True, slots=True)
class Together:
    """What one act brought somebody: by whom, how many, and how many they have still."""

    act: int
    by: str
    leads: int
    still: int
    reason: str = ""

    @property
    def headline(self) -> str:
        """The notice in a few words."""
        return _("%(number)s leads were handed to you") % {"number": self.leads}

    @property
    def sentence(self) -> str:
        """The same in a sentence or two."""
        said = (
            _("%(who)s handed %(number)s leads to you.") % {"who": self.by, "number": self.leads}
            if self.by
            else _("%(number)s leads came to you together.") % {"number": self.leads}
        )
        if self.reason:
            said = _("%(said)s The reason given: “%(reason)s”") % {
                "said": said, "reason": self.reason,
            }  # fmt: skip
        if self.still == self.leads:
            return said
        left = ngettext("%(n)s of them is yours now.", "%(n)s of them are yours now.", self.still)
        return f"{said} {left % {'n': self.still}}"

    @property
    def page(self) -> str:
        """Where exactly these leads are listed."""
        return f"/leads/?handed={self.act}"


def of(notices: Iterable[Notice]) -> dict[int, Together]:
    """By notice what it tells of, where that is more than one lead. Two queries at most."""
    notices = list(notices)
    acts = {one.pk: int(one.words[ACT]) for one in notices if one.words.get(ACT)}
    people = {one.to_id for one in notices if one.pk in acts}
    if not acts:
        return {}
    counted = {
        (act, to): (leads, still)
        for act, to, leads, still in _came()
        .filter(act__in=set(acts.values()), to_user__in=people)
        .order_by()
        .values("act", "to_user")
        .annotate(leads=Count("pk"), still=Count("pk", filter=Q(lead__owner=F("to_user"))))
        .values_list("act", "to_user", "leads", "still")
    }
    rows = Reassignment.objects.filter(pk__in=set(acts.values())).select_related("by")
    known = {row.pk: row for row in rows.defer("selection")}
    found = {}
    for one in notices:
        leads, still = counted.get((acts.get(one.pk, 0), one.to_id), (0, 0))
        if leads > 1:
            act = known[acts[one.pk]]
            by = str(act.by) if act.by else ""
            found[one.pk] = Together(act.pk, by, leads, still, " ".join(act.reason.split()))
    return found


def leads_of(act: int, reader: User) -> QuerySet[HandedLead]:
    """The lines of the leads that an act brought this reader, for a list of exactly these."""
    return _came().filter(act=act, to_user=reader)
