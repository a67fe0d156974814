"""What is known of a lead, its person and company, each value with where it came from."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from core import steps
from core.texts import _, lazy
from governance.kit import Kit
from leads import bands, enrichment, overwriting, own_fields, quality_sql
from leads.models import Account, EventKind, Lead, LeadEvent, Person, Touch, TouchStatus
from leads.quality import Quality
from lifecycle import sayings
from web.console import deal_words, field_words, matching_words, own_words, places, words

CYCLES = {1: lazy("First"), 2: lazy("Second"), 3: lazy("Third")}
MOST_TOUCHES = 12
"""So many touchpoints, the newest, are compared with what is kept."""


MOST_REFERENCES = 20
STOP = lazy("Do not use")


@dataclass(frozen=True, slots=True)
class Fact:
    """One labelled value; `origin` is told on hover and to screen readers."""

    label: str
    value: str
    origin: str = ""
    url: str = ""
    stop: str = ""


@dataclass(frozen=True, slots=True)
class _Said:
    """What one touch said of person, company and lead, clean."""

    channel: str
    at: datetime
    values: Mapping[str, Any]


class Origins:
    """Where the fields of one lead came from, and which of these touchpoints said otherwise."""

    def __init__(
        self, lead: Lead, touches: Iterable[Touch], *, kit: Kit, now: datetime, zone: tzinfo
    ) -> None:
        self.kit, self._now, self._zone = kit, now, zone
        self._rows: dict[str, Person | Account | Lead | None] = {
            "person": lead.person, "company": lead.account, "lead": lead
        }  # fmt: skip
        self._said = [_said(touch, kit) for touch in touches]

    def of(self, field: str) -> str:
        """`From the channel “Web form”, 3 May, 80 % sure; said otherwise by …`, or nothing."""
        section, _rest, name = field.partition(".")
        row = self._rows[section]
        if row is None:
            return ""
        told = [self._from(row.provenance.get(name)), self._otherwise(field, getattr(row, name))]
        return "; ".join(filter(None, told))

    def _from(self, entry: Any) -> str:
        name, sure = overwriting.told_by(entry)
        if not name:
            return ""
        try:
            when = f", {self.day(datetime.fromisoformat(str(entry[2])))}"
        except ValueError:
            when = ""
        share = "" if name == overwriting.USER else _(", {sure} % sure").format(sure=sure)
        return _("From {source}{when}{share}").format(
            source=field_words.source(name), when=when, share=share
        )

    def _otherwise(self, field: str, kept: object) -> str:
        name = field.partition(".")[2]
        others = [
            _("“{shown}” by {source}, {day}").format(
                shown=field_words.shown(name, one.values[field]),
                source=field_words.source(f"touch:{one.channel}"),
                day=self.day(one.at),
            )
            for one in self._said
            if one.values.get(field) not in enrichment.EMPTY
            and str(one.values[field]).casefold() != str(kept).casefold()
        ]
        return _("said otherwise: {others}").format(others=", ".join(others[:3])) if others else ""

    def day(self, at: datetime) -> str:
        """The day as this reader reads it."""
        return words.day(at, now=self._now, zone=self._zone)


@steps.in_steps
def build(lead: Lead, *, kit: Kit, now: datetime, zone: tzinfo) -> steps.Story[tuple[Fact, ...]]:
    """Every fact that has a value. One message."""
    asked = quality_sql.asked_of(lead.pk, kit.quality, now=now, registry=kit.registry)
    touches, named = _touches(lead), _named(lead)
    yield asked, touches, named
    origins, quality = Origins(lead, touches, kit=kit, now=now, zone=zone), asked.found
    missed = " ".join(f"{rule.label}: {rule.prose}" for rule in quality.missed)
    shown = [
        *_of_person(lead.person, origins),
        *_of_company(lead, origins, named[0] if named else {}),
        Fact(
            _("Potential value"),
            field_words.shown("potential_value", lead.potential_value),
            origins.of("lead.potential_value"),
        ),
        *_own(lead, origins),
        Fact(_("Came by"), came_by(lead)),
        Fact(_("Sourced by"), str(lead.sourced_by) if lead.sourced_by else ""),
        *(Fact(label, value, url=url) for label, value, url in deal_words.facts(lead, kit)),
        Fact(_("Cycle"), CYCLES.get(lead.cycle, f"{lead.cycle}th")),
        Fact(_("Data quality"), _quality(quality), missed),
    ]
    return tuple(fact for fact in shown if fact.value)


def without(facts: Iterable[Fact], closed: Collection[str]) -> tuple[Fact, ...]:
    """Ways in `closed`, by their label, are shown but not offered."""
    return tuple(
        replace(fact, url="", stop=STOP) if fact.label in closed else fact for fact in facts
    )


def _touches(lead: Lead) -> QuerySet[Touch]:
    touches = Touch.objects.filter(lead=lead).exclude(status=TouchStatus.WITHDRAWN)
    touches = touches.order_by("-occurred_at", "-pk")
    return touches.only("channel", "occurred_at", "payload")[:MOST_TOUCHES]


def _own(lead: Lead, origins: Origins) -> Iterator[Fact]:
    """The kit's own fields that somebody has answered. One query, none where there are none."""
    asked = own_fields.of_kit(origins.kit)
    found = sayings.answers(asked, lead)
    for one in asked:
        if (answer := found.get(one.key)) is not None:
            told = own_words.origin(answer, day=origins.day)
            yield Fact(one.label, own_words.shown(one, answer), told)


