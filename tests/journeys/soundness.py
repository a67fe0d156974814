"""Whether everybody can use a page: by the accessibility rules, wide and narrow, light and dark."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

RULES = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"],
}
OF_LOOKS = {
    "resultTypes": ["violations"],
    "runOnly": {
        "type": "rule",
        "values": [
            "color-contrast", "link-in-text-block", "scrollable-region-focusable", "target-size",
            "meta-viewport", "landmark-unique", "aria-hidden-focus", "nested-interactive",
        ],
    }
}  # fmt: skip
LOOKS = ((390, "dark", OF_LOOKS), (1440, "light", RULES))
"""Width, colours and rules: all of them once, and those that hang on the look a second time."""
WIDTHS = (1440, 1024, 768, 390, 360)
LETTERS = 150_000


def is_sound(page: Page, name: str = "") -> None:
    """No fault; with `name` and LEADGOV_SCREENSHOTS set, each look is also kept as a picture."""
    assert faults(page, name) == []


def faults(page: Page, name: str = "") -> list[str]:
    """What is wrong with the page as it stands. Leaves it as wide and as light as it was."""
    before = page.viewport_size or {"width": 1440, "height": 900}
    height = before["height"]
    found: list[str] = []
    for width, scheme, rules in LOOKS:
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        found += [f"{width} {scheme}: {fault}" for fault in _violations(page, rules)]
        if name:
            shoot(page, f"{name}-{width}-{scheme}")
    page.emulate_media(color_scheme="light")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": height})
        over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        found += [f"{over} px wider than {width}"] * (over > 0)
    page.set_viewport_size(before)
    return found + [f"heavier than {LETTERS:,}"] * (len(page.content()) > LETTERS)


def shoot(page: Page, name: str) -> None:
    """Keep a picture in the folder LEADGOV_SCREENSHOTS, if there is one."""
    if folder := os.environ.get("LEADGOV_SCREENSHOTS"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True, caret="initial")


def _violations(page: Page, rules: dict[str, Any]) -> Iterator[str]:
    if not page.evaluate("'axe' in window"):  # half a megabyte: once for all looks of a page
        page.evaluate(AXE_SCRIPT)
    for one in page.evaluate(f"axe.run({json.dumps(rules)}).then(found => found.violations)"):
        for node in one["nodes"]:
            yield f"{one['id']}: {node['html'][:160]}"
