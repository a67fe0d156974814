"""Providers that need no network: what numbers, domains and titles say by themselves. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import phonenumbers

from leads import cleansing, titles
from lifecycle.enriching.provider import Answer, Question

# Endings of countries that the whole world registers, so that they say nothing of the country.
_ANYBODYS = frozenset(
    ("ac", "ag", "ai", "am", "as", "bz", "cc", "cd", "cf", "co", "cx", "dj", "eu", "fm", "ga", "gd",
     "gg", "gl", "gq", "gs", "im", "in", "io", "is", "it", "la", "lc", "li", "ly", "me", "ml", "mn",
     "ms", "mu", "nu", "pm", "pw", "re", "sc", "sh", "so", "sr", "st", "su", "sx", "tc", "tf", "tk",
     "tl", "tm", "to", "tv", "vc", "vg", "vu", "wf", "ws", "yt")
) - frozenset(("in", "it", "li", "is", "mu"))  # fmt: skip


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """One of them: what it is called, what it can fill, how sure it is."""

    key: str
    label: str
    fills: tuple[str, ...]
    confidence: int
    read: Callable[[Question], dict[str, str]]

    def ask(self, question: Question) -> Answer:
        """What it reads out of the question itself."""
        values = {name: value for name, value in self.read(question).items() if value}
        return Answer(values, self.confidence)


def country_of_phone(phone: str) -> str:
    """The country of a number written with its country code; empty when it names none."""
    if not phone.strip().startswith("+"):
        return ""
    try:
        number = phonenumbers.parse(phone, None)
    except phonenumbers.NumberParseException:
        return ""
    region = phonenumbers.region_code_for_number(number)
    return cleansing.country_code(region or "") or ""


def country_of_domain(domain: str) -> str:
    """The country of a domain's ending; empty for those that anybody in the world registers."""
    ending = domain.rpartition(".")[2].casefold()
    if len(ending) != 2 or ending in _ANYBODYS:
        return ""
    return cleansing.country_code(ending) or ""


def _of_phone(question: Question) -> dict[str, str]:
    return {"person.country": country_of_phone(question.phone)}


def _of_domain(question: Question) -> dict[str, str]:
    return {"company.country": country_of_domain(question.domain)}


def _of_title(question: Question) -> dict[str, str]:
    read = titles.read(question.title)
    return {"person.seniority": read.seniority, "person.function": read.function}


_ALL = (
    BuiltIn("phone-country", "Country from the number", ("person.country",), 60, _of_phone),
    BuiltIn("domain-country", "Country from the domain", ("company.country",), 50, _of_domain),
    BuiltIn("title", "Rank from the title", ("person.seniority", "person.function"), 60, _of_title),
)
ALL = {one.key: one for one in _ALL}
"""By key. Nothing makes a company's name of its domain: no spelling of one is sure enough."""
