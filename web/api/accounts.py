"""Accounts by API: listed, made or changed as another system knows them; references of leads."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.errors import NotFound
from leads import cleansing, postal_codes, references, selectors
from leads.models import Account, AccountAlias, AccountStatus, ExternalReference
from lifecycle import account_upserts, accounts
from lifecycle.account_upserts import Alias, Said
from people import holders
from people.models import User
from web.api import errors, paging, permissions, shown
from web.api.bodies import Instant, Text
from web.api.documents import REFUSALS
from web.api.filters import MOST_ID, StrictFilters
from web.api.leads import LeadDoor
from web.api.views import Door, StrictSerializer

ACCOUNT_ID = re.compile(r"[0-9]{1,18}")
Id = r"^[0-9]{1,18}\Z"


class AliasBody(StrictSerializer):
    """Another name or domain of the company."""

    kind = serializers.ChoiceField(AccountAlias.Kind.choices)
    value = Text(253, required=True, allow_blank=False)


class _Standing(StrictSerializer):
    owner = serializers.RegexField(Id, required=False, allow_null=True, help_text="A user's id.")
    status = serializers.ChoiceField(AccountStatus.choices, required=False)
    parent = serializers.RegexField(  # type: ignore[assignment]
        Id, required=False, allow_null=True, help_text="An account's id."
    )
    aliases = AliasBody(many=True, required=False)


class AccountBody(_Standing):
    """An account as another system knows it; what is left out stays as it is."""

    system = Text(80)
    external_id = Text(200)
    url = serializers.URLField(max_length=500, required=False, allow_blank=True)
    name = Text(200)
    domain = Text(253)
    industry = Text(80)
    employees = serializers.IntegerField(required=False, min_value=0, max_value=2**31 - 1)
    annual_revenue = serializers.DecimalField(
        required=False, max_digits=18, decimal_places=2, min_value=0
    )
    currency = serializers.RegexField(r"^[A-Z]{3}\Z", required=False, allow_blank=True)
    country = Text(60)
    region = Text(80)
    postal_code = Text(16)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """To what the lifecycle takes. Faults are named by field."""
        faults = {}
        reading = cleansing.company_domain(domain=attrs.get("domain"))
        domain = reading.domain
        if attrs.get("domain") and not domain:
            faults["domain"] = cleansing.why_not(attrs["domain"], reading.because)
        country = cleansing.country_code(attrs["country"]) if attrs.get("country") else ""
        if country is None:
            faults["country"] = "No such country; use ISO codes such as DE."
        owner = _owner(attrs, faults)
        if bool(attrs.get("system")) != bool(attrs.get("external_id")):
            faults["external_id"] = "Give system and external_id together."
        if faults:
            raise serializers.ValidationError(faults)
        values: dict[str, Any] = {
            name: attrs[name]
            for name in ("industry", "employees", "annual_revenue", "currency")
            if name in attrs
        }
        said = Said(
            reference=_reference(attrs),
            name=attrs.get("name", ""),
            domain=domain or "",
            values={**values, "country": country or "", **_place(attrs, country or "")},
            status=attrs.get("status", ""),
            owner=owner,
            aliases=_aliases(attrs),
        )
        return {"said": said, "parent": _id(attrs, "parent")}


def _place(attrs: Mapping[str, Any], country: str) -> dict[str, str]:
    return {
        "region": postal_codes.region(attrs.get("region", "")),
        "postal_code": postal_codes.clean(attrs.get("postal_code", ""), country),
    }


class AccountChange(_Standing):
    """What changes about an account, and why; null empties owner and parent."""

    region = Text(80)
    postal_code = Text(16)
    reason = Text(100, required=True, allow_blank=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Ids are opaque texts outside and numbers inside."""
        aliases = attrs.get("aliases")
        named = accounts.KEEP if aliases is None else [(a["kind"], a["value"]) for a in aliases]
        return {
            "reason": attrs["reason"],
            "owner": _id(attrs, "owner"),
            "parent": _id(attrs, "parent"),
            "status": attrs.get("status", accounts.KEEP),
            "aliases": named,
            "region": attrs.get("region", accounts.KEEP),
            "postal_code": attrs.get("postal_code", accounts.KEEP),
        }


