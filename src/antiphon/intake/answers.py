"""What the door answers, in the words that each format's clients expect."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import parse_qs

import msgspec

from antiphon.core.observations import RESOLVE_TIMEOUT
from antiphon.intake.matchers import BadMatcher, fits_all, parse, pattern

RECEIVER = "antiphon"
JSON = b"application/json"
_encode = msgspec.json.Encoder().encode
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Answer(NamedTuple):
    """A whole response; `headers` beside type and length."""

    status: int
    body: bytes = b""
    type: bytes = JSON
    headers: tuple[tuple[bytes, bytes], ...] = ()

    def head(self) -> list[tuple[bytes, bytes]]:
        """All headers of the answer."""
        length = (b"content-length", b"%d" % len(self.body))
        return [length, (b"content-type", self.type), *self.headers] if self.body else [length, *self.headers]


NOT_FOUND = Answer(404, b"Not found\n", b"text/plain; charset=utf-8")
UNAUTHORIZED = Answer(401, b"Unauthorized\n", b"text/plain; charset=utf-8")
OK_TEXT = Answer(200, b"OK", b"text/plain; charset=utf-8")
ALERTS_TAKEN = Answer(200)


def alertmanager_error(status: int, sentence: str) -> Answer:
    """Alertmanager's shape of an error about the request: an object with code and message."""
    return Answer(status, _encode({"code": status, "message": sentence}))


def alertmanager_refusal(sentence: str) -> Answer:
    """Alertmanager's shape of an error about what the request says: a bare JSON string."""
    return Answer(400, _encode(sentence))


def pagerduty_taken(dedup_key: str) -> Answer:
    """An event was stored."""
    said = {"status": "success", "message": "Event processed", "dedup_key": dedup_key}
    return Answer(202, _encode(said))


PAGERDUTY_CHANGE_TAKEN = Answer(202, _encode({"status": "success", "message": "Change event processed"}))


def pagerduty_error(status: int, sentence: str) -> Answer:
    """PagerDuty's shape of an error."""
    name = "invalid event" if status == 400 else "not processed"
    said = {"status": name, "message": "Event object is invalid", "errors": [sentence]}
    if status != 400:
        said["message"] = sentence
    return Answer(status, _encode(said))


def error(kind: str, status: int, sentence: str) -> Answer:
    """An error in the shape of an integration's format."""
    return (pagerduty_error if kind == "pagerduty" else alertmanager_error)(status, sentence)


def retry(kind: str, status: int, sentence: str, seconds: float) -> Answer:
    """An error that asks the sender to come again after so many seconds, at least one."""
    answer = error(kind, status, sentence)
    return answer._replace(headers=((b"retry-after", str(max(1, round(seconds))).encode()),))


def method_not_allowed(kind: str, method: str, allowed: Sequence[str]) -> Answer:
    """Another method is meant for this path."""
    sentence = f"method {method} is not allowed, but [{','.join(allowed)}] are"
    answer = error(kind, 405, sentence)
    return answer._replace(headers=((b"allow", ",".join(allowed).encode()),))


def status(version: str, started_at: int) -> Answer:
    """GET api/v2/status. There is no cluster and no Alertmanager configuration to show."""
    said = {
        "cluster": {"status": "disabled", "peers": []},
        "config": {"original": ""},
        "uptime": rfc3339(started_at),
        "versionInfo": dict.fromkeys(("branch", "buildDate", "buildUser", "goVersion", "revision"), "")
        | {"version": f"antiphon {version}"},
    }
    return Answer(200, _encode(said))


RECEIVERS = Answer(200, _encode([{"name": RECEIVER}]))
NO_SILENCES = Answer(200, b"[]\n")


def open_alerts(rows: Sequence[Sequence[Any]], query: bytes) -> Answer:
    """GET api/v2/alerts: rows of the store's OPEN_ALERTS under the query's conditions."""
    asked = parse_qs(query.decode("utf-8", "replace"), keep_blank_values=True)
    try:
        matchers = [parse(text) for text in asked.get("filter", [])]
        receiver = pattern(asked["receiver"][0]) if asked.get("receiver") else None
        labels = [parse(text) for text in asked.get("receiver_matchers", [])]
    except BadMatcher as problem:
        return alertmanager_refusal(str(problem))
    active = asked.get("active", ["true"])[0].lower() in ("true", "1", "")
    if not active or (receiver and not receiver.match(RECEIVER)) or not fits_all(labels, {}):
        return Answer(200, b"[]\n")
    found = []
    for row in rows:
        carried = msgspec.json.decode(row[1])
        if fits_all(matchers, carried):
            found.append(_shown(row, carried))
    return Answer(200, _encode(found))


def _shown(row: Sequence[Any], labels: Mapping[str, str]) -> dict[str, Any]:
    fingerprint, _, annotations, starts_at, ends_at, last_seen_at, generator_url = row
    shown = {
        "annotations": msgspec.Raw(annotations.encode()),
        "endsAt": rfc3339(last_seen_at + RESOLVE_TIMEOUT if ends_at is None else ends_at),
        "fingerprint": fingerprint,
        "receivers": [{"name": RECEIVER}],
        "startsAt": rfc3339(starts_at),
        "status": {"inhibitedBy": [], "mutedBy": [], "silencedBy": [], "state": "active"},
        "updatedAt": rfc3339(last_seen_at),
        "labels": labels,
    }
    return shown | ({"generatorURL": generator_url} if generator_url else {})


def rfc3339(micros: int) -> str:
    """Microseconds since the epoch as an RFC 3339 text in UTC with milliseconds."""
    moment = _EPOCH + timedelta(microseconds=micros)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
