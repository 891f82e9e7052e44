"""Lists of words that the lint goes by."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final


def _words(lines: str) -> frozenset[str]:
    return frozenset(lines.split())


GENERIC: Final = _words(
    """
    a an and are at be been by can cannot currently customers do down experiencing for from has have in incident
    interruption investigating is issue issues it its looking may might moment now of on or our outage outages problem
    problems reports service services site situation slow some status sorry still system systems technical platform
    team the there these this to unavailable up us users was we were what with working you your aware affected
    affecting all apologise apologize inconvenience caused any degraded disruption offline error errors failing
    identified into matter please bear thank thanks patience understanding soon shortly back again engineers facing
    seeing update details more information resolved fixed monitoring fix investigation ongoing hello dear not since
    utc gmt cet today been detected first began started found again europe january february march april june july
    august september october november december monday tuesday wednesday thursday friday saturday sunday
    """
)
"""Words that say nothing of what exactly is wrong."""

GERMAN_GENERIC: Final = _words(
    """
    aber aktuell aktuelle aktueller alle als arbeiten auch aufgrund aus bei beeinträchtigt behoben bereits betroffen
    bitte bekannt danke daran das dass dem den der derzeit des die dienst dienste diese diesem diesen dieser dieses
    ein eine einem einen einer eines entschuldigen entschuldigung erreichbar es etwas fehler gerade gestört gibt guten
    haben hallo hochdruck ihre ihnen ihr im ist kann kein keine kommen können kümmern langsam leider liegt mehr mit
    momentan möglich nicht noch normal oder plattform problem probleme prüfen sehr seit server service sie sind
    störung störungen system systeme tag team techniker technische technischen teilweise tun uhr und uns unser unsere
    unserer unseren untersuchen unterbrechung ursache verfügbar verständnis vielen vor vorfall webseite website werden
    wieder wir wird wurde zum zur zurzeit ausfall ausgefallen eingeschränkt eingeschränkte unannehmlichkeiten geduld
    informationen weitere folgen kunden nutzer benutzer anwender europa deutschland österreich schweiz mez mesz utc
    januar februar märz april mai juni juli august september oktober november dezember montag dienstag mittwoch
    donnerstag freitag samstag sonntag heute gestern festgestellt alle einige manche
    """
)

GIVEN_NAMES: Final = _words(
    """
    Abdul Adam Adrian Ahmed Aisha Alan Albert Alejandro Alex Alexander Alexandra Ali Alice Alicia Allison Amanda Amelia
    Amit Amy Ana Andrea Andrew Angela Anita Anja Anna Anne Anthony Antonio Arjun Arthur Ashley Barbara Beatrice Ben
    Benjamin Bernd Beth Birgit Bob Bobby Boris Brad Brandon Brian Bruce Carl Carla Carlos Carol Caroline Catherine
    Chloe Chris Christian Christina Christoph Christopher Cindy Claire Claudia Colin Craig Cynthia Daniel Dave David
    Deborah Deepak Denise Dennis Derek Diana Dieter Dominic Donald Donna Doris Doug Edward Elena Elizabeth Ella Ellen
    Emilia Emily Emma Emmanuel Eric Erik Ernst Ethan Eva Fatima Felix Fernando Fiona Florian Francesca Francois Frank
    Gabriel Gary Georg George Gerald Giovanni Giulia Gregory Guillaume Hannah Hans Harald Harry Hassan Heather Heidi
    Heike Heinz Helen Henrik Henry Hugo Ian Ibrahim Igor Ingrid Isabel Isabella Ivan Jack Jacob Jake James Jamie Jan
    Jane Janet Jason Javier Jean Jeff Jeffrey Jennifer Jens Jeremy Jessica Jill Jim Jimmy Joachim Joan Joanna Joe Joel
    Johannes John Jonas Jonathan Jorge Jose Joseph Joshua Juan Judith Juergen Julia Julian Justin Jürgen Karen
    Karin Karl Katarina Kate Katharina Kathleen Katie Keith Ken Kenneth Kevin Kim Klaus Kristin Kumar Kyle Larry Lars
    Laura Laurent Lea Leah Lena Leo Leon Leonard Liam Linda Lisa Lorenzo Louis Louise Luca Lucas Lucy Luis Lukas Luke
    Lutz Magnus Manuel Marco Marcus Margaret Maria Marie Marina Mario Markus Marta Martin Mary Mateo Mathias Matt
    Matthew Matthias Maximilian Megan Melanie Melissa Michael Michelle Miguel Mike Mohamed Mohammad Mohammed Monica
    Monika Muhammad Nancy Natalia Natalie Nathan Neha Neil Nick Nicolas Nicole Niklas Nina Noah Norbert Olga Oliver
    Omar Oscar Otto Pablo Pamela Paolo Patricia Patrick Paul Pavel Pedro Peter Petra Phil Philip Philipp Pierre
    Priya Rachel Rahul Raj Ralf Ralph Ramon Raphael Rebecca Renate Ricardo Richard Rob Robert Roberto Roger Rohan
    Roland Ron Ronald Ruth Ryan Sabine Sally Sam Samantha Samuel Sandeep Sandra Sanjay Sara Sarah Sean Sebastian Sergei
    Sergio Shannon Sharon Silvia Simon Simone Sofia Sonja Sophie Stefan Stefanie Stephan Stephanie Stephen Steve Steven
    Stuart Sunil Susan Susanne Sven Svetlana Tania Tanja Teresa Terry Theo Theresa Thomas Thorsten Tim Tina Tobias Todd
    Tom Tony Torsten Uwe Valentina Vanessa Vera Vijay Vincent Vivian Vladimir Walter Wayne Wei Wendy Werner
    William Wolfgang Xavier Yuki Yusuf Yvonne Zoe
    """
)
"""Given names that are seldom anything else; the organisation's own people are named by it."""

