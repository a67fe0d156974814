"""Who comes in by the company's own accounts: people who are known here, by a verified address."""

from __future__ import annotations

import logging
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.providers.openid_connect import views
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render

from people.models import Role, User

log = logging.getLogger(__name__)


class KnownPeople(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Nobody signs up by it, and an address counts only while the provider vouches for it."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Accounts are made by invitation."""
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Find the person by the address, at every log-in; refuse everybody else."""
        person = known(sociallogin)
        other = request.user.is_authenticated and request.user != person
        if person is None or other or not _is_one_subject(sociallogin.account.extra_data):
            raise ImmediateHttpResponse(refused(request))
        if sociallogin.is_existing and sociallogin.user != person:
            raise ImmediateHttpResponse(refused(request))
        if not sociallogin.is_existing:
            link = sociallogin.connect  # an account to its person; the library's word for it
            link(request, person)

    def on_authentication_error(self, request: HttpRequest, provider: Any, **more: Any) -> None:
        """A refusal or a fault of the provider, in our own words."""
        raise ImmediateHttpResponse(refused(request))

    def send_notification_mail(self, *args: Any, **more: Any) -> None:
        """As all mails of the log-in."""
        get_adapter().send_notification_mail(*args, **more)


def to_provider(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    """Off to the provider; one that does not answer is no fault of who asks, nor ours."""
    try:
        answer: HttpResponseBase = views.login(request, provider_id)
        return answer
    except OSError as fault:
        log.warning("The OpenID provider does not answer: %r", fault)
        return render(request, "account/provider_away.html", status=502)


def known(sociallogin: Any) -> User | None:
    """The active person with the verified address, at one of the company's domains if such are set.

    Machines log in by keys alone.
    """
    told = [one.email for one in sociallogin.email_addresses if _is_true(one.verified)]
    domains = settings.SINGLE_SIGN_ON_DOMAINS
    for email in told:
        if not domains or email.rpartition("@")[2].lower() in domains:
            people = User.objects.filter(email__iexact=email, is_active=True)
            return people.exclude(role=Role.SERVICE).first()
    return None


def refused(request: HttpRequest) -> Any:
    """One answer to all that fails, so that nobody learns who has an account."""
    return render(request, "account/not_known.html", status=403)


def _is_true(said: object) -> bool:
    """Some providers write it as text, and “false” is no yes."""
    return said is True or str(said).lower() == "true"


def _is_one_subject(told: Any) -> bool:
    """OpenID Connect tells of the person twice; both must be the same one."""
    subjects = {
        part["sub"]
        for part in (told.get("userinfo"), told.get("id_token"))
        if isinstance(part, dict) and "sub" in part
    } if isinstance(told, dict) else set()  # fmt: skip
    return len(subjects) <= 1
