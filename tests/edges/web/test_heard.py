"""The pages behind a customer's links, and the door for mail, under scanners, strangers and nonsense."""

import re
from typing import Any

import pytest
from django.test import Client

from antiphon.actions import keys
from antiphon.actions.reactions import receiving
from antiphon.core.decision import SYSTEM
from antiphon.core.markup import bodies
from antiphon.core.sending import digest_of, fill
from antiphon.db.models import Contact, Delivery, Incident, Organisation, Reaction, StrayMail, Suppression, Text
from antiphon.db.reaction_links import Measured, slots
from antiphon.db.suppressions import suppress
from tests.edges.web.conftest import NOW
from tests.edges.web.house import declare
from tests.mails import ADDRESS, OURS, SAMPLES

pytestmark = pytest.mark.patient
BODY = "See <https://status.northwind.example/p?a=1&b=2#now> or [call](tel:+4912345)."


@pytest.fixture
def mail(house: Any) -> Delivery:
    """A mail that Bo of the first customer got."""
    declare(house, now=NOW)
    plain, markup = bodies(audience="business", body=BODY)
    text = Text.objects.create(
        incident=Incident.objects.get(),
        audience="business",
        outside=True,
        subject="Card payments fail",
        body_text=plain,
        body_html=markup,
        digest=digest_of(audience="business", subject="Card payments fail", body_text=plain, body_html=markup),
        created_at=NOW,
    )
    bo = Contact.objects.filter(name="Bo 0").get()
    known = {"purpose": "update", "channel": "mail", "outside": True, "state": "sent", "created_at": NOW}
    return Delivery.objects.create(text=text, address=bo.email, recipient=bo.uid, done_at=NOW, **known)


def links(mail: Delivery, *, opens: bool = False, clicks: bool = False) -> list[str]:
    """Every address in the mail as its reader gets it."""
    found = slots("", mail.uid, Measured(opens=opens, clicks=clicks))
    whole = fill(mail.text.body_html, {"greeting": "Hello", "unsubscribe_url": "/unsubscribe/x", **found}, markup=True)
    return [each.replace("&amp;", "&") for each in re.findall(r'(?:href|src)="([^"]+)"', whole)]


def path_of(mail: Delivery) -> str:
    return next(link for link in links(mail) if link.startswith("/heard/")).partition("#")[0]


def test_scanners_that_follow_every_link_and_fetch_every_picture_change_nothing(mail: Delivery):
    Organisation.objects.update(settings={"measure": {"opens": False, "clicks": False}})
    for link in links(mail, opens=True, clicks=True):
        for ask in (Client().get, Client().head):
            if link.startswith("/"):
                assert ask(link.partition("#")[0]).status_code in (200, 302, 404)
    assert Contact.objects.filter(wants_technical=True).count() == 0
    assert not Reaction.objects.exists()


def test_a_reader_says_it_by_buttons_without_a_cookie_or_their_name(mail: Delivery):
    client, path = Client(enforce_csrf_checks=True), path_of(mail)
    page = client.get(path)
    assert page.status_code == 200
    words = page.content.decode()
    assert "Card payments fail" in words
    for name in ("Bo 0", mail.address, "Customer 0"):
        assert name not in words, "links are forwarded"
        assert name not in path
    assert (page["Cache-Control"], page["X-Robots-Tag"]) == ("no-store", "noindex")
    for said in ({"what": "read"}, {"what": "unhelpful", "comment": "<b>Too vague</b>\0"}, {"what": "technical"}):
        answer = client.post(path, said)
        assert (answer.status_code, answer["Location"]) == (302, path)
    assert not client.cookies
    kinds = dict(Reaction.objects.values_list("kind", "words"))
    assert kinds == {"acknowledged": "", "unhelpful": "<b>Too vague</b>", "wants_technical": ""}
    shown = client.get(path).content.decode()
    assert "You said that you have read it" in shown
    assert "&lt;b&gt;Too vague&lt;/b&gt;" in shown
    assert "You get the technical version from now on" in shown


