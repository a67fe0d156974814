"""How far a long step is, for the person who waits: told from the log that its command writes."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from pathlib import Path

INDENT = " " * 13
PAUSE = 10.0
"""Seconds between two lines where they are kept: in a file, or on a printer."""
LONGEST = 60
_MIGRATION = "Applying "


def shown(log: str) -> str:
    """What to tell of a log that is being written: its last line, or how many migrations ran."""
    lines = [line.strip() for line in log.replace("\r", "\n").splitlines() if line.strip()]
    ran = [line for line in lines if line.startswith(_MIGRATION)]
    if ran:
        name = ran[-1].removeprefix(_MIGRATION).partition("...")[0]
        return f"{len(ran)} migrations; {name}"[:LONGEST]
    return lines[-1][:LONGEST] if lines else ""


class Progress:
    """One line that changes on a terminal; elsewhere a new line now and then, never signs that
    only a terminal understands.
    """

    def __init__(self, log: Path, say: Callable[[str], None], *, now: float) -> None:
        self._log, self._say = log, say
        self._screen = sys.stdout.isatty()
        self._told, self._told_at = "", now

    def look(self, now: float) -> None:
        """Tell what is new; `now` are seconds of a clock that only goes on."""
        if not self._screen and now - self._told_at < PAUSE:
            return
        line = shown(self._text())
        if not line or line == self._told:
            return
        self._told, self._told_at = line, now
        if self._screen:
            # The terminal may be closed meanwhile; the signal that tells so is on its way.
            with contextlib.suppress(OSError):
                print(f"\r\x1b[K{INDENT}{line}", end="\r", flush=True)
        else:
            self._say(f"{INDENT}{line}")

    def end(self) -> None:
        """Leave the line empty for what comes next."""
        if self._screen:
            with contextlib.suppress(OSError):
                print("\x1b[K", end="", flush=True)

    def _text(self) -> str:
        try:
            return self._log.read_text(errors="replace")
        except OSError:
            return ""
