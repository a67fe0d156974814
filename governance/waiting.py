"""Which versions wait for one person's signature: asked on every page, so kept cheap."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache

from django.db import connection

from core import reading
from governance import deputies, signing, texts
from governance.models import KitStatus, KitVersion, Signature
from governance.signing import Consent, Question
from people.models import User

COLUMNS = (
    "id", "number", "title", "status", "submitted_checksum", "base_id", "expires_at",
    "countersigned_at",
)  # fmt: skip


def standing() -> list[KitVersion]:
    """The version in force and those in review, in one query. Only `COLUMNS` are loaded."""
    asked = versions()
    reading.ask(asked)
    return asked.found


def versions() -> reading.Question[KitVersion]:
    """The question for `standing`."""
    # `from_db` takes values in the order of the model's fields, whatever the names it is given.
    names = [one.attname for one in KitVersion._meta.concrete_fields if one.attname in COLUMNS]
    return reading.Question(
        f"SELECT {', '.join(names)} FROM governance_kitversion"  # noqa: S608 - names of ours
        " WHERE status = ANY(%s) ORDER BY number DESC",
        [KitStatus.ACTIVE.value, KitStatus.IN_REVIEW.value],
        made=lambda row: KitVersion.from_db(connection.alias, names, row),
    )


def for_person(user: User, versions: Iterable[KitVersion], *, at: datetime) -> int:
    """How many of these versions this person may sign, and has to, at that instant."""
    return len(asked_of(user, versions, at=at))


def asked_of(user: User, versions: Iterable[KitVersion], *, at: datetime) -> list[KitVersion]:
    """Those of these versions that this person may sign, and has to, at that instant.

    No query while nothing is in review; two then, and more only when a text is met first.
    """
    found = list(versions)
    active = next((one for one in found if one.status == KitStatus.ACTIVE), None)
    asked = [one for one in found if _is_asked(one, active)]
    if not asked or user.is_anonymous:
        return []
    stands_in_for = deputies.stood_in_for(user, at=at)
    if not stands_in_for and not signing.works_on_kits(user):
        return []
    signed: dict[int, list[Signature]] = {one.pk: [] for one in asked}
    for row in Signature.objects.filter(kit__in=asked).select_related("by"):
        signed[row.kit_id].append(row)
    agreed = active is None or active.countersigned_at is not None
    return [
        one
        for one in asked
        # Edited since: nothing can be signed.
        if (question := _question(one.pk, one.submitted_checksum, one.base_id, agreed)).text
        == one.submitted_checksum
        and _awaits(user, signing.consent(question, signed[one.pk]), stands_in_for)
    ]


def _is_asked(version: KitVersion, active: KitVersion | None) -> bool:
    """Whether a signature on it would count: not once another version became active."""
    if version.status == KitStatus.IN_REVIEW:
        return version.base_id == (active.pk if active else None)
    return version.expires_at is not None and version.countersigned_at is None


def _awaits(user: User, consent: Consent, stands_in_for: Sequence[User]) -> bool:
    return any(
        signing.may_sign(party, user, standing=consent, stands_in_for=stands_in_for)
        for party in consent.missing
    )


@lru_cache(maxsize=64)
def _question(version_id: int, checksum: str, base_id: int | None, agreed: bool) -> Question:  # noqa: FBT001
    # The checksum pins the text, so what is asked about it is read once for each process; again
    # when the active version, an emergency change, was countersigned (`agreed`): it asks for less.
    version = KitVersion.objects.select_related("base").get(pk=version_id, base_id=base_id)
    return texts.question(version)
