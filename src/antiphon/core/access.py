"""Who may do what: one table, role × action, and what a role in one incident adds.

Tokens are service accounts: they read and feed, and never approve. Customers and channels act through doors of their
own (a report, an acknowledging reply) that name their action here as well.
"""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from antiphon.core.decision import Actor, Refusal

ROLES: Final = ("admin", "responder", "communicator", "viewer")

_ALL: Final = frozenset(ROLES)
_WORK: Final = frozenset({"admin", "responder"})
_TELL: Final = frozenset({"admin", "communicator"})
_BOTH: Final = _WORK | _TELL
_ADMIN: Final = frozenset({"admin"})

ACTIONS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        # seeing
        "incident.see": _ALL,
        "alert.see": _ALL,
        "catalog.see": _ALL,
        "on_call.see": _ALL,
        "record.export": _BOTH,
        # alerts
        "alert.declare": _BOTH,
        "alert.dismiss": _WORK,
        "alert.silence": _WORK,
        # the incident
        "incident.declare": _BOTH,
        "incident.edit": _BOTH,
        "incident.severity": _BOTH,
        "incident.stage": _WORK,
        "incident.resolve": _WORK,
        "incident.close": _BOTH,
        "incident.cancel": _WORK,
        "incident.merge": _WORK,
        "incident.note": _BOTH,
        "role.assign": _BOTH,
        "task.change": _BOTH,
        "workaround.change": _WORK,
        "change.record": _WORK,
        "track.finish": _BOTH,
        "review.write": _BOTH,
        # verdict
        "question.answer": _BOTH,
        "verdict.override": _BOTH,
        # paging
        "page.acknowledge": _BOTH,
        "page.start": _BOTH,
        "on_call.override": _WORK,
        # telling
        "fact.record": _BOTH,
        "promise.keep": _BOTH,
        "update.draft": _BOTH,
        "update.approve_technical": _WORK,
        "update.approve": _BOTH,
        "update.publish": _TELL,
        "update.bypass": _ADMIN,
        "holding.approve": _TELL,
        "maintenance.plan": _BOTH,
        "maintenance.approve": _BOTH,
        # configuration
        "catalog.change": _WORK,
        "customer.change": _BOTH,
        "customer.tag": _TELL,
        "contact.erase": _ADMIN,
        "ticket.import": _BOTH,
        "configuration.see": _BOTH,
        "configuration.change": _ADMIN,
        "people.change": _ADMIN,
        "token.change": _ADMIN,
        "drill.start": _WORK,
    }
)
"""Every action there is, and the roles that may take it anywhere."""

INCIDENT_ROLES: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "incident commander": frozenset(
            name
            for name in ACTIONS
            if name.startswith(("incident.", "role.", "task.", "track.", "update.", "fact.", "promise.", "page."))
        )
        - {"update.bypass"}
        | {"verdict.override", "question.answer", "workaround.change", "change.record", "review.write"},
        "communications officer": frozenset(
            {"update.draft", "update.publish", "fact.record", "promise.keep", "customer.tag", "incident.note"}
        ),
        "technical lead": frozenset(
            {"update.draft", "update.approve_technical", "update.approve", "fact.record", "incident.stage"}
            | {"incident.resolve", "task.change", "track.finish", "question.answer", "workaround.change"}
        ),
        "business lead": frozenset(
            {"update.draft", "update.publish", "fact.record", "promise.keep", "task.change", "track.finish"}
            | {"question.answer", "incident.close"}
        ),
        "scribe": frozenset({"incident.note", "fact.record", "change.record", "review.write"}),
    }
)
"""What a role in one incident adds in that incident, whatever the person's role elsewhere."""

NEVER_BY_TOKEN: Final = frozenset(
    {"update.approve_technical", "update.approve", "update.publish", "update.bypass"}
    | {"holding.approve", "maintenance.approve"}
    | {"alert.dismiss", "incident.cancel", "people.change", "token.change", "contact.erase"}
)
"""Where a person has to answer for it: a model or automation may draft, never approve or send outside."""

WITHOUT_ROLE: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {"sender": frozenset({"page.acknowledge"}), "customer": frozenset({"incident.report"})}
)
"""What those may do who have no account: reply to a page, report a problem."""


def may(actor: Actor, action: str, *, incident_roles: Iterable[str] = ()) -> Refusal | None:
    """None when the actor may; else a refusal that says what is missing.

    `incident_roles`: the roles the person holds in the incident at hand, added to those the actor carries. Raises
    KeyError for an action that is not in the table: a route without an action is a fault of ours.
    """
    known = ACTIONS.get(action)
    if actor.kind in WITHOUT_ROLE and action in WITHOUT_ROLE[actor.kind]:
        return None
    if known is None:
        raise KeyError(f"“{action}” is not in the table of core/access.py; add it there.")
    if actor.kind == "system":
        return _by_system(action)
    if actor.kind == "token" and action in NEVER_BY_TOKEN:
        return Refusal("A token cannot do this: a person has to answer for it. Sign in and do it yourself.", "actor")
    if actor.kind not in ("person", "token"):
        return Refusal("Sign in first.", "actor")
    held = {*actor.incident_roles, *incident_roles} if actor.kind == "person" else set()
    if actor.role in known or any(action in INCIDENT_ROLES.get(role, ()) for role in held):
        return None
    needed = ", ".join(role for role in ROLES if role in known)
    return Refusal(f"Your role ({actor.role or 'none'}) does not allow this; it takes: {needed}.", "actor")


def _by_system(action: str) -> Refusal | None:
    """The engine acts by rules that people set; it never approves, and sends only what was approved."""
    if action in ("update.approve_technical", "update.approve", "update.bypass") or action.endswith(".approve"):
        return Refusal("Only a person approves.", "actor")
    return None


def matrix() -> Iterator[tuple[str, str, str, bool]]:
    """Every (kind of actor, role, action, allowed), for the generated test and the documentation."""
    for kind in ("person", "token"):
        for role in ROLES:
            for action in ACTIONS:
                yield kind, role, action, may(Actor(kind=kind, uid="any", role=role), action) is None
