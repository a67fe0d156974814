"""A company's people by the hundred thousand, with names as unevenly spread as real ones.

Only who they are is made, no log and no clocks: enough to look for them. Reps hold a third.
"""

from __future__ import annotations

import bisect
import datetime as dt
import itertools
import random
from collections.abc import Iterator, Sequence
from typing import Any

SLICE = 20_000
A_COMPANY = 3
"""People a company."""
TEAMS = 8
REPS_A_TEAM = 10
_STARTS = (
    "ba", "be", "bi", "bo", "bra", "de", "do", "fa", "fi", "fre", "ga", "ge", "gra", "ha", "he",
    "ho", "ja", "ka", "ke", "kra", "la", "le", "lo", "ma", "me", "mo", "mu", "na", "ne", "ni",
    "no", "pa", "pe", "pra", "ra", "re", "ro", "sa", "schu", "schm", "ste", "stei", "ta", "te",
    "ti", "tra", "va", "ve", "wa", "we", "wie", "ze",
)  # fmt: skip
_MIDDLES = (
    "ber", "cken", "der", "del", "ff", "gel", "hn", "ler", "lman", "mmer", "nder", "nke", "rch",
    "rgen", "rke", "rtz", "ssel", "tter", "ul", "ven",
)  # fmt: skip
_ENDS = (
    "a", "berg", "dorf", "e", "er", "feld", "hof", "i", "inger", "ko", "ler", "man", "mann",
    "ner", "o", "ov", "owski", "quist", "rt", "s", "sen", "son", "stein", "us",
)  # fmt: skip
_ACCENTS = str.maketrans("auo", "äüö")
_TRADES = ("Logistik", "Systems", "Software", "Industries", "Foods", "Medical", "Partners", "Labs",
           "Energy", "Consulting", "Maschinenbau", "Textil", "Bau", "Media", "Finance", "Travel",
           "Chemie", "Data", "Robotics", "Werke")  # fmt: skip
_FORMS = ("GmbH", "AG", "Ltd", "Inc.", "S.A.", "AB", "GmbH & Co. KG", "")
_ABROAD = ("+4930", "+4989", "+49171", "+43660", "+4420", "+4670", "+1415", "+3314", "+4812")


class Names:
    """Draws names: the hundredth is a hundredth as frequent as the first, as in life."""

    def __init__(self, names: Sequence[str], chance: random.Random) -> None:
        self._names = list(names)
        weights = (1 / (rank + 10) for rank in range(len(self._names)))
        self._sums = list(itertools.accumulate(weights))
        self._chance = chance

    def one(self) -> str:
        """A name."""
        at = self._chance.random() * self._sums[-1]
        return self._names[bisect.bisect(self._sums, at)]


def surnames(count: int = 60_000) -> list[str]:
    """That many made-up family names, a tenth of them with an accent."""
    chance = random.Random(7)
    every = [a + b + c for a in _STARTS for b in ("", *_MIDDLES) for c in _ENDS]
    every += [a + b + c + d for a in _STARTS for b in _MIDDLES for c in _MIDDLES for d in _ENDS]
    chance.shuffle(every)
    return [
        (name.translate(_ACCENTS) if at % 10 == 3 else name).title()
        for at, name in enumerate(dict.fromkeys(every))
    ][:count]


def staff(boss: Any) -> list[Any]:
    """Teams of reps; returns the reps."""
    from people.models import Role, Team, User  # noqa: PLC0415

    reps = []
    for number in range(TEAMS):
        team = Team.objects.create(name=f"Team {number}", manager=boss)
        for place in range(REPS_A_TEAM):
            name = f"rep-{number}-{place}"
            reps.append(
                User.objects.create(username=name, email=f"{name}@bench.test", role=Role.SDR,
                                    team=team)
            )  # fmt: skip
    return reps


def slices(count: int, reps: Sequence[Any], now: dt.datetime) -> Iterator[list[list[Any]]]:
    """The rows of so many people, a slice at a time, tables in an order that holds."""
    from leads import name_tables  # noqa: PLC0415

    chance = random.Random(1)
    firsts = Names(sorted(name_tables.GIVEN), chance)
    lasts = Names(surnames(), chance)
    for start in range(0, count, SLICE):
        yield _slice(range(start, min(start + SLICE, count)), firsts, lasts, chance, reps, now)


def _slice(
    who: range, firsts: Names, lasts: Names, chance: random.Random, reps: Sequence[Any],
    now: dt.datetime,
) -> list[list[Any]]:  # fmt: skip
    from core import bulk  # noqa: PLC0415
    from leads.models import Account, IdentityKey, Lead, Person  # noqa: PLC0415

    count = len(who)
    ids = bulk.reserve({Person: count, Account: -(-count // A_COMPANY), Lead: count})
    companies = [
        _company(pk, number, lasts, chance, now)
        for number, pk in enumerate(ids[Account], start=who.start // A_COMPANY)
    ]
    people, keys, leads = [], [], []
    for place, (pk, lead_id) in enumerate(zip(ids[Person], ids[Lead], strict=True)):
        company = companies[place // A_COMPANY]
        person, said = _person(pk, company, firsts.one().title(), lasts.one(), chance, now)
        people.append(person)
        keys += [IdentityKey(kind=kind, value=value, person_id=pk) for kind, value in said]
        owner = chance.choice(reps) if chance.random() < 1 / 3 else None
        at = now - dt.timedelta(seconds=chance.randrange(60_000_000))
        leads.append(
            Lead(pk=lead_id, person_id=pk, account_id=company.pk, channel="IMPORT",
                 owner=owner, stage="MQL" if owner else "INQUIRY", entered_stage_at=at,
                 last_touch_at=at, created_at=at)
        )  # fmt: skip
    return [people, companies, leads, keys]


def _company(pk: int, number: int, lasts: Names, chance: random.Random, now: dt.datetime) -> Any:
    from leads import cleansing  # noqa: PLC0415
    from leads.models import Account  # noqa: PLC0415

    name = f"{lasts.one()} {chance.choice(_TRADES)} {chance.choice(_FORMS)}".strip()
    key = cleansing.company_name_key(name)
    domain = f"{key.encode('ascii', 'ignore').decode()}{number}.example"
    return Account(pk=pk, name=name, name_key=key, domain=domain, country="DE", created_at=now)


def _person(
    pk: int, company: Any, first: str, last: str, chance: random.Random, now: dt.datetime
) -> tuple[Any, list[tuple[str, str]]]:
    from leads import name_spelling, personal_names  # noqa: PLC0415
    from leads.models import Person  # noqa: PLC0415

    local = f"{name_spelling.plain(first)}.{name_spelling.plain(last)}".replace(" ", "")
    email = f"{local}{pk}@{company.domain}"
    phone = f"{chance.choice(_ABROAD)}{10_000_000 + pk * 7 % 89_999_999}" if pk % 2 else ""
    person = Person(
        pk=pk, first_name=first, last_name=last, email=email, phone=phone, country="DE",
        title="Head of IT", name_key=personal_names.key(first, last), created_at=now,
    )  # fmt: skip
    keys = [("EMAIL", email)] + ([("PHONE", phone)] if phone else [])
    if pk % 50 == 0:
        keys.append(("EXTERNAL", f"salesforce:00Q{pk:012}"))
    return person, keys
