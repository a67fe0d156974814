"""Where a lead would go: the page of the route preview, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from urllib.parse import urlencode

from django.http import Http404
from django.urls import reverse

from core.texts import _
from governance.kit import Kit
from governance.models import KitVersion
from leads import search, selectors
from leads.models import Lead
from leads.stages import Stage
from lifecycle import permissions
from lifecycle.preview_asking import Side
from lifecycle.previewing import Preview
from people.models import User
from routing import rule_words
from routing.models import Pool
from web.console import decision_words, duplicate_list, kit_links, people_names, target_words, words
from web.console.decision_words import Record
from web.console.duplicate_list import Who

MOST = 10


@dataclass(frozen=True, slots=True)
class Found:
    """A lead that fits what was looked for, and where its route is shown."""

    who: Who
    url: str


@dataclass(frozen=True, slots=True)
class Due:
    """One clock that would run."""

    label: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Card:
    """The route under one version of the kit; `refusal` says why there is none."""

    title: str
    url: str
    refusal: str
    tone: str = "none"
    headline: str = ""
    lines: tuple[str, ...] = ()
    record: Record | None = None
    dues: tuple[Due, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One thing in which the two versions agree or differ."""

    label: str
    cells: tuple[str, ...]
    differs: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What was asked for: a card for each version, and the two side by side."""

    about: str
    about_url: str
    at: datetime
    cards: tuple[Card, ...]
    rows: tuple[Row, ...]
    same: bool


@dataclass(frozen=True, slots=True)
class RoutePage:
    """The page; `may_paste` are leads that are not there yet."""

    q: str
    found: tuple[Found, ...]
    lead: int | None
    lead_name: str
    may_paste: bool


def build(reader: User, given: Mapping[str, str], lead: Lead | None) -> RoutePage:
    """What stands above the answer. One query where something is looked for."""
    q = given.get("q", "").strip()[:200]
    kept = {name: given[name] for name in ("moment", "at", "version", "against") if given.get(name)}
    found = tuple(
        Found(duplicate_list.who(one.person, one), _url({"lead": str(one.pk), **kept}))
        for one in (_looked_for(reader, q) if q else ())
    )
    name = lead.person.name if lead is not None else ""
    return RoutePage(
        q, found, lead.pk if lead else None, name, permissions.previews_touches(reader)
    )


def seen(reader: User, number: str) -> Lead | None:
    """The lead of that number; None where none is asked for. Raises Http404 for one unseen."""
    if not number:
        return None
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        raise Http404
    rows = selectors.visible_to(reader).exclude(stage=Stage.MERGED.value)
    lead = rows.select_related("person", "account", "owner").filter(pk=int(number)).first()
    if lead is None:
        raise Http404
    return lead


def answer(sides: Sequence[Side], lead: Lead | None, *, now: datetime, zone: tzinfo) -> Answer:
    """The previews in words. Two queries."""
    previews = [one.preview for one in sides if one.preview is not None]
    names = people_names.of(user for one in previews for user in _users(one))
    pools = dict(Pool.objects.values_list("key", "label"))
    cards = tuple(_card(one, names, pools, now=now, zone=zone) for one in sides)
    rows = _side_by_side(sides, names, pools, now=now, zone=zone) if len(sides) > 1 else ()
    return Answer(
        about=_about(lead),
        about_url=reverse("console:lead", args=[lead.pk]) if lead is not None else "",
        at=previews[0].wanted.at if previews else now,
        cards=cards,
        rows=rows,
        same=bool(rows) and not any(one.differs for one in rows),
    )


def link(lead_id: int | None = None, version: KitVersion | int | None = None) -> str:
    """The address of the preview of a lead, or under a version beside the one in force."""
    given: dict[str, str] = {}
    if lead_id is not None:
        given["lead"] = str(lead_id)
    if version is not None:
        number = version if isinstance(version, int) else version.number
        given["version"] = str(number)
    return _url(given)


def _url(given: Mapping[str, str]) -> str:
    query = urlencode(given)
    return f"{reverse('console:routes')}{f'?{query}' if query else ''}"


def _looked_for(reader: User, q: str) -> list[Lead]:
    rows = selectors.visible_to(reader).exclude(stage=Stage.MERGED.value)
    rows = rows.select_related("person", "account", "owner")
    number = q.removeprefix("#")
    if number.isascii() and number.isdigit() and len(number) < 10:
        by_number = list(rows.filter(pk=int(number)))
        if by_number:
            return by_number
    return list(search.narrow(rows, q).order_by("-pk")[:MOST])


def _about(lead: Lead | None) -> str:
    if lead is None:
        return _("A touchpoint as given below")
    company = (lead.account.name or lead.account.domain or "") if lead.account else ""
    return f"{lead.person.name}, {company}" if company else lead.person.name


def _users(preview: Preview) -> list[int | None]:
    made = preview.decision
    told: list[int | None] = [preview.owner_id, preview.kept_for, preview.holder, preview.keeper]
    if made is not None:
        told += [made.picked_id, *target_words.users(made.tried)]
        told += [one["user"] for one in made.candidates]
    return told


def _card(
    side: Side, names: Mapping[int, str], pools: Mapping[str, str], *, now: datetime, zone: tzinfo
) -> Card:
    version, preview = side.version, side.preview
    title = _("Kit v{number}, {get_status_display}").format(
        number=version.number, get_status_display=version.get_status_display().lower()
    )
    url = kit_links.url("kit-version", version.number)
    if preview is None:
        return Card(title, url, side.refusal, "late")
    made = preview.decision
    record = None
    if made is not None:
        pool = pools.get(made.pool, made.pool)
        record = decision_words.of_record(
            made, kit=version.number, pool=pool, names=names, reader_id=0
        )
    certain = preview.is_routed or preview.keeper is not None
    return Card(
        title,
        url,
        "",
        "none" if not certain else "ok" if preview.owner_id is not None else "warn",
        _headline(preview, names, pools),
        tuple(_lines(preview, record, names, pools, now=now, zone=zone)),
        record,
        tuple(Due(_label(preview.wanted.kit, key), at) for key, at in preview.clocks),
    )


def _headline(preview: Preview, names: Mapping[int, str], pools: Mapping[str, str]) -> str:
    """“Anna Vogel gets it”."""
    owner, queue = preview.owner_id, preview.waits_in
    if owner is not None:
        verb = "gets" if preview.is_routed or preview.keeper is not None else "keeps"
        return _("{names} {verb} it").format(
            names=names.get(owner, _("User {owner}").format(owner=owner)), verb=verb
        )
    if queue:
        return _("It waits in the queue of {pools}").format(pools=pools.get(queue, queue))
    return _("Nobody gets it")


def _lines(
    preview: Preview, record: Record | None, names: Mapping[int, str], pools: Mapping[str, str],
    *, now: datetime, zone: tzinfo,
) -> list[str]:  # fmt: skip
    found = []
    if preview.why_not:
        found.append(preview.why_not)
    made = preview.decision
    if record is not None and made is not None:
        if preview.is_routed:
            found.append(record.sentence)
        else:
            whom = names.get(made.picked_id or 0) or _("the queue of {pools}").format(
                pools=pools.get(made.pool, made.pool)
            )
            found.append(
                _("If it needed an owner now, it would go to {whom}. {sentence}").format(
                    whom=whom, sentence=record.sentence
                )
            )
    if preview.route_at is not None:
        found.append(
            _("Looked at again {route_at}.").format(
                route_at=words.moment(preview.route_at, now=now, zone=zone)
            )
        )
    if preview.kept_for is not None:
        found.append(
            _("Kept for {names} until they start.").format(
                names=names.get(preview.kept_for, "somebody")
            )
        )
    if preview.chance:
        found.append(
            _(
                "This pool draws {chance} of a hundred leads at random, by a number that "
                "the lead gets when it comes: then it may be somebody else."
            ).format(chance=preview.chance)
        )
    if preview.wanted.moment and preview.moment and preview.moment != preview.wanted.moment:
        asked, used = (rule_words.MOMENTS[one].lower()
                       for one in (preview.wanted.moment, preview.moment))  # fmt: skip
        found.append(
            _("This kit has no rules for {asked}; those for {used} are tried.").format(
                asked=asked, used=used
            )
        )
    return found


def _label(kit: Kit, key: str) -> str:
    return next((one.label for one in kit.policies if key in (one.key, one.obligation)), key)


def _side_by_side(
    sides: Sequence[Side], names: Mapping[int, str], pools: Mapping[str, str],
    *, now: datetime, zone: tzinfo,
) -> tuple[Row, ...]:  # fmt: skip
    told = [_told(one, names, pools, now=now, zone=zone) for one in sides]
    return tuple(
        Row(label, cells := tuple(one[label] for one in told), len(set(cells)) > 1)
        for label in told[0]
    )


def _told(
    side: Side, names: Mapping[int, str], pools: Mapping[str, str], *, now: datetime, zone: tzinfo
) -> dict[str, str]:
    preview = side.preview
    if preview is None:
        return dict.fromkeys(
            (_("Goes to"), _("Rule"), _("Pool"), _("Stage"), _("Score"), _("First due")), words.DASH
        )
    made = preview.decision
    rule = next((one["label"] for one in made.tried if one["matched"]), "") if made else ""
    due = preview.clocks[0][1] if preview.clocks else None
    return {
        "Goes to": _headline(preview, names, pools),
        "Rule": rule or words.DASH,
        "Pool": pools.get(made.pool, made.pool) if made else words.DASH,
        "Stage": preview.lead.stage,
        "Score": f"{preview.score:g}" if preview.score is not None else words.DASH,
        "First due": words.moment(due, now=now, zone=zone) if due else words.DASH,
    }
