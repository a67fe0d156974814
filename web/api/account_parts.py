"""One company that is here twice, by API: an account becomes a part of another, and is parted."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from lifecycle import taking_over
from web.api.accounts import AccountDoor, AccountRow, Id
from web.api.bodies import Text
from web.api.documents import REFUSALS
from web.api.views import StrictSerializer


class PartBody(StrictSerializer):
    """Which account is meant."""

    account = serializers.RegexField(Id, help_text="The id that the other account has, or had.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Ids are opaque texts outside and numbers inside."""
        attrs["other_id"] = int(attrs.pop("account"))
        return attrs


class AbsorbBody(PartBody):
    """Which account becomes a part of this one, and why."""

    reason = Text(100, required=True, allow_blank=False)


class AbsorbView(AccountDoor):
    """Making another account a part of this one."""

    serializer_class = AbsorbBody

    @extend_schema(
        operation_id="absorb_account", request=AbsorbBody, responses={200: AccountRow, **REFUSALS}
    )
    def post(self, request: Request, account_id: str) -> Response:
        """Take over another account's leads, domain and names. 409 where it stands for itself."""
        self.refuse_unknown(request, set())
        pk = self.account_id()
        taking_over.absorb(account_id=pk, by=self.caller, **self.body(request))
        return Response(AccountRow(self.full(pk)).data)


class PartView(AccountDoor):
    """Parting two accounts that were made one."""

    serializer_class = PartBody

    @extend_schema(
        operation_id="part_account", request=PartBody, responses={200: AccountRow, **REFUSALS}
    )
    def post(self, request: Request, account_id: str) -> Response:
        """Let an account that became a part of this one stand by itself again; returns that."""
        self.refuse_unknown(request, set())
        pk, other = self.account_id(), self.body(request)["other_id"]
        taking_over.part_again(account_id=pk, other_id=other, by=self.caller)
        return Response(AccountRow(self.full(other)).data)
