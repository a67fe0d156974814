"""The guide is served whole: each page once, no link broken, each page of the console about one."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings

from web.console import help_docs, help_search, help_topics, urls

DOCS = Path(settings.DOCS_DIR)
FILES = {path.stem for folder in ("", "howto") for path in (DOCS / folder).glob("*.md")}
NAMES = {one.name for one in urls.urlpatterns} - {"help", "help-page"}


def anchors(name: str) -> set[str]:
    page = help_docs.page(name)
    assert page is not None, name
    found = [one.anchor for one in page.headings]
    assert len(found) == len(set(found)), f"{name} has two headings of one name"
    return {"", *found}


def test_every_page_is_in_the_contents_once() -> None:
    listed = [name for _, names in help_topics.SECTIONS for name in names]
    assert sorted(listed) == sorted(FILES) == sorted(help_docs.names())


def test_every_page_of_the_console_has_a_part_of_the_guide() -> None:
    listed = [name for names in help_topics.ABOUT.values() for name in names.split()]
    assert sorted(listed) == sorted(NAMES), "say in help_topics.ABOUT what new pages are about"
    for part in help_topics.ABOUT:
        name, _, anchor = part.partition("#")
        assert anchor in anchors(name), part


@pytest.mark.parametrize("name", sorted(FILES))
def test_no_link_of_a_page_is_broken(name: str) -> None:
    folder = (DOCS / "howto") if (DOCS / "howto" / f"{name}.md").exists() else DOCS
    for link in help_docs.links(name):
        if link.startswith(("https:", "http:", "mailto:")):
            continue
        meant = help_docs.target(link, of=name)
        if meant is not None:
            assert meant[1] in anchors(meant[0]), link
        else:
            assert (folder / link.partition("#")[0]).exists(), link


def test_what_is_no_markdown_is_shown_as_text() -> None:
    source = """# T <b>x</b>

<script>alert(1)</script> [a](javascript:alert(1)) [b](clocks.md#x) [c](../../web/urls.py)
![d](../images/inbox.png)

| n |
|--:|
| 1 |
"""
    page = help_docs.rendered("clocks", source)
    assert "<script" not in page.html
    assert 'href="javascript' not in page.html
    assert '<a href="/help/clocks/#x">b</a> c' in page.html
    assert "help/inbox" in page.html
    assert "style=" not in page.html
    assert '<td class="number">1</td>' in page.html


def test_parts_are_found_by_title_first_then_by_heading_then_by_what_they_say() -> None:
    hits = help_search.find("escalated")
    assert ("Begin the day", "Escalated to you") in {(one.title, one.heading) for one in hits}
    first = help_search.find("find ANYTHING")[0]
    assert (first.title, first.heading, first.url) == ("Find anything", "", "/help/find-anything/")
    assert help_search.find("  ") == ()
    assert help_search.find("qwertzuiop") == ()
