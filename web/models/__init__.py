"""What the doors keep of their own: hosted forms, what people keep of lists, figures by mail."""

from __future__ import annotations

from web.models.hosted_form import FormQuestion, FormSendings, HostedForm
from web.models.inbound_hook import InboundHook
from web.models.lead_view import LeadExport, ListColumns, SavedFilter
from web.models.report_mail import MailingReader, ReportMail, ReportMailing
from web.models.site import Site

__all__ = [
    "FormQuestion",
    "FormSendings",
    "HostedForm",
    "InboundHook",
    "LeadExport",
    "ListColumns",
    "MailingReader",
    "ReportMail",
    "ReportMailing",
    "SavedFilter",
    "Site",
]
