"""What notices say to their reader, and the page each leads to: for the console and for mails.

A fixed number of queries for any number of notices of one person.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from governance.models import KitVersion
from lifecycle import (
    handed_together,
    kit_news,
    kit_wording,
    partner_wording,
    possessions,
    review_wording,
    wording,
)
from lifecycle.handed_together import Together
from lifecycle.models import KitNews, Notice, ReviewNews
from lifecycle.realigning import wording as realigned_words
from people.models import User


@dataclass(frozen=True, slots=True)
class Told:
    """One notice in words. `lines` are what a mail lists below its sentence."""

    headline: str
    sentence: str
    page: str
    lines: tuple[str, ...] = ()


def readable(notices: QuerySet[Notice]) -> QuerySet[Notice]:
    """The same, with all beside them that the words need."""
    beside = ("lead__account", "kit", *partner_wording.BESIDE)
    return notices.select_related(*beside).defer("kit__document")


def of(notices: Sequence[Notice], *, reader: User) -> dict[int, Told]:
    """What each of these `readable` notices says to `reader`, to whom they are, by id."""
    names = _names([row.words for row in notices])
    came = {
        row.event_id: reader
        for row in notices
        if row.kind == Notice.Kind.ASSIGNED and row.event_id is not None
    }
    why = possessions.words_of(came) if came else {}
    handed = handed_together.of(notices)
    return {
        row.pk: _of_many(handed[row.pk]) if row.pk in handed else _told(row, reader, names, why)
        for row in notices
    }


def _of_many(handed: Together) -> Told:
    return Told(handed.headline, handed.sentence, handed.page)


def _names(words: Sequence[Mapping[str, object]]) -> dict[int, str]:
    people: Iterable[int] = kit_news.people_in(words)
    return {one.pk: str(one) for one in User.objects.filter(pk__in=people)} if people else {}


def _told(notice: Notice, reader: User, names: Mapping[int, str], why: Mapping[int, str]) -> Told:
    if notice.realignment_id is not None:
        words = notice.words
        return Told(
            realigned_words.headline(words), realigned_words.sentence(words), "/territories/"
        )
    if notice.conflict_id is not None:
        about = partner_wording.about(notice)
        page = f"/partners/conflicts/{notice.conflict_id}/"
        return Told(partner_wording.headline(about), partner_wording.sentence(about), page)
    if notice.registration_id is not None:
        page = f"/partners/registrations/{notice.registration_id}/extend/"
        headline = partner_wording.expiry_headline(notice)
        return Told(headline, partner_wording.expiry_sentence(notice), page)
    if notice.kind in ReviewNews.values:
        words = notice.words
        kind = ReviewNews(notice.kind)
        return Told(
            review_wording.headline(kind, words), review_wording.sentence(kind, words),
            review_wording.page(words),
        )  # fmt: skip
    if notice.kit is not None:
        return _of_the_kit(notice, notice.kit, reader, names)
    return _of_a_lead(notice, reader, names, why.get(notice.event_id or 0, ""))


def _of_the_kit(
    notice: Notice, version: KitVersion, reader: User, names: Mapping[int, str]
) -> Told:
    about = kit_wording.About(
        kind=KitNews(notice.kind),
        words=notice.words,
        number=version.number,
        title=version.title,
        names=names,
        zone=reader.zone,
    )
    lines = tuple(kit_wording.lines(about))
    page = f"/kit/versions/{version.number}/"
    return Told(kit_wording.headline(about), kit_wording.sentence(about), page, lines)


def _of_a_lead(notice: Notice, reader: User, names: Mapping[int, str], why: str) -> Told:
    account = notice.lead.account if notice.lead else None
    about = wording.About(
        kind=Notice.Kind(notice.kind),
        words=notice.words,
        lead=notice.lead_id or 0,
        company=(account.name or account.domain or "") if account is not None else "",
        holder=names.get(notice.words.get("holder") or 0, ""),
        zone=reader.zone,
        why=why,
    )
    return Told(wording.headline(about), wording.sentence(about), f"/leads/{notice.lead_id}/")
