"""Why a touchpoint belongs to its buyer, in words."""

from __future__ import annotations

import pytest

from leads.recognition import Reason
from web.console import recognition_words

SILENT = {Reason.NEW, Reason.NO_KEYS, Reason.SUGGESTED}


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_but_that_of_a_plainly_new_buyer_has_words(reason: Reason) -> None:
    said = recognition_words.told({"reason": reason.value, "suggestion": None})
    assert bool(said) == (reason not in SILENT)


@pytest.mark.parametrize(
    ("identity", "said"),
    [
        ({}, ""),
        ({"reason": "NEW", "suggestion": 4}, recognition_words.DOUBT),
        ({"reason": "EMAIL", "suggestion": 4}, f"Recognised by e-mail. {recognition_words.DOUBT}"),
        (
            {"reason": "PHONE_BUT_OTHER_NAME", "suggestion": 4},
            "New: the phone is also that of somebody of another name.",
        ),
    ],
)
def test_doubt_is_told_once(identity: dict[str, object], said: str) -> None:
    assert recognition_words.told(identity) == said
