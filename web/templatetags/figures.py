"""Charts that are read at a glance: `{% chart one %}` draws any of `web.console.charts`.

Inline SVG without script or style attributes, and the table behind it in the same figure.
"""

from __future__ import annotations

from django import template
from django.template.loader import get_template
from django.utils.safestring import SafeString

from web.console.charts.parts import Chart

register = template.Library()


@register.simple_tag
def chart(one: Chart) -> SafeString:
    """The drawing, what is said of it, and the table behind."""
    return SafeString(get_template("console/_chart.html").render({"chart": one}))


@register.simple_tag
def chart_panel(one: Chart) -> SafeString:
    """The same as a panel of its own, under its title."""
    return SafeString(get_template("console/_chart_panel.html").render({"chart": one}))


@register.filter
def px(value: float) -> str:
    """A coordinate, written the same in every language."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


@register.filter
def pc(value: float) -> str:
    """A place across, in hundredths of the width."""
    return f"{px(value)}%"


@register.filter
def under(value: float, more: float) -> float:
    """So many pixels further down."""
    return value + float(more)
