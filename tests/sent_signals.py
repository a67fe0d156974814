"""Signals as systems send them, by themselves."""

from __future__ import annotations

import datetime as dt
from typing import Any

from leads.models import Lead
from lifecycle.intake import Answer
from lifecycle.signalling import receiving
from tests import factories

VISITOR = "v0123456789abcdef"


def send(
    *kinds: str,
    now: dt.datetime = factories.NOW,
    scope: str = "user:1",
    keys: list[str | None] | None = None,
    **body: Any,
) -> list[Answer]:
    """One call with a signal of each kind, all with this body; the answers."""
    bodies = [{"kind": kind, **body} for kind in kinds]
    answers = receiving.capture(bodies, scope=scope, keys=keys, now=now)
    factories.check_rules()
    return answers


def inquiry(*, now: dt.datetime = factories.NOW, **parts: Any) -> Lead:
    """Somebody inside the ICP who has shown no behaviour yet: an inquiry."""
    return factories.capture(
        now=now, **{"channel": "EVENT", "signals": [], "person": {"email": "petra@acme.de"}} | parts
    )
