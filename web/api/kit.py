"""The active kit, as it is executed."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from governance import selectors
from web.api import shown
from web.api.views import Door


class KitView(Door):
    """The kit in force."""

    serializer_class = shown.KitDocument

    @extend_schema(operation_id="get_kit", responses=shown.KitDocument)
    def get(self, request: Request) -> Response:
        """Show the active kit: its canonical document, checksum and signers."""
        self.refuse_unknown(request, set())
        version = selectors.active_version()
        if version is None:
            raise selectors.NoActiveKit
        return Response(shown.KitDocument(version).data)
