"""Alerts through the door into the database, told as what senders do."""

import asyncio
from datetime import timedelta

from antiphon.core.declaring import Rule, RuleSet
from antiphon.db.models import Alert, AlertLog, ChangeEvent, UnreadableAlert
from tests.contracts.intake.doors import ALERTS, EVENTS

FIRE = {"labels": {"alertname": "Down", "severity": "critical"}, "annotations": {"summary": "It is down"}}
PAYLOAD = {"summary": "disk full", "source": "h1", "severity": "error"}


def only():
    return Alert.objects.select_related("detail").get()


def kinds():
    return list(AlertLog.objects.order_by("id").values_list("kind", flat=True))


def test_an_alert_is_stored_and_readable_when_it_is_answered(world):
    assert world.alerts(FIRE).status == 200
    alert = only()
    assert (alert.state, alert.severity, alert.rule_id, alert.dirty) == (Alert.State.FIRING, "critical", 7, True)
    assert (alert.starts_at, alert.detail.title) == (world.now, "It is down")
    [shown] = world.send("GET", ALERTS).said
    assert shown["labels"] == FIRE["labels"]
    assert shown["fingerprint"] == alert.fingerprint
    assert world.wakes == 1


def test_i2_a_resend_is_the_same_alert(world):
    for _ in range(3):
        world.alerts(FIRE)
        world.later(minutes=1)
    shuffled = {"labels": dict(reversed(FIRE["labels"].items())), "annotations": FIRE["annotations"]}
    world.alerts(shuffled, shuffled)
    alert = only()
    assert (alert.count, alert.revision, alert.last_seen_at) == (5, 1, world.now)
    assert kinds() == ["fired"]


def test_an_end_in_the_future_fires_and_one_in_the_past_resolves(world):
    ends = (world.now + timedelta(minutes=4)).isoformat()
    world.alerts(FIRE | {"endsAt": ends})
    assert only().state == Alert.State.FIRING
    world.later(minutes=5)
    for _ in range(3):
        world.alerts(FIRE | {"endsAt": ends})
    alert = only()
    assert (alert.state, alert.ends_at.isoformat()) == (Alert.State.RESOLVED, ends)
    assert kinds() == ["fired", "resolved"]
    assert world.send("GET", ALERTS).said == []
    world.alerts(FIRE)
    assert kinds() == ["fired", "resolved", "fired"]
    assert only().starts_at == world.now


def test_messages_that_arrive_together_keep_their_order(world):
    gone = FIRE | {"endsAt": (world.now - timedelta(seconds=1)).isoformat()}

    async def storm():
        steps = [FIRE, gone, FIRE, gone, FIRE]
        return await asyncio.gather(*(world.ask("POST", ALERTS, [step]) for step in steps))

    for _ in range(2):
        assert {reply.status for reply in world.runner.run(storm())} == {200}
    assert only().state == Alert.State.FIRING
    assert kinds() == ["fired", "resolved"] * 2 + ["fired", "resolved"] * 2 + ["fired"]


def test_an_alert_nobody_sends_again_is_resolved_at_its_end(world):
    world.alerts(FIRE)
    assert Alert.objects.expire_due(now=world.later(minutes=4)) == 0
    assert Alert.objects.expire_due(now=world.later(minutes=2)) == 1
    assert Alert.objects.expire_due(now=world.now) == 0
    assert only().state == Alert.State.RESOLVED
    world.alerts(FIRE)  # this process still remembers it as firing
    assert only().state == Alert.State.FIRING
    assert kinds() == ["fired", "resolved", "fired"]


def test_changed_text_is_kept_without_a_transition(world):
    world.alerts(FIRE)
    Alert.objects.update(dirty=False)
    world.alerts(FIRE | {"annotations": {"summary": "Still down"}})
    alert = only()
    assert (alert.detail.title, alert.revision, alert.dirty) == ("Still down", 2, False)
    assert kinds() == ["fired"]


def test_new_rules_are_asked_about_alerts_that_go_on(world):
    world.alerts(FIRE)
    world.rules = RuleSet([Rule(id=9, name="new", expression='labels.alertname == "Down"')], revision=2)
    world.alerts(FIRE)
    assert (only().rule_id, only().rules_revision) == (9, 2)


def test_severity_none_is_stored_and_matched_by_no_rule(world):
    world.alerts({"labels": {"alertname": "Watchdog", "severity": "none"}})
    assert (only().severity, only().rule_id) == ("none", None)


def test_what_is_not_believed_or_not_known_is_noted(world):
    starts = (world.now + timedelta(hours=3)).isoformat()
    world.alerts({"labels": {"a": "b", "severity": "purple"}, "startsAt": starts, "silenceURL": "x"})
    alert = only()
    assert (alert.starts_at, alert.severity) == (world.now, "warning")
    assert "3 h in the future" in alert.detail.note
    assert "purple" in alert.detail.note
    assert alert.detail.extra == '{"silenceURL":"x"}'


