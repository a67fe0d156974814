"""Which release of the time zones is in use: what another one computed may rightly differ."""

from __future__ import annotations

import functools
import importlib
import zoneinfo
from pathlib import Path

_TOLD_BY = ("tzdata.zi", "+VERSION")
"""Files of the system's zones that begin with their release."""


@functools.cache
def current() -> str:
    """The release, such as 2026a, of the zones that `zoneinfo` reads; empty if they do not say.

    As `zoneinfo` does, it looks at the system's zones first, then at the package's.
    """
    for folder in map(Path, zoneinfo.TZPATH):
        if (folder / "Europe" / "Berlin").exists():
            return next(filter(None, map(_first_word, (folder / one for one in _TOLD_BY))), "")
    try:
        return str(importlib.import_module("tzdata").IANA_VERSION)
    except ModuleNotFoundError:
        return ""


def _first_word(told: Path) -> str:
    try:
        with told.open(encoding="utf-8") as lines:
            return lines.readline().removeprefix("# version ").strip()[:12]
    except OSError:
        return ""
