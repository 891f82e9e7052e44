"""What kind of file it is, by what stands in it."""

from typing import Final

from antiphon.core.configuration.sections import SECTIONS
from antiphon.core.configuration.tree import Node
from antiphon.core.sources.customers import header
from antiphon.core.sources.nodes import at, keys, words

KINDS: Final = ("antiphon", "backstage", "opslevel", "customers")
_TABLES: Final = (".csv", ".tsv")
_OPSLEVEL: Final = {"service", "component", "repository", "team"}


def recognise_table(name: str, text: str) -> bool:
    """Whether it is a table of customers: by the file's name, or by two columns of its first line that we know."""
    if name.lower().endswith(_TABLES):
        return True
    first = next((line for line in text.splitlines() if line.strip()), "")
    return not first.lstrip().startswith(("#", "-", "{", "[")) and len(header(text)[1]) > 1


def recognise(documents: tuple[Node, ...]) -> str:
    """The kind of a YAML file's documents; empty when none of those we know."""
    for node in documents:
        found = keys(node)
        if words(found.get("apiVersion")).startswith("backstage.io/") or ("kind" in found and at(node, "metadata")):
            return "backstage"
        if _OPSLEVEL & found.keys() and "catalog" not in found:
            return "opslevel"
        if {*found} & {*SECTIONS}:
            return "antiphon"
    return ""
