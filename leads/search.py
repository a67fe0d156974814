"""Finding a buyer by what one knows of them: a name, an address, a number, an id, a company.

`narrow` is for lists and takes only what surely fits; `alike` looks for slips of the pen besides.
Everything is found by index (`search_index`), whatever part of a word was typed.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib.postgres.lookups import TrigramWordSimilar
from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Lower

from leads import search_index, search_words
from leads.identity import KeyKind
from leads.models import (
    Account,
    AccountAlias,
    ContactPoint,
    ExternalReference,
    IdentityKey,
    Lead,
    Opportunity,
    Person,
)
from leads.search_words import SHORTEST_PART, Asked
from leads.stages import Stage

MOST_MIXED = 2
"""Ways to split misspelt words into a person's and a company's that are tried."""
MOST_OF_A_MIX = 100
MOST_OF_A_SIDE = 500
"""People, or companies, of one name that are held against the other name."""
MOST_OWN = 5_000


def narrow(leads: QuerySet[Lead], text: str) -> QuerySet[Lead]:
    """Those of `leads` that fit the text; an empty text fits all.

    Every word must be part of the buyer's name, their company's name or its domain, in any order;
    of one word, an e-mail address may hold it, too. A number may be any part of a phone number.
    A lead that was merged into another is found there.
    """
    asked = search_words.read(text)
    if not asked.text:
        return leads
    ways = [way.values("pk") for way in fitting(asked).values()]
    if not ways:
        return leads.none()
    fits = ways[0].union(*ways[1:]) if len(ways) > 1 else ways[0]
    return leads.filter(pk__in=fits)


def fitting(asked: Asked, *, most: int | None = None) -> dict[str, QuerySet[Lead]]:
    """The leads that surely fit, by the way in which they do, the surest first.

    With `most`, only so many addresses and numbers that hold what was typed are looked at, and
    names of people with names of companies are left to `sides`.
    """
    ways: dict[str, QuerySet[Lead]] = {}
    if asked.keys:
        of_keys = _any(_is_key(key.kind, key.value) for key in asked.keys)
        ways["key"] = _of_people(of_keys, most)
    if asked.id:
        called = ExternalReference.objects.filter(kind="LEAD", value=asked.id)
        ways["id"] = Lead.objects.filter(pk__in=called.values("lead"))
        if len(asked.id) >= SHORTEST_PART and not asked.id.startswith("@"):
            named = Q(kind=KeyKind.EXTERNAL.value, value__endswith=f":{asked.id}")
            ways["external"] = _of_people(named, most)
    if asked.words:
        ways |= _by_words(asked, most)
    if asked.address:
        ways["email"] = _of_people(_part(KeyKind.EMAIL, asked.address), most)
    if asked.digits:
        ways["phone"] = _of_people(_part(KeyKind.PHONE, asked.digits), most)
    return ways


def companies(asked: Asked) -> dict[str, QuerySet[Account]]:
    """The companies that surely fit, by the way in which they do: id, name or domain, alias."""
    ways: dict[str, QuerySet[Account]] = {}
    if asked.id:
        called = ExternalReference.objects.filter(kind="ACCOUNT", value=asked.id)
        ways["id"] = Account.objects.filter(pk__in=called.values("account"))
    if asked.words:
        words = search_words.of_a_company(asked.words)
        ways["company"] = _with_folded(Account.objects, "").filter(_company(words, ""))
        ways["alias"] = Account.objects.filter(pk__in=_also_called(words))
    domain = asked.address.partition("@")[2]
    if len(domain) >= SHORTEST_PART:
        whole = "" if asked.keys else "__contains"
        ways["company"] = Account.objects.filter(**{f"domain{whole}": domain})
    return ways


def of_deals(asked: Asked) -> Q | None:
    """What is true of opportunities that fit, by their name or an id; None where nothing can."""
    found: list[QuerySet[Any]] = []
    if asked.id:
        called = ExternalReference.objects.filter(kind="OPPORTUNITY", value=asked.id)
        found = [
            Opportunity.objects.filter(external_id=asked.id).exclude(external_id="").values("pk"),
            called.values("opportunity"),
        ]
    if asked.words and max(map(len, asked.words)) >= SHORTEST_PART:
        words = asked.text.lower().split()[: search_words.MOST_WORDS]
        named = _all(Q(lower__contains=word) for word in words)
        rows = Opportunity.objects.annotate(lower=Lower("name")).filter(named)
        found.append(rows.values("pk"))
    if not found:
        return None
    return Q(pk__in=found[0].union(*found[1:]) if len(found) > 1 else found[0])


def people_alike(words: Iterable[str]) -> QuerySet[Person]:
    """People whose names look like these words; many only share some letters.

    Compared under the database's `pg_trgm.word_similarity_threshold`.
    """
    people = Person.objects.exclude(name_key="")
    return people.filter(_all(_looks_like("name_key", word) for word in words))


def alike_at_companies(words: tuple[str, ...]) -> QuerySet[Lead]:
    """Leads of people with some of the words in their names at companies like the others."""
    ways = [
        _with_folded(_standing(), "account__")
        .filter(_names(name))
        .filter(_looks_like("folded", "".join(search_words.of_a_company(company))))
        .exclude(person__name_key="")
        for name, company in search_words.splits(words)[:MOST_MIXED]
    ]
    pks = [way.values("pk")[:MOST_OF_A_MIX] for way in ways]
    return Lead.objects.filter(pk__in=pks[0].union(*pks[1:]))


def companies_alike(words: Sequence[str]) -> QuerySet[Account]:
    """Companies whose names look like these words; as `alike`."""
    rows = _with_folded(Account.objects, "")
    found: QuerySet[Account] = rows.filter(_looks_like("folded", "".join(words)))
    return found


def sides(asked: Asked) -> dict[str, tuple[QuerySet[Any, int], QuerySet[Any, int]]]:
    """People, and companies, that the words can mean together, by the way; numbers of both.

    One more than `MOST_OF_A_SIDE` of each at most.
    """
    ways = {}
    for place, (name, rest) in enumerate(_splits(asked)):
        people = Person.objects.filter(_names(name, "")).exclude(name_key="")
        at = _with_folded(Account.objects, "").filter(_company(rest, ""))
        ways[f"both{place}"] = _some(people), _some(at)
    return ways


def _some(rows: QuerySet[Any]) -> QuerySet[Any, int]:
    return rows.values_list("pk", flat=True)[: MOST_OF_A_SIDE + 1]


def of_sides(
    asked: Asked, way: str, people: Sequence[int], companies: Sequence[int]
) -> tuple[QuerySet[Lead], bool]:
    """The leads of a way of `sides`, and whether both names are of so many that some are left out.

    As long as one side is whole, so is what is found.
    """
    name, rest = _split(asked, way)
    rows = _with_folded(_standing(), "account__")
    small, few = len(people) <= MOST_OF_A_SIDE, len(companies) <= MOST_OF_A_SIDE
    if few and not small:
        at = rows.filter(account__in=companies).filter(_names(name))
        return at.exclude(person__name_key=""), False
    theirs = rows.filter(person__in=people[:MOST_OF_A_SIDE])
    if few:
        return theirs.filter(account__in=companies), False
    return theirs.filter(_company(rest, "account__")), not small


def own_of_sides(asked: Asked, way: str, owner: Any) -> QuerySet[Lead]:
    """Those of a way of `sides` that are somebody's own; of very many, some."""
    # A slice is read first: one person's leads are fewer than those of a common name.
    own = Lead.objects.filter(owner=owner).values("pk")[:MOST_OWN]
    return _at(_with_folded(_standing().filter(pk__in=own), "account__"), *_split(asked, way))


