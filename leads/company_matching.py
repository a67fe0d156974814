"""Which account a company is that somebody names: by domain, by alias, by name. Pure.

A domain says more than a name: who writes from a domain nobody knows yet is another company, even
if it bears a known name, unless the account of that name has no domain, or the same one under
another ending (acme.com, acme.de). What fits several accounts fits none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum

SHORTEST_LIKENESS = 3
"""Letters that the name of a domain and the name of a company must share at least."""


class By(StrEnum):
    """What named the account, or why a new one was made."""

    DOMAIN = "DOMAIN"
    DOMAIN_ALIAS = "DOMAIN_ALIAS"
    NAME = "NAME"
    NAME_AND_COUNTRY = "NAME_AND_COUNTRY"
    NAME_ALIAS = "NAME_ALIAS"
    NEW = "NEW"
    AMBIGUOUS = "AMBIGUOUS"


@dataclass(frozen=True, slots=True)
class Held:
    """An account as far as matching asks. `stands`: people or a CRM said how it stands to us."""

    account: int
    domain: str | None
    name_key: str
    country: str
    stands: bool = False


@dataclass(frozen=True, slots=True)
class Match:
    """The account, or None where it has to be made; and what it learns from whoever names it."""

    by: By
    account: int | None = None
    learns_domain: bool = False
    learns_country: bool = False


@dataclass(slots=True)
class Directory:
    """Every account that may be meant, by what it can be found by."""

    domains: dict[str, Held] = field(default_factory=dict)
    domain_aliases: dict[str, Held] = field(default_factory=dict)
    name_aliases: dict[str, Held] = field(default_factory=dict)
    names: dict[str, dict[int, Held]] = field(default_factory=lambda: defaultdict(dict))

    def add(self, held: Held) -> None:
        """An account, new or with more known of it than before."""
        if held.domain:
            self.domains[held.domain] = held
        if held.name_key:
            self.names[held.name_key][held.account] = held

    def ids(self) -> set[int]:
        """Every account of it."""
        by_name = (one for same in self.names.values() for one in same.values())
        by_value = (self.domains, self.domain_aliases, self.name_aliases)
        others = (one for some in by_value for one in some.values())
        return {one.account for one in (*by_name, *others)}

    def own(self, name_key: str, country: str) -> Held | None:
        """The account without domain of exactly this name and country."""
        same = self.names.get(name_key, {}).values()
        return next((one for one in same if one.domain is None and one.country == country), None)

    def learn(self, match: Match, *, domain: str | None, name_key: str, country: str) -> None:
        """What whoever came before has taught, for those who come after in the same batch."""
        held = self._by_id(match, domain, name_key)
        if held is None:
            return
        self.add(
            replace(
                held,
                domain=domain if match.learns_domain else held.domain,
                country=country if match.learns_country else held.country,
                name_key=held.name_key or name_key,
            )
        )

    def _by_id(self, match: Match, domain: str | None, name_key: str) -> Held | None:
        if match.by is By.DOMAIN and domain:
            return self.domains.get(domain)
        return self.names.get(name_key, {}).get(match.account or 0)


def decide(directory: Directory, *, domain: str | None, name_key: str, country: str) -> Match:
    """Find the account of a company by its domain, name (as compared) and country, where given."""
    if domain:
        if domain in directory.domains:
            return Match(By.DOMAIN, directory.domains[domain].account)
        if domain in directory.domain_aliases:
            return Match(By.DOMAIN_ALIAS, directory.domain_aliases[domain].account)
    if not name_key:
        return Match(By.NEW)
    same = _possible(directory.names.get(name_key, {}).values(), domain, name_key, country)
    found = _only(same, domain, name_key, country)
    if found is not None:
        return found
    alias = directory.name_aliases.get(name_key)
    if alias is not None and _possible([alias], domain, name_key, country, declared=True):
        return Match(By.NAME_ALIAS, alias.account)
    return _own(directory, domain, name_key, country, several=len(same) > 1)


def agrees(domain: str, name_key: str) -> bool:
    """Whether a domain sounds like a company's name: hollowmere.example, Hollowmere Cargo Ltd."""
    label = _label(domain)
    shorter, longer = sorted((label, name_key), key=len)
    return len(shorter) >= SHORTEST_LIKENESS and longer.startswith(shorter)


def _possible(
    same: Iterable[Held], domain: str | None, name_key: str, country: str, *, declared: bool = False
) -> list[Held]:
    """Those of one name that nothing said against."""
    return [
        one
        for one in same
        if not _other_domain(one, domain, name_key, declared=declared)
        and not _other_country(one, country)
    ]


def _other_domain(one: Held, domain: str | None, name_key: str, *, declared: bool) -> bool:
    if not domain:
        return False
    if one.domain is not None:
        return _label(one.domain) != _label(domain)
    return not (declared or one.stands or agrees(domain, name_key))


def _other_country(one: Held, country: str) -> bool:
    """Accounts without domain are told apart by country; one with a domain may be anywhere."""
    return one.domain is None and bool(country and one.country) and one.country != country


def _only(same: list[Held], domain: str | None, name_key: str, country: str) -> Match | None:
    by = By.NAME
    if len(same) > 1 and country:
        same, by = [one for one in same if one.country == country], By.NAME_AND_COUNTRY
    if len(same) != 1:
        return None
    (one,) = same
    bare = one.domain is None
    return Match(
        by,
        one.account,
        learns_domain=bare and bool(domain) and agrees(domain or "", name_key),
        learns_country=bare and bool(country) and not one.country,
    )


def _own(
    directory: Directory, domain: str | None, name_key: str, country: str, *, several: bool
) -> Match:
    """An account of its own: by its domain a new one, else that of exactly this name and country.

    Where several could be meant, nobody guesses.
    """
    if domain:
        return Match(By.NEW)
    own = directory.own(name_key, country)
    return Match(By.AMBIGUOUS if several else By.NEW, own.account if own else None)


def _label(domain: str) -> str:
    """The part somebody chose, before the ending: acme of acme.co.uk."""
    return "".join(sign for sign in domain.split(".", maxsplit=1)[0] if sign.isalnum())
