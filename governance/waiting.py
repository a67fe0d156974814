"""Which versions wait for one person's signature: asked on every page, so kept cheap."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.db import connection

from core import reading, steps
from governance import deputies, signing, texts
from governance.models import KitStatus, KitVersion, Signature
from governance.signing import Consent, Question
from people.models import User

COLUMNS = (
    "id", "number", "title", "status", "submitted_checksum", "base_id", "expires_at",
    "countersigned_at",
)  # fmt: skip
_STANDING = [KitStatus.ACTIVE.value, KitStatus.IN_REVIEW.value]


@dataclass(frozen=True, slots=True)
class Waiting:
    """The number of the version in force, and the versions that wait for one person's signature."""

    number: int | None
    versions: tuple[KitVersion, ...]


@steps.in_steps
def for_person(user: User, *, at: datetime) -> steps.Story[Waiting]:
    """What this person may sign, and has to, at that instant; of versions only `COLUMNS` are known.

    One message, and more only when a text is met first.
    """
    versions, signers = _versions(), deputies.signers_of(user, at=at)
    kept = Signature.objects.filter(kit__status__in=_STANDING).select_related("by")
    yield versions, signers, kept
    active = next((one for one in versions.found if one.status == KitStatus.ACTIVE), None)
    number = active.number if active else None
    stands_in_for = [row.signer for row in signers]
    if not stands_in_for and not signing.works_on_kits(user):
        return Waiting(number, ())
    signed: dict[int, list[Signature]] = defaultdict(list)
    for row in kept:
        signed[row.kit_id].append(row)
    agreed = active is None or active.countersigned_at is not None
    asked = (one for one in versions.found if _is_asked(one, active))
    return Waiting(
        number,
        tuple(
            one
            for one in asked
            # Edited since: nothing can be signed.
            if (question := _question(one.pk, one.submitted_checksum, one.base_id, agreed)).text
            == one.submitted_checksum
            and _awaits(user, signing.consent(question, signed[one.pk]), stands_in_for)
        ),
    )


def _versions() -> reading.Question[KitVersion]:
    # `from_db` takes values in the order of the model's fields, whatever the names it is given.
    names = [one.attname for one in KitVersion._meta.concrete_fields if one.attname in COLUMNS]
    return reading.Question(
        f"SELECT {', '.join(names)} FROM governance_kitversion"  # noqa: S608 - names of ours
        " WHERE status = ANY(%s) ORDER BY number DESC",
        _STANDING,
        made=lambda row: KitVersion.from_db(connection.alias, names, row),
    )


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
