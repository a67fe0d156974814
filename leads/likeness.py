"""How alike two people are: evidence for and against one person, added up. Pure.

Each field that both have speaks for or against, in bits: one bit more doubles the odds that the
two are one person. What one of them lacks says nothing. The bits are rounded from what the fields
weigh in labelled sets of duplicates (`python -m bench.duplicates` prints how well they tell pairs
apart there). The sum becomes a score from 0 to 100; 50 is a coin's toss among look-alikes.

A score only suggests. It never merges anybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz.distance import OSA, JaroWinkler

from leads import personal_names
from leads.name_spelling import plain
from leads.personal_names import DIFFERENT, Found

SUGGEST_AT = 60
"""From this score on a pair is shown to people, if more than the names speaks for it."""
TOSS = 7.0
"""Bits at which a pair found by looking for look-alikes is one person as often as two."""
STEEPNESS = 0.65
"""How fast the score rises with each bit; below 1 as the fields are not independent."""


class Field(StrEnum):
    """What was compared."""

    FIRST_NAME = "FIRST_NAME"
    LAST_NAME = "LAST_NAME"
    NAMES_SWAPPED = "NAMES_SWAPPED"
    EMAIL = "EMAIL"
    PHONE = "PHONE"
    COMPANY = "COMPANY"
    COUNTRY = "COUNTRY"
    TITLE = "TITLE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """What is known of one person. Phones as E.164; `company` is the name's comparison key."""

    first_name: str = ""
    last_name: str = ""
    emails: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()
    company: str = ""
    domain: str = ""
    country: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One field's word, in bits: positive speaks for one person, negative for two."""

    field: Field
    found: Found
    bits: float


@dataclass(frozen=True, slots=True)
class Likeness:
    """The score from 0 to 100 and what it is made of.

    `conflict` says that something both have forbids taking them for one without a person's word.
    """

    score: int
    evidence: tuple[Evidence, ...]
    conflict: bool = False

    @property
    def is_worth_a_look(self) -> bool:
        """Whether people should be asked. Namesakes of whom no more is known are not shown."""
        more = any(one.bits > 0 and one.field in _TELLING for one in self.evidence)
        return more and self.score >= SUGGEST_AT

    def as_data(self) -> list[dict[str, object]]:
        """The evidence for a suggestion's row: fields, findings and bits, never values."""
        return [
            {"rule": one.field.value, "found": one.found.value, "bits": one.bits}
            for one in self.evidence
        ]


BITS: dict[tuple[Field, Found], float] = {
    (Field.LAST_NAME, Found.EQUAL): 5.0,
    (Field.LAST_NAME, Found.ALIKE): 3.5,
    (Field.LAST_NAME, Found.OTHER): -4.0,
    (Field.FIRST_NAME, Found.EQUAL): 4.0,
    (Field.FIRST_NAME, Found.SHORT_FORM): 3.0,
    (Field.FIRST_NAME, Found.ALIKE): 3.0,
    (Field.FIRST_NAME, Found.OTHER): -5.0,
    (Field.FIRST_NAME, Found.ANOTHER): -6.0,
    (Field.NAMES_SWAPPED, Found.EQUAL): 7.0,
    (Field.EMAIL, Found.EQUAL): 10.0,
    (Field.EMAIL, Found.SAME_MAILBOX_NAME): 4.0,
    (Field.EMAIL, Found.OTHER): -2.0,
    (Field.PHONE, Found.EQUAL): 6.0,
    (Field.PHONE, Found.ALIKE): 4.0,
    (Field.PHONE, Found.OTHER): -1.0,
    (Field.COMPANY, Found.EQUAL): 3.0,
    (Field.COMPANY, Found.ALIKE): 2.0,
    (Field.COMPANY, Found.OTHER): -2.5,
    (Field.COUNTRY, Found.EQUAL): 0.5,
    (Field.COUNTRY, Found.OTHER): -2.0,
    (Field.TITLE, Found.EQUAL): 1.0,
    (Field.TITLE, Found.ALIKE): 0.5,
    (Field.TITLE, Found.OTHER): 0.0,
}
"""What each finding weighs."""


def decide(one: Traits, other: Traits) -> Likeness:
    """Compare two people field by field. The order of the two does not matter."""
    evidence = tuple(
        Evidence(field, found, BITS[field, found]) for field, found in _findings(one, other)
    )
    total = sum(piece.bits for piece in evidence)
    score = round(100 / (1 + 2 ** (-STEEPNESS * (total - TOSS))))
    return Likeness(score, evidence, conflict=_conflict(one, other, evidence))


