"""Controls of the fault tests: the product without one of its locks, to see that its lack is found.

Honoured only where `LEADGOV_TESTING` is set; `LEADGOV_WITHOUT_LOCK` names the locks to leave out.
"""

from __future__ import annotations

import os
from collections.abc import Mapping


def left_out(environment: Mapping[str, str]) -> frozenset[str]:
    """The locks to work without; none outside of tests."""
    if not environment.get("LEADGOV_TESTING"):
        return frozenset()
    return frozenset(environment.get("LEADGOV_WITHOUT_LOCK", "").split(",")) - {""}


LEFT_OUT = left_out(os.environ)
