"""Writing kits: draft, sign, publish, withdraw. One door for each; nothing else changes versions.

    draft ─▶ parts are edited ─▶ check ─▶ sign ─▶ publish ─▶ the version before is retired

Signatures pin the draft's text and its base's, so an edit afterwards makes them void by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import psycopg
from django.db import OperationalError, connection, transaction

from core import errors
from core.errors import FieldError
from governance import checks, documents, facts, selectors, signing
from governance import kit as kits
from governance.kit import Kit, KitInvalid, checksum
from governance.models import KitStatus, KitVersion, Signature
from people.models import User

__all__ = [
    "KitBusy",
    "check",
    "check_document",
    "checksum",
    "compiled",
    "document_of",
    "draft",
    "draft_from_document",
    "publish",
    "sign",
    "withdraw",
]

NUMBER_LOCK = selectors.KIT_LOCK + 1
OPEN = (KitStatus.DRAFT, KitStatus.IN_REVIEW, KitStatus.SCHEDULED)

document_of = documents.document_of


class KitBusy(errors.DomainError):
    """Transactions in progress hold the active kit; publishing can be tried again at once."""

    code = "kit_busy"
    status = 503


@transaction.atomic
def draft(*, base: KitVersion | None, title: str, by: User, now: datetime) -> KitVersion:
    """A new draft with a copy of `base`'s parts (none: an empty one), against the active kit."""
    version = _new_version(title=title, by=by, now=now)
    if base is not None:
        documents.copy_parts(base, version, by=by, now=now)
    return version


@transaction.atomic
def draft_from_document(
    document: dict[str, Any], *, title: str, by: User, now: datetime
) -> KitVersion:
    """A new draft with the parts of a document. Raises `KitInvalid`, naming each faulty entry."""
    version = _new_version(title=title, by=by, now=now)
    documents.write_parts(document, version, by=by, now=now)
    return version


def compiled(version: KitVersion) -> Kit:
    """Any version as it stands, drafts included. Raises `KitInvalid`."""
    return _compiled(document_of(version), id=version.pk, number=version.number)


def _compiled(document: dict[str, Any], *, id: int = 0, number: int = 0) -> Kit:
    return kits.compile(
        document, id=id, number=number, checksum=checksum(document), registry=facts.registry
    )


def check(version: KitVersion) -> list[FieldError]:
    """Everything that stands against executing this version; empty when nothing does."""
    try:
        return checks.run(compiled(version))
    except KitInvalid as refusal:
        return refusal.errors


def check_document(document: dict[str, Any]) -> list[FieldError]:
    """The same for a document that is not stored, such as a file."""
    try:
        return checks.run(_compiled(documents.completed(document)))
    except KitInvalid as refusal:
        return refusal.errors


@transaction.atomic
def sign(
    version: KitVersion, *, party: str, by: User, now: datetime, seen: str | None = None
) -> Signature:
    """`by` consents, for Sales, Marketing or as approver, to the text as it stands now.

    `seen` is the checksum of the text that was shown to the signer: raises `TooLate` when the
    draft was edited since. Raises `NotAllowed` when this person cannot sign for that party.
    """
    version = _locked_open(version)
    text = checksum(document_of(version))
    if seen is not None and seen != text:
        raise errors.TooLate(
            f"Kit v{version.number} was edited since you read it. Read it again, then sign.",
            state={"checksum": text},
        )
    base = version.base.checksum if version.base else ""
    standing = list(version.signatures.select_related("by").filter(checksum=text))
    signing.require_may_sign(
        party, by, standing=standing, authors=_authors(version), first=version.base is None
    )
    signature, _ = Signature.objects.get_or_create(
        kit=version,
        party=party,
        by=by,
        checksum=text,
        defaults={"base_checksum": base, "signed_at": now},
    )
    return signature


@transaction.atomic
def publish(version: KitVersion, *, by: User, now: datetime) -> KitVersion:
    """Put a draft in force and retire the version before it, in one step.

    Raises `TooLate` when somebody was first or another version became active since the draft
    was made, `KitInvalid` when it cannot be executed, `MissingSignatures` when it is not signed.
    """
    signing.require_may_publish(by)
    with _alone_with_the_kit():
        version = _locked_open(version)
    active = KitVersion.objects.select_for_update().filter(status=KitStatus.ACTIVE).first()
    _require_base(version, active)
    if faults := check(version):
        raise KitInvalid(faults)
    document = document_of(version)
    text = checksum(document)
    signing.require_signed(
        standing=list(version.signatures.filter(checksum=text)),
        base_checksum=active.checksum if active else "",
        authors=_authors(version),
        changed=documents.changed_kinds(active.document if active else None, document),
        first=active is None,
    )
    if active is not None:
        active.status, active.retired_at = KitStatus.RETIRED, now
        _save(active, ["status", "retired_at"], by=by, now=now)
    version.status, version.document, version.checksum = KitStatus.ACTIVE, document, text
    version.published_at, version.published_by = now, by
    changed = ["status", "document", "checksum", "published_at", "published_by"]
    _save(version, changed, by=by, now=now)
    return version


@transaction.atomic
def withdraw(version: KitVersion, *, by: User, now: datetime) -> KitVersion:
    """Give a draft up; its text stays readable. Raises `TooLate` once it was published."""
    signing.require_may_publish(by)
    version = _locked_open(version)
    version.status = KitStatus.WITHDRAWN
    _save(version, ["status"], by=by, now=now)
    return version


def _new_version(*, title: str, by: User, now: datetime) -> KitVersion:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [NUMBER_LOCK])
    last = KitVersion.objects.order_by("-number").values_list("number", flat=True).first() or 0
    version = KitVersion(
        number=last + 1,
        title=title,
        base=selectors.active_version(),
        created_at=now,
        created_by=by,
    )
    _save(version, None, by=by, now=now)
    return version


def _save(version: KitVersion, changed: list[str] | None, *, by: User, now: datetime) -> None:
    version._history_user = by  # type: ignore[attr-defined]  # what simple-history reads
    version._history_date = now  # type: ignore[attr-defined]
    version.save(update_fields=changed)


@contextmanager
def _alone_with_the_kit() -> Iterator[None]:
    """Wait until no transaction works under the active kit, and keep others out until the end."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [selectors.KIT_LOCK])
        yield
    except OperationalError as fault:
        if isinstance(fault.__cause__, psycopg.errors.LockNotAvailable):
            raise KitBusy("Leads are being processed under the active kit. Try again.") from fault
        raise


def _locked_open(version: KitVersion) -> KitVersion:
    locked = (
        KitVersion.objects.select_for_update(of=("self",))
        .select_related("base", "published_by")
        .get(pk=version.pk)
    )
    if locked.status not in OPEN:
        who = f" by {locked.published_by}" if locked.published_by else ""
        raise errors.TooLate(
            f"Kit v{locked.number} is {locked.get_status_display().lower()} already{who}.",
            state={"status": locked.status, "checksum": locked.checksum},
        )
    return locked


def _require_base(version: KitVersion, active: KitVersion | None) -> None:
    if version.base_id == (active.pk if active else None):
        return
    on = f"v{version.base.number}" if version.base else "no kit at all"
    raise errors.TooLate(
        f"Kit v{version.number} was drafted on {on}, but "
        f"{f'v{active.number}' if active else 'none'} is active now. "
        "Make a new draft on the active kit and have it signed.",
        state={"active": active.number if active else None},
    )


def _authors(version: KitVersion) -> frozenset[int]:
    return frozenset(filter(None, {version.created_by_id, *documents.editors_of(version)}))
