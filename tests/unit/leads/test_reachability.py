"""What shows that a buyer can be reached, and what does not."""

from __future__ import annotations

from typing import Any

import pytest

from governance.moments import Shown
from leads import reachability
from leads.contact import Way

OWN, NUMBER = "mara@nordwind.de", "+4940123456"


@pytest.mark.parametrize(
    ("known", "means"),
    [
        ({"email": OWN, "phone": NUMBER}, [Shown.EMAIL, Shown.PHONE]),
        ({"email": "info@nordwind.de"}, [Shown.ROLE_MAILBOX]),
        ({"email": "mara@mailinator.com"}, []),
        ({"email": "asdf@nordwind.de"}, []),
        ({"email": "mara at nordwind"}, []),
        ({"email": "mara@gmail.com"}, [Shown.EMAIL]),
        ({"phone": "1234"}, []),
        ({"email": OWN, "bounced": True}, []),
        ({"email": OWN, "phone": NUMBER, "shut": frozenset({Way.EMAIL})}, [Shown.PHONE]),
        ({"email": OWN, "phone": NUMBER, "shut": frozenset({Way.PHONE})}, [Shown.EMAIL]),
        ({"answered": True}, [Shown.ANSWER]),
        ({}, []),
    ],
    ids=str,
)
def test_only_what_works_and_is_allowed_shows_it(known: dict[str, Any], means: list[Shown]) -> None:
    found = reachability.means(reachability.Known(**({"email": "", "phone": ""} | known)))
    assert list(found) == means