MACHINES: Final = _words(
    """
    api app backend bastion broker cache cdn ceph cluster consul db dc dev dns ec2 elastic etcd frontend fw
    gateway gw haproxy host ingress ip kafka k8s lb ldap mail master memcached mongo mq mx mysql nas nginx node ns
    pg pod postgres primary prod proxy psql queue rabbitmq rack redis replica router rtr san server shard
    slave smtp solr spine sql srv staging storage store sw switch tor vault vm vpn web worker www
    """
)
"""Pieces of names that only machines have."""

COMMON_ACRONYMS: Final = _words(
    """
    AM PM ET CT MT PT UTC EU US USA UK UN UAE EMEA APAC OK ID PDF FAQ SMS PIN ATM TV PC VAT IBAN BIC SEPA GDPR CEO CTO
    CFO CSV USB GPS QR AI IT HR SIM EUR USD GBP CHF JPY ASAP FYI II III IV NO NOT ALL AND OR ONLY NEW NEXT UPDATE ETA
    HTTP HTTPS
    """
)
"""Abbreviations and words in capitals that everybody reads."""

GLOSSARY: Final[Mapping[str, str]] = MappingProxyType(
    {
        "API": "the interface your programs use",
        "auth": "sign-in",
        "authentication": "sign-in",
        "backend": "our systems",
        "bandwidth": "capacity",
        "BGP": "internet routing",
        "cache": "temporary storage",
        "CDN": "content delivery",
        "circuit breaker": "safety switch",
        "cluster": "group of servers",
        "connection pool": "capacity for connections",
        "container": "part of the application",
        "CPU": "computing capacity",
        "cron": "scheduled work",
        "daemon": "program",
        "DDoS": "flood of false requests",
        "deadlock": "blocked work",
        "deploy": "release",
        "deployed": "released",
        "deployment": "release",
        "DNS": "the internet's address book",
        "downstream": "dependent",
        "egress": "outgoing traffic",
        "Elasticsearch": "search",
        "endpoint": "address",
        "exception": "fault",
        "failed over": "switched to the standby system",
        "failover": "switch to the standby system",
        "firmware": "device software",
        "frontend": "website",
        "garbage collection": "memory clean-up",
        "HAProxy": "traffic distribution",
        "heap": "memory",
        "hotfix": "correction",
        "hypervisor": "server",
        "I/O": "reading and writing",
        "ingress": "incoming traffic",
        "IOPS": "storage speed",
        "k8s": "our platform",
        "Kafka": "message system",
        "kernel": "operating system",
        "Kubernetes": "our platform",
        "latency": "delay",
        "LDAP": "sign-in directory",
        "load balancer": "traffic distribution",
        "memory leak": "memory fault",
        "microservice": "part of the application",
        "middleware": "connecting software",
        "MongoDB": "database",
        "MySQL": "database",
        "namespace": "area",
        "nginx": "web server",
        "node": "server",
        "OOM": "out of memory",
        "out of memory": "overloaded",
        "p95": "slowest requests",
        "p99": "slowest requests",
        "packet loss": "connection fault",
        "payload": "data",
        "pod": "part of the application",
        "Postgres": "database",
        "PostgreSQL": "database",
        "primary": "main system",
        "proxy": "intermediate server",
        "queries": "requests",
        "query": "request",
        "RabbitMQ": "message system",
        "RAID": "storage",
        "rate limit": "limit",
        "RCA": "review",
        "Redis": "temporary storage",
        "regression": "fault in a new version",
        "replica": "copy",
        "replication": "copying of data",
        "roll back": "return to the previous version",
        "rollback": "return to the previous version",
        "rolled back": "returned to the previous version",
        "RPC": "internal request",
        "SAML": "sign-in",
        "segfault": "crash",
        "shard": "part of the database",
        "SLO": "target",
        "SQL": "database",
        "SSH": "remote access",
        "SSL": "secure connection",
        "stack trace": "technical record",
        "subnet": "network part",
        "SYN flood": "flood of false requests",
        "TCP": "network connection",
        "thread": "work unit",
        "thread pool": "capacity",
        "throttling": "slowing down",
        "throughput": "amount handled",
        "timed out": "had no answer in time",
        "timeout": "no answer in time",
        "timeouts": "no answer in time",
        "TLS": "secure connection",
        "TTL": "waiting time",
        "upstream": "supplier's",
        "VLAN": "network",
        "VM": "server",
        "VPC": "network",
        "webhook": "automatic notice",
    }
)
"""Jargon and what to say instead. An organisation adds its own words."""