def _findings(one: Traits, other: Traits) -> Iterator[tuple[Field, Found]]:
    yield from _names(one, other)
    company = _companies(one, other)
    if one.emails and other.emails:
        found = _emails(one.emails, other.emails)
        # Every Anna Weber is anna.weber at her company: that says no more than the name does.
        if not (found is Found.SAME_MAILBOX_NAME and company is Found.OTHER
                and _is_made_of_names(one)):  # fmt: skip
            yield Field.EMAIL, found
    if one.phones and other.phones:
        yield Field.PHONE, _phones(one.phones, other.phones)
    if company is not None:
        yield Field.COMPANY, company
    if one.country and other.country:
        yield Field.COUNTRY, Found.EQUAL if one.country == other.country else Found.OTHER
    if one.title and other.title:
        yield Field.TITLE, _words(plain(one.title), plain(other.title))


def _names(one: Traits, other: Traits) -> Iterator[tuple[Field, Found]]:
    ours, theirs = (one.first_name, one.last_name), (other.first_name, other.last_name)
    if personal_names.are_swapped(ours, theirs):
        yield Field.NAMES_SWAPPED, Found.EQUAL
        return
    first, last = personal_names.compare(ours, theirs)
    if last is not None:
        yield Field.LAST_NAME, last
    if first is not None:
        yield Field.FIRST_NAME, first


def _words(one: str, other: str) -> Found:
    if one == other:
        return Found.EQUAL
    return Found.ALIKE if JaroWinkler.similarity(one, other) >= 0.9 else Found.OTHER


def _emails(ours: frozenset[str], theirs: frozenset[str]) -> Found:
    if ours & theirs:
        return Found.EQUAL
    locals_, others = _mailbox_names(ours), _mailbox_names(theirs)
    return Found.SAME_MAILBOX_NAME if locals_ & others else Found.OTHER


def _mailbox_names(emails: Iterable[str]) -> set[str]:
    """The local parts long enough to be somebody's own, without signs."""
    found = ("".join(filter(str.isalnum, one.partition("@")[0].casefold())) for one in emails)
    return {name for name in found if len(name) >= 6}


def _is_made_of_names(person: Traits) -> bool:
    """Whether all mailboxes are spelt as the person's names are, whole or by initials."""
    first = plain(person.first_name).replace(" ", "")
    last = plain(person.last_name).replace(" ", "")
    if not (first and last):
        return False
    spelt = {first + last, last + first, first[0] + last, last + first[0], first + last[0], last}
    found = {plain(name) for name in _mailbox_names(person.emails)}
    return all(any(name.startswith(one) for one in spelt) for name in found)


def _phones(ours: frozenset[str], theirs: frozenset[str]) -> Found:
    if ours & theirs:
        return Found.EQUAL
    slip = any(
        len(one) >= 7 and OSA.distance(one, other, score_cutoff=1) <= 1
        for one in ours
        for other in theirs
    )
    return Found.ALIKE if slip else Found.OTHER


def _companies(one: Traits, other: Traits) -> Found | None:
    if one.domain and one.domain == other.domain:
        return Found.EQUAL
    if not (one.company and other.company):
        return Found.OTHER if one.domain and other.domain else None
    if one.company == other.company:
        return Found.EQUAL
    alike = JaroWinkler.similarity(one.company, other.company) >= 0.92
    return (
        Found.ALIKE if alike or personal_names.is_slip(one.company, other.company) else Found.OTHER
    )


def _conflict(one: Traits, other: Traits, evidence: tuple[Evidence, ...]) -> bool:
    """Two mailboxes at one company are two people, unless their names say otherwise."""
    ours = {email.rpartition("@")[2] for email in one.emails}
    theirs = {email.rpartition("@")[2] for email in other.emails}
    two_mailboxes = bool(ours & theirs) and not one.emails & other.emails
    names = {piece.found for piece in evidence if piece.field in _NAME_FIELDS}
    return bool(names & DIFFERENT) or (two_mailboxes and not names)


_TELLING = (Field.EMAIL, Field.PHONE, Field.COMPANY)
_NAME_FIELDS = (Field.FIRST_NAME, Field.LAST_NAME)
