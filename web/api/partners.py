"""Partner registrations and conflicts by API."""

from __future__ import annotations

import re
from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core import database
from core.errors import NotFound
from leads import selectors
from leads.models import PartnerConflict, PartnerExtension, PartnerRegistration
from lifecycle import partner_books, partner_extending, partner_rights, partnering
from web.api import errors, paging, permissions, shown
from web.api.accounts import Id
from web.api.bodies import Empty, Instant, Text
from web.api.documents import REFUSALS
from web.api.filters import MOST_ID, StrictFilters, TruthFilter
from web.api.views import Door, StrictSerializer

NUMBER = re.compile(r"[0-9]{1,18}")


class RegistrationBody(StrictSerializer):
    """Which company a partner registers, and for how long."""

    account = serializers.RegexField(Id, help_text="The company, an account's id.")
    partner = serializers.RegexField(Id, help_text="The partner, an account's id.")
    note = Text(partnering.LONGEST_NOTE)
    days = serializers.IntegerField(
        required=False, min_value=1, max_value=partnering.MOST_DAYS,
        help_text="From now; without it as many as the installation says.",
    )  # fmt: skip

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Ids are opaque texts outside and numbers inside."""
        told = {"account_id": int(attrs.pop("account")), "partner_id": int(attrs.pop("partner"))}
        return told | attrs


class WithdrawBody(StrictSerializer):
    """Why a registration ends before its time."""

    reason = Text(partner_books.LONGEST_REASON, required=True, allow_blank=False)


class ExtendBody(WithdrawBody):
    """Until when a registration goes on, and why."""

    until = Instant(help_text="The first instant at which it is over.")


class DecideBody(WithdrawBody):
    """Whose the company is, and why."""

    verdict = serializers.ChoiceField(partnering.VERDICT_CHOICES)
    days = serializers.IntegerField(
        required=False, min_value=1, max_value=partnering.MOST_DAYS,
        help_text="How long it is the second one's, where it is given to them.",
    )  # fmt: skip


class Party(shown.Document):
    """A company or partner."""

    id = serializers.CharField(source="pk")
    name = serializers.CharField(source="called")


class ExtensionRow(shown.Document):
    """A later end that a registration got; taken back where `undone_at` is set."""

    id = serializers.CharField(source="pk")
    until_before = Instant()
    until_after = Instant()
    reason = serializers.CharField()
    extended_by = shown.Who()
    extended_at = Instant()
    undone_at = Instant(allow_null=True)


class RegistrationRow(shown.Document):
    """A registration; in force while ACTIVE between `from_at` and `until_at`."""

    id = serializers.CharField(source="pk")
    account = Party()
    partner = Party()
    state = serializers.ChoiceField(PartnerRegistration.State.choices)
    note = serializers.CharField()
    from_at = Instant()
    until_at = Instant()
    ended_at = Instant(allow_null=True)
    end_reason = serializers.CharField()
    registered_by = shown.Who()
    registered_at = Instant()
    extensions = ExtensionRow(many=True)


class ConflictRow(shown.Document):
    """A second partner's claim, and what was decided."""

    id = serializers.CharField(source="pk")
    registration = RegistrationRow()
    claimant = Party(allow_null=True, help_text="Null where we know no partner of that name.")
    claimant_name = serializers.CharField()
    claim = serializers.CharField()
    lead = serializers.SerializerMethodField()
    claimed_by = shown.Who(allow_null=True)
    opened_at = Instant()
    state = serializers.ChoiceField(PartnerConflict.State.choices)
    decided_by = shown.Who(allow_null=True)
    decided_at = Instant(allow_null=True)
    reason = serializers.CharField()

    def get_lead(self, conflict: PartnerConflict) -> str | None:
        """The lead whose touchpoint made the claim."""
        touch = conflict.touch
        return str(touch.lead_id) if touch is not None and touch.lead_id else None


