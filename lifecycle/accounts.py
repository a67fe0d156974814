"""What people do to an account: owner, status, parent, aliases, each with a reason.

Console and API call this. What follows for waiting leads stands in `standings`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import Q

from core import bulk, database, errors
from core.errors import FieldError
from governance import selectors as kits
from leads import cleansing, overwriting, postal_codes, references, services
from leads.ledger import Ledger
from leads.models import Account, AccountAlias, AccountStatus
from leads.overwriting import Source
from leads.references import Kind
from lifecycle import account_families, account_upserts, customer_following, standings
from lifecycle.account_upserts import Alias, Done, Said
from people import holders
from people.models import Role, User

EDITORS = frozenset({Role.REVOPS, Role.MANAGER, Role.SERVICE})


class DomainTaken(errors.InvalidInput):
    """The domain is another account's own; `state` names it, which may become a part of this."""

    code = "domain_taken"


class Keep(Enum):
    """Says that a field stays as it is; None empties it."""

    AS_IT_IS = "AS_IT_IS"


KEEP: Final = Keep.AS_IT_IS


def may_edit(by: User) -> bool:
    """Whether this person may say how a company stands to us."""
    return by.is_active and (by.is_superuser or by.plays(*EDITORS))


def edit(
    *,
    account_id: int,
    by: User,
    reason: str,
    owner: int | Keep | None = KEEP,
    status: str | Keep = KEEP,
    parent: int | Keep | None = KEEP,
    aliases: Sequence[tuple[str, str]] | Keep = KEEP,
    region: str | Keep = KEEP,
    postal_code: str | Keep = KEEP,
    source: str = "",
    now: dt.datetime | None = None,
) -> Account:
    """Change an account, with its reason in the field history; `aliases` are all it shall have.

    What a person says so stays when imports say otherwise; `source` is given by what is no person.
    Raises NotAllowed, NotFound, or InvalidInput that names each field.
    """
    if not may_edit(by):
        raise errors.NotAllowed("Only RevOps and managers say how a company stands to us.")
    if not reason.strip():
        raise _invalid("reason", "Say why, in a few words: it stays in the account's history.")
    try:
        with transaction.atomic():
            told = Source(source or source_of(by), 100, now or database.now())
            reason = reason.strip()[:100]
            place = {"region": region, "postal_code": postal_code}
            return _edit(account_id, by, reason, owner, status, parent, aliases, place, told)
    except IntegrityError:
        text = "Somebody gave one of these to another account just now; look again."
        raise _invalid("aliases", text) from None


def put(
    *,
    by: User,
    said: Said,
    parent: int | Keep | None = KEEP,
    now: dt.datetime | None = None,
) -> tuple[int, Done]:
    """Make or change the account that `said` means, as another system knows it; returns its id.

    Raises NotAllowed, InvalidInput for what names no account or a parent that cannot be, and
    Contended after lost races.
    """
    if not may_edit(by):
        raise errors.NotAllowed("Only RevOps and managers say how a company stands to us.")
    system = said.reference.system if said.reference is not None else "api"
    reason = f"Told by {system}"[:100]
    with transaction.atomic():
        (done,) = account_upserts.upsert(
            [said],
            source=f"import:{system}"[:80],
            actor="user",
            by_id=by.pk,
            reason=reason,
            now=now,
        )
        if done.account is None:
            raise errors.InvalidInput("The account cannot be taken.", errors=done.remarks)
        if not isinstance(parent, Keep):
            source = f"import:{system}"[:80]
            edit(
                account_id=done.account, by=by, reason=reason, parent=parent, source=source, now=now
            )
    return done.account, done


def refer(
    *, lead_id: int, system: str, external_id: str, url: str = "", now: dt.datetime | None = None
) -> None:
    """Keep what another system calls a lead. Raises InvalidInput, or Taken if it names another."""
    reference = references.read(system, external_id, url)
    with transaction.atomic():
        services.lock(lead_id)
        references.attach(Kind.LEAD, {reference: lead_id}, now=now or database.now())


