"""The door for the pages of the company's own websites: the script, and what it sends.

No session, no cookie, no lead is made here. Who may send is said by origin, which a browser does
not let pages choose; whoever forges one can only make up visitors that nobody is known by.
"""

from __future__ import annotations

import functools
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from lifecycle.signalling import receiving
from web import problems
from web.capture import limits, page_signals
from web.models import Site
from web.models.site import rules_in

LARGEST = 4_096
SCRIPT_SECONDS = 3_600


@require_safe
def script(request: HttpRequest) -> HttpResponse:
    """The script that pages load."""
    answer = HttpResponse(_script(), content_type="text/javascript; charset=utf-8")
    answer.headers["Cache-Control"] = f"public, max-age={SCRIPT_SECONDS}"
    return answer


@functools.cache
def _script() -> str:
    return (Path(settings.BASE_DIR) / "static" / "js" / "s.js").read_text(encoding="utf-8")


@csrf_exempt  # no session that a forged request could abuse
@require_http_methods(["POST", "OPTIONS"])
def receive(request: HttpRequest, key: str) -> HttpResponse:
    """One signal of a page. 204 whatever became of it; else why it was not kept."""
    site = Site.objects.filter(key=key, active=True).first()
    if site is None:
        raise Http404("There is no such website.")
    origin = request.headers.get("Origin", "")
    if origin not in site.origins:
        return _refused(403, "origin", "This website does not send from there.")
    answer = _taken(request, site, origin)
    answer.headers["Access-Control-Allow-Origin"] = origin
    answer.headers["Vary"] = "Origin"
    return answer


def _taken(request: HttpRequest, site: Site, origin: str) -> HttpResponse:
    if request.method == "OPTIONS":
        return HttpResponse(
            status=204,
            headers={
                "Access-Control-Allow-Methods": "POST",
                "Access-Control-Allow-Headers": "Content-Type",
                "Access-Control-Max-Age": "86400",
            },
        )
    if int(request.headers.get("Content-Length") or 0) > LARGEST:
        return _refused(413, "too_large", f"Send at most {LARGEST} bytes.")
    wait = limits.wait_of_site(request, site)
    if wait:
        answer = _refused(429, "too_many", "Too many signals; try again later.")
        answer.headers["Retry-After"] = str(wait)
        return answer
    if "1" in (request.headers.get("DNT"), request.headers.get("Sec-GPC")):
        return HttpResponse(status=204)
    return _kept(request.body, site, origin)


def _kept(body: bytes, site: Site, origin: str) -> HttpResponse:
    try:
        said = page_signals.read(body)
    except ValueError as fault:
        return _refused(400, "json", str(fault))
    kind = page_signals.kind_of(
        said, rules=rules_in(site.rules), events=site.own_events, page_signal=site.page_signal
    )
    if kind:
        signal = page_signals.signal(said, kind, origin=origin)
        [answer] = receiving.capture([signal], scope=f"site:{site.key}")
        if answer.errors:
            return _refused(400, answer.errors[0].code, answer.errors[0].message)
    return HttpResponse(status=204)


def _refused(status: int, code: str, detail: str) -> HttpResponse:
    return problems.response(status, code=code, detail=detail)
