"""What a decision keeps of the pool it asked: its terms and members, told apart by a checksum."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable
from typing import Any

from routing import strategies
from routing.models import Pool, PoolMember, PoolSnapshot
from routing.rep_caps import Limits


def content(pool: Pool, members: Iterable[PoolMember], limits: Limits) -> dict[str, Any]:
    """The terms of a pool and its members, as JSON knows them, under the caps that held."""
    return {
        "pool": pool.key,
        "look_ahead_minutes": pool.look_ahead_minutes,
        **strategies.terms_of(pool).as_data(),
        "members": [
            {
                "user": one.user_id,
                "weight": one.weight,
                "open_cap": None,
                **limits.caps_of(one.user_id),
            }
            for one in members
        ],
    }


def row(content: dict[str, Any], *, now: dt.datetime) -> PoolSnapshot:
    """The snapshot of this content, not stored yet."""
    return PoolSnapshot(checksum=checksum(content), content=content, taken_at=now)


def checksum(content: dict[str, Any]) -> str:
    """Equal contents have equal ones."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
