"""Prometheus Alertmanager API v2: the array that Prometheus, vmalert and amtool POST.

Source: prometheus/alertmanager api/v2/openapi.yaml (postableAlerts). Prometheus sends firing alerts
with an `endsAt` in the future and sends them again all the time; a resolve is `endsAt <= now`.
Labels and annotations stay raw bytes until somebody needs them: nearly all alerts are re-sends.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache, partial

import msgspec
from msgspec import Raw

from antiphon.core.observations import (
    RESOLVE_TIMEOUT,
    YEAR,
    Content,
    Observation,
    State,
    Unreadable,
    as_text,
    believable,
    fingerprint,
    joined,
    without_nul,
)
from antiphon.ingest import Format, guarded

NOTHING = Raw(b"")
KNOWN = ("labels", "annotations", "startsAt", "endsAt", "generatorURL")
ZERO_TIME = -62_135_596_800_000_000  # 0001-01-01T00:00:00Z: Go's way of saying "not set"


class Posted(msgspec.Struct, gc=False):
    """One posted alert with nothing but the fields of the specification."""

    labels: Raw = NOTHING
    annotations: Raw = NOTHING
    startsAt: str | None = None  # noqa: N815
    endsAt: str | None = None  # noqa: N815
    generatorURL: Raw = NOTHING  # noqa: N815


class Strict(Posted, gc=False, forbid_unknown_fields=True):
    """The same, refusing fields that we would have to keep."""


_strict = msgspec.json.Decoder(list[Strict])
_lenient = msgspec.json.Decoder(list[Posted])
_raw_list = msgspec.json.Decoder(list[Raw])
_text_map = msgspec.json.Decoder(dict[str, str])
_fields = msgspec.json.Decoder(dict[str, Raw])

_instants: dict[str, int] = {}


@guarded
def parse(body: bytes, *, now: int) -> list[Observation]:
    """A posted array → observations. Raises Unreadable; `now` is in microseconds, UTC.

    A single alert whose labels cannot be read raises only when it is `read`, so that the others
    of its request are kept.
    """
    alerts, raws = _decode(body)
    seen = []
    last_text, last_instant = "", 0
    for index, alert in enumerate(alerts):
        starts = alert.startsAt
        ends = alert.endsAt
        starts_at = None if starts is None else _instants.get(starts) or instant(starts, index)
        if ends is None:
            ends_at = now + RESOLVE_TIMEOUT
        elif ends == last_text:
            ends_at = last_instant
        else:
            ends_at = instant(ends, index)
            ends_at = now + RESOLVE_TIMEOUT if ends_at == ZERO_TIME else min(ends_at, now + YEAR)
            last_text, last_instant = ends, ends_at
        identity = bytes(alert.labels)
        extra = raws[index] if raws else NOTHING
        seen.append(
            Observation(
                _RESOLVED if ends_at <= now else _FIRING,
                identity,
                hash((bytes(alert.annotations), bytes(alert.generatorURL), bytes(extra))),
                None if starts_at == ZERO_TIME else starts_at,
                ends_at,
                partial(_read, alert, extra, index, starts_at, ends_at, now),
            )
        )
    return seen


_FIRING = int(State.FIRING)
_RESOLVED = int(State.RESOLVED)


def instant(text: str, index: int) -> int:
    """An RFC 3339 text → microseconds since the epoch; raises Unreadable."""
    known = _instants.get(text)
    if known is not None:
        return known
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Unreadable(f"“{text[:40]}” is not an RFC 3339 time", f"alert {index}") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    if len(_instants) > 20_000:
        _instants.clear()
    since = moment - _EPOCH
    _instants[text] = found = (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
    return found


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _decode(body: bytes) -> tuple[Sequence[Posted], list[Raw]]:
    """The alerts, and each one's whole text when any carries a field that we must keep."""
    try:
        return _strict.decode(body), []
    except (msgspec.ValidationError, UnicodeDecodeError):
        pass
    try:
        return _lenient.decode(body), _raw_list.decode(body)
    except msgspec.ValidationError as error:
        raise Unreadable(_sentence(error), _place(error)) from None


def _sentence(error: Exception) -> str:
    return str(error).partition(" - at ")[0]


def _place(error: Exception) -> str:
    return str(error).partition(" - at ")[2].strip("`")


@guarded
def _read(alert: Posted, raw: Raw, index: int, starts_at: int | None, ends_at: int, now: int) -> Content:
    where = f"alert {index}"
    labels, labels_text, note_labels = _texts(alert.labels, f"{where}, labels")
    if "" in labels.values():  # an empty label is no label
        labels, labels_text = {name: value for name, value in labels.items() if value}, ""
    if not labels:
        raise Unreadable("at least one label pair required", where)
    annotations, annotations_text, note_annotations = _texts(alert.annotations, f"{where}, annotations")
    title = annotations.get("summary") or annotations.get("title") or labels.get("alertname", "")
    return Content(
        fingerprint=fingerprint(labels),
        title=without_nul(title or next(iter(labels.values()))),
        severity_word=without_nul(labels.get("severity", "")),
        labels=labels,
        annotations=annotations,
        generator_url=_url(bytes(alert.generatorURL)),
        extra=_extra(raw),
        note=joined((note_labels, note_annotations, _note(starts_at, ends_at, now))),
        labels_text=labels_text,
        annotations_text=annotations_text,
    )


def _note(starts_at: int | None, ends_at: int, now: int) -> str:
    note = "" if starts_at == ZERO_TIME else believable(starts_at, ends_at, now=now)[1]
    if ends_at >= now + YEAR:
        return joined((note, "endsAt was more than a year away; taken as a year from now."))
    return note


def _texts(raw: Raw, where: str) -> tuple[dict[str, str], str, str]:
    """A map of texts, and its JSON as sent; values of another type are kept as text, with a note."""
    text = bytes(raw).decode()
    if not text or text == "null":
        return {}, "", ""
    try:
        return _text_map.decode(raw), text, ""
    except msgspec.ValidationError:
        pass
    try:
        found = msgspec.json.decode(raw, type=dict[str, object])
    except msgspec.ValidationError as error:
        raise Unreadable(_sentence(error), where) from None
    odd = [name for name, value in found.items() if not isinstance(value, str)]
    note = f"{', '.join(odd[:5])} was not text; kept as text."
    return {name: as_text(value) for name, value in found.items() if value is not None}, "", note


@lru_cache(maxsize=1024)  # all alerts of one rule come from the same address
def _url(raw: bytes) -> str:
    if not raw:
        return ""
    return without_nul(as_text(msgspec.json.decode(raw)))


def _extra(raw: Raw) -> str:
    """The fields beside the specification's, as JSON text."""
    if not bytes(raw):
        return "{}"
    kept = {name: value for name, value in _fields.decode(raw).items() if name not in KNOWN}
    return msgspec.json.encode(kept).decode()


FORMAT = Format("Prometheus Alertmanager", parse, max_bytes=4 * 1024 * 1024)
