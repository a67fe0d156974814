"""What a decision keeps of the pool it asked: its terms and members, told apart by a checksum."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable
from typing import Any

from routing import strategies
from routing.models import Pool, PoolMember, PoolSnapshot, content_of


def content(pool: Pool, members: Iterable[PoolMember]) -> dict[str, Any]:
    """The terms of a pool and its members, as JSON knows them."""
    return {
        "pool": pool.key,
        "look_ahead_minutes": pool.look_ahead_minutes,
        **strategies.terms_of(pool).as_data(),
        "members": [content_of(member) for member in members],
    }


def row(content: dict[str, Any], *, now: dt.datetime) -> PoolSnapshot:
    """The snapshot of this content, not stored yet."""
    return PoolSnapshot(checksum=checksum(content), content=content, taken_at=now)


def checksum(content: dict[str, Any]) -> str:
    """Equal contents have equal ones."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