def test_what_cannot_be_said_is_refused_and_kept(mail: Delivery):
    answer = Client().post(path_of(mail), {"what": "helpful", "comment": "x" * 2_001})
    assert answer.status_code == 422
    assert "x" * 2_001 in answer.content.decode()
    assert Client().post(path_of(mail), {"what": "everything"}).status_code == 422
    assert not Reaction.objects.exists()


@pytest.mark.parametrize("half", ["read", "picture"])
def test_a_link_of_ours_alone_opens_and_each_for_its_own_purpose(mail: Delivery, half: str):
    found = slots("", mail.uid, Measured(opens=True, clicks=True))
    answers = found["reaction_url"].rpartition("/")[2]
    measures = found["clicked_url"].rpartition("/")[2].partition("?")[0]
    wrong = {"read": measures, "picture": answers}[half]
    url = f"/heard/{wrong}" if half == "read" else f"/followed/{wrong}?to=https://status.northwind.example/p?a=1&b=2"
    for address in (url, url.replace(mail.uid, "aaaaaaaaaaaa"), "/heard/x", "/heard/..", "/followed/x?to=//evil.test"):
        assert Client().post(address).status_code in (404, 301)
    assert not Reaction.objects.exists()


def test_an_open_counts_to_the_minute_where_it_is_measured(mail: Delivery):
    picture = slots("", mail.uid, Measured(opens=True))["opened_url"]
    assert Client().get(picture).content.startswith(b"GIF89a")
    assert not Reaction.objects.exists()
    Organisation.objects.update(settings={"measure": {"opens": True}})
    for _ in range(2):
        answer = Client().get(picture)
        assert (answer["Content-Type"], answer.cookies) == ("image/gif", {})
    row = Reaction.objects.get()
    assert (row.kind, row.at.second, row.about) == ("opened", 0, {})
    assert Client().get("/opened/nonsense.gif").status_code == 200, "a stranger learns nothing"


def test_a_click_leads_on_only_to_what_stood_in_the_mail(mail: Delivery):
    Organisation.objects.update(settings={"measure": {"clicks": True}})
    link = next(each for each in links(mail, clicks=True) if each.startswith("/followed/"))
    answer = Client().get(link.partition("#")[0])
    assert (answer.status_code, answer["Location"]) == (302, "https://status.northwind.example/p?a=1&b=2")
    assert Reaction.objects.get().kind == "clicked"
    start = link.partition("to=")[0]
    for other in ("https://evil.test/", "//evil.test", "javascript:alert(1)", "tel:+4912345", "", "https://status"):
        assert Client().get(f"{start}to={other}").status_code == 404, other


def test_without_measuring_nothing_of_it_stands_in_a_mail(mail: Delivery):
    assert links(mail)[0] == "https://status.northwind.example/p?a=1&b=2#now"
    assert not [each for each in links(mail) if "opened" in each or "followed" in each]


# --- the door for mail --------------------------------------------------------------------------------------------

RAW = "message/rfc822"
HELLO = b"From: x@elsewhere.example\nMessage-ID: <1@e>\n\nhello\n"


@pytest.fixture
def key(house: Any) -> str:
    made = keys.add(name="provider", kind="mail", actor=SYSTEM, now=NOW)
    assert isinstance(made, str)
    return made


def test_a_mail_at_the_door_is_kept_once(mail: Delivery, key: str):
    reply = b"From: a@b.example\nIn-Reply-To: <%s@northwind.example>\n\nThank you\n" % mail.uid.encode()
    answers = [Client().post(f"/in/{key}/mail", reply, content_type=RAW).json() for _ in range(2)]
    assert [each["kind"] for each in answers] == ["replied", "known"]
    assert Reaction.objects.get().words == "Thank you"
    by_address = Client().post(f"/in/{key}/mail?to=back%2B{mail.uid}@northwind.example", HELLO, content_type=RAW)
    assert by_address.json()["kind"] == "replied"
    assert Client().post(f"/in/{key}/mail", b"\xff" * 999, content_type=RAW).json()["kind"] == "stray"


