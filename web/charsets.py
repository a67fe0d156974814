"""Before Django reads a request: a charset in which no text is written counts as not named.

Python knows codecs that are none (rot13, zlib, undefined), and Django decodes query and form with
whatever the Content-Type names, before any middleware could answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.utils.http import parse_header_parameters

from web import text

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def guarded(application: Application) -> Application:
    """The same WSGI application, behind this guard."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        environ["CONTENT_TYPE"] = usable(environ.get("CONTENT_TYPE", ""))
        return application(environ, start_response)

    return answer


def usable(content_type: str) -> str:
    """A Content-Type without its charset where that is none; UTF-8 is meant then."""
    if "charset" not in content_type.lower():
        return content_type
    try:
        kind, parameters = parse_header_parameters(content_type)
    except ValueError:
        return content_type
    if text.is_charset(parameters.pop("charset", "utf-8")):
        return content_type
    return "; ".join([kind, *(f'{name}="{value}"' for name, value in parameters.items())])
