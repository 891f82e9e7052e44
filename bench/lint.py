"""The lint over public histories of incidents: how fast, what it finds, and whether it reads every next update.

    python -m bench.lint DATA              print the figures; DATA holds github-status/ and llm-outages/
    python -m bench.lint DATA --check      also exit 1 when a dated next update or a time is not read to the minute
    python -m bench.lint DATA --write      also put the figures into docs/reference/performance.md
    python -m bench.lint DATA --show RULE  print each text's words that a rule points at, to judge the rule by eye

Every text is read as for the public, at the instant it was published. The check knows nothing of the program's own
reading: plain regular expressions look for announcements with a clock time in UTC or a length of time, and for times of
day with UTC or Pacific letters, and count the minutes themselves.
"""

import argparse
import csv
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench import report

from antiphon.core.audiences import Audience, Mark, Moment
from antiphon.core.lint import LintResult, lint
from antiphon.core.times import read

ROUNDS = 5
MOMENTS = {
    "investigating": Moment.FIRST_WORD, "scheduled": Moment.FIRST_WORD, "resolved": Moment.RESOLUTION,
    "completed": Moment.RESOLUTION, "postmortem": Moment.REVIEW,
}  # fmt: skip
SEVERITIES = {"critical": 1, "3": 1, "major": 2, "2": 2, "minor": 3, "1": 3}
STAGES = ("investigating", "identified", "monitoring", "resolved", "postmortem")

ANNOUNCED = re.compile(
    r"(?:next update|another update|an update|status update|update will|update is)\b[^.\n]{0,40}?\b(?:in|within|at|by) "
    r"(?:the next )?(?:(?P<n>\d+|an?|one|two) ?(?P<unit>m|mins?|minutes?|hours?|hrs?)\b"
    r"|(?P<hour>\d{1,2}):(?P<minute>\d{2}) ?UTC)",
    re.IGNORECASE,
)
CLOCK = re.compile(
    r"(?<![\d:])(?P<hour>\d{1,2}):(?P<minute>\d{2}) ?(?P<half>[ap]m)? ?(?P<zone>UTC|PST|PDT)\b", re.IGNORECASE
)
EAST = {"UTC": 0, "PST": -8, "PDT": -7}
WORDS = {"a": 1, "an": 1, "one": 1, "two": 2}


@dataclass(frozen=True)
class Told:
    """A published text."""

    name: str
    moment: Moment
    severity: int
    at: datetime
    text: str

    def read(self) -> LintResult:
        """What the lint says of it."""
        return lint(self.text, audience=Audience.PUBLIC, severity=self.severity, moment=self.moment, at=self.at)


def told(data: Path) -> list[Told]:
    """Every text of both histories."""
    return [*_github(data / "github-status" / "incidents_2022-2024.jsonl"), *_models(data / "llm-outages")]


def _github(path: Path) -> Iterator[Told]:
    for line in path.read_text(encoding="utf-8").splitlines():
        incident = json.loads(line)
        for number, update in enumerate(incident["updates"]):
            yield Told(
                name=f"github {incident['id']}.{number}",
                moment=MOMENTS.get(update["status"].lower(), Moment.PROGRESS),
                severity=SEVERITIES.get(str(incident["impact"]), 4),
                at=datetime.fromisoformat(update["at"]).astimezone(UTC),
                text=update["message"],
            )


