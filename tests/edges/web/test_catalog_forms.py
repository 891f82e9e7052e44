"""The catalog filled by hand: each fact remembers who set it, contracts and contacts hang on customers, files are
looked at before they take effect."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from antiphon.core.configuration import lines
from antiphon.core.configuration.lines import LineFault
from antiphon.db.models import Contact, Contract, Entity, Event, Link
from tests.edges.web.conftest import NOW
from tests.edges.web.test_catalog_pages import text

pytestmark = pytest.mark.patient

FACTS = {
    "name": "search",
    "kind": "service",
    "environment": "production",
    "users": "1200",
    "regions": "eu, us",
    "revenue_profile": "mon-fri 9:00-18:00 x 2\r\nsat, sun 10:00-12:00 × 0,5",
    "documents": "dashboard Orders https://g.example/d\nhttps://wiki.example",
    "critical_periods": "Quarter-end: 2026-12-28 to 2027-01-02",
    "contact": "+49 30 5550100",
    "zone": "Europe/Berlin",
}


def cleaned(page):
    return re.sub(r"\s+", " ", page.replace("&#x27;", "'"))


def test_all_facts_are_entered_shown_with_their_source_and_stay(house, browser):
    client = browser("Ben")
    assert client.post("/catalog/add", FACTS).status_code == 302
    row = Entity.objects.get(name="search")
    assert (row.users, row.regions, row.contact) == (1200, ["eu", "us"], "+49 30 5550100")
    assert row.revenue_profile == [
        {"days": [0, 1, 2, 3, 4], "from": "09:00", "to": "18:00", "factor": 2.0},
        {"days": [5, 6], "from": "10:00", "to": "12:00", "factor": 0.5},
    ]
    assert [each["kind"] for each in row.documents] == ["dashboard", "document"]
    ben = f"person:{house.people['Ben'].uid} 2026-03-02"
    assert row.origins["users"] == ben
    assert "runbook" not in row.origins
    Entity.objects.filter(pk=row.pk).update(origins={**row.origins, "tier": "backstage"}, tier=2)
    page = cleaned(text(client.get("/catalog/search")))
    assert "by Ben Miller, 2 Mar 2026" in page
    assert "from Backstage" in page
    assert "mon-fri 09:00-18:00 x 2 (Europe/Berlin)" in page
    assert "Quarter-end: 2026-12-28 to 2027-01-02" in page
    form = cleaned(text(client.get("/catalog/search/edit")))
    assert "Set from Backstage." in form
    before = Entity.objects.values().get(name="search")
    events = Event.objects.count()
    whole = client.get("/catalog/search/edit").content.decode()
    shown = re.findall(r'<textarea name="(\w+)"[^>]*>\s?([^<]*)</textarea>', whole)
    again = {**FACTS, "title": "search", "tier": "2", **{name: value.replace("\n", "\r\n") for name, value in shown}}
    assert client.post("/catalog/search/edit", again).status_code == 302
    assert Entity.objects.values().get(name="search") == before
    assert Event.objects.count() == events


def test_spares_are_among_what_it_depends_on(house, browser):
    client, form = browser("Ben"), {"name": "checkout", "kind": "application", "environment": "production"}
    page = text(client.post("/catalog/checkout/edit", {**form, "redundancy": "1 of intranet"}))
    assert "add that link first" in page
    needed = Link.objects.filter(source__name="checkout", kind="depends_on").values_list("target__name", flat=True)[0]
    assert client.post("/catalog/checkout/edit", {**form, "redundancy": f"any of {needed}"}).status_code == 302
    assert Entity.objects.get(name="checkout").redundancy == [{"of": [needed], "up": 1}]
    link = Link.objects.get(source__name="checkout", target__name=needed, kind="depends_on")
    assert client.post(f"/catalog/checkout/links/{link.pk}/remove").status_code == 422


@pytest.mark.parametrize(
    ("field", "typed", "mend"),
    [
        ("redundancy", "two of a, b", "Line 1: Write it as “2 of db-a, db-b, db-c”"),
        ("redundancy", "any of a, b\n3 of a, b", "Line 2: 3 of 2 cannot work"),
        ("redundancy", "1 of a, a", "same one twice"),
        ("revenue_profile", "mon-fri 18:00-09:00 x 2", "split one that passes midnight"),
        ("revenue_profile", "funday 08:00-09:00 x 2", "“funday” is no day"),
        ("revenue_profile", "mon 08:00-10:00 x 2\nmon 09:00-11:00 x 3", "overlap on mon"),
        ("documents", "Runbook ftp://x", "https://"),
        ("critical_periods", "x: 2026-02-30 to 2026-03-01", "no such day"),
        ("critical_periods", "x: 2026-03-02 to 2026-03-01", "ends before it starts"),
        ("zone", "Mars/Base", "no such time zone"),
        ("users", "-1", "how many people use it"),
    ],
)
def test_lines_that_cannot_be_read_say_which_and_keep_the_rest(house, browser, field, typed, mend):
    page = cleaned(text(browser("Ben").post("/catalog/add", {**FACTS, field: typed})))
    assert mend in page
    assert "+49 30 5550100" in page
    assert not Entity.objects.filter(name="search").exists()


def test_lines_come_back_as_they_are_stored():
    for read, write, typed in (
        (lines.redundancy_of, lines.redundancy_lines, "2 of a, b, c\nany of a, b\nall of a, b"),
        (lines.profile_of, lines.profile_lines, "mon-fri 09:00-18:00 x 2\nsat, sun 00:00-23:59 x 0.25"),
        (lines.documents_of, lines.documents_lines, "runbook How to https://x.example\ndocument a b https://y.example"),
    ):
        assert write(read(typed)) == typed
    with pytest.raises(LineFault, match="Line 3"):
        lines.redundancy_of("any of a\n\nnonsense")


CONTRACT = {"name": "Gold", "customer": "customer-0", "service": "checkout", "starts_at": "2026-01-01",
            "ends_at": "2026-12-31", "resolution_minutes": "60", "response_minutes": "15"}  # fmt: skip


def test_a_contract_is_added_changed_and_removed(house, browser):
    customer = Entity.objects.filter(kind="customer").order_by("name")[0]
    client, terms = browser("Cora"), {**CONTRACT, "customer": customer.name}
    add = f"/catalog/{customer.name}/contracts/add"
    assert f'value="{customer.name}"' in text(client.get(add))
    for wrong, mend in (
        ({"service": "nothing"}, "knows no “nothing”"),
        ({"customer": "checkout"}, "knows no customer “checkout”"),
        ({"ends_at": "2025-01-01"}, "ends before it starts"),
        ({"ends_at": ""}, "This field is required"),
        ({"resolution_minutes": "0"}, "Write minutes from 1"),
    ):
        assert mend in text(client.post(add, {**terms, **wrong})), wrong
    assert client.post(add, terms).status_code == 302
    row = Contract.objects.get(name="Gold")
    assert row.origins["response_minutes"].startswith(f"person:{house.people['Cora'].uid}")
    assert Link.objects.filter(source=customer, target__name="checkout", kind="contracted_for").exists()
    assert "There is a contract “Gold” already" in text(client.post(add, terms))
    page = text(client.get(f"/catalog/{customer.name}"))
    assert "answered within 15 min" in page
    assert "until 2026-12-31" in page
    assert 'value="2026-12-31"' in text(client.get(f"/contracts/{row.uid}/edit"))
    assert client.post(f"/contracts/{row.uid}/edit", {**terms, "update_minutes": "30"}).status_code == 302
    assert Contract.objects.get(pk=row.pk).ends_at == row.ends_at
    assert client.post(f"/contracts/{row.uid}/remove").status_code == 302
    assert not Contract.objects.filter(name="Gold").exists()


def test_a_contact_is_added_changed_and_removed(house, browser):
    customer = Entity.objects.filter(kind="customer").order_by("name")[0]
    client, add = browser("Cora"), f"/catalog/{customer.name}/contacts/add"
    typed = {"name": "Tess", "email": "TESS@c.example", "segment": "technical", "phone": "+47 555 0123"}
    for wrong, mend in (
        ({"email": "nowhere"}, "Write a mail address"),
        ({"zone": "Mars/Base"}, "no such time zone"),
        ({"language": "English"}, "Write a language such as en"),
        ({"phone": "call me"}, "Write a number such as"),
    ):
        assert mend in text(client.post(add, {**typed, **wrong})), wrong
    assert client.post(add, typed).status_code == 302
    row = Contact.objects.get(email="tess@c.example")
    assert row.origins["segment"] == f"person:{house.people['Cora'].uid}"
    assert "is a contact of this customer already" in text(client.post(add, typed))
    assert "tess@c.example" in text(client.get(f"/catalog/{customer.name}"))
    assert client.post(f"/contacts/{row.uid}/edit", {**typed, "segment": "business"}).status_code == 302
    assert Contact.objects.get(pk=row.pk).segment == "business"
    assert client.post(f"/contacts/{row.uid}/remove").status_code == 302
    assert not Contact.objects.filter(pk=row.pk).exists()
    bodies = " ".join(Event.objects.values_list("body", flat=True))
    assert "tess@" not in bodies.lower()


def test_files_are_looked_at_before_they_take_effect(house, browser):
    client = browser("Ben")
    good = "catalog:\n- {kind: service, name: search, tier: 2}\n- {kind: service, name: bad, tier: 99}\n"
    sent = {"chosen": SimpleUploadedFile("ours.yaml", good.encode()), "kind": ""}
    page = client.post("/catalog/import", sent).content.decode()
    assert "+ entity search" in page
    assert "ours.yaml, line 3" in page
    assert not Entity.objects.filter(name="search").exists()
    hidden = dict(re.findall(r'<input type="hidden" name="(packed|kind|digest)" value="([^"]*)"', page))
    assert client.post("/catalog/import/confirm", {**hidden, "packed": hidden["packed"][:-9]}).status_code == 422
    Entity.objects.create(kind="service", name="search", title="search", updated_at=NOW)
    moved = client.post("/catalog/import/confirm", hidden)
    assert "has changed since you looked" in moved.content.decode()
    Entity.objects.filter(name="search").delete()
    assert client.post("/catalog/import/confirm", hidden).status_code == 302
    assert Entity.objects.get(name="search").tier == 2
    assert "Choose a file" in text(client.post("/catalog/import", {"kind": ""}))
    nothing = {"chosen": SimpleUploadedFile("x.bin", b"\xff\x00\xfe"), "kind": ""}
    assert "is not UTF-8 text" in text(client.post("/catalog/import", nothing))
