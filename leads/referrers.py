"""What kind of page a visitor came from, by its host. Pure; `touch_facts` says the same in SQL.

A host is told by its labels, so that www.google.de and google.co.uk are the search engine, and
notgoogle.example is not. Mailboxes come first: mail.google.com is no search.
"""

from __future__ import annotations

from enum import StrEnum
from urllib.parse import urlsplit

HOST_LENGTH = 253


class Referrer(StrEnum):
    """The kinds that attribution rules can name."""

    SEARCH = "SEARCH"
    SOCIAL = "SOCIAL"
    ASSISTANT = "ASSISTANT"
    MAILBOX = "MAILBOX"
    WEBSITE = "WEBSITE"


CHOICES = (
    (Referrer.SEARCH.value, "Search engine"),
    (Referrer.SOCIAL.value, "Social network"),
    (Referrer.ASSISTANT.value, "AI assistant"),
    (Referrer.MAILBOX.value, "Mailbox"),
    (Referrer.WEBSITE.value, "Other website"),
)

HOSTS: dict[Referrer, tuple[str, ...]] = {
    Referrer.MAILBOX: (
        "com.google.android.gm", "e.mail.ru", "mail.google.com", "mail.proton.me", "mail.yahoo.com",
        "mail.yandex.ru", "outlook.live.com", "outlook.office.com", "outlook.office365.com",
        "navigator.gmx.net", "navigator.web.de", "webmail.t-online.de",
    ),
    Referrer.ASSISTANT: (
        "chat.deepseek.com", "chat.mistral.ai", "chat.openai.com", "chatgpt.com", "claude.ai",
        "copilot.microsoft.com", "gemini.google.com", "perplexity.ai", "www.perplexity.ai",
    ),
    Referrer.SOCIAL: (
        "com.linkedin.android", "lnkd.in", "news.ycombinator.com", "t.co", "t.me", "wa.me", "x.com",
        "www.x.com", "youtu.be",
    ),
    Referrer.SEARCH: ("search.brave.com", "cn.bing.com", "so.com", "www.so.com"),
}  # fmt: skip
"""Whole hosts, asked in this order."""

LABELS: dict[Referrer, tuple[str, ...]] = {
    Referrer.SOCIAL: (
        "bsky", "facebook", "instagram", "linkedin", "mastodon", "messenger", "pinterest", "quora",
        "reddit", "telegram", "threads", "tiktok", "twitter", "vk", "weibo", "whatsapp", "xing",
        "youtube",
    ),
    Referrer.SEARCH: (
        "baidu", "bing", "duckduckgo", "ecosia", "google", "kagi", "mojeek", "naver", "qwant",
        "seznam", "sogou", "startpage", "swisscows", "yahoo", "yandex",
    ),
}  # fmt: skip
"""One label of the host, asked afterwards in this order."""


def host_of(referrer: str) -> str:
    """The host a referrer names, in lower case and without port; empty where it names none."""
    text = referrer.strip()
    if "://" not in text and not text.startswith("//"):
        text = f"//{text}"
    try:
        host = (urlsplit(text).hostname or "").rstrip(".")
    except ValueError:
        return ""
    is_host = "." in host and host.isprintable() and not any(one.isspace() for one in host)
    return host if is_host and len(host) <= HOST_LENGTH else ""


def kind_of(host: str) -> Referrer | None:
    """What kind of page the host is; None where there is no host."""
    if not host:
        return None
    labels = host.split(".")
    for kind, hosts in HOSTS.items():
        if host in hosts:
            return kind
    for kind, known in LABELS.items():
        if any(label in known for label in labels):
            return kind
    return Referrer.WEBSITE
