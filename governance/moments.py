"""The moments in a lead's life that start and end clocks. Not the events that record them."""

from __future__ import annotations

from enum import StrEnum


class HandOff(StrEnum):
    """From when on leads are handed off to an AE, where the kit has rules for it."""

    MEETING = "MEETING"
    SQL = "SQL"


class Instead(StrEnum):
    """What a reason to reject really is: none of these says anything against the lead."""

    MISROUTE = "MISROUTE"
    MERGE = "MERGE"
    HANDOVER = "HANDOVER"

    @property
    def label(self) -> str:
        """The same in words."""
        return _INSTEAD[self]


_INSTEAD = {
    Instead.MISROUTE: "Not mine: somebody else's lead",
    Instead.MERGE: "Merge it with the lead it is",
    Instead.HANDOVER: "Hand it over to who looks after the customer",
}


class Shown(StrEnum):
    """What may show beforehand that something holds which a rep affirms."""

    ICP = "ICP"
    EMAIL = "EMAIL"
    ROLE_MAILBOX = "ROLE_MAILBOX"
    PHONE = "PHONE"
    ANSWER = "ANSWER"

    @property
    def label(self) -> str:
        """The same in words."""
        return _SHOWN[self]


_SHOWN = {
    Shown.ICP: "facts on which the criterion “icp” holds",
    Shown.EMAIL: "an own e-mail address that works",
    Shown.ROLE_MAILBOX: "a mailbox of several people that works",
    Shown.PHONE: "a valid phone number",
    Shown.ANSWER: "a contact that was answered",
}


class Moment(StrEnum):
    """What a clock policy may name in `starts_on` and `stopped_by`."""

    HAND_RAISED = "HAND_RAISED"
    QUALIFIED = "QUALIFIED"
    ASSIGNED = "ASSIGNED"
    REASSIGNED = "REASSIGNED"
    CONTACTED = "CONTACTED"
    ANSWERED = "ANSWERED"
    ACCEPTED = "ACCEPTED"
    REJECTED = "REJECTED"
    SALES_QUALIFIED = "SALES_QUALIFIED"
    CONVERTED = "CONVERTED"
    CLOSED = "CLOSED"
    RETURNED = "RETURNED"
    RECYCLED = "RECYCLED"
    DISQUALIFIED = "DISQUALIFIED"
    REOPENED = "REOPENED"
    MERGED = "MERGED"
    QUARANTINED = "QUARANTINED"
    CLEANSED = "CLEANSED"
    KNOWN_ACCOUNT = "KNOWN_ACCOUNT"
    NEXT_STEP_SET = "NEXT_STEP_SET"
    NEXT_STEP_DONE = "NEXT_STEP_DONE"
    TOUCHED = "TOUCHED"
    """The buyer writes or calls again after a contact, on a lead that somebody owns."""
    MEETING_BOOKED = "MEETING_BOOKED"
    """A meeting with the buyer is planned; that it took place is a contact."""
