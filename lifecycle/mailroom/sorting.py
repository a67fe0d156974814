"""What a mail is to us: a buyer's words to a desk, our own words to a buyer, or neither. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from lifecycle.mailroom.letter import Letter, Party


class Kind(StrEnum):
    """What becomes of a mail."""

    INBOUND = "INBOUND"
    """A buyer wrote: one touchpoint."""
    LOGGED = "LOGGED"
    """One of us wrote, with a blind copy: an activity with each buyer who got it."""
    AUTOMATIC = "AUTOMATIC"
    """An answer that no person wrote; it is no contact and no touchpoint."""
    INTERNAL = "INTERNAL"
    """Between ourselves."""


@dataclass(frozen=True, slots=True)
class House:
    """Our own addresses: users' mailboxes and blind-copy addresses to their ids, and domains."""

    mailboxes: Mapping[str, int]
    blind: Mapping[str, int]
    domains: frozenset[str]

    def is_ours(self, address: str) -> bool:
        """Whether this mailbox is one of the company's own."""
        small = address.casefold()
        return (
            small in self.mailboxes
            or small in self.blind
            or small.rpartition("@")[2] in self.domains
        )


@dataclass(frozen=True, slots=True)
class Sorted:
    """The kind; of logged mail also who of us wrote and which buyers got it."""

    kind: Kind
    by: int | None = None
    buyers: tuple[Party, ...] = ()


def decide(letter: Letter, house: House) -> Sorted:
    """Sort a mail by who wrote it to whom.

    A blind copy counts as its owner's word when the mail's sender is one of our mailboxes; a buyer
    who found a blind-copy address and writes to it has simply written to us.
    """
    if letter.bounced or (letter.automatic and not _is_form(letter, house)):
        return Sorted(Kind.AUTOMATIC)
    if not house.is_ours(letter.sender.address) or _is_form(letter, house):
        return Sorted(Kind.INBOUND)
    reached = (*letter.to, *(Party(one) for one in letter.delivered_to))
    writer = next(
        (house.blind[one.address.casefold()] for one in reached
         if one.address.casefold() in house.blind),
        house.mailboxes.get(letter.sender.address.casefold()),
    )  # fmt: skip
    buyers = tuple(one for one in letter.to if not house.is_ours(one.address))
    if writer is None or not buyers:
        return Sorted(Kind.INTERNAL)
    return Sorted(Kind.LOGGED, writer, buyers)


def _is_form(letter: Letter, house: House) -> bool:
    """A form on a site of ours sends what a buyer filled in: ours to ours, the answer to them."""
    return (
        not letter.replied
        and house.is_ours(letter.sender.address)
        and not house.is_ours(letter.answer_to.address)
        and all(house.is_ours(one.address) for one in letter.to)
    )
