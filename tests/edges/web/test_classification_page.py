"""Settings → Classification and Roles: looked at before they hold, refused at their field."""

from typing import Any

from antiphon.db.classification import current
from antiphon.db.models import DutyRole, Organisation, Person, Rota
from antiphon.web.forms.classification import initial

CHANGE = "/settings/classification/change"


def entered(**other: Any) -> dict[str, Any]:
    return {name: value for name, value in initial(current()).items() if value is not False} | other


def looked(page: str) -> str:
    return page.partition('name="looked" value="')[2].partition('"')[0]


def test_what_holds_is_shown_and_saving_takes_a_look_first(browser: Any) -> None:
    ann = browser("Ann")
    page = ann.get("/settings/classification").content.decode()
    assert "Is revenue actively impaired?" in page
    sent = entered(near_share="50", matrix_medium_low="medium", do="save")
    first = ann.post(CHANGE, sent).content.decode()
    assert "would have another verdict" in first
    assert current().near_share == 0.8, "nothing holds before it was looked at"
    second = ann.post(CHANGE, sent | {"looked": looked(first), "near_share": "60"}).content.decode()
    assert current().near_share == 0.8, "what was looked at is not what was sent"
    assert ann.post(CHANGE, sent | {"looked": looked(second), "near_share": "60"}).status_code == 302
    assert (current().near_share, current().matrix["medium"]["low"]) == (0.6, "medium")
    assert set(Organisation.objects.get().settings["classification"]) == {"near_share", "matrix"}
    page = ann.get("/settings/classification").content.decode()
    assert 'value="60"' in page


def test_what_cannot_be_is_refused_at_its_field(browser: Any) -> None:
    ann = browser("Ann")
    for wrong, said in (
        ({"near_share": "0"}, "greater than or equal to 1"),
        ({"matrix_critical_critical": "low"}, "raise it"),
        ({"target_critical": "90"}, "put the hours in order"),
        ({"pulls_in_2": "finance, the boss"}, "is not a role"),
        ({"access_lost": "patient 5"}, "needs a word, a colon and a value"),
        ({"access_lost": "patient: soon"}, "is not a number of minutes"),
        ({"access_lost": "patient: 5\npatient: 6"}, "stands twice"),
        ({"alert_severities": "critical: bad"}, "is not a severity"),
        ({"contract_areas": "x" * 50}, "1 to 40 characters"),
    ):
        answer = ann.post(CHANGE, entered(do="save", **wrong))
        page = answer.content.decode()
        assert answer.status_code == 422, wrong
        assert said in page.replace("&#x27;", "'"), wrong
        assert str(next(iter(wrong.values())))[:6].split("\n")[0] in page, "what was typed is kept"
    assert Organisation.objects.filter(settings__has_key="classification").count() == 0


def test_roles_are_named_and_taken_back(browser: Any) -> None:
    ann = browser("Ann")
    assert "nobody" in ann.get("/settings/roles").content.decode()
    person = Person.objects.get(name="Ann Miller")
    sent = {"role": "finance", "holder": f"person:{person.uid}", "page_from": "1"}
    assert ann.post("/settings/roles/name", sent).status_code == 302
    duty = DutyRole.objects.get()
    assert (duty.role, duty.kind, duty.target, duty.page_from) == ("finance", "person", person.uid, 1)
    assert "Ann" in ann.get("/settings/roles").content.decode()
    Rota.objects.create(name="Finance on duty")
    assert ann.post("/settings/roles/name", sent | {"holder": "rota:Finance on duty"}).status_code == 302
    assert '<option value="rota:Finance on duty" selected>' in ann.get("/settings/roles").content.decode()
    for wrong in ({"role": "boss"}, {"holder": "person:nobody"}, {"holder": "rota:none"}, {"page_from": "9"}):
        assert ann.post("/settings/roles/name", sent | wrong).status_code == 422
    assert ann.post("/settings/roles/name", sent | {"holder": ""}).status_code == 302
    assert not DutyRole.objects.exists()
