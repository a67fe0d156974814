"""Which leads a list shows. What cannot be understood is refused, never ignored."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.request import Request

from core.errors import DomainError, FieldError
from leads import identity, search
from leads.models import Channel, ExternalReference, IdentityKey, Lead, SourceCategory
from leads.stages import CHOICES
from web.api.paging import KeysetPages
from web.api.views import Door

MOST_ID = 2**63 - 1
TRUTHS = {"": None, "true": True, "1": True, "false": False, "0": False}


class BadFilter(DomainError):
    """A filter's value cannot be understood."""

    code = "bad_filter"
    status = 400


class TruthField(forms.NullBooleanField):
    """`true` or `false`; what is neither is refused instead of showing everything."""

    widget = forms.TextInput

    def clean(self, value: Any) -> bool | None:
        """None where nothing is said."""
        text = str(value or "").strip().lower()
        if text not in TRUTHS:
            raise forms.ValidationError("Give true or false.")
        return TRUTHS[text]


class TruthFilter(django_filters.BooleanFilter):  # type: ignore[misc]
    """A filter by yes or no."""

    field_class = TruthField


class LeadFilters(django_filters.FilterSet):  # type: ignore[misc]
    """The filters of the list of leads."""

    stage = django_filters.ChoiceFilter(choices=CHOICES)
    channel = django_filters.ChoiceFilter(choices=Channel.choices)
    category = django_filters.ChoiceFilter(choices=SourceCategory.choices)
    band = django_filters.CharFilter(max_length=20)
    queue = django_filters.CharFilter(max_length=60)
    reason = django_filters.CharFilter(max_length=60)
    owner = django_filters.CharFilter(
        method="owned_by", max_length=18, label="The owner's id; `me`, or `none`."
    )
    account = django_filters.NumberFilter(field_name="account_id", min_value=1, max_value=MOST_ID)
    created_from = django_filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="gte")
    created_to = django_filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="lt")
    due_before = django_filters.IsoDateTimeFilter(field_name="next_due_at", lookup_expr="lt")
    system = django_filters.CharFilter(
        max_length=80, method="called", label="Whose `external_id` it is; yours unless said."
    )
    external_id = django_filters.CharFilter(
        max_length=200, method="called", label="What another system calls the lead or its buyer."
    )
    q = django_filters.CharFilter(
        method="search", max_length=200, label="A name, an e-mail address, a phone, a company."
    )

    class Meta:
        model = Lead
        fields: tuple[str, ...] = ()

    def owned_by(self, rows: QuerySet[Lead], name: str, value: str) -> QuerySet[Lead]:
        """`me`, `none`, or a user's id."""
        if value == "me":
            return rows.filter(owner_id=self.request.user.pk)
        if value == "none":
            return rows.filter(owner__isnull=True)
        if not (value.isascii() and value.isdigit()):
            message = "Give a user's id, `me` or `none`."
            raise BadFilter(f"owner: {message}", errors=[FieldError("owner", message)])
        return rows.filter(owner_id=int(value))

    def called(self, rows: QuerySet[Lead], name: str, value: str) -> QuerySet[Lead]:
        """By the id in another system: of the lead, or of its buyer as a touchpoint told it."""
        data = self.form.cleaned_data
        value, system = data.get("external_id", ""), data.get("system", "")
        if not value:
            message = "Give the id in that system, too."
            raise BadFilter(f"external_id: {message}", errors=[FieldError("external_id", message)])
        key = identity.external_key(value, scope=system or f"user:{self.request.user.pk}")
        held = IdentityKey.objects.filter(kind=key.kind.value, value=key.value)
        people = held.annotate(root=Coalesce("person__merged_into", "person")).values("root")
        found = ExternalReference.objects.filter(kind="LEAD", value=value)
        found = found.filter(system=system.casefold()) if system else found
        return rows.filter(Q(pk__in=found.values("lead")) | Q(person__in=people))

    def search(self, rows: QuerySet[Lead], name: str, value: str) -> QuerySet[Lead]:
        """The same search as the console's."""
        return search.narrow(rows, value)


class StrictFilters(DjangoFilterBackend):  # type: ignore[misc]
    """Refuses unknown parameters and wrong values with 400, by name."""

    def filter_queryset(
        self, request: Request, queryset: QuerySet[Any], view: Door
    ) -> QuerySet[Any]:
        """The filtered rows. Raises UnknownParameter or BadFilter."""
        filters = self.get_filterset(request, queryset, view)
        view.refuse_unknown(request, {*(filters.filters if filters else ()), *KeysetPages.names})
        if filters is None:
            return queryset
        if not filters.is_valid():
            faults = [
                FieldError(name, str(message), "invalid")
                for name, messages in filters.errors.items()
                for message in messages
            ]
            raise BadFilter(f"{faults[0].field}: {faults[0].message}", errors=faults)
        found: QuerySet[Any] = filters.qs
        return found