def _models(folder: Path) -> Iterator[Told]:
    with (folder / "incident_stages.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            for stage in STAGES:
                if text := row[f"{stage}_description"].strip():
                    yield Told(
                        name=f"{row['provider']} {row['incident_id']} {stage}",
                        moment=MOMENTS.get(stage, Moment.PROGRESS),
                        severity=SEVERITIES.get(row["incident_impact_level"], 4),
                        at=datetime.fromisoformat(row[f"{stage}_timestamp"]).astimezone(UTC),
                        text=text,
                    )


# --- the reading that knows nothing of ours


def announced(text: Told) -> datetime | None:
    """The instant that a plain expression finds announced; of the minute, seconds left out."""
    match = ANNOUNCED.search(text.text)
    if match is None:
        return None
    if match["hour"]:
        at = text.at.replace(hour=int(match["hour"]), minute=int(match["minute"]), second=0, microsecond=0)
        return at if at > text.at else at + timedelta(days=1)
    count = WORDS.get(match["n"].lower()) or int(match["n"])
    return text.at + timedelta(minutes=count * (1 if match["unit"][0].lower() == "m" else 60))


def clocks(text: Told) -> Iterator[tuple[str, bool]]:
    """Every time of day with letters of a zone, and whether the program reads the same minute of the day there."""
    readings = {reading.start: reading for reading in read(text.text, at=text.at)}
    ends = {reading.end: reading for reading in readings.values()}
    for match in CLOCK.finditer(text.text):
        hour = int(match["hour"]) % 12 + 12 * (match["half"].lower() == "pm") if match["half"] else int(match["hour"])
        minutes = (hour - EAST[match["zone"].upper()]) * 60 + int(match["minute"])
        reading = ends.get(match.end()) or next(
            (each for each in readings.values() if each.start <= match.start() < each.end), None
        )
        at = reading.at if reading else None
        yield match[0], at is not None and (at.hour * 60 + at.minute - minutes) % (24 * 60) == 0


# --- measuring and telling


def speed(texts: list[Told]) -> list[float]:
    """Texts a second, round by round, by the time of the processor."""
    found = []
    for _ in range(ROUNDS):
        began = time.process_time()
        for text in texts:
            text.read()
        found.append(len(texts) / (time.process_time() - began))
    return found


def figures(texts: list[Told]) -> tuple[str, list[str]]:
    """The section, and what the check refuses."""
    results = [text.read() for text in texts]
    rates = speed(texts)
    refused, compared = [], 0
    for text, result in zip(texts, results, strict=True):
        if (at := announced(text)) is not None:
            compared += 1
            if result.next_update_at != at:
                refused.append(f"{text.name}: {result.next_update_at}, not {at}: {text.text!r}")
    wrong = len(refused)
    seen = [(text, words, same) for text in texts for words, same in clocks(text)]
    refused += [f"{text.name}: the time {words!r} is not read: {text.text!r}" for text, words, same in seen if not same]
    characters = sum(len(text.text) for text in texts)
    vague = sum(any(one.rule == "next_update_vague" for one in result.findings) for result in results)
    dated = sum(result.next_update_at is not None for result in results)
    lines = [
        report.machine(),
        "",
        f"{len(texts):,} texts of {characters:,} characters; {min(rates):,.0f} / {report.percentile(rates, 0.5):,.0f} /"
        f" {max(rates):,.0f} texts/s of one core over {ROUNDS} rounds (min / median / max).",
        "",
        f"{vague + dated} announce a next update: {dated} with a time, read to the minute; {vague} say “soon”, “as we"
        f" learn more” or no time. Beside that reading, a plain regular expression finds {compared} with a clock time"
        f" or a length, and {compared - wrong} of them come to the same minute; so do {sum(same for *_, same in seen)}"
        f" of {len(seen)} times of day with UTC or Pacific letters.",
        "",
        report.table(["rule", "errors in", "warnings in", "share of texts"], _shares(results)),
    ]
    return "\n".join(lines), refused


def _shares(results: list[LintResult]) -> list[list[str]]:
    errors, warnings, either = Counter[str](), Counter[str](), Counter[str]()
    for result in results:
        errors.update({str(one.rule) for one in result.findings if one.level is Mark.ERROR})
        warnings.update({str(one.rule) for one in result.findings if one.level is Mark.WARNING})
        either.update({str(one.rule) for one in result.findings})
    share = 100 / len(results)
    return [[r, f"{errors[r]:,}", f"{warnings[r]:,}", f"{n * share:.1f} %"] for r, n in either.most_common()]


def show(texts: list[Told], rule: str) -> None:
    """Each text's words that the rule points at, with what stands around them."""
    for text in texts:
        for one in text.read().findings:
            if one.rule == rule:
                around = text.text[max(0, one.start - 80) : one.end + 80]
                print(f"{text.name}\t{text.text[one.start : one.end]!r}\t{' '.join(around.split())}")


def main() -> int:
    """Run the bench; 1 when the check fails."""
    parser = argparse.ArgumentParser(description="The lint over public histories of incidents.")
    parser.add_argument("data", type=Path, metavar="DATA")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--show", metavar="RULE")
    args = parser.parse_args()
    texts = told(args.data)
    if args.show:
        show(texts, args.show)
        return 0
    text, refused = figures(texts)
    print(text)
    if args.write:
        report.write("bench/lint.py", "The lint over public histories", text)
    for one in refused:
        print(one, file=sys.stderr)
    return 1 if args.check and refused else 0


if __name__ == "__main__":
    raise SystemExit(main())
