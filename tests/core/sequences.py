"""Random lives of an incident's telling on the pure rules, and what must never come of any of them.

Beside the rules a ledger is kept that knows nothing of them: which words a person said yes to, who wrote them, who
was told what. Whatever leaves is held against it.
"""

import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

from antiphon.core import closing, facts, standing, updates, wording
from antiphon.core.audiences import (
    OUTSIDE,
    Audience,
    Finding,
    Mark,
    Moment,
    Text,
    Translation,
    Update,
    Version,
    awaiting_end,
    recipients,
)
from antiphon.core.decision import SYSTEM, Actor, Decision, Refusal
from antiphon.core.facts import Fact
from antiphon.core.incidents import Incident, declare
from antiphon.core.sending import OutsideText
from tests.core.telling import ANN, BEN, IRA, LEA, NEXT, NOW

MAILED: Final = (Audience.TECHNICAL, Audience.BUSINESS)
CHOSEN: Final = (*MAILED, Audience.PUBLIC, Audience.INTERNAL)
PEOPLE: Final = (ANN, BEN, IRA, LEA, SYSTEM, Actor(kind="token", uid="t", role="admin"))
BODIES: Final = tuple(
    f"{words}\n\n**Next update:** by 14:40 UTC on 21 November 2026, or sooner if the state changes."
    for words in ("Payments may fail.", "Payments may **fail**.", "Orders are late.", "Orders are late. ")
)
SECRETS: Final = ("node-zx-4711", "rack-zx-4712", "CVE-2026-4713")
ERROR: Final = Finding("gap", "Fill this in.", 0, 3, Mark.ERROR)
TIME: Final = re.compile(r"\d\d:\d\d UTC on \d+ \w+ \d{4}")
SHORT: Final = "Orders are late. Next update by 14:40 UTC on 21 November 2026."
Key = tuple[str, Audience]
Words = tuple[str, str, tuple[tuple[str, str], ...]]
"""Subject, body, and every word for a channel or in another language under its name."""


@dataclass
class Reader:
    """A customer's contact."""

    segment: str
    wants_technical: bool = False
    listens: bool = True
    told: bool = False
    heard_the_end: bool = False


@dataclass
class Ledger:
    """What people did, as the house next door would write it down."""

    author: dict[Key, str] = field(default_factory=dict)
    words: dict[Key, Words] = field(default_factory=dict)
    approved: dict[Key, Words] = field(default_factory=dict)
    left: int = 0


