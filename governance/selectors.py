"""Reading kits. Decisions take the compiled kit as an argument; this is where it comes from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from core import errors, reading, steps
from governance import facts
from governance import kit as kits
from governance.facts import Registry
from governance.kit import Kit
from governance.models import KitStatus, KitVersion

KIT_LOCK = 0x4C45_4144_4B49_5401
"""Advisory lock of the active kit: every transaction that decides holds it shared, publishing
takes it alone. So a transaction works under one version from start to end."""


class NoActiveKit(errors.DomainError):
    """Nothing can be decided yet: no kit has been published."""

    code = "no_active_kit"
    status = 503

    def __init__(self) -> None:
        super().__init__("No kit is active yet. Publish one: `manage.py kit init --by USER`.")


class UnknownKit(errors.NotFound):
    """There is no such version, or it has not been published yet."""

    code = "unknown_kit"


def active_kit() -> Kit:
    """The kit in force, held for the rest of the transaction when there is one.

    One message to the database. Raises `NoActiveKit` before the first publishing.
    """
    lock = reading.plain("SELECT pg_advisory_xact_lock_shared(%s)", KIT_LOCK)
    active = _active()
    reading.ask(*([lock] if connection.in_atomic_block else []), active)
    if not active.found:
        raise NoActiveKit
    return _compiled(*active.found[0])


def active_or_none() -> Kit | None:
    """The kit in force; None before the first publishing, for pages that open all the same."""
    try:
        return active_kit()
    except NoActiveKit:
        return None


@steps.in_steps
def in_force() -> steps.Story[Kit]:
    """The kit in force, asked with others and not held. Raises `NoActiveKit` as `active_kit`."""
    asked = in_force_or_none()
    yield [asked]
    if asked.found is None:
        raise NoActiveKit
    return asked.found


@steps.in_steps
def in_force_or_none() -> steps.Story[Kit | None]:
    """As `in_force`; None before the first publishing."""
    active = _active()
    yield [active]
    return _compiled(*active.found[0]) if active.found else None


def _active() -> reading.Question[tuple[Any, ...]]:
    sql = "SELECT id, number, checksum FROM governance_kitversion WHERE status = %s"
    return reading.plain(sql, KitStatus.ACTIVE.value)


@lru_cache(maxsize=256)
def kit_of(version_id: int) -> Kit:
    """Any version that was published, compiled; asked once per process. Raises `UnknownKit`."""
    row = (
        KitVersion.objects.filter(id=version_id, document__isnull=False)
        .values_list("id", "number", "checksum")
        .first()
    )
    if row is None:
        raise UnknownKit(f"There is no published kit version with id {version_id}.")
    return _compiled(*row)


def registry_for(names: Iterable[str], version_id: int) -> Registry:
    """A registry that knows these facts, some of which that version's parts may have declared.

    The version is looked up only where one of them is not everybody's. Raises `UnknownKit`.
    """
    if all(name in facts.registry for name in names):
        return facts.registry
    return kit_of(version_id).registry


def active_version() -> KitVersion | None:
    """The row of the version in force; None before the first publishing."""
    return KitVersion.objects.filter(status=KitStatus.ACTIVE).first()


def came_into_force(start: dt.datetime, end: dt.datetime) -> QuerySet[KitVersion]:
    """The versions published from one instant up to another, oldest first."""
    some = KitVersion.objects.filter(published_at__gte=start, published_at__lt=end)
    return some.order_by("published_at", "number")


@lru_cache(maxsize=64)
def _compiled(version_id: int, number: int, checksum: str) -> Kit:
    # The text of a published version never changes, so its checksum is a safe key for ever.
    document: Any = KitVersion.objects.values_list("document", flat=True).get(id=version_id)
    return kits.compile(
        document, id=version_id, number=number, checksum=checksum, registry=facts.registry
    )
