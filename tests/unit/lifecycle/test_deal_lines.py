"""Products as people and systems write them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from leads.models import Opportunity, OpportunityLine, Product
from lifecycle import deal_lines
from lifecycle.deal_lines import Catalogue, Said

PRODUCTS = [
    Product(pk=1, key="gtx_pro", name="GTX Pro", also_called="GTX Professional\nProfessional GTX"),
    Product(pk=2, key="gtx_plus", name="GTX Plus", active=False),
    Product(pk=3, key="mg-1", name="MG 1"),
    Product(pk=4, key="m-g1", name="MG-1 (old)", also_called="MG1"),
]


@pytest.mark.parametrize(
    ("said", "found", "told"),
    [
        ("gtx_pro", 1, ""),
        (" GTX Pro ", 1, ""),
        ("professional gtx", 1, ""),
        ("GTXPro", 1, "“GTXPro” is read as GTX Pro."),
        ("GTX-Professional", 1, "“GTX-Professional” is read as GTX Pro."),
        ("MG1", 4, ""),
        ("M.G.1", None, ""),
        ("GTX", None, ""),
        ("", None, ""),
    ],
)
def test_a_product_is_found_as_it_is_written_where_only_one_fits(
    said: str, found: int | None, told: str
) -> None:
    product, remark = Catalogue(PRODUCTS).find(said)
    assert (product.pk if product is not None else None, remark) == (found, told)


def test_each_line_that_cannot_be_used_is_named() -> None:
    said = [
        Said("GTX Pro", 3, Decimal("10.50")), Said("gtx_pro"), Said("GTX Plus"), Said("Nothing"),
        Said("MG1", 0), Said("MG 1", 1, Decimal(-1)),
    ]  # fmt: skip
    lines, faults = Catalogue(PRODUCTS).read(said)
    assert [one.content for one in lines] == [(1, 3, Decimal("10.50"))]
    assert [one.message for one in faults] == [
        "GTX Pro is there twice.",
        "GTX Plus is not offered any more.",
        "There is no product “Nothing”.",
        "MG-1 (old): use 1 to 1,000,000 pieces.",
        "MG 1: an amount is not negative and below 10^16.",
    ]
    assert not Catalogue(PRODUCTS).read([Said("GTX Plus")], held=[2])[1]


@pytest.mark.parametrize(
    ("amount", "lines", "total", "apart"),
    [
        ("100", [], None, None),
        ("100", ["60", None], None, None),
        ("100", ["60", "55.50"], "115.50", "15.50"),
        (None, ["60"], "60", None),
        ("100", ["100"], "100", "0"),
    ],
)
def test_the_sum_is_held_against_the_amount_where_both_are_known(
    amount: str | None, lines: list[str | None], total: str | None, apart: str | None
) -> None:
    deal = Opportunity(amount=Decimal(amount) if amount else None)
    rows = [OpportunityLine(amount=Decimal(one) if one else None) for one in lines]
    assert deal_lines.total(rows) == (Decimal(total) if total else None)
    assert deal_lines.difference(deal, rows) == (Decimal(apart) if apart else None)
