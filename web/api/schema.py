"""What the OpenAPI description says about our own classes."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """`Authorization: Api-Key …`."""

    target_class = "web.api.authentication.ApiKeyAuthentication"
    name = "ApiKey"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        """A header that starts with the word Api-Key."""
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "The words `Api-Key`, a space, and the key.",
        }
