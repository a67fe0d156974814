"""Tables of the kit: versions, signatures, simulations, and the parts this app declares."""

from governance.models.clock_parts import Calendar, ClockExemption, ClockPolicy, EscalationLevel
from governance.models.part import KitPart
from governance.models.parts import (
    Checklist,
    Criterion,
    GeneralPolicy,
    Reason,
    ScoreBand,
    ScoreRule,
    SignalDefinition,
    StageDefinition,
)
from governance.models.record_parts import ChannelPolicy, Fixture, IdentityRule, QualityRule
from governance.models.simulation import Simulation
from governance.models.version import Deputy, KitStatus, KitVersion, Signature

__all__ = [
    "Calendar",
    "ChannelPolicy",
    "Checklist",
    "ClockExemption",
    "ClockPolicy",
    "Criterion",
    "Deputy",
    "EscalationLevel",
    "Fixture",
    "GeneralPolicy",
    "IdentityRule",
    "KitPart",
    "KitStatus",
    "KitVersion",
    "QualityRule",
    "Reason",
    "ScoreBand",
    "ScoreRule",
    "SignalDefinition",
    "Signature",
    "Simulation",
    "StageDefinition",
]
