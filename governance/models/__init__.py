"""Tables of the kit: versions, signatures, and the parts this app declares."""

from governance.models.part import KitPart
from governance.models.parts import (
    Calendar,
    Checklist,
    ClockPolicy,
    Criterion,
    GeneralPolicy,
    Reason,
    ScoreBand,
    ScoreRule,
    SignalDefinition,
    StageDefinition,
)
from governance.models.version import KitStatus, KitVersion, Signature

__all__ = [
    "Calendar",
    "Checklist",
    "ClockPolicy",
    "Criterion",
    "GeneralPolicy",
    "KitPart",
    "KitStatus",
    "KitVersion",
    "Reason",
    "ScoreBand",
    "ScoreRule",
    "SignalDefinition",
    "Signature",
    "StageDefinition",
]
