"""Made-up buyers and their companies: several languages, nobody real, the same for a seed."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import yaml

WORDS: dict[str, Any] = yaml.safe_load(
    Path(__file__).with_name("words.yaml").read_text(encoding="utf-8")
)
COUNTRIES: dict[str, dict[str, Any]] = WORDS["countries"] | WORDS["abroad"]

SAME_COMPANY = 0.18
"""How often a buyer works where another one works already."""
_BY_HAND = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "o", "æ": "ae", "å": "a", "ł": "l", "ı": "i",
     "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "Ø": "O", "Å": "A", "Ł": "L", "İ": "I", "œ": "oe"}
)  # fmt: skip


@dataclass(slots=True, eq=False)
class Company:
    """A company as its buyers would describe it."""

    name: str
    domain: str
    industry: str
    employees: int
    country: str
    revenue: int

    @property
    def size(self) -> str:
        """The head count, as forms ask for it."""
        return str(self.employees)

    @property
    def names_budget(self) -> bool:
        """Whether its buyers say what they can spend: one company in three."""
        return self.revenue // 1000 % 3 == 0

    @property
    def budget(self) -> str:
        """What they can spend, in the base currency: seats for one in twenty."""
        return str(max(5, min(400, self.employees // 20)) * 900)


@dataclass(frozen=True, slots=True)
class Script:
    """What is settled beforehand about one lead: when a step is taken, and which never is.

    `rejected_as` is the reason for which its owner refuses it, `wakes_on` what wakes it then.
    """

    times: Mapping[str, datetime] = field(default_factory=dict)
    leave: frozenset[str] = frozenset()
    hurry: bool = False
    rejected_as: str = ""
    wakes_on: str = ""


@dataclass(slots=True, eq=False)
class Buyer:
    """One buyer. `kind` tells what is known beforehand, reps find out."""

    kind: str
    first: str
    last: str
    title: str
    email: str
    phone: str
    country: str
    company: Company | None
    script: Script = Script()

    @property
    def zone(self) -> str:
        """The zone they live in."""
        return str(COUNTRIES[self.country]["zone"])


class World:
    """Makes buyers and companies; remembers them, so that nobody is made twice."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._companies: dict[str, list[Company]] = {}
        self._domains: set[str] = set()
        self._emails: set[str] = set()
        self._phones: dict[str, list[str]] = {}

    def buyer(
        self,
        kind: str,
        *,
        country: str = "",
        has_phone: bool | None = None,
        script: Script | None = None,
    ) -> Buyer:
        """Somebody of this kind: core, small, large, off, abroad, free, role, student, own …

        core is inside the ideal customer profile; small, large, off and abroad just miss it.
        """
        company = self._company(kind, country)
        where = company.country if company else country or self._country("core")
        culture = WORDS["cultures"][COUNTRIES[where]["culture"]]
        first, first_latin = _spellings(self._rng.choice(culture["first"]))
        last, last_latin = _spellings(self._rng.choice(culture["last"]))
        return Buyer(
            kind=kind,
            first=first,
            last=last,
            title=self._title(kind, where),
            email=self._email(kind, first_latin, last_latin, culture["mail"], company),
            phone=self._phone(where, wanted=has_phone),
            country=where,
            company=company,
            script=script or Script(),
        )

    def _company(self, kind: str, country: str) -> Company | None:
        if kind in ("free", "student", "own"):
            return None
        if kind in NAMED:
            return self._rng.choice(named_companies(kind))
        known = [
            one for one in self._companies.get(kind, []) if not country or one.country == country
        ]
        if known and self._rng.random() < SAME_COMPANY:
            return self._rng.choice(known)
        made = self._new_company(kind, country or self._country(kind))
        self._companies.setdefault(kind, []).append(made)
        return made

    def _new_company(self, kind: str, country: str) -> Company:
        industries = WORDS["off_industries" if kind == "off" else "industries"]
        industry = self._rng.choice(list(industries))
        culture = COUNTRIES[country]["culture"]
        branches = industries[industry]["de" if culture == "german" else "en"]
        name, domain = self._name(WORDS["cultures"][culture]["stems"], branches)
        employees = self._employees(kind)
        return Company(
            name=f"{name} {self._rng.choice(COUNTRIES[country]['forms'])}",
            domain=domain,
            industry=industry,
            employees=employees,
            country=country,
            revenue=employees * self._rng.randrange(90, 260) * 1000,
        )

    def _name(self, stems: Sequence[str], branches: Sequence[str]) -> tuple[str, str]:
        for attempt in range(500):
            stem, latin = _spellings(self._rng.choice(stems))
            if attempt > 20:  # most plain names are taken: two founders
                other, other_latin = _spellings(self._rng.choice(stems))
                stem, latin = f"{stem} & {other}", f"{latin} {other_latin}"
            branch = self._rng.choice(branches)
            number = "" if attempt < 100 else f" {self._rng.randrange(2, 10_000)}"
            domain = f"{_slug(f'{latin} {branch}{number}')}.example"
            if domain not in self._domains:
                self._domains.add(domain)
                return f"{stem} {branch}{number}", domain
        raise ValueError("no name is left for another company")

    def _country(self, kind: str) -> str:
        table = WORDS["abroad" if kind == "abroad" else "countries"]
        shares = [one["share"] for one in table.values()]
        return str(self._rng.choices(list(table), shares)[0])

    def _employees(self, kind: str) -> int:
        if kind == "small":
            return self._rng.randrange(2, 49)
        if kind == "large":
            return self._rng.randrange(5_200, 48_000)
        drawn = int(self._rng.lognormvariate(5.9, 1.0))
        return min(max(drawn, 52), 4_900)

    def _title(self, kind: str, country: str) -> str:
        language = "de" if COUNTRIES[country]["culture"] == "german" else "en"
        level = "leading" if self._rng.random() < 0.4 else "working"
        if kind == "student":
            level = "studying"
        return str(self._rng.choice(WORDS["titles"][level][language]))

    def _email(
        self, kind: str, first: str, last: str, pattern: str, company: Company | None
    ) -> str:
        host = company.domain if company else self._rng.choice(WORDS["free_mail"])
        if kind == "own":
            return f"{_slug(first, '')}@{WORDS['own_domain']}"
        if kind == "role":
            return f"{self._rng.choice(WORDS['role_mailboxes'])}@{host}"
        a, b = _slug(first, ""), _slug(last, "")
        local = {"first.last": f"{a}.{b}", "flast": f"{a[:1]}{b}", "last": b}[pattern]
        if company is None:
            local += ".demo"  # at a real host, but hardly somebody's mailbox
        email, number = f"{local}@{host}", 2
        while email in self._emails:
            email, number = f"{local}{number}@{host}", number + 1
        self._emails.add(email)
        return email

    def _phone(self, country: str, *, wanted: bool | None) -> str:
        """A number nobody has, of a range for fiction; empty where there is none left."""
        if country not in self._phones:
            left = [
                number
                for pattern in COUNTRIES[country].get("phones", [])
                for number in _numbers(pattern)
            ]
            self._rng.shuffle(left)
            self._phones[country] = left
        left = self._phones[country]
        if wanted is None:
            wanted = self._rng.random() < 0.8
        return left.pop() if left and wanted else ""


