"""PagerDuty Events API v2: trigger, acknowledge, resolve; and change events.

Source: PagerDuty/api-schema, events-v2. A trigger after a resolve opens anew; an acknowledge or
resolve of something not open is dropped. Without a dedup_key one is made from the bytes and the
instant, so that reading the same message again (from the spool) makes the same one.
"""

import hashlib
from datetime import datetime
from functools import partial
from typing import Any

import msgspec

from antiphon.core.observations import (
    Change,
    Content,
    Observation,
    State,
    Unreadable,
    as_text,
    believable,
    joined,
    without_nul,
)
from antiphon.ingest import Format, guarded

MAX_DEDUP_KEY = 255
ACTIONS = {
    "trigger": State.FIRING,
    "acknowledge": State.ACKNOWLEDGED,
    "resolve": State.RESOLVED,
}
LABEL_FIELDS = ("source", "component", "group", "class", "severity")
READ_FIELDS = {"routing_key", "event_action", "dedup_key", "payload"}

_decoder = msgspec.json.Decoder(dict[str, Any])


@guarded
def parse(body: bytes, *, now: int) -> list[Observation]:
    """One event → one observation. Raises Unreadable; `now` is in microseconds, UTC."""
    event = _decode(body)
    action = event.get("event_action")
    state = ACTIONS.get(action) if isinstance(action, str) else None
    if state is None:
        raise Unreadable("must be trigger, acknowledge or resolve", "event_action")
    key = _dedup_key(event, body, now)
    if state is not State.FIRING:
        if not event.get("dedup_key"):
            raise Unreadable("is required unless event_action is trigger", "dedup_key")
        read = partial(Content, _fingerprint(key), "", "", {}, {})
        return [Observation(int(state), key.encode(), None, None, None, read, creates=False)]
    payload = _payload(event, "summary", "source", "severity")
    starts_at, note = _timestamp(payload.get("timestamp"), now)
    read = partial(_read, event, payload, key, joined((note, believable(starts_at, None, now=now)[1])))
    return [Observation(int(state), key.encode(), hash(body), starts_at, None, read)]


@guarded
def parse_change(body: bytes, *, now: int) -> Change:
    """A change event → its row. Raises Unreadable."""
    event = _decode(body)
    payload = _payload(event, "summary")
    at, _ = _timestamp(payload.get("timestamp"), now)
    began, _ = believable(at, None, now=now)
    return Change(
        began,
        without_nul(as_text(payload["summary"])[:1024]),
        without_nul(as_text(payload.get("source") or "")),
        _json(payload.get("custom_details") or {}),
        _json(event.get("links") or []),
    )


def dedup_key(observation: Observation) -> str:
    """The key that the answer to the sender names."""
    return observation.identity.decode()


def _decode(body: bytes) -> dict[str, Any]:
    try:
        return _decoder.decode(body)
    except msgspec.ValidationError:
        raise Unreadable("Event object format is unrecognized: it must be a JSON object") from None


def _payload(event: dict[str, Any], *required: str) -> dict[str, Any]:
    payload = event.get("payload")
    if not isinstance(payload, dict):
        raise Unreadable("is missing or is not an object", "payload")
    for name in required:
        if payload.get(name) in (None, ""):
            raise Unreadable("is missing or blank", f"payload.{name}")
    return payload


def _dedup_key(event: dict[str, Any], body: bytes, now: int) -> str:
    given = event.get("dedup_key")
    if given in (None, ""):
        return hashlib.blake2b(body, digest_size=16, key=str(now).encode()).hexdigest()
    key = as_text(given)
    if len(key) > MAX_DEDUP_KEY:
        raise Unreadable(f"is longer than {MAX_DEDUP_KEY} characters", "dedup_key")
    return key


def _fingerprint(key: str) -> str:
    return hashlib.blake2b(key.encode("utf-8", "replace"), digest_size=8).hexdigest()


def _timestamp(given: object, now: int) -> tuple[int | None, str]:
    """When the sender's clock says it began; an unreadable one counts as none, with a note."""
    if given in (None, ""):
        return None, ""
    try:
        moment = datetime.fromisoformat(as_text(given))
        return int(moment.timestamp() * 1_000_000), ""
    except (ValueError, OverflowError):
        return None, f"timestamp “{as_text(given)[:40]}” could not be read; taken as now."


@guarded
def _read(event: dict[str, Any], payload: dict[str, Any], key: str, note: str) -> Content:
    labels = {name: as_text(payload[name]) for name in LABEL_FIELDS if payload.get(name)}
    labels["dedup_key"] = key
    details = payload.get("custom_details")
    annotations = {"summary": as_text(payload["summary"])}
    if isinstance(details, dict):
        annotations |= {name: as_text(value) for name, value in details.items() if name != "summary"}
    extra = {name: value for name, value in event.items() if name not in READ_FIELDS}
    return Content(
        fingerprint=_fingerprint(key),
        title=without_nul(as_text(payload["summary"])[:1024]),
        severity_word=without_nul(as_text(payload["severity"])),
        labels=labels,
        annotations=annotations,
        generator_url=without_nul(as_text(event.get("client_url") or "")),
        extra=_json(extra),
        note=note,
    )


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


FORMAT = Format("PagerDuty Events v2", parse, max_bytes=512 * 1024)