def came_by(lead: Lead) -> str:
    """`Web form · Paid · DACH-Q4`; what says the same twice is said once."""
    category = lead.get_category_display() if lead.category != "UNKNOWN" else ""
    shown = dict.fromkeys((lead.get_channel_display(), category, lead.campaign))
    return " · ".join(part for part in shown if part)


@steps.in_steps
def elsewhere(lead: Lead) -> steps.Story[Sequence[Fact]]:
    """What other systems call the lead, and where it can be seen there. One query."""
    rows = lead.references.order_by("system", "value")[:MOST_REFERENCES]
    yield [rows]
    return [Fact(_("In another system"), f"{row.system} {row.value}", url=row.url) for row in rows]


def _of_person(person: Person, origins: Origins) -> Sequence[Fact]:
    return (
        Fact(_("E-mail"), person.email, origins.of("person.email"), f"mailto:{person.email}"),
        Fact(_("Phone"), person.phone, origins.of("person.phone"), f"tel:{person.phone}"),
        Fact(_("Job title"), person.title, origins.of("person.title")),
        Fact(
            _("Seniority"), _choice("seniority", person.seniority), origins.of("person.seniority")
        ),
        Fact(_("Function"), _choice("function", person.function), origins.of("person.function")),
        Fact(_("Country"), places.country(person.country), origins.of("person.country")),
    )


def _of_company(lead: Lead, origins: Origins, named: Mapping[str, Any]) -> Sequence[Fact]:
    account = lead.account
    if account is None:
        return ()
    found = (
        _("By its domain {domain}").format(domain=account.domain)
        if account.domain
        else _("By its name")
    )
    called = ". ".join(filter(None, (found, origins.of("company.name"))))
    matched = matching_words.matched(named.get("company") or {}, account.domain or "")
    url = reverse("console:account", args=[account.pk])
    return (
        Fact(_("Company"), account.name or account.domain or "", called, url),
        Fact(_("Account match"), matched),
        Fact(_("Status"), account.get_status_display()),
        Fact(_("Industry"), account.industry, origins.of("company.industry")),
        Fact(_("Employees"), bands.shown(account.employees), origins.of("company.employees")),
        Fact(_("Seat"), places.country(account.country), origins.of("company.country")),
        Fact(_("Region"), account.region, origins.of("company.region")),
        Fact(_("Postal code"), account.postal_code, origins.of("company.postal_code")),
        Fact(_("Revenue"), _money(account), origins.of("company.annual_revenue")),
    )


def _said(touch: Touch, kit: Kit) -> _Said:
    told = {
        "person": enrichment.person_values(touch.payload.get("person") or {}),
        "company": enrichment.company_values(touch.payload.get("company") or {}, kit=kit),
        "lead": enrichment.lead_values(touch.payload.get("lead") or {}),
    }
    values = {
        f"{section}.{name}": told[section][name] for section in told for name in told[section]
    }
    return _Said(touch.channel, touch.occurred_at, values)


def _choice(name: str, value: str) -> str:
    return field_words.CHOICES[name].get(value, value)


def _named(lead: Lead) -> QuerySet[LeadEvent, Any]:
    """What the last touch that named the lead's account was found to mean by it."""
    told = LeadEvent.objects.filter(
        lead=lead, kind=EventKind.TOUCHED, because__company__account=lead.account_id
    )
    return told.order_by("-sequence").values_list("because", flat=True)[:1]


def _quality(quality: Quality) -> str:
    """`3 of 4: company size missing`; nothing where the kit asks for nothing."""
    if not quality.rules:
        return ""
    labels = [words.in_a_sentence(rule.label) for rule in quality.missed]
    count = _("{met} of {rules}").format(met=len(quality.met), rules=quality.rules)
    return (
        _("{count}: {labels} missing").format(count=count, labels=", ".join(labels))
        if labels
        else count
    )


def _money(account: Account) -> str:
    if account.annual_revenue is None:
        return ""
    return f"{words.number(float(account.annual_revenue))} {account.currency}".strip()
