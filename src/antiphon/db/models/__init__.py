"""Every table, by noun. `db.public` holds the ones that a public page may read."""

from antiphon.db.models.alerts import (
    Alert,
    AlertDetail,
    AlertLog,
    ChangeEvent,
    Integration,
    Notice,
    UnreadableAlert,
)
from antiphon.db.models.approving import ApprovalAsk, ApprovalWait
from antiphon.db.models.auditing import Audit, AuditFinding, CustomerReport
from antiphon.db.models.calls import Call, CallAttempt
from antiphon.db.models.catalog import (
    Contact,
    Contract,
    Entity,
    Link,
    SegmentSuggestion,
    Stakeholder,
    StatusSpan,
    Suppression,
    Ticket,
)
from antiphon.db.models.deliveries import Attempt, Delivery, Text
from antiphon.db.models.follow_ups import FollowUp
from antiphon.db.models.groups import AlertGroup
from antiphon.db.models.incidents import (
    Affected,
    GivenAnswer,
    Incident,
    Promise,
    Review,
    RoleAssignment,
    Task,
    Track,
    Verdict,
    Workaround,
)
from antiphon.db.models.oncall import DutyRole, Policy, Rota, RotaOverride
from antiphon.db.models.organisation import ChannelSettings, Node, Organisation, Revision
from antiphon.db.models.page_targets import PageTarget
from antiphon.db.models.paging import Escalation, Page
from antiphon.db.models.people import ApiToken, ContactMethod, Person, SignInLink
from antiphon.db.models.reactions import Reaction, StrayMail
from antiphon.db.models.record import Event, Stream
from antiphon.db.models.reviews import TemplateReview
from antiphon.db.models.rules import Maintenance, Rule
from antiphon.db.models.social import SocialPost
from antiphon.db.models.subscribers import Subscriber
from antiphon.db.models.telling import Fact, HoldingMessage, MessageTemplate, Update, Version
from antiphon.db.public import PublicBrand, PublicComponent, PublicIncident, PublicPage, PublicSpan, PublicUpdate

__all__ = [
    "Affected",
    "Alert",
    "AlertDetail",
    "AlertGroup",
    "AlertLog",
    "ApiToken",
    "ApprovalAsk",
    "ApprovalWait",
    "Attempt",
    "Audit",
    "AuditFinding",
    "Call",
    "CallAttempt",
    "ChangeEvent",
    "ChannelSettings",
    "Contact",
    "ContactMethod",
    "Contract",
    "CustomerReport",
    "Delivery",
    "DutyRole",
    "Entity",
    "Escalation",
    "Event",
    "Fact",
    "FollowUp",
    "GivenAnswer",
    "HoldingMessage",
    "Incident",
    "Integration",
    "Link",
    "Maintenance",
    "MessageTemplate",
    "Node",
    "Notice",
    "Organisation",
    "Page",
    "PageTarget",
    "Person",
    "Policy",
    "Promise",
    "PublicBrand",
    "PublicComponent",
    "PublicIncident",
    "PublicPage",
    "PublicSpan",
    "PublicUpdate",
    "Reaction",
    "Review",
    "Revision",
    "RoleAssignment",
    "Rota",
    "RotaOverride",
    "Rule",
    "SegmentSuggestion",
    "SignInLink",
    "SocialPost",
    "Stakeholder",
    "StatusSpan",
    "StrayMail",
    "Stream",
    "Subscriber",
    "Suppression",
    "Task",
    "TemplateReview",
    "Text",
    "Ticket",
    "Track",
    "UnreadableAlert",
    "Update",
    "Verdict",
    "Version",
    "Workaround",
]
