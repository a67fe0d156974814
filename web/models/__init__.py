"""What the doors keep of their own: hosted forms, and what people keep of the list of leads."""

from __future__ import annotations

from web.models.hosted_form import FormQuestion, FormSendings, HostedForm
from web.models.inbound_hook import InboundHook
from web.models.lead_view import LeadExport, ListColumns, SavedFilter
from web.models.site import Site

__all__ = [
    "FormQuestion",
    "FormSendings",
    "HostedForm",
    "InboundHook",
    "LeadExport",
    "ListColumns",
    "SavedFilter",
    "Site",
]
