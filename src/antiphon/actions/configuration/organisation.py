"""How the house goes about it, from the file: limits, digests, approvals, the address outside, what comes back."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from antiphon.actions import approving as approvals
from antiphon.actions.configuration.refused import Refused
from antiphon.actions.ledger import Change, Ledger, told, words_of
from antiphon.actions.reactions import posting
from antiphon.core.configuration import Configuration, Entry, Problem
from antiphon.core.configuration.organisation import approvals_of, digest_of, limits_of, place_of, posts_of
from antiphon.core.digest import Pace
from antiphon.core.limits import Limits
from antiphon.db import approving, dead_man, organisation
from antiphon.db.models import Organisation, Person
from antiphon.db.reaction_links import measured
from antiphon.db.secrets import WrongKey
from antiphon.db.snapshots import calls, social


def apply(config: Configuration, ledger: Ledger) -> None:
    """Whatever of these the file has. Raises Refused."""
    settings = Organisation.only().settings
    if config.limits:
        _set("limits", Limits.of(settings), limits_of(config.limits, Limits.of(settings)), ledger)
    if config.digest:
        _set("digest", Pace.of(settings), digest_of(config.digest, Pace.of(settings)), ledger)
    if config.measure:
        _set("measure", measured(), replace(measured(), **config.measure.values), ledger)
    if config.calls:
        _set(calls.SETTING, {"most": calls.most()}, {"most": config.calls["accounts"]}, ledger)
    if config.posts:
        _set("posts", social.choice(), posts_of(config.posts, social.choice()), ledger, kept_as=social.SETTING)
    if config.approvals:
        _approvals(config.approvals, ledger)
    if config.watch:
        _watch(config.watch["url"], ledger)
    if config.returns and (names := posting.keep(config.returns.values)):
        ledger.note("~", "returns", "settings", f"sets {names}")


def _set(name: str, before: Any, after: Any, ledger: Ledger, *, kept_as: str = "") -> None:
    if _note(name, before, after, ledger):
        organisation.keep(kept_as or name, after)


def _approvals(entry: Entry, ledger: Ledger) -> None:
    before = approving.rules()
    people = dict(Person.objects.values_list("uid", "email"))
    uids = {email.lower(): uid for uid, email in people.items()}
    after = approvals_of(entry, before, uid_of=lambda email: uids[email])
    if refusal := approvals.strangers(after):
        raise Refused(Problem(*place_of(entry, "further.people"), refusal.sentence))
    named = ", ".join(sorted(people[uid] for uid in after.further.people)) or "nobody"
    if _note("approvals", before, after, ledger, shown={"further people": named}):
        approving.keep(after)


def _watch(url: str, ledger: Ledger) -> None:
    """The address is a secret: that it changed is all that is told."""
    try:
        before = dead_man.url()
    except WrongKey:
        before = None
    if url != before:
        dead_man.keep(url)
        ledger.note(("~" if before else "+") if url else "-", "watch", "address outside")


def _note(name: str, before: Any, after: Any, ledger: Ledger, *, shown: Mapping[str, str] | None = None) -> bool:
    """Whether the two differ; a line for the ledger when they do."""
    was = dict(_flat(before))
    differing = {key: value for key, value in _flat(after) if was.get(key) != value}
    lines = tuple(told(key, was.get(key), value, shown or {}) for key, value in differing.items())
    if differing:
        ledger.changes.append(Change("~", name, "settings", lines, tuple(map(words_of, differing))))
    return bool(differing)


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every plain value within, by the words that lead to it."""
    if is_dataclass(value):
        value = {each.name: getattr(value, each.name) for each in fields(value)}
    if isinstance(value, Mapping):
        for name, each in value.items():
            yield from _flat(each, f"{path} {name}".strip())
    else:
        yield (
            path,
            sorted(value) if isinstance(value, frozenset) else list(value) if isinstance(value, tuple) else value,
        )
