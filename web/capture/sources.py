"""Where a visitor came from, as the page's address and the browser tell it."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from leads import intake
from leads.models import SourceCategory

LIMITS = intake.LIMITS["source"]

PAID = {"cpc", "ppc", "cpm", "paid", "paidsearch", "paid_search", "paid_social", "display", "ads"}
BY_MEDIUM = {
    "organic": SourceCategory.ORGANIC,
    "referral": SourceCategory.REFERRAL,
    "partner": SourceCategory.PARTNER,
    "affiliate": SourceCategory.PARTNER,
    "event": SourceCategory.EVENT,
    "webinar": SourceCategory.EVENT,
    "syndication": SourceCategory.CONTENT_SYNDICATION,
} | dict.fromkeys(PAID, SourceCategory.PAID)

SEARCH_ENGINES = ("google", "bing", "duckduckgo", "ecosia", "yahoo", "baidu", "yandex", "startpage")


def read(query: Mapping[str, str], *, referrer: str, host: str) -> dict[str, str]:
    """The source of a visit: UTM parameters first, the referring page where they are silent."""
    landing = _foreign(referrer, host)
    medium = query.get("utm_medium", "").strip()
    found = {
        "category": _category(medium, landing),
        "medium": medium,
        "campaign": query.get("utm_campaign", ""),
        "content": query.get("utm_content", ""),
        "term": query.get("utm_term", ""),
        "referrer": landing or query.get("utm_source", ""),
    }
    return {name: value.strip()[: LIMITS[name]] for name, value in found.items() if value.strip()}


def _category(medium: str, landing: str) -> str:
    if medium:
        told = BY_MEDIUM.get(medium.lower().replace("-", "_"), SourceCategory.UNKNOWN)
        return told.value
    if not landing:
        return SourceCategory.DIRECT.value
    labels = (urlsplit(landing).hostname or "").split(".")
    searched = any(engine in labels for engine in SEARCH_ENGINES)
    return (SourceCategory.ORGANIC if searched else SourceCategory.REFERRAL).value


def _foreign(referrer: str, host: str) -> str:
    """The referring page without its query, unless it is one of ours or no page at all."""
    try:
        parts = urlsplit(referrer)
        named = parts.hostname
    except ValueError:
        return ""
    if parts.scheme not in {"http", "https"} or not named or parts.netloc == host:
        return ""
    return f"{parts.scheme}://{named}{parts.path}" if referrer.isprintable() else ""
