"""How many versions wait for one person's signature: asked on every page, so kept cheap."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache

from core import errors
from governance import deputies, signing, texts
from governance.models import KitStatus, KitVersion, Signature
from governance.signing import Consent, Question
from people.models import User

COLUMNS = (
    "id", "number", "status", "submitted_checksum", "base_id", "expires_at", "countersigned_at",
)  # fmt: skip


def standing() -> list[KitVersion]:
    """The version in force and those in review, in one query. Only `COLUMNS` are loaded."""
    rows = KitVersion.objects.filter(status__in=[KitStatus.ACTIVE, KitStatus.IN_REVIEW])
    return list(rows.only(*COLUMNS).order_by("-number"))


def for_person(user: User, versions: Iterable[KitVersion], *, at: datetime) -> int:
    """How many of these versions this person may sign, and has to, at that instant.

    No query while nothing is in review; two then, and more only when a text is met first.
    """
    asked = [one for one in versions if _is_asked(one)]
    if not asked or user.is_anonymous:
        return 0
    stands_in_for = deputies.stood_in_for(user, at=at)
    if not stands_in_for and not signing.works_on_kits(user):
        return 0
    signed: dict[int, list[Signature]] = {one.pk: [] for one in asked}
    for row in Signature.objects.filter(kit__in=asked).select_related("by"):
        signed[row.kit_id].append(row)
    return sum(_awaits(user, one, signed[one.pk], stands_in_for) for one in asked)


def _is_asked(version: KitVersion) -> bool:
    if version.status == KitStatus.IN_REVIEW:
        return True
    return version.expires_at is not None and version.countersigned_at is None


def _awaits(
    user: User, version: KitVersion, signatures: list[Signature], stands_in_for: Sequence[User]
) -> bool:
    question = _question(version.pk, version.submitted_checksum, version.base_id)
    if question.text != version.submitted_checksum:  # edited since: nothing can be signed
        return False
    consent = signing.consent(question, signatures)
    return any(_may_sign(party, user, consent, stands_in_for) for party in consent.missing)


def _may_sign(party: str, user: User, consent: Consent, stands_in_for: Sequence[User]) -> bool:
    try:
        signing.require_may_sign(
            party, user, question=consent.question, standing=consent, stands_in_for=stands_in_for
        )
    except errors.DomainError:
        return False
    return True


@lru_cache(maxsize=64)
def _question(version_id: int, checksum: str, base_id: int | None) -> Question:
    # The checksum pins the text, so what is asked about it is read once for each process.
    version = KitVersion.objects.select_related("base").get(pk=version_id, base_id=base_id)
    return texts.question(version)
