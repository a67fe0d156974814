"""What the running system keeps about itself, and the files that were imported."""

from lifecycle.models.bulk import BulkAct, BulkLine
from lifecycle.models.corresponding import Mailbox, MailTemplate, OutgoingMail
from lifecycle.models.disputing import RejectionDispute
from lifecycle.models.handing import HandedLead, Reassignment
from lifecycle.models.imports import (
    ImportChunk,
    ImportMapping,
    ImportRow,
    ImportRun,
    ImportVerdict,
)
from lifecycle.models.kit_runs import KitApplication, ShadowDecision, SimulatedLead
from lifecycle.models.learnt import ChecklistAnswer
from lifecycle.models.realigning import RealignedRow, Realignment
from lifecycle.models.running import (
    Heartbeat,
    KitNews,
    Notice,
    PartnerNews,
    QueuedTask,
    ReviewNews,
    TerritoryNews,
)
from lifecycle.models.telling import Mail, MailAttempt, Mode, NoticePreference, SentAgain, Topic

__all__ = [
    "BulkAct",
    "BulkLine",
    "ChecklistAnswer",
    "HandedLead",
    "Heartbeat",
    "ImportChunk",
    "ImportMapping",
    "ImportRow",
    "ImportRun",
    "ImportVerdict",
    "KitApplication",
    "KitNews",
    "Mail",
    "MailAttempt",
    "MailTemplate",
    "Mailbox",
    "Mode",
    "Notice",
    "NoticePreference",
    "OutgoingMail",
    "PartnerNews",
    "QueuedTask",
    "RealignedRow",
    "Realignment",
    "Reassignment",
    "RejectionDispute",
    "ReviewNews",
    "SentAgain",
    "ShadowDecision",
    "SimulatedLead",
    "TerritoryNews",
    "Topic",
]
