"""The lines of a text file, given out for one row at a time, and again where a row was broken."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import IO

LONGEST_LINE = 1_000_000
"""Characters of one line of the file; a table of buyers has no longer ones."""
MOST_LINES = 500
"""Lines of one row: what goes on longer is a quote that was never closed."""


class Lines:
    """The lines of a file, with those of the present row kept so that they can be read again."""

    def __init__(self, stream: IO[str]) -> None:
        self.stream = stream
        self.line = 0
        self.taken: list[str] = []
        self._back: deque[str] = deque()

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if len(self.taken) >= MOST_LINES:
            raise Runaway
        fresh = not self._back
        text = self.stream.readline(LONGEST_LINE + 1) if fresh else self._back.popleft()
        if not text:
            raise StopIteration
        self.line += 1
        self.taken.append(text)
        if len(text) > LONGEST_LINE:
            if fresh:
                self._skip_line(text)
            raise Overlong
        return text

    def begin(self) -> int:
        """A new row begins; returns the number of its first line."""
        self.taken.clear()
        return self.line + 1

    def put_back(self, lines: list[str]) -> None:
        """Give these lines out again."""
        self._back.extendleft(reversed(lines))
        self.line -= len(lines)

    def _skip_line(self, text: str) -> None:
        while text and not text.endswith(("\n", "\r")):
            text = self.stream.readline(LONGEST_LINE)


class Runaway(Exception):
    """A row goes on and on."""


class Overlong(Exception):
    """A line is longer than any sensible one."""
