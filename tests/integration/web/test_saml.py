"""SAML, where its extra packages are installed: our metadata, and answers that are forged."""

from __future__ import annotations

import base64
import datetime as dt
import importlib.util
import zlib
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from django.test import Client

from tests import factories

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(
        importlib.util.find_spec("onelogin") is None, reason="the extra `saml` is not installed"
    ),
]

HERE = "/accounts/saml/company"
US = "http://leads.example.com/accounts/saml/company"
IDP = "https://idp.example.com/metadata"
DAY = dt.timedelta(days=1)


@pytest.fixture
def key(settings: Any) -> rsa.RSAPrivateKey:
    """The provider's key; its certificate is in the settings."""
    settings.ALLOWED_HOSTS = ["leads.example.com"]
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    settings.SOCIALACCOUNT_PROVIDERS["saml"]["APPS"][0]["settings"]["idp"]["x509cert"] = pem(made)
    return made


def pem(key: rsa.RSAPrivateKey) -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "idp")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - DAY).not_valid_after(now + DAY)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    return made.public_bytes(serialization.Encoding.PEM).decode()


def asked(client: Client) -> str:
    """Go to the provider; the id of what was asked there."""
    there = client.get(f"{HERE}/login/", headers={"host": "leads.example.com"})
    sent = parse_qs(urlsplit(there["Location"]).query)["SAMLRequest"][0]
    text = zlib.decompress(base64.b64decode(sent), -15).decode()
    return text.split('ID="', 1)[1].split('"', 1)[0]


def answer(request: str, *, signed_by: rsa.RSAPrivateKey | None) -> str:
    """What a provider would say of Anna; unsigned without a key."""
    now = dt.datetime.now(dt.UTC)
    at, until = (f"{one:%Y-%m-%dT%H:%M:%SZ}" for one in (now, now + dt.timedelta(minutes=5)))
    assertion = (
        '<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" '
        f'ID="a1" Version="2.0" IssueInstant="{at}"><saml:Issuer>{IDP}</saml:Issuer>'
        "<saml:Subject><saml:NameID "
        'Format="urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress">'
        "anna@example.com</saml:NameID><saml:SubjectConfirmation "
        'Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData '
        f'NotOnOrAfter="{until}" Recipient="{US}/acs/" InResponseTo="{request}"/>'
        "</saml:SubjectConfirmation></saml:Subject>"
        f'<saml:Conditions NotBefore="{at}" NotOnOrAfter="{until}"><saml:AudienceRestriction>'
        f"<saml:Audience>{US}/metadata/</saml:Audience></saml:AudienceRestriction>"
        f'</saml:Conditions><saml:AuthnStatement AuthnInstant="{at}"><saml:AuthnContext>'
        "<saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password"
        "</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>"
        '<saml:AttributeStatement><saml:Attribute Name="email"><saml:AttributeValue>'
        "anna@example.com</saml:AttributeValue></saml:Attribute></saml:AttributeStatement>"
        "</saml:Assertion>"
    )
    if signed_by is not None:
        from onelogin.saml2.utils import OneLogin_Saml2_Utils  # noqa: PLC0415 - an extra

        private = signed_by.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ).decode()  # fmt: skip
        made = OneLogin_Saml2_Utils.add_sign(assertion, private, pem(signed_by))
        assertion = made.decode() if isinstance(made, bytes) else made
    whole = (
        '<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" '
        'xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" '
        f'ID="r1" Version="2.0" IssueInstant="{at}" Destination="{US}/acs/" '
        f'InResponseTo="{request}"><saml:Issuer>{IDP}</saml:Issuer><samlp:Status>'
        '<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>'
        f"{assertion}</samlp:Response>"
    )
    return base64.b64encode(whole.encode()).decode()


def come_back(client: Client, response: str) -> Any:
    sent = {"SAMLResponse": response}
    return client.post(f"{HERE}/acs/", sent, follow=True, headers={"host": "leads.example.com"})


def test_our_metadata_say_where_answers_go(key: rsa.RSAPrivateKey) -> None:
    page = Client().get(f"{HERE}/metadata/", headers={"host": "leads.example.com"})
    assert page.status_code == 200, page.content
    assert f'Location="{US}/acs/"' in page.content.decode()
    assert 'WantAssertionsSigned="true"' in page.content.decode()


def test_a_signed_answer_lets_in_and_forged_ones_do_not(key: rsa.RSAPrivateKey) -> None:
    anna = factories.user("anna")
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    for forger in (None, other):
        client = Client()
        said = come_back(client, answer(asked(client), signed_by=forger))
        assert said.status_code == 403
        assert "_auth_user_id" not in client.session
    assert come_back(Client(), "not even base64").status_code == 403
    unasked = Client()
    assert come_back(unasked, answer("nobody-asked", signed_by=key)).status_code in {302, 403}
    assert "_auth_user_id" not in unasked.session
    assert not SocialAccount.objects.exists()
    client = Client()
    come_back(client, answer(asked(client), signed_by=key))
    assert client.session["_auth_user_id"] == str(anna.pk)
