"""The forms for what hangs on a customer: its contracts, and its contacts."""

from typing import Any

from django import forms
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _

from antiphon.actions.catalog import contacts, contracts
from antiphon.core.configuration.catalog import CUSTOMER
from antiphon.core.decision import Refusal
from antiphon.db.models import Contact, Contract, Entity
from antiphon.queries.catalog import url_of
from antiphon.queries.catalog_names import some
from antiphon.queries.catalog_sources import by_field
from antiphon.web.answers import answer
from antiphon.web.forms.contracts import ContactForm, ContractForm, contact_initial, contract_initial
from antiphon.web.forms.refusals import show
from antiphon.web.guard import act, form


@form("customer.change")
def add_contract(request: Any, name: str) -> HttpResponse:
    """A contract with this customer, or over this service."""
    row = _entity(name)
    ends = {"customer": name} if row.kind == CUSTOMER else {"service": name}
    return _contract(request, ContractForm(request.POST or None, initial=ends), back=name)


@form("customer.change")
def edit_contract(request: Any, contract: str) -> HttpResponse:
    """Change a contract, or take it away."""
    row = Contract.objects.select_related("customer", "service").filter(uid=contract).first()
    if row is None:
        raise Http404
    entered = ContractForm(request.POST or None, initial=contract_initial(row))
    return _contract(request, entered, back=row.customer.name, row=row)


def _contract(request: Any, entered: ContractForm, *, back: str, row: Contract | None = None) -> HttpResponse:
    if request.method == "POST" and entered.is_valid():
        ends = {each: entered.cleaned_data[each].strip() for each in ("customer", "service")}
        columns = entered.columns()
        saved = contracts.save_contract(
            **ends, values=columns, actor=request.actor, now=request.now, uid=row.uid if row else ""
        )
        if isinstance(saved, Contract):
            return HttpResponseRedirect(f"{url_of(back)}#contracts")
        show(entered, saved)
    return _page(
        request,
        entered,
        heading=row.name if row else _("Add a contract"),
        back=back,
        origins=row.origins if row else {},
        remove_url=f"/contracts/{row.uid}/remove" if row else "",
        remove_says=_("The promise goes and its clock stops. What was told of it stays on record."),
        names=some(),
    )


@act("customer.change")
def remove_contract(request: Any, contract: str) -> HttpResponse:
    """Take a contract away."""
    row = Contract.objects.select_related("customer").filter(uid=contract).first()
    back = url_of(row.customer.name) if row else "/catalog"
    refusal: Refusal | None = contracts.delete_contract(uid=contract, actor=request.actor, now=request.now)
    return answer(request, refusal, back=back, said=_("The contract was removed."))


@form("customer.change")
def add_contact(request: Any, name: str) -> HttpResponse:
    """Somebody at this customer."""
    if _entity(name).kind != CUSTOMER:
        raise Http404
    return _contact(request, ContactForm(request.POST or None), customer=name)


@form("customer.change")
def edit_contact(request: Any, contact: str) -> HttpResponse:
    """Change a contact, or take it away."""
    row = Contact.objects.select_related("customer").filter(uid=contact).first()
    if row is None:
        raise Http404
    entered = ContactForm(request.POST or None, initial=contact_initial(row))
    return _contact(request, entered, customer=row.customer.name, row=row)


def _contact(request: Any, entered: ContactForm, *, customer: str, row: Contact | None = None) -> HttpResponse:
    if request.method == "POST" and entered.is_valid():
        changed = entered.changed_data if row else list(entered.cleaned_data)
        values = {name: entered.cleaned_data[name] for name in changed}
        uid = row.uid if row else ""
        saved = contacts.save_contact(customer=customer, values=values, actor=request.actor, now=request.now, uid=uid)
        if isinstance(saved, Contact):
            return HttpResponseRedirect(f"{url_of(customer)}#contacts")
        show(entered, saved)
    return _page(
        request,
        entered,
        heading=row.name if row else _("Add a contact"),
        back=customer,
        origins=row.origins if row else {},
        remove_url=f"/contacts/{row.uid}/remove" if row else "",
        remove_says=_("Nothing more is sent to this address. What was sent stays on record."),
    )


@act("customer.change")
def remove_contact(request: Any, contact: str) -> HttpResponse:
    """Take a contact off the list."""
    row = Contact.objects.select_related("customer").filter(uid=contact).first()
    back = url_of(row.customer.name) if row else "/catalog"
    refusal: Refusal | None = contacts.delete_contact(uid=contact, actor=request.actor, now=request.now)
    return answer(request, refusal, back=back, said=_("The contact was removed."))


def _entity(name: str) -> Entity:
    row = Entity.objects.filter(name=name).first()
    if row is None:
        raise Http404
    return row


def _page(request: Any, entered: forms.Form, *, back: str, origins: dict[str, str], **words: Any) -> HttpResponse:
    for name, said in by_field(origins).items():
        field = entered.fields.get(name) or entered.fields.get(f"{name}_at")
        if field is not None:
            told = _("Set %(by)s.") % {"by": said}
            field.help_text = f"{field.help_text} {told}".strip()
    shown = {"section": "catalog", "form": entered, "cancel_url": url_of(back), "back": back, **words}
    return render(request, "catalog/hanging.html", shown)
