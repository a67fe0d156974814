"""One account becomes a part of another: leads go over, domain and names stay as aliases.

For a company that wrote from a second domain before anybody had given that as an alias. Only a
plain prospect becomes a part, one that came by touchpoints alone; who is owned, known to another
system or has a family of its own is set below the other instead. Under the locks of every act:
kit, accounts, leads.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from core import bulk, database, errors, phrases
from core.errors import FieldError, InvalidInput
from governance import selectors as kits
from leads import enrichment, present
from leads.ledger import Ledger
from leads.models import (
    Account,
    AccountAlias,
    AccountMerge,
    AccountStatus,
    Customer,
    EventKind,
    Lead,
)
from leads.stages import Stage
from lifecycle import accounts, gathering, partner_moves, reconsidering, standings
from lifecycle.company_naming import NAMED
from people.models import User

MOST_LEADS = 500
PART = "PART"
"""How a lead came to its account that came along with its company."""

COLUMNS = ("domain", "name", "name_key", *enrichment.COMPANY[1:], "provenance", "created_at")


class NoPart(errors.DomainError):
    """The account stands for itself and cannot become a part of another."""

    code = "account_stands_alone"


def why_not(other: Account) -> str:
    """Why this account cannot become a part of another, in a sentence; empty if it can."""
    held = (
        (other.status != AccountStatus.PROSPECT, f"it is a {other.get_status_display().lower()}"),
        (other.owner_id is not None, "somebody owns it"),
        (other.parent_id is not None, "it belongs to another company"),
        (other.subsidiaries.exists(), "companies belong to it"),
        (other.references.exists(), "another system knows it by an id"),
        (other.import_rows.exists(), "it came with a file of accounts"),
        (other.opportunities.exists(), "it has opportunities"),
        (Customer.objects.filter(account=other).exists(), "it has a record as a customer"),
        (bool(standing(other)), "another account is a part of it"),
        (
            other.registered.exists() or other.claims.exists(),
            "it has claimed companies as a partner",
        ),
        (other.leads.count() > MOST_LEADS, f"it has more than {MOST_LEADS} leads"),
    )
    found = [text for holds, text in held if holds]
    return f"It cannot become a part of another: {phrases.listed(found)}." if found else ""


def standing(account: Account) -> list[AccountMerge]:
    """What became a part of this account and still is, the newest first."""
    return list(parts_of(account))


def parts_of(account: Account) -> QuerySet[AccountMerge]:
    """The rows for `standing`, to be asked with others."""
    rows = AccountMerge.objects.filter(winner=account.pk, undone_at__isnull=True)
    return rows.select_related("by").order_by("-pk")


@transaction.atomic
def absorb(
    *, account_id: int, other_id: int, by: User, reason: str, now: dt.datetime | None = None
) -> AccountMerge:
    """Make the other account a part of this one. Its open leads are judged as those of this one.

    Raises NotAllowed, NotFound, InvalidInput without a reason or where a buyer has leads at both,
    and NoPart.
    """
    _require_editor(by)
    reason = " ".join(reason.split())[:100]
    if not reason:
        text = "Say why, in a few words: it stays in the account's history."
        raise InvalidInput(text, errors=[FieldError("reason", text)])
    kit = kits.active_kit()
    rows = _lock(account_id, other_id)
    account, other = rows[account_id], rows[other_id]
    if account_id == other_id or (why := why_not(other)):
        raise NoPart(why if account_id != other_id else "This is the account itself.")
    leads = standings.lock(Q(account=other), [account], kit=kit)
    _require_one_way(account, leads)
    ledger = Ledger(
        kit=kit,
        now=now or present.of(lead.pk for lead in leads),
        actor="user",
        by_id=by.pk,
        reason=reason,
    )
    merge = AccountMerge(winner=account.pk, loser=other.pk, reason=reason, by=by, at=ledger.now)
    merge.before = {"account": _as_data(other), "leads": [lead.pk for lead in leads]}
    merge.before["taken"] = _learn(account, other, ledger)
    merge.before["registrations"] = partner_moves.take(account, other, ledger)
    _move(leads, account, told={"company": _told(account.pk, other.pk)}, ledger=ledger)
    merge.before["aliases"] = _name(account, other, ledger)
    ledger.add(merge)
    ledger.flush()
    _remove(other, ledger)
    standings.follow([account], ledger=ledger)
    ledger.flush()
    return merge


def part_again(
    *, account_id: int, other_id: int, by: User, now: dt.datetime | None = None
) -> AccountMerge:
    """The same as `part`, by the numbers of the two accounts."""
    rows = AccountMerge.objects.filter(winner=account_id, loser=other_id)
    merge = rows.order_by("pk").last()
    if merge is None:
        raise errors.NotFound("These two accounts were never made one.")
    return part(merge_id=merge.pk, by=by, now=now)


@transaction.atomic
def part(*, merge_id: int, by: User, now: dt.datetime | None = None) -> AccountMerge:
    """Take it back: the account stands again, with the leads that came over and are still here.

    Raises NotAllowed, NotFound, and TooLate where others have its domain or name by now.
    """
    _require_editor(by)
    seen = AccountMerge.objects.filter(pk=merge_id).first()
    if seen is None:
        raise errors.NotFound("These two accounts were never made one.")
    kit = kits.active_kit()
    account = _lock(seen.winner)[seen.winner]
    merge = AccountMerge.objects.select_for_update().get(pk=merge_id)
    if merge.undone_at is not None:
        raise errors.TooLate(f"{merge.undone_by} parted them already.")
    ledger = Ledger(
        kit=kit, now=now or database.now(), actor="user", by_id=by.pk, reason="Parted again"
    )
    other = _as_row(merge.loser, merge.before["account"])
    _unname(other, merge.before["aliases"], ledger)
    _forget(account, other, merge.before["taken"], ledger)
    try:
        with transaction.atomic():
            ledger.add(other)
            ledger.flush()
    except IntegrityError:
        raise errors.TooLate("Another account has its domain or name by now.") from None
    for row in AccountAlias.objects.filter(pk__in=merge.before["aliases"]["moved"]):
        row.account = other
        ledger.change(row, "account")
    partner_moves.give_back(other, merge.before.get("registrations", ()), ledger)
    leads = _leads(Q(account=account, pk__in=merge.before["leads"]))
    _move(leads, other, told={"undone": merge.pk}, ledger=ledger)
    merge.undone_at, merge.undone_by = ledger.now, by
    ledger.change(merge, "undone_at", "undone_by")
    ledger.flush()
    standings.follow([other], ledger=ledger)  # it stands to us as it did, not as the other does
    ledger.flush()
    return merge


def _require_editor(by: User) -> None:
    if not accounts.may_edit(by):
        raise errors.NotAllowed("Only RevOps and managers say how a company stands to us.")


def _lock(*ids: int) -> dict[int, Account]:
    rows = Account.objects.filter(pk__in=ids).order_by("pk").select_for_update()
    found = {row.pk: row for row in rows}
    for pk in ids:
        if pk not in found:
            raise errors.NotFound(f"There is no account {pk}.")
    return found


def _leads(of: Q) -> list[Lead]:
    return list(Lead.objects.filter(of).order_by("pk").select_for_update(of=("self",), no_key=True))


def _require_one_way(account: Account, leads: Iterable[Lead]) -> None:
    """One way through the stages for a buyer at a company."""
    people = {lead.person_id for lead in leads if lead.stage != Stage.MERGED}
    both = Lead.objects.filter(account=account, person_id__in=people)
    twice = both.exclude(stage=Stage.MERGED.value).order_by("pk").first()
    if twice is not None:
        text = f"The buyer of lead {twice.pk} has a lead at both: disqualify or merge one first."
        raise InvalidInput(text)


def _move(
    leads: Sequence[Lead], account: Account, *, told: Mapping[str, Any], ledger: Ledger
) -> None:
    """These leads are of this account from now on, and judged so where they are open."""
    events = {}
    for lead in leads:
        lead.account = account
        ledger.change(lead, "account")
        if lead.stage != Stage.MERGED:
            because = {"fields": [NAMED], **told}
            events[lead.pk] = ledger.event(lead, EventKind.EDITED, because=because)
    cases = gathering.open_cases([lead for lead in leads if lead.is_open])
    for case in cases.values():
        case.buyer.account = account
    reconsidering.reconsider(list(cases.values()), ledger=ledger, causes=events)


def _told(account: int, before: int) -> dict[str, Any]:
    return {"by": PART, "account": account, "before": before, "made": False, "learnt": []}


def _learn(account: Account, other: Account, ledger: Ledger) -> list[str]:
    """What this account did not know of itself it takes from the other, with where that is from."""
    fixed = enrichment.fixed_fields(account)
    taken = [
        name
        for name in enrichment.COMPANY
        if name not in fixed
        and getattr(account, name) in enrichment.EMPTY
        and getattr(other, name) not in enrichment.EMPTY
    ]
    for name in taken:
        setattr(account, name, getattr(other, name))
    told = {name: other.provenance[name] for name in taken if name in other.provenance}
    if "name" in taken:
        account.name_key = other.name_key
    if taken:
        account.provenance = {**account.provenance, **told}
        ledger.change(account, *taken, "name_key", "provenance")
    return taken


def _forget(account: Account, other: Account, taken: Sequence[str], ledger: Ledger) -> None:
    """Fields that it took from the other are empty again, unless somebody told them since."""
    gone = [name for name in taken if getattr(account, name) == getattr(other, name)
            and account.provenance.get(name) == other.provenance.get(name)]  # fmt: skip
    for name in gone:
        setattr(account, name, None if account._meta.get_field(name).null else "")
    if "name" in gone:
        account.name_key = ""
    kept = {name: told for name, told in account.provenance.items() if name not in gone}
    account.provenance = kept
    ledger.change(account, *gone, "name_key", "provenance")


def _name(account: Account, other: Account, ledger: Ledger) -> dict[str, list[int]]:
    """The other's domain and name become aliases, its own aliases go over; returns their ids."""
    wanted = [(AccountAlias.Kind.DOMAIN, other.domain or "", other.domain or "")]
    if other.name_key != account.name_key:
        wanted.append((AccountAlias.Kind.NAME, other.name_key, other.name))
    moved = list(other.aliases.all())
    for row in moved:
        row.account = account
        ledger.change(row, "account")
    ids = iter(bulk.reserve({AccountAlias: len(wanted)})[AccountAlias])
    made = []
    for kind, value, shown in wanted:
        if value and not AccountAlias.objects.filter(kind=kind, value=value).exists():
            made.append(next(ids))
            ledger.add(
                AccountAlias(
                    pk=made[-1],
                    account=account,
                    kind=kind,
                    value=value,
                    shown=shown,
                    source="user",
                    created_at=ledger.now,
                )
            )
    return {"made": made, "moved": [row.pk for row in moved]}


