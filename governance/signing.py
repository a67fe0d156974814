"""Who may sign a kit, and when the signatures suffice. Decides only; `services` writes.

Definitions, criteria, thresholds, reasons and clocks need Sales and Marketing: two people, neither
of them the only author. All other parts need one approver who is not an author. An emergency needs
one signer who is not the only author, for a while. The first kit of a company may start with one
signer. A signer may name deputies; a deputy's signature counts as both people's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from core import errors
from governance.models import Signature
from governance.models.part import part_models
from people.models import Role, User

Party = Signature.Party

SIGNERS: Mapping[str, frozenset[str]] = {
    Party.SALES: frozenset({Role.MANAGER}),
    Party.MARKETING: frozenset({Role.MARKETING}),
    Party.APPROVER: frozenset({Role.REVOPS, Role.MANAGER, Role.MARKETING}),
}


class MissingSignatures(errors.DomainError):
    """The version lacks consent that its changes require; the message says whose."""

    code = "missing_signatures"


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be signed: how it differs, who wrote it, on which base.

    `kinds` are the changed kinds of parts that need Sales and Marketing; `first` is a company's
    first kit; `emergency` makes do with one signer for a while.
    """

    text: str
    base: str
    authors: frozenset[int]
    kinds: tuple[str, ...]
    first: bool = False

    @property
    def parties(self) -> tuple[str, ...]:
        """The parties that must sign."""
        return (Party.SALES, Party.MARKETING) if self.kinds and not self.first else (
            Party.APPROVER,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Consent:
    """Where the signing stands: what counts, what is void, and whose signature is awaited."""

    question: Question
    valid: tuple[Signature, ...]
    void: tuple[Signature, ...]
    missing: tuple[str, ...]

    @property
    def is_given(self) -> bool:
        """Whether the signatures suffice."""
        return not self.missing

    @property
    def one_signed(self) -> bool:
        """Whether somebody other than a lone author has signed: enough in an emergency."""
        return any(_independent(one, self.question) for one in self.valid)


def parties_of(user: User, stands_in_for: Iterable[User] = ()) -> dict[str, User | None]:
    """The parties this person may sign for; the value is whom they stand in for, None for self."""
    found: dict[str, User | None] = {}
    for signer in stands_in_for:
        if user.is_active and signer.is_active:
            found |= dict.fromkeys(_own_parties(signer), signer)
    return found | dict.fromkeys(_own_parties(user), None)


def works_on_kits(user: User) -> bool:
    """Whether this person belongs to those who write or sign kits."""
    return bool(_own_parties(user))


def may_write(user: User) -> bool:
    """Whether this person edits drafts: RevOps, and superusers."""
    return user.is_active and (user.is_superuser or user.plays(Role.REVOPS))


def require_may_publish(by: User) -> None:
    """Raise `NotAllowed` unless this person works on kits: RevOps and whoever may sign."""
    if not works_on_kits(by):
        raise errors.NotAllowed(f"{by} does not work on kits: that takes RevOps or a signer.")


def kinds_for_both(changed: Iterable[str]) -> tuple[str, ...]:
    """Those of the changed kinds that Sales and Marketing must both sign."""
    both = {model.kind for model in part_models() if model.needs_both_signatures}
    return tuple(sorted(both & set(changed)))


def consent(question: Question, signatures: Sequence[Signature]) -> Consent:
    """Which of these signatures count for this very text and base, and what is missing."""
    valid = [
        one
        for one in signatures
        if one.checksum == question.text and one.base_checksum == question.base
    ]
    void = [one for one in signatures if one not in valid]
    return Consent(question, tuple(valid), tuple(void), _missing(question, valid))


def require_may_sign(
    party: str,
    by: User,
    *,
    question: Question,
    standing: Consent,
    stands_in_for: Sequence[User] = (),
) -> User | None:
    """Whom `by` stands in for, None for themselves. Raises `NotAllowed` if it could never count."""
    if party not in Party.values:
        known = ", ".join(Party.values)
        raise errors.InvalidInput(f"“{party}” cannot sign a kit; the parties are {known}.")
    allowed = parties_of(by, stands_in_for)
    if party not in allowed:
        roles = ", ".join(sorted(Role(role).label for role in SIGNERS[party]))
        raise errors.NotAllowed(
            f"{by} cannot sign for {Party(party).label}: that takes the role {roles}, "
            "or to be the deputy of somebody who has it."
        )
    principal = allowed[party]
    if not question.first:
        _require_independence(Party(party), by, principal, question, standing)
    return principal


def may_sign(
    party: str, by: User, *, standing: Consent, stands_in_for: Sequence[User] = ()
) -> bool:
    """Whether this person's signature for that party could count now."""
    try:
        require_may_sign(
            party, by, question=standing.question, standing=standing, stands_in_for=stands_in_for
        )
    except errors.DomainError:
        return False
    return True


def require_signed(standing: Consent) -> None:
    """Raise `MissingSignatures` unless the signatures on this very text and base suffice."""
    if standing.is_given:
        return
    void = len(standing.void)
    edited = (
        f" {void} earlier signature{'s were' if void > 1 else ' was'} given for another text "
        "or base and no longer count."
        if void
        else ""
    )
    raise MissingSignatures(f"{missing_words(standing)}{edited}", state=_state(standing))


def missing_words(standing: Consent) -> str:
    """What is missing, as a sentence; empty when nothing is."""
    question = standing.question
    if not standing.missing:
        return ""
    if question.first:
        return "Nobody has signed this text yet; the first kit needs one."
    if standing.missing == (Party.APPROVER,):
        return "One approver who did not write this draft must sign it."
    what = ", ".join(kind.replace("_", " ") for kind in question.kinds)
    whose = " and ".join(Party(party).label for party in standing.missing)
    return f"Changes to {what} need Sales and Marketing, as two people. Missing: {whose}."


def _own_parties(user: User) -> list[str]:
    return [
        party
        for party, roles in SIGNERS.items()
        if user.is_active and (user.is_superuser or user.plays(*roles))
    ]


def _people(signature: Signature) -> frozenset[int]:
    """Who answers for a signature: the hand, and whom it stood in for."""
    principal = signature.deputy_of_id
    return frozenset({signature.by_id} if principal is None else {signature.by_id, principal})


def _independent(signature: Signature, question: Question) -> bool:
    """Whether others than the signer wrote it too."""
    return not question.authors or not question.authors <= _people(signature)


def _missing(question: Question, valid: Sequence[Signature]) -> tuple[str, ...]:
    if question.first:
        return () if valid else (Party.APPROVER,)
    if question.parties == (Party.APPROVER,):
        others = [one for one in valid if not _people(one) & question.authors]
        return () if others else (Party.APPROVER,)
    sales, marketing = (
        [one for one in valid if one.party == party and _independent(one, question)]
        for party in question.parties
    )
    if any(not _people(one) & _people(other) for one in sales for other in marketing):
        return ()
    absent = [
        party
        for party, found in zip(question.parties, (sales, marketing), strict=True)
        if not found
    ]
    return tuple(absent or [Party.MARKETING])


def _require_independence(
    party: Party, by: User, principal: User | None, question: Question, standing: Consent
) -> None:
    people = frozenset({by.pk} | ({principal.pk} if principal else set()))
    if question.authors and question.authors <= people:
        raise errors.NotAllowed(f"{by} wrote this draft alone, so somebody else must sign it.")
    if party == Party.APPROVER and question.parties == (Party.APPROVER,):
        if people & question.authors:
            raise errors.NotAllowed(
                f"{by} wrote a part of this draft, so somebody else approves it."
            )
        return
    other = {Party.MARKETING: Party.SALES, Party.SALES: Party.MARKETING}.get(party)
    for one in standing.valid:
        if one.party == other and _people(one) & people:
            raise errors.NotAllowed(
                f"{one.by} has signed for {one.get_party_display()} already: "
                f"{party.label} must be another person."
            )


def _state(standing: Consent) -> dict[str, object]:
    return {"missing": list(standing.missing), "checksum": standing.question.text}
