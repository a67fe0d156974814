"""How often one address may send a form. Counted in the shared cache, so on all machines."""

from __future__ import annotations

import contextlib
import ipaddress
import time

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

MOST = 30
WINDOW_SECONDS = 600


def wait_seconds(request: HttpRequest) -> int:
    """Count this sending; 0 when it may pass, else how long to wait."""
    now = int(time.time())
    window, elapsed = divmod(now, WINDOW_SECONDS)
    key = f"form-sendings:{client(request)}:{window}"
    count = 0
    if not cache.add(key, 1, timeout=WINDOW_SECONDS):
        with contextlib.suppress(ValueError):  # it expired just now
            count = cache.incr(key)
    return WINDOW_SECONDS - elapsed if count > MOST else 0


def client(request: HttpRequest) -> str:
    """The caller's network: an IPv4 address, or the /64 that an IPv6 caller can vary within.

    Only as many forwarded hops are believed as there are proxies of ours.
    """
    trusted: int = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    hops = request.headers.get("X-Forwarded-For", "").split(",")
    told = hops[-trusted].strip() if 0 < trusted <= len(hops) else request.META["REMOTE_ADDR"]
    try:
        address = ipaddress.ip_address(told)
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, 64), strict=False).network_address)
    return str(address)
