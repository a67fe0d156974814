"""One's own address for blind copies."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from core import database
from core.texts import _
from lifecycle.mailroom import receiving
from people import services
from web.console import pages


@require_http_methods(["GET", "POST"])
@pages.page
def show(request: HttpRequest) -> HttpResponseBase:
    """The address; sent, it is renewed."""
    reader = pages.reader(request)
    if request.method == "POST":
        services.renew_mail_token(reader)
        messages.success(request, _("You have a new address; the old one logs nothing any more."))
        return pages.moved(request, reverse("console:mail-address"))
    address = receiving.blind_address(services.mail_token(reader))
    return pages.render(
        request, "console/mail_address.html", current="", now=database.now(), address=address,
        own=reader.email,
    )  # fmt: skip
