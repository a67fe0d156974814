"""The time zones people may name: places, and nothing that hangs on the machine it is read on."""

from __future__ import annotations

import functools
import zoneinfo

OF_THE_MACHINE = frozenset({"localtime", "posixrules", "Factory"})
"""Names in a machine's time zone data that mean whatever that machine is set to, or nothing."""


@functools.cache
def names() -> frozenset[str]:
    """All of them."""
    return frozenset(zoneinfo.available_timezones()) - OF_THE_MACHINE


def is_known(zone: object) -> bool:
    """Whether this is the name of a time zone."""
    return isinstance(zone, str) and zone in names()
