"""Made-up touches of buyers of whom the truth is known: who sent each of them."""

from __future__ import annotations

import itertools
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any

from bench import _lookalikes

_FIRST = (
    "Anna Peter Olga Miguel Chloe Ahmed Ingrid Tomasz Yuki Priya Robert Elizabeth William Katarina "
    "Giulia Mehmet Sofia Lukas Marta Jonas Charlotte Daniel Fatima Henrik Isabel Jakub Laura "
    "Nikolai Paula Renate Samuel Teresa Ulrich Victoria Wolfgang Xenia Zoe Bruno Carmen Dmitri"
)
_LAST = (
    "Schmidt Meier Winter García Dubois Hassan Lindqvist Kowalski Tanaka Sharma Johnson Müller "
    "Rossi Yilmaz Novak Andersen O'Brien Fernandez Petrov Jansen Schulz Weber Fischer Moreau "
    "Silva Costa Keller Baumann Hofmann Lange Krause Brandt Sommer Virtanen Horvat Nagy Popescu "
    "Marchetti Eriksen Zimmermann Vogel Huber Steiner Larsen"
)
FIRST, LAST = _FIRST.split(), _LAST.split()
SHORT = {"Robert": "Bob", "Elizabeth": "Liz", "William": "Bill", "Daniel": "Dan", "Samuel": "Sam"}


@dataclass(frozen=True, slots=True)
class Labelled:
    """A touch's body, who sent it, and what sort of story it belongs to."""

    body: dict[str, Any]
    sender: str
    story: str


@dataclass(slots=True)
class Human:
    """Somebody with what they may say of themselves."""

    label: str
    first: str
    last: str
    email: str
    phone: str
    domain: str

    def says(self, draw: random.Random, *, email: bool = True, phone: bool = True,
             name: bool = True) -> dict[str, Any]:  # fmt: skip
        """A touch in one of this person's spellings."""
        person: dict[str, Any] = {"country": "DE"}
        if name:
            person["first_name"], person["last_name"] = spelt(self.first, self.last, draw)
        if email:
            person["email"] = mailed(self.email, draw)
        if phone:
            person["phone"] = dialled(self.phone, draw)
        return {
            "channel": draw.choice(["FORM", "EVENT", "CHAT"]),
            "person": person,
            "company": {"domain": self.domain},
        }


@dataclass(slots=True)
class Town:
    """Everybody, and numbers and firms that are given out once."""

    draw: random.Random
    count: int = 0
    touches: list[Labelled] = field(default_factory=list)

    def firm(self) -> str:
        """A company's domain."""
        self.count += 1
        return f"firma{self.count}.de"

    def number(self) -> str:
        """A number of Berlin, without its country."""
        self.count += 1
        return f"30{55000000 + self.count * 37}"

    def human(self, domain: str, **known: str) -> Human:
        """Somebody at a company, with an address of their own unless one is given."""
        self.count += 1
        first, last = self.draw.choice(FIRST), self.draw.choice(LAST)
        local = plain(f"{known.get('first', first)}.{known.get('last', last)}{self.count}")
        made = {"first": first, "last": last, "email": f"{local}@{domain}", "phone": self.number()}
        return Human(f"p{self.count}", domain=domain, **(made | known))

    def tell(self, story: str, who: str, body: dict[str, Any]) -> None:
        """One touch more."""
        self.touches.append(Labelled(body, who, story))


def town(*, stories: int, seed: int) -> list[Labelled]:
    """Touches of so many stories of each kind, in any order."""
    draw = random.Random(seed)
    made = Town(draw)
    for _ in range(stories):
        for tell in STORIES:
            tell(made)
    draw.shuffle(made.touches)
    return made.touches


def one_buyer(made: Town) -> None:
    """One person by several channels, saying more or less."""
    human = made.human(made.firm())
    for number in range(made.draw.randint(2, 5)):
        chance = made.draw.random()
        said = {"email": chance < 0.85, "phone": chance > 0.4, "name": made.draw.random() < 0.9}
        said |= {"email": True, "phone": True} if number == 0 else {}
        made.tell("one buyer", human.label, human.says(made.draw, **said))


def colleagues(made: Town) -> None:
    """Four at one switchboard; who only calls says the name."""
    domain, line = made.firm(), made.number()
    for first in made.draw.sample(FIRST, 4):
        human = made.human(domain, phone=line, first=first)
        for _ in range(2):
            made.tell("colleagues", human.label, human.says(made.draw))
        made.tell("colleagues", human.label, human.says(made.draw, email=False))


def a_couple(made: Town) -> None:
    """Two of one last name by one mailbox."""
    domain, last = made.firm(), made.draw.choice(LAST)
    mailbox = f"{plain(last)}{made.count}@{domain}"
    for first in made.draw.sample(FIRST, 2):
        human = made.human(domain, email=mailbox, first=first, last=last)
        for _ in range(2):
            made.tell("couple", human.label, human.says(made.draw))


