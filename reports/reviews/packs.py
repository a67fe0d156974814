"""The numbered packs of closed reviews: made anew each time, held against what was signed."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import Any

from core import errors
from governance import kit as kits
from people.models import User
from reports.models import Review, ReviewState
from reports.reviews import pack, pack_html, pack_pdf, rights
from reports.reviews.pack import Pack


@dataclass(frozen=True, slots=True)
class File:
    """A file to be downloaded."""

    name: str
    content: bytes


def html_for(review: Review, reader: User) -> File:
    """The pack as HTML, as this reader may see it. Raises TooLate before it is closed."""
    return File(f"{_stem(review)}.html", pack_html.render(of(review, reader)))


def pdf_for(review: Review, reader: User) -> File:
    """The same as PDF. Raises TooLate before it is closed."""
    made = of(review, reader)
    at = dt.datetime.fromisoformat(_content(review)["closed_at"])
    return File(f"{_stem(review)}.pdf", pack_pdf.render(made, at=at))


def of(review: Review, reader: User) -> Pack:
    """The pack as this reader may see it. Raises TooLate before the review is closed."""
    content = _content(review)
    return pack.of(content, rights.content_for(reader, content["text"]))


def faults(review: Review) -> list[str]:
    """In which ways a closed review is not what was signed, in words; empty when it is.

    Its figures, its text and its pack are made anew and compared with the checksums kept.
    """
    content = _content(review)
    found = []
    if kits.checksum(review.snapshot) != review.snapshot_checksum:
        found.append("its figures are not those of the checksum")
    if kits.checksum(content["text"]) != review.checksum or content["checksum"] != review.checksum:
        found.append("its text is not that of the checksum that was signed")
    if content["text"]["sections"] != review.snapshot["sections"]:
        found.append("its text shows other figures than it saw")
    if {one["checksum"] for one in content["signatures"]} != {review.checksum}:
        found.append("its signatures are on another text")
    made = hashlib.sha256(pack_html.render(pack.of(content))).hexdigest()
    if content["format"] == pack_html.FORMAT and made != review.pack_checksum:
        found.append("its pack, made anew, differs from the one that was signed")
    return found


def _content(review: Review) -> dict[str, Any]:
    content: dict[str, Any] | None = review.content
    if review.state != ReviewState.CLOSED or content is None:
        raise errors.TooLate(
            f"Review {review.number} has no pack before it is closed.", code="wrong_standing"
        )
    return content


def _stem(review: Review) -> str:
    return f"governance-review-{review.number}"
