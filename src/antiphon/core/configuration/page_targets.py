"""The section `page_targets:` where the public pages are pushed to: a folder, a store that speaks S3, or a command."""

from typing import Any, Final

from antiphon.core.configuration import reading as read
from antiphon.core.configuration.fields import NAME, word
from antiphon.core.configuration.reading import MISSING, Field, Reading, Shape
from antiphon.core.configuration.tree import Entry, Node
from antiphon.core.page_targets import LONGEST_TIMEOUT, Bucket, Command, Folder, Target, check

KINDS: Final = ("folder", "s3", "command")


_store = Shape(
    "store",
    {
        "endpoint": Field(read.url, required=True),
        "bucket": Field(word, required=True),
        "access_key": Field(word, required=True),
        "secret_key": Field(
            word, required=True, because="Take it from the environment: “secret_key: {env: STATUS_S3_SECRET}”."
        ),
        "region": Field(word),
        "prefix": Field(word),
    },
)
_target = Shape(
    "page target",
    {
        "name": NAME,
        "folder": Field(read.text(500)),
        "s3": Field(read.record(_store)),
        "command": Field(read.list_of(read.text(4_000))),
        "timeout": Field(read.whole(1, LONGEST_TIMEOUT)),
    },
    key="name",
    defines="page target",
)
_list = read.list_of(read.record(_target))


def section(node: Node, path: str, reading: Reading) -> Any:
    """The targets, each of one kind."""
    found = _list(node, path, reading)
    for entry in found if found is not MISSING else ():
        kinds = [kind for kind in KINDS if kind in entry]
        if len(kinds) != 1:
            reading.refuse(entry.line, entry.path, "Give each target one of folder, s3 and command.")
        elif "name" in entry and (target := target_of(entry)) and (refusal := check(entry["name"], target)):
            reading.refuse(entry.at(kinds[0]), f"{entry.path}.{kinds[0]}", refusal.sentence)
    return found


def target_of(entry: Entry) -> Target | None:
    """The target that a record describes; None when something of it is missing, which was refused already."""
    if "folder" in entry:
        return Folder(path=entry["folder"])
    if "command" in entry:
        return Command(argv=tuple(entry["command"]), **entry.only("timeout"))
    store = entry["s3"]
    if any(name not in store for name in ("endpoint", "bucket", "access_key", "secret_key")):
        return None
    return Bucket(**store.values)
