"""The subscribe form and a subscriber's own link, under readers, scanners, mail programs and the hostile."""

import pytest

from antiphon.actions import status_pages
from antiphon.actions.status_pages import Shown
from antiphon.db import public, public_page
from antiphon.db.models import Delivery, Subscriber
from antiphon.db.public import PublicPage
from antiphon.web import subscribe
from antiphon.web.attempts import Attempts
from tests.edges.web.conftest import NOW

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