def test_the_filters_of_get(world):
    world.alerts(FIRE, {"labels": {"alertname": "Up", "n": "1"}})

    def names(query):
        return [alert["labels"]["alertname"] for alert in world.send("GET", f"{ALERTS}?{query}").said]

    assert names('filter=alertname="Down"') == ["Down"]
    assert names("filter=alertname%3D~%22D.*|X%22&filter=severity!%3Dinfo") == ["Down"]
    assert names("filter=n!~%22.%2B%22") == ["Down"]
    assert names("active=false") == names("receiver=nobody") == []
    assert world.send("GET", f"{ALERTS}?filter=a%3D~%22(%22").status == 400
    assert world.send("GET", f"{ALERTS}?filter=nonsense").said == "bad matcher format: nonsense"


def test_pagerduty_trigger_acknowledge_resolve_trigger(world):
    reply = world.event("trigger", payload=PAYLOAD)
    key = reply.said["dedup_key"]
    assert (reply.status, reply.said["status"]) == (202, "success")
    for action in ("acknowledge", "trigger", "resolve", "acknowledge", "resolve", "trigger"):
        assert world.event(action, dedup_key=key, payload=PAYLOAD).status == 202
    assert kinds() == ["fired", "acknowledged", "resolved", "fired"]
    assert only().state == Alert.State.FIRING


def test_a_key_resolves_only_what_it_opened(world):
    world.event("trigger", dedup_key="k", payload=PAYLOAD)
    body = {"event_action": "resolve", "dedup_key": "k"}
    assert world.send("POST", "/in/other/v2/enqueue", body).status == 202
    assert only().state == Alert.State.FIRING


def test_a_process_started_anew_goes_on_with_the_alerts_there_are(world):
    world.event("trigger", dedup_key="k", payload=PAYLOAD)
    world.alerts(FIRE)
    world.close()
    world.door = world.opened()
    world.event("resolve", dedup_key="k")
    world.alerts({"labels": {"alertname": "Up"}}, FIRE)
    found = Alert.objects.order_by("id").values_list("state", "count")
    assert list(found) == [(Alert.State.RESOLVED, 2), (Alert.State.FIRING, 2), (Alert.State.FIRING, 1)]


def test_a_change_event_is_never_an_alert(world):
    body = {"routing_key": "x", "payload": {"summary": "deploy 7", "custom_details": {"by": "ci"}}}
    assert world.send("POST", "/in/duty/v2/change/enqueue", body).status == 202
    change = ChangeEvent.objects.get()
    assert (change.summary, change.details, change.at) == ("deploy 7", '{"by":"ci"}', world.now)
    assert not Alert.objects.exists()


def test_i5_unreadable_bodies_are_refused_in_the_formats_words_and_kept(world):
    reply = world.send("POST", ALERTS, b"[{")
    assert (reply.status, reply.said["code"]) == (400, 400)
    reply = world.send("POST", EVENTS, b"[{")
    assert (reply.status, reply.said["status"]) == (400, "invalid event")
    reply = world.alerts(FIRE, {"labels": {}})
    assert (reply.status, reply.said) == (400, "alert 1: at least one label pair required")
    assert only().severity == "critical"
    assert [bytes(kept.raw) for kept in UnreadableAlert.objects.order_by("id")] == [b"[{", b"[{", b"{}"]


def test_i5_an_oversized_body_is_refused_and_its_head_kept(world):
    reply = world.send("POST", EVENTS, b"x" * (600 * 1024))
    assert reply.status == 413
    assert len(UnreadableAlert.objects.get().raw) == 16 * 1024


def test_text_that_postgresql_refuses_is_kept_readable(world):
    assert (
        world.alerts({"labels": {"a": "nul\x00", "severity": "x\x00"}, "annotations": {"summary": "s\x00"}}).status
        == 200
    )
    assert only().detail.title == "s\ufffd"


def test_keys_and_methods(world):
    assert world.send("POST", "/in/wrong/api/v2/alerts", [FIRE]).status == 404
    assert world.send("POST", "/in/api/v2/alerts", [FIRE], Authorization="Bearer wrong").status == 401
    assert world.send("POST", "/in/api/v2/alerts", [FIRE], Authorization="Bearer prom").status == 200
    assert world.send("POST", "/in/prom/v2/enqueue", {}).status == 404
    refused = world.send("PUT", ALERTS)
    assert (refused.status, refused.headers["allow"]) == (405, "POST,GET")
    assert world.send("POST", "/in/prom/api/v2/silences", {}).status == 405
    assert world.send("GET", "/in/prom/api/v2/silences").said == []
    head = world.send("HEAD", "/in/prom/-/ready")
    assert (head.status, head.body, head.headers["content-length"]) == (200, b"", "2")
    assert world.send("GET", "/in/prom/api/v2/status").said["cluster"]["status"] == "disabled"
