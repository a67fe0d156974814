"""Versions on their way, read together: what each changes, where its signing stands. Reads only.

The number of queries does not depend on how many versions there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core import reading
from governance import authorship, change_words, facts, signing, texts
from governance.change_words import Told
from governance.kit import SCHEMA
from governance.models import KitStatus, KitVersion, Signature
from governance.models.part import part_models
from governance.signing import Consent

PENDING = (KitStatus.DRAFT, KitStatus.IN_REVIEW, KitStatus.SCHEDULED)


@dataclass(frozen=True, slots=True)
class Pending:
    """One version: its text, its changes against its base, and who has signed them."""

    version: KitVersion
    document: dict[str, Any]
    text: str
    changes: tuple[Told, ...]
    consent: Consent

    @property
    def was_edited(self) -> bool:
        """Whether the text in review is not the one that was submitted."""
        under_review = self.version.status in (KitStatus.IN_REVIEW, KitStatus.SCHEDULED)
        return under_review and self.text != self.version.submitted_checksum


def pending() -> list[Pending]:
    """Every version that is on its way into force, the newest first."""
    rows = KitVersion.objects.filter(status__in=PENDING).select_related(
        "base", "created_by", "submitted_by", "scheduled_by"
    )
    return read(list(rows.order_by("-number")))


def read(versions: Sequence[KitVersion]) -> list[Pending]:
    """These versions as they stand; `base` should be loaded."""
    if not versions:
        return []
    found = texts_of(versions)
    editors = authorship.editors([one.pk for one in versions])
    signed: dict[int, list[Signature]] = {one.pk: [] for one in versions}
    rows = Signature.objects.filter(kit__in=versions).select_related("by", "deputy_of")
    for row in rows.order_by("signed_at", "pk"):
        signed[row.kit_id].append(row)
    return [_pending(one, found[one.pk], editors[one.pk], signed[one.pk]) for one in versions]


def texts_of(versions: Sequence[KitVersion]) -> dict[int, dict[str, Any]]:
    """The documents of several versions by id; the parts of all kinds are asked in one message."""
    found: dict[int, dict[str, Any]] = {one.pk: {} for one in versions}
    stored = {one.pk: one.document for one in versions if one.document is not None}
    unstored = [one.pk for one in versions if one.pk not in stored]
    asked = {
        model.kind: reading.rows(model, "WHERE kit_id = ANY(%s) ORDER BY position, key", unstored)
        for model in (part_models() if unstored else ())
    }
    reading.ask(*asked.values())
    for kind, parts in asked.items():
        for row in parts.found:
            found[row.kit_id].setdefault(kind, []).append(row.entry())
    return {pk: stored.get(pk) or {"schema": SCHEMA, "parts": parts} for pk, parts in found.items()}


def _pending(
    version: KitVersion,
    document: dict[str, Any],
    editors: frozenset[int],
    signatures: list[Signature],
) -> Pending:
    base = version.base
    authors = editors | frozenset(filter(None, [version.created_by_id]))
    question = texts.question_of(version, document=document, authors=authors)
    told = change_words.between(base.document or {}, document, facts.registry) if base else ()
    return Pending(version, document, question.text, told, signing.consent(question, signatures))
