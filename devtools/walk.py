"""How fast a day's work goes by keyboard, in a real browser: prints seconds for each step.

It does what it says: `python -m devtools.walk ADDRESS USER PASSWORD [MANAGER]` reads why a lead is
that person's, finds it by its phone number, accepts up to 20 leads of that inbox and rejects up to
5; the manager, who has the same password, then hands on 10 leads of the board. Meant for a demo,
never for a company's own leads.
"""

from __future__ import annotations

import shutil
import sys
import time

from playwright.sync_api import Browser, Page, expect, sync_playwright

ACCEPTED, REJECTED, HANDED_ON = 20, 5, 10
REASON = "4"
"""The number of a reason that needs no note and no logged attempts in the playbook."""
DUE = '[data-row][data-todo="Accept or reject"]:not([hidden])'
WHY = "Split more evenly"


def main(words: list[str]) -> int:
    """Walk through the day; 0 when every step did what it should."""
    if len(words) not in (3, 4):
        print(__doc__)
        return 2
    address, user, password, *manager = words
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = _entered(browser, address, user, password)
        page.goto(f"{address}/inbox/")
        page.locator(DUE).first.click()
        _read_and_find(page, address)
        page.goto(f"{address}/inbox/")
        page.locator(DUE).first.click()
        _timed("accepted", page, ACCEPTED, ("a",))
        _timed("rejected", page, REJECTED, ("r", REASON, "Enter"))
        if manager:
            _hand_on(_entered(browser, address, manager[0], password), address)
        browser.close()
    return 0


def _entered(browser: Browser, address: str, user: str, password: str) -> Page:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(f"{address}/accounts/login/")
    page.fill("#id_login", user)
    page.fill("#id_password", password)
    page.press("#id_password", "Enter")
    page.wait_for_url(lambda url: "/accounts/login/" not in url)
    return page


def _read_and_find(page: Page, address: str) -> None:
    why = page.locator("#pane dt", has_text="Why").first
    expect(why).to_be_visible()
    print(f"why: {why.locator('xpath=following-sibling::dd[1]').inner_text()}")
    name = page.locator("#pane h2").first.inner_text()
    number = page.locator("#pane a[href^='tel:']").first.inner_text()
    spelled = "0" + "".join(number.split(" ")[1:]).replace("-", "")
    page.goto(f"{address}/leads/")
    begun = time.perf_counter()
    page.keyboard.press("Control+k")
    page.keyboard.type(spelled)
    expect(page.locator('#palette [role="option"]', has_text=name).first).to_be_visible()
    print(f"found by phone as {spelled}, {time.perf_counter() - begun:.2f} s", flush=True)


def _timed(did: str, page: Page, most: int, keys: tuple[str, ...]) -> None:
    count, begun = min(most, page.locator(DUE).count()), time.perf_counter()
    for _ in range(count):
        hand = page.locator('[data-row][aria-current="true"]')
        row = page.locator(f"#{hand.get_attribute('id')}")
        for key in keys:
            page.keyboard.press(key)
        expect(row.and_(page.locator("[hidden]"))).to_have_count(1)
    expect(page.locator("[data-leaving]")).to_have_count(0)
    each = (time.perf_counter() - begun) / max(count, 1)
    print(f"{count} of up to {most} leads {did}, {each:.2f} s each", flush=True)


def _hand_on(page: Page, address: str) -> None:
    page.goto(f"{address}/team/board/")
    page.locator("[data-card] a").first.focus()
    begun = time.perf_counter()
    for count in range(HANDED_ON):
        page.locator("[data-column] [data-card] .board__lead").nth(count).focus()
        page.keyboard.press("m")
        page.locator('#sheet select[name="to"]').select_option(index=1 + count % 2)
        page.locator('#sheet [name="reason"]').fill(WHY)
        page.locator("#sheet form button.btn--primary").click()
        expect(page.locator("#sheet")).to_be_hidden()
    each = (time.perf_counter() - begun) / HANDED_ON
    print(f"{HANDED_ON} leads handed on by the board, {each:.2f} s each", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
