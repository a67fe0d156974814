"""What a search says of where it did not look."""

from __future__ import annotations

from core.texts import _
from leads import search_pages
from leads.search_pages import Page


def not_searched(page: Page) -> str:
    """Says so wherever something was left out; goes on a sentence."""
    told = ""
    if page.left_out:
        told += _(
            ". More than {most} fit by name or company, so e-mail addresses were not searched"
        ).format(most=f"{search_pages.PLENTY:,}")
    if page.is_cut:
        told += _(". Only the first {most} that fit were looked at: type more of it").format(
            most=f"{search_pages.MOST:,}"
        )
    return told
