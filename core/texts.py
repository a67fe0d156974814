"""Texts people read, in the language of who reads them (docs/howto/translate.md).

`_` is for what is said at once; `lazy` for what a module says before anybody reads it: labels of
forms, tables of words. Values come in by name after the translation, never before.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext, ngettext

_ = gettext


class Lazy(str):
    """A text that is translated when it is shown, formatted, cut or put into another.

    It is a string of the product's own language: what compares, stores or joins it gets that.
    """

    __slots__ = ()

    def __str__(self) -> str:
        return gettext(str.__str__(self))

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def __getitem__(self, place: Any) -> str:
        told: str = str(self)[place]
        return told

    def __add__(self, other: str) -> str:
        return str(self) + str(other)

    def __radd__(self, other: str) -> str:
        return str(other) + str(self)

    def __mod__(self, values: Any) -> str:
        told: str = str(self) % values
        return told

    def format(self, *values: Any, **named: Any) -> str:
        """The translation with its values."""
        return str(self).format(*values, **named)

    def lower(self) -> str:
        """The translation in small letters."""
        return str(self).lower()


def lazy(text: str) -> str:
    """The text, translated each time it is shown."""
    return Lazy(text)


def plural(count: int, one: str, many: str | None = None) -> str:
    """`1 lead`, `7 leads`, in the form the reader's language has for so many."""
    several = many or f"{one}s"
    told = ngettext(f"{{count}} {one}", f"{{count}} {several}", count)
    return told.format(count=f"{count:,}")
