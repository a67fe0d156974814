"""Who may sign a kit, and when the signatures suffice. Decides only; `services` writes.

Definitions, criteria, thresholds and clocks need Sales and Marketing: two people, neither of
them the only author. All other parts need one approver who is not an author. The first kit of a
company may start with one signer. Whoever holds the party's role may sign as its deputy.
"""

from __future__ import annotations

from collections.abc import Iterable

from core import errors
from governance.models import Signature
from governance.models.part import part_models
from people.models import Role, User

Party = Signature.Party

SIGNERS: dict[str, frozenset[str]] = {
    Party.SALES: frozenset({Role.MANAGER}),
    Party.MARKETING: frozenset({Role.MARKETING}),
    Party.APPROVER: frozenset({Role.REVOPS, Role.MANAGER, Role.MARKETING}),
}


class MissingSignatures(errors.DomainError):
    """The version lacks consent that its changes require; the message says whose."""

    code = "missing_signatures"


def parties_of(user: User) -> list[str]:
    """The parties this person may sign for."""
    return [
        party
        for party, roles in SIGNERS.items()
        if user.is_active and (user.is_superuser or user.role in roles)
    ]


def require_may_publish(by: User) -> None:
    """Raise `NotAllowed` unless this person works on kits: RevOps and whoever may sign."""
    if not parties_of(by):
        raise errors.NotAllowed(f"{by} does not work on kits: that takes RevOps or a signer.")


def needs_both(changed: Iterable[str]) -> list[str]:
    """Those of the changed kinds that Sales and Marketing must both sign."""
    both = {model.kind for model in part_models() if model.needs_both_signatures}
    return sorted(both & set(changed))


def require_may_sign(
    party: str,
    by: User,
    *,
    standing: list[Signature],
    authors: frozenset[int],
    first: bool,
) -> None:
    """Raise `NotAllowed` when this signature could never count."""
    if party not in Party.values:
        known = ", ".join(Party.values)
        raise errors.InvalidInput(f"“{party}” cannot sign a kit; the parties are {known}.")
    label = Party(party).label
    if party not in parties_of(by):
        roles = ", ".join(sorted(Role(role).label for role in SIGNERS[party]))
        raise errors.NotAllowed(f"{by} cannot sign for {label}: that takes the role {roles}.")
    if authors == {by.pk} and not first:
        raise errors.NotAllowed(f"{by} wrote this draft alone, so somebody else must sign it.")
    if not first:
        _require_another_person(Party(party), by, standing)


def _require_another_person(party: Party, by: User, standing: list[Signature]) -> None:
    other = {Party.SALES: Party.MARKETING, Party.MARKETING: Party.SALES}.get(party)
    if other and any(one.by_id == by.pk and one.party == other for one in standing):
        raise errors.NotAllowed(
            f"{by} has signed for {other.label} already: {party.label} must be another person."
        )


def require_signed(
    *,
    standing: list[Signature],
    base_checksum: str,
    authors: frozenset[int],
    changed: Iterable[str],
    first: bool,
) -> None:
    """Raise `MissingSignatures` unless the signatures on this very text and base suffice.

    `standing` are the signatures on the text; `authors` the ids of those who wrote it.
    """
    valid = [one for one in standing if one.base_checksum == base_checksum]
    if first:
        if not valid:
            raise MissingSignatures("Nobody has signed this text yet; the first kit needs one.")
        return
    if both := needs_both(changed):
        _require_both(valid, authors, both)
    elif not any(one.by_id not in authors for one in valid):
        raise MissingSignatures("One approver who did not write this draft must sign it.")


def _require_both(valid: list[Signature], authors: frozenset[int], kinds: list[str]) -> None:
    def signers(party: str) -> set[int]:
        return {one.by_id for one in valid if one.party == party and authors != {one.by_id}}

    sales, marketing = signers(Party.SALES), signers(Party.MARKETING)
    if any(one != other for one in sales for other in marketing):
        return
    wanted = [
        label for label, found in (("Sales", sales), ("Marketing", marketing)) if not found
    ] or ["Sales and Marketing as two people"]
    what = ", ".join(kind.replace("_", " ") for kind in kinds)
    raise MissingSignatures(
        f"Changes to {what} need Sales and Marketing. Missing: {' and '.join(wanted)}."
    )