def _splits(asked: Asked) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    return search_words.splits(search_words.of_a_company(asked.words))


def _split(asked: Asked, way: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return _splits(asked)[int(way.removeprefix("both"))]


def _by_words(asked: Asked, most: int | None) -> dict[str, QuerySet[Lead]]:
    words = asked.words
    named = _names(words)
    if asked.other_words and asked.other_words != words:
        named |= _names(asked.other_words)
    company = search_words.of_a_company(words)
    at_companies = _with_folded(_standing(), "account__")
    ways = {
        "name": _named(named),
        "company": at_companies.filter(_company(company, "account__")),
        "alias": _standing().filter(account__in=_also_called(company)),
    }
    if most is None:
        ways |= {
            f"both{place}": _at(at_companies, name, rest)
            for place, (name, rest) in enumerate(_splits(asked))
        }
    if " " not in asked.text and len(asked.text) >= SHORTEST_PART:
        ways["email"] = _of_people(_part(KeyKind.EMAIL, asked.text.lower()), most)
    return ways


def _at(
    at_companies: QuerySet[Lead], name: tuple[str, ...], rest: tuple[str, ...]
) -> QuerySet[Lead]:
    both = _names(name) & _company(rest, "account__")
    return at_companies.filter(both).exclude(person__name_key="")


def _standing() -> QuerySet[Lead]:
    """Leads that were not merged into others: what the index of a buyer's leads holds."""
    return Lead.objects.exclude(stage=Stage.MERGED.value)


def _named(named: Q) -> QuerySet[Lead]:
    """Says that there is a name, as the index of names demands."""
    return _standing().filter(named).exclude(person__name_key="")


def _names(words: Iterable[str], path: str = "person__") -> Q:
    return _all(_name(word, f"{path}name_key") for word in words)


def _name(word: str, field: str) -> Q:
    if len(word) >= SHORTEST_PART:
        return Q(**{f"{field}__contains": word})
    return Q(**{f"{field}__startswith": word}) | Q(**{f"{field}__contains": f" {word}"})


def _with_folded(rows: Any, path: str) -> QuerySet[Any]:
    found: QuerySet[Any] = rows.alias(folded=search_index.folded(f"{path}name_key"))
    return found


def _company(words: tuple[str, ...], path: str) -> Q:
    """Its name holds every word, or its domain does."""
    return _holds("folded", words) | _holds(f"{path}domain", words)


def _also_called(words: tuple[str, ...]) -> QuerySet[Any]:
    return AccountAlias.objects.filter(_holds("value", words)).values("account")


def _holds(field: str, words: tuple[str, ...]) -> Q:
    """Every word is within; where all are short, they begin it, as no index finds short parts."""
    if max(map(len, words)) < SHORTEST_PART:
        return Q(**{f"{field}__startswith": "".join(words)})
    return _all(Q(**{f"{field}__contains": word}) for word in words)


def _is_key(kind: KeyKind, value: str) -> Q:
    exact = Q(kind=kind.value, value=value)
    if kind is not KeyKind.PHONE:
        return exact
    # With any extension: its key goes on after an x.
    return exact | Q(kind=kind.value, value__gte=f"{value}x", value__lt=f"{value}y")


def _part(kind: KeyKind, text: str) -> Q:
    return Q(kind=kind.value, value__contains=text)


def _of_people(owned: Q, most: int | None) -> QuerySet[Lead]:
    """Of whose these keys and contact points are, or whom those people were merged into."""
    held: list[QuerySet[Any]] = []
    for model in (IdentityKey, ContactPoint):
        of_keys: QuerySet[Any, Any] = model._default_manager.filter(owned).values("person")[:most]
        gone = Person.objects.filter(merged_into__isnull=False, pk__in=of_keys)
        held += [of_keys, gone.values("merged_into")]
    return _standing().filter(person__in=held[0].union(*held[1:]))


def _looks_like(field: str, word: str) -> Any:
    return TrigramWordSimilar(F(field), Value(word))


def _all(conditions: Iterable[Any]) -> Q:
    return functools.reduce(operator.and_, (Q(one) for one in conditions), Q())


def _any(conditions: Iterable[Q]) -> Q:
    return functools.reduce(operator.or_, conditions, Q())
