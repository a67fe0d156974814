"""What the search finds, in groups: people, companies, opportunities; each hit says why it fits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse

from core.texts import _, lazy
from leads.models import Account, Lead, Opportunity
from lifecycle import finding
from lifecycle.finding import Hit
from people.models import User
from web.console import places, words

REASONS = {
    "number": lazy("the lead’s number"),
    "key:EMAIL": "this e-mail address",
    "key:PHONE": lazy("this phone number"),
    "id": "its id in another system",
    "external": lazy("the buyer’s id in another system"),
    "name": "by name",
    "both": lazy("by name and company"),
    "company": lazy("by company"),
    "alias": lazy("by another name of the company"),
    "email": lazy("part of an e-mail address"),
    "phone": lazy("part of a phone number"),
    "alike": lazy("looks alike"),
}
OF_A_COMPANY = {"company": lazy("by name or domain"), "alias": lazy("by another name")}


@dataclass(frozen=True, slots=True)
class Row:
    """One hit."""

    name: str
    company: str
    line: str
    why: str
    stage: str
    url: str


@dataclass(frozen=True, slots=True)
class Group:
    """The hits of one kind, the best first."""

    key: str
    label: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """The page."""

    q: str
    words: str
    groups: tuple[Group, ...]

    @property
    def rows(self) -> tuple[Row, ...]:
        """All hits, in order."""
        return tuple(row for group in self.groups for row in group.rows)


def build(reader: User, q: str, *, most: int = 30) -> Found:
    """What fits, `most` of each kind. The number of queries does not depend on what is found."""
    found = finding.find(reader, q, most=most)
    groups = (
        Group("people", _("People"), _rows(_person(hit.row, reader, hit) for hit in found.people)),
        Group(
            "companies", _("Companies"), _rows(_company(hit.row, hit) for hit in found.companies)
        ),
        Group("deals", _("Opportunities"), _rows(_deal(hit.row, hit) for hit in found.deals)),
    )
    told = ", ".join(
        (
            words.plural(len(found.people), "lead"),
            words.plural(len(found.companies), "company", "companies"),
            words.plural(len(found.deals), "opportunity", "opportunities"),
        )
    )
    more = _(" shown, there may be more: add a word") if found.more else ""
    return Found(q, told + more if q else "", tuple(group for group in groups if group.rows))


def _rows(rows: Iterable[Row]) -> tuple[Row, ...]:
    return tuple(rows)


def _person(lead: Lead, reader: User, hit: Hit) -> Row:
    owner = lead.owner
    team = _(", team {team}").format(team=owner.team) if owner is not None and owner.team else ""
    held = _("Yours") if owner == reader else f"{owner}{team}" if owner else ""
    return Row(
        lead.person.name,
        (lead.account.name or lead.account.domain or "") if lead.account else "",
        " · ".join(part for part in (lead.person.title, held) if part),
        REASONS[hit.how],
        lead.stage,
        reverse("console:lead", args=[lead.pk]),
    )


def _company(account: Account, hit: Hit) -> Row:
    return Row(
        account.called,
        account.domain or "",
        places.country(account.country),
        OF_A_COMPANY.get(hit.how, REASONS[hit.how]),
        "",
        reverse("console:account", args=[account.pk]),
    )


def _deal(deal: Opportunity, hit: Hit) -> Row:
    return Row(
        deal.name,
        deal.account.called if deal.account else "",
        f"{deal.get_status_display()} · {deal.owner}",
        REASONS[hit.how],
        "",
        reverse("console:opportunity", args=[deal.pk]),
    )
