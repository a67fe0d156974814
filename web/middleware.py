"""What holds for every request: headers, clean text, the reader's zone, a calm word on outages."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from urllib.parse import quote, unquote_to_bytes

from django.conf import settings
from django.core.exceptions import (
    BadRequest,
    RequestDataTooBig,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.core.handlers.wsgi import WSGIRequest
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponseBase, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils import timezone

from core.errors import FieldError
from web import errors, problems, text

logger = logging.getLogger(__name__)

GetResponse = Callable[[HttpRequest], HttpResponseBase]

PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer", "autoplay", "camera", "display-capture", "encrypted-media", "fullscreen",
        "geolocation", "gyroscope", "magnetometer", "microphone", "midi", "payment",
        "picture-in-picture", "publickey-credentials-get", "screen-wake-lock", "usb",
        "xr-spatial-tracking",
    )
)  # fmt: skip

PUBLIC = "/f/"
"""Forms that strangers come to by links others wrote."""

UNREADABLE = (
    BadRequest,
    MultiPartParserError,
    TooManyFieldsSent,
    TooManyFilesSent,
    UnreadablePostError,
)
"""What Django says of a form it cannot read; the last one is a caller that hung up."""


class AnswerHeaders:
    """Puts the headers on every answer that Django's own middleware does not."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answers are nobody's to keep, unless the view says otherwise."""
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.headers.setdefault("Cache-Control", "no-store")
        return response


class CleanInput:
    """Refuses text the database cannot hold, before any view sees it, naming where it is."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: WSGIRequest) -> HttpResponseBase:
        """Pass clean requests on; answer the others with 400, 411 or 413."""
        if request.headers.get("Transfer-Encoding") and not request.headers.get("Content-Length"):
            detail = "Send the body with its Content-Length; its parts alone are not read."
            return errors.refuse(request, 411, code="length_required", detail=detail)
        if request.path_info.startswith(PUBLIC):
            request.environ["QUERY_STRING"] = _mended(request.environ.get("QUERY_STRING", ""))
        try:
            faults = [*_address_faults(request), *_cookie_faults(request), *_form_faults(request)]
        except RequestDataTooBig:
            limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
            return errors.refuse(
                request, 413, code="too_large", detail=f"The form is larger than {limit} bytes."
            )
        except UNREADABLE as fault:
            detail = f"The form cannot be read: {fault}"
            return errors.refuse(request, 400, code="bad_form", detail=detail)
        if faults:
            detail = f"The request cannot be read: {faults[0].field} {faults[0].message}"
            return errors.refuse(request, 400, code="bad_text", detail=detail, faults=faults)
        return self.get_response(request)


class ReaderTimeZone:
    """Shows times in the zone of who is logged in."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """UTC for strangers and machines; no query where no session was sent."""
        if settings.SESSION_COOKIE_NAME not in request.COOKIES or not request.user.is_authenticated:
            return self.get_response(request)
        with timezone.override(request.user.zone):
            return self.get_response(request)


class DatabaseOutage:
    """A database that is away, full or held by a lock is 503, never a traceback."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponseBase | None:
        """Translate outages; leave every other error to Django."""
        if not isinstance(exception, OperationalError | InterfaceError):
            return None
        logger.warning("Database outage at %s: %s", request.path_info, exception)
        return errors.outage(request)


def _mended(query: str) -> str:
    """The query of a link to a form: old tools write it in Latin-1, and visitors cannot mend it.

    A parameter that cannot be read either way is left out.
    """
    kept = []
    for pair in query.split("&"):
        raw = unquote_to_bytes(pair.replace("+", " "))
        try:
            told = raw.decode("utf-8")
        except UnicodeDecodeError:
            told = raw.decode("latin-1")
        name, equals, value = told.partition("=")
        if not text.fault(told):
            fine = raw == told.encode() and pair.isascii()
            kept.append(pair if fine else f"{quote(name)}{equals}{quote(value)}")
    return "&".join(kept)


def _address_faults(request: WSGIRequest) -> Iterator[FieldError]:
    """Bytes of a path that are no UTF-8 were escaped again by Django, so they fit no address."""
    raw_query = unquote_to_bytes(request.environ.get("QUERY_STRING", "").replace("+", " "))
    found = {"path": text.fault(request.path_info), "query": text.fault_of_bytes(raw_query)}
    for place, fault in found.items():
        if fault:
            yield FieldError(place, fault, "bad_text")


def _cookie_faults(request: WSGIRequest) -> Iterator[FieldError]:
    for name, value in request.COOKIES.items():
        fault = text.fault(value) or text.fault(name)
        if fault:
            yield FieldError(f"cookie {name!r}", fault, "bad_text")


def _form_faults(request: WSGIRequest) -> Iterator[FieldError]:
    """Only forms: what the API takes is read, and refused, by its own parser."""
    if request.method != "POST" or problems.wanted(request):
        return
    if request.content_type == "application/x-www-form-urlencoded":
        fault = text.fault_of_bytes(unquote_to_bytes(request.body))
        if fault:
            yield FieldError("form", fault, "bad_text")
            return
    elif request.content_type != "multipart/form-data":
        return
    for name, values in request.POST.lists():
        for entry in (name, *values):
            fault = text.fault(entry)
            if fault:
                yield FieldError(name.encode("utf-8", "replace").decode(), fault, "bad_text")
