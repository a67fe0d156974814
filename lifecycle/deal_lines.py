"""The products of an opportunity: read by key or name, put as a whole, held against its amount."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction

from core import bulk, database, errors
from core.errors import FieldError
from governance import selectors as kits
from leads import exchange
from leads.ledger import Ledger
from leads.models import Opportunity, OpportunityLine, OpportunityStep, Product
from lifecycle import deal_closing, deal_rights, deal_steps
from people.models import User

MOST = 50
MOST_OF_ONE = 1_000_000
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Said:
    """One line as somebody says it: the product by its key or name, how many, for how much."""

    product: str
    quantity: int = 1
    amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line with its product found; `told` says where its name was read leniently."""

    product: Product
    quantity: int
    amount: Decimal | None
    told: str = ""

    @property
    def content(self) -> tuple[int, int, Decimal | None]:
        """What two equal lines share."""
        return (self.product.pk, self.quantity, self.amount)


class Catalogue:
    """The products there are, found as people write them: `GTXPro` is GTX Pro. One query."""

    def __init__(self, products: Iterable[Product] | None = None) -> None:
        self._exact: dict[str, Product] = {}
        self._loose: dict[str, set[Product]] = {}
        rows = Product.objects.order_by("-pk") if products is None else products
        for one in rows:
            self._exact |= {name.casefold(): one for name in reversed(one.names)}
            for name in one.names:
                self._loose.setdefault(_loose(name), set()).add(one)

    def find(self, said: str) -> tuple[Product | None, str]:
        """The product, and how its name was read, if leniently; None where none or several fit."""
        exact = self._exact.get(said.strip().casefold())
        if exact is not None:
            return exact, ""
        alike = self._loose.get(_loose(said), set())
        if len(alike) != 1:
            return None, ""
        (found,) = alike
        return found, f"“{said.strip()}” is read as {found.name}."

    def read(
        self, said: Sequence[Said], *, held: Iterable[int] = ()
    ) -> tuple[list[Line], list[FieldError]]:
        """The lines with their products, and what cannot be used of them.

        A product that is not offered any more may stay where it is `held` already.
        """
        found: dict[int, Line] = {}
        there, faults = set(held), []
        if len(said) > MOST:
            faults.append(FieldError("products", f"Name at most {MOST} products."))
        for one in said[:MOST]:
            product, told = self.find(one.product)
            if product is None:
                faults.append(
                    _fault(f"There is no product “{one.product.strip()[:120]}”.", "unknown")
                )
            elif product.pk in found:
                faults.append(_fault(f"{product.name} is there twice."))
            elif not product.active and product.pk not in there:
                faults.append(_fault(f"{product.name} is not offered any more."))
            elif not 0 < one.quantity <= MOST_OF_ONE:
                faults.append(_fault(f"{product.name}: use 1 to {MOST_OF_ONE:,} pieces."))
            elif one.amount is not None and not 0 <= one.amount < exchange.MOST:
                faults.append(_fault(f"{product.name}: an amount is not negative and below 10^16."))
            else:
                found[product.pk] = Line(product, one.quantity, one.amount, told)
        return list(found.values()), faults


@transaction.atomic
def put(
    *,
    opportunity_id: int,
    by: User,
    products: Sequence[Said],
    version: int | None = None,
    now: dt.datetime | None = None,
) -> Opportunity:
    """Make these the products of an opportunity, all of them; the step can be undone as others.

    `version` is the one somebody saw; another by now is refused. For those who work it. Raises
    NotFound, NotAllowed, TooLate, and InvalidInput naming each product that cannot be kept.
    """
    kit = kits.active_kit()
    leads = deal_closing.lock_leads(opportunity_id)
    deal = deal_closing.lock(opportunity_id)
    deal_rights.require(deal, leads, by)
    if version is not None and version != deal.version:
        raise errors.TooLate(
            "Somebody was faster: this opportunity has changed since you opened it.",
            code="moved_on",
            state={"version": deal.version},
        )
    held = list(deal.lines.order_by("pk"))
    lines, faults = Catalogue().read(products, held=[row.product_id for row in held])
    if faults:
        raise errors.InvalidInput("These products cannot be kept.", errors=faults)
    ledger = Ledger(kit=kit, now=now or database.now(), actor="user", by_id=by.pk)
    earlier = before(held)
    if write(deal, lines, held, ledger=ledger):
        deal_steps.note(deal, deal_steps.Kind.PRODUCTS, ledger=ledger, because=earlier)
    ledger.flush()
    return deal


def take_back(deal: Opportunity, step: OpportunityStep, *, ledger: Ledger) -> None:
    """A locked opportunity has the products again that it had before its last step."""
    held, told = list(deal.lines.order_by("pk")), step.because["lines"]
    products = Product.objects.in_bulk([pk for pk, _, _ in told])
    lines = [
        Line(products[pk], quantity, Decimal(amount) if amount is not None else None)
        for pk, quantity, amount in told
    ]
    write(deal, lines, held, ledger=ledger)
    deal_steps.note(deal, deal_steps.Kind.TAKEN_BACK, ledger=ledger, because={"products": True})


def write(
    deal: Opportunity, lines: Sequence[Line], held: Sequence[OpportunityLine], *, ledger: Ledger
) -> bool:
    """Make these the lines of a locked or new opportunity, which has `held`; whether any changed.

    The rows that go are deleted at once, the others written with the ledger.
    """
    wanted = {one.product.pk: one for one in lines}
    gone = [row for row in held if row.product_id not in wanted]
    if gone:
        past = bulk.Script()
        past.history(gone, change="-", at=ledger.now, by_id=ledger.by_id, reason=ledger.reason)
        past.run()
        bulk.delete(OpportunityLine.objects.filter(pk__in=[row.pk for row in gone]))
    changed = bool(gone)
    kept = {row.product_id: row for row in held}
    for pk, line in wanted.items():
        row = kept.get(pk)
        if row is None:
            ledger.add(
                OpportunityLine(
                    opportunity=deal, product_id=pk, quantity=line.quantity, amount=line.amount
                )
            )
        elif (row.quantity, row.amount) != (line.quantity, line.amount):
            row.quantity, row.amount = line.quantity, line.amount
            ledger.change(row, "quantity", "amount")
        else:
            continue
        changed = True
    return changed


def total(lines: Iterable[OpportunityLine]) -> Decimal | None:
    """What the lines are worth together; None where one has no amount, or there are none."""
    amounts = [one.amount for one in lines]
    known = [one for one in amounts if one is not None]
    return sum(known, Decimal(0)) if known and len(known) == len(amounts) else None


def difference(deal: Opportunity, lines: Iterable[OpportunityLine]) -> Decimal | None:
    """How much the lines are worth more (or less) than the amount; None where that is unknown."""
    together = total(lines)
    return together - deal.amount if together is not None and deal.amount is not None else None


def before(held: Iterable[OpportunityLine]) -> dict[str, Any]:
    """The products as they stand, in a form that a step can keep."""
    return {
        "lines": [
            [row.product_id, row.quantity, str(row.amount) if row.amount is not None else None]
            for row in held
        ]
    }


def _fault(text: str, code: str = "invalid") -> FieldError:
    return FieldError("products", text, code)


def _loose(text: str) -> str:
    """A name by its letters and digits alone."""
    return "".join(one for one in text.casefold() if one.isalnum())
