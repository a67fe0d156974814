"""A batch of opportunities from another system: gathered, decided, written in one transaction.

Every row is answered. A row with the id of a known opportunity changes it, but for the fields that
people here have changed by hand; the same rows again change nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q

from core import bulk, database, errors
from core.errors import FieldError
from governance import selectors as kits
from leads import deal_stages, exchange, references
from leads.ledger import Ledger
from leads.models import Account, Opportunity, OpportunityLine, Product
from leads.references import Kind, Reference
from leads.stages import Stage
from lifecycle import deal_lines, deal_steps, permissions, retelling, standings
from lifecycle.deal_importing import deciding, hands, places
from lifecycle.deal_importing.deciding import Known, Read
from lifecycle.deal_importing.following import Following
from lifecycle.deal_importing.said import Done, Outcome, Said, refused
from lifecycle.deal_lines import Line
from people.models import Role, User

MOST = 1_000
OPEN = Opportunity.Status.OPEN
KEPT = "Somebody here changed it; it stays as it is."
REOPENED = "Somebody here opened it again; win or lose it here."
WORKED = "Leads stand on it; win or lose it here, with them."
CALLED = {"owner_id": "owner", "sales_stage": "stage"}
"""Columns by the names that rows have for them."""
STAYS_THERE = "It is another account’s here; it stays there."
MOVING = "Somebody is moving it to another account just now; import it again."


@transaction.atomic
def take(
    rows: Sequence[Said],
    *,
    by: User,
    system: str,
    owner_else: str = "",
    make_accounts: bool = False,
    now: dt.datetime | None = None,
) -> list[Done]:
    """Make or change these opportunities, in order; returns what became of each.

    `owner_else` names whose those are that nobody here owns; `make_accounts` makes companies that
    are unknown, else their rows are refused. A fixed number of queries for any number of new rows;
    one or two more for each deal that loses products, and each company whose last open deal ends.
    Raises NotAllowed, InvalidInput for a system that cannot be one or too many rows, and Taken
    when another import made one of them at the same time.
    """
    if not (permissions.may_import_accounts(by) or by.role == Role.SERVICE):
        raise errors.NotAllowed("Only RevOps and systems bring opportunities in.")
    if len(rows) > MOST:
        text = f"Send at most {MOST} opportunities at once."
        raise errors.InvalidInput(text, errors=[FieldError("opportunities", text, "most")])
    system = references.read(system, "x").system
    return _Batch(rows, by, system, now).run(owner_else.strip(), make_accounts=make_accounts)


class _Batch:
    def __init__(
        self, rows: Sequence[Said], by: User, system: str, now: dt.datetime | None
    ) -> None:
        self._rows, self._by, self._system = rows, by, system
        reason = f"Told by {system}"[:100]
        self._ledger = Ledger(
            kit=kits.active_kit(), now=now or database.now(), actor="user", by_id=by.pk,
            reason=reason,
        )  # fmt: skip
        self._attached: dict[Reference, int] = {}
        self._met: set[tuple[str, str]] = set()
        self._following = Following(self._ledger)

    def run(self, owner_else: str, *, make_accounts: bool) -> list[Done]:
        self._places = places.find(
            self._rows, make=make_accounts, source=f"import:{self._system}"[:80],
            by_id=self._by.pk, reason=self._ledger.reason or "",
        )  # fmt: skip
        self._gather(owner_else)
        done = [self._take(said) for said in self._rows]
        self._ledger.flush()
        references.attach(Kind.OPPORTUNITY, self._attached, now=self._ledger.now)
        self._following.finish(self._accounts)
        return done

    # Gather.

    def _gather(self, owner_else: str) -> None:
        """Accounts first, then leads, then deals: locks are taken in this order everywhere."""
        self._called = {
            one.external_id: Reference(self._system, one.external_id.strip(), _url(one.url))
            for one in self._rows
            if 0 < len(one.external_id.strip()) <= 200
        }
        self._ids_here = references.find(Kind.OPPORTUNITY, self._called.values())
        here = sorted(self._ids_here.values())
        held_by = Opportunity.objects.filter(pk__in=here).values_list("account_id", flat=True)
        wanted = {*self._places.values(), *(pk for pk in held_by if pk is not None)}
        rows = Account.objects.filter(pk__in=wanted).order_by("pk")
        self._accounts = {one.pk: one for one in rows.select_for_update(no_key=True)}
        on_them = Q(opportunity__in=here, stage=Stage.OPPORTUNITY.value)
        locked = standings.lock(on_them, list(self._accounts.values()), kit=self._ledger.kit)
        self._worked = {one.opportunity_id for one in locked}
        self._deals = self._lock(here)
        self._hands = hands.of(self._deals, told_by=self._ledger.reason or "")
        self._lines: dict[int, list[OpportunityLine]] = {}
        for line in OpportunityLine.objects.filter(opportunity_id__in=self._deals).order_by("pk"):
            self._lines.setdefault(line.opportunity_id, []).append(line)
        users = retelling.named([*(one.owner.strip() for one in self._rows), owner_else])
        products = list(Product.objects.order_by("-pk"))
        self._known = Known(
            kit=self._ledger.kit,
            users=users,
            catalogue=deal_lines.Catalogue(products),
            products=frozenset(one.pk for one in products),
            owner_else=owner_else,
            today=self._ledger.now.date(),
        )
        fresh = sum(one.key not in self._ids_here for one in self._called.values())
        self._ids = iter(bulk.reserve({Opportunity: fresh}).get(Opportunity, []))

    @staticmethod
    def _lock(ids: Sequence[int]) -> dict[int, Any]:
        rows = Opportunity.objects.filter(pk__in=ids).order_by("pk")
        return {one.pk: one for one in rows.select_for_update(no_key=True)}

    # Decide.

    def _take(self, said: Said) -> Done:
        called = self._called.get(said.external_id)
        if called is None:
            text = "Give the id in that system, 1 to 200 signs."
            return refused(FieldError("external_id", text, "required"))
        if called.key in self._met:
            return refused(FieldError("external_id", "This id came earlier in the same batch."))
        self._met.add(called.key)
        known = self._deals.get(self._ids_here.get(called.key, 0))
        read, account = self._read(said, known)
        if read.faults:
            return refused(*read.faults, *read.remarks)
        done = Done(Outcome.UNCHANGED, remarks=read.remarks)
        if known is None:
            deal = self._make(said, read, account)
            done.outcome, done.opportunity = Outcome.CREATED, deal.pk
        else:
            deal, done.opportunity = known, known.pk
            self._change(deal, said, read, account, done)
        self._attached[called] = deal.pk
        return done

    def _read(self, said: Said, known: Any) -> tuple[Read, int | None]:
        """What a row says of its deal, which may be `known`, and of which account it is."""
        read = deciding.read(said, self._known)
        account = self._places.get(places.named(said))
        if account not in self._accounts:
            account = None
        if account is None and any(places.named(said)):
            read.faults.append(places.unknown(said))
        if known is None and "owner_id" not in read.values and not read.faults:
            read.faults.append(FieldError("owner", "Say whose it is.", "required"))
        if known is not None and known.account_id not in (None, *self._accounts):
            read.faults.append(FieldError("account", MOVING))
        return read, account

    # Write.

    def _make(self, said: Said, read: Read, account: int | None) -> Opportunity:
        held = self._accounts.get(account or 0)
        deal = Opportunity(
            pk=next(self._ids),
            account_id=account,
            created_at=_instant(said.opened or said.closed) or self._ledger.now,
            **{"name": held.called if held else said.external_id.strip(), **read.values},
        )
        stages = deal_stages.of_kit(self._ledger.kit)
        if not deal.sales_stage and read.status in ("", OPEN) and stages:
            deal.sales_stage = stages[0].key
        deal.sales_stage_at = deal.created_at if deal.sales_stage else None
        deal.reason = deal.reason if read.status not in ("", OPEN) else ""
        self._value(deal, deal.created_at.date())
        self._ledger.add(deal)
        deal_steps.note(
            deal, deal_steps.Kind.OPENED, ledger=self._ledger, at=deal.created_at,
            because={"history": True, "system": self._system},
        )  # fmt: skip
        deal_lines.write(deal, read.lines, [], ledger=self._ledger)
        if read.status not in ("", OPEN):
            self._end(deal, said, read.status)
        else:
            self._following.opened(deal)
        return deal

    def _change(self, deal: Any, said: Said, read: Read, account: int | None, done: Done) -> None:
        if account is not None and account != deal.account_id:
            done.remarks.append(FieldError("account", STAYS_THERE))
        if read.status and deal.status not in (OPEN, read.status):
            text = f"It is {deal.get_status_display().lower()} here; it stays as it is."
            done.remarks.append(FieldError("status", text))
            return
        ends = self._ends(deal, read, done)
        _leave_out(deal, read, ends=ends)
        changed = [name for name, value in read.values.items() if getattr(deal, name) != value]
        held = self._lines.get(deal.pk, [])
        of_lines = {(one.product_id, one.quantity, one.amount) for one in held}
        anew = bool(said.products) and of_lines != {one.content for one in read.lines}
        kept = self._hands.get(deal.pk, frozenset())
        for name in [*changed, *[hands.PRODUCTS][:anew]]:
            if name in kept:
                done.remarks.append(FieldError(CALLED.get(name, name), KEPT))
        changed = [name for name in changed if name not in kept]
        anew = anew and hands.PRODUCTS not in kept
        self._put(deal, read.values, changed)
        if anew:
            self._sell(deal, read.lines, held)
        if ends:
            self._end(deal, said, read.status)
        named = [name.removesuffix("_id") for name in changed]
        done.fields = [*named, *["products"][:anew], *["status"][:ends]]
        done.outcome = Outcome.UPDATED if done.fields else Outcome.UNCHANGED

    def _ends(self, deal: Any, read: Read, done: Done) -> bool:
        """Whether a row ends a deal that is open here; what forbids it is told."""
        if deal.status != OPEN or read.status in ("", OPEN):
            return False
        kept = hands.STATUS in self._hands.get(deal.pk, frozenset())
        why = WORKED if deal.pk in self._worked else REOPENED if kept else ""
        if why:
            done.remarks.append(FieldError("status", why))
        return not why

    def _sell(
        self, deal: Opportunity, lines: Sequence[Line], held: Sequence[OpportunityLine]
    ) -> None:
        """Other products of a deal that is here."""
        before = deal_lines.before(held)
        deal_lines.write(deal, lines, held, ledger=self._ledger)
        deal_steps.note(deal, deal_steps.Kind.PRODUCTS, ledger=self._ledger, because=before)

    def _put(self, deal: Opportunity, values: dict[str, Any], changed: Sequence[str]) -> None:
        """New values of a deal that is here, and the steps they are."""
        stage = deal.sales_stage
        for name in changed:
            setattr(deal, name, values[name])
        if {"amount", "currency"} & set(changed):
            self._value(deal, exchange.day_of(deal, self._ledger.now))
            self._ledger.change(deal, *exchange.COLUMNS)
        if changed:
            self._ledger.change(deal, *(name.removesuffix("_id") for name in changed))
        if "owner_id" in changed:
            deal_steps.note(deal, deal_steps.Kind.OWNER, ledger=self._ledger)
        if "sales_stage" in changed:
            earlier, deal.sales_stage_at = deal.sales_stage_at, self._ledger.now
            self._ledger.change(deal, "sales_stage_at")
            told = {"since": earlier.isoformat()} if earlier is not None else {}
            deal_steps.note(deal, deal_steps.Kind.STAGE, ledger=self._ledger, from_stage=stage,
                            because=told)  # fmt: skip

    def _end(self, deal: Opportunity, said: Said, status: str) -> None:
        deal.status = Opportunity.Status(status)
        deal.closed_at = max(_instant(said.closed) or self._ledger.now, deal.created_at)
        self._value(deal, deal.closed_at.date())
        self._ledger.change(deal, "status", "closed_at", *exchange.COLUMNS)
        deal_steps.closed(
            deal, ledger=self._ledger, at=deal.closed_at, history=True, system=self._system,
            reason=deal.reason,
        )  # fmt: skip
        self._following.ended(deal)

    def _value(self, deal: Opportunity, day: dt.date) -> None:
        exchange.value(deal, day, self._ledger.once(exchange.Rates))


def _leave_out(deal: Opportunity, read: Read, *, ends: bool) -> None:
    """Of a deal that has ended the stage stays; one that stays open has no reason of an end."""
    if deal.status != OPEN:
        read.values.pop("sales_stage", None)
    elif not ends:
        read.values.pop("reason", None)


def _instant(day: dt.date | None) -> dt.datetime | None:
    return dt.datetime.combine(day, dt.time(), dt.UTC) if day is not None else None


def _url(text: str) -> str:
    fits = text.startswith(("https://", "http://")) and len(text) <= 500
    return text if fits else ""
