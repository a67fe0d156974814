"""How often forms may be sent: by one network, to one form, and in all. Counted in the database.

Signals of websites' pages are counted in the same way, apart.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import time
from collections.abc import Mapping

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from web.capture.hosted import PublicForm
from web.models import FormSendings, Site

WINDOW_SECONDS = 600
DAY_SECONDS = 86_400
KEPT = dt.timedelta(days=2)


def wait_seconds(request: HttpRequest, public: PublicForm) -> int:
    """Count this sending, one statement; 0 when it may pass, else how long to wait.

    One network may send a form so often; a form takes so much in ten minutes and in a day; all
    forms together take so much (`LEADGOV_FORM_BRAKE`).
    """
    return _wait(
        "all",
        {
            "all": settings.FORM_BRAKE,
            f"day:{public.key}": public.daily_limit,
            f"form:{public.key}": public.form_limit,
            f"net:{public.key}:{_disguised(client(request))}": public.network_limit,
        },
    )


def wait_of_site(request: HttpRequest, site: Site) -> int:
    """The same for a signal of a website's page: by one network, and in all, apart from forms."""
    whole = f"site:{site.key}"
    return _wait(
        whole,
        {
            f"day:{whole}": site.daily_limit,
            whole: site.site_limit,
            f"net:{whole}:{_disguised(client(request))}": site.network_limit,
        },
    )


def _wait(tidied_by: str, most_of: Mapping[str, int]) -> int:
    """Count one in each bucket, for a day or ten minutes; how long to wait if that is too much.

    The first in ten minutes to be counted in the bucket `tidied_by` deletes old counts.
    """
    now = int(time.time())
    window, day = now - now % WINDOW_SECONDS, now - now % DAY_SECONDS
    allowed = {
        (bucket, day if bucket.startswith("day:") else window): most
        for bucket, most in most_of.items()
    }
    counted = _count(sorted(allowed))
    if counted[tidied_by, window] == 1:
        before = dt.datetime.fromtimestamp(now, dt.UTC) - KEPT
        FormSendings.objects.filter(starts_at__lt=before).delete()
    waits = [
        start + (DAY_SECONDS if bucket.startswith("day:") else WINDOW_SECONDS) - now
        for (bucket, start), most in allowed.items()
        if counted[bucket, start] > most
    ]
    return max(waits, default=0)


def _count(buckets: list[tuple[str, int]]) -> dict[tuple[str, int], int]:
    """Add one to each, in their order, so that two senders never wait for each other."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO web_formsendings (bucket, starts_at, count)
            SELECT bucket, to_timestamp(start), 1
              FROM unnest(%s::text[], %s::bigint[]) AS asked (bucket, start)
                ON CONFLICT (bucket, starts_at)
                DO UPDATE SET count = web_formsendings.count + 1
            RETURNING bucket, extract(epoch FROM starts_at)::bigint, count
            """,
            [[bucket for bucket, _ in buckets], [start for _, start in buckets]],
        )
        return {(bucket, start): count for bucket, start, count in cursor.fetchall()}


def _disguised(network: str) -> str:
    """An address says who somebody is; to count them, its fingerprint is enough."""
    return salted_hmac("web.capture.limits", network, algorithm="sha256").hexdigest()[:24]


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
