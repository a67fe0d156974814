"""The API's description for machines, and a page to read it."""

from __future__ import annotations

from csp.decorators import csp_update
from django.utils.decorators import method_decorator
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from web.api import schema  # noqa: F401 - registers our authentication with the description

INLINE_STYLES = {"style-src": ["'unsafe-inline'"]}
"""Swagger UI draws its icons and layers with style attributes; scripts stay as strict as ever."""


@method_decorator(csp_update(INLINE_STYLES), name="dispatch")
class DocsView(SpectacularSwaggerSplitView):
    """The readable page."""

    template_name = "web/api_docs.html"


SchemaView = SpectacularAPIView
