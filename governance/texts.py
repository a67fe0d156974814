"""A version's text, whether stored or not: compiled, checked, and asked who must sign it."""

from __future__ import annotations

from typing import Any

from governance import checks, documents, facts, findings, holding, signing
from governance import kit as kits
from governance.findings import Finding
from governance.kit import Kit, KitInvalid, checksum
from governance.models import KitVersion
from governance.signing import Consent, Question

document_of = documents.document_of


def compiled(version: KitVersion, document: dict[str, Any] | None = None) -> Kit:
    """Any version as it stands, drafts included; `document` if it was read already.

    Raises `KitInvalid`.
    """
    text = document if document is not None else document_of(version)
    return compiled_document(text, id=version.pk, number=version.number)


def compiled_document(document: dict[str, Any], *, id: int = 0, number: int = 0) -> Kit:
    """A document that may be stored nowhere, ready to decide with. Raises `KitInvalid`."""
    return kits.compile(
        document, id=id, number=number, checksum=checksum(document), registry=facts.registry
    )


def check(version: KitVersion, document: dict[str, Any] | None = None) -> list[Finding]:
    """What is to be said against executing this version: errors and warnings."""
    try:
        return findings.from_faults(checks.run(compiled(version, document)))
    except KitInvalid as refusal:
        return findings.from_faults(refusal.errors)


def check_document(document: dict[str, Any]) -> list[Finding]:
    """The same for a document that is not stored, such as a file."""
    try:
        return findings.from_faults(checks.run(compiled_document(documents.completed(document))))
    except KitInvalid as refusal:
        return findings.from_faults(refusal.errors)


def question(version: KitVersion, document: dict[str, Any] | None = None) -> Question:
    """What somebody who signs this version consents to."""
    text = document if document is not None else document_of(version)
    return question_of(version, document=text, authors=holding.authors(version))


def question_of(
    version: KitVersion, *, document: dict[str, Any], authors: frozenset[int]
) -> Question:
    """The same for a version whose text and authors were read already.

    What an emergency change brought and nobody has countersigned is part of the question: the next
    version would make it last. Its authors are authors here.
    """
    before = version.base
    while before is not None and before.expires_at and not before.countersigned_at:
        authors |= holding.authors(before)
        before = before.base
    changed = documents.changed_kinds(before.document if before else None, document)
    return Question(
        text=checksum(document),
        base=version.base.checksum if version.base else "",
        authors=authors,
        kinds=signing.kinds_for_both(changed),
        first=version.base is None,
    )


def restores(version: KitVersion) -> bool:
    """Whether a version brings an earlier text back as it was: once edited, it is a new text."""
    earlier = version.restores
    return earlier is not None and not documents.changed_kinds(
        document_of(earlier), document_of(version)
    )


def consent(version: KitVersion, document: dict[str, Any] | None = None) -> Consent:
    """Where the signing of this version stands: who has signed, whose signature is missing."""
    signed = version.signatures.select_related("by", "deputy_of").order_by("signed_at", "pk")
    return signing.consent(question(version, document), list(signed))
