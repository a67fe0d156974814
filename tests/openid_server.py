"""A little OpenID provider on loopback: its documents, and tokens signed with a throw-away key."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

KID = "throw-away"


class Provider:
    """`claims` are of whom it tells; `asked` is what came to the token endpoint."""

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.claims: dict[str, Any] = {}
        self.userinfo: dict[str, Any] | None = None
        self.issuer = ""
        self.asked: dict[str, list[str]] = {}

    def documents(self, path: str) -> dict[str, Any] | None:
        if path == "/.well-known/openid-configuration":
            return {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "userinfo_endpoint": f"{self.issuer}/userinfo",
                "jwks_uri": f"{self.issuer}/keys",
                "token_endpoint_auth_methods_supported": ["client_secret_post"],
            }
        if path == "/keys":
            public = json.loads(RSAAlgorithm.to_jwk(self.key.public_key()))
            return {"keys": [{**public, "kid": KID, "use": "sig", "alg": "RS256"}]}
        return (self.userinfo or self.claims) if path == "/userinfo" else None

    def token(self) -> dict[str, Any]:
        now = int(time.time())
        said = {"iss": self.issuer, "aud": "leadgov", "iat": now, "exp": now + 300, **self.claims}
        signed = jwt.encode(said, self.key, algorithm="RS256", headers={"kid": KID})
        return {"access_token": "any", "token_type": "Bearer", "id_token": signed}


@contextmanager
def serving() -> Iterator[Provider]:
    """The provider, listening; its `issuer` is its address."""
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.answer(provider.documents(self.path))

        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
            provider.asked = parse_qs(sent)
            self.answer(provider.token())

        def answer(self, told: dict[str, Any] | None) -> None:
            body = json.dumps(told).encode()
            self.send_response(200 if told is not None else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        provider.issuer = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield provider
        server.shutdown()
        thread.join()
