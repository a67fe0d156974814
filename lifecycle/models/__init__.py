"""What the running system keeps about itself, and the files that were imported."""

from lifecycle.models.handing import HandedLead, Reassignment
from lifecycle.models.imports import (
    ImportChunk,
    ImportMapping,
    ImportRow,
    ImportRun,
    ImportVerdict,
)
from lifecycle.models.realigning import RealignedRow, Realignment
from lifecycle.models.running import (
    Heartbeat,
    KitApplication,
    KitNews,
    Notice,
    PartnerNews,
    ShadowDecision,
    SimulatedLead,
    TerritoryNews,
)

__all__ = [
    "HandedLead",
    "Heartbeat",
    "ImportChunk",
    "ImportMapping",
    "ImportRow",
    "ImportRun",
    "ImportVerdict",
    "KitApplication",
    "KitNews",
    "Notice",
    "PartnerNews",
    "RealignedRow",
    "Realignment",
    "Reassignment",
    "ShadowDecision",
    "SimulatedLead",
    "TerritoryNews",
]
