"""A company's first draft of a kit: the playbook, with the ideal customer it tells of.

The rest of the playbook (stages, clocks, scores, reasons) stays as it is, to be reviewed and edited
in the draft. With a kit in force, the draft is made of that one instead.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from core import errors, phrases
from governance import selectors, services, signing
from governance.models import Fixture, KitVersion
from leads import titles
from lifecycle import playbook
from people.models import User

KEY = "icp"
"""The criterion of the playbook that says whom the company sells to."""


@dataclass(frozen=True, slots=True)
class Customer:
    """Whom a company sells to. What is left empty is not asked of anybody.

    `fewest` and `most` are employees; countries are ISO codes; seniorities and functions are keys
    of `leads.titles`.
    """

    industries: Sequence[str] = ()
    countries: Sequence[str] = ()
    fewest: int | None = None
    most: int | None = None
    seniorities: Sequence[str] = ()
    functions: Sequence[str] = ()


def condition_of(customer: Customer) -> dict[str, Any]:
    """What a lead must show to be one. Raises InvalidInput when nothing was said."""
    asked: list[dict[str, Any]] = []
    if customer.fewest is not None and customer.most is not None:
        bounds = [customer.fewest, customer.most]
        asked.append({"fact": "company.employees", "op": "between", "value": bounds})
    elif customer.fewest is not None:
        asked.append({"fact": "company.employees", "op": "gte", "value": customer.fewest})
    elif customer.most is not None:
        asked.append({"fact": "company.employees", "op": "lte", "value": customer.most})
    for fact, value in (
        ("company.industry", customer.industries),
        ("company.country", customer.countries),
        ("person.seniority", customer.seniorities),
        ("person.function", customer.functions),
    ):
        if value:
            asked.append({"fact": fact, "op": "in", "value": list(value)})
    if not asked:
        raise errors.InvalidInput("Answer at least one question.")
    return {"all": asked}


def prose_of(customer: Customer) -> str:
    """The same in a sentence, as people sign it."""
    few, many = customer.fewest, customer.most
    size = (
        f"has {few} to {many} employees" if few is not None and many is not None
        else f"has {few} employees or more" if few is not None
        else f"has at most {many} employees" if many is not None
        else ""
    )  # fmt: skip
    does = f"works in {_any_of(customer.industries)}" if customer.industries else ""
    sits = f"sits in {_any_of(customer.countries)}" if customer.countries else ""
    company = phrases.listed([one for one in (size, does, sits) if one])
    ranks = _labels(titles.SENIORITIES, customer.seniorities)
    fields = _labels(titles.FUNCTIONS, customer.functions)
    person = phrases.listed(
        [
            *([f"is {_any_of(ranks)}"] if ranks else []),
            *([f"works in {_any_of(fields)}"] if fields else []),
        ]
    )
    told = [f"The company {company}." if company else "", f"The person {person}." if person else ""]
    return " ".join([*filter(None, told), "What is not known does not count as a match."])


@dataclass(frozen=True, slots=True)
class Drafted:
    """The draft, and the examples that were left out since they tell of another customer."""

    version: KitVersion
    left_out: tuple[str, ...]


@transaction.atomic
def draft(customer: Customer, *, by: User, now: datetime) -> Drafted:
    """The draft, with the pools that its routing names made where there are none.

    Raises NotAllowed for who writes no kits, InvalidInput when nothing was said.
    """
    if not signing.may_write(by):
        raise errors.NotAllowed("RevOps writes kits.")
    active = selectors.active_version()
    document = (
        copy.deepcopy(services.document_of(active)) if active is not None else playbook.document()
    )
    written = {"condition": condition_of(customer), "prose": prose_of(customer)}
    criteria = document["parts"]["criterion"]
    icp = next((one for one in criteria if one["key"] == KEY), None)
    if icp is None:
        raise errors.TooLate(f"The kit in force has no criterion “{KEY}”; edit its own in a draft.")
    icp.update(written)
    left_out = _leave_out_false_examples(document)
    version = services.draft_from_document(
        document, title="Our ideal customer" if active else playbook.TITLE, by=by, now=now
    )
    if active is None:
        playbook.make_pools(version, manager=by)
    return Drafted(version, left_out)


def _leave_out_false_examples(document: dict[str, Any]) -> tuple[str, ...]:
    """Take out the examples that the kit, as it is now, does not decide as they state."""
    faults = [one.field for one in services.check_document(document) if one.is_error]
    examples = document["parts"].get(Fixture.kind, [])
    wrong = {
        one["key"]
        for one in examples
        if any(f"{field}.".startswith(f"{Fixture.kind}.{one['key']}.") for field in faults)
    }
    document["parts"][Fixture.kind] = [one for one in examples if one["key"] not in wrong]
    return tuple(one["label"] for one in examples if one["key"] in wrong)


def _labels(pairs: Sequence[tuple[str, str]], keys: Sequence[str]) -> list[str]:
    return [label for key, label in pairs if key in set(keys)]


def _any_of(words: Sequence[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} or {last}" if first else last