def namesakes(made: Town) -> None:
    """One name at two companies, and twice at one."""
    first, last = made.draw.choice(FIRST), made.draw.choice(LAST)
    domain = made.firm()
    for firm in (domain, domain, made.firm()):
        human = made.human(firm, first=first, last=last)
        for _ in range(2):
            made.tell("namesakes", human.label, human.says(made.draw))


def a_desk(made: Town) -> None:
    """A desk's mailbox: without a name, and three who say theirs."""
    domain = made.firm()
    mailbox = f"{made.draw.choice(['info', 'Sales', 'kontakt', 'office'])}@{domain}"
    for _ in range(2):
        body = {"channel": "FORM", "person": {"email": mailbox}, "company": {"domain": domain}}
        made.tell("desk", f"desk {domain}", body)
    for first in made.draw.sample(FIRST, 3):
        human = made.human(domain, email=mailbox, first=first)
        for _ in range(2):
            made.tell("desk", human.label, human.says(made.draw, phone=False))


def a_team(made: Town) -> None:
    """A mailbox that a whole team reads, whose name does not show it."""
    domain = made.firm()
    for first in made.draw.sample(FIRST, 4):
        human = made.human(domain, email=f"crew@{domain}", first=first)
        for _ in range(2):
            made.tell("team", human.label, human.says(made.draw, phone=False))


def two_addresses(made: Town) -> None:
    """One person by a second address: only people may join these."""
    human = made.human(made.firm())
    for email in (human.email, f"{plain(human.last)}{made.count}@web.de"):
        human.email = email
        for _ in range(2):
            made.tell("two addresses", human.label, human.says(made.draw))


STORIES: tuple[Callable[[Town], None], ...] = (
    one_buyer, one_buyer, one_buyer, colleagues, a_couple, namesakes, a_desk, a_team,
    two_addresses, *_lookalikes.STORIES,
)  # fmt: skip


def spelt(first: str, last: str, draw: random.Random) -> tuple[str, str]:
    """A name as people type it."""
    chance = draw.random()
    if chance < 0.5:
        return first, last
    ways: list[Callable[[], tuple[str, str]]] = [
        lambda: (first.upper(), last.upper()),
        lambda: (first.lower(), last.lower()),
        lambda: (f"{first[0]}.", last),
        lambda: (SHORT.get(first, first), last),
        lambda: (first, slipped(last, draw)),
        lambda: (last, first),
        lambda: (first, plain(last).title()),
    ]
    return draw.choice(ways)()


def slipped(word: str, draw: random.Random) -> str:
    """A word with one letter twice, or two in the wrong order."""
    at = draw.randrange(1, len(word) - 1)
    if draw.random() < 0.5:
        return word[:at] + word[at] + word[at:]
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def mailed(email: str, draw: random.Random) -> str:
    """An address as people type it."""
    local, _, domain = email.partition("@")
    return draw.choice(
        [email, email, email.upper(), f" {email} ", f"{local}+news@{domain}", f"mailto:{email}",
         f"Somebody <{email}>"]
    )  # fmt: skip


def dialled(number: str, draw: random.Random) -> str:
    """A number as people type it."""
    return draw.choice(
        [f"+49{number}", f"0049 {number}", f"0{number}", f"+49 (0){number[:2]} {number[2:]}"]
    )


def plain(text: str) -> str:
    """Small letters of ASCII."""
    pairs = {"ü": "ue", "ö": "oe", "ä": "ae", "í": "i", "'": ""}
    return "".join(pairs.get(letter, letter) for letter in text.lower())


def judge(
    touches: Sequence[Labelled],
    people: Mapping[int, int],
    suggested: AbstractSet[tuple[int, int]],
) -> dict[str, Counter[str]]:
    """By story: pairs of touches of one sender (`true`), of one person row (`attached`), both
    (`right`), and true ones that were suggested. `people` maps places in the list to rows.
    """
    by_sender, by_person = defaultdict(list), defaultdict(list)
    for place, one in enumerate(touches):
        by_sender[one.sender].append(place)
        by_person[people[place]].append(place)
    true = {pair for group in by_sender.values() for pair in itertools.combinations(group, 2)}
    attached = {pair for group in by_person.values() for pair in itertools.combinations(group, 2)}
    seen: dict[str, Counter[str]] = defaultdict(Counter)
    for one, other in true | attached:
        rows = sorted((people[one], people[other]))
        for story in (touches[one].story, "all"):
            seen[story]["true"] += (one, other) in true
            seen[story]["attached"] += (one, other) in attached
            seen[story]["right"] += (one, other) in true and (one, other) in attached
            seen[story]["suggested"] += (one, other) in true and (rows[0], rows[1]) in suggested
    return seen
