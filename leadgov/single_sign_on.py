"""Log-in by the company's own accounts, as the environment says: OpenID Connect, SAML, or neither.

Nothing of it is loaded while nothing of it is set, so that the base install starts without the
extra packages. What is missing is said at the start.
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

COMPANY = "company"
"""What the provider is called in addresses: /accounts/oidc/company/…, /accounts/saml/company/…"""
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True)
class SingleSignOn:
    """What the settings take from it; `ways` are the buttons of the log-in: name and address."""

    apps: tuple[str, ...] = ()
    providers: dict[str, Any] = field(default_factory=dict)
    ways: tuple[tuple[str, str], ...] = ()
    domains: tuple[str, ...] = ()


def read(env: environ.Env) -> SingleSignOn:
    """From the variables `LEADGOV_OIDC_…`, `LEADGOV_SAML_…` and `LEADGOV_SSO_…`.

    Raises ImproperlyConfigured when a value or a package is missing.
    """
    domains = tuple(one.lower().lstrip("@") for one in env.list("LEADGOV_SSO_DOMAINS", default=[]))
    apps: list[str] = []
    providers: dict[str, Any] = {}
    ways: list[tuple[str, str]] = []
    if issuer := env.str("LEADGOV_OIDC_ISSUER", default=""):
        _require("sso", "requests", "jwt", "oauthlib")
        apps.append("allauth.socialaccount.providers.openid_connect")
        providers["openid_connect"] = _openid_connect(env, issuer)
        name = env.str("LEADGOV_OIDC_NAME", default="company account")
        ways.append((name, f"/accounts/oidc/{COMPANY}/login/"))
    if entity := env.str("LEADGOV_SAML_ENTITY_ID", default=""):
        _require("saml", "requests", "jwt", "onelogin.saml2")
        apps.append("allauth.socialaccount.providers.saml")
        providers["saml"] = _saml(env, entity, domains)
        name = env.str("LEADGOV_SAML_NAME", default="company account")
        ways.append((name, f"/accounts/saml/{COMPANY}/login/"))
    if not apps:
        return SingleSignOn()
    return SingleSignOn(("allauth.socialaccount", *apps), providers, tuple(ways), domains)


def _openid_connect(env: environ.Env, issuer: str) -> dict[str, Any]:
    address = urlsplit(issuer)
    if address.scheme != "https" and address.hostname not in LOOPBACK:
        raise ImproperlyConfigured("LEADGOV_OIDC_ISSUER must begin with https://.")
    app = {
        "provider_id": COMPANY,
        "name": env.str("LEADGOV_OIDC_NAME", default="company account"),
        "client_id": _given(env, "LEADGOV_OIDC_CLIENT_ID", "LEADGOV_OIDC_ISSUER"),
        "secret": _given(env, "LEADGOV_OIDC_CLIENT_SECRET", "LEADGOV_OIDC_ISSUER"),
        "settings": {
            "server_url": issuer.rstrip("/"),
            "verified_email": env.bool("LEADGOV_OIDC_TRUST_EMAIL", default=False),
        },
    }
    return {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}


def _saml(env: environ.Env, entity: str, domains: tuple[str, ...]) -> dict[str, Any]:
    """SAML says of no address whether it was verified: those of the company's domains count."""
    if not domains:
        raise ImproperlyConfigured("Set LEADGOV_SSO_DOMAINS, too: SAML vouches for those alone.")
    app = {
        "provider_id": f"{COMPANY}-saml",  # people are linked by it, and both ways may be open
        "client_id": COMPANY,
        "name": env.str("LEADGOV_SAML_NAME", default="company account"),
        "settings": {
            "verified_email": list(domains),
            "attribute_mapping": {
                "uid": ["urn:oasis:names:tc:SAML:attribute:subject-id"],
                "email": [
                    "email",
                    "mail",
                    "urn:oid:0.9.2342.19200300.100.1.3",
                    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
                ],
            },
            "idp": {
                "entity_id": entity,
                "sso_url": _given(env, "LEADGOV_SAML_SSO_URL", "LEADGOV_SAML_ENTITY_ID"),
                "x509cert": _given(env, "LEADGOV_SAML_CERTIFICATE", "LEADGOV_SAML_ENTITY_ID"),
            },
            "advanced": {"want_assertion_signed": True, "reject_deprecated_algorithm": True},
        },
    }
    return {"APPS": [app]}


def _given(env: environ.Env, name: str, by: str) -> str:
    value: str = env.str(name, default="")
    if not value:
        raise ImproperlyConfigured(f"{by} is set, so {name} must be, too.")
    return value


def _require(extra: str, *modules: str) -> None:
    for module in modules:
        try:
            found = importlib.util.find_spec(module)
        except ModuleNotFoundError:
            found = None
        if found is None:
            raise ImproperlyConfigured(
                f"Log-in by your provider needs more packages: pip install 'leadgov[{extra}]'."
            )
