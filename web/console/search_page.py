"""What the search finds: people by any spelling of what one knows of them, and companies."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse

from leads import search, selectors
from people.models import User
from web.console import words

MOST = 30


@dataclass(frozen=True, slots=True)
class Row:
    """One person or company."""

    name: str
    company: str
    line: str
    stage: str
    url: str


@dataclass(frozen=True, slots=True)
class Found:
    """The page."""

    q: str
    words: str
    rows: tuple[Row, ...]


def build(reader: User, q: str) -> Found:
    """People first, newest first, then companies. Two queries."""
    if not q:
        return Found("", "", ())
    leads = (
        search.narrow(selectors.visible_to(reader), q)
        .select_related("person", "account", "owner__team")
        .order_by("-created_at", "-pk")[:MOST]
    )
    people = [
        Row(
            lead.person.name,
            (lead.account.name or lead.account.domain or "") if lead.account else "",
            f"{lead.owner}{f', team {lead.owner.team}' if lead.owner.team else ''}"
            if lead.owner
            else "",
            lead.stage,
            reverse("console:lead", args=[lead.pk]),
        )
        for lead in leads
    ]
    named = Q(name__istartswith=q) | Q(domain__istartswith=q)
    companies = [
        Row(
            account.name or account.domain or f"Account {account.pk}",
            account.domain or "",
            "Company",
            "",
            reverse("console:account", args=[account.pk]),
        )
        for account in selectors.accounts_visible_to(reader).filter(named).order_by("-pk")[:MOST]
    ]
    rows = tuple(people + companies)
    told = words.plural(len(people), "lead") + ", " + words.plural(
        len(companies), "company", "companies"
    )  # fmt: skip
    more = " shown, there may be more" if len(people) == MOST or len(companies) == MOST else ""
    return Found(q, told + more, rows)