class ClaimedRow(shown.Document):
    """What came of it: the registration, or the conflict where another partner was first."""

    registration = RegistrationRow(allow_null=True)
    conflict = ConflictRow(allow_null=True)


class RegistrationFilters(django_filters.FilterSet):  # type: ignore[misc]
    """The filters of the list of registrations."""

    account = django_filters.NumberFilter(field_name="account_id", min_value=1, max_value=MOST_ID)
    partner = django_filters.NumberFilter(field_name="partner_id", min_value=1, max_value=MOST_ID)
    state = django_filters.ChoiceFilter(choices=PartnerRegistration.State.choices)
    in_force = TruthFilter(method="now", label="Whether it is in force now.")

    class Meta:
        model = PartnerRegistration
        fields: tuple[str, ...] = ()

    def now(
        self, rows: QuerySet[PartnerRegistration], name: str, value: object
    ) -> QuerySet[PartnerRegistration]:
        """By the state and the window."""
        at = database.now()
        holds = Q(state=PartnerRegistration.State.ACTIVE, from_at__lte=at, until_at__gt=at)
        return rows.filter(holds) if value else rows.exclude(holds)


class PartnerDoor(Door):
    """Doors to registrations and conflicts; who may do what is decided by the act itself."""

    door = permissions.PARTNERS

    def registrations(self) -> QuerySet[PartnerRegistration]:
        """Those that the caller may see."""
        rows = partner_rights.registrations_visible_to(self.caller)
        return rows.select_related("account", "partner", "registered_by").prefetch_related(
            "extensions__extended_by"
        )

    def conflicts(self) -> QuerySet[PartnerConflict]:
        """Those that the caller may see."""
        rows = partner_rights.conflicts_visible_to(self.caller)
        beside = ("registration__account", "registration__partner", "registration__registered_by",
                  "claimant", "touch", "claimed_by", "decided_by")  # fmt: skip
        rows = rows.prefetch_related("registration__extensions__extended_by")
        return rows.select_related(*beside).defer("touch__payload")

    def one(self, rows: QuerySet[Any], text: str) -> Any:
        """The row of the address. Raises NotFound alike for missing and hidden ones."""
        found = rows.filter(pk=int(text)).first() if NUMBER.fullmatch(text) else None
        if found is None:
            raise NotFound(errors.NO_SUCH_THING)
        return found


class RegistrationListView(PartnerDoor):
    """Registrations, newest first, and making one."""

    queryset = PartnerRegistration.objects.none()  # for the description, which nobody asks
    serializer_class = RegistrationBody
    pagination_class = paging.KeysetPages
    filter_backends = (StrictFilters,)
    filterset_class = RegistrationFilters
    keyset = ("id",)

    @extend_schema(operation_id="list_partner_registrations", responses=RegistrationRow(many=True))
    def get(self, request: Request) -> Response:
        """List registrations that the caller may see, page by page."""
        page = self.paginate_queryset(self.filter_queryset(self.registrations()))
        return self.get_paginated_response(RegistrationRow(page, many=True).data)

    @extend_schema(
        operation_id="register_for_partner",
        request=RegistrationBody,
        responses={201: ClaimedRow, 202: ClaimedRow, **REFUSALS},
    )
    def post(self, request: Request) -> Response:
        """Register a company for a partner. 202 where another was first: a conflict is open."""
        self.refuse_unknown(request, set())
        said = self.body(request)
        seen = selectors.accounts_visible_to(self.caller).filter(pk=said["account_id"])
        if not seen.exists():
            raise NotFound(errors.NO_SUCH_THING)
        done = partnering.register(by=self.caller, **said)
        answer = {
            "registration": done.registration and self.registrations().get(pk=done.registration.pk),
            "conflict": done.conflict and self.conflicts().get(pk=done.conflict.pk),
        }
        return Response(ClaimedRow(answer).data, status=202 if done.conflict else 201)


