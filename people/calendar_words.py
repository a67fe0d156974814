"""Words by which people say in a calendar that they are away. Pure.

Whole words of the title or the categories, in the languages of the teams around. Kept short: a
word that also names work (“trip”, “training”, “off-site”) is none of them.
"""

from __future__ import annotations

SINGLE = frozenset(
    {
        "ooo", "oof", "vacation", "vacations", "holiday", "holidays", "pto", "sick", "sickness",
        "leave", "urlaub", "resturlaub", "krank", "krankheit", "abwesend", "abwesenheit",
        "elternzeit", "ferien", "feiertag", "brückentag", "congé", "congés", "conge", "conges",
        "vacances", "absent", "absente", "rtt", "vacaciones", "ausente", "festivo", "ferie",
        "malattia", "assente", "férias", "ausência", "vakantie", "verlof", "afwezig", "urlop",
        "zwolnienie", "semester", "sjuk", "ferietur", "loma", "sairas",
    }
)  # fmt: skip
PHRASES = (
    "out of office", "out of the office", "day off", "days off", "time off", "annual leave",
    "not in the office", "nicht im büro", "freier tag", "arrêt maladie", "fuera de la oficina",
    "fuori ufficio",
)  # fmt: skip
UNSPACED = ("休暇", "休假", "有給", "年假", "휴가")
NOT_THEIRS = frozenset(
    {
        "planning", "plan", "calendar", "party", "schedule", "request", "policy", "kalender",
        "planung",
    }
)  # fmt: skip
"""Beside one of these a word tells of work about leave, not of leave."""


def tell_absence(text: str) -> bool:
    """Whether a title or category says that its owner is away."""
    plain = text.casefold()
    words = "".join(one if one.isalnum() else " " for one in plain).split()
    if NOT_THEIRS & set(words):
        return False
    joined = f" {' '.join(words)} "
    return (
        not SINGLE.isdisjoint(words)
        or any(f" {phrase} " in joined for phrase in PHRASES)
        or any(word in plain for word in UNSPACED)
    )
