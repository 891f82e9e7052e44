"""What this process remembers of the alerts it has seen, so that a re-send costs next to nothing.

The memory is a guess, never the truth: each remembered alert carries the revision it had, and the
store touches only rows that still have it. Whatever moved meanwhile (another node, a timeout) is
looked at again, row in hand.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from antiphon.core.observations import (
    Observation,
    Sighting,
    Unreadable,
    digest,
    joined,
    map_severity,
)
from antiphon.intake.matching import Matching, Rules
from antiphon.intake.work import Integration, Seen, Work

MAX_REMEMBERED = 100_000
"""Alerts remembered by a process; the older half is forgotten when twice as many were seen."""


class Fault(NamedTuple):
    """One alert of a request that could not be read."""

    error: Unreadable
    raw: bytes


class Known:
    """Alerts remembered by the very bytes that name them, and by fingerprint."""

    def __init__(self, rules: Callable[[], Rules], *, limit: int = MAX_REMEMBERED) -> None:
        self._rules = rules
        self._matching = Matching(rules())
        self._limit = limit
        self._by_bytes: dict[tuple[int, bytes], Seen] = {}
        self._by_fingerprint: dict[tuple[int, str], Seen] = {}

    def sort(self, integration: Integration, observations: Sequence[Observation], work: Work) -> list[Fault]:
        """Put each observation into `work`: a touch of a known row, or a sighting to look at.

        Answers the alerts that could not be read; they are not in `work`.
        """
        rules = self._current()
        revision, at, sender = rules.revision, work.at, integration.id
        find, touch, touched = self._by_bytes.get, work.touches.append, work.touched.append
        faults = []
        for said in observations:
            seen = find((sender, said.identity))
            if (
                seen is not None
                and seen.accepts == said.state
                and seen.content == said.content
                and seen.rules_revision == revision
                and (said.starts_at is None or said.starts_at >= seen.starts_at)
            ):
                touch((at, said.ends_at, seen.alert_id, seen.revision))
                touched((seen, said))
                continue
            try:
                work.sightings.append(self._look(integration, said, rules, at))
            except Unreadable as error:
                faults.append(Fault(error, said.identity))
        return faults

    def _current(self) -> Matching:
        """The rules as they now are, with the answers remembered while they stay so."""
        rules = self._rules()
        if rules.revision != self._matching.revision:
            self._matching = Matching(rules)
        return self._matching

    def any_critical(self, integration: Integration, observations: Sequence[Observation]) -> bool:
        """Whether one of the alerts is critical; one that cannot be read is not."""
        return any(self._is_critical(integration, said) for said in observations)

    def _is_critical(self, integration: Integration, said: Observation) -> bool:
        seen = self._by_bytes.get((integration.id, said.identity))
        if seen is not None:
            return seen.severity == "critical"
        try:
            word = said.read().severity_word
        except Unreadable:
            return False
        return map_severity(word, integration.severity_map)[0] == "critical"

    def look_again(self, seen: Seen, said: Observation, at: int) -> tuple[Seen, Sighting]:
        """A touch that missed its row, as a sighting to fold with the row in hand."""
        return self._look(seen.integration, said, self._current(), at)

    def _look(self, integration: Integration, said: Observation, rules: Matching, at: int) -> tuple[Seen, Sighting]:
        content = said.read()
        seen = self._remember(integration, said.identity, content.fingerprint)
        seen.wait()
        if said.content is None:
            return seen, Sighting(said, None, 0, "", None, 0, at)
        severity, note = map_severity(content.severity_word, integration.severity_map)
        if note:
            content = content._replace(note=joined((content.note, note)))
        rule = rules.rule_id(content, severity, integration.name)
        return seen, Sighting(said, content, digest(content), severity, rule, rules.revision, at)

    def _remember(self, integration: Integration, identity: bytes, fingerprint: str) -> Seen:
        key = (integration.id, fingerprint)
        seen = self._by_fingerprint.get(key)
        if seen is None:
            seen = self._by_fingerprint[key] = Seen(integration, fingerprint)
        self._by_bytes[integration.id, identity] = seen
        if len(self._by_bytes) > 2 * self._limit:
            self._forget()
        return seen

    def _forget(self) -> None:
        """Drop the older half; what a commit is waiting for stays, so that order is kept."""
        kept = list(self._by_bytes.items())[self._limit :]
        waiting = [item for item in self._by_bytes.items() if item[1].waiting]
        self._by_bytes = dict(waiting + kept)
        self._by_fingerprint = {(seen.integration.id, seen.fingerprint): seen for seen in self._by_bytes.values()}
