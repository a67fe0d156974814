"""What a lead may be worth: one amount, in the base currency of the company that runs this. Pure.

There is one currency because rules compare amounts. What is said in another one is not converted:
nobody here knows the rate of that day. It is told to whoever sent it, and stays in the payload.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

import pycountry

from core.errors import FieldError
from leads import amounts

FIELD, CURRENCY = "lead.potential_value", "lead.currency"
MOST = Decimal(10) ** 12
"""No lead is worth so much: whoever says so has slipped, or tells an id."""

OTHER = (
    "is not in {base}, the one currency in which potential values are kept; send the amount in "
    "{base}."
)
_CENT = Decimal("0.01")
_DOLLARS = ("USD", "CAD", "AUD", "NZD", "SGD", "HKD")
_CROWNS = ("SEK", "NOK", "DKK", "ISK")
_CALLED: Mapping[str, tuple[str, ...]] = {
    "€": ("EUR",), "EURO": ("EUR",), "EUROS": ("EUR",),
    "$": _DOLLARS, "DOLLAR": _DOLLARS, "DOLLARS": _DOLLARS, "US$": ("USD",), "C$": ("CAD",),
    "US DOLLAR": ("USD",), "CA$": ("CAD",), "A$": ("AUD",), "AU$": ("AUD",), "NZ$": ("NZD",),
    "S$": ("SGD",), "HK$": ("HKD",), "R$": ("BRL",), "£": ("GBP",), "POUND": ("GBP",),
    "POUNDS": ("GBP",),
    "¥": ("JPY", "CNY"), "YEN": ("JPY",), "KR": _CROWNS, "FR": ("CHF",), "SFR": ("CHF",),
    "FRANKEN": ("CHF",), "ZŁ": ("PLN",), "KČ": ("CZK",), "FT": ("HUF",), "₹": ("INR",),
    "RS": ("INR",), "₺": ("TRY",), "₴": ("UAH",), "₩": ("KRW",), "₪": ("ILS",), "₽": ("RUB",),
}  # fmt: skip
"""Signs and names of currencies, and which ones each can mean."""

_PART = re.compile(r"(?:US|CA|AU|NZ|HK|[ACRS])\$|[^\W\d_]+|[^\w\s]")


def read(said: Mapping[str, Any], *, base: str) -> tuple[Decimal | None, FieldError | None]:
    """The value that a touch, a row or a person says, in `base`; or why it cannot be used.

    `said` holds `potential_value` and perhaps its `currency`, as texts. Amounts are read as those
    of companies are (50k, 50.000,00 €), to the cent; of a range the lower bound counts. Neither is
    given where nothing is said. Never raises, and the fault repeats no value.
    """
    text = str(said.get("potential_value") or "")
    if not text:
        return None, None
    code = str(said.get("currency") or "")
    if code and not _means(code, base):
        return None, _fault(CURRENCY, OTHER.format(base=base))
    if names_another(text, base=base):
        return None, _fault(FIELD, OTHER.format(base=base))
    value = amounts.money(text)
    cents = abs(value.quantize(_CENT)) if value is not None and 0 <= value < MOST else MOST
    if cents >= MOST:
        why = f"is no amount from 0 to {MOST - 1:,}; send a plain number in {base}, such as 50000."
        return None, _fault(FIELD, why)
    return cents, None


def names_another(text: str, *, base: str) -> bool:
    """Whether an amount names a currency that cannot be `base`: $ is one of several dollars."""
    folded = unicodedata.normalize("NFKC", text).upper()
    return any(_is_money(part) and not _means(part, base) for part in _PART.findall(folded))


def _means(part: str, base: str) -> bool:
    called = unicodedata.normalize("NFKC", part).strip().upper()
    return base in _CALLED.get(called, (called,))


@lru_cache(maxsize=1024)
def _is_money(part: str) -> bool:
    """Whether it is a sign, a name or a code of a currency, or a code with its unit (TEUR)."""
    if part in _CALLED or part.endswith("$") or unicodedata.category(part[-1]) == "Sc":
        return True
    return _is_code(part) or (len(part) == 4 and part[0] in "KTM" and _is_code(part[1:]))


def _is_code(text: str) -> bool:
    return len(text) == 3 and pycountry.currencies.get(alpha_3=text) is not None


def _fault(field: str, why: str) -> FieldError:
    return FieldError(field, f"This {why}", "unreadable")
