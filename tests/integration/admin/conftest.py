"""A company with something of everything, and browsers of its people."""

from __future__ import annotations

import pytest

from people.models import User
from tests import factories


@pytest.fixture
def company(db: None) -> factories.Company:
    """The playbook in force; RevOps, Marketing and a manager may open the administration."""
    made = factories.company()
    User.objects.filter(role__in=["REVOPS", "MANAGER", "MARKETING"]).update(is_staff=True)
    return made
