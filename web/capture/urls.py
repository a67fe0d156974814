"""Addresses of the public forms."""

from __future__ import annotations

from django.urls import URLPattern, path
from django.views.decorators.csrf import csrf_exempt

from web.capture import views

# The one place without CSRF tokens: a stranger's form has no session that a forged request could
# abuse, and a token would need a cookie. The signed ticket in the form does the rest.
open_form = csrf_exempt(views.form)

urlpatterns: list[URLPattern] = [
    path("<slug:key>.js", views.script, name="form-script"),
    path("<slug:key>/", open_form, name="form"),
    path("<slug:key>/thanks/", views.thanks, name="form-thanks"),
]
