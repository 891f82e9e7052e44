"""The subscribe form and a subscriber's own link, under readers, scanners, mail programs and the hostile."""

import pytest

from antiphon.actions import status_pages, subscribers
from antiphon.actions.status_pages import Shown
from antiphon.core.digest import Pace
from antiphon.db import channel_settings, public, public_page
from antiphon.db.models import Delivery, Organisation, Subscriber
from antiphon.db.public import PublicPage
from antiphon.db.transactions import write
from antiphon.web import subscribe
from antiphon.web.attempts import Attempts
from tests.edges.web.conftest import NOW

pytestmark = pytest.mark.patient

FORM = "/subscribe/status"


@pytest.fixture
def page(house, monkeypatch) -> PublicPage:
    monkeypatch.setattr(subscribe, "attempts", Attempts())
    made = public_page.page(now=NOW)
    public.list_components(made, [public.Listed("checkout0001", "Checkout")], now=NOW)
    return made


def _asked(browser, address: str = "sue@reader.example"):
    return browser("").post(FORM, {"address": address, "impact": "none"})


def _link(browser) -> str:
    _asked(browser)
    return f"/subscription/{Subscriber.objects.get().token}"


def test_readers_are_shown_the_house_and_never_the_way_in(page, browser):
    for path in (FORM, _link(browser), "/subscribe/nothing-here"):
        shown = browser("").get(path).content.decode()
        assert "Antiphon" not in shown
        assert 'href="/"' not in shown


def test_the_answer_does_not_tell_who_is_known(page, browser):
    first = _asked(browser)
    Subscriber.objects.update(confirmed_at=NOW)
    known = _asked(browser)
    assert first.status_code == known.status_code == 202
    assert first.content == known.content
    assert Delivery.objects.count() == 1, "one question an hour"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nobody",
        "a@b.example\r\nBcc: all@b.example",
        "a\0@b.example",
        "a" * 10_000 + "@b.example",
        "a@b.example, c@d.example",
        "a@%3Cscript%3E",
        "a@\u202eelpmaxe.b",
    ],
)
def test_what_cannot_be_an_address_is_kept_in_the_form_and_nowhere_else(page, browser, address):
    answer = browser("").post(FORM, {"address": address, "impact": "none"})
    assert answer.status_code == 422
    assert not Subscriber.objects.exists()
    assert not Delivery.objects.exists()


def test_other_letters_in_a_domain_are_one_address(page, browser):
    _asked(browser, "una@Bücher.example")
    assert Subscriber.objects.get().address == "una@xn--bcher-kva.example"


@pytest.mark.parametrize("wrong", [{"impact": "worst"}, {"impact": "none", "components": "nothing"}, {}])
def test_wishes_that_the_page_does_not_offer_are_refused(page, browser, wrong):
    assert browser("").post(FORM, {"address": "sue@reader.example", **wrong}).status_code == 422
    assert not Subscriber.objects.exists()


def test_many_addresses_from_one_place_have_to_wait(page, browser):
    answers = [_asked(browser, f"r{n}@reader.example").status_code for n in range(12)]
    assert answers == [202] * 10 + [429] * 2


def test_a_private_page_and_none_look_alike(house, page, browser):
    shown = Shown(slug="acme", name="For Acme", audience="business", private=True)
    assert isinstance(status_pages.save(shown=shown, actor=house.actor("Ann"), now=NOW), PublicPage)
    private, none = browser("").get("/subscribe/acme"), browser("").get("/subscribe/nobody")
    assert private.status_code == none.status_code == 404
    assert private.content == none.content
    assert browser("").post("/subscribe/acme", {"address": "a@b.example", "impact": "none"}).status_code == 404


def test_a_look_confirms_nothing_and_a_post_does(page, browser):
    link = _link(browser)
    assert b"until you confirm" in browser("").get(link).content
    assert browser("").head(link).status_code == 200
    assert Subscriber.objects.get().confirmed_at is None
    said = browser("").post(link, {"act": "keep", "impact": "major"})
    assert b"gets what this page publishes" in said.content
    row = Subscriber.objects.get()
    assert (row.confirmed_at, row.impact) == (NOW, "major")
    assert "no-store" in said["Cache-Control"]


