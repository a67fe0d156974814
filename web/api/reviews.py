"""Governance reviews for systems: which there are, and each with its text and its pack."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from people.models import User
from reports.models import Review, ReviewState
from reports.reviews import closing, content, rights, selectors
from web.api.bodies import Instant
from web.api.documents import Document
from web.api.views import Door

MOST = 240
"""Reviews of a list: twenty years of them."""


class ReviewSignature(Document):
    """Who signed, for whom, which text."""

    party = serializers.CharField()
    by = serializers.CharField()
    deputy_of = serializers.CharField(allow_null=True)
    signed_at = Instant()
    checksum = serializers.CharField()
    valid = serializers.BooleanField()


class ReviewLine(Document):
    """One review of the list."""

    number = serializers.CharField()
    state = serializers.CharField()
    opened_at = Instant()
    closed_at = Instant(allow_null=True)
    checksum = serializers.CharField()
    findings = serializers.IntegerField()
    undecided = serializers.IntegerField()
    url = serializers.CharField()


class ReviewDocument(Document):
    """One review: where it stands, who signed, and the text that is signed."""

    number = serializers.CharField()
    state = serializers.CharField()
    opened_at = Instant()
    closed_at = Instant(allow_null=True)
    checksum = serializers.CharField()
    withheld = serializers.BooleanField()
    signatures = ReviewSignature(many=True)
    document = serializers.DictField()
    html = serializers.CharField(allow_null=True)
    pdf = serializers.CharField(allow_null=True)


class ReviewListView(Door):
    """Which reviews there are."""

    serializer_class = ReviewLine

    @extend_schema(operation_id="list_reviews", responses=ReviewLine(many=True))
    def get(self, request: Request) -> Response:
        """List the reviews this caller may read, the newest first."""
        self.refuse_unknown(request, set())
        rows: Any = selectors.listed_to(self.caller)[:MOST]
        return Response([dict(ReviewLine(_line(one)).data) for one in rows])


class ReviewView(Door):
    """One review."""

    serializer_class = ReviewDocument

    @extend_schema(operation_id="get_review", responses=ReviewDocument)
    def get(self, request: Request, number: str) -> Response:
        """Show one review by its number, as `2026-10`: its text, checksum, signatures and packs.

        Its document holds the tables as they were frozen and the findings as they stand. Figures of
        single colleagues are left out for who does not read all, which `withheld` says.
        """
        self.refuse_unknown(request, set())
        review = selectors.one(number, self.caller)
        return Response(dict(ReviewDocument(_whole(review, self.caller)).data))


def _line(one: Any) -> dict[str, Any]:
    return {
        "number": one.number,
        "state": one.state,
        "opened_at": one.opened_at,
        "closed_at": one.closed_at,
        "checksum": one.checksum,
        "findings": one.count,
        "undecided": one.undecided,
        "url": reverse("console:review", args=[one.number]),
    }


def _whole(review: Review, caller: User) -> dict[str, Any]:
    closed = review.state == ReviewState.CLOSED
    kept: Any = review.content
    now = content.Text(kept["text"], review.checksum) if closed else content.of(review)
    text, checksum = now.document, now.checksum
    stand = closing.standing(review, checksum)
    return {
        "number": review.number,
        "state": review.state,
        "opened_at": review.opened_at,
        "closed_at": review.closed_at,
        "checksum": checksum,
        "withheld": not rights.reads_all(caller),
        "signatures": [
            {
                "party": one.party,
                "by": str(one.by),
                "deputy_of": str(one.deputy_of) if one.deputy_of else None,
                "signed_at": one.signed_at,
                "checksum": one.checksum,
                "valid": one in stand.valid,
            }
            for one in (*stand.valid, *stand.void)
        ],
        "document": rights.content_for(caller, text),
        "html": _pack("html", review) if closed else None,
        "pdf": _pack("pdf", review) if closed else None,
    }


def _pack(kind: str, review: Review) -> str:
    return reverse(f"console:review-{kind}", args=[review.number])
