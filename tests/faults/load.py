"""Clients at the product's own web server, who write down what they sent and what they were told.

A client whose connection breaks, or who is told to come again, sends the same once more under the
same key until it is answered. What was answered must be there in the end.
"""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from devtools import port

AGAIN = (429, 502, 503, 504)
PATIENCE = 90.0


@dataclass
class Ledger:
    """What clients were told, by idempotency key; and every answer that nobody should get."""

    acked: dict[str, dict[str, Any]] = field(default_factory=dict)
    taken: list[tuple[str, int]] = field(default_factory=list)
    """Leads somebody tried to accept, and the answer."""
    wrong: list[str] = field(default_factory=list)
    told: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    given_up: int = 0


class Clients:
    """Some clients at once; half of them send buyers' touches, the others accept leads."""

    def __init__(self, number: int, *, capture: str, write: str, seed: int) -> None:
        self.number = number
        self.ledger = Ledger()
        self._capture, self._write, self._seed = capture, write, seed
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self, count: int) -> None:
        """Begin."""
        self._threads = [
            threading.Thread(target=self._work, args=(place,), daemon=True)
            for place in range(count)
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> Ledger:
        """Finish what is under way; everything that was answered."""
        self._stop.set()
        for thread in self._threads:
            thread.join(PATIENCE + 30)
        assert not any(thread.is_alive() for thread in self._threads)
        return self.ledger

    def _work(self, place: int) -> None:
        chance = random.Random(self._seed * 1_000 + place)
        count = 0
        while not self._stop.is_set():
            count += 1
            key = f"load-{self._seed}-{place}-{count}"
            began = time.monotonic()
            status, answer = self._post(
                "/api/v1/capture/", self._capture, body(chance), key=key, until=began + PATIENCE
            )
            self.ledger.seconds.append(time.monotonic() - began)
            if status in (200, 201, 202):
                self.ledger.acked[key] = answer
            if status == 201 and chance.random() < 0.4:
                self._accept(str(answer["lead"]))
            time.sleep(chance.uniform(0, 0.1))

    def _accept(self, lead: str) -> None:
        said = {"icp_confirmed": True, "reachable": True}
        path = f"/api/v1/leads/{lead}/accept/"
        status, _ = self._post(path, self._write, said, key="", until=time.monotonic() + PATIENCE)
        self.ledger.taken.append((lead, status))

    def _post(
        self, path: str, token: str, said: dict[str, Any], *, key: str, until: float
    ) -> tuple[int, dict[str, Any]]:
        tries = 0
        while time.monotonic() < until:
            tries += 1
            try:
                status, answer = post(self.number, path, token, said, key=key)
            except (OSError, http.client.HTTPException) as error:
                self.ledger.told[type(error).__name__] += 1
                time.sleep(0.2)
                continue
            self.ledger.told[str(status)] += 1
            if status in AGAIN:
                time.sleep(0.3)
                continue
            # Who was cut off may have been heard: then somebody else seems to have been first.
            late = status == 409 and tries > 1
            if status >= 500 or (status >= 400 and not late and status != 409):
                self.ledger.wrong.append(f"{path}: {status} {answer}"[:300])
            return status, answer
        self.ledger.given_up += 1
        return 0, {}


def post(
    number: int, path: str, token: str, said: dict[str, Any], *, key: str = ""
) -> tuple[int, dict[str, Any]]:
    """One request; the status and what came with it. Raises OSError, HTTPException."""
    headers = {"Authorization": f"Api-Key {token}", "Content-Type": "application/json"}
    if key:
        headers["Idempotency-Key"] = key
    connection = http.client.HTTPConnection(port.HOST, number, timeout=20)
    try:
        connection.request("POST", path, json.dumps(said), headers)
        response = connection.getresponse()
        text = response.read()
        return response.status, json.loads(text or b"{}")
    except json.JSONDecodeError:
        return response.status, {}
    finally:
        connection.close()


def body(chance: random.Random) -> dict[str, Any]:
    """A demo request of one of many buyers; some of them come again."""
    who = chance.randrange(4_000)
    return {
        "channel": "FORM",
        "person": {"email": f"b{who}@c{who // 3}.example", "first_name": "Kim",
                   "last_name": f"Buyer{who % 7}", "title": "VP Operations"},
        "company": {"name": f"Company {who // 3} GmbH", "domain": f"c{who // 3}.example",
                    "country": "DE", "industry": "Software", "employees": "400"},
        "signals": [{"kind": "demo_request"}],
    }  # fmt: skip
