"""Which internet domain stands for a company. Pure and offline; it asks no name server."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

import disposable_email_domains
import idna
import publicsuffixlist

_SUFFIXES = publicsuffixlist.PublicSuffixList(accept_unknown=False)
_RESERVED_FOR_TRIALS = ("example", "test")  # no public suffixes, yet trials should look like life
_FREE_MAIL = frozenset(
    line
    for line in (Path(__file__).parent / "data/free_mail_domains.txt")
    .read_text("utf-8")
    .split("\n")
    if line and not line.startswith("#")
)
_DISPOSABLE = frozenset(disposable_email_domains.blocklist) - _FREE_MAIL
# A page there says nothing about who owns the domain.
_PROFILE_PAGES = frozenset((
    "about.me", "behance.net", "bit.ly", "facebook.com", "fb.com", "g.page", "github.com",
    "goo.gl", "google.com", "instagram.com", "linkedin.com", "linktr.ee", "medium.com",
    "pinterest.com", "t.me", "tiktok.com", "twitter.com", "vk.com", "wa.me", "wechat.com",
    "wikipedia.org", "x.com", "xing.com", "youtu.be", "youtube.com",
))  # fmt: skip
# Whose pages stand under names of the builder's domain: bakery.wordpress.com.
_SITE_BUILDERS = frozenset((
    "blogspot.com", "business.site", "canva.site", "carrd.co", "godaddysites.com", "jimdo.com",
    "jimdofree.com", "jimdosite.com", "mystrikingly.com", "negocio.site", "notion.site", "odoo.com",
    "site123.me", "square.site", "squarespace.com", "tumblr.com", "ueniweb.com", "webflow.io",
    "webnode.com", "weebly.com", "wixsite.com", "wordpress.com", "yolasite.com", "zohosites.com",
))  # fmt: skip
_HOST = re.compile(r"(?=.{1,253}\Z)[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})+")


class Because(StrEnum):
    """What named a company's domain, or why nothing did."""

    DOMAIN = "DOMAIN"
    WEBSITE = "WEBSITE"
    EMAIL = "EMAIL"
    FREE_MAIL = "FREE_MAIL"
    DISPOSABLE = "DISPOSABLE"
    PROFILE_PAGE = "PROFILE_PAGE"
    UNREADABLE = "UNREADABLE"
    NOTHING_GIVEN = "NOTHING_GIVEN"


@dataclass(frozen=True, slots=True)
class DomainReading:
    """The registrable domain of a company, or None; and what it was read from, or why not."""

    domain: str | None
    because: Because


@lru_cache(maxsize=65536)
def registrable_domain(host_or_url_or_email: str) -> str | None:
    """Return the domain somebody registered (x@mail.acme.co.uk: acme.co.uk), in ASCII lower case.

    Takes a host, a web address or an e-mail address. None for IP addresses, bare public suffixes
    (co.uk, github.io), single names (localhost) and endings that do not exist (.local). A page at
    a builder of sites is a domain of its own (bakery.wordpress.com).
    """
    host = _host(host_or_url_or_email)
    if host is None:
        return None
    *_, name, ending = host.split(".")
    if ending in _RESERVED_FOR_TRIALS:
        return f"{name}.{ending}"
    builder = next((one for one in _parents(host) if one in _SITE_BUILDERS and one != host), None)
    if builder is not None:
        page = host.removesuffix(f".{builder}").rpartition(".")[2]
        return builder if page == "www" else f"{page}.{builder}"
    found: str | None = _SUFFIXES.privatesuffix(host)
    return None if found is None or "_" in found else found


def is_free_mail(domain: str) -> bool:
    """Say whether anybody can have a mailbox at the domain, so that it names no company."""
    return bool(_parents(domain) & _FREE_MAIL)


def is_disposable(domain: str) -> bool:
    """Say whether the domain hands out throw-away mailboxes."""
    return bool(_parents(domain) & _DISPOSABLE)


def company_domain(
    *, domain: str | None = None, website: str | None = None, email: str | None = None
) -> DomainReading:
    """Return the domain that names a company: the first usable of domain, website, e-mail.

    Free-mail and disposable domains never name one, whatever field they stand in, nor do pages
    on social networks. When nothing names one, the reason of the first field given is told.
    """
    # Before its @ an address may hold blanks and slashes.
    host = email.rpartition("@")[2] if email else None
    fields = [(Because.DOMAIN, domain), (Because.WEBSITE, website), (Because.EMAIL, host)]
    readings = [_read(raw, source) for source, raw in fields if raw and raw.strip()]
    nothing = DomainReading(None, Because.NOTHING_GIVEN)
    return next((found for found in readings if found.domain), next(iter(readings), nothing))


WHY_NOT = {
    Because.FREE_MAIL: "is free-mail, where anybody can have a mailbox; it names no company.",
    Because.DISPOSABLE: "hands out throw-away mailboxes; it names no company.",
    Because.PROFILE_PAGE: "is a page that many share; it names no company.",
}


def why_not(text: str, because: Because) -> str:
    """Why a text that somebody gave as a company's domain is not taken for it, as a sentence."""
    no_domain = "is no internet domain that somebody registered; write it like acme.com."
    return f"“{text}” {WHY_NOT.get(because, no_domain)}"


def _read(raw: str, source: Because) -> DomainReading:
    found = registrable_domain(raw)
    if found is None:
        return DomainReading(None, Because.UNREADABLE)
    host = _host(raw) or found
    if is_free_mail(host):
        return DomainReading(None, Because.FREE_MAIL)
    if is_disposable(host):
        return DomainReading(None, Because.DISPOSABLE)
    if source != Because.EMAIL and found in _PROFILE_PAGES:
        return DomainReading(None, Because.PROFILE_PAGE)
    return DomainReading(found, source)


@lru_cache(maxsize=65536)
def _host(text: str) -> str | None:
    """Return the host a text begins with, in ASCII; None when it is none or an IP address."""
    words = re.split(r"[\s,;|]", unicodedata.normalize("NFKC", text).strip().lower(), maxsplit=1)
    address = re.sub(r"^([a-z][a-z0-9+.-]*:)?//|^mailto:", "", words[0])
    host = re.split(r"[/?#\\]", address, maxsplit=1)[0].rpartition("@")[2]
    host = re.sub(r":\d*$", "", host).strip(".<>()\"'")
    try:
        ascii_host = host if host.isascii() else idna.encode(host, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        return None
    # An underscore is allowed in host names below the registrable one.
    if not _HOST.fullmatch(ascii_host.replace("_", "-")):
        return None
    return None if ascii_host.rpartition(".")[2].isdigit() else ascii_host


def _parents(domain: str) -> set[str]:
    """Return a domain with all above it, so that mail.yahoo.com is found under yahoo.com."""
    labels = (_host(domain) or "").split(".")
    return {".".join(labels[start:]) for start in range(len(labels) - 1)}