class ReferenceBody(StrictSerializer):
    """What another system calls the row."""

    system = Text(80, required=True, allow_blank=False)
    external_id = Text(200, required=True, allow_blank=False)
    url = serializers.URLField(max_length=500, required=False, allow_blank=True)


class ReferenceRow(shown.Document):
    """What another system calls the row."""

    system = serializers.CharField()
    external_id = serializers.CharField(source="value")
    url = serializers.CharField()


class AliasRow(shown.Document):
    """Another name or domain."""

    kind = serializers.ChoiceField(AccountAlias.Kind.choices)
    value = serializers.CharField(source="shown")


class AccountRow(shown.Company):
    """An account in a list."""

    status = serializers.ChoiceField(AccountStatus.choices)  # type: ignore[assignment]
    annual_revenue = serializers.DecimalField(max_digits=18, decimal_places=2, allow_null=True)
    currency = serializers.CharField()
    owner = shown.Who(allow_null=True)
    parent = serializers.CharField(source="parent_id", allow_null=True)  # type: ignore[assignment]
    aliases = AliasRow(many=True)
    references = ReferenceRow(many=True)
    created_at = Instant()


class AccountPut(AccountRow):
    """The account as it then is, and what could not be taken over."""

    remarks = serializers.SerializerMethodField()

    def get_remarks(self, account: Account) -> list[dict[str, str]]:
        """Field and reason."""
        told = self.context["remarks"]
        return [{"field": one.field, "message": one.message} for one in told]


class AccountFilters(django_filters.FilterSet):  # type: ignore[misc]
    """The filters of the list of accounts."""

    status = django_filters.ChoiceFilter(choices=AccountStatus.choices)
    country = django_filters.CharFilter(max_length=2)
    domain = django_filters.CharFilter(max_length=253)
    owner = django_filters.NumberFilter(field_name="owner_id", min_value=1, max_value=MOST_ID)
    parent = django_filters.NumberFilter(field_name="parent_id", min_value=1, max_value=MOST_ID)
    system = django_filters.CharFilter(max_length=80, method="called")
    external_id = django_filters.CharFilter(max_length=200, method="called")
    q = django_filters.CharFilter(
        method="search", max_length=200, label="The beginning of a name, domain or alias."
    )

    class Meta:
        model = Account
        fields: tuple[str, ...] = ()

    def called(self, rows: QuerySet[Account], name: str, value: str) -> QuerySet[Account]:
        """By what another system calls it."""
        data = self.form.cleaned_data
        found = ExternalReference.objects.filter(kind="ACCOUNT")
        if data.get("system"):
            found = found.filter(system=data["system"].casefold())
        if data.get("external_id"):
            found = found.filter(value=data["external_id"])
        return rows.filter(pk__in=found.values("account_id"))

    def search(self, rows: QuerySet[Account], name: str, value: str) -> QuerySet[Account]:
        """The same search as the console's."""
        begins = AccountAlias.objects.filter(shown__istartswith=value)
        return rows.filter(
            Q(name__istartswith=value)
            | Q(domain__istartswith=value)
            | Q(pk__in=begins.values("account_id"))
        )


class AccountDoor(Door):
    """Doors to accounts: only those the caller may see exist at all."""

    door = permissions.ACCOUNTS

    def get_queryset(self) -> QuerySet[Account]:
        """The accounts this caller may see, with what belongs to them."""
        rows = selectors.accounts_listed_to(self.caller).select_related("owner")
        return rows.prefetch_related("aliases", "references")

    def account_id(self) -> int:
        """The account of the address. Raises NotFound alike for missing and hidden ones."""
        text = self.kwargs["account_id"]
        rows = selectors.accounts_visible_to(self.caller)
        if not ACCOUNT_ID.fullmatch(text) or not rows.filter(pk=int(text)).exists():
            raise NotFound(errors.NO_SUCH_THING)
        return int(text)

    def full(self, account_id: int) -> Account:
        """One account with what belongs to it."""
        rows = Account.objects.select_related("owner").prefetch_related("aliases", "references")
        return rows.get(pk=account_id)


