"""A company's first kit, published once by the services and put back in later tests.

ops = founding.person("olivia"); active = founding.first_kit(ops)
"""

from __future__ import annotations

import datetime as dt
import json
import zlib
from typing import Any

from governance import selectors
from governance.models import KitVersion
from lifecycle import playbook
from people.models import Role, User
from tests import kit_versions, remembered

NOW = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
FIRST_ID = 10**9


def person(name: str, role: str = Role.REVOPS, **columns: Any) -> User:
    """Somebody whose id follows from their name, so that what they signed can be put back."""
    return User.objects.create(
        id=FIRST_ID + zlib.crc32(name.encode()),
        username=name,
        email=f"{name}@example.com",
        role=role,
        **columns,
    )


def first_kit(
    by: User, *, text: dict[str, Any] | None = None, now: dt.datetime = NOW
) -> KitVersion:
    """`text` (the playbook's rules) in force by the word of that `person`."""
    told = text or kit_versions.rules()
    key = json.dumps(["first kit", by.pk, by.role, told], sort_keys=True)
    remembered.once(key, lambda: _publish(by, told, now), now=now)
    version = selectors.active_version()
    assert version is not None
    return version


def _publish(by: User, text: dict[str, Any], now: dt.datetime) -> None:
    playbook.publish(by=by, now=now, text=text)
