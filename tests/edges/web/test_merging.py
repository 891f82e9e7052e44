"""The page that merges an incident into another, and what the rooms of both say of it."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from antiphon import clock
from antiphon.db.models import Incident, Page, Version
from tests.edges.web import house
from tests.edges.web.house import House, as_, text

NOW = datetime(2026, 11, 21, 14, 0, tzinfo=UTC)
PATH = "/incidents/1/merge"
WHY = "Support and the probe saw the same <outage>."

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.patient]


@pytest.fixture(autouse=True)
def moment() -> Iterator[None]:
    clock.use(clock.Clock(read=lambda: NOW, rate=lambda: 1.0))
    yield
    clock.use(clock.SYSTEM_CLOCK)


@pytest.fixture
def here() -> House:
    """Incident #1, which somebody declared a second time as #2."""
    built = house.build(now=NOW)
    house.declare(built, now=NOW)
    house.declare(built, now=NOW, title="Orders <b>fail</b>", severity=3)
    return built


def offered(page: str) -> list[str]:
    """The incidents that may be chosen, as they stand in the list."""
    return [words for number, words in re.findall(r'<option value="(\d*)"[^>]*>([^<]*)<', page) if number]


def test_a_duplicate_is_merged_and_each_room_leads_to_the_other(here: House):
    ann = as_(here, "Ann")
    assert f'href="{PATH}"' in text(ann, "/incidents/1")
    page = text(ann, PATH)
    assert offered(page) == ["#2 Orders &lt;b&gt;fail&lt;/b&gt; (SEV3)"]
    assert "This cannot be undone." in page
    assert "Nobody was told of it." in page
    assert "There is none" not in page
    done = ann.post(PATH, {"into": "2", "reason": WHY}, follow=True)
    assert done.redirect_chain == [("/incidents/2", 302)]
    room = done.content.decode()
    assert "Merged into #2." in room.split('id="toasts"')[1]
    head = room.split('id="room-head"')[1].split("</header>")[0]
    assert "Merged into this:" in head
    assert 'href="/incidents/1"' in head
    head = text(ann, "/incidents/1").split('id="room-head"')[1].split("</header>")[0]
    assert 'Merged into <a href="/incidents/2">#2 Orders &lt;b&gt;fail' in head
    assert set(Page.objects.values_list("escalation__incident__number", "escalation__state")) == {
        (1, "stopped"),
        (2, "paging"),
    }


def test_those_who_were_told_are_named_before_they_pass_to_the_other(here: House):
    uid = house.work(here, Incident.objects.get(number=1), now=NOW)
    versions, update = Version.objects.filter(update__uid=uid), f"/incidents/1/updates/{uid}"
    for each in versions.filter(audience__in=["technical", "business", "public"]):
        assert as_(here, "Ben").post(f"{update}/{each.audience}/approval", {"digest": each.digest}).status_code == 302
    words = {f"digest-{each.audience}": each.digest for each in versions}
    assert as_(here, "Cora").post(f"{update}/publication", words).status_code == 302
    page = text(as_(here, "Ann"), PATH)
    assert re.search("hear from the other one from then on, to its end: [a-z, ]*public", page)
    assert "On the status page its entry goes on with the other one" in page


@pytest.mark.parametrize(
    ("into", "field", "says"),
    [
        ("", "into", "Choose the incident that goes on."),
        ("two", "into", "Choose one of the list."),
        ("0", "into", "greater than or equal to 1"),
        ("99999999999999999999", "into", "less than or equal to"),
        ("1", "into", "cannot be merged into itself"),
        ("9", "into", "There is no incident #9"),
        ("3", "into", "Incident #3 is cancelled: choose one that goes on."),
        ("4", "into", "these never become one"),
        ("2", "reason", "This field is required."),
    ],
)
def test_what_cannot_be_is_refused_at_its_field_and_keeps_what_was_typed(here: House, into: str, field: str, says: str):
    house.declare(here, now=NOW, title="A false alarm")
    house.declare(here, now=NOW, title="A drill", nature="drill")
    ann = as_(here, "Ann")
    ann.post("/incidents/3/cancel", {"reason": "It was none."})
    reason = "" if field == "reason" else WHY
    answer = ann.post(PATH, {"into": into, "reason": reason})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert says in page.split(f'id="id_{field}_error"')[1].split("</div>")[0]
    assert offered(page) == ["#2 Orders &lt;b&gt;fail&lt;/b&gt; (SEV3)"]
    if reason:
        assert "the same &lt;outage&gt;." in page
    else:
        assert '<option value="2" selected>' in page
    assert not Incident.objects.filter(state="merged").exists()


def test_nothing_is_told_from_the_duplicate_while_the_other_goes_on(here: House):
    ann = as_(here, "Ann")
    ann.post(PATH, {"into": "2", "reason": WHY})
    for moment in ("first_word", "progress", "resolution", "review"):
        answer = ann.post("/incidents/1/updates", {"moment": moment})
        assert answer.status_code == 422
        assert "merged into #2: its readers are told from there" in answer.content.decode()


def test_what_is_over_is_not_merged_and_the_page_says_so(here: House):
    ann = as_(here, "Ann")
    ann.post("/incidents/1/cancel", {"reason": "It was none."})
    page = text(ann, PATH)
    assert "It is cancelled." in page
    assert '<button class="primary" disabled>' in page
    assert ann.post(PATH, {"into": "2", "reason": WHY}).status_code == 422
    page = text(ann, "/incidents/2/merge")
    assert offered(page) == []
    assert "There is none. A practice is never merged with what is real." in page


def test_a_restricted_incident_is_neither_offered_nor_named_to_those_it_is_hidden_from(here: House):
    Incident.objects.filter(number=2).update(restricted=True)
    Page.objects.all().delete()  # who was paged may see it
    ann, ben = as_(here, "Ann"), as_(here, "Ben")
    assert offered(text(ben, PATH)) == []
    answer = ben.post(PATH, {"into": "2", "reason": WHY})
    assert answer.status_code == 422
    assert "There is no incident #2" in answer.content.decode()
    assert ann.post(PATH, {"into": "2", "reason": WHY}).status_code == 302
    assert 'Merged into <a href="/incidents/2"' in text(ann, "/incidents/1")
    page = text(ben, "/incidents/1").split('id="timeline"')[0]
    assert "Orders" not in page
    assert "/incidents/2" not in page


@pytest.mark.parametrize("name", ["Cora", "Vic"])
def test_who_may_not_end_an_incident_merges_none(here: House, name: str):
    client = as_(here, name)
    assert client.get(PATH).status_code == 403
    assert client.post(PATH, {"into": "2", "reason": WHY}).status_code == 403
    as_(here, "Ann").post("/incidents/1/roles/incident-commander", {"person": here.people[name].uid})
    assert client.post(PATH, {"into": "2", "reason": WHY}).status_code == 302
