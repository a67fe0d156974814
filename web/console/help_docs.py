"""The guide as pages: Markdown of `docs/` rendered to HTML that needs nothing from elsewhere.

Raw HTML in the text is shown as text. Links among the pages lead to the pages here; what a page
says of the source stays as words, without a link.
"""

from __future__ import annotations

import functools
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString
from markdown_it import MarkdownIt
from markdown_it.token import Token

FOLDERS = ("", "howto")
"""Where pages lie, below `docs/`; their names are one another's nowhere."""
IMAGES = "images/"


@dataclass(frozen=True, slots=True)
class Heading:
    """One heading below the title; `anchor` is as elsewhere on the web: `the-team`."""

    level: int
    text: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the guide. `text` is what it says, by heading; the title has the empty anchor."""

    name: str
    title: str
    html: SafeString
    headings: tuple[Heading, ...]
    text: Mapping[str, str]


def names() -> tuple[str, ...]:
    """The names of all pages."""
    return tuple(sorted(_files()))


def page(name: str) -> Page | None:
    """One page; None where there is none of this name."""
    path = _files().get(name)
    return _read(name, path.stat().st_mtime_ns) if path is not None else None


def anchor_of(text: str) -> str:
    """The anchor of a heading."""
    return re.sub(r"[^\w\- ]", "", text.strip().lower()).replace(" ", "-")


def target(link: str, *, of: str) -> tuple[str, str] | None:
    """The name and anchor that a link on the page `of` means; None for what is no page here."""
    path, _, anchor = link.partition("#")
    if not path:
        return of, anchor
    file = posixpath.normpath(posixpath.join(_folder(of), path))
    name = posixpath.basename(file).removesuffix(".md")
    is_page = file.endswith(".md") and posixpath.dirname(file) in FOLDERS
    return (name, anchor) if is_page and name in _files() else None


def links(name: str) -> Iterator[str]:
    """All links and pictures of a page as they are written, for who checks them."""
    for token in _parse(_files()[name].read_text()):
        for child in token.children or ():
            found = child.attrGet("href") or child.attrGet("src")
            if found:
                yield str(found)


@functools.cache
def _files() -> dict[str, Path]:
    root = Path(settings.DOCS_DIR)
    return {path.stem: path for folder in FOLDERS for path in (root / folder).glob("*.md")}


def _folder(name: str) -> str:
    path = _files().get(name)
    return "howto" if path is not None and path.parent.name == "howto" else ""


def _parse(text: str) -> list[Token]:
    return _markdown().parse(text)


@functools.lru_cache(maxsize=256)
def _read(name: str, changed: int) -> Page:
    """The page as of this change of its file."""
    del changed
    return rendered(name, _files()[name].read_text())


def rendered(name: str, source: str) -> Page:
    """The page of this name with this text."""
    tokens = _parse(source)
    headings, text, title = _mark(tokens)
    for token in tokens:
        _rewrite(token, name)
    at = 3 if tokens and tokens[0].type == "heading_open" else 0  # the frame shows the title
    markdown = _markdown()
    html = markdown.renderer.render(tokens[at:], markdown.options, {})
    # Text that we ship, not people's; the renderer escapes all that is no Markdown, HTML too.
    return Page(name, title or name, SafeString(html), headings, text)


def _mark(tokens: Sequence[Token]) -> tuple[tuple[Heading, ...], dict[str, str], str]:
    """Give the headings their anchors; returns them, what stands below each, and the title."""
    headings: list[Heading] = []
    text: dict[str, list[str]] = {"": []}
    here, title = "", ""
    for place, token in enumerate(tokens):
        if token.type == "heading_open":
            said = _plain(tokens[place + 1])
            level = int(token.tag[1:])
            if level == 1:
                title = said
                continue
            here = anchor_of(said)
            token.attrSet("id", here)
            headings.append(Heading(level, said, here))
            text.setdefault(here, [])
        elif token.type == "inline" and tokens[place - 1].type != "heading_open":
            text[here].append(_plain(token))
    return tuple(headings), {key: " ".join(parts) for key, parts in text.items()}, title


def _plain(token: Token) -> str:
    said = (" " if one.type == "softbreak" else one.content for one in token.children or ())
    return "".join(said)


def _rewrite(token: Token, name: str) -> None:
    """Links and pictures lead to what the app serves, and nothing bears a style of its own."""
    if token.type in ("td_open", "th_open") and token.attrGet("style"):
        token.attrs = {"class": "number"}
    dropped = False
    for child in token.children or ():
        if child.type == "link_open":
            url = _url(str(child.attrGet("href")), name)
            dropped = not url
            child.attrSet("href", url)
        elif child.type == "image":
            child.attrSet("src", _picture(str(child.attrGet("src"))))
        if dropped and child.type in ("link_open", "link_close"):
            child.type, child.tag, child.content = "text", "", ""


def _url(link: str, name: str) -> str:
    if re.match(r"https?:|mailto:", link):
        return link
    meant = target(link, of=name)
    if meant is None:
        return ""
    anchor = f"#{meant[1]}" if meant[1] else ""
    return reverse("console:help-page", args=[meant[0]]) + anchor


def _picture(source: str) -> str:
    return static(f"help/{posixpath.basename(source)}")


@functools.cache
def _markdown() -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": False}).enable("table")
    made.add_render_rule("table_open", _table)
    made.add_render_rule("table_close", _table_end)
    made.add_render_rule("fence", _fence)
    return made


def _table(*_: Any) -> str:
    return ('<div class="scroll" tabindex="0" role="region" aria-label="Table">'
            '<table class="table">')  # fmt: skip


def _table_end(*_: Any) -> str:
    return "</table></div>"


def _fence(_: object, tokens: Sequence[Token], place: int, *__: Any) -> str:
    return f'<pre tabindex="0"><code>{escape(tokens[place].content)}</code></pre>'
