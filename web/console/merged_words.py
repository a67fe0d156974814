"""What was merged, parted or dismissed, in a sentence for who did it."""

from __future__ import annotations

from core.errors import DomainError
from lifecycle import joining
from lifecycle.merging import Parted
from web.console import words
from web.console.duplicate_page import LABELS


def refusal(fault: DomainError) -> str:
    """Why it was not done, each fault named."""
    return " ".join([fault.message, *(one.message for one in fault.errors)])


def dismissed(count: int) -> str:
    """How many pairs are two people each."""
    if not count:
        return "They were decided already."
    return f"{words.plural(count, 'pair')} marked as two people; they are not suggested again."


def reopened(count: int) -> str:
    """How many pairs wait again."""
    return f"{words.plural(count, 'pair')} to review again." if count else "Nothing to take back."


def parted(done: Parted) -> str:
    """What an un-merge did, and what it left."""
    told = ["They are two people again, as they were."]
    if done.touches:
        went = words.plural(done.touches, "later touchpoint")
        told.append(f"{went} went to whoever’s address or number it came by.")
    labels = {**LABELS, joining.WORTH: "Potential value"}
    edited = [labels[name].lower() for name in done.edited if name in labels]
    if edited:
        told.append(f"Edited since and left as it is: {', '.join(edited)}.")
    return " ".join(told)
