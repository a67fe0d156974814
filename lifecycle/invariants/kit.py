"""The kit in force: one, unchanged since it was signed, and signed by whom its changes require."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import QuerySet

from governance import documents, kit, services, signing
from governance.models import KitStatus, KitVersion
from lifecycle.invariants.invariant import Context, Found, Invariant, Offence, query, tell

REVERTS_WITHIN = timedelta(minutes=2)
"""How long after its end an emergency change may still stand, for the sweep to take it back."""
PUBLISHED = (KitStatus.ACTIVE, KitStatus.RETIRED)


def _texts(context: Context) -> Found:
    """Published versions whose checksum is not that of their document."""
    return tell(
        (
            Offence(str(version.pk), f"v{version.number} does not have the checksum of its text")
            for version in _published()
            if kit.checksum(version.document or {}) != version.checksum
        ),
        first=context.first,
    )


def _rows(context: Context) -> Found:
    """Published versions whose part rows are not what their document says."""
    return tell((one for version in _published() for one in _parts(version)), first=context.first)


def _parts(version: KitVersion) -> Iterator[Offence]:
    for model, parts in documents.rows_of(version).items():
        told = documents.by_key(model, version.document or {})
        rows = {row.key: row.entry() for row in parts}
        for key in sorted(
            key for key in told.keys() | rows.keys() if told.get(key) != rows.get(key)
        ):
            what = f"v{version.number}: {model.kind} “{key}” is not as its document says"
            yield Offence(str(version.pk), what)


def _unsigned(context: Context) -> Found:
    """Published versions that lack a signature which their changes require."""
    return tell(
        (
            Offence(str(version.pk), f"v{version.number}: {lack}")
            for version in _published().select_related("base", "restores")
            # Another text than was signed is told by its checksum.
            if kit.checksum(version.document or {}) == version.checksum
            and (lack := _lack(version, context))
        ),
        first=context.first,
    )


def _lack(version: KitVersion, context: Context) -> str:
    """What is missing of a version's consent; empty when nothing is."""
    if _returned_by_itself(version):
        return ""
    standing = services.consent(version, version.document)
    if standing.is_given:
        return ""
    if version.expires_at is None or not standing.one_signed:
        return signing.missing_words(standing)
    ended = version.retired_at or context.now
    if ended > version.expires_at + REVERTS_WITHIN:
        return "was an emergency change that nobody countersigned, and did not revert in time"
    return ""


def _returned_by_itself(version: KitVersion) -> bool:
    """Whether it brought back the text before an emergency change when that one expired."""
    base, restores = version.base, version.restores
    return (
        version.published_by_id is None
        and base is not None
        and restores is not None
        and base.expires_at is not None
        and version.published_at is not None
        and base.expires_at <= version.published_at
        and base.base_id == restores.pk
        and version.checksum == restores.checksum
    )


def _published() -> QuerySet[KitVersion]:
    return KitVersion.objects.filter(status__in=PUBLISHED).order_by("number")


INVARIANTS = (
    Invariant(
        "kit.one_active",
        "Exactly one kit version is active once there are published versions or leads",
        query("""
            SELECT coalesce(max(id), 0), count(*) || ' versions are active'
              FROM governance_kitversion WHERE status = 'ACTIVE'
            HAVING count(*) > 1
                OR (count(*) = 0 AND (EXISTS (SELECT 1 FROM leads_lead) OR EXISTS (
                       SELECT 1 FROM governance_kitversion WHERE status = 'RETIRED')))
        """),
    ),
    Invariant("kit.checksum", "A published kit has the checksum of its document", _texts),
    Invariant("kit.rows", "The parts of a published kit are what its document says", _rows),
    Invariant(
        "kit.signed", "A published kit bears every signature its changes required", _unsigned
    ),
    Invariant(
        "kit.publication_logged",
        "The log of the kit tells every publication, as it was, and no other",
        query("""
            SELECT k.id, 'v' || k.number || CASE WHEN e.id IS NULL
                              THEN ' came into force, its log does not say so'
                              ELSE ' has another publication in its log than happened' END
              FROM governance_kitversion k
              LEFT JOIN governance_kitevent e ON e.kit_id = k.id AND e.kind = 'PUBLISHED'
             WHERE (k.published_at, k.published_by_id, k.checksum)
                   IS DISTINCT FROM (e.at, e.by_id, e.text)
               AND (k.published_at IS NOT NULL OR e.id IS NOT NULL)
        """),
    ),
)
