"""What names do to the recognition of buyers: desks, shared values, other names, namesakes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leads import namesakes, recognition
from leads.identity import Key, KeyKind, Use
from leads.namesakes import Namesake
from leads.personal_names import FullName
from leads.recognition import (
    Identification,
    Known,
    Policy,
    Reason,
    Sender,
    contact_key,
    decide,
)

ANNA, PETER = 1, 2
INFO = Key(KeyKind.EMAIL, "info@acme.com")
MAIL, OTHER_MAIL = Key(KeyKind.EMAIL, "a@acme.com"), Key(KeyKind.EMAIL, "b@acme.com")
PHONE = Key(KeyKind.PHONE, "+4930111222")
CRM = Key(KeyKind.EXTERNAL, "crm:7")
A_SCHMIDT: FullName = ("Anna", "Schmidt")
P_MEIER: FullName = ("Peter", "Meier")
NAMELESS: FullName = ("", "")
STRICT = Policy(shared_after={KeyKind.EMAIL: 3, KeyKind.PHONE: 3})
TRUSTING = Policy()
ANNAS = Known(
    holders={MAIL: ANNA, PHONE: ANNA},
    strong_of={ANNA: {MAIL}},
    names_of={ANNA: [A_SCHMIDT]},
)


def at(value: Key, name: str) -> Key:
    return contact_key(value, name)


@pytest.mark.parametrize(
    ("name", "same"),
    [
        (("Anna", "Schmidt"), True),
        (("ANNA", "SCHMIDT"), True),
        (("Ana", "Schmidt"), True),
        (("Annna", "Schmitt"), True),
        (("A.", "Schmidt"), True),
        (("Schmidt", "Anna"), True),
        (("Anna", "Meier"), True),  # married
        (("Anna", ""), True),
        (("", "Schmidt"), True),
        (NAMELESS, True),
        (("Peter", "Schmidt"), False),  # her husband
        (("Peter", "Meier"), False),
    ],
)
def test_a_known_address_names_its_person_unless_another_first_name_is_said(
    name: FullName, same: bool
) -> None:
    decided = decide(Sender((MAIL,), name=name), known=ANNAS, policy=STRICT)
    assert decided.person == (ANNA if same else None)
    if not same:
        assert decided.reason is Reason.EMAIL_BUT_OTHER_NAME
        assert (decided.suggestion, decided.uses) == (ANNA, (MAIL,))
        assert [key.kind for key in decided.claim] == [KeyKind.CONTACT]
    trusted = decide(Sender((MAIL,), name=name), known=ANNAS, policy=TRUSTING)
    assert (trusted.person, trusted.reason) == (ANNA, Reason.EMAIL)


@pytest.mark.parametrize(
    ("name", "same"),
    [
        (A_SCHMIDT, True),
        (("Anna", "Schmitt"), True),
        (("", "Schmidt"), True),
        (NAMELESS, True),
        (("Anna", "Meier"), False),  # a colleague
        (("Peter", "Schmidt"), False),
        (P_MEIER, False),
    ],
)
def test_a_phone_alone_names_its_person_unless_the_names_differ(name: FullName, same: bool) -> None:
    decided = decide(Sender((PHONE,), name=name), known=ANNAS, policy=STRICT)
    assert decided.person == (ANNA if same else None)
    if not same:
        assert decided.reason is Reason.PHONE_BUT_OTHER_NAME
        assert (decided.suggestion, decided.uses) == (ANNA, (PHONE,))
    assert decide(Sender((PHONE,), name=name), known=ANNAS, policy=TRUSTING).person == ANNA


LINE = Key(KeyKind.PHONE, "+4930999888")
NANCY = Key(KeyKind.EMAIL, "nancy.moore@acme.com")


@pytest.mark.parametrize(
    ("known_by", "called", "said", "same"),
    [
        # whoever left an address without a name is read from it, and so is who leaves one now
        ({LINE, NANCY}, NAMELESS, Sender((LINE,), name=("James", "Walker")), False),
        ({LINE, NANCY}, NAMELESS, Sender((LINE,), name=("Nancy", "Moore")), True),
        ({LINE}, ("James", "Walker"), Sender((NANCY, LINE)), False),
        ({LINE}, ("Nancy", "Moore"), Sender((NANCY, LINE)), True),
        ({LINE, MAIL}, NAMELESS, Sender((LINE,), name=("James", "Walker")), True),
    ],
)
def test_an_address_spelt_as_anothers_name_speaks_against_a_shared_number(
    known_by: set[Key], called: FullName, said: Sender, same: bool
) -> None:
    known = Known(
        holders=dict.fromkeys(known_by, ANNA),
        strong_of={ANNA: known_by - {LINE}},
        names_of={ANNA: [called]},
    )
    decided = decide(said, known=known, policy=STRICT)
    assert (decided.person, decided.suggestion) == ((ANNA, None) if same else (None, ANNA))


@pytest.mark.parametrize(
    ("mailbox", "claims"), [("info@acme.com", KeyKind.CONTACT), ("test@test.com", KeyKind.PHONE)]
)
def test_a_number_beside_counts_where_the_mailbox_is_made_up(mailbox: str, claims: KeyKind) -> None:
    sender = Sender((LINE,), (Key(KeyKind.EMAIL, mailbox),))
    assert [key.kind for key in decide(sender, known=Known(), policy=STRICT).claim] == [claims]


@pytest.mark.parametrize(
    ("mailbox", "is_one_record"),
    [
        ("info@acme.com", True),
        ("test@acme.com", True),
        ("test@test.com", False),
        ("asdf@asdf.com", False),
        ("noemail@acme.com", False),
    ],
)
def test_strangers_who_make_up_an_address_and_give_no_name_are_not_one(
    mailbox: str, is_one_record: bool
) -> None:
    sender = Sender((), (Key(KeyKind.EMAIL, mailbox),))
    assert again(sender, sender)[0] is is_one_record


def again(first: Sender, second: Sender, *, policy: Policy = STRICT) -> tuple[bool, Identification]:
    """Whether a second touch finds the person of the first, and how."""
    one = decide(first, known=ANNAS, policy=policy)
    person = 9 if one.person is None else one.person
    holders = {**ANNAS.holders, **dict.fromkeys(one.claim, person)}
    strong = {
        **ANNAS.strong_of,
        person: {key for key, holder in holders.items() if holder == person and key != PHONE},
    }
    names = {**ANNAS.names_of, person: ANNAS.names_of.get(person, [first.name])}
    two = decide(second, known=Known(holders, strong, names, ANNAS.shared), policy=policy)
    return two.person == person, two


@pytest.mark.parametrize(
    ("first", "second", "same", "reason"),
    [
        # a name at a desk's mailbox is known there again, in any spelling that is one
        (
            Sender((), (INFO,), P_MEIER),
            Sender((), (INFO,), ("PETER", "Meier")),
            True,
            Reason.CONTACT,
        ),
        (
            Sender((), (INFO,), ("Jörg", "Müller")),
            Sender((), (INFO,), ("Joerg", "Mueller")),
            True,
            Reason.CONTACT,
        ),
        # two names there are two people
        (Sender((), (INFO,), P_MEIER), Sender((), (INFO,), A_SCHMIDT), False, Reason.NEW),
        # without a name the mailbox is one record, which nobody with a name joins
        (Sender((), (INFO,)), Sender((), (INFO,)), True, Reason.CONTACT),
        (Sender((), (INFO,)), Sender((), (INFO,), P_MEIER), False, Reason.NEW),
        (Sender((), (INFO,), P_MEIER), Sender((), (INFO,)), False, Reason.NEW),
        # whoever used another's number is known there by name
        (Sender((PHONE,), (), P_MEIER), Sender((PHONE,), (), P_MEIER), True, Reason.CONTACT),
        (Sender((MAIL,), (), P_MEIER), Sender((MAIL,), (), P_MEIER), True, Reason.CONTACT),
        # a name there is weaker than an address or id of their own
        (
            Sender((OTHER_MAIL, PHONE), (), P_MEIER),
            Sender((OTHER_MAIL,), (), NAMELESS),
            True,
            Reason.EMAIL,
        ),
        (
            Sender((PHONE, CRM), (), P_MEIER),
            Sender((Key(KeyKind.EXTERNAL, "crm:8"), PHONE), (), P_MEIER),
            False,
            Reason.CONTACT_BUT_OTHER_EXTERNAL,
        ),
    ],
)
def test_who_comes_again_by_a_value_of_others(
    first: Sender, second: Sender, same: bool, reason: Reason
) -> None:
    found, decided = again(first, second)
    assert (found, decided.reason) == (same, reason)


def test_a_number_beside_a_desks_mailbox_says_nothing() -> None:
    decided = decide(Sender((PHONE,), (INFO,)), known=ANNAS, policy=STRICT)
    assert (decided.person, decided.claim) == (None, (at(INFO, ""),))
    assert (decided.suggestion, decided.uses) == (None, (INFO,))


def test_a_number_beside_a_desks_mailbox_and_a_name_finds_its_person() -> None:
    decided = decide(Sender((PHONE,), (INFO,), A_SCHMIDT), known=ANNAS, policy=STRICT)
    assert (decided.person, decided.reason) == (ANNA, Reason.PHONE)
    assert decided.claim == (at(INFO, "anna schmidt"),)
    assert decided.uses == (INFO,)


def test_an_id_of_a_system_makes_a_desks_mailbox_a_record_of_its_own() -> None:
    decided = decide(Sender((CRM,), (INFO,)), known=ANNAS, policy=STRICT)
    assert (decided.person, decided.claim, decided.uses) == (None, (CRM,), (INFO,))


def test_a_kit_that_does_not_look_at_names_makes_a_new_person_of_each_post_of_a_desk() -> None:
    silent = Policy(use={**TRUSTING.use, KeyKind.CONTACT: Use.IGNORE})
    for name in (NAMELESS, P_MEIER):
        found, decided = again(Sender((), (INFO,), name), Sender((), (INFO,), name), policy=silent)
        assert (found, decided.reason, decided.claim) == (False, Reason.NO_KEYS, ())


SHARED = Known(
    holders={MAIL: ANNA, PHONE: ANNA, at(PHONE, "anna schmidt"): ANNA},
    strong_of={ANNA: {MAIL, at(PHONE, "anna schmidt")}},
    names_of={ANNA: [A_SCHMIDT]},
    shared={MAIL, PHONE},
)


@pytest.mark.parametrize(
    ("sender", "person", "claim"),
    [
        (Sender((PHONE,)), None, [at(PHONE, "")]),
        (Sender((PHONE,), (), A_SCHMIDT), ANNA, []),
        (Sender((PHONE,), (), P_MEIER), None, [at(PHONE, "meier peter")]),
        (Sender((MAIL,)), None, [at(MAIL, "")]),
        (Sender((MAIL, PHONE)), None, [at(MAIL, "")]),
        (Sender((OTHER_MAIL, PHONE)), None, [OTHER_MAIL]),
        (Sender((OTHER_MAIL, PHONE), (), P_MEIER), None, [OTHER_MAIL, at(PHONE, "meier peter")]),
    ],
)
def test_a_shared_value_names_nobody_but_the_names_known_there(
    sender: Sender, person: int | None, claim: list[Key]
) -> None:
    decided = decide(sender, known=SHARED, policy=STRICT)
    assert (decided.person, list(decided.claim)) == (person, claim)
    assert decided.suggestion is None


def test_people_found_to_be_one_are_called_by_any_of_their_names() -> None:
    both = Known({MAIL: ANNA}, {ANNA: {MAIL, OTHER_MAIL}}, {ANNA: [A_SCHMIDT, P_MEIER]})
    assert decide(Sender((MAIL,), (), P_MEIER), known=both, policy=STRICT).person == ANNA


def namesake(person: int, name: FullName, *keys: Key) -> Namesake:
    return Namesake(person, person, name, frozenset(keys))


@pytest.mark.parametrize(
    ("sender", "people", "use", "found"),
    [
        (Sender(name=A_SCHMIDT), [(ANNA, A_SCHMIDT)], Use.SUGGEST, (ANNA, False)),
        (Sender(name=A_SCHMIDT), [(ANNA, A_SCHMIDT)], Use.MERGE, (ANNA, True)),
        (Sender(name=A_SCHMIDT), [(ANNA, A_SCHMIDT)], Use.IGNORE, None),
        (Sender(name=("Anna", "Schmitt")), [(ANNA, A_SCHMIDT)], Use.MERGE, (ANNA, False)),
        (Sender(name=("A.", "Schmidt")), [(ANNA, A_SCHMIDT)], Use.SUGGEST, (ANNA, False)),
        (Sender(name=P_MEIER), [(ANNA, A_SCHMIDT)], Use.SUGGEST, None),
        # half a name is nobody's
        (Sender(name=("Anna", "")), [(ANNA, A_SCHMIDT)], Use.MERGE, None),
        (Sender(name=A_SCHMIDT), [(ANNA, ("", "Schmidt"))], Use.MERGE, None),
        # two who are called so: people decide
        (
            Sender(name=A_SCHMIDT),
            [(ANNA, A_SCHMIDT), (PETER, A_SCHMIDT)],
            Use.MERGE,
            (ANNA, False),
        ),
        # the same name before one that is alike
        (
            Sender(name=A_SCHMIDT),
            [(PETER, ("Anna", "Schmitt")), (ANNA, A_SCHMIDT)],
            Use.MERGE,
            (ANNA, True),
        ),
        # another address of one's own speaks against it
        (Sender((OTHER_MAIL,), (), A_SCHMIDT), [(ANNA, A_SCHMIDT)], Use.MERGE, (ANNA, False)),
        (Sender((CRM, PHONE), (), A_SCHMIDT), [(ANNA, A_SCHMIDT)], Use.MERGE, (ANNA, True)),
    ],
)
def test_a_namesake_at_the_company_is_suggested_or_joined(
    sender: Sender, people: list[tuple[int, FullName]], use: Use, found: tuple[int, bool] | None
) -> None:
    there = [namesake(person, name, MAIL) for person, name in people]
    decided = namesakes.decide(sender, there, use=use)
    assert (decided and (decided.namesake.person, decided.joins)) == found


NAMES = st.sampled_from([NAMELESS, A_SCHMIDT, P_MEIER, ("Anna", "Meier"), ("A.", "Schmidt")])
SENDERS = st.builds(
    lambda mail, phone, crm, name: Sender(
        tuple(key for key in (mail, phone, crm) if key and key != INFO),
        (INFO,) if mail == INFO else (),
        name,
    ),
    st.sampled_from([None, MAIL, OTHER_MAIL, INFO]),
    st.sampled_from([None, PHONE]),
    st.sampled_from([None, CRM]),
    NAMES,
)


@settings(max_examples=300, deadline=None)
@given(st.lists(SENDERS, max_size=8), SENDERS, st.sampled_from([STRICT, TRUSTING]))
def test_who_says_the_same_again_is_the_same_and_takes_nothing_from_anybody(
    before: list[Sender], sender: Sender, policy: Policy
) -> None:
    holders: dict[Key, int] = {}
    names: dict[int, list[FullName]] = {}

    def known() -> Known:
        strong = {
            person: {key for key, one in holders.items() if one == person and key != PHONE}
            for person in holders.values()
        }
        return Known(holders, strong, names)

    def receive(one: Sender, number: int) -> int:
        decided = decide(one, known=known(), policy=policy)
        person = number if decided.person is None else decided.person
        assert not set(decided.claim) & set(holders)
        assert all(holders.get(value) != person for value in decided.uses)
        holders.update(dict.fromkeys(decided.claim, person))
        if any(one.name) and not any(map(any, names.get(person, []))):
            names.setdefault(person, []).append(one.name)
        return person

    for number, one in enumerate(before):
        receive(one, number)
    first = receive(sender, 100)
    assert receive(sender, 101) == first or not (sender.keys or sender.contact_points)
    assert recognition.contact_key(INFO, "") not in holders or not any(
        map(any, names.get(holders[contact_key(INFO, "")], []))
    )
