"""Signing in: nothing tells who is known here, nothing acts by GET, and nobody is sent to another site."""

from datetime import timedelta

from django.test import Client

from antiphon import clock
from antiphon.actions import contacts, people
from antiphon.clock import Clock
from antiphon.core.decision import SYSTEM
from antiphon.db.addresses import unsubscribe_url
from antiphon.db.models import Contact, Person, Suppression
from tests.edges.web.conftest import NOW

PASSWORD = "correct horse battery staple"


def with_password(house, name="Ben"):
    person = house.people[name]
    assert people.set_password(person=person, password=PASSWORD, actor=SYSTEM, now=NOW) is None
    return person


def words(response):
    text = response.content.decode()
    return text[text.index("<main") : text.index("</main>")]


def test_a_password_signs_in_and_leads_to_where_one_wanted_to_go(house, browser):
    person, client = with_password(house), browser("")
    assert client.get("/catalog").headers["Location"] == "/sign-in?next=%2Fcatalog"
    page = client.post("/sign-in", {"email": "BEN@northwind.example", "password": PASSWORD, "next": "/catalog"})
    assert page.headers["Location"] == "/catalog"
    assert client.get("/catalog").status_code == 200
    client.post("/sign-out")
    assert client.get("/catalog").status_code == 302
    assert person.is_active


def test_nobody_learns_who_is_known_here(house, browser):
    with_password(house)
    house.people["Vic"].is_active = False
    house.people["Vic"].save()
    tries = {"ben@northwind.example": "wrong", "nobody@northwind.example": "wrong", "vic@northwind.example": PASSWORD}
    pages = []
    for email, password in tries.items():
        page = browser("").post("/sign-in", {"email": email, "password": password})
        assert page.status_code == 200
        pages.append(words(page).replace(email, "…"))
    assert len({page.split("csrfmiddlewaretoken")[0] for page in pages}) == 1
    assert "do not belong together" in pages[0]


def test_too_many_tries_have_to_wait_even_with_the_right_password(house, browser):
    with_password(house)
    client = browser("")
    for n in range(10):
        assert client.post("/sign-in", {"email": f"p{n}@x.example", "password": "no"}).status_code == 200
    late = client.post("/sign-in", {"email": "ben@northwind.example", "password": PASSWORD})
    assert late.status_code == 429
    assert "Too many tries" in words(late)
    assert client.get("/catalog").status_code == 302


def test_nobody_is_led_to_another_site(house, browser):
    with_password(house)
    for bad in (
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "\\\\evil.example",
    ):
        page = browser("").post("/sign-in", {"email": "ben@northwind.example", "password": PASSWORD, "next": bad})
        assert page.headers["Location"] == "/", bad


def test_sessions_end_with_another_password_another_role_and_leaving(house, browser):
    ben, ann = house.people["Ben"], house.actor("Ann")
    for change in (
        lambda: people.set_password(person=Person.objects.get(pk=ben.pk), password=PASSWORD, actor=ann, now=NOW),
        lambda: people.change_role(person=Person.objects.get(pk=ben.pk), role="viewer", actor=ann, now=NOW),
        lambda: people.deactivate(person=Person.objects.get(pk=ben.pk), actor=ann, now=NOW),
    ):
        client = Client()
        client.force_login(Person.objects.get(pk=ben.pk))
        assert client.get("/catalog").status_code == 200
        assert change() is None
        assert client.get("/catalog").status_code == 302


def test_a_one_time_link_is_not_used_up_by_whoever_only_looks(house, browser):
    token = people.sign_in_link(email="ben@northwind.example", actor=SYSTEM, now=NOW)
    scanner, client = browser(""), browser("")
    for _ in range(3):
        assert "Sign in as Ben Miller" in words(scanner.get(f"/one-time/{token}"))
    assert scanner.get("/catalog").status_code == 302
    assert client.post(f"/one-time/{token}").headers["Location"] == "/"
    assert client.get("/catalog").status_code == 200
    assert browser("").post(f"/one-time/{token}").status_code == 410
    assert browser("").get("/one-time/nonsense").status_code == 410


def test_a_one_time_link_ends_after_a_day(house, browser):
    token = people.sign_in_link(email="ben@northwind.example", actor=SYSTEM, now=NOW)
    clock.use(Clock(read=lambda: NOW + timedelta(hours=25), rate=lambda: 1.0))
    assert browser("").post(f"/one-time/{token}").status_code == 410


def test_a_form_from_another_site_changes_nothing(house):
    client = Client(enforce_csrf_checks=True)
    client.force_login(house.people["Ann"])
    page = client.post("/settings/keys/add", {"name": "evil", "kind": "alertmanager"})
    assert page.status_code == 403
    assert "Nothing was changed" in page.content.decode()


def test_unsubscribing_by_the_page_and_by_a_mail_program(house):
    first, second = Contact.objects.order_by("id")[:2]
    client = Client(enforce_csrf_checks=True)
    path = unsubscribe_url("", first.uid)
    shown = client.get(path)
    assert first.email in words(shown)
    assert "no-store" in shown["Cache-Control"], "it names somebody"
    first.refresh_from_db()
    assert first.unsubscribed_at is None
    one_click = client.post(path, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded")
    assert one_click.status_code == 200
    first.refresh_from_db()
    second.refresh_from_db()
    assert first.unsubscribed_at == NOW
    assert second.unsubscribed_at is None
    assert Suppression.objects.count() == 1
    assert contacts.unsubscribe(contact=first.uid, now=NOW) is None
    assert Suppression.objects.count() == 1
    assert client.post(path[:-2] + "xx").status_code == 404
