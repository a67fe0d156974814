"""Stories of people who are easily taken for one another, or for nobody: see `_labelled`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bench._labelled import Town

NEAR = (
    ("Daniel", "Daniela"), ("Mario", "Maria"), ("Andreas", "Andrea"), ("Anna", "Hanna"),
    ("Tim", "Tom"), ("Brian", "Ryan"), ("Manpreet", "Harpreet"), ("Linh", "Minh"),
    ("Jean-Pierre", "Jean-Paul"), ("Rob", "Roy"), ("Laura", "Lara"), ("Christian", "Christina"),
)  # fmt: skip
SCRIPTS = (
    (("Иван", "Иванов"), ("Ivan", "Ivanov")), (("Юлия", "Волкова"), ("Yulia", "Volkova")),
    (("Γιώργος", "Παπαδόπουλος"), ("Giorgos", "Papadopoulos")), (("伟", "王"), ("Wei", "Wang")),
    (("Małgorzata", "Nowak"), ("Gosia", "Nowak")), (("Michał", "Wójcik"), ("Michal", "Wojcik")),
)  # fmt: skip
NOBODY = (("n/a", "n/a"), ("Unknown", ""), ("asdf", "asdf"), ("", ""))
MADE_UP = ("test@test.com", "asdf@asdf.com", "noemail@noemail.com", "test123@gmail.com")


def near_names(made: Town) -> None:
    """Two of one family and one number, whose first names differ by a letter or an ending."""
    domain, line, last = made.firm(), made.number(), made.draw.choice(("Rossi", "Keller", "Singh"))
    for first in made.draw.choice(NEAR):
        who = f"p{made.number()}"
        email = f"{first.lower()}.{last.lower()}@{domain}"
        _say(made, "near names", who, first, last, email=email, phone=line)
        _say(made, "near names", who, first, last, phone=line)


def juniors(made: Town) -> None:
    """Father and son of one name at one number; the younger says so."""
    domain, line = made.firm(), made.number()
    for suffix, box in (("", "rmiller"), (made.draw.choice((" Jr.", ", III", " jun.")), "robert")):
        who = f"p{made.number()}"
        email = f"{box}{made.count}@{domain}"
        _say(made, "juniors", who, "Robert", f"Miller{suffix}", email=email, phone=line)
        _say(made, "juniors", who, "Robert", f"Miller{suffix}", email=email)
        if suffix:
            _say(made, "juniors", who, "Robert", f"Miller{suffix}", phone=line)


def a_mailbox_handed_on(made: Town) -> None:
    """t.brown@ was Tim's and is Tom's now."""
    email, pair = f"t.brown{made.count}@{made.firm()}", made.draw.choice(NEAR)
    for first in pair:
        who = f"p{made.number()}"
        for _ in range(2):
            _say(made, "handed on", who, first, "Brown", email=email)


def two_scripts(made: Town) -> None:
    """One person who writes the name in two ways."""
    spelt, line = made.draw.choice(SCRIPTS), made.number()
    who, email = f"p{made.number()}", f"x{made.count}@{made.firm()}"
    for first, last in (*spelt, *spelt):
        _say(made, "two scripts", who, first, last, email=email, phone=line)


def an_assistant(made: Town) -> None:
    """Somebody who registers two others with the address and number of their own."""
    domain, line = made.firm(), made.number()
    email = f"clara.bell@{domain}"
    for first, last in (("Clara", "Bell"), ("Otto", "Stern"), ("Nadia", "Lorenz")):
        who = f"p{made.number()}"
        _say(made, "assistant", who, first, last, email=email, phone=line)
        _say(made, "assistant", who, first, last, email=email)


def nameless_first(made: Town) -> None:
    """An address and the switchboard without a name; then a colleague calls by that number."""
    domain, line = made.firm(), made.number()
    one, other = f"p{made.number()}", f"p{made.number()}"
    email = f"nancy.moore@{domain}"
    _say(made, "nameless", one, "", "", email=email, phone=line)
    _say(made, "nameless", one, "Nancy", "Moore", email=email)
    for _ in range(2):
        _say(made, "nameless", other, "James", "Walker", phone=line)


def made_up(made: Town) -> None:
    """Strangers who give an address that is nobody's, and one who adds a number of their own."""
    email = made.draw.choice(MADE_UP)
    for _ in range(2):
        human = made.human(made.firm())
        _say(made, "made up", human.label, human.first + "x", human.last, email=email,
             phone=human.phone)  # fmt: skip
        first, last = made.draw.choice(NOBODY)
        _say(made, "made up", human.label, first, last, email=email, phone=human.phone)


def _say(made: Town, story: str, who: str, first: str, last: str, **known: str) -> None:
    body: dict[str, Any] = {
        "channel": "FORM",
        "person": {"first_name": first, "last_name": last, "country": "DE"},
        "company": {},
    }
    if "phone" in known:
        known["phone"] = f"+49{known['phone']}"
    body["person"] |= known
    made.tell(story, who, body)


STORIES = (
    near_names, juniors, a_mailbox_handed_on, two_scripts, an_assistant, nameless_first, made_up,
)  # fmt: skip
