"""Examples of a kit as they are written: what lead they give, what they expect. Pure.

    given:  at: '2026-03-06T16:00:00+01:00'      the instant; a working Tuesday unless it is said
            signals: [demo_request, {kind: pricing_page_view, days_ago: 3}]
            company.employees: 420                facts by name; the others are missing
    expect: stage, pool (or owner_pool), rule, band, score: {at_least, at_most},
            due: {route: '2026-03-09T12:00:00+01:00', accept: {minutes: 1440}, resolve: null}

A lead that says nothing else came through a web form just now and is an inquiry.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from governance import condition_values
from governance.condition_operators import Shape
from governance.facts import UnknownFact, did_you_mean
from governance.findings import Finding, unresolved
from governance.kit import Kit
from governance.terms import Fixture
from leads import own_fields
from leads.models import Channel, SourceCategory
from leads.snapshot import Snapshot
from leads.stages import Stage
from routing import rules

TUESDAY = dt.datetime(2026, 3, 3, 10, 0, tzinfo=dt.UTC)
"""When a lead of an example comes in unless the example says it: everybody works."""

FIELDS = {
    "account.has_owner": "account_has_owner",
    "account.status": "account_status",
    "company.annual_revenue": "company_annual_revenue",
    "company.country": "company_country",
    "company.region": "company_region",
    "company.postal_code": "company_postal_code",
    "company.domain": "company_domain",
    "company.employees": "company_employees",
    "company.industry": "company_industry",
    "company.name": "company_name",
    "lead.channel": "channel",
    "lead.cycle": "cycle",
    "lead.hand_raiser": "hand_raiser",
    "lead.partner": "named_partner",
    "lead.partner_status": "named_status",
    "lead.potential_value": "potential_value",
    "lead.stage": "stage",
    "lead.territory": "territory",
    "lead.touches": "touches",
    "partner.name": "partner_name",
    "partner.registered": "partner_registered",
    "person.country": "person_country",
    "person.email_domain": "email_host",
    "person.language": "person_language",
    "person.has_email": "has_email",
    "person.has_name": "has_name",
    "person.has_phone": "has_phone",
    "person.phone_valid": "phone_valid",
    "person.function": "person_function",
    "person.seniority": "person_seniority",
    "person.title": "person_title",
    "source.campaign": "campaign",
    "source.category": "category",
}
"""The facts an example can state, and where a snapshot keeps them."""

EXPECTED = ("stage", "pool", "owner_pool", "rule", "band", "score", "due")
_WRITE = "Write it as the how-to on kits as code shows."


@dataclass(frozen=True, slots=True)
class Example:
    """A fixture that can be tried: the lead, and whether it asks for a person just now."""

    fixture: Fixture
    snapshot: Snapshot
    raises_hand: bool


def read(fixture: Fixture, kit: Kit) -> tuple[Example | None, list[Finding]]:
    """The example, or everything that keeps it from being tried."""
    place = f"fixture.{fixture.key}"
    found = [*_given_faults(fixture, kit, place), *_expect_faults(fixture, kit, place)]
    if found:
        return None, found
    return _example(fixture, kit), []


def instant(value: object) -> dt.datetime | None:
    """An instant with its offset; None when the value is none."""
    try:
        at = dt.datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return at if at is not None and at.tzinfo is not None else None


def _example(fixture: Fixture, kit: Kit) -> Example:
    given = dict(fixture.given)
    at = instant(given.pop("at", None)) or TUESDAY
    shown = [_signal(one) for one in given.pop("signals", ())]
    signals = tuple((kind, at - dt.timedelta(days=days)) for kind, days in sorted(shown, key=_age))
    own = {
        name.removeprefix(own_fields.PREFIX): _value(name, given.pop(name), kit)
        for name in list(given)
        if own_fields.is_one(name)
    }
    stated = {FIELDS[name]: _value(name, value, kit) for name, value in given.items()}
    lead = Snapshot(
        now=at,
        stage=Stage.INQUIRY.value,
        channel=Channel.FORM.value,
        category=SourceCategory.UNKNOWN.value,
        signals=signals,
        touches=1,
    )
    lead = dataclasses.replace(lead, own=own, **stated)
    asked = kit.asks_for_person(lead.channel) or any(
        kit.signals[kind].hand_raise and not days for kind, days in shown
    )
    raises_hand = bool(given.get("lead.hand_raiser", asked))
    return Example(fixture, dataclasses.replace(lead, hand_raiser=raises_hand), raises_hand)


def _signal(entry: Any) -> tuple[str, float]:
    return (entry, 0.0) if isinstance(entry, str) else (entry["kind"], entry.get("days_ago", 0))


def _age(shown: tuple[str, float]) -> float:
    return shown[1]


def _value(name: str, value: object, kit: Kit) -> Any:
    fact = kit.registry.get(name)
    missing = None if name not in FIELDS else getattr(Snapshot(now=TUESDAY), FIELDS[name])
    return missing if value is None else condition_values.read(fact, Shape.ONE, value)[0]


def _given_faults(fixture: Fixture, kit: Kit, place: str) -> Iterator[Finding]:
    given = dict(fixture.given)
    if "at" in given and instant(given.pop("at")) is None:
        message = "“at” is no instant with its offset from UTC."
        fix = "Write one like '2026-03-06T16:00:00+01:00', in quotes."
        yield Finding(f"{place}.given.at", message, "fixture_invalid", fix)
    yield from _signal_faults(given.pop("signals", ()), kit, place)
    for name, value in given.items():
        yield from _fact_faults(name, value, kit, f"{place}.given.{name}")


def _fact_faults(name: str, value: object, kit: Kit, place: str) -> Iterator[Finding]:
    if name not in FIELDS and not (own_fields.is_one(name) and name in kit.registry):
        try:
            kit.registry.get(name)
        except UnknownFact as unknown:
            hint = did_you_mean(name, [*FIELDS, "at", "signals"]).removeprefix("; ").capitalize()
            yield Finding(place, unknown.message, "unresolved", hint or "Name a fact there is.")
        else:
            message = f"“{name}” follows from what the buyer did; it cannot be stated."
            fix = "Name what the buyer did under “signals”."
            yield Finding(place, message, "fixture_invalid", fix)
        return
    fact = kit.registry.get(name)
    faults = [] if value is None else condition_values.read(fact, Shape.ONE, value)[1]
    for fault in faults:
        message = f"“{fact.label}” {fault}."
        yield Finding(place, message, "fixture_invalid", "State a value of that fact.")


def _signal_faults(entries: object, kit: Kit, place: str) -> Iterator[Finding]:
    place = f"{place}.given.signals"
    if not isinstance(entries, list | tuple):
        yield Finding(place, "“signals” is no list.", "fixture_invalid", _WRITE)
        return
    for number, entry in enumerate(entries):
        here = f"{place}[{number}]"
        kind = entry.get("kind") if isinstance(entry, Mapping) else entry
        if not isinstance(kind, str) or (
            isinstance(entry, Mapping) and not set(entry) <= {"kind", "days_ago"}
        ):
            message = "A signal is its kind, or an object with “kind” and “days_ago”."
            yield Finding(here, message, "fixture_invalid", _WRITE)
            continue
        yield from unresolved(here, kind, kit.signals, "signal of this kit")
        days = entry.get("days_ago", 0) if isinstance(entry, Mapping) else 0
        if not _is_number(days) or days < 0 or days > 3_660:
            message = "“days_ago” is no number of days from 0 to 3660."
            yield Finding(f"{here}.days_ago", message, "fixture_invalid", "Count back from “at”.")


def _expect_faults(fixture: Fixture, kit: Kit, place: str) -> Iterator[Finding]:
    expect = fixture.expect
    if not expect:
        message = f"“{fixture.label}” expects nothing, so it can never fail."
        fix = "Say what the kit must make of this lead."
        yield Finding(f"{place}.expect", message, "fixture_invalid", fix)
    for name in expect:
        yield from unresolved(f"{place}.expect.{name}", name, EXPECTED, "outcome to expect")
    yield from _named(expect, "stage", list(Stage), "stage", place)
    yield from _named(expect, "rule", [one.key for one in rules.of_kit(kit)], "routing rule", place)
    yield from _named(expect, "band", ["", *(one.key for one in kit.bands)], "score band", place)
    for name in ("pool", "owner_pool"):
        if not isinstance(expect.get(name, ""), str):
            message = "The pool is no text."
            yield Finding(f"{place}.expect.{name}", message, "fixture_invalid", "Write its key.")
    yield from _score_faults(expect.get("score", {}), f"{place}.expect.score")
    yield from _due_faults(expect.get("due", {}), kit, f"{place}.expect.due")


def _named(
    expect: Mapping[str, Any], name: str, known: Collection[str], what: str, place: str
) -> Iterator[Finding]:
    if name in expect:
        yield from unresolved(f"{place}.expect.{name}", str(expect[name]), known, what)


def _score_faults(score: object, place: str) -> Iterator[Finding]:
    fine = isinstance(score, Mapping) and set(score) <= {"at_least", "at_most"}
    if not (isinstance(score, Mapping) and fine and all(map(_is_number, score.values()))):
        message = "“score” is no object with “at_least”, “at_most” or both, each a number."
        yield Finding(place, message, "fixture_invalid", _WRITE)


def _due_faults(due: object, kit: Kit, place: str) -> Iterator[Finding]:
    if not isinstance(due, Mapping):
        yield Finding(place, "“due” is no object.", "fixture_invalid", _WRITE)
        return
    obligations = {one.obligation for one in kit.policies}
    for obligation, wanted in due.items():
        here = f"{place}.{obligation}"
        yield from unresolved(here, obligation, obligations, "obligation of a clock policy")
        minutes = wanted.get("minutes") if isinstance(wanted, Mapping) else None
        readable = wanted is None or instant(wanted) is not None or _is_number(minutes)
        if not readable or (isinstance(wanted, Mapping) and set(wanted) != {"minutes"}):
            message = f"What is expected of “{obligation}” is no due time."
            fix = "Write an instant with its offset, {minutes: 240}, or null for no clock."
            yield Finding(here, message, "fixture_invalid", fix)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
