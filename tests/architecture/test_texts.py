"""Texts of templates go through gettext: no letters stand bare, in text or where people hear them.

A template is read as its lexer and a browser would: what is between tags of HTML is text, and so
are some attributes. What stands within a translating tag is marked; anything else is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture import source

TEMPLATES = source.ROOT / "templates"
HEARD = ("alt", "aria-description", "aria-label", "aria-roledescription", "data-label", "label",
         "placeholder", "title")  # fmt: skip
"""Attributes whose text people see or hear."""
AS_IT_IS = {
    "LeadGov": "the product’s name",
    "v": "before the number of a version",
}
"""Letters which are the same in every language."""
MARKED = re.compile(r"{%\s*blocktranslate\b.*?{%\s*endblocktranslate\s*%}", re.DOTALL)
NO_TEXT = re.compile(
    r"{#.*?#}|{%\s*comment.*?endcomment\s*%}|<!--.*?-->"
    r"|{%\s*block (?:page_class|body_attributes)\s*%}.*?{%\s*endblock\s*%}"
    r"|<(kbd|script|style|svg)\b(?:[^<>{]|{[{%].*?[}%]})*>.*?</\1>",
    re.DOTALL,
)
"""Remarks, attributes kept in a block, keys of the keyboard, drawings."""
LETTERS = re.compile(r"[^\W\d_]")


def _masked(text: str) -> str:
    """Without what the template's language says; a value is a space of its own kind."""
    text = NO_TEXT.sub("", MARKED.sub("\x00", text))
    return re.sub(r"{%.*?%}|{{.*?}}", "\x00", text, flags=re.DOTALL)


def bare(text: str) -> Iterator[str]:
    """Every text of a template that no tag translates."""
    masked = _masked(text)
    for tag in re.findall(r"<[a-zA-Z][^<>]*>", masked):
        for name, value in re.findall(r'([\w-]+)="([^"]*)"', tag):
            if name in HEARD:
                yield from _letters(value)
    for piece in re.split(r"<[^<>]*>", masked):
        yield from _letters(piece)
    for told in re.findall(r"""\|default(?:_if_none)?:("[^"]*")""", MARKED.sub("", text)):
        yield from _letters(told)


def _letters(text: str) -> Iterator[str]:
    for piece in text.split("\x00"):
        said = re.sub(r"&#?\w+;|[\s·–,]+", " ", piece).strip()
        if LETTERS.search(said) and said not in AS_IT_IS:
            yield said


def _files() -> list[Path]:
    return sorted(path for path in TEMPLATES.rglob("*.*") if path.suffix in {".html", ".txt"})


def test_every_text_of_every_template_is_translated() -> None:
    files = _files()
    assert len(files) > 200
    found = {source.name(path): list(bare(path.read_text())) for path in files}
    assert {name: texts for name, texts in found.items() if texts} == {}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("<p>Bare</p>", ["Bare"]),
        ('<p>{% translate "Marked" %}</p>', []),
        ("<p>{% blocktranslate %}{{ n }} leads{% endblocktranslate %}</p>", []),
        ("<p>{{ n }} leads</p>", ["leads"]),
        ('<a href="/x" title="Heard">{{ name }}</a>', ["Heard"]),
        ('<a title="{% translate \'Heard\' %}">{{ name|default:_("None") }}</a>', []),
        ('<b>{{ name|default:"None" }}</b>', ['"None"']),
        ("<kbd>Ctrl K</kbd>{# a remark #} – v{{ number }}", []),
        ("{% if a %}<td>One{% else %}Two{% endif %}</td>", ["One", "Two"]),
    ],
)
def test_bare_text_is_found(text: str, found: list[str]) -> None:
    assert list(bare(text)) == found
