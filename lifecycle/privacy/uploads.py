"""Which uploaded files name somebody, however they are written: any case, UTF-16, or a workbook."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence

from lifecycle.models import ImportChunk

PIECE = 1024 * 1024


def naming(addresses: Sequence[str]) -> set[int]:
    """The runs whose file holds one of these addresses; one file in memory at a time."""
    if not addresses:
        return set()
    kept = ImportChunk.objects.order_by("run_id").values_list("run_id", flat=True).distinct()
    return {run_id for run_id in kept if holds(_content(run_id), addresses)}


def holds(content: bytes, words: Sequence[str]) -> bool:
    """Whether one of these words stands in a table, as text of any case or within a workbook."""
    small = [word.lower() for word in words]
    # Without its last byte UTF-16 reads the same from either end.
    forms = [word.encode() for word in small] + [word.encode("utf-16-le")[:-1] for word in small]
    longest = max(map(len, forms), default=0)
    return any(form in piece for piece in _pieces(content, overlap=longest) for form in forms)


def _content(run_id: int) -> bytes:
    pieces = ImportChunk.objects.filter(run_id=run_id).order_by("place")
    return b"".join(bytes(piece) for piece in pieces.values_list("content", flat=True))


def _pieces(content: bytes, *, overlap: int) -> Iterator[bytes]:
    """The text in small letters; of a workbook each of its parts, unpacked piece by piece."""
    if not zipfile.is_zipfile(io.BytesIO(content)):
        yield content.lower()
        return
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        for name in book.namelist():
            with book.open(name) as part:
                tail = b""
                while piece := part.read(PIECE):
                    yield (tail + piece).lower()
                    tail = piece[-overlap:]
