"""Pages in a made-up language, where each translated text stands in brackets: nothing else does.

What heads, names and labels on the pages that SDRs, managers and RevOps work on is translated, and
sentences still have their values.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client
from django.utils import translation
from django.utils.safestring import SafeData, mark_safe

from core import texts
from tests import factories
from tests.integration.web.test_pages_are_light import objects  # noqa: F401
from tests.integration.web.test_permission_matrix import filled

pytestmark = pytest.mark.django_db

PAGES = (
    "home", "inbox", "leads", "lead", "team", "board", "accounts", "opportunities", "decisions",
    "queues", "time", "notices", "reports",
)  # fmt: skip
SPOKEN = frozenset(("button", "caption", "dt", "h1", "h2", "h3", "label", "legend", "th"))
HEARD = ("aria-label", "placeholder")
DATA = frozenset(("bdi", "code", "kbd", "option", "svg", "time"))
"""Elements that hold what people or the kit named, not what the product says."""
NAMED = frozenset(("section",))
"""Elements that are heard by the name of whom they are about."""
NO_END = frozenset(("br", "hr", "img", "input", "link", "meta", "path", "use", "wbr"))
LETTERS = re.compile(r"[^\W\d_]{2,}")


@pytest.fixture
def other_language(monkeypatch: pytest.MonkeyPatch) -> None:
    def told(text: str) -> str:
        said = f"⟦{text}⟧"
        return mark_safe(said) if isinstance(text, SafeData) else said

    monkeypatch.setattr(translation._trans, "gettext", told, raising=False)
    monkeypatch.setattr(
        translation._trans, "ngettext", lambda one, many, n: told(one if n == 1 else many),
        raising=False,
    )  # fmt: skip


class _Said(HTMLParser):
    """Texts that head, name or label, and whose brackets are missing."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.bare: list[str] = []
        self.depth = 0
        self.marked = 0

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        for name, value in attributes:
            self.marked += "⟦" in (value or "")
            named = tag not in NAMED and value != "LeadGov"
            if name in HEARD and named and LETTERS.search(value or "") and "⟦" not in (value or ""):
                self.bare.append(f"{tag} {name}={value}")
        if tag not in NO_END:
            initials = "avatar" in (dict(attributes).get("class") or "")
            self.open.append("bdi" if initials else tag)

    def handle_endtag(self, tag: str) -> None:
        while self.open:
            if self.open.pop() in (tag, "bdi" if tag == "span" else tag):
                break

    def handle_data(self, data: str) -> None:
        self.marked += "⟦" in data
        outside = ""
        for letter in data:
            self.depth += (letter == "⟦") - (letter == "⟧")
            outside += letter if not self.depth else ""
        named = SPOKEN.intersection(self.open) and not DATA.intersection(self.open)
        if named and LETTERS.search(outside):
            self.bare.append(f"{self.open[-1]}: {outside.strip('⟧ ')}")


def said(client: Client, address: str) -> _Said:
    answer = client.get(address)
    assert answer.status_code == 200, address
    page = _Said()
    page.feed(answer.content.decode())
    return page


@pytest.mark.parametrize("who", ["rep", "manager", "revops"])
def test_what_heads_and_labels_a_page_is_translated(
    objects: dict[str, Any],  # noqa: F811
    other_language: None,
    who: str,
) -> None:
    company, client = factories.standing(), Client()
    client.force_login(company.reps[0] if who == "rep" else getattr(company, who))
    pages = {name: filled(name, objects) for name in PAGES}
    read = {
        name: said(client, address)
        for name, address in pages.items()
        if client.get(address).status_code == 200
    }
    assert len(read) >= 10
    assert all(page.marked > 20 for page in read.values())
    assert {name: page.bare for name, page in read.items() if page.bare} == {}


def test_a_text_said_early_is_translated_late_and_takes_its_values(other_language: None) -> None:
    early = texts.lazy("Reject {}")
    assert f"{early}" == str(early) == "⟦Reject {}⟧"
    assert early.format("Mara") == "⟦Reject Mara⟧"
    assert early == "Reject {}"  # what compares or stores it gets the product's own
    assert texts.plural(1, "lead") == "⟦1 lead⟧"
    assert texts.plural(2_000, "company", "companies") == "⟦2,000 companies⟧"
