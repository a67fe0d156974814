"""The track of a version: which step is done, which is next, which is spared."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from web.console import version_steps


def a_case(**columns: Any) -> Any:
    """A draft that is checked and simulated, unless `columns` say otherwise."""
    given = {
        "status": "DRAFT", "signed": False, "is_open": True, "is_emergency": False, "errors": (),
        "needs_simulation": True, "is_simulated": True,
    } | columns  # fmt: skip
    version = SimpleNamespace(status=given.pop("status"))
    read = SimpleNamespace(consent=SimpleNamespace(is_given=given.pop("signed")))
    return SimpleNamespace(version=version, read=read, **given)


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ({"errors": ("one",)}, "Draft+ Checked! Simulated. In review. Signed. Active."),
        ({"is_simulated": False}, "Draft+ Checked+ Simulated> In review. Signed. Active."),
        ({}, "Draft+ Checked+ Simulated+ In review> Signed. Active."),
        ({"needs_simulation": False},
         "Draft+ Checked+ Simulated- In review> Signed. Active."),
        ({"status": "IN_REVIEW"}, "Draft+ Checked+ Simulated+ In review+ Signed> Active."),
        ({"status": "IN_REVIEW", "is_simulated": False},
         "Draft+ Checked+ Simulated- In review+ Signed> Active."),
        ({"status": "IN_REVIEW", "signed": True},
         "Draft+ Checked+ Simulated+ In review+ Signed+ Active>"),
        ({"status": "SCHEDULED", "signed": True},
         "Draft+ Checked+ Simulated+ In review+ Signed+ Scheduled+ Active>"),
        ({"status": "ACTIVE", "is_open": False, "is_emergency": True, "is_simulated": False},
         "Draft+ Checked+ Simulated- In review+ Signed by one+ Active+ Countersigned>"),
        ({"status": "ACTIVE", "is_open": False}, ""),
        ({"status": "WITHDRAWN", "is_open": False}, ""),
    ],
)  # fmt: skip
def test_the_track_says_what_is_done_and_what_is_next(columns: dict[str, Any], told: str) -> None:
    signs = {"done": "+", "now": ">", "todo": ".", "stuck": "!", "spared": "-"}
    steps = version_steps.track(a_case(**columns))
    assert " ".join(f"{step.label}{signs[step.state]}" for step in steps) == told
