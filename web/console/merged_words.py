"""What was merged, parted or dismissed, in a sentence for who did it."""

from __future__ import annotations

from core.errors import DomainError
from core.texts import _
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
        return _("They were decided already.")
    return _("{plural} marked as two people; they are not suggested again.").format(
        plural=words.plural(count, "pair")
    )


def reopened(count: int) -> str:
    """How many pairs wait again."""
    return (
        _("{plural} to review again.").format(plural=words.plural(count, "pair"))
        if count
        else _("Nothing to take back.")
    )


def parted(done: Parted) -> str:
    """What an un-merge did, and what it left."""
    told = [_("They are two people again, as they were.")]
    if done.touches:
        went = words.plural(done.touches, "later touchpoint")
        told.append(_("{went} went to whoever’s address or number it came by.").format(went=went))
    labels = {**LABELS, joining.WORTH: _("Potential value")}
    edited = [labels[name].lower() for name in done.edited if name in labels]
    if edited:
        told.append(_("Edited since and left as it is: {edited}.").format(edited=", ".join(edited)))
    return " ".join(told)
