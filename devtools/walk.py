"""How fast an inbox is worked by keyboard, in a real browser: prints seconds per lead.

It does what it says: `python -m devtools.walk ADDRESS USER PASSWORD` accepts up to 20 leads of that
inbox and rejects up to 5. Meant for a demo, never for a company's own leads.
"""

from __future__ import annotations

import shutil
import sys
import time

from playwright.sync_api import Page, expect, sync_playwright

ACCEPTED, REJECTED = 20, 5
REASON = "4"
"""The number of a reason that needs no note and no logged attempts in the playbook."""
DUE = '[data-row][data-todo="Accept or reject"]:not([hidden])'


def main(words: list[str]) -> int:
    """Walk through the inbox; 0 when every step did what it should."""
    if len(words) != 3:
        print(__doc__)
        return 2
    address, user, password = words
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(f"{address}/accounts/login/")
        page.fill("#id_login", user)
        page.fill("#id_password", password)
        page.press("#id_password", "Enter")
        page.locator("[data-row]").first.wait_for()
        page.locator(DUE).first.click()
        _timed("accepted", page, ACCEPTED, ("a",))
        _timed("rejected", page, REJECTED, ("r", REASON, "Enter"))
        browser.close()
    return 0


def _timed(did: str, page: Page, most: int, keys: tuple[str, ...]) -> None:
    count, begun = min(most, page.locator(DUE).count()), time.perf_counter()
    for _ in range(count):
        hand = page.locator('[data-row][aria-current="true"]')
        row = page.locator(f"#{hand.get_attribute('id')}")
        for key in keys:
            if key == REASON:
                expect(page.locator("#sheet")).to_be_visible()
            page.keyboard.press(key)
        expect(row.and_(page.locator("[hidden]"))).to_have_count(1)
    expect(page.locator("[data-leaving]")).to_have_count(0)
    each = (time.perf_counter() - begun) / max(count, 1)
    print(f"{count} leads {did}, {each:.2f} s each", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
