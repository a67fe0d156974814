"""Somebody here says of which company a lead is: found or made as a touchpoint finds or makes it.

A lead without an account gets one. A lead of an account that is known by its name alone tells it
its domain or country, or moves to the account that has them. What is known of a company that was
there before stays as it is; only what is empty is filled in.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction

from core import bulk, errors
from core.errors import FieldError, InvalidInput
from leads import enrichment, overwriting
from leads.company_matching import By
from leads.ledger import Ledger
from leads.models import Account, AccountStatus, Lead, LeadEvent
from leads.overwriting import Source
from leads.stages import Stage
from lifecycle import companies
from lifecycle.companies import Named, Unsettled
from lifecycle.last_steps import NothingToUndo

NAMED = "lead.company"
"""What an event says was changed when a lead got its company."""

SLOT = ("domain", "country")
"""What an account that is known by its name alone can be told of itself."""


@dataclass(slots=True)
class Naming:
    """The account that is meant, locked, and how it was found.

    `learnt` is what it took over of domain and country; it is the lead's `own` if it was before.
    What it knows otherwise than is said `stays`.
    """

    account: Account
    by: By
    made: bool = False
    learnt: tuple[str, ...] = ()
    own: bool = False
    stays: list[str] = field(default_factory=list)

    def as_data(self, before: int | None) -> dict[str, Any]:
        """For the event: ids only, names and domains may be erased."""
        return {
            "by": self.by.value,
            "account": self.account.pk,
            "before": before,
            "made": self.made,
            "learnt": list(self.learnt),
        }


@dataclass(slots=True)
class _Made:
    """Where `companies` tells what it made or taught."""

    fresh_accounts: list[Account] = field(default_factory=list)
    learnt_accounts: list[Account] = field(default_factory=list)


def settle(lead: Lead, said: Mapping[str, Any], *, at: dt.datetime) -> Naming | None:
    """Find or make, and lock, the account that clean fields of a company name; None for no news.

    To be called where accounts stand in the lock order. Raises InvalidInput for what names no
    company or one the lead cannot go to, and Unsettled after a lost race.
    """
    held = lead.account
    if held is None:
        return _name(lead, said, at) if any(said.values()) else None
    wanted = {one: said[one] for one in SLOT if said.get(one) and not getattr(held, one)}
    return _tell(lead, held, wanted) if wanted and held.domain is None else None


def require_free(naming: Naming, lead: Lead) -> None:
    """One way through the stages for a buyer at a company. Raises InvalidInput naming the other."""
    theirs = Lead.objects.filter(person_id=lead.person_id, account=naming.account)
    other = theirs.exclude(pk=lead.pk).exclude(stage=Stage.MERGED.value).first()
    if other is not None:
        raise _fault("name", f"This buyer has a lead at this company already: lead {other.pk}.")


def enter(naming: Naming, lead: Lead, *, source: Source, ledger: Ledger) -> list[str]:
    """Put the account and the lead's way there into the books; returns the fields that changed."""
    account = naming.account
    if naming.made:
        told = [name for name in ("name", *SLOT) if getattr(account, name)]
        account.provenance = overwriting.noted(account.provenance, told, source)
        ledger.add(account, written=True)
        ledger.change(account, "provenance")
    elif naming.learnt:
        account.provenance = overwriting.noted(account.provenance, naming.learnt, source)
        ledger.change(account, *naming.learnt, "provenance")
    if lead.account_id != account.pk:
        raise ValueError("the lead has to be at the account already")
    ledger.change(lead, "account")
    return [f"company.{name}" for name in naming.learnt] if naming.own else [NAMED]


def unknown(naming: Naming, said: Mapping[str, Any]) -> dict[str, Any]:
    """Of what is said, that which the account does not know; the rest `stays` as it is.

    Of the lead's own account everything counts, as whoever said it saw what was there.
    """
    if naming.own:
        return {name: value for name, value in said.items() if name not in naming.learnt}
    news = {name: value for name, value in said.items() if value not in enrichment.EMPTY}
    news.pop("domain", None)
    if naming.made:
        return news
    held = {name: getattr(naming.account, name) for name in news}
    naming.stays = [name for name in news if held[name] not in (*enrichment.EMPTY, news[name])]
    return {name: value for name, value in news.items() if held[name] in enrichment.EMPTY}


