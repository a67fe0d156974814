"""Shares with what chance alone would explain. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from core.texts import _
from reports import intervals


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole, in words and with its interval of 95 % after Wilson."""

    part: int
    whole: int

    @property
    def percent(self) -> str:
        """`94 %`; a dash of nothing."""
        return f"{100 * self.part / self.whole:.0f} %" if self.whole else "–"

    @property
    def range(self) -> str:
        """`84 to 97 %`; empty of nothing."""
        bounds = intervals.wilson(self.part, self.whole)
        return (
            _("{value} to {value2} %").format(
                value=f"{100 * bounds[0]:.0f}", value2=f"{100 * bounds[1]:.0f}"
            )
            if bounds
            else ""
        )