def _unname(other: Account, aliases: Mapping[str, Sequence[int]], ledger: Ledger) -> None:
    """The aliases that were made go; refused where somebody else has the domain by now."""
    made = AccountAlias.objects.filter(pk__in=aliases["made"])
    rows = list(made)
    theirs = AccountAlias.objects.filter(kind=AccountAlias.Kind.DOMAIN, value=other.domain or "")
    if theirs.exclude(pk__in=[row.pk for row in rows]).exists():
        raise errors.TooLate("Another account has its domain as an alias by now.")
    _note_gone(rows, ledger)
    bulk.delete(made)


def _remove(other: Account, ledger: Ledger) -> None:
    _note_gone([other], ledger)
    bulk.delete(Account.objects.filter(pk=other.pk))


def _note_gone(rows: Sequence[Any], ledger: Ledger) -> None:
    past = bulk.Script()
    past.history(list(rows), change="-", at=ledger.now, by_id=ledger.by_id, reason=ledger.reason)
    past.run()


def _as_data(account: Account) -> dict[str, Any]:
    """The columns as JSON holds them."""
    plain = {name: getattr(account, name) for name in COLUMNS}
    revenue, at = plain["annual_revenue"], plain["created_at"]
    return {
        **plain,
        "annual_revenue": None if revenue is None else str(revenue),
        "created_at": at.isoformat(),
    }


def _as_row(pk: int, data: Mapping[str, Any]) -> Account:
    revenue = data["annual_revenue"]
    columns = {
        **data,
        "annual_revenue": None if revenue is None else Decimal(revenue),
        "created_at": dt.datetime.fromisoformat(data["created_at"]),
    }
    return Account(pk=pk, **columns)
