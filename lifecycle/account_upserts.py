"""Accounts as other systems know them: found by their reference, domain or name, made or changed.

A batch of one (the API) and of a thousand (an import) are the same code with the same number of
queries. What cannot be taken over as it is said is told in a remark and left as it was.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.db import IntegrityError, transaction

from core import bulk, database, errors
from core.errors import FieldError
from governance import selectors as kits
from leads import cleansing, company_matching, overwriting, references
from leads.company_matching import By, Held
from leads.ledger import Ledger
from leads.models import Account, AccountAlias, AccountStatus, ExternalReference, Opportunity
from leads.overwriting import Source
from leads.references import Kind, Reference
from lifecycle import companies, customer_following, standings
from lifecycle.first_word import FirstWord

ROUNDS = 5
CONFIDENCE = 70
"""How sure an import or another system is of what it says of a company."""


class Contended(errors.DomainError):
    """Others kept writing the same accounts."""

    code = "account_contended"
    status = 503


class Outcome(StrEnum):
    """What became of one account."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Alias:
    """Another name or domain of a company: as compared, and as it was written."""

    kind: str
    value: str
    shown: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What is said of one account, clean; what is empty or None is not said.

    `row` tells one of a file from its others.
    """

    reference: Reference | None = None
    name: str = ""
    domain: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    status: str = ""
    owner: int | None = None
    aliases: tuple[Alias, ...] = ()
    row: int = 0

    @property
    def what(self) -> frozenset[str]:
        """The names of what is said, where there can be but one."""
        plain = {"name": self.name, "status": self.status, "owner": self.owner, **self.values}
        return frozenset(name for name, value in plain.items() if value not in ("", None))

    @property
    def name_key(self) -> str:
        """The name as it is compared."""
        return cleansing.company_name_key(self.name)[:200] if self.name else ""

    @property
    def country(self) -> str:
        """The country, if it is said."""
        return str(self.values.get("country") or "")


@dataclass(slots=True)
class Done:
    """What became of one account, which fields changed, and what was left as it was."""

    outcome: Outcome
    account: int | None = None
    fields: list[str] = field(default_factory=list)
    remarks: list[FieldError] = field(default_factory=list)


def alias(kind: str, shown: str) -> Alias | None:
    """A clean alias; None for what names no company: free-mail domains, empty texts."""
    shown = " ".join(shown.split())[:253]
    if kind == AccountAlias.Kind.DOMAIN:
        domain = cleansing.company_domain(domain=shown).domain
        return Alias(kind, domain, shown) if domain else None
    key = cleansing.company_name_key(shown)[:253] if shown else ""
    return Alias(kind, key, shown) if key else None


def upsert(
    said: Sequence[Said],
    *,
    source: str,
    actor: str,
    by_id: int | None = None,
    reason: str | None = None,
    first: FirstWord | None = None,
    now: dt.datetime | None = None,
) -> list[Done]:
    """Make or change these accounts in one transaction, in order; returns what became of each.

    `source` is noted as where values are from (`import:salesforce`); `first` knows the earlier
    batches of the same file. Raises Contended after several lost races.
    """
    heard = first or FirstWord()
    for _ in range(ROUNDS):
        try:
            with transaction.atomic():
                kit = kits.active_kit()
                ledger = Ledger(
                    kit=kit, now=now or database.now(), actor=actor, by_id=by_id, reason=reason
                )
                return _Upsert(said, source, ledger, heard).run()
        except (IntegrityError, Contended):
            continue
    raise Contended("Others write the same accounts at once; try again.")


class _Upsert:
    def __init__(self, said: Sequence[Said], source: str, ledger: Ledger, first: FirstWord) -> None:
        self._said, self._ledger, self._first = said, ledger, first
        self._source = Source(source, CONFIDENCE, ledger.now)
        self._done: list[Done] = []
        self._fresh: dict[int, Account] = {}
        self._restated: dict[int, Account] = {}
        self._attached: dict[Reference, int] = {}

    def run(self) -> list[Done]:
        self._read()
        for said in self._said:
            self._done.append(self._take(said))
        rows = sorted(self._fresh.values(), key=companies.slot)
        if len(bulk.insert_new(rows, on=["id"])) < len(rows):
            raise Contended("Somebody was faster.")
        for row in rows:
            self._ledger.add(row, written=True)
        references.attach(Kind.ACCOUNT, self._attached, now=self._ledger.now)
        customer_following.follow(self._restated.values(), ledger=self._ledger)
        self._ledger.flush()
        standings.follow(self._restated.values(), ledger=self._ledger)
        self._ledger.flush()
        return self._done

    # Read.

    def _read(self) -> None:
        """Every account that may be meant, locked; what it is called elsewhere; its open deals."""
        said = self._said
        aliases = [one for each in said for one in each.aliases]
        domains = {one.domain for one in said if one.domain}
        domains |= {one.value for one in aliases if one.kind == AccountAlias.Kind.DOMAIN}
        names = {one.name_key for one in said if one.name_key}
        names |= {one.value for one in aliases if one.kind == AccountAlias.Kind.NAME}
        self._directory = companies.look_up(domains, names)
        self._known = references.find(
            Kind.ACCOUNT, [one.reference for one in said if one.reference is not None]
        )
        ids = set(self._known.values()) | self._directory.ids()
        rows = Account.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True)
        self._rows = {row.pk: row for row in rows}
        systems = {one.reference.system for one in said if one.reference is not None}
        called = ExternalReference.objects.filter(account_id__in=ids, system__in=systems)
        self._called = {
            (account, system): value
            for account, system, value in called.values_list("account_id", "system", "value")
        }
        deals = Opportunity.objects.filter(account_id__in=ids, status="OPEN")
        self._with_deal = set(deals.values_list("account_id", flat=True))
        self._spare = iter(bulk.reserve({Account: len(said)}).get(Account, []))

    # Decide.

    def _take(self, said: Said) -> Done:
        done = Done(Outcome.UNCHANGED)
        if not (said.name or said.domain) and said.reference is None:
            return _refused("name", "Name the account by an id, a domain or a name.")
        row, domain = self._find(said, done)
        if row is None:
            if not (said.name or domain):
                return _refused("name", "A new account needs a name or a domain.")
            if not domain and self._directory.own(said.name_key, said.country) is not None:
                twin = self._directory.own(said.name_key, said.country)
                return _refused(
                    "name",
                    f"Account {twin.account if twin else ''} has this name and country and no "
                    "domain either; give one of them a domain or a country.",
                    *done.remarks,
                )
            row = self._make(said, domain)
            done.outcome = Outcome.CREATED
        done.account = row.pk
        self._change(row, said, domain, done)
        self._first.hear(row.pk, said.row, said.what)
        if done.fields and done.outcome is Outcome.UNCHANGED:
            done.outcome = Outcome.UPDATED
        return done

    def _find(self, said: Said, done: Done) -> tuple[Account | None, str]:
        """The account meant, if there is one, and the domain that may be its own."""
        if said.reference is not None and said.reference.key in self._known:
            return self._row(self._known[said.reference.key]), said.domain
        match = company_matching.decide(
            self._directory,
            domain=said.domain or None,
            name_key=said.name_key,
            country=said.country,
        )
        if match.account is None or match.by is By.AMBIGUOUS:
            return None, said.domain
        if not self._called_otherwise(match.account, said):
            return self._row(match.account), said.domain
        if match.by not in (By.DOMAIN, By.DOMAIN_ALIAS):
            return None, said.domain
        # Two of that system at one domain: the second keeps its name only.
        done.remarks.append(_kept("domain", said.domain, match.account))
        return None, ""

    def _called_otherwise(self, account: int, said: Said) -> bool:
        """Whether that system knows the account by another id, so that it means another one."""
        if said.reference is None:
            return False
        called = self._called.get((account, said.reference.system))
        return called is not None and called != said.reference.value

    def _row(self, pk: int) -> Account:
        found = self._rows.get(pk) or self._fresh.get(pk)
        if found is None:
            raise Contended("It was merged or made meanwhile.")
        return found

    def _make(self, said: Said, domain: str) -> Account:
        row = Account(
            pk=next(self._spare),
            domain=domain or None,
            name=said.name,
            name_key=said.name_key,
            country=said.country,
            created_at=self._ledger.now,
        )
        self._fresh[row.pk] = row
        self._directory.add(Held(row.pk, row.domain, row.name_key, row.country))
        return row

    # Change.

    def _change(self, row: Account, said: Said, domain: str, done: Done) -> None:
        self._refer(row, said, done)
        self._domain(row, domain, done)
        for name, value in self._values(row, said, done):
            setattr(row, name, value)
            done.fields.append(name)
        if "name" in done.fields:
            row.name_key = said.name_key
        self._status(row, said, done)
        another = said.owner is not None and said.owner != row.owner_id
        if another and not self._stays(row, said, "owner", done):
            row.owner_id = said.owner
            done.fields.append("owner")
        for one in said.aliases:
            self._alias(row, one, done)
        columns = [name for name in done.fields if name in _COLUMNS]
        if columns:
            row.provenance = overwriting.noted(row.provenance, columns, self._source)
            if row.pk not in self._fresh:
                self._ledger.change(row, *columns, "name_key", "provenance")
            self._directory.add(Held(row.pk, row.domain, row.name_key, row.country))

    def _refer(self, row: Account, said: Said, done: Done) -> None:
        one = said.reference
        if one is None:
            return
        self._attached[one] = row.pk
        if self._known.get(one.key) != row.pk:
            self._known[one.key] = row.pk
            self._called[row.pk, one.system] = one.value
            done.fields.append("reference")

    def _domain(self, row: Account, domain: str, done: Done) -> None:
        if not domain or domain == row.domain:
            return
        holder = self._directory.domains.get(domain) or self._directory.domain_aliases.get(domain)
        if holder is not None:
            if holder.account != row.pk:
                done.remarks.append(_kept("domain", domain, holder.account))
        elif row.domain is None:
            row.domain = domain
            done.fields.append("domain")
        else:
            self._alias(row, Alias(AccountAlias.Kind.DOMAIN, domain, domain), done)

    def _values(self, row: Account, said: Said, done: Done) -> Iterator[tuple[str, Any]]:
        """The fields that take what is said: not those that a person filled in here."""
        for name, value in {"name": said.name, **said.values}.items():
            if value in ("", None) or getattr(row, name) == value:
                continue
            if self._stays(row, said, name, done):
                continue
            if name in ("name", "country") and self._clashes(row, said):
                text = "Another account without domain has that name and country; it stays."
                done.remarks.append(FieldError(name, text))
            else:
                yield name, value

    def _stays(self, row: Account, said: Said, name: str, done: Done) -> bool:
        """Whether a person has said otherwise, or an earlier row of the file; both are told."""
        if overwriting.is_by_user(row.provenance, name):
            done.remarks.append(FieldError(name, "A person filled this in here; it stays."))
            return True
        earlier = self._first.before(row.pk, said.row, name)
        if earlier is None:
            return False
        text = self._first.contradict(earlier, said.row, name)
        done.remarks.append(FieldError(name, text, "contradicted"))
        return True

    def _clashes(self, row: Account, said: Said) -> bool:
        if row.domain is not None:
            return False
        twin = self._directory.own(said.name_key or row.name_key, said.country or row.country)
        return twin is not None and twin.account != row.pk

    def _status(self, row: Account, said: Said, done: Done) -> None:
        if not said.status or said.status == row.status:
            return
        if self._stays(row, said, "status", done):
            return
        open_deal = row.pk in self._with_deal and row.status == AccountStatus.OPEN_OPPORTUNITY
        if open_deal and said.status == AccountStatus.PROSPECT:
            text = "It has an open opportunity here; the status stays until that is closed."
            done.remarks.append(FieldError("status", text))
            return
        row.status = said.status
        done.fields.append("status")
        self._restated[row.pk] = row

    def _alias(self, row: Account, one: Alias, done: Done) -> None:
        domain = one.kind == AccountAlias.Kind.DOMAIN
        if one.value == (row.domain if domain else row.name_key):
            return
        aliases = self._directory.domain_aliases if domain else self._directory.name_aliases
        holder = aliases.get(one.value)
        if holder is None and domain:
            holder = self._directory.domains.get(one.value)
        if holder is not None:
            if holder.account != row.pk:
                done.remarks.append(_kept("aliases", one.shown, holder.account))
            return
        self._ledger.add(
            AccountAlias(
                account_id=row.pk,
                kind=one.kind,
                value=one.value,
                shown=one.shown,
                source=self._source.name,
                created_at=self._ledger.now,
            )
        )
        aliases[one.value] = Held(row.pk, row.domain, row.name_key, row.country)
        done.fields.append("aliases")


_COLUMNS = frozenset(
    ("name", "domain", "industry", "employees", "annual_revenue", "currency", "country", "region",
     "postal_code", "status", "owner")
)  # fmt: skip


def _refused(where: str, text: str, *before: FieldError) -> Done:
    return Done(Outcome.REJECTED, remarks=[*before, FieldError(where, text)])


def _kept(where: str, what: str, account: int) -> FieldError:
    return FieldError(where, f"“{what}” is account {account}’s; it stays there.", "taken")