NAMED = {"competitor": "competitors", "partner": "partners", "customer": "customers"}


def named_companies(kind: str) -> list[Company]:
    """The companies whose standing is known from the start: competitors, partners, customers."""
    return [
        Company(
            name=name,
            domain=f"{_slug(name)}.example",
            industry="Software" if kind == "competitor" else "Professional Services",
            employees=180,
            country="DE" if number % 2 else "GB",
            revenue=30_000_000,
        )
        for number, name in enumerate(WORDS[NAMED[kind]])
    ]


def _spellings(name: str) -> tuple[str, str]:
    """The name in its own script, and in Latin letters."""
    own, _, latin = name.partition("|")
    return own, latin or own


def _slug(text: str, joint: str = "-") -> str:
    plain = unicodedata.normalize("NFKD", text.translate(_BY_HAND)).lower()
    kept = "".join(one if one.isascii() and one.isalnum() else " " for one in _bare(plain))
    return joint.join(kept.split())


def _bare(text: str) -> str:
    return "".join(one for one in text if not unicodedata.combining(one) and one not in "'’")


def _numbers(pattern: str) -> list[str]:
    """All numbers of a pattern: {dd} and {ddd} stand for digits."""
    for mark, digits in (("{ddd}", 3), ("{dd}", 2)):
        if mark in pattern:
            return [
                number
                for value in range(10**digits)
                for number in _numbers(pattern.replace(mark, f"{value:0{digits}}", 1))
            ]
    return [pattern]
