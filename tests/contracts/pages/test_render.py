"""What a page says, from its state and the instant alone."""

import json
import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import PurePosixPath
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.pages.prose import to_html
from antiphon.pages.render import render
from antiphon.pages.times import duration
from antiphon.pages.words import said, say
from tests.contracts.pages.samples import NOW, component, incident, resolved, state, update

ATOM = "{http://www.w3.org/2005/Atom}"


class Seen(HTMLParser):
    """Every tag with its attributes, and the text."""

    def __init__(self, html: bytes) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html.decode())

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text = f"{self.text} {data.strip()}".replace("  ", " ")

    @property
    def links(self) -> list[str]:
        return [value for _, attrs in self.tags for name in ("href", "src") if (value := attrs.get(name))]


def html(files: dict[str, bytes]) -> dict[str, Seen]:
    return {path: Seen(body) for path, body in files.items() if path.endswith(".html")}


def test_i30_every_page_prints_how_old_it_is_with_its_day():
    for path, page in html(render(state(), now=NOW)).items():
        assert "As of 21 Nov 2026, 14:05 UTC , outdated after 14:15 UTC" in page.text, path


def test_page_of_an_incident_that_ended_long_ago_says_so_and_stays_the_same():
    old = state(incidents=(incident(), resolved(days_ago=40)))
    first, later = (render(old, now=NOW + timedelta(minutes=minutes)) for minutes in (0, 5))
    path = "incidents/resolved0001.html"
    assert "The page changes only if a correction is published" in Seen(first[path]).text
    assert first[path] == later[path]
    assert "missing:" not in "".join(body.decode() for body in first.values())
    corrected = state(incidents=(resolved(days_ago=40, title="E-mail was late"),))
    assert b"E-mail was late" in render(corrected, now=NOW)[path]


def test_i32_nodes_that_render_in_the_same_minute_write_the_same_bytes():
    assert render(state(), now=NOW) == render(state(), now=NOW + timedelta(seconds=19))


def test_reader_learns_when_the_next_update_comes_on_the_page_and_in_json():
    files = render(state(), now=NOW)
    assert "Next update by 14:30 UTC , or sooner if the state changes" in Seen(files["index.html"]).text
    assert json.loads(files["api/v2/summary.json"])["incidents"][0]["next_update_at"] == "2026-11-21T14:30:00.000Z"


def test_update_that_did_not_come_is_said_to_be_late():
    text = Seen(render(state(), now=NOW + timedelta(minutes=30))["index.html"]).text
    assert "An update was due by 14:30 UTC and is late" in text


def test_times_are_in_the_pages_zone():
    files = render(state(zone="Asia/Kathmandu"), now=NOW)
    assert "Next update by 20:15 UTC+0545" in Seen(files["index.html"]).text
    assert json.loads(files["api/v2/status.json"])["page"]["x_as_of"] == "2026-11-21T19:50:00.000+05:45"


def test_page_without_anything_published_claims_nothing():
    text = Seen(render(state(components=(), incidents=()), now=NOW)["index.html"]).text
    assert "No known problems" in text
    assert "operational" not in text


@pytest.mark.parametrize(
    ("components", "incidents", "headline"),
    [
        ([component("A")], [resolved()], "All systems operational"),
        ([component("A", "under_maintenance")], [], "Maintenance under way"),
        ([component("A", "degraded_performance")], [], "Minor disruption"),
        ([component("A")], [incident(impact="critical")], "Major outage"),
        ([component("A")], [incident(impact="none")], "An incident is open"),
        ([component("A", "partial_outage")], [incident(impact="minor")], "Partial outage"),
    ],
)
def test_headline_is_the_worst_of_components_and_open_incidents(components, incidents, headline):
    page = Seen(render(state(components=tuple(components), incidents=tuple(incidents)), now=NOW)["index.html"])
    assert headline in page.text


def test_i30_pages_need_nothing_from_elsewhere_and_carry_nothing_inline():
    for path, page in html(render(state(), now=NOW)).items():
        assert not [tag for tag, attrs in page.tags if "style" in attrs or any(name[:2] == "on" for name in attrs)], (
            path
        )
        assert "style" not in [tag for tag, _ in page.tags]
        assert all(attrs.get("src") for tag, attrs in page.tags if tag == "script")
        assert not [link for link in page.links if ":" in link or link.startswith("//")], path


