"""What a visit shows of where it came from: UTM parameters, click ids, pages. It judges nothing.

Addresses are kept without their query: what people searched for or carry in links is not ours.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from urllib.parse import urlsplit

from leads import intake, touchpoint

LIMITS = intake.LIMITS["source"]
UTM = ("source", "medium", "campaign", "content", "term")


def read(
    query: Mapping[str, str], *, referrer: str, page: str, own: Collection[str] = ()
) -> dict[str, str]:
    """The source of a visit of `page`, as intake takes it.

    `query` are the parameters of the address. A script that embeds a form adds `landing` and
    `referrer`, which stand for the page around it. `referrer` is what the browser said; it counts
    as the landing page where its origin is one of our `own`.
    """
    embedding = address(query.get("landing", ""))
    came_from = address(query.get("referrer", "") if embedding else referrer)
    landing = embedding or address(page)
    if not embedding and origin_of(came_from) in own:
        landing, came_from = came_from, ""
    if host_of(came_from) in (host_of(landing), host_of(page)):
        came_from = ""
    found = {name: query.get(f"utm_{name}", "") for name in UTM}
    found |= {"click_id": _click(query), "referrer": came_from, "landing": landing}
    return {name: value.strip()[: LIMITS[name]] for name, value in found.items() if value.strip()}


def address(text: str) -> str:
    """The address of a page without user, query and fragment; empty when it is none."""
    try:
        parts = urlsplit(text.strip())
        named, port = parts.hostname, parts.port
    except ValueError:
        return ""
    if parts.scheme not in {"http", "https"} or not named or not text.isprintable():
        return ""
    place = f"[{named}]" if ":" in named else named
    return f"{parts.scheme}://{place}{f':{port}' if port else ''}{parts.path}"


def origin_of(page: str) -> str:
    """`https://www.acme.example` of an address as `address` gives it."""
    return "/".join(page.split("/")[:3])


def host_of(page: str) -> str:
    """The host of an address as `address` gives it, without port; empty of none."""
    return urlsplit(page).hostname or "" if page else ""


def _click(query: Mapping[str, str]) -> str:
    """`gclid=EAIa…` for the first network that marked the click."""
    for name, _ in touchpoint.CLICK_IDS:
        if value := query.get(name, "").strip():
            return f"{name}={value}"
    return ""