class Life:
    """One incident from its first draft on; `live` plays one random sequence of steps and then brings it to its end."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.now: datetime = NOW
        self.severity = self.random.choice((1, 3, 4))
        self.incident = _declared(1)
        self.facts: tuple[Fact, ...] = ()
        self.updates: dict[str, Update] = {}
        self.readers = [Reader("untagged"), Reader("technical"), Reader("business")]
        self.told: set[Audience] = set()
        self.ended: set[Audience] = set()
        self.resolved = False
        self.ledger = Ledger()

    def live(self, steps: int) -> int:
        """Random steps, then the way out. Answers how many texts left the house."""
        verbs = (
            self.draft, self.edit, self.approve, self.approve_all, self.approve_all, self.approve_and_publish,
            self.approve_and_publish, self.publish, self.revoke, self.move, self.no_change, self.learn, self.tag,
            self.unsubscribe, self.resolve_or_reopen, self.merge,
        )  # fmt: skip
        self.learn()
        self.draft()
        for _ in range(steps):
            self.now += timedelta(minutes=self.random.choice((0, 0, 1, 7)))
            self.random.choice(verbs)()
        self.end()
        return self.ledger.left

    # --- steps -----------------------------------------------------------------------------------

    def learn(self) -> None:
        """A fact with a secret in it, for a random few; or another opinion on who may know one."""
        few = self.random.sample(CHOSEN, self.random.randint(1, 3))
        known: dict[str, Any] = {"uid": f"f{len(self.facts)}", "source": "ann", "audiences": few, "now": self.now}
        old = self.random.choice(self.facts) if self.facts and self.random.random() < 0.3 else None
        self.facts = (
            self._took(facts.correct(self.facts, old.uid, text=old.text, **known), self.facts)
            if old
            else self._took(
                facts.record(self.facts, name="metrics", text=f"Seen on {self.random.choice(SECRETS)}", **known),
                self.facts,
            )
        )

    def draft(self, *audiences: Audience, moment: Moment = Moment.PROGRESS, clean: bool = False) -> str:
        chosen = audiences or tuple(self.random.sample(CHOSEN, self.random.randint(1, 3)))
        uid = f"u{len(self.updates)}"
        texts = {audience: self._text(clean=clean) for audience in chosen}
        at = None if moment is Moment.RESOLUTION else max(NEXT, self.now + timedelta(minutes=30))
        self.updates[uid] = self._took(
            updates.draft(uid=uid, incident="i", moment=moment, texts=texts, next_update_at=at, now=self.now), None
        )
        for audience, text in texts.items():
            self._wrote((uid, audience), text, by="")
        return uid

    def edit(self) -> None:
        uid, audience = self._some()
        text, actor = self._text(), self.random.choice(PEOPLE)
        done = updates.edit(self.updates[uid], audience, text, actor=actor, now=self.now)
        if isinstance(done, Decision) and self.ledger.words[uid, audience] != _words(text):
            self._wrote((uid, audience), text, by=actor.uid if actor.kind == "person" else "")
        self.updates[uid] = self._took(done, self.updates[uid])

    def approve(self, which: Key | None = None, actor: Actor | None = None) -> None:
        """A yes, to the words that stand or to those of another version."""
        uid, audience = which or self._some()
        stale = which is None and self.random.random() < 0.1
        version = self.updates[uid].version(audience)
        assert version
        digest = "0" * 64 if stale else version.digest
        findings = (ERROR,) if which is None and self.random.random() < 0.05 else ()
        by = actor or self.random.choice(PEOPLE)
        done = updates.approve(
            self.updates[uid], audience, digest, findings=findings, severity=self.severity, actor=by, now=self.now
        )
        own = by.uid == self.ledger.author[uid, audience] and self.severity <= 3
        if isinstance(done, Decision):
            assert by.kind == "person"
            assert by is not LEA
            assert not any((own, stale, findings))
            self.ledger.approved[uid, audience] = self.ledger.words[uid, audience]
        self.updates[uid] = self._took(done, self.updates[uid])

    def approve_all(self) -> str:
        uid, _ = self._some()
        for version in self.updates[uid].versions:
            if version.audience in OUTSIDE:
                self.approve((uid, version.audience), self.random.choice((ANN, BEN)))
        return uid

    def approve_and_publish(self) -> None:
        self.publish(self.approve_all())

    def revoke(self) -> None:
        uid, audience = self._some()
        done = updates.revoke(self.updates[uid], audience, reason="second thoughts")
        if isinstance(done, Decision):
            self.ledger.approved.pop((uid, audience), None)
        self.updates[uid] = self._took(done, self.updates[uid])

    def move(self) -> None:
        uid, _ = self._some()
        before = self.updates[uid].next_update_at
        at = self.now + timedelta(minutes=self.random.choice((-5, 0, 30)))
        done = updates.move_next_update(self.updates[uid], at, now=self.now)
        if isinstance(done, Decision) and at != before:
            for key in [key for key in self.ledger.approved if key[0] == uid]:
                del self.ledger.approved[key]
        self.updates[uid] = self._took(done, self.updates[uid])

    def publish(self, which: str = "") -> bool:
        uid = which or self._some()[0]
        done = updates.publish(self.updates[uid], {}, now=self.now)
        if not isinstance(done, Decision):
            return False
        outside = [version for version in done.state.versions if version.audience in OUTSIDE]
        texts = [wording.seal(version, self.facts) for version in outside]
        if not all(isinstance(text, OutsideText) for text in texts):
            return False
        self.updates[uid] = done.state
        for version, text in zip(outside, texts, strict=True):
            assert isinstance(text, OutsideText)
            self._leaves(text, version, version, done.state)
            for language, other in wording.seal_translations(version, self.facts).items():
                self._leaves(other, version.translations[language], version, done.state)
        self._tell(done.state)
        return True

    def no_change(self) -> None:
        uid, actor = f"u{len(self.updates)}", self.random.choice(PEOPLE)
        at = self.now + timedelta(minutes=30)
        known = sorted(self.updates.values(), key=lambda each: each.published_at or self.now)
        done = standing.no_change(known, uid=uid, next_update_at=at, actor=actor, now=self.now)
        if isinstance(done, Decision):
            assert actor.kind == "person"
            last = {v.audience: v for u in known if u.state == "published" for v in u.versions}
            for version in done.state.versions:
                before = last[version.audience]
                assert _again(before.body, version.body), version.body
                assert set(version.channels) <= set(before.channels)
                assert set(version.translations) <= set(before.translations)
                for kind, words in version.channels.items():
                    assert _again(before.channels[kind], words), words
                self._wrote((uid, version.audience), version, by="")
                if version.approval:
                    self.ledger.approved[uid, version.audience] = _words(version)
            self.updates[uid] = done.state
            self.publish(uid)

    def tag(self) -> None:
        reader = self.random.choice(self.readers)
        reader.segment = self.random.choice(("technical", "business", "untagged", "something new"))
        reader.wants_technical = self.random.random() < 0.3

    def unsubscribe(self) -> None:
        self.random.choice(self.readers).listens = self.random.random() < 0.5

    def resolve_or_reopen(self) -> None:
        self.resolved = not self.resolved
        self.ended.clear()
        for reader in self.readers:
            reader.heard_the_end = False
        if self.resolved and self.random.random() < 0.7:
            waiting = self._awaiting() or frozenset({Audience.BUSINESS})
            self._send_end(*self.random.sample(sorted(waiting), self.random.randint(1, len(waiting))))

    def merge(self) -> None:
        """It is the same as another: who was told of it is that one's to tell, and no draft of it leaves any more."""
        actor, other = self.random.choice(PEOPLE), _declared(self.incident.number + 1)
        resolved = replace(self.incident, resolved_at=self.now if self.resolved else None)
        done = closing.merge(resolved, other, reason="The same disk.", actor=actor, now=self.now)
        if isinstance(done, Refusal):
            assert self.resolved or actor.kind not in closing.ACTS
            return
        assert done.state.over
        self.incident = other
        for uid, update in self.updates.items():
            self.updates[uid] = self._took(updates.discard(update), update)

    # --- the way out -----------------------------------------------------------------------------

    def end(self) -> None:
        """Nobody who was told is left behind when the gate to closed lets the incident through."""
        if not self.resolved:
            self.resolved = True
            self.ended.clear()
        for _ in range(3):
            waiting = self._awaiting()
            known = closing.Known(told=frozenset(self.told | waiting), told_resolved=frozenset(self.told - waiting))
            assert set(known.untold) == waiting
            if not waiting:
                break
            self._send_end(*sorted(waiting))
        assert not self._awaiting()
        left_behind = [each for each in self.readers if each.listens and each.told and not each.heard_the_end]
        assert not left_behind, left_behind

    def _send_end(self, *audiences: Audience) -> None:
        uid = self.draft(*audiences, moment=Moment.RESOLUTION, clean=True)
        for audience in audiences:
            if audience in OUTSIDE:
                self.approve((uid, audience), BEN)
        assert self.publish(uid)

    def _awaiting(self) -> frozenset[Audience]:
        unheard = [each for each in self.readers if each.listens and each.told and not each.heard_the_end]
        return awaiting_end(self.told, self.ended, unheard)

    # --- what leaves -----------------------------------------------------------------------------

    def _leaves(self, text: OutsideText, said: Version | Translation, version: Version, update: Update) -> None:
        audience = Audience(text.audience)
        assert _words(version) == self.ledger.approved.get((update.uid, audience)), "unapproved"
        assert text.digest in version.digests().values()
        assert text.subject == said.subject
        assert text.channels == said.channels
        assert said.body.replace("**", "").strip() in text.body_text
        whole = "\n".join((text.subject, text.body_text, text.body_html, *text.channels.values()))
        known = " ".join(f.text for f in self.facts if f.current and audience in f.audiences)
        assert not [each for each in SECRETS if each in whole and each not in known and self._is_secret(each)], "leaked"
        self.ledger.left += 1

    def _is_secret(self, word: str) -> bool:
        return any(word in fact.text for fact in self.facts)

    def _tell(self, update: Update) -> None:
        """Who gets it: whoever reads that version now."""
        for audience in (version.audience for version in update.versions):
            self.told.add(audience)
            ends = update.moment is Moment.RESOLUTION and self.resolved
            if ends:
                self.ended.add(audience)
            for reader in recipients(self.readers, audience, nature="real"):
                if reader.listens:
                    reader.told = True
                    reader.heard_the_end = reader.heard_the_end or ends

    # --- parts -----------------------------------------------------------------------------------

    def _some(self) -> Key:
        uid = self.random.choice(list(self.updates)[-3:])
        return uid, self.random.choice(self.updates[uid].versions).audience

    def _text(self, *, clean: bool = False) -> Text:
        body = self._body(clean)
        channels, others = self._channels(clean), dict[str, Translation]()
        if self.random.random() < 0.5:
            others["de"] = Translation(subject="Bestellungen", body=self._body(clean), channels=self._channels(clean))
        subject = self.random.choice(("Checkout", "Payments"))
        return Text(subject=subject, body=body, channels=channels, translations=others)

    def _body(self, clean: bool) -> str:
        body = self.random.choice(BODIES)
        return body if clean or self.random.random() >= 0.1 else f"{body}\n\nSeen on {self.random.choice(SECRETS)}."

    def _channels(self, clean: bool) -> dict[str, str]:
        few = self.random.sample(("sms", "voice", "social"), self.random.choice((0, 0, 1, 2)))
        leak = f" Seen on {self.random.choice(SECRETS)}." if not clean and self.random.random() < 0.1 else ""
        return {kind: SHORT + self.random.choice(("", " Sorry.")) + leak for kind in few}

    def _wrote(self, key: Key, text: Text | Version, *, by: str) -> None:
        self.ledger.words[key], self.ledger.author[key] = _words(text), by
        self.ledger.approved.pop(key, None)

    def _took(self, done: Any, otherwise: Any) -> Any:
        return done.state if isinstance(done, Decision) else otherwise


def _declared(number: int) -> Incident:
    made = declare(
        uid=f"i{number}", number=number, title="Checkout fails", severity=3, incident_type="disruption", reason="seen",
        detected_at=NOW, detected_by="a person", now=NOW,
    )  # fmt: skip
    assert isinstance(made, Decision)
    return made.state


def _words(text: Text | Version) -> Words:
    more = {f"{kind}": words for kind, words in (text.channels or {}).items()}
    for language, other in (text.translations or {}).items():
        more |= {f"{language} subject": other.subject, f"{language} body": other.body}
        more |= {f"{language} {kind}": words for kind, words in other.channels.items()}
    return text.subject, text.body, tuple(sorted(more.items()))


def _again(before: str, after: str) -> bool:
    """Whether these are the words from before, with a line ahead and other times."""
    plain = [TIME.sub("T", re.sub(r"\ANo change since [^\n]+\n\n", "", body)) for body in (before, after)]
    return after.startswith("No change since ") and plain[1].startswith(plain[0].rstrip())