def undo(step: LeadEvent, lead: Lead, account: Account, *, ledger: Ledger) -> bool:
    """Take back what naming the company did; whether the lead left the account by that.

    Raises NothingToUndo where others rely on it.
    """
    told = step.because["company"]
    if told["account"] != account.pk:
        raise NothingToUndo("This lead is of another company by now.")
    if told["learnt"]:
        _forget(account, told["learnt"], step, ledger)
    if told["before"] == account.pk:
        return False
    theirs = Lead.objects.filter(person_id=lead.person_id, account_id=told["before"])
    if theirs.exclude(pk=lead.pk).exclude(stage=Stage.MERGED.value).exists():
        raise NothingToUndo("This buyer has another lead there by now.")
    lead.account_id = told["before"]
    ledger.change(lead, "account")
    return True


def remove_if_unused(step: LeadEvent, account: Account) -> None:
    """Take away the account that this step made, unless something hangs on it by now."""
    if not step.because["company"]["made"]:
        return
    unused = Account.objects.filter(
        pk=account.pk, status=AccountStatus.PROSPECT, owner=None, parent=None, leads=None,
        opportunities=None, customer=None, partnered_opportunities=None,
        subsidiaries=None, references=None, aliases=None, import_rows=None,
    )  # fmt: skip
    if not unused.exists():
        return
    # Nothing is left that would lead here when the buyer is erased, so its history goes, too.
    bulk.delete(Account.history.filter(id=account.pk))
    bulk.delete(Account.objects.filter(pk=account.pk))


def _name(lead: Lead, said: Mapping[str, Any], at: dt.datetime) -> Naming:
    named = companies.named(dict(said), {"email": lead.person.email})
    if named is None:
        raise _fault("name", "Name the company, or give its domain; the rest can come later.")
    batch = _Made()
    ids = bulk.reserve({Account: 1})[Account]
    (account,) = companies.settle_named([(named, at)], new_ids=ids, batch=batch).values()
    made = bool(batch.fresh_accounts)
    learnt = _learnt(named, account) if batch.learnt_accounts else ()
    return Naming(account, named.match.by, made, learnt)


def _learnt(named: Named, account: Account) -> tuple[str, ...]:
    match = named.match
    taught = {"domain": match.learns_domain, "country": match.learns_country}
    return tuple(name for name, did in taught.items() if did and getattr(account, name))


def _tell(lead: Lead, held: Account, wanted: Mapping[str, Any]) -> Naming:
    """The lead's own account takes domain or country, unless they are another account's."""
    domain = wanted.get("domain")
    directory = companies.look_up({domain} if domain else set(), {held.name_key})
    other = directory.own(held.name_key, wanted["country"]) if not domain else None
    if domain:
        other = directory.domains.get(domain) or directory.domain_aliases.get(domain)
    target = other.account if other is not None else held.pk
    rows = Account.objects.filter(pk__in={held.pk, target}).order_by("pk")
    locked = {row.pk: row for row in rows.select_for_update(no_key=True)}
    if len(locked) < len({held.pk, target}) or locked[held.pk].domain is not None:
        raise errors.TooLate("This company was changed meanwhile; open the lead again.")
    if target != held.pk:
        _require_movable(lead, held, locked[target], "domain" if domain else "country")
        return Naming(locked[target], By.DOMAIN if domain else By.NAME_AND_COUNTRY)
    account = locked[held.pk]
    for name, value in wanted.items():
        setattr(account, name, value)
    try:
        with transaction.atomic():
            bulk.update([account], list(SLOT))
    except IntegrityError:
        raise Unsettled("Others are making this company's account; try again.") from None
    return Naming(account, By.NAME, learnt=tuple(wanted), own=True)


def _require_movable(lead: Lead, held: Account, other: Account, name: str) -> None:
    if not companies.stands(held) and lead.opportunity_id is None:
        return
    why = "this lead has a deal" if lead.opportunity_id else "people know this account by itself"
    text = f"That is account {other.pk}, {other.name or other.domain}; {why}, so it stays here."
    raise _fault(name, text)


def _forget(account: Account, learnt: Sequence[str], step: LeadEvent, ledger: Ledger) -> None:
    since = Lead.objects.filter(account=account, created_at__gte=step.recorded_at)
    country = "" if "country" in learnt else account.country
    twin = Account.objects.filter(name_key=account.name_key, country=country, domain=None)
    if since.exists() or twin.exclude(pk=account.pk).exists():
        raise NothingToUndo("Others were found by what this company was told; it stays.")
    for name in learnt:
        setattr(account, name, None if name == "domain" else "")
    kept = {name: told for name, told in account.provenance.items() if name not in learnt}
    account.provenance = kept
    ledger.change(account, *learnt, "provenance")


def _fault(name: str, text: str) -> InvalidInput:
    return InvalidInput(text, errors=[FieldError(f"company.{name}", text)])
