"""The page behind the unsubscribe link of a mail, for readers and for their mail programs (RFC 8058)."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from antiphon.actions import contacts
from antiphon.db.addresses import contact_of
from antiphon.db.models import Contact
from antiphon.web.guard import public


@never_cache
@csrf_exempt  # a mail program posts without our cookie; the signed address is the proof
@public("customers have no account; the signed link names the one contact that it stops")
def unsubscribe(request: Any, signed: str) -> HttpResponse:
    """GET shows whose mails would stop; POST stops them, once and for good."""
    uid = contact_of(signed)
    found = Contact.objects.select_related("customer").filter(uid=uid).first() if uid else None
    if found is None:
        return render(request, "unsubscribe.html", {"unknown": True}, status=404)
    if request.method == "POST":
        contacts.unsubscribe(contact=found.uid, now=request.now)
        found.refresh_from_db()
    shown = {"email": found.email, "customer": found.customer.title, "done": found.unsubscribed_at is not None}
    return render(request, "unsubscribe.html", shown)