class WithdrawView(PartnerDoor):
    """Ending a registration before its time."""

    serializer_class = WithdrawBody

    @extend_schema(
        operation_id="withdraw_partner_registration",
        request=WithdrawBody,
        responses={200: RegistrationRow, **REFUSALS},
    )
    def post(self, request: Request, registration_id: str) -> Response:
        """End it now, with a reason."""
        self.refuse_unknown(request, set())
        row = self.one(self.registrations(), registration_id)
        partnering.withdraw(registration_id=row.pk, by=self.caller, **self.body(request))
        return Response(RegistrationRow(self.one(self.registrations(), registration_id)).data)


class ExtendView(PartnerDoor):
    """A later end for a registration in force."""

    serializer_class = ExtendBody

    @extend_schema(
        operation_id="extend_partner_registration",
        request=ExtendBody,
        responses={200: RegistrationRow, **REFUSALS},
    )
    def post(self, request: Request, registration_id: str) -> Response:
        """Let it run longer, with a reason; what has run out is registered anew."""
        self.refuse_unknown(request, set())
        row = self.one(self.registrations(), registration_id)
        partner_extending.extend(registration_id=row.pk, by=self.caller, **self.body(request))
        return Response(RegistrationRow(self.one(self.registrations(), registration_id)).data)


class UndoExtensionView(PartnerDoor):
    """Taking an extension back."""

    serializer_class = Empty

    @extend_schema(
        operation_id="undo_partner_extension",
        request=Empty,
        responses={200: RegistrationRow, **REFUSALS},
    )
    def post(self, request: Request, extension_id: str) -> Response:
        """Give the registration its old end back: within the kit's undo window."""
        self.refuse_unknown(request, set())
        self.body(request)
        seen = PartnerExtension.objects.filter(registration__in=self.registrations())
        made = self.one(seen, extension_id)
        partner_extending.undo(extension_id=made.pk, by=self.caller)
        row = self.one(self.registrations(), str(made.registration_id))
        return Response(RegistrationRow(row).data)


class ConflictListView(PartnerDoor):
    """Conflicts, newest first."""

    queryset = PartnerConflict.objects.none()  # for the description, which nobody asks
    serializer_class = ConflictRow
    pagination_class = paging.KeysetPages
    filter_backends = (StrictFilters,)
    filterset_fields = ("state",)
    keyset = ("id",)

    @extend_schema(operation_id="list_partner_conflicts", responses=ConflictRow(many=True))
    def get(self, request: Request) -> Response:
        """List conflicts that the caller may see, page by page."""
        page = self.paginate_queryset(self.filter_queryset(self.conflicts()))
        return self.get_paginated_response(ConflictRow(page, many=True).data)


class DecideView(PartnerDoor):
    """Deciding between two partners."""

    serializer_class = DecideBody

    @extend_schema(
        operation_id="decide_partner_conflict",
        request=DecideBody,
        responses={200: ConflictRow, **REFUSALS},
    )
    def post(self, request: Request, conflict_id: str) -> Response:
        """Say whose the company is, with a reason."""
        self.refuse_unknown(request, set())
        row = self.one(self.conflicts(), conflict_id)
        partnering.decide(conflict_id=row.pk, by=self.caller, **self.body(request))
        return Response(ConflictRow(self.one(self.conflicts(), conflict_id)).data)


class UndoView(PartnerDoor):
    """Taking a decision back."""

    serializer_class = Empty

    @extend_schema(
        operation_id="undo_partner_decision",
        request=Empty,
        responses={200: ConflictRow, **REFUSALS},
    )
    def post(self, request: Request, conflict_id: str) -> Response:
        """Open the conflict again: within the kit's undo window, while nothing followed."""
        self.refuse_unknown(request, set())
        self.body(request)
        row = self.one(self.conflicts(), conflict_id)
        partnering.undo(conflict_id=row.pk, by=self.caller)
        return Response(ConflictRow(self.one(self.conflicts(), conflict_id)).data)
