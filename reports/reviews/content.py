"""What is signed: the figures a review saw, and every finding as it was decided, as one text.

Its checksum is what signatures are given on. Names stand in it as they are, so that the text reads
the same for ever; who was renamed since keeps the name they signed with.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from governance import kit as kits
from reports.models import Review, ReviewFinding
from reports.reviews import months, tables

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Text:
    """The text of a review and its checksum."""

    document: dict[str, Any]
    checksum: str


def of(review: Review) -> Text:
    """The text as it stands now. One query."""
    rows = review.findings.select_related("owner", "done_by", "carried_from__review")
    document = {
        "schema": SCHEMA,
        "number": review.number,
        "name": months.name(review.month),
        "from": tables.instant(review.starts_at),
        "to": tables.instant(review.ends_at),
        "as_of": review.snapshot["as_of"],
        "zone": review.snapshot["zone"],
        "snapshot_checksum": review.snapshot_checksum,
        "sections": review.snapshot["sections"],
        "findings": [_finding(one) for one in rows.order_by("number")],
    }
    return Text(document, kits.checksum(document))


def lacks(findings: Iterable[ReviewFinding]) -> list[str]:
    """What findings lack before anybody can sign, in words; empty when nothing is missing.

    One that is accepted as it is, or is none, needs no day: nothing is to be done.
    """
    told = []
    for one in findings:
        missing = [
            word
            for word, has in (
                ("a decision", one.decision),
                ("an owner", one.owner_id),
                ("a due date", one.due_on or one.decision in ReviewFinding.SETTLED),
            )
            if not has
        ]
        if missing:
            told.append(f"Finding {one.number} lacks {_and(missing)}.")
    return told


def _finding(one: ReviewFinding) -> dict[str, Any]:
    before = one.carried_from
    return {
        "number": one.number,
        "rule": str(one.get_rule_display()),
        "section": one.section,
        "row": one.row_key,
        "text": one.text,
        "evidence": one.evidence,
        "owner": str(one.owner or ""),
        "due_on": one.due_on.isoformat() if one.due_on else "",
        "decision": str(one.get_decision_display()) if one.decision else "",
        "reason": one.reason,
        "carried_from": f"{before.review.number}/{before.number}" if before else "",
        "done": _done(one),
    }


def _done(one: ReviewFinding) -> str:
    if one.done_at is None:
        return ""
    note = f": {one.done_note}" if one.done_note else ""
    return f"{one.done_at:%Y-%m-%d} by {one.done_by}{note}"


def _and(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
