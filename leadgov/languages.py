"""The languages the product is offered in, from LEADGOV_LANGUAGES (docs/howto/translate.md)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import environ
from django.conf.locale import LANG_INFO
from django.core.exceptions import ImproperlyConfigured

OWN = "en"
"""What the texts are written in: it needs no catalog."""


@dataclass(frozen=True, slots=True)
class Languages:
    """The first one is for who asks for none of them; a choice is offered of two or more."""

    first: str
    offered: list[tuple[str, str]]
    middleware: list[str]


def read(env: environ.Env, catalogs: Path) -> Languages:
    """What is set. Raises ImproperlyConfigured for a language that has no catalog."""
    codes: list[str] = env.list("LEADGOV_LANGUAGES", default=[OWN])
    for code in codes:
        if code not in LANG_INFO or "name_local" not in LANG_INFO[code]:
            raise ImproperlyConfigured(f"LEADGOV_LANGUAGES names {code}; write codes such as de.")
        if code != OWN and not (catalogs / code / "LC_MESSAGES" / "django.mo").exists():
            raise ImproperlyConfigured(
                f"LEADGOV_LANGUAGES names {code}, which has no catalog; `make texts` makes one."
            )
    if not codes:
        raise ImproperlyConfigured("LEADGOV_LANGUAGES is empty; write en.")
    chosen = ["django.middleware.locale.LocaleMiddleware"] if len(codes) > 1 else []
    return Languages(codes[0], [(one, LANG_INFO[one]["name_local"]) for one in codes], chosen)
