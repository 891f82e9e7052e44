"""Settings, approvals: who approves what, set by an admin."""

from antiphon.db import approving
from antiphon.db.models import RoleAssignment, Update
from tests.edges.web import house as houses
from tests.edges.web.conftest import NOW
from tests.edges.web.test_settings_pages import text

PACE = {"share": "40", "minutes_at_sev1": "2", "minutes": "10"}


def test_rules_are_set_and_kept(house, browser):
    ann, cora = browser("Ann"), house.people["Cora"]
    assert "SEV1–SEV3" in text(ann.get("/settings/approvals"))
    sent = {
        "four_eyes_up_to": "4",
        "people": [cora.uid],
        "name": "legal",
        "audiences": ["business"],
        "up_to": "5",
        **PACE,
    }
    assert ann.post("/settings/approvals/change", sent).status_code == 302
    rules = approving.rules()
    assert rules.four_eyes_up_to == 4
    assert rules.further.people == {cora.uid}
    assert not rules.further.legal_only
    assert (rules.pace.share, rules.pace.minutes_at_sev1, rules.pace.minutes, rules.prepare) == (40, 2, 10, False)
    assert "checked" in text(ann.get("/settings/approvals"))


def test_what_cannot_hold_is_refused(house, browser):
    ann, vic = browser("Ann"), house.people["Vic"]
    good = {"four_eyes_up_to": "3", "name": "legal", "audiences": ["business"], "up_to": "5", **PACE}
    for wrong in (
        {"people": [vic.uid]},
        {"people": ["nobody"]},
        {"up_to": "9"},
        {"share": "100"},
        {"share": ""},
        {"minutes_at_sev1": "-1"},
        {"minutes": "99999999999999999999"},
        {"people": [house.people["Cora"].uid], "audiences": []},
    ):
        assert ann.post("/settings/approvals/change", good | wrong).status_code == 422
    assert browser("Cora").post("/settings/approvals/change", good).status_code == 403
    assert not approving.rules().further.people


def test_an_emergency_takes_two_of_those_who_may(house, browser):
    number = houses.declare(house, now=NOW).number
    browser("Ann").post(f"/incidents/{number}/updates", {"moment": "first_word"})
    update = Update.objects.get()
    sent = {f"digest-{audience}": digest for audience, digest in update.versions.values_list("audience", "digest")}
    there = f"/incidents/{number}/updates/{update.uid}/bypass"
    why = {"reason": "The plant is burning."}
    assert "Emergency: send without approval" in text(browser("Ann").get(f"/incidents/{number}/tell"))
    assert "Emergency" not in text(browser("Cora").get(f"/incidents/{number}/tell"))
    assert browser("Cora").post(there, sent | why).status_code == 422
    assert browser("Ann").post(there, sent).status_code == 422
    assert browser("Ann").post(there, sent | why).status_code == 302
    assert "A second one has to confirm" in text(browser("Ann").get(f"/incidents/{number}/tell"))
    assert not update.versions.exclude(approved_digest="").exists()
    house.people["Ben"].roleassignment_set.filter(incident__number=number).delete()
    RoleAssignment.objects.create(
        incident=update.incident, role="incident commander", person=house.people["Ben"], assigned_at=NOW
    )
    assert browser("Ben").post(there, sent | why).status_code == 302
    assert update.versions.filter(approval="bypass").exists()
