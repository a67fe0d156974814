"""The kit in force: one, unchanged since it was signed, and signed by whom its changes require."""

from __future__ import annotations

from collections.abc import Iterator

from core.errors import DomainError
from governance import documents, kit, signing
from governance.models import KitStatus, KitVersion
from governance.models.part import part_models
from lifecycle.invariants.invariant import Context, Found, Invariant, Offence, query, tell

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
    for model in part_models():
        told = documents.by_key(model, version.document or {})
        rows = {row.key: row.entry() for row in model._default_manager.filter(kit=version)}
        for key in sorted(
            key for key in told.keys() | rows.keys() if told.get(key) != rows.get(key)
        ):
            what = f"v{version.number}: {model.kind} “{key}” is not as its document says"
            yield Offence(str(version.pk), what)


def _unsigned(context: Context) -> Found:
    """Published versions that lack a signature which their changes require."""
    return tell(
        (
            Offence(str(version.pk), f"v{version.number}: {refusal.message}")
            for version in _published()
            if (refusal := _refusal(version)) is not None
        ),
        first=context.first,
    )


def _refusal(version: KitVersion) -> DomainError | None:
    base = version.base
    authors = {version.created_by_id, *documents.editors_of(version)} - {None}
    try:
        signing.require_signed(
            standing=list(version.signatures.filter(checksum=version.checksum)),
            base_checksum=base.checksum if base else "",
            authors=frozenset(filter(None, authors)),
            changed=documents.changed_kinds(
                base.document if base else None, version.document or {}
            ),
            first=base is None,
        )
    except DomainError as refusal:
        return refusal
    return None


def _published() -> list[KitVersion]:
    rows = KitVersion.objects.filter(status__in=PUBLISHED).select_related("base")
    return list(rows.order_by("number"))


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
)
