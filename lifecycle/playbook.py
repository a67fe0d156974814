"""The kit a company starts with: the governance playbook, as `playbook.yaml` tells it."""

from __future__ import annotations

import copy
import functools
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from core import errors
from governance import kit_yaml, selectors, services
from governance.models import KitVersion
from governance.signing import parties_of
from people.models import User
from routing.models import Pool

PATH = Path(__file__).with_name("playbook.yaml")
TITLE = "The governance playbook"


def document() -> dict[str, Any]:
    """The playbook as a document, ready for `governance.services.draft_from_document`."""
    return copy.deepcopy(_read())


@functools.cache
def _read() -> dict[str, Any]:
    return kit_yaml.read(PATH.read_text(encoding="utf-8"))


@transaction.atomic
def publish(*, by: User, now: datetime, text: dict[str, Any] | None = None) -> KitVersion:
    """Make the playbook (or `text`) the company's first kit: drafted, signed and active.

    Makes the pools its routing rules name, empty, where there are none. Raises `TooLate` when a
    kit is active already, `NotAllowed` when `by` may not sign one.
    """
    active = selectors.active_version()
    if active is not None:
        raise errors.TooLate(
            f"Kit v{active.number} is active already. Make a draft of it and change that.",
            state={"active": active.number},
        )
    parties = parties_of(by)
    if not parties:
        raise errors.NotAllowed(f"{by} may not sign a kit: that takes RevOps, Sales or Marketing.")
    version = services.draft_from_document(text or document(), title=TITLE, by=by, now=now)
    make_pools(version, manager=by)
    # A company's first kit comes before its people, so what it still lacks of them is no obstacle.
    services.submit(version, by=by, now=now, note="The first kit.")
    services.sign(version, party=list(parties)[-1], by=by, now=now)
    return services.publish(version, by=by, now=now)


def make_pools(version: KitVersion, *, manager: User | None = None) -> None:
    """Make each pool that routing rules and quality floors name, empty, where there is none.

    `manager` answers for what waits in them until somebody else is named.
    """
    parts = services.document_of(version)["parts"]
    rules = [*parts.get("routing_rule", []), *parts.get("quality_floor", [])]
    known = set(Pool.objects.values_list("key", flat=True))
    for rule in rules:
        if rule["pool"] and rule["pool"] not in known:
            Pool.objects.create(key=rule["pool"], label=rule["label"], manager=manager)
            known.add(rule["pool"])
