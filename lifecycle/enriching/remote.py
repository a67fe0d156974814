"""A provider behind HTTP: a URL with places to fill, a key, and a map from fields to its answer."""

from __future__ import annotations

import json
import string
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from lifecycle.enriching.provider import FIELDS, Answer, Question
from lifecycle.outbound import fetching
from lifecycle.outbound.failing import Failed

PLACES = ("domain", "email", "company", "country")
MOST_STEPS = 10
LONGEST = 400
_FORMS = string.Formatter()


@dataclass(frozen=True, slots=True, kw_only=True)
class Remote:
    """How one HTTP provider is asked. `mapping` says which path of the answer fills which field."""

    url: str
    mapping: Mapping[str, str]
    confidence: int
    seconds: float
    header: str = "Authorization"
    key: str = ""
    private_too: bool = False

    def ask(self, question: Question) -> Answer:
        """One request. A buyer it does not know (404, 204) is an empty answer."""
        headers = {"Accept": "application/json", "User-Agent": "LeadGov"}
        if self.key:
            headers[self.header] = self.key
        reply = fetching.fetch(
            filled(self.url, question),
            headers=headers,
            seconds=self.seconds,
            private_too=self.private_too,
        )
        if reply.status in (204, 404):
            return Answer({}, self.confidence)
        _require_well(reply)
        return Answer(values_of(_document(reply.body), self.mapping), self.confidence)


def places_of(url: str) -> frozenset[str]:
    """The places of a URL template, `{domain}` and so on. Raises ValueError for an odd one."""
    found = set()
    for _, name, form, conversion in _FORMS.parse(url):
        if name is None:
            continue
        if name not in PLACES or form or conversion:
            raise ValueError(f"{{{name}}} is none of {', '.join(f'{{{one}}}' for one in PLACES)}")
        found.add(name)
    if "{" in (urlsplit(url).netloc or ""):
        raise ValueError("the host itself must be fixed")
    return frozenset(found)


def filled(url: str, question: Question) -> str:
    """The URL of one question. What is filled in is escaped, so it stays one piece of it."""
    values = {name: quote(getattr(question, name), safe="") for name in PLACES}
    return url.format(**values)


def values_of(document: Any, mapping: Mapping[str, str]) -> dict[str, Any]:
    """What the answer says, by field: plain texts and numbers at the paths of the mapping."""
    found = {name: _at(document, str(path)) for name, path in mapping.items() if name in FIELDS}
    return {name: value for name, value in found.items() if _is_plain(value)}


def _is_plain(value: Any) -> bool:
    if isinstance(value, str):
        return 0 < len(value) <= LONGEST
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 10**18


def _at(document: Any, path: str) -> Any:
    """What stands at `org.offices.0.country`; None where the path leads nowhere."""
    for step in path.split(".")[:MOST_STEPS]:
        if isinstance(document, dict):
            document = document.get(step)
        elif isinstance(document, list) and step.isascii() and step.isdigit():
            document = document[int(step)] if len(step) < 5 and int(step) < len(document) else None
        else:
            return None
    return document


def _document(body: bytes) -> Any:
    try:
        return json.loads(body, parse_constant=lambda _: None)
    except (ValueError, RecursionError):
        raise Failed("The answer is no JSON.") from None


def _require_well(reply: fetching.Reply) -> None:
    status = reply.status
    if 300 <= status < 400:
        raise Failed(f"It answered {status}, a redirect; those are not followed.", for_good=True)
    if status in (401, 403):
        raise Failed(f"It answered {status}: the key is missing, wrong or not allowed to ask.")
    if status in (408, 425, 429) or status >= 500:
        raise Failed(f"It answered {status}.", after=reply.retry_after)
    if status != 200:
        raise Failed(f"It answered {status}.", for_good=True)
