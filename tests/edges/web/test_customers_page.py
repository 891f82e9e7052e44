"""The page of customers and its verbs, under the hands of each role and of somebody who sends nonsense."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.edges.web.conftest import NOW

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.patient]
KEYS = "Where do I put the SSH key, and is there an API token? curl ends with HTTP 502 and ECONNREFUSED."


@pytest.fixture
def bo(house: Any) -> Any:
    """A contact whose tickets suggest the technical version."""
    from antiphon.actions import tickets
    from antiphon.db.models import Contact

    rows = [{"id": n, "email": "BO@customer-1.example", "description": KEYS} for n in range(3)]
    assert tickets.take_all(enumerate(rows, start=1), origin="desk", now=NOW).new == 3
    return Contact.objects.get(email="bo@customer-1.example")


def segment(contact: Any) -> str:
    contact.refresh_from_db()
    return str(contact.segment)


def test_a_suggestion_is_told_in_words_with_its_evidence(bo: Any, browser: Callable[[str], Any]) -> None:
    page = browser("Vic").get("/customers?suggested=any").content.decode()
    assert "asked for API access or SSH keys" in page
    assert "3 tickets: “ssh key”" in page
    assert "Customer 1" in page
    assert "Customer 2" not in page
    assert 'name="contact"' not in page  # a viewer may not tag
    assert "curl" not in page


def test_tagging_dismissing_and_undoing(bo: Any, browser: Callable[[str], Any]) -> None:
    cora = browser("Cora")
    answer = cora.post("/customers/segments", {"as": "suggested", "contact": f"{bo.uid} technical", "here": "q=bo"})
    assert (answer.status_code, answer["Location"]) == (302, "/customers?q=bo")
    assert segment(bo) == "technical"
    assert "1 contact is tagged as suggested." in cora.get("/customers").content.decode()
    assert cora.post("/customers/segments/undo", {}).status_code == 302
    assert segment(bo) == "untagged"
    assert cora.post("/customers/segments/undo", {}).status_code == 422
    assert cora.post("/customers/segments", {"as": "dismiss", "contact": f"{bo.uid} technical"}).status_code == 302
    assert bo.suggestion.__class__.objects.get().state == "dismissed"


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"as": "technical"},
        {"as": "chief", "contact": "x technical"},
        {"as": "suggested", "contact": "x"},
        {"as": "suggested", "contact": "x chief"},
        {"as": "dismiss"},
    ],
)
def test_nonsense_is_refused_in_a_sentence_and_changes_nothing(
    bo: Any, browser: Callable[[str], Any], sent: dict[str, str]
) -> None:
    answer = browser("Cora").post("/customers/segments", sent)
    assert answer.status_code == 422
    assert segment(bo) == "untagged"


@pytest.mark.parametrize("here", ["//evil.example", "\r\nSet-Cookie: a=b", "\\evil", "x" * 5000, "q=ü&after=\0"])
def test_the_way_back_leads_nowhere_else(bo: Any, browser: Callable[[str], Any], here: str) -> None:
    answer = browser("Cora").post("/customers/segments", {"as": "business", "contact": bo.uid, "here": here})
    assert answer.status_code == 302
    assert answer["Location"].startswith("/customers")


@pytest.mark.parametrize("asked", ["q=%00", "q=%25&segment=x", "after=%00%FF", "suggested=any&strategic=1", "q=<b>"])
def test_any_question_is_answered(bo: Any, browser: Callable[[str], Any], asked: str) -> None:
    answer = browser("Ben").get(f"/customers?{asked}")
    assert answer.status_code == 200
    assert "<b>" not in answer.content.decode()


def test_pages_follow_each_other_without_a_gap(house: Any, browser: Callable[[str], Any]) -> None:
    from antiphon.db.models import Contact, Entity
    from antiphon.queries import customers
    from antiphon.queries.customers import Looked

    rows = [Entity(kind="customer", name=f"c-{n:04}", title=f"C {n}", updated_at=NOW) for n in range(120)]
    Contact.objects.bulk_create(
        Contact(customer=row, name="Al", email=f"al@{row.name}.example") for row in Entity.objects.bulk_create(rows)
    )
    seen, after = [], ""
    while found := customers.find(Looked(segment="untagged"), after=after):
        seen += [each.name for each in found]
        after = found[-1].name
    assert seen == sorted(set(seen))
    assert len(seen) == 123
    assert "after=c-" in browser("Vic").get("/customers").content.decode()


def test_an_admin_erases_a_contact_and_nobody_else_does(bo: Any, browser: Callable[[str], Any]) -> None:
    from antiphon.db.models import Contact, Ticket

    where = f"/customers/contacts/{bo.uid}/erase"
    assert browser("Cora").post(where).status_code == 403
    assert "cannot be undone" in browser("Ann").get(where).content.decode()
    assert browser("Ann").post(where).status_code == 302
    assert not Contact.objects.filter(pk=bo.pk).exists()
    assert not Ticket.objects.exists()


def test_words_and_weights_keep_what_was_typed_and_say_what_is_wrong(bo: Any, browser: Callable[[str], Any]) -> None:
    from antiphon.core.segments import DEFAULTS
    from antiphon.db.models import Organisation

    ann = browser("Ann")
    whole: dict[str, Any] = {"days": 400}
    for signal in DEFAULTS:
        whole |= {f"{signal.name}_weight": signal.weight, f"{signal.name}_words": "\n".join(signal.words)}
    page = ann.post("/settings/segments/change", whole | {"keys_words": "/(/\nssh key"}).content.decode()
    assert "cannot be read as a pattern" in page
    assert "/(/" in page
    assert Organisation.objects.get().settings == {}
    assert ann.post("/settings/segments/change", whole | {"keys_words": ""}).status_code == 200
    assert ann.post("/settings/segments/change", whole | {"keys_weight": "nan"}).status_code == 200
    assert Organisation.objects.get().settings == {}
    assert ann.post("/settings/segments/change", whole | {"keys_weight": "3"}).status_code == 302
    kept = Organisation.objects.get().settings
    assert kept == {"segment_signals": {"keys": {"weight": 3.0}}, "ticket_days": 400}
    assert ann.post("/settings/segments/defaults").status_code == 302
    assert Organisation.objects.get().settings == {"segment_signals": {}, "ticket_days": 365}


def test_a_pasted_text_is_marked_and_kept_nowhere(bo: Any, browser: Callable[[str], Any]) -> None:
    from antiphon.db.models import Ticket

    before = list(Ticket.objects.values())
    page = browser("Ben").post("/settings/segments/try", {"text": "<b>My</b> SSH key & HTTP 502"}).content.decode()
    assert "SSH key</mark>" in page
    assert "&lt;b&gt;My" in page
    assert "0.78" in page
    assert list(Ticket.objects.values()) == before
    assert browser("Ben").post("/settings/segments/try", {"text": "x" * 50_000}).status_code == 200
