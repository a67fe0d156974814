"""Stories set aside on disk until it is known which leads differ, so that memory stays bounded."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import IO, Any


class Spool:
    """Puts stories into an open file, and finds those of a lead again."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._places: dict[tuple[str, int], list[tuple[int, int]]] = defaultdict(list)
        self._end = 0

    def put(self, what: str, lead: int, story: dict[str, Any]) -> None:
        """Add one story of a lead."""
        text = json.dumps(story, ensure_ascii=False, separators=(",", ":")).encode()
        self._file.seek(self._end)
        self._file.write(text)
        self._places[what, lead].append((self._end, len(text)))
        self._end += len(text)

    def of(self, what: str, lead: int) -> list[dict[str, Any]]:
        """A lead's stories of one sort, in the order they were put."""
        return [self._read(*place) for place in self._places.get((what, lead), ())]

    def _read(self, start: int, length: int) -> dict[str, Any]:
        self._file.seek(start)
        story: dict[str, Any] = json.loads(self._file.read(length))
        return story
