"""What goes along when a territory changes hands, and what stays where it is. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from leads.stages import Stage

UNACCEPTED = frozenset({Stage.INQUIRY, Stage.MQL, Stage.NURTURE})
WORKED = frozenset({Stage.SAL, Stage.SQL})


@dataclasses.dataclass(frozen=True, slots=True)
class Terms:
    """True: it goes to who holds the territory then. False: it stays with who has it."""

    accounts: bool = True
    unaccepted: bool = True
    worked: bool = False
    opportunities: bool = False

    def as_data(self) -> dict[str, bool]:
        """For JSON."""
        return dataclasses.asdict(self)

    def of_stage(self, stage: str) -> bool:
        """Whether a lead at this stage goes along."""
        if stage in UNACCEPTED:
            return self.unaccepted
        return self.worked if stage in WORKED else self.opportunities

    def why_not(self, stage: str) -> str:
        """Why a lead at this stage stays."""
        if stage in UNACCEPTED:
            return "unaccepted leads stay, as chosen"
        if stage in WORKED:
            return "leads being worked stay, as chosen"
        return "open opportunities stay, as chosen"


def from_data(data: Mapping[str, Any]) -> Terms:
    """What `as_data` gave."""
    return Terms(**{name: bool(data[name]) for name in data if name in NAMES})


NAMES = frozenset(one.name for one in dataclasses.fields(Terms))
