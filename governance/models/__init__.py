"""Tables of the kit: versions, signatures, steps, simulations, and the parts declared here."""

from governance.models.clock_parts import Calendar, ClockExemption, ClockPolicy, EscalationLevel
from governance.models.intake_parts import (
    AttributionRule,
    Exclusion,
    FieldRule,
    OwnField,
    QualityFloor,
)
from governance.models.kit_event import KitEvent, KitOutbox
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
    "AttributionRule",
    "Calendar",
    "ChannelPolicy",
    "Checklist",
    "ClockExemption",
    "ClockPolicy",
    "Criterion",
    "Deputy",
    "EscalationLevel",
    "Exclusion",
    "FieldRule",
    "Fixture",
    "GeneralPolicy",
    "IdentityRule",
    "KitEvent",
    "KitOutbox",
    "KitPart",
    "KitStatus",
    "KitVersion",
    "OwnField",
    "QualityFloor",
    "QualityRule",
    "Reason",
    "ScoreBand",
    "ScoreRule",
    "SignalDefinition",
    "Signature",
    "Simulation",
    "StageDefinition",
]
