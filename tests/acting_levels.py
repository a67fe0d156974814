"""The playbook with levels of escalation that act, two hours after somebody had to do something."""

from __future__ import annotations

from typing import Any

from lifecycle import playbook
from tests import factories
from tests.factories import HOUR, NOW, Company

DUE = NOW + 2 * HOUR
"""When an owner has to have accepted, or anybody to have a lead that waits."""

ANEW = {"act": "GIVE_ANEW", "times": 3}


def text(
    *, clock: str = "accept", scope: str = "STAGE", first: str = "one", **levels: dict[str, Any]
) -> dict[str, Any]:
    """The playbook with two hours, night and day, for one clock, and these levels after it."""
    document = playbook.document()
    document["parts"].pop("fixture", None)
    policies = document["parts"]["clock_policy"]
    policies[:] = [one for one in policies if one["key"] != "accept.own"]
    for entry in document["parts"]["clock_policy"]:
        entry.pop("escalation", None)
        if entry["key"] == clock:
            entry |= {"escalation": first, "minutes": 120, "calendar": "always", "scope": scope}
            if scope == "OWNERSHIP":
                entry["starts_on"] = ["ASSIGNED", "REASSIGNED"]
                entry["stopped_by"] = ["ACCEPTED", "REJECTED", "REASSIGNED"]
    document["parts"]["escalation_level"] = [
        {"key": key, "label": f"Level {key}", "tell": ["REVOPS"], **one}
        for key, one in levels.items()
    ]
    return document


def company(*reps: str, **levels: Any) -> Company:
    """Three reps, or these, under such a kit."""
    return factories.company(reps=reps or ("anna", "ben", "cleo"), text=text(**levels))
