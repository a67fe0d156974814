"""Every address of the product, by door."""

from __future__ import annotations

from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.utils.module_loading import import_string
from django.views.generic import RedirectView

# One door: the administration's own would ask for no second factor and count no failures.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
_own_password = RedirectView.as_view(pattern_name="account_change_password")
_security = RedirectView.as_view(pattern_name="mfa_index")


def single_sign_on_urls() -> list[URLResolver | URLPattern]:
    """Of what the settings name, and of the pages both ways share."""
    apps = settings.SINGLE_SIGN_ON.apps
    shared: list[URLResolver | URLPattern] = (
        [path("accounts/provider/", include("allauth.socialaccount.urls"))] if apps else []
    )
    if "openid_connect" in settings.SOCIALACCOUNT_PROVIDERS:
        there = import_string("people.single_sign_on.to_provider")
        shared.append(path("accounts/oidc/<str:provider_id>/login/", there))
    return [*shared, *(path("accounts/", include(f"{app}.urls")) for app in apps[1:])]


urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/password_change/", _own_password),
    path("admin/", admin.site.urls),
    # By which address somebody logs in is for the administration to say.
    path("accounts/email/", _security),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("accounts/sessions/", include("allauth.usersessions.urls")),
    *single_sign_on_urls(),
    path("accounts/", include("allauth.account.urls")),
    path("", include("web.urls")),
]

handler400 = "web.errors.bad_request"
handler403 = "web.errors.permission_denied"
handler404 = "web.errors.page_not_found"
handler429 = "web.errors.too_many_requests"
handler500 = "web.errors.server_error"
