"""The door for other systems' webhooks. No session, no cookie; the signature is the key.

A delivery that is signed rightly is never lost: what cannot be read as a touch waits in the
exception queue for people, and the sender is told it has arrived.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from core import database, sealing
from core.errors import FieldError
from lifecycle import intake
from web import problems
from web.capture import hook_mapping, mail_hooks, signatures
from web.capture.signatures import Scheme
from web.models import InboundHook

LARGEST = 262_144
MOST_AT_ONCE = 100


@csrf_exempt  # no session that a forged request could abuse; the signature proves the sender
@require_POST
def receive(request: HttpRequest, key: str) -> HttpResponse:
    """One delivery: 201 new, 200 known, 202 kept for later or for people, 401 not proven."""
    hook = InboundHook.objects.filter(key=key, active=True).first()
    if hook is None:
        raise Http404("There is no such address.")
    if int(request.headers.get("Content-Length") or 0) > LARGEST:
        return _refused(413, "too_large", f"Send at most {LARGEST // 1024} kB at once.")
    body = request.body
    why = _unproven(hook, request, body)
    if why:
        return _refused(401, "signature", why)
    if _too_many(hook):
        return _refused(429, "too_many", "Too many deliveries in this minute; try again later.")
    try:
        events = _events(body)
    except ValueError as fault:
        return _refused(400, "json", str(fault))
    if hook.brings == InboundHook.Brings.MAIL_EVENTS:
        return mail_hooks.taken(events, scope=f"hook:{hook.key}")
    return _answered([_taken(hook, request, one, place) for place, one in enumerate(events)])


def _unproven(hook: InboundHook, request: HttpRequest, body: bytes) -> str:
    try:
        secrets = [sealing.unseal(hook.secret), sealing.unseal(hook.former_secret)]
    except sealing.Unreadable:
        return "The secret of this address cannot be read; enter it again in the administration."
    return signatures.fault(
        Scheme(hook.scheme),
        secrets=secrets,
        header=hook.header,
        headers=request.headers,
        body=body,
        now=database.now(),
    )


def _too_many(hook: InboundHook) -> bool:
    name = f"hook:{hook.pk}:{int(time.time() // 60)}"
    if cache.add(name, 1, timeout=120):
        return False
    try:
        return cache.incr(name) > hook.per_minute
    except ValueError:  # it expired just now
        return False


def _events(body: bytes) -> list[dict[str, Any]]:
    """The body's objects. Raises ValueError with a sentence."""
    try:
        read = json.loads(body.decode("utf-8"), parse_constant=_no_constant)
    except UnicodeDecodeError as fault:
        raise ValueError(f"The body is not valid UTF-8 (byte {fault.start}).") from None
    except json.JSONDecodeError as fault:
        where = f"line {fault.lineno}, column {fault.colno}"
        raise ValueError(f"The body is no JSON: {fault.msg} at {where}.") from None
    except (ValueError, RecursionError) as fault:
        raise ValueError(f"The body is no JSON we can read: {_words(fault)}") from None
    found = read if isinstance(read, list) else [read]
    if not found or len(found) > MOST_AT_ONCE or not all(isinstance(one, dict) for one in found):
        raise ValueError(f"Send one JSON object, or a list of at most {MOST_AT_ONCE}.")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number in JSON; send null.")


def _words(fault: Exception) -> str:
    if isinstance(fault, RecursionError):
        return "it is nested too deep."
    return str(fault) if "JSON" in str(fault) else "a number has too many digits."


def _taken(
    hook: InboundHook, request: HttpRequest, event: dict[str, Any], place: int
) -> tuple[int, str]:
    """What became of one event: a status and the touchpoint's number."""
    touch = hook_mapping.touch(
        event,
        channel=hook.channel,
        paths=hook.paths,
        constants=hook.constants,
        signal=hook.signal,
    )
    key = _key(hook, request.headers, event, place)
    [answer] = intake.capture([touch], scope=f"hook:{hook.key}", keys=[key])
    if answer.receipt is not None:
        return answer.status, str(answer.receipt["touch"])
    faults = [one for one in answer.errors if one.code != "key_reused"]
    if not faults:
        return 409, ""
    kept = intake.set_aside(
        hook_mapping.as_read(event, touch, paths=hook.paths, now=database.now()),
        scope=f"hook:{hook.key}",
        key=key,
        why=_why(faults),
    )
    return 202, str(kept)


def _key(
    hook: InboundHook, headers: Mapping[str, str], event: dict[str, Any], place: int
) -> str | None:
    """What makes a delivery one, however often it is brought."""
    told = headers.get("webhook-id", "") if hook.scheme == Scheme.STANDARD else ""
    inside = hook_mapping.at(event, hook.id_path) if hook.id_path else None
    name = str(inside) if isinstance(inside, str | int) and str(inside) else told
    name = "".join(filter(str.isprintable, name))[:180]
    return f"{name}/{place}" if name else None


def _why(faults: list[FieldError]) -> str:
    told = " ".join(f"{one.field}: {one.message}" for one in faults[:5])
    return hook_mapping.storable(told)[:2_000]


def _answered(done: list[tuple[int, str]]) -> HttpResponse:
    touches = [touch for _, touch in done if touch]
    clashes = [place for place, (status, _) in enumerate(done) if status == 409]
    if clashes:
        which = "" if len(done) == 1 else f" (in the list: {', '.join(map(str, clashes))})"
        return _refused(
            409, "key_reused",
            f"This id was used for another body{which}, which is not kept; send a new event "
            f"with a new id. Of this delivery {len(touches)} of {len(done)} are kept.",
        )  # fmt: skip
    status = max((status for status, _ in done), key=lambda one: (one == 202, one))
    return JsonResponse({"received": len(touches), "touches": touches}, status=status)


def _refused(status: int, code: str, detail: str) -> HttpResponse:
    return problems.response(status, code=code, detail=detail)
