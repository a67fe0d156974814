"""How sure a share is. Pure."""

from __future__ import annotations

import math

Z95 = 1.959963984540054
"""Two-sided 95 % of the normal distribution."""


def wilson(part: int, whole: int, *, z: float = Z95) -> tuple[float, float] | None:
    """Wilson's score interval of `part` of `whole`, within 0 and 1; None of nothing.

    Unlike the plain formula it stays sensible for small numbers and for shares of 0 and 1.
    """
    if whole <= 0:
        return None
    share = part / whole
    denominator = 1 + z * z / whole
    middle = (share + z * z / (2 * whole)) / denominator
    reach = z * math.sqrt(share * (1 - share) / whole + z * z / (4 * whole * whole)) / denominator
    # Rounding must not push the bounds of 0 and 1 past the share itself.
    return min(share, max(0.0, middle - reach)), max(share, min(1.0, middle + reach))
