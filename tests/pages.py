"""What a browser would send of a form on a page: read from its HTML, as a browser reads it."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any


class _Form(HTMLParser):
    def __init__(self, wanted: str) -> None:
        super().__init__()
        self.wanted = wanted
        self.inside = 0
        self.found: dict[str, list[str]] = {}
        self.open: tuple[str, str] | None = None  # a text area, or a select and its option
        self.text = ""
        self.select: str | None = None
        self.first: str | None = None

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag == "form":
            matches = self.wanted in (given.get("id", ""), given.get("action", ""), "*")
            self.inside = 1 if matches else 0
        name = given.get("name", "")
        if not self.inside or "disabled" in given:
            return
        if tag == "textarea":
            self.open, self.text = (tag, name), ""
        elif tag == "select":
            self.select, self.first = name, None
        elif tag == "option" and self.select is not None:
            self.first = given.get("value", "") if self.first is None else self.first
            if "selected" in given:
                self.add(self.select, given.get("value", ""))
        elif tag == "input" and name and given.get("type") not in ("submit", "button"):
            is_box = given.get("type") in ("checkbox", "radio")
            if not is_box or "checked" in given:
                self.add(name, given.get("value", "on" if is_box else ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = 0
        elif tag == "textarea" and self.open:
            self.add(self.open[1], self.text.removeprefix("\n"))
            self.open = None
        elif tag == "select" and self.select is not None:
            if self.select not in self.found and self.first is not None:
                self.add(self.select, self.first)
            self.select = None

    def handle_data(self, data: str) -> None:
        self.text += data if self.open else ""

    def add(self, name: str, value: str) -> None:
        if self.inside and name:
            self.found.setdefault(name, []).append(value)


def form(answer: Any, which: str = "*", **changes: Any) -> dict[str, Any]:
    """The fields of the form with this id or action (`*`: of all forms), with some changed.

    A change to None takes a field out.
    """
    reader = _Form(which)
    reader.feed(answer.content.decode())
    sent: dict[str, Any] = {**reader.found, **changes}
    return {name: value for name, value in sent.items() if value is not None}
