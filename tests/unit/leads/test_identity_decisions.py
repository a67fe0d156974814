"""To whom a touch belongs: decided from its keys, who holds them, and what the kit says of them."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leads import recognition
from leads.identity import Key, KeyKind, Use
from leads.recognition import Conflict, Known, Policy, Reason, Sender

E_ADA, E_BOB, E_NEW = (Key(KeyKind.EMAIL, f"{n}@example.com") for n in ("ada", "bob", "new"))
X_ADA, X_BOB, X_NEW = (Key(KeyKind.EXTERNAL, f"crm:{n}") for n in (1, 2, 3))
X_OTHER = Key(KeyKind.EXTERNAL, "shop:9")
P_ADA, P_BOB, P_CAL, P_NEW = (Key(KeyKind.PHONE, f"+4930{n}") for n in (111, 222, 333, 444))
ADA, BOB, CAL = 1, 2, 3
# Ada is known by everything, Bob has no external id, Cal is a voice on the phone.
KNOWN = {E_ADA: ADA, X_ADA: ADA, P_ADA: ADA, E_BOB: BOB, P_BOB: BOB, P_CAL: CAL}
STRONG = {ADA: frozenset({E_ADA, X_ADA}), BOB: frozenset({E_BOB})}


def decide(
    keys: Iterable[Key],
    *,
    known: dict[Key, int],
    strong_of: dict[int, frozenset[Key]],
    shared: frozenset[Key] = frozenset(),
    use: dict[KeyKind, Use] | None = None,
) -> recognition.Identification:
    """The decision about a touch that gives no name."""
    policy = Policy(use=use) if use else Policy()
    found = Known(holders=known, strong_of=strong_of, shared=shared)
    return recognition.decide(Sender(tuple(keys)), known=found, policy=policy)


def told(decided: recognition.Identification) -> tuple[object, ...]:
    return (
        decided.person, decided.reason, decided.claim, decided.suggestion, decided.conflicts
    )  # fmt: skip


@pytest.mark.parametrize(
    ("keys", "person", "reason", "claim", "suggestion", "conflicts"),
    [
        # nothing, and nothing known
        ([], None, Reason.NO_KEYS, [], None, []),
        ([E_NEW], None, Reason.NEW, [E_NEW], None, []),
        ([P_NEW, X_NEW, E_NEW], None, Reason.NEW, [E_NEW, X_NEW, P_NEW], None, []),
        # one known key
        ([E_ADA], ADA, Reason.EMAIL, [], None, []),
        ([X_ADA], ADA, Reason.EXTERNAL, [], None, []),
        ([P_ADA], ADA, Reason.PHONE, [], None, []),
        ([P_CAL], CAL, Reason.PHONE, [], None, []),
        # all keys name one person
        ([E_ADA, X_ADA, P_ADA], ADA, Reason.EMAIL, [], None, []),
        # the e-mail names the person, who learns the rest
        ([E_BOB, P_NEW], BOB, Reason.EMAIL, [P_NEW], None, []),
        ([E_BOB, X_NEW], BOB, Reason.EMAIL, [X_NEW], None, []),
        ([E_ADA, X_OTHER], ADA, Reason.EMAIL, [X_OTHER], None, []),
        # ... but no second external id of one scope
        ([E_ADA, X_NEW], ADA, Reason.EMAIL, [], None, [Conflict(X_NEW, ADA)]),
        # ... nor what is somebody else's
        ([E_ADA, P_BOB], ADA, Reason.EMAIL, [], BOB, [Conflict(P_BOB, BOB)]),
        ([E_BOB, X_ADA], BOB, Reason.EMAIL, [], ADA, [Conflict(X_ADA, ADA)]),
        (
            [E_BOB, X_ADA, P_CAL],
            BOB,
            Reason.EMAIL,
            [],
            ADA,
            [Conflict(X_ADA, ADA), Conflict(P_CAL, CAL)],
        ),
        # the external id names the person
        ([X_ADA, P_NEW], ADA, Reason.EXTERNAL, [P_NEW], None, []),
        ([X_ADA, P_BOB], ADA, Reason.EXTERNAL, [], BOB, [Conflict(P_BOB, BOB)]),
        # ... unless another e-mail speaks against it
        (
            [X_ADA, E_NEW],
            None,
            Reason.EXTERNAL_BUT_OTHER_EMAIL,
            [E_NEW],
            ADA,
            [Conflict(X_ADA, ADA)],
        ),
        # the phone names a person who has no e-mail yet
        ([P_CAL, E_NEW], CAL, Reason.PHONE, [E_NEW], None, []),
        ([P_CAL, E_NEW, X_NEW], CAL, Reason.PHONE, [E_NEW, X_NEW], None, []),
        ([P_BOB, X_NEW], BOB, Reason.PHONE, [X_NEW], None, []),
        # ... but not one who has other strong keys
        ([P_BOB, E_NEW], None, Reason.PHONE_BUT_OTHER_EMAIL, [E_NEW], BOB, [Conflict(P_BOB, BOB)]),
        (
            [P_ADA, X_NEW],
            None,
            Reason.PHONE_BUT_OTHER_EXTERNAL,
            [X_NEW],
            ADA,
            [Conflict(P_ADA, ADA)],
        ),
    ],
)
def test_a_touch_goes_to_its_person(
    keys: list[Key],
    person: int | None,
    reason: Reason,
    claim: list[Key],
    suggestion: int | None,
    conflicts: list[Conflict],
) -> None:
    decided = decide(keys, known=KNOWN, strong_of=STRONG)
    assert told(decided) == (person, reason, tuple(claim), suggestion, tuple(conflicts))


def test_a_shared_phone_names_nobody_and_is_not_claimed() -> None:
    shared = frozenset({P_ADA, P_BOB})
    desk = recognition.contact_key(P_ADA, "")
    by_phone = decide([P_ADA], known=KNOWN, strong_of=STRONG, shared=shared)
    assert told(by_phone) == (None, Reason.NEW, (desk,), None, ())
    assert by_phone.uses == (P_ADA,)
    new = decide([E_NEW, P_ADA], known=KNOWN, strong_of=STRONG, shared=shared)
    assert told(new) == (None, Reason.NEW, (E_NEW,), None, ())
    mine = decide([E_ADA, P_ADA, X_OTHER], known=KNOWN, strong_of=STRONG, shared=shared)
    assert (mine.person, mine.claim, mine.uses) == (ADA, (X_OTHER,), ())


def uses(**said: Use) -> dict[KeyKind, Use]:
    return {kind: said.get(kind.lower(), Use.MERGE) for kind in KeyKind}


MAIL_SUGGESTS, ID_SUGGESTS = uses(email=Use.SUGGEST), uses(external=Use.SUGGEST)
PHONE_SUGGESTS, PHONE_IS_NOTHING = uses(phone=Use.SUGGEST), uses(phone=Use.IGNORE)


@pytest.mark.parametrize(
    ("use", "keys", "person", "reason", "claim", "suggestion", "conflicts"),
    [
        # what only suggests names nobody
        (PHONE_SUGGESTS, [P_CAL], None, Reason.SUGGESTED, [], CAL, [Conflict(P_CAL, CAL)]),
        (
            PHONE_SUGGESTS,
            [P_CAL, E_NEW],
            None,
            Reason.SUGGESTED,
            [E_NEW],
            CAL,
            [Conflict(P_CAL, CAL)],
        ),
        (MAIL_SUGGESTS, [E_ADA], None, Reason.SUGGESTED, [], ADA, [Conflict(E_ADA, ADA)]),
        # ... is claimed when nobody has it, so that it can suggest the next time
        (PHONE_SUGGESTS, [P_NEW, E_BOB], BOB, Reason.EMAIL, [P_NEW], None, []),
        # ... and keeps out of the way of what names somebody
        (PHONE_SUGGESTS, [P_BOB, E_ADA], ADA, Reason.EMAIL, [], BOB, [Conflict(P_BOB, BOB)]),
        (MAIL_SUGGESTS, [E_ADA, P_ADA], ADA, Reason.PHONE, [], None, []),
        # ... unless it is the stronger one and another person's
        (
            MAIL_SUGGESTS,
            [E_BOB, X_ADA],
            None,
            Reason.EXTERNAL_BUT_OTHER_EMAIL,
            [],
            ADA,
            [Conflict(E_BOB, BOB), Conflict(X_ADA, ADA)],
        ),
        (
            ID_SUGGESTS,
            [X_ADA, P_CAL],
            None,
            Reason.PHONE_BUT_OTHER_EXTERNAL,
            [],
            CAL,
            [Conflict(X_ADA, ADA), Conflict(P_CAL, CAL)],
        ),
        # what is ignored says nothing, not even against others, and is nobody's
        (PHONE_IS_NOTHING, [P_CAL], None, Reason.NO_KEYS, [], None, []),
        (PHONE_IS_NOTHING, [P_ADA, E_BOB], BOB, Reason.EMAIL, [], None, []),
        (PHONE_IS_NOTHING, [P_NEW, E_NEW], None, Reason.NEW, [E_NEW], None, []),
        (uses(email=Use.IGNORE), [E_NEW, X_ADA], ADA, Reason.EXTERNAL, [], None, []),
    ],
)
def test_the_kit_says_what_a_known_key_means(
    use: dict[KeyKind, Use],
    keys: list[Key],
    person: int | None,
    reason: Reason,
    claim: list[Key],
    suggestion: int | None,
    conflicts: list[Conflict],
) -> None:
    decided = decide(keys, known=KNOWN, strong_of=STRONG, use=use)
    assert told(decided) == (person, reason, tuple(claim), suggestion, tuple(conflicts))


def test_a_merged_person_answers_to_both_addresses() -> None:
    known = {E_ADA: ADA, E_BOB: ADA, X_ADA: ADA}
    merged = {ADA: frozenset({E_ADA, E_BOB, X_ADA})}
    decided = decide([E_BOB, X_ADA], known=known, strong_of=merged)
    assert (decided.person, decided.conflicts) == (ADA, ())


ALL_KEYS = (E_ADA, E_BOB, E_NEW, X_ADA, X_BOB, X_NEW, X_OTHER, P_ADA, P_BOB, P_CAL, P_NEW)
TOUCHES = st.tuples(
    st.none() | st.sampled_from([E_ADA, E_BOB, E_NEW]),
    st.none() | st.sampled_from([X_ADA, X_BOB, X_NEW, X_OTHER]),
    st.none() | st.sampled_from([P_ADA, P_BOB, P_CAL, P_NEW]),
).map(lambda keys: [key for key in keys if key])
WORLDS = st.dictionaries(st.sampled_from(ALL_KEYS), st.integers(1, 4))


def strong_of(known: dict[Key, int]) -> dict[int, frozenset[Key]]:
    return {
        person: frozenset(k for k, p in known.items() if p == person and k.kind != KeyKind.PHONE)
        for person in known.values()
    }


USES = st.fixed_dictionaries({kind: st.sampled_from(list(Use)) for kind in KeyKind})


@settings(max_examples=300, deadline=None)
@given(TOUCHES, WORLDS, st.frozensets(st.sampled_from([P_ADA, P_BOB])), USES)
def test_a_decision_takes_nothing_from_anybody(
    touch: list[Key], known: dict[Key, int], shared: frozenset[Key], use: dict[KeyKind, Use]
) -> None:
    strong = strong_of(known)
    decided = decide(touch, known=known, strong_of=strong, shared=shared, use=use)
    assert decided.person is None or decided.person in known.values()
    assert not set(decided.claim) & set(known)
    desks = {recognition.contact_key(value, "") for value in shared}
    assert set(decided.claim) <= set(touch) | desks
    assert not set(decided.claim) & shared
    assert decided.suggestion is None or decided.suggestion in known.values()
    assert decided.suggestion != decided.person or decided.person is None
    claimed = [key for key in decided.claim if key.kind != KeyKind.PHONE]
    groups = [key.group for key in (*claimed, *strong.get(decided.person or 0, ()))]
    assert all(groups.count(key.group) == 1 for key in claimed)

    turned = touch[::-1]
    again = decide(turned, known=known, strong_of=strong, shared=shared, use=use)
    assert again == decided


@settings(max_examples=300, deadline=None)
@given(TOUCHES, WORLDS, USES)
def test_only_a_kind_that_merges_names_somebody_and_an_ignored_one_is_not_looked_at(
    touch: list[Key], known: dict[Key, int], use: dict[KeyKind, Use]
) -> None:
    decided = decide(touch, known=known, strong_of=strong_of(known), use=use)
    naming = {known[key] for key in touch if key in known and use[key.kind] is Use.MERGE}
    assert decided.person is None or decided.person in naming
    heard = [key for key in touch if use[key.kind] is not Use.IGNORE]
    rest = decide(heard, known=known, strong_of=strong_of(known), use=use)
    assert rest == decided
    assert decided.suggestion is None or decided.suggestion in {known.get(key) for key in heard}


@settings(max_examples=200, deadline=None)
@given(TOUCHES, WORLDS, USES)
def test_less_trust_in_keys_never_joins_what_was_kept_apart(
    touch: list[Key], known: dict[Key, int], use: dict[KeyKind, Use]
) -> None:
    mistrusting = {kind: Use.SUGGEST if said is Use.IGNORE else said for kind, said in use.items()}
    strong = strong_of(known)
    trusted = decide(touch, known=known, strong_of=strong)
    decided = decide(touch, known=known, strong_of=strong, use=mistrusting)
    assert decided.person in (None, trusted.person)


@settings(max_examples=200, deadline=None)
@given(st.lists(TOUCHES, max_size=8), TOUCHES)
def test_a_touch_that_comes_again_finds_the_person_of_the_first(
    before: list[list[Key]], touch: list[Key]
) -> None:
    known: dict[Key, int] = {}

    def receive(keys: list[Key], number: int) -> int:
        decided = decide(keys, known=known, strong_of=strong_of(known))
        person = number if decided.person is None else decided.person
        known.update(dict.fromkeys(decided.claim, person))
        return person

    for number, keys in enumerate(before):
        receive(keys, number)
    first = receive(touch, 100)
    assert not touch or receive(touch, 101) == first


@settings(max_examples=100, deadline=None)
@given(st.lists(TOUCHES, max_size=8))
def test_no_person_ever_gets_two_addresses_without_a_merge(touches: list[list[Key]]) -> None:
    known: dict[Key, int] = {}
    for number, keys in enumerate(touches):
        decided = decide(keys, known=known, strong_of=strong_of(known))
        person = number if decided.person is None else decided.person
        known.update(dict.fromkeys(decided.claim, person))
    for keys_held in strong_of(known).values():
        groups = [key.group for key in keys_held]
        assert len(groups) == len(set(groups))
