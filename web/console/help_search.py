"""Finding a part of the guide: by title, by heading, then by what it says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse

from web.console import help_docs

MOST = 40
AROUND = 80
"""Letters shown before and behind a word that was found in the text."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One part of the guide. `heading` is empty for the page itself, `line` where a name fits."""

    title: str
    heading: str
    line: str
    url: str


def find(asked: str) -> tuple[Hit, ...]:
    """The parts in which all these words are, titles first; none for no word."""
    words = asked.casefold().split()
    if not words:
        return ()
    ranked = sorted(_all(words), key=lambda pair: pair[0])
    return tuple(hit for _, hit in ranked[:MOST])


def _all(words: list[str]) -> Iterator[tuple[int, Hit]]:
    for name in help_docs.names():
        page = help_docs.page(name)
        if page is None:
            continue
        url = reverse("console:help-page", args=[name])
        if _fits(words, page.title):
            yield 0, Hit(page.title, "", "", url)
        for heading in page.headings:
            where = f"{url}#{heading.anchor}"
            if _fits(words, heading.text):
                yield 1, Hit(page.title, heading.text, "", where)
        labels = {"": "", **{one.anchor: one.text for one in page.headings}}
        for anchor, text in page.text.items():
            if _fits(words, text) and not _fits(words, labels[anchor] or page.title):
                where = f"{url}#{anchor}" if anchor else url
                yield 2, Hit(page.title, labels[anchor], _around(text, words[0]), where)


def _fits(words: list[str], text: str) -> bool:
    folded = text.casefold()
    return all(word in folded for word in words)


def _around(text: str, word: str) -> str:
    place = max(text.casefold().find(word), 0)
    first, last = max(place - AROUND, 0), place + len(word) + AROUND
    return f"{'…' if first else ''}{text[first:last].strip()}{'…' if last < len(text) else ''}"