class AccountListView(AccountDoor):
    """Accounts, newest first."""

    queryset = Account.objects.none()  # for the description, which nobody asks
    serializer_class = AccountBody
    pagination_class = paging.KeysetPages
    filter_backends = (StrictFilters,)
    filterset_class = AccountFilters
    keyset = ("created_at", "id")

    @extend_schema(operation_id="list_accounts", responses=AccountRow(many=True))
    def get(self, request: Request) -> Response:
        """List accounts, newest first, page by page."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(AccountRow(page, many=True).data)

    @extend_schema(
        operation_id="put_account",
        request=AccountBody,
        responses={200: AccountPut, 201: AccountPut, **REFUSALS},
    )
    def post(self, request: Request) -> Response:
        """Make an account, or change the one of this reference, domain, or name and country."""
        self.refuse_unknown(request, set())
        pk, done = accounts.put(by=self.caller, **self.body(request))
        row = AccountPut(self.full(pk), context={"remarks": done.remarks})
        return Response(row.data, status=201 if done.outcome == "created" else 200)


class AccountView(AccountDoor):
    """One account."""

    serializer_class = AccountChange

    @extend_schema(operation_id="get_account", responses=AccountRow)
    def get(self, request: Request, account_id: str) -> Response:
        """Show one account with its aliases and references."""
        self.refuse_unknown(request, set())
        return Response(AccountRow(self.full(self.account_id())).data)

    @extend_schema(
        operation_id="change_account", request=AccountChange,
        responses={200: AccountRow, **REFUSALS},
    )  # fmt: skip
    def patch(self, request: Request, account_id: str) -> Response:
        """Change owner, status, parent or aliases, with a reason; waiting leads follow."""
        self.refuse_unknown(request, set())
        pk = self.account_id()
        accounts.edit(account_id=pk, by=self.caller, **self.body(request))
        return Response(AccountRow(self.full(pk)).data)


class LeadReferencesView(LeadDoor):
    """What other systems call a lead."""

    serializer_class = ReferenceBody

    @extend_schema(
        operation_id="refer_lead",
        request=ReferenceBody,
        responses={200: ReferenceRow(many=True), **REFUSALS},
    )
    def post(self, request: Request, lead_id: str) -> Response:
        """Keep what another system calls a lead; returns all it is called."""
        self.refuse_unknown(request, set())
        pk = self.lead_id()
        accounts.refer(lead_id=pk, **self.body(request))
        rows = ExternalReference.objects.filter(lead_id=pk).order_by("system", "value")
        return Response(ReferenceRow(rows, many=True).data)


def _owner(attrs: dict[str, Any], faults: dict[str, str]) -> int | None:
    told = attrs.get("owner")
    if not told:
        return None
    if refused := holders.refusal(User.objects.filter(pk=int(told)).first()):
        faults["owner"] = refused
    return int(told)


def _reference(attrs: dict[str, Any]) -> references.Reference | None:
    if not attrs.get("system"):
        return None
    return references.read(attrs["system"], attrs["external_id"], attrs.get("url", ""))


def _aliases(attrs: dict[str, Any]) -> tuple[Alias, ...]:
    read = [account_upserts.alias(one["kind"], one["value"]) for one in attrs.get("aliases", ())]
    if None in read:
        raise serializers.ValidationError({"aliases": "One of these names no company."})
    return tuple(one for one in read if one is not None)


def _id(attrs: dict[str, Any], name: str) -> Any:
    """The id said; None where it is emptied; to be kept where it is not said."""
    if name not in attrs:
        return accounts.KEEP
    return int(attrs[name]) if attrs[name] else None
