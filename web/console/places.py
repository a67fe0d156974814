"""Countries by name."""

from __future__ import annotations

import pycountry


def country(code: str) -> str:
    """A country's name for its ISO code; the code itself where it has none."""
    found = pycountry.countries.get(alpha_2=code) if code else None
    return str(getattr(found, "common_name", found.name)) if found else code
