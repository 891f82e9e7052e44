r"""What the scorer looks for: each signal with its words, its weight and the side it speaks for, all to be seen.

A word is a plain phrase ("ssh key"), a phrase with any ending ("invoice*"), or an RE2 pattern between slashes
("/HTTP 5\d\d/"). Case never matters. The signals are those of DOMAIN §8.1; an organisation may change words and
weights, and only what differs from here is kept.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any, Final

from antiphon.core.audiences import Segment
from antiphon.core.decision import Refusal
from antiphon.core.segments.words import fit_together, not_a_word

TECHNICAL: Final = str(Segment.TECHNICAL)
BUSINESS: Final = str(Segment.BUSINESS)
SIDES: Final = (TECHNICAL, BUSINESS)
MOST_WORDS: Final = 200
HEAVIEST: Final = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """`says` completes "the customer …"; `weight` is counted once for each ticket; `least`: so many different words
    must be in a ticket before it counts."""

    name: str
    side: str
    says: str
    words: tuple[str, ...]
    weight: float
    least: int = 1


DEFAULTS: Final = (
    Signal(
        name="keys",
        side=TECHNICAL,
        says="asked for API access or SSH keys",
        weight=2.0,
        words=(
            "ssh key*", "ssh access", "public key", "authorized_keys", "api key*", "api access", "api token*",
            "api endpoint*", "rest api", "graphql", "oauth", "webhook*", "service account", "rate limit*",
        ),
    ),
    Signal(
        name="logs",
        side=TECHNICAL,
        says="quoted log lines",
        weight=2.0,
        words=(
            "stack trace", "stacktrace", "core dump", "traceback", "access log", "error log", "syslog",
            r"/\d{4}-\d\d-\d\d[T ][\d:.,Z+]{8,24} \[?(?:debug|info|warn|error|fatal|critical)/",
            r"/\[(?:error|warn|crit|emerg|alert)\]/", r"/\bat [\w.$]{3,60}\([\w.]{1,40}:\d{1,6}\)/",
            r"/\bFile \"[^\"\s]{1,60}\", line \d{1,6}/",
        ),
    ),
    Signal(
        name="codes",
        side=TECHNICAL,
        says="quoted an error code",
        weight=1.5,
        words=(
            r"/\bHTTP[ /]?(?:\d\.\d )?[45]\d\d\b/", r"/\b(?:error|status|exit) code:? \d{1,6}\b/",
            r"/\berrno:? ?\d{1,4}\b/", r"/\b0x[0-9a-f]{6,16}\b/", r"/\bORA-\d{5}\b/", r"/\bSQLSTATE\b/",
            r"/\bE(?:CONNREFUSED|CONNRESET|TIMEDOUT|ACCES|NOENT|PIPE|AI_AGAIN)\b/", r"/\bNXDOMAIN\b/",
            r"/\bSERVFAIL\b/", "connection refused", "connection reset by peer", "segmentation fault",
        ),
    ),
    Signal(
        name="terms",
        side=TECHNICAL,
        says="used hosting terms",
        weight=1.0,
        least=2,
        words=(
            "dns record*", "cname", "mx record*", "ttl", "cron job*", "crontab", "load balancer*", "reverse proxy",
            "virtual host*", "vhost", "docker", "kubernetes", "replica*", "failover", "connection pool*", "tls",
            "certificate chain", "inode*", "packet loss", "traceroute", "latency", "nginx", "apache", "mysql",
            "mariadb", "postgres*", "redis", "php-fpm", "deploy*", "staging", "ipv6", "firewall rule*", "htaccess",
        ),
    ),
    Signal(
        name="infrastructure",
        side=TECHNICAL,
        says="asked for infrastructure specifications",
        weight=1.5,
        words=(
            "vcpu*", "cpu core*", "iops", "bandwidth", "memory limit*", "disk quota", "php version", "kernel version",
            "mysql version", "data center location", "data centre location", "hardware specification*",
            "server specification*", "technical specification*", "network diagram", "ip range*",
        ),
    ),
    Signal(
        name="guarantees",
        side=BUSINESS,
        says="asked about uptime guarantees or SLA terms",
        weight=2.0,
        words=(
            "sla", "slas", "service level*", "uptime guarantee*", "guaranteed uptime", "guaranteed availability",
            "service credit*", "compensation", "contract terms", "terms of contract", "99.9", "99.99",
        ),
    ),
    Signal(
        name="website",
        side=BUSINESS,
        says="asked how the website works",
        weight=1.5,
        words=(
            "our website", "my website", "our site", "web shop", "webshop", "online shop", "contact form",
            "order form", "shopping cart", "homepage", "home page", "booking page", "the button", "our logo",
            "product page*", "newsletter", "cannot log in", "can't log in",
        ),
    ),
    Signal(
        name="billing",
        side=BUSINESS,
        says="asked about billing or accounts",
        weight=1.5,
        words=(
            "invoice*", "billing", "refund*", "payment method", "credit card on file", "direct debit", "vat number",
            "account holder", "our account", "account manager", "subscription", "upgrade our plan", "our plan",
            "cancel our contract", "price list", "quote for",
        ),
    ),
    Signal(
        name="trade",
        side=BUSINESS,
        says="described effects on trade",
        weight=2.0,
        words=(
            "losing sales", "lost sales", "lost orders", "losing orders", "losing money", "losing customers",
            "lost revenue", "losing revenue", "our customers", "our guests", "our clients", "cannot order",
            "can't order", "cannot buy", "can't buy", "cannot book", "no bookings", "no orders", "turnover",
            "our business", "our staff", "sales team", "reputation", "busiest day",
        ),
    ),
)  # fmt: skip
"""As shipped."""


def signals(differences: Mapping[str, Any] | None = None) -> tuple[Signal, ...]:
    """The signals as they hold here; `differences` is what `difference` made of each. What does not fit is left out,
    so that an old or strange setting never stops the scoring."""
    kept = differences if isinstance(differences, Mapping) else {}
    return tuple(_changed(signal, kept.get(signal.name)) for signal in DEFAULTS)


def check(*, words: Iterable[str], weight: float) -> Refusal | None:
    """Whether a signal may have these words and this weight; the refusal's field is words or weight."""
    listed = tuple(words)
    if not (isfinite(weight) and 0 <= weight <= HEAVIEST):
        return Refusal(f"A weight is a number from 0 (switched off) to {HEAVIEST:g}.", "weight")
    if not listed:
        return Refusal("Give at least one word; to switch a signal off, give it the weight 0.", "words")
    if len(listed) > MOST_WORDS:
        return Refusal(f"A signal has at most {MOST_WORDS} words; this has {len(listed)}: take some away.", "words")
    wrong = next(filter(None, map(not_a_word, listed)), "")
    if not wrong and not fit_together(listed):
        wrong = "Together these patterns are too large to be looked for: make them simpler."
    return Refusal(wrong, "words") if wrong else None


def difference(name: str, *, words: Iterable[str], weight: float) -> dict[str, Any]:
    """What distinguishes these words and this weight from the default's; empty when nothing does."""
    default = next(signal for signal in DEFAULTS if signal.name == name)
    wanted = tuple(dict.fromkeys(words))
    found: dict[str, Any] = {} if weight == default.weight else {"weight": weight}
    if more := [word for word in wanted if word not in default.words]:
        found["more"] = more
    if without := [word for word in default.words if word not in wanted]:
        found["without"] = without
    return found


def _changed(signal: Signal, said: object) -> Signal:
    if not isinstance(said, Mapping):
        return signal
    more, without = _texts(said.get("more")), _texts(said.get("without"))
    words = (*(word for word in signal.words if word not in without), *more)
    weight = said.get("weight", signal.weight)
    weight = float(weight) if isinstance(weight, int | float) else signal.weight
    if check(words=words, weight=weight):
        return signal
    return replace(signal, words=tuple(dict.fromkeys(words)), weight=weight)


def _texts(given: object) -> tuple[str, ...]:
    return tuple(each for each in given if isinstance(each, str)) if isinstance(given, list | tuple) else ()
