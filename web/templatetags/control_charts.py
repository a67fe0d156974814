"""Control charts as inline SVG: no script, no style attribute; a table stands beside each.

What is inside and outside its limits differs in shape, not in colour alone.
"""

from __future__ import annotations

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from web.console.drift_chart import HEIGHT, WIDTH, Chart, Gauge, Mark

register = template.Library()


@register.simple_tag
def control_chart(chart: Chart) -> SafeString:
    """Points over time, the band of their limits, the expected value, the publication."""
    bands = format_html_join(
        "",
        '<rect class="limits" x="{}" y="{}" width="{}" height="{}"/>',
        (_texts(one.x, one.y, one.width, one.height) for one in chart.bands),
    )
    return format_html(
        '<svg class="control" viewBox="0 0 {} {}" role="img" aria-label="{}">{}'
        '<line class="expected" x1="0" x2="{}" y1="{}" y2="{}"/>'
        '<line class="published" x1="{}" x2="{}" y1="0" y2="{}"/>'
        '<polyline class="line" points="{}"/>{}</svg>',
        *(f"{one:.0f}" for one in (WIDTH, HEIGHT)),
        chart.label,
        bands,
        *_texts(WIDTH, chart.expected, chart.expected),
        *_texts(chart.published, chart.published, HEIGHT),
        chart.line,
        format_html_join("", "{}", ((_mark(one),) for one in chart.marks)),
    )


@register.simple_tag
def control_gauge(gauge: Gauge) -> SafeString:
    """One slice: the band of its limits, a tick at the expected value, a mark at what was seen."""
    return format_html(
        '<svg class="control control--gauge" viewBox="-6 0 112 16" aria-hidden="true">'
        '<rect class="track" y="7" width="100" height="2"/>'
        '<rect class="limits" x="{}" y="3" width="{}" height="10" rx="2"/>'
        '<rect class="tick" x="{}" y="2" width="1.5" height="12"/>{}</svg>',
        *_texts(gauge.low, gauge.width, gauge.expected),
        _mark(Mark(gauge.seen, 8, "outside" if gauge.outside else "after", "")),
    )


def _mark(mark: Mark) -> SafeString:
    title = format_html("<title>{}</title>", mark.text) if mark.text else ""
    x, y = mark.x, mark.y
    if mark.shape == "outside":
        corners = ((x, y - 6), (x + 6, y), (x, y + 6), (x - 6, y))
        points = " ".join(f"{a:.1f},{b:.1f}" for a, b in corners)
        return format_html('<polygon class="outside" points="{}">{}</polygon>', points, title)
    return format_html(
        '<circle class="{}" cx="{}" cy="{}" r="4">{}</circle>',
        mark.shape,
        *_texts(x, y),
        title,
    )


def _texts(*numbers: float) -> tuple[str, ...]:
    return tuple(f"{one:.1f}" for one in numbers)
