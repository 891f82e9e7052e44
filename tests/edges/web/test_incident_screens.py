"""The incident's screens as people use them: by HTTP, on a real database."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from antiphon import clock
from antiphon.actions import incidents
from antiphon.db import record
from antiphon.db.models import Delivery, Incident, Page, Promise, Update, Version
from antiphon.engine import duties
from antiphon.engine.loop import Engine
from antiphon.queries import now, waiting
from tests.edges.web import house
from tests.edges.web.house import House, as_, text

NOW = datetime(2026, 11, 21, 14, 0, tzinfo=UTC)
HX = {"HX-Request": "true"}
HOSTILE = "<script>alert('x')</script>\"'><img src=x onerror=y>"

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.patient]


@pytest.fixture(autouse=True)
def moment() -> Iterator[list[datetime]]:
    """The clock of the pages: what stands in the list is now."""
    at = [NOW]
    clock.use(clock.Clock(read=lambda: at[0], rate=lambda: 1.0))
    yield at
    clock.use(clock.SYSTEM_CLOCK)


@pytest.fixture
def here() -> House:
    return house.build(now=NOW)


def sentences(incident: Incident) -> list[str]:
    return [one.event.sentence() for one in record.read(record.incident_stream(incident.uid))]


def test_declaring_keeps_what_was_typed_and_says_what_is_wrong_at_its_field(here: House):
    ann = as_(here, "Ann")
    typed = {"title": "Orders stand still", "severity": "3", "incident_type": "disruption", "entities": "nonsense"}
    answer = ann.post("/incidents/declare", typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "The catalog knows no nonsense" in page
    assert 'value="Orders stand still"' in page
    assert not Incident.objects.exists()
    answer = ann.post("/incidents/declare", typed | {"entities": "checkout, payment-api", "started_at": "13:45"})
    assert answer["Location"] == "/incidents/1"
    incident = Incident.objects.get()
    assert set(incident.affected.values_list("entity", flat=True)) == {"checkout", "payment-api"}
    assert incident.detected_at == NOW - timedelta(minutes=15)


@pytest.mark.parametrize("at", ["25:00", "yesterday", "2026-11-21 14:01", "2027-01-01"])
def test_a_time_that_cannot_be_is_refused_at_its_field(here: House, at: str):
    typed = {"title": "X", "severity": "3", "incident_type": "disruption", "started_at": at}
    answer = as_(here, "Ann").post("/incidents/declare", typed)
    assert answer.status_code == 422
    assert 'id="id_started_at_error"' in answer.content.decode()


def test_hostile_words_are_shown_as_words(here: House):
    incident = house.declare(here, now=NOW, title=HOSTILE, area="<b>", detected_by="<i>", reason=HOSTILE)
    ann = as_(here, "Ann")
    for words in ({"text": HOSTILE}, {"text": HOSTILE, "as": "change"}, {"text": HOSTILE, "as": "workaround"}):
        ann.post("/incidents/1/notes", words)
    ann.post("/incidents/1/facts", {"name": "symptoms", "text": HOSTILE, "confidence": "likely"})
    ann.post("/incidents/1/updates", {"moment": "first_word"})
    assert Update.objects.filter(incident=incident).exists()
    for path in ("/", "/incidents", "/incidents/1", "/incidents/1/tell", "/incidents/1/review", "/find?q=script"):
        page = text(ann, path)
        assert "<script>alert" not in page, path
        assert "<img src=x" not in page, path
    assert "&lt;script&gt;" in text(ann, "/incidents/1")


def test_the_room_names_people_and_never_their_ids(here: House):
    house.work(here, house.declare(here, now=NOW), now=NOW)
    page = text(as_(here, "Vic"), "/incidents/1")
    assert "Paged Ben Miller" in page
    assert "Cora Miller is business lead" in page
    shown = page.replace('value="', "")
    assert all(f" {person.uid}" not in shown for person in here.people.values())
    assert "EUR 420 a minute" in page


def test_the_room_asks_what_is_new_and_hears_nothing_twice(here: House):
    incident = house.declare(here, now=NOW)
    ann, seen = as_(here, "Ann"), len(sentences(incident))
    assert ann.get(f"/incidents/1/live?after={seen}").status_code == 204
    assert ann.post("/incidents/1/notes", {"text": "Disk is full"}, headers=HX).status_code == 204
    new = ann.get(f"/incidents/1/live?after={seen}").content.decode()
    assert "Disk is full" in new
    assert "Paged Ben Miller" not in new.split('id="timeline"')[1]
    with CaptureQueriesContext(connection) as asked:
        assert ann.get(f"/incidents/1/live?after={seen + 1}").status_code == 204
    assert len(asked) <= 6  # session, person, their roles, the incident, the record's head


def test_an_older_page_of_the_timeline_stands_still(here: House):
    incident = house.declare(here, now=NOW)
    ann = as_(here, "Ann")
    for n in range(70):
        incidents.note(incident=incident.uid, text=f"line {n}", actor=here.actor("Ann"), now=NOW)
    newest = text(ann, "/incidents/1?show=notes")
    assert 'id="live"' in newest
    assert "line 69" in newest
    assert "line 9<" not in newest
    before = len(sentences(incident)) - 59
    assert f'href="/incidents/1?show=notes&amp;before={before}"' in newest
    older = text(ann, f"/incidents/1?show=notes&before={before}")
    assert 'id="live"' not in older
    assert "line 9<" in older
    assert "line 10<" not in older


def test_a_refusal_is_a_message_by_script_and_a_page_without(here: House):
    house.declare(here, now=NOW)
    ann = as_(here, "Ann")
    by_script = ann.post("/incidents/1/entities", {"entity": "nonsense"}, headers=HX)
    assert by_script.status_code == 200
    assert "hx-swap-oob" in by_script.content.decode()
    plain = ann.post("/incidents/1/entities", {"entity": "nonsense"})
    assert plain.status_code == 422
    for answer in (by_script, plain):
        assert "The catalog knows no nonsense" in answer.content.decode()


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("notes", {"text": "  "}),
        ("notes", {"text": "x" * 10_001}),
        ("notes", {"text": "w" * 301, "as": "workaround"}),
        ("severity", {"severity": "9", "reason": "so"}),
        ("severity", {"severity": "1", "reason": ""}),
        ("state", {"state": "closed"}),
        ("roles/king", {"person": "me"}),
        ("roles/scribe", {"person": "nobody"}),
        ("tracks/technical/tasks", {"title": ""}),
        ("tracks/technical/tasks", {"title": "x" * 301}),
        ("tasks/nonsense/done", {}),
        ("verdict", {"kind": "neither", "reason": "so"}),
        ("verdict", {"kind": "both", "reason": ""}),
        ("questions/9", {"answer": "yes", "reason": "so"}),
        ("questions/1", {"answer": "perhaps", "reason": "so"}),
        ("workarounds/nonsense/removed", {}),
        ("workarounds/nonsense/waived", {"owner": "Ann", "until": "2027-01-01"}),
        ("workarounds/nonsense/waived", {"owner": "", "until": "soon"}),
        ("sla-impact", {"text": ""}),
        ("updates", {"moment": "holding"}),
        ("review/finished", {}),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence_and_leaves_no_trace(here: House, path: str, words: dict[str, str]):
    incident = house.declare(here, now=NOW)
    before = sentences(incident)
    answer = as_(here, "Ann").post(f"/incidents/1/{path}", words)
    assert answer.status_code == 422
    assert "This was not done" in answer.content.decode()
    assert sentences(incident) == before


def test_work_in_the_room_stands_on_the_record(here: House):
    incident = house.declare(here, now=NOW)
    ann = as_(here, "Ann")
    ann.post("/incidents/1/roles/incident-commander", {"person": "me"})
    ann.post("/incidents/1/roles/technical-lead", {"person": here.people["Ben"].uid})
    ann.post("/incidents/1/state", {"state": "identified"})
    ann.post("/incidents/1/severity", {"severity": "1", "reason": "every region"})
    ann.post("/incidents/1/tracks/technical/tasks", {"title": "Look at the disk"})
    ann.post("/incidents/1/notes", {"text": "Failed over", "as": "change"})
    ann.post("/incidents/1/notes", {"text": "Audit table", "as": "hypothesis"})
    ann.post("/incidents/1/questions/4", {"answer": "yes", "reason": "card data"})
    ann.post("/incidents/1/verdict", {"kind": "both", "reason": "the bank called"})
    ann.post("/incidents/1/entities", {"entity": "intranet"})
    page = text(ann, "/incidents/1")
    for words in ("Look at the disk", "Failed over", "Audit table", "card data", "the bank called", "Intranet"):
        assert words in page, words
    incident.refresh_from_db()
    assert (incident.severity, incident.state) == (1, "identified")


def test_facts_become_texts_that_others_approve_and_one_click_sends(here: House, moment: list[datetime]):
    incident = house.declare(here, now=NOW)
    uid = house.work(here, incident, now=NOW + timedelta(minutes=3))
    moment[0] = NOW + timedelta(minutes=4)
    ben, cora, update = as_(here, "Ben"), as_(here, "Cora"), f"/incidents/1/updates/{uid}"
    business = Version.objects.get(update__uid=uid, audience="business")
    words = {"subject": business.subject, "body": business.body + "\n\nThank you for your patience."}
    assert cora.post(f"{update}/business/text", words).status_code == 302
    assert ben.post(f"{update}/business/approval", {"digest": business.digest}).status_code == 422  # read before it
    for version in Version.objects.filter(update__uid=uid, audience__in=["technical", "business", "public"]):
        assert ben.post(f"{update}/{version.audience}/approval", {"digest": version.digest}).status_code == 302
    page = text(cora, "/incidents/1/tell")
    assert "Approved by Ben Miller" in page
    assert "Send to 3 technical, 3 business, 12 inside readers and the status page, now" in page
    assert "Business: 3 contacts, 3 of them untagged, by mail." in page
    digests = {f"digest-{v.audience}": v.digest for v in Version.objects.filter(update__uid=uid)}
    stale = cora.post(f"{update}/publication", digests | {"digest-public": "other"})
    assert stale.status_code == 422
    assert cora.post(f"{update}/publication", digests).status_code == 302
    assert Delivery.objects.filter(outside=True).count() == 6  # three customers, a technical and a business reader each
    assert not Promise.objects.filter(incident=incident, what="first word", state="open").exists()
    assert "Sent" in text(cora, "/incidents/1/tell?moment=first_word")
    assert cora.post("/incidents/1/no-change").status_code == 302


def test_who_wrote_a_text_does_not_approve_it(here: House):
    uid = house.work(here, house.declare(here, now=NOW), now=NOW)
    ben = as_(here, "Ben")
    body = Version.objects.get(update__uid=uid, audience="technical").body
    ben.post(f"/incidents/1/updates/{uid}/technical/text", {"subject": "Payments", "body": body})
    page = text(ben, "/incidents/1/tell")
    assert "You wrote it; at SEV2 somebody else approves it." in page
    digest = Version.objects.get(update__uid=uid, audience="technical").digest
    assert ben.post(f"/incidents/1/updates/{uid}/technical/approval", {"digest": digest}).status_code == 422


def test_a_draft_keeps_itself_and_says_what_the_lint_finds(here: House):
    uid = house.work(here, house.declare(here, now=NOW), now=NOW)
    words = {"subject": "Payments", "body": "We promise that it works again at 15:00 UTC."}
    answer = as_(here, "Cora").post(f"/incidents/1/updates/{uid}/business/draft", words, headers=HX)
    page = answer.content.decode()
    assert "Kept as a draft." in page
    assert "Must be mended:" in page
    assert Version.objects.get(update__uid=uid, audience="business").body == words["body"]
    empty = as_(here, "Cora").post(
        f"/incidents/1/updates/{uid}/business/draft", {"subject": "", "body": ""}, headers=HX
    )
    assert "The text is empty" in empty.content.decode()


def test_a_corrected_fact_stays_readable_on_the_record(here: House):
    house.declare(here, now=NOW)
    ann = as_(here, "Ann")
    refused = ann.post("/incidents/1/facts", {"name": "symptoms", "text": "", "confidence": "likely"})
    assert refused.status_code == 422
    ann.post("/incidents/1/facts", {"name": "symptoms", "text": "Slow", "confidence": "likely"})
    fact = Incident.objects.get().facts.get()
    path = f"/incidents/1/facts/{fact.uid}/correct"
    assert "Slow" in text(ann, path)
    assert ann.post(path, {"text": "Down", "confidence": "confirmed"}).status_code == 302
    assert ann.post(path, {"text": "Again", "confidence": "confirmed"}).status_code == 422
    page = text(ann, "/incidents/1/tell")
    assert "Down" in page
    assert "superseded" in page


def test_the_gates_say_what_is_missing_and_open_when_nothing_is(here: House, moment: list[datetime]):
    incident = house.declare(here, now=NOW, severity=4, entities=[], title="Small")
    ann = as_(here, "Ann")
    said = {"how": "Restarted it.", "verified": "Looked at the page."}
    early = ann.post("/incidents/1/resolve", said)
    assert early.status_code == 422
    assert "Restarted it." in early.content.decode()
    ann.post("/incidents/1/state", {"state": "monitoring"})
    moment[0] = NOW + timedelta(minutes=16)
    Engine(duties.registry()).settle(now=moment[0])
    assert ann.post("/incidents/1/resolve", said)["Location"] == "/incidents/1/tell?moment=resolution"
    gate = text(ann, "/incidents/1/close")
    assert "Write down what was changed, or that nothing was changed." in gate
    assert "disabled" in gate
    assert ann.post("/incidents/1/close").status_code == 422
    ann.post("/incidents/1/notes", {"text": "Restarted the worker", "as": "change", "back": "close"})
    ann.post("/incidents/1/sla-impact", {"text": "None."})
    assert ann.post("/incidents/1/close").status_code == 302
    incident.refresh_from_db()
    assert incident.state == "closed"
    ann.post("/incidents/1/review/text", {"causes": "A leak", "went_well": "Fast", "went_badly": "Late"})
    assert "Finish the review" in text(ann, "/incidents/1/review")
    ann.post("/incidents/1/review/finished")
    assert "A leak" in text(ann, "/incidents/1/review.md")
    assert ann.post("/incidents/1/review/text", {"causes": "Other"}).status_code == 422


def test_a_false_alarm_is_cancelled_with_a_reason(here: House):
    incident = house.declare(here, now=NOW)
    ann = as_(here, "Ann")
    assert ann.post("/incidents/1/cancel", {"reason": ""}).status_code == 422
    assert ann.post("/incidents/1/cancel", {"reason": "A test that nobody announced"}).status_code == 302
    incident.refresh_from_db()
    assert incident.state == "cancelled"
    assert "Card payments" in text(ann, "/incidents?view=closed")


def test_the_link_in_a_page_shows_by_a_look_and_acknowledges_by_the_button(here: House):
    incident = house.declare(here, now=NOW)
    token, anybody = Page.objects.get().token, Client(enforce_csrf_checks=True)
    page = text(anybody, f"/acknowledge/{token}")
    assert "Ann Miller paged" in page
    assert "acknowledged" not in " ".join(sentences(incident))
    assert anybody.post(f"/acknowledge/{token}").status_code == 403
    secret = anybody.cookies["csrftoken"].value
    assert anybody.post(f"/acknowledge/{token}", {"csrfmiddlewaretoken": secret}).status_code == 302
    assert "Acknowledged by Ben Miller" in text(anybody, f"/acknowledge/{token}")
    assert anybody.get("/acknowledge/nonsense").status_code == 404


def test_a_restricted_incident_is_nowhere_for_those_without_a_role_in_it(here: House):
    incident = house.declare(here, now=NOW, title="Stolen keys")
    Incident.objects.update(restricted=True)
    ben, cora, vic = as_(here, "Ben"), as_(here, "Cora"), as_(here, "Vic")
    assert vic.get("/incidents/1").status_code == 404
    as_(here, "Ann").post("/incidents/1/roles/scribe", {"person": here.people["Vic"].uid})
    assert "Stolen keys" in text(vic, "/incidents/1")
    assert "Stolen keys" in text(ben, "/incidents/1")  # Ben was paged for it
    for path in ("/", "/incidents", "/find?q=stolen"):
        assert "Stolen keys" in text(ben, path), path
        assert "Stolen keys" not in text(cora, path), path
    for path in ("", "/live", "/tell", "/review", "/review.md", "/review.json", "/close"):
        assert cora.get(f"/incidents/1{path}").status_code == 404, path
    assert cora.post("/incidents/1/notes", {"text": "hello"}).status_code == 404
    assert "hello" not in sentences(incident)


def test_a_role_in_the_incident_lets_a_viewer_work_in_it(here: House):
    house.declare(here, now=NOW)
    vic = as_(here, "Vic")
    assert vic.post("/incidents/1/notes", {"text": "hello"}).status_code == 403
    as_(here, "Ann").post("/incidents/1/roles/scribe", {"person": here.people["Vic"].uid})
    assert vic.post("/incidents/1/notes", {"text": "hello"}).status_code == 302
    assert vic.post("/incidents/1/notes", {"text": "stop it", "as": "workaround"}).status_code == 422


def test_practice_says_so_on_every_page(here: House):
    house.declare(here, now=NOW, nature="drill")
    ann = as_(here, "Ann")
    for path in ("", "/tell", "/resolve", "/close", "/review"):
        assert "Practice: reaches nobody outside" in text(ann, f"/incidents/1{path}"), path


def test_what_waits_for_me_is_on_the_first_page(here: House):
    house.work(here, house.declare(here, now=NOW), now=NOW)
    ben, cora = text(as_(here, "Ben"), "/"), text(as_(here, "Cora"), "/")
    assert "You were paged for #1" in ben
    assert "Approve the text for technical, business, public" in ben
    assert "You were paged" not in cora
    assert "Call the largest accounts affected" in cora


def test_the_navigation_counts_what_the_first_page_shows(here: House):
    house.work(here, house.declare(here, now=NOW, severity=1), now=NOW)
    shown = {name: len(waiting.for_person(here.actor(name))) for name in here.people}
    assert {name: now.counts(here.actor(name)).waiting for name in here.people} == shown
    assert shown["Ben"] > shown["Vic"]


@pytest.mark.parametrize("path", ["/", "/incidents", "/incidents/1", "/incidents/1/tell", "/incidents/1/live?after=0"])
def test_more_customers_and_more_incidents_need_no_more_statements(here: House, path: str):
    house.work(here, house.declare(here, now=NOW), now=NOW)
    ann = as_(here, "Ann")
    ann.get(path)
    with CaptureQueriesContext(connection) as few:
        ann.get(path)
    for n in range(3):
        house.declare(here, now=NOW, title=f"Another {n}", entities=["payment-api"])
    ann.get(path)
    with CaptureQueriesContext(connection) as many:
        ann.get(path)
    assert len(many) <= len(few) + 1
