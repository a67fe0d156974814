"""Who else of a buyer's company is here: those the reader may see, and how many more there are."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from core import reading, steps
from core.texts import _
from leads import selectors
from leads.models import Lead
from leads.stages import Stage
from people.models import User

MOST = 8


@dataclass(frozen=True, slots=True)
class Colleague:
    """One of them, with where their lead stands."""

    name: str
    title: str
    stage: str
    owner: str
    url: str


@dataclass(frozen=True, slots=True)
class Colleagues:
    """The newest first; `unseen` more leads are shown to others only, or further down the list."""

    company: str
    url: str
    people: tuple[Colleague, ...]
    unseen: int


@steps.in_steps
def of(lead: Lead, reader: User) -> steps.Story[Colleagues | None]:
    """Of the lead's account; None without one, or where nobody else is. One message."""
    if lead.account is None:
        return None
    others = Lead.objects.filter(account=lead.account).exclude(pk=lead.pk)
    others = others.exclude(stage=Stage.MERGED.value)
    seen = selectors.visible_to(reader).filter(pk__in=others.values("pk"))
    rows = seen.select_related("person", "owner").order_by("-pk")[:MOST]
    whole = reading.count_of(others)
    yield rows, whole
    unseen = whole.found[0] - len(rows)
    if not rows and not unseen:
        return None
    company = lead.account.name or lead.account.domain or _("the company")
    return Colleagues(
        company,
        reverse("console:account", args=[lead.account.pk]),
        tuple(_one(row) for row in rows),
        unseen,
    )


def _one(row: Lead) -> Colleague:
    return Colleague(
        row.person.name,
        row.person.title,
        row.stage,
        str(row.owner) if row.owner else "",
        reverse("console:lead", args=[row.pk]),
    )
