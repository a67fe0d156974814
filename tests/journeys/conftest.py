"""A real browser against a real server; skipped with a word where there is none."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from people.models import User

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PASSWORD = "journey-pass-1"
# Playwright keeps an event loop in this thread; Django would refuse the tests' own queries.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


@dataclass
class Visitor:
    """One person at one browser. `faults` holds what the browser complained about."""

    page: Page
    address: str
    faults: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        self.page.goto(self.address + path)

    def log_in(self, user: User) -> None:
        user.set_password(PASSWORD)
        user.save(update_fields=["password"])
        self.open("/accounts/login/")
        self.page.fill("#id_login", user.username)
        self.page.fill("#id_password", PASSWORD)
        self.page.click("button.btn--primary")
        self.page.wait_for_url(lambda url: "/accounts/login/" not in url)

    def hear(self, message: ConsoleMessage) -> None:
        """Keep errors, refusals of the content policy among them; answers of 4xx are meant.

        A connection that was reset is the test server's, which a busy machine makes drop some.
        """
        meant = any(one in message.text for one in ("status of 4", "ERR_CONNECTION_RESET"))
        if message.type == "error" and not meant:
            self.faults.append(message.text)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium is installed (`apt-get install chromium`)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def visitors(chromium: Browser, live_server: Any, transactional_db: None) -> Iterator[Any]:
    """Makes visitors: `visitors(width=390, dark=True, script=False)`. None may meet a fault."""
    contexts: list[BrowserContext] = []
    made: list[Visitor] = []

    def visitor(
        *, width: int = 1440, height: int = 900, dark: bool = False, script: bool = True
    ) -> Visitor:
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            java_script_enabled=script,
            reduced_motion="reduce",
        )
        context.set_default_timeout(15_000)
        page = context.new_page()
        one = Visitor(page, live_server.url)
        page.on("console", one.hear)
        page.on("pageerror", lambda error: one.faults.append(str(error)))
        contexts.append(context)
        made.append(one)
        return one

    yield visitor
    for context in contexts:
        context.close()
    assert [fault for one in made for fault in one.faults] == []
