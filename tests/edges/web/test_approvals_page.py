"""Settings, approvals: who approves what, set by an admin."""

from antiphon.db import approving
from tests.edges.web.test_settings_pages import text


def test_rules_are_set_and_kept(house, browser):
    ann, cora = browser("Ann"), house.people["Cora"]
    assert "SEV1–SEV3" in text(ann.get("/settings/approvals"))
    sent = {"four_eyes_up_to": "4", "people": [cora.uid], "name": "legal", "audiences": ["business"], "up_to": "5"}
    assert ann.post("/settings/approvals/change", sent).status_code == 302
    rules = approving.rules()
    assert rules.four_eyes_up_to == 4
    assert rules.further.people == {cora.uid}
    assert not rules.further.legal_only
    assert "checked" in text(ann.get("/settings/approvals"))


def test_what_cannot_hold_is_refused(house, browser):
    ann, vic = browser("Ann"), house.people["Vic"]
    good = {"four_eyes_up_to": "3", "name": "legal", "audiences": ["business"], "up_to": "5"}
    for wrong in (
        {"people": [vic.uid]},
        {"people": ["nobody"]},
        {"up_to": "9"},
        {"people": [house.people["Cora"].uid], "audiences": []},
    ):
        assert ann.post("/settings/approvals/change", good | wrong).status_code == 422
    assert browser("Cora").post("/settings/approvals/change", good).status_code == 403
    assert not approving.rules().further.people
