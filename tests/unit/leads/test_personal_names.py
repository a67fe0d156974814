"""Whose name a name is: spellings of one, and two that only look alike."""

from __future__ import annotations

import pytest

from leads import personal_names

Name = tuple[str, str]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Yulia", "Volkova"), ("Юлия", "Волкова")),
        (("Dmitry", "Kuznetsov"), ("Дмитрий", "Кузнецов")),
        (("Giorgos", "Papadopoulos"), ("Γιώργος", "Παπαδόπουλος")),
        (("Łukasz", "Wójcik"), ("Lukasz", "Wojcik")),
        (("Søren", "Næss"), ("Soeren", "Naess")),
        (("Philipp", "Meyer"), ("Filip", "Meier")),
        (("Muhammad", "Ali"), ("Mohamed", "Ali")),
        (("Małgorzata", "Nowak"), ("Gosia", "Nowak")),
        (("Hans-Jürgen", "Wolf"), ("Hajo", "Wolf")),
        (("Jessica", "Hall"), ("Jessic", "Hall")),
        (("Anna", "Weber"), ("", "Weber, Anna")),
        (("Anna", "Weber"), ("Dr. Anna", "Weber, MBA")),
        (("Kaufmann", "Petra"), ("P.", "Kaufmann")),
        (("Robert", "Miller"), ("Robert", "Miller Sr.")),
    ],
)
def test_other_spellings_of_a_name_are_that_name(one: Name, other: Name) -> None:
    for ours, theirs in ((one, other), (other, one)):
        assert not personal_names.differ(ours, theirs)
        assert not personal_names.first_names_differ(ours, theirs)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Maria", "Mario"),
        ("Daniel", "Daniela"),
        ("Gabriel", "Gabrielle"),
        ("Fiorello", "Fiorella"),
        ("Anna", "Hanna"),
        ("Brian", "Ryan"),
        ("Manpreet", "Harpreet"),
        ("Tim", "Tom"),
        ("Rob", "Roy"),
        ("Hans-Peter", "Hans-Jürgen"),
        ("Dr. Anna", "Dr. Peter"),
        ("伟", "伟明"),
    ],
)
def test_two_names_that_people_bear_are_two_people_however_alike(one: str, other: str) -> None:
    for ours, theirs in (((one, "Rossi"), (other, "Rossi")), ((other, "Rossi"), (one, "Rossi"))):
        assert personal_names.differ(ours, theirs)
        assert personal_names.first_names_differ(ours, theirs)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Sean", "Lee"), ("Dean", "Lee")),
        (("Haruto", "Sato"), ("Haruko", "Sato")),
        (("Ayşe", "Demir"), ("Ayşen", "Demir")),
        (("An", "Tran"), ("Anh", "Tran")),
        (("San", "Li"), ("Shan", "Li")),
        (("Peter", "Kern"), ("Peter", "Korn")),
        (("Peter", "Maas"), ("Peter", "Haas")),
        (("Peter", "Schmitt"), ("Peter", "Schmitz")),
        (("Cem", "Demir"), ("Cem", "Demirel")),
        (("Van An", "Nguyen"), ("Van Anh", "Nguyen")),
        (("Singh", "Gurpreet"), ("Singh", "Harpreet")),
        (("Anna", "Hansen"), ("Anna", "Jansen")),
    ],
)
def test_colleagues_at_one_number_are_told_apart_by_a_letter_of_a_short_name(
    one: Name, other: Name
) -> None:
    for ours, theirs in ((one, other), (other, one)):
        assert personal_names.differ(ours, theirs)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Jonathan", "Jonahtan"), ("Thomas", "Tomas"), ("Schneider", "Schnieder"), ("Eric", "Erik"),
        ("Schmidt", "Schmitt"), ("Jon", "John"), ("Ana", "Anna"), ("Katharina", "Katarina"),
        ("Lindqvist", "Lindquist"),
    ],
)  # fmt: skip
def test_a_slip_in_a_long_name_and_another_spelling_stay_one(one: str, other: str) -> None:
    for ours, theirs in ((one, other), (other, one)):
        assert not personal_names.differ((ours, "Lee"), (theirs, "Lee"))
        assert not personal_names.differ(("Robin", ours), ("Robin", theirs))


@pytest.mark.parametrize(
    ("one", "other", "by_number", "by_mailbox"),
    [
        ("Miller Sr.", "Miller Jr.", True, True),
        ("Miller II", "Miller, III", True, True),
        ("Miller", "Miller Jr.", True, False),  # they may leave it out where they write themselves
        ("Miller III", "Miller iii", False, False),
        ("Sen", "Sen", False, False),
    ],
)
def test_father_and_son_of_one_name_are_two_where_they_say_so(
    one: str, other: str, by_number: bool, by_mailbox: bool
) -> None:
    assert personal_names.differ(("Robert", one), ("Robert", other)) is by_number
    assert personal_names.first_names_differ(("Robert", one), ("Robert", other)) is by_mailbox


def test_names_in_scripts_that_cannot_be_compared_are_one_at_a_mailbox_only() -> None:
    assert not personal_names.first_names_differ(("伟", "王"), ("Wei", "Wang"))
    assert personal_names.differ(("伟", "王"), ("Wei", "Wang"))


@pytest.mark.parametrize(
    ("mailbox", "name", "of_another"),
    [
        ("nancy.moore", ("Tyler", "Roberts"), True),
        ("joshua.walker", ("James", "Walker"), True),
        ("jmiller392", ("Karen", "Miller"), True),
        ("nancy", ("James", "Hall"), True),
        ("jmiller", ("Joe", "Miller"), False),
        ("liz.smith", ("Elizabeth", "Smith"), False),
        ("webera", ("Anna", "Weber"), False),
        ("mueller", ("Anna", "Müller"), False),
        ("julija", ("Юлия", "Волкова"), False),
        ("kd82", ("Anna", "Weber"), False),
        ("nancy.moore", ("", ""), False),
    ],
)
def test_a_mailbox_may_be_spelt_as_anothers_name(
    mailbox: str, name: Name, of_another: bool
) -> None:
    assert personal_names.is_of_another(mailbox, name) is of_another


@pytest.mark.parametrize(
    ("first", "last", "nobodys"),
    [
        ("n/a", "n/a", True),
        ("Unknown", "", True),
        ("asdf", "asdf", True),
        ("Test", "User", True),
        ("-", ".", True),
        ("aaa", "bbb", True),
        ("Na", "Li", False),
        ("Anna", "Test", False),
        ("Bob", "", False),
    ],
)
def test_who_says_no_name_has_none(first: str, last: str, nobodys: bool) -> None:
    assert personal_names.is_nobodys(first, last) is nobodys