def _edit(
    account_id: int,
    by: User,
    reason: str,
    owner: int | Keep | None,
    status: str | Keep,
    parent: int | Keep | None,
    aliases: Sequence[tuple[str, str]] | Keep,
    place: Mapping[str, str | Keep],
    source: Source,
) -> Account:
    kit = kits.active_kit()
    above = [parent] if isinstance(parent, int) else []
    rows = account_families.lock([account_id], above)
    account = rows.get(account_id)
    if account is None:
        raise errors.NotFound(f"There is no account {account_id}.")
    ledger = Ledger(kit=kit, now=source.at, actor="user", by_id=by.pk, reason=reason)
    if not isinstance(owner, Keep):
        _give(account, owner, source, ledger)
    _locate(account, place, source, ledger)
    if not isinstance(parent, Keep):
        refused = account_families.set_parents(
            {account_id: parent}, rows, source=source, ledger=ledger
        )
        account_families.require(refused)
    if not isinstance(aliases, Keep):
        _rename(account, aliases, ledger, reason)
    restated = not isinstance(status, Keep) and _restate(account, status, source, ledger)
    if restated:
        customer_following.follow([account], ledger=ledger)
    ledger.flush()
    if restated:
        standings.follow([account], ledger=ledger)
        ledger.flush()
    return account


def source_of(by: User) -> str:
    """As whose word a change counts: a person's, or that of another system."""
    return "api" if by.role == Role.SERVICE else overwriting.USER


def _give(account: Account, owner: int | None, source: Source, ledger: Ledger) -> None:
    if owner == account.owner_id:
        return
    if owner is not None and (refused := holders.refusal(User.objects.filter(pk=owner).first())):
        raise _invalid("owner", refused)
    account.owner_id = owner
    account.provenance = overwriting.noted(account.provenance, ["owner"], source)
    ledger.change(account, "owner", "provenance")


def _locate(
    account: Account, place: Mapping[str, str | Keep], source: Source, ledger: Ledger
) -> None:
    """Where the company is, as far as it is said."""
    said = {name: text for name, text in place.items() if not isinstance(text, Keep)}
    cleaned = {
        name: postal_codes.region(text)
        if name == "region"
        else postal_codes.clean(text, account.country)
        for name, text in said.items()
    }
    fresh = {name: text for name, text in cleaned.items() if getattr(account, name) != text}
    for name, text in fresh.items():
        setattr(account, name, text)
    if fresh:
        account.provenance = overwriting.noted(account.provenance, list(fresh), source)
        ledger.change(account, "provenance", *fresh)


def _restate(account: Account, status: str, source: Source, ledger: Ledger) -> bool:
    if status not in AccountStatus.values:
        raise _invalid("status", f"Use one of {', '.join(AccountStatus.values)}.")
    if status == account.status:
        return False
    account.status = status
    account.provenance = overwriting.noted(account.provenance, ["status"], source)
    ledger.change(account, "status", "provenance")
    return True


def _rename(
    account: Account, aliases: Sequence[tuple[str, str]], ledger: Ledger, reason: str
) -> None:
    """Make these the account's aliases: what is new is added, what is missing removed."""
    wanted = {(one.kind, one.value): one for one in map(_clean, aliases)}
    held = {(one.kind, one.value): one for one in account.aliases.all()}
    fresh = [one for key, one in wanted.items() if key not in held]
    _require_free(account, fresh)
    gone = [row for key, row in held.items() if key not in wanted]
    past = bulk.Script()
    past.history(gone, change="-", at=ledger.now, by_id=ledger.by_id, reason=reason)
    past.run()
    bulk.delete(AccountAlias.objects.filter(pk__in=[row.pk for row in gone]))
    for one in fresh:
        ledger.add(
            AccountAlias(
                account=account,
                kind=one.kind,
                value=one.value,
                shown=one.shown,
                source="user",
                created_at=ledger.now,
            )
        )


def _clean(said: tuple[str, str]) -> Alias:
    kind, shown = said
    found = account_upserts.alias(kind, shown)
    if found is None and kind == AccountAlias.Kind.DOMAIN:
        because = cleansing.company_domain(domain=shown).because
        raise _invalid("aliases", cleansing.why_not(shown.strip(), because))
    if found is None:
        raise _invalid("aliases", f"“{shown.strip()}” names no company.")
    return found


def _require_free(account: Account, fresh: Sequence[Alias]) -> None:
    domains = [one.value for one in fresh if one.kind == AccountAlias.Kind.DOMAIN]
    other = Account.objects.filter(domain__in=domains).first()
    if other is not None:
        text = f"{other.domain} is the domain of account {other.pk}, {other.name}."
        fault = FieldError("aliases", text, DomainTaken.code)
        raise DomainTaken(text, errors=[fault], state={"account": str(other.pk)})
    taken = Q()
    for one in fresh:
        taken |= Q(kind=one.kind, value=one.value)
    found = AccountAlias.objects.filter(taken).exclude(account=account).first() if taken else None
    if found is not None:
        text = f"“{found.shown}” is an alias of account {found.account_id} already."
        raise _invalid("aliases", text)


def _invalid(field: str, text: str) -> errors.InvalidInput:
    return errors.InvalidInput(text, errors=[FieldError(field, text)])