def test_every_link_leads_to_a_rendered_file():
    files = render(state(), now=NOW)
    for path, page in html(files).items():
        for link in page.links:
            if link.startswith("#"):
                assert f'id="{link[1:]}"'.encode() in files[path]
            else:
                at_root = link.removeprefix("/status/")
                parts = (PurePosixPath(path).parent / at_root).as_posix()
                while (shorter := re.sub(r"[^/]+/\.\./", "", parts)) != parts:
                    parts = shorter
                assert parts in files, (path, link)


def test_demos_fast_clock_leaves_out_the_script_that_knows_only_real_time():
    assert b"<script" not in render(state(), now=NOW, real_time=False)["index.html"]


HOSTILE = (
    "<script>alert(1)</script> **bold** <img src=x onerror=alert(1)> [a](javascript:alert(1)) "
    "![](https://evil.example/pixel.png) [b](https://good.example/)\x00\x08\n\n# big\n\n<div style='x'>"
)


def test_hostile_text_stays_text():
    hurt = incident(HOSTILE, updates=(update("u", "identified", HOSTILE, NOW),))
    files = render(state(name=HOSTILE, incidents=(hurt,), components=(component("C", description=HOSTILE),)), now=NOW)
    for page in html(files).values():
        assert {tag for tag, _ in page.tags}.isdisjoint({"img", "iframe"})
        scripts = [attrs["src"] or "" for tag, attrs in page.tags if tag == "script"]
        assert [source.rpartition("/")[2] for source in scripts] == ["outdated.js"]
        assert not [link for link in page.links if link.startswith("javascript")]
    feed = ET.fromstring(files["history.atom"])
    assert "<script" not in (feed.findtext(f"{ATOM}entry/{ATOM}content") or "")
    ET.fromstring(files["history.rss"])
    assert json.loads(files["api/v2/incidents.json"])["incidents"][0]["incident_updates"][0]["body"] == HOSTILE


@given(st.text(max_size=300))
def test_no_markdown_whatever_gets_past_the_allow_list(text):
    page = Seen(to_html(text).encode("utf-8"))
    allowed = {"p", "br", "strong", "em", "a", "ul", "ol", "li", "code", "pre", "blockquote", "hr"}
    assert {tag for tag, _ in page.tags} <= allowed
    assert all(set(attrs) <= {"href", "rel"} for _, attrs in page.tags)


def test_feeds_carry_each_incident_once_under_an_id_that_stays():
    files = render(state(), now=NOW)
    entries = ET.fromstring(files["history.atom"]).findall(f"{ATOM}entry")
    assert [entry.findtext(f"{ATOM}title") for entry in entries] == [
        "Some orders cannot be paid",
        "E-mail delivered late",
    ]
    assert entries[0].findtext(f"{ATOM}id") == "tag:status.northwind.example,2005:Incident/k3v9x2m4p7q1"
    guids = [item.findtext("guid") for item in ET.fromstring(files["history.rss"]).iter("item")]
    assert guids == [entry.findtext(f"{ATOM}id") for entry in entries]


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(seconds=59), "under a minute"),
        (timedelta(minutes=38), "38 min"),
        (timedelta(hours=2), "2 h"),
        (timedelta(hours=2, minutes=5), "2 h 5 min"),
        (timedelta(days=1, hours=4), "1 day 4 h"),
        (timedelta(days=3), "3 days"),
    ],
)
def test_durations_are_in_the_unit_people_say(span, words):
    assert duration(span) == words


def test_a_page_speaks_its_language_and_leaves_what_was_published_alone():
    body = "All systems operational since 2 May."
    ours = incident(title="Resolved: 3 days in March", updates=(update("u1", "investigating", body, NOW),))
    german = html(render(replace(state(incidents=(ours,)), language="de"), now=NOW))
    for path, page in german.items():
        assert "Stand 21. November 2026, 14:05 UTC , überholt nach 14:15 UTC" in page.text, path
        assert page.tags[0] == ("html", {"lang": "de"})
    index = german["index.html"].text
    assert "Resolved: 3 days in March" in index
    assert "All systems operational since 2 May." in index
    assert "Nächste Meldung bis 14:30 UTC , oder früher" in index
    for english in ("Components", "Happening now", "Next update", "Subscribe", "Past 30 days", "Investigating"):
        assert english not in index
    assert said("3 days 4 h", "de") == "3 Tage 4 h"
    assert said("21 November: degraded performance, 2 h", "de") == "21. November: Eingeschränkte Leistung, 2 h"
    assert say("Operational", "en") == said("1 day", "en").replace("1 day", "Operational")
