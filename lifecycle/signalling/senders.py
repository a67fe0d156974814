"""Who a signal says it is of."""

from __future__ import annotations

from django.conf import settings

from leads import recognition, signal_intake, visiting
from leads.identity import Key
from leads.models import SentSignal, Touch
from leads.recognition import Identification, Known, Policy, Sender


def sender_of(row: SentSignal, policy: Policy) -> Sender:
    """The identity that a signal states; what it is looked up by is written to the row.

    Mailboxes of desks name nobody here, as a signal has no name to tell their people apart.
    """
    keys = signal_intake.keys_of(
        row.payload,
        scope=row.idempotency_scope,
        country=settings.DEFAULT_COUNTRY,
        spelling=policy.spelling,
    )
    row.keys = signal_intake.found_by(keys, visitor_of(row))
    return Sender(keys)


def stated(sender: Sender, *, known: Known, policy: Policy) -> Identification:
    """Whom that names, by the rules of touches: a known person, or nobody yet."""
    return recognition.decide(sender, known=known, policy=policy)


def visitor_of(row: SentSignal) -> str:
    """The browser it came from; empty if none was named."""
    return str(row.payload.get("visitor", ""))


def visitor_of_touch(touch: Touch) -> str:
    """The browser a touch was sent from; none for imported history, nor for what is no id."""
    said = touch.payload.get("visitor", "")
    return said if not touch.historical and isinstance(said, str) and visiting.is_id(said) else ""


def looked_up(keys: tuple[Key, ...], visitor: str) -> list[str]:
    """By what signals that wait for these keys, or for this browser, are found."""
    return signal_intake.found_by(keys, visitor)