def test_the_door_for_mail_opens_by_its_key_alone_and_says_what_is_wrong(house: Any, key: str):
    client = Client()
    alerts = keys.add(name="prometheus", kind="alertmanager", actor=SYSTEM, now=NOW)
    for wrong in (alerts, "nonsense", "x" * 500):
        assert client.post(f"/in/{wrong}/mail", HELLO, content_type=RAW).status_code == 404
    assert client.get(f"/in/{key}/mail").status_code == 405
    assert client.post(f"/in/{key}/mail", b"", content_type=RAW).status_code == 400
    large = client.post(f"/in/{key}/mail", b"a" * 30_000_001, content_type=RAW)
    assert (large.status_code, "larger" in large.json()["error"]["sentence"]) == (413, True)
    assert not StrayMail.objects.exists()
    keys.revoke(name="provider", actor=SYSTEM, now=NOW)
    assert client.post(f"/in/{key}/mail", HELLO, content_type=RAW).status_code == 404


# --- what our own people see --------------------------------------------------------------------------------------


def test_addresses_are_found_lifted_and_measuring_is_an_admins(mail: Delivery, browser: Any):
    suppress("gone@customer-0.example", reason="there is no such mailbox (5.1.1)", now=NOW, kind="bounced")
    suppress("no@customer-0.example", reason="unsubscribed by the link in a mail", now=NOW)
    cora, ann = browser("Cora"), browser("Ann")
    assert "2 addresses" in words(cora.get("/settings/returns"))
    found = words(cora.post("/settings/returns", {"address": "Gone@customer-0.example"}))
    assert "there is no such mailbox" in found
    assert "unsubscribed by" not in found
    bounced, asked = Suppression.objects.order_by("id")
    assert cora.post(f"/settings/returns/{asked.pk}/lift", {"reason": "please"}).status_code == 422
    assert cora.post(f"/settings/returns/{bounced.pk}/lift", {"reason": ""}).status_code == 422
    assert cora.post(f"/settings/returns/{bounced.pk}/lift", {"reason": "They moved."}).status_code == 302
    assert Suppression.objects.get() == asked
    assert browser("Vic").get("/settings/returns").status_code == 403
    assert cora.post("/settings/returns/measure", {"opens": "on"}).status_code == 403
    for given, kept in (({"opens": "on"}, {"opens": True, "clicks": False}), ({}, {"opens": False, "clicks": False})):
        assert ann.post("/settings/returns/measure", given).status_code == 302
        assert Organisation.objects.get().settings["measure"] == kept


def test_a_reply_is_shown_as_text_and_marked_as_answered(mail: Delivery, browser: Any):
    said = b"From: Bo <other@elsewhere.example>\nIn-Reply-To: <%s@n.example>\n\n<script>alert(1)</script>\n\n> quoted\n"
    receiving.receive(said % mail.uid.encode(), now=NOW)
    cora = browser("Cora")
    page = words(cora.get("/incidents/1/tell"))
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page
    assert "written from other@elsewhere.example" in page
    reply = Reaction.objects.get()
    assert browser("Vic").post(f"/incidents/1/replies/{reply.uid}/answered").status_code == 403
    assert cora.post(f"/incidents/1/replies/{reply.uid}/answered").status_code == 302
    assert cora.post("/incidents/1/replies/nonsense/answered").status_code == 422
    assert "Answered by Cora Miller" in words(cora.get("/incidents/1/tell"))
    assert "Bo 0, Customer 0" in words(cora.get("/incidents/1"))


def test_a_contact_who_was_not_reached_can_be_tried_again(mail: Delivery, browser: Any):
    bounce = (SAMPLES / "bounce-postfix.eml").read_bytes().replace(OURS, mail.uid.encode())
    receiving.receive(bounce.replace(ADDRESS, mail.address.encode()), now=NOW)
    cora = browser("Cora")
    assert "there is no such mailbox (5.1.1)" in words(cora.get("/customers"))
    assert cora.post(f"/customers/contacts/{mail.recipient}/again").status_code == 302
    mail.refresh_from_db()
    assert (mail.state, mail.wake_at) == ("queued", NOW)
    assert "5.1.1" not in words(cora.get("/customers"))
    assert browser("Vic").post(f"/customers/contacts/{mail.recipient}/again").status_code == 403
    assert cora.post("/customers/contacts/nobody/again").status_code == 422


def words(answer: Any) -> str:
    assert answer.status_code == 200
    return str(answer.content.decode())
