"""`antiphon demo` as a new user has it: the whole play with real processes, doors and mail."""

import json
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

from antiphon.cli.demo.performance import readers
from tests.faults.installation import Installation, get_json, request, wait_for

PLAYED_WITHIN = 110.0
PUBLICATIONS = 4


def _start(folder: Path, *words: str) -> tuple["subprocess.Popen[bytes]", Path]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("ANTIPHON_", "DJANGO_"))}
    log = folder / f"demo-{len(list(folder.iterdir()))}.log"
    with log.open("wb") as written:
        process = subprocess.Popen(
            [sys.executable, "-m", "antiphon", "demo", "--data", str(folder / "demo"), "--port", "0", *words],
            env=ours,
            stdin=subprocess.DEVNULL,
            stdout=written,
            stderr=subprocess.STDOUT,
        )
    return process, log


def _said(process: "subprocess.Popen[bytes]", log: Path, pattern: str, *, within: float) -> str:
    def look() -> str:
        text = log.read_text()
        assert process.poll() is None, text
        assert "The play ends here" not in text, text
        found = re.search(pattern, text)
        return found[0] if found else ""

    return wait_for(look, what=f"{pattern} in the demo's words\n{log.read_text()}", within=within)


def _mails(folder: Path) -> Counter[str]:
    lines = (folder / "demo/mailboxes/mails.jsonl").read_text().splitlines()
    versions = readers()
    return Counter(versions.get(json.loads(line)["to"], "inside") for line in lines)


def _stop(process: "subprocess.Popen[bytes]") -> int:
    process.send_signal(signal.SIGINT)
    return process.wait(30)


def test_the_demo_plays_one_incident_from_the_first_alert_to_the_review(tmp_path: Path):
    process, log = _start(tmp_path)
    try:
        _said(process, log, r"opens the review", within=PLAYED_WITHIN)
        url = _said(process, log, r"(?<=The demo stays up at )http://[^,]+", within=10)
        port = int(url.rpartition(":")[2])
        story = log.read_text()
        for scene in ("held for 2 of 5 min", "technical.", "rises to both", "acknowledges by the link", "Status page"):
            assert scene in story
        assert story.count("31 technical and 226 business mails") == PUBLICATIONS
        got = _mails(tmp_path)
        assert (got["technical"], got["business"]) == (31 * PUBLICATIONS, 226 * PUBLICATIONS)
        token = json.loads((tmp_path / "demo/demo.json").read_text())["token"]
        (incident,) = get_json(port, "/api/v1/incidents", authorization=f"Bearer {token}")["items"]
        assert (incident["state"], incident["verdict"]["kind"]) == ("resolved", "both")
        assert {one["what"] for one in incident["promises"] if one["state"] == "open"} == {"review"}
        link = re.search(r"http://\S+(/link/\S+)", story)
        assert link is not None
        assert request(port, "GET", link[1])[0] == 200
        second = Installation(tmp_path, environ={"ANTIPHON_DATA": str(tmp_path / "demo")})
        refused, words = _start(tmp_path)
        assert refused.wait(20) == 2
        assert "runs on" in words.read_text()
        assert _stop(process) == 0
        assert "The record is whole" in second.cli("verify")
        process, log = _start(tmp_path)
        _said(process, log, r"was played before", within=30)
        _said(process, log, r"The demo stays up at \S+, on real time", within=10)
        assert _stop(process) == 0
    finally:
        process.kill()
        process.wait()