def test_a_mail_program_ends_it_with_one_click(page, browser):
    link = _link(browser)
    browser("").post(link, {"act": "keep", "impact": "none"})
    answer = browser("").post(link, {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert Subscriber.objects.get().ended_at == NOW
    assert browser("").post(link, {"List-Unsubscribe": "One-Click"}).status_code == 200
    browser("").post(link, {"act": "keep", "impact": "none"})
    assert Subscriber.objects.get().ended_at is None, "they may come back by their own link"


def test_erasing_leaves_nothing_but_a_hash(page, browser):
    link = _link(browser)
    assert b"forgotten" in browser("").post(link, {"act": "erase"}).content
    assert not Subscriber.objects.exists()
    assert browser("").get(link).status_code == 404


@pytest.mark.parametrize("posted", [{}, {"act": "dance"}, {"act": "keep"}, {"act": "keep", "impact": "x"}])
def test_an_act_that_is_none_is_refused(page, browser, posted):
    assert browser("").post(_link(browser), posted).status_code == 422
    assert Subscriber.objects.get().confirmed_at is None


def test_admins_find_end_and_erase_and_nobody_else_sees_addresses(page, browser, house):
    rows = [
        Subscriber(page=page, address=f"r{n}@reader.example", token=str(n), asked_at=NOW, confirmed_at=NOW)
        for n in range(60)
    ]
    Subscriber.objects.bulk_create(rows)
    here = f"/settings/pages/{page.uid}/subscribers"
    ann = browser("Ann")
    first = ann.get(here).content.decode()
    assert "r59@" in first
    assert "r9@" not in first
    following = first.partition(f'href="{here}?')[2].partition('"')[0].replace("&amp;", "&")
    assert "r9@" in ann.get(f"{here}?{following}").content.decode()
    assert "r59@" not in ann.get(f"{here}?q=R7%40").content.decode()
    for wild in ("?before=x", "?before=999999999999999999999", "?q=%00%25"):
        assert ann.get(f"{here}{wild}").status_code == 200
    one, other = (
        Subscriber.objects.get(address="r1@reader.example"),
        Subscriber.objects.get(address="r2@reader.example"),
    )
    ann.post(f"{here}/{one.uid}/end")
    ann.post(f"{here}/{other.uid}/erase")
    one.refresh_from_db()
    assert one.ended_at == NOW
    assert not Subscriber.objects.filter(pk=other.pk).exists()
    assert browser("Vic").get(here).status_code == 403
    assert b"/subscribers" not in browser("Vic").get("/settings/pages").content


@pytest.fixture
def all_ways(page):
    account = {"account_sid": "AC" + "0" * 32, "sender": "+15005550006", "subscribers": True}
    with write():
        channel_settings.save("mail", {"host": "mail.example"}, secret_names=set())
        channel_settings.save("sms", account, secret_names=set())
        channel_settings.save("chat", {"subscribers": True}, secret_names=set())
        channel_settings.save("webhook", {"subscribers": True}, secret_names=set())


SLACK = "https://hooks.slack.com/services/T0/B0/secretsecret"


def _post(browser, way, address, **more):
    return browser("").post(f"{FORM}/{way}", {"address": address, "impact": "none", **more})


def test_only_what_is_set_up_is_offered(page, browser):
    assert b"/subscribe/status/sms" not in browser("").get(FORM).content
    for way in ("sms", "chat", "webhook", "pigeon", "asked"):
        assert browser("").get(f"{FORM}/{way}").status_code == 404


@pytest.mark.patient
@pytest.mark.usefixtures("all_ways")
@pytest.mark.parametrize("way", ["mail", "sms", "chat", "webhook"])
def test_each_way_has_its_form_and_links_to_the_others(browser, way):
    said = browser("").get(f"{FORM}/{way}").content.decode()
    assert all(f'href="/subscribe/status/{other}"' in said for other in ("mail", "sms", "chat", "webhook"))
    assert said.count('aria-current="page"') == 1


@pytest.mark.patient
@pytest.mark.usefixtures("all_ways")
@pytest.mark.parametrize(
    ("way", "address"),
    [
        ("sms", "0170 1234567"),
        ("sms", "+49 170 1234567\r\nBcc: x"),
        ("sms", "+\u202e49170123456"),
        ("sms", "+" + "1" * 900),
        ("sms", "sue@reader.example"),
        ("chat", "https://status.example.org/x"),
        ("chat", "https://hooks.slack.com/services/T0/B0/x\r\nX-Evil: 1"),
        ("chat", "https://hooks.slack.com@evil.example/services/T0/B0/x"),
        ("chat", "https://hooks.slack.com/services/T0/B0/\u202ex"),
        ("webhook", "javascript:alert(1)"),
        ("webhook", "file:///etc/passwd"),
        ("webhook", "http://127.0.0.1:8047/in/key"),
        ("webhook", "http://[::ffff:10.0.0.1]/"),
        ("webhook", "http://0x7f.1/"),
        ("webhook", "https://localhost/x"),
        ("webhook", "https://db.internal/x"),
        ("webhook", "https://a.example/" + "x" * 2_000),
        ("webhook", SLACK),
    ],
)
def test_what_cannot_be_reached_is_kept_in_the_form_and_nowhere_else(browser, way, address):
    answer = _post(browser, way, address)
    assert answer.status_code == 422
    assert not Subscriber.objects.exists()
    assert not Delivery.objects.exists()


@pytest.mark.usefixtures("all_ways")
def test_a_number_is_confirmed_by_its_code_without_scripts(browser):
    reader = browser("")
    asked = _post(browser, "sms", "+49 170 1234567")
    assert asked.status_code == 202
    assert b'value="+49 170 1234567"' in asked.content
    row = Subscriber.objects.get()
    wrong = reader.post(f"{FORM}/sms/code", {"address": "+491701234567", "code": "x" * 30_000})
    assert wrong.status_code == 422
    right = reader.post(f"{FORM}/sms/code", {"address": "+49 170 1234567", "code": subscribers.code_of(row)})
    assert (right.status_code, right["Location"]) == (302, f"/subscription/{row.token}")
    assert b"+491701234567 gets what this page publishes" in reader.get(right["Location"]).content
    unknown = reader.post(f"{FORM}/sms/code", {"address": "+491709999999", "code": "123456"})
    assert b"not the code" in unknown.content


@pytest.mark.usefixtures("all_ways")
def test_codes_cannot_be_tried_for_long(browser):
    _post(browser, "sms", "+491701234567")
    said = [browser("").post(f"{FORM}/sms/code", {"address": "+491701234567", "code": str(n)}) for n in range(12)]
    assert b"Many codes" in said[-1].content
    assert Subscriber.objects.get().tries == 5


@pytest.mark.usefixtures("all_ways")
def test_a_room_shows_its_host_and_a_machine_its_secret_to_its_holder_alone(house, page, browser):
    assert _post(browser, "chat", SLACK).status_code == 202
    assert _post(browser, "webhook", "https://hooks.example.org/in?key=k3yk3y").status_code == 202
    chat, hook = Subscriber.objects.get(channel="chat"), Subscriber.objects.get(channel="webhook")
    assert b"Slack at hooks.slack.com gets nothing until" in browser("").get(f"/subscription/{chat.token}").content
    shown = browser("").get(f"/subscription/{hook.token}").content.decode()
    assert "whsec_" in shown
    assert "k3yk3y" not in shown
    listed = browser("Ann").get(f"/settings/pages/{page.uid}/subscribers").content.decode()
    assert "hooks.example.org" in listed
    assert not [secret for secret in ("k3yk3y", "secretsecret", "whsec_") if secret in listed]
    said = browser("").post(f"/subscription/{hook.token}", {"act": "confirm"})
    assert b"gets what this page publishes" in said.content


@pytest.mark.usefixtures("all_ways")
def test_a_chat_that_its_url_does_not_tell_is_named(browser):
    url = "https://chat.acme.example/odd/path"
    assert _post(browser, "chat", url).status_code == 422
    assert _post(browser, "chat", url, kind="mattermost").status_code == 202
    assert Subscriber.objects.get().address.startswith("Mattermost at chat.acme.example#")


def test_channels_are_set_up_in_the_settings(house, browser):
    ann = browser("Ann")
    assert b"not set up" in ann.get("/settings/channels").content
    wrong = ann.post("/settings/channels/sms", {"account_sid": "AC1", "auth_token": "t", "sender": "+15005550006"})
    assert wrong.status_code == 200
    assert b"Account SID does not have the form" in wrong.content
    entered = {"account_sid": "AC" + "0" * 32, "auth_token": "t0k3n", "sender": "+15005550006", "subscribers": "on"}
    entered["base_url"] = "https://api.twilio.com"
    assert ann.post("/settings/channels/sms", entered).status_code == 302, "saved and sent back"
    assert b"readers may subscribe" in ann.get("/settings/channels").content
    assert b"t0k3n" not in ann.get("/settings/channels/sms").content
    assert ann.get("/settings/channels/mail").status_code == 404
    assert browser("Vic").post("/settings/channels/sms", entered).status_code == 403


def test_when_digests_begin_is_set_in_the_settings(house, browser):
    ann = browser("Ann")
    for wrong in ({"messages": "-1", "minutes": "30"}, {"messages": "3", "minutes": "1"}, {"messages": "x" * 9_000}):
        assert ann.post("/settings/channels/digest/change", wrong).status_code == 422
    assert ann.post("/settings/channels/digest/change", {"messages": "5", "minutes": "20"}).status_code == 302
    assert Pace.of(Organisation.only().settings) == Pace(messages=5, minutes=20)
    assert browser("Vic").post("/settings/channels/digest/change", {"messages": "0"}).status_code == 403
