"""Which company each row speaks of: found by domain, name or another name of it, made if asked."""

from __future__ import annotations

from collections.abc import Iterable

from core.errors import FieldError
from leads import cleansing, company_matching
from leads.company_matching import By
from lifecycle import account_upserts, companies
from lifecycle.deal_importing.said import Said

Named = tuple[str, str]
"""A company as a row names it: its name and its domain."""


def named(said: Said) -> Named:
    """The company of a row; two empty texts where it names none."""
    return " ".join(said.account.split())[:200], said.domain.strip().casefold()


def find(rows: Iterable[Said], *, make: bool, source: str, by_id: int,
         reason: str) -> dict[Named, int]:  # fmt: skip
    """The accounts that the rows name; those that are unknown are made if `make` says so."""
    wanted = sorted({key for one in rows if any(key := named(one))})
    read = {key: _read(*key) for key in wanted}
    directory = companies.look_up(
        {domain for _, domain in read.values() if domain},
        {name for name, _ in read.values() if name},
    )
    found: dict[Named, int] = {}
    for key, (name, domain) in read.items():
        match = company_matching.decide(directory, domain=domain or None, name_key=name, country="")
        if match.account is not None and match.by is not By.AMBIGUOUS:
            found[key] = match.account
    unknown = [key for key in wanted if key not in found]
    if make and unknown:
        done = account_upserts.upsert(
            [account_upserts.Said(name=name, domain=read[name, domain][1])
             for name, domain in unknown],
            source=source, actor="user", by_id=by_id, reason=reason,
        )  # fmt: skip
        made = zip(unknown, done, strict=True)
        found |= {key: one.account for key, one in made if one.account is not None}
    return found


def unknown(said: Said) -> FieldError:
    """What is told of a row whose company is not here."""
    name, domain = named(said)
    text = (
        f"There is no account “{name or domain}”, or several; give one of them this name as an "
        "alias, import accounts first, or have unknown ones made."
    )
    return FieldError("account", text, "unknown")


def _read(name: str, domain: str) -> Named:
    """As compared: the key of the name, the registrable domain."""
    own = cleansing.company_domain(domain=domain).domain if domain else None
    return (cleansing.company_name_key(name)[:200] if name else ""), own or ""
