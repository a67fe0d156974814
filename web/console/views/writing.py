"""What writing to buyers needs: one's mail server, templates, mails taken back or tried again."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from core import database
from core.errors import DomainError
from core.texts import _
from lifecycle import corresponding, mailboxes
from lifecycle.models import Mailbox, MailTemplate
from web.console import mail_forms, pages


@require_http_methods(["GET", "POST"])
@pages.page
def server(request: HttpRequest) -> HttpResponseBase:
    """One's mail server: saved, and tried by a mail to oneself."""
    reader, status = pages.reader(request), 200
    mailbox = Mailbox.objects.filter(user=reader).first()
    if request.method == "POST" and "test" in request.POST:
        tried = mailboxes.try_out(by=reader)
        if tried.error:
            messages.error(request, _("That did not work. {error}").format(error=tried.error))
        else:
            messages.success(
                request, _("It works: a mail is on its way to {email}.").format(email=reader.email)
            )
        return pages.moved(request, reverse("console:mail-server"))
    names = ("host", "port", "security", "username")
    initial = {name: getattr(mailbox, name) for name in names} if mailbox else {}
    data = request.POST if request.method == "POST" else None
    form = mail_forms.MailServer(data, initial=initial)
    if data is not None:
        if form.keep(reader):
            messages.success(request, _("Saved. Send yourself a mail to try it."))
            return pages.moved(request, reverse("console:mail-server"))
        status = 422
    return pages.render(
        request, "console/mail_server.html", current="", now=database.now(), form=form,
        mailbox=mailbox, own=reader.email, status=status,
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@pages.page
def templates(request: HttpRequest) -> HttpResponseBase:
    """The templates one may use, and the form of one of them or of a new one."""
    reader = pages.reader(request)
    asked = request.POST.get("template") or request.GET.get("template") or ""
    template = _template(request, asked) if asked else None
    data = request.POST if request.method == "POST" else None
    if template is not None and "remove" in request.POST:
        mail_forms.remove(template)
        messages.success(request, _("“{name}” is offered no more.").format(name=template.name))
        return pages.moved(request, reverse("console:mail-templates"))
    initial = {} if template is None else {
        "name": template.name, "subject": template.subject, "body": template.body,
        "of_company": template.owner_id is None,
    }  # fmt: skip
    form = mail_forms.Template(data, reader=reader, initial=initial)
    if data is not None and form.is_valid():
        form.keep(template)
        messages.success(request, _("Saved."))
        return pages.moved(request, reverse("console:mail-templates"))
    status = 200 if data is None else 422
    return pages.render(
        request, "console/mail_templates.html", current="", now=database.now(), form=form,
        rows=mail_forms.rows(reader), chosen=template, status=status,
    )  # fmt: skip


@require_POST
@pages.page
def undo(request: HttpRequest, mail_id: int) -> HttpResponseBase:
    """Take a mail back that has not gone out."""
    mail = corresponding.take_back(mail_id=mail_id, by=pages.reader(request))
    messages.success(request, _("Taken back: the mail is not sent."))
    return pages.done(request, reverse("console:lead", args=[mail.lead_id]))


@require_POST
@pages.page
def again(request: HttpRequest, mail_id: int) -> HttpResponseBase:
    """Try a mail once more that was given up."""
    try:
        corresponding.send_again(mail_id=mail_id, by=pages.reader(request))
        messages.success(request, _("It is tried again now."))
    except DomainError as refusal:
        messages.error(request, refusal.message)
    home = reverse("console:inbox")
    back = pages.inside(request, request.POST.get("next", ""), otherwise=home)
    return pages.moved(request, back)


def _template(request: HttpRequest, asked: str) -> MailTemplate:
    known = asked.isascii() and asked.isdigit() and len(asked) < 10
    rows = MailTemplate.objects.filter(pk=int(asked), removed_at=None) if known else None
    template = rows.first() if rows is not None else None
    if template is None or not mail_forms.may_change(template, pages.reader(request)):
        raise Http404
    return template
