"""Addresses of the kit's pages, and who may look into a version that was never in force."""

from __future__ import annotations

from datetime import datetime

from django.urls import NoReverseMatch, reverse

from core import errors
from core.texts import _
from governance import deputies, signing
from governance.models import KitVersion
from people.models import Role, User

HIGHEST = 2**31 - 1


def url(name: str, *args: object) -> str:
    """The address of a page of the console; empty while there is no such page."""
    try:
        return reverse(f"console:{name}", args=args)
    except NoReverseMatch:
        return ""


def sees_drafts(reader: User, *, now: datetime) -> bool:
    """Whether this person looks into what was never in force: who writes, signs or audits."""
    audits = reader.is_active and reader.plays(Role.AUDITOR)
    return signing.works_on_kits(reader) or audits or bool(deputies.stood_in_for(reader, at=now))


def version(number: int, *, reader: User, now: datetime) -> KitVersion:
    """The version of that number. Raises `NotFound` also when it is not this reader's to see."""
    row = (
        KitVersion.objects.select_related(
            "base", "restores", "created_by", "submitted_by", "scheduled_by", "published_by"
        )
        .filter(number=min(number, HIGHEST))
        .first()
    )
    if row is None or (row.published_at is None and not sees_drafts(reader, now=now)):
        raise errors.NotFound(_("There is no such kit version, or none you may see."))
    return row
