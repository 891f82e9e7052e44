"""The record proves itself whole, and one incident can be handed on whole."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from antiphon.db import checkpoints, record
from antiphon.db.models import Event, Stream
from antiphon.engine.duties.checkpoints import Checkpoints
from antiphon.queries import exports
from tests.world import World

SECRET = "the installation's"


def _told(world: World) -> exports.Export:
    world.service("checkout", customers=["Bo (untagged)"])
    world.alert("checkout", "5xx above 10 %")
    world.publish_draft("business", approved_by="Ira")
    told = exports.export(f"#{world.incident.number}")
    assert told
    return told


def test_an_incident_is_handed_on_whole(world: World) -> None:
    told = _told(world)
    assert told == exports.export(world.incident.uid)
    read = json.loads(told.json())
    assert [one["seq"] for one in read["events"]] == list(range(1, len(world.timeline()) + 1))
    assert read["events"][0]["fields"]["kind"] == "incident.declared"
    assert {text["audience"] for text in read["texts"]} >= {"business"}
    assert read["promises"]
    page = exports.markdown(told)
    for words in (world.incident.title, "## Timeline", "what_happens", "Ira", "> **"):
        assert words in page
    assert exports.export("0") is None


def _checkpoint(folder: Path) -> str:
    """Write the ends of all streams; answers the incident's stream."""
    checkpoints.append(folder, checkpoints.moved({}), secret=SECRET)
    assert checkpoints.verify(folder, secret=SECRET) is None
    return str(Event.objects.filter(stream__startswith="incident:").values_list("stream", flat=True)[0])


def test_a_record_cut_short_in_order_shows_by_its_checkpoint(world: World, tmp_path: Path) -> None:
    _told(world)
    stream = _checkpoint(tmp_path)
    last = Event.objects.filter(stream=stream).latest("seq")
    last.delete()
    Stream.objects.filter(name=stream).update(seq=last.seq - 1, hash=last.previous)
    assert record.verify(stream) is None, "the chain alone cannot see that its end is gone"
    flaw = checkpoints.verify(tmp_path, secret=SECRET)
    assert flaw
    assert (flaw.stream, flaw.seq) == (stream, last.seq)


@pytest.mark.parametrize("what", ["removed", "changed", "behind the head"])
def test_the_first_row_that_does_not_fit_is_named(world: World, what: str) -> None:
    _told(world)
    stream = record.incident_stream(world.incident.uid)
    row = Event.objects.get(stream=stream, seq=3)
    if what == "removed":
        row.delete()
    elif what == "changed":
        Event.objects.filter(pk=row.pk).update(at=row.at + timedelta(seconds=1))
    else:
        Stream.objects.filter(name=stream).update(seq=2, hash=row.previous)
    flaw = record.verify(stream)
    assert flaw
    assert flaw.seq == 3


def test_a_forged_checkpoint_is_named_and_a_half_line_is_not(world: World, tmp_path: Path) -> None:
    _told(world)
    _checkpoint(tmp_path)
    path = tmp_path / checkpoints.FILE_NAME
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:40])
    assert checkpoints.verify(tmp_path, secret=SECRET) is None
    assert checkpoints.verify(tmp_path, secret="somebody else's")


def test_the_engine_writes_what_moved_once_a_minute(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTIPHON_DATA", str(tmp_path))
    _told(world)
    duty = Checkpoints()
    for _ in range(2):
        for row in duty.due(now=world.now, limit=1):
            duty.step(row, now=world.now)
    lines = len(list(checkpoints.read(tmp_path)))
    assert lines == Stream.objects.count()
    assert not duty.due(now=world.now + timedelta(seconds=59), limit=1)
    later = world.now + timedelta(seconds=60)
    assert duty.due(now=later, limit=1)
    duty.step(0, now=later)
    assert len(list(checkpoints.read(tmp_path))) == lines, "nothing moved since"
