"""The base of all events.

An event's fields are plain values (text, numbers, instants, tuples of these). Fields named in
`personal` hold text about people; they are stored beside the chain so that erasing them leaves it
whole. A class that changes its fields gets a new `version` and keeps reading the old one.
"""

from typing import ClassVar

import msgspec


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    """Base of all events. `kind` is the tag; `sentence()` is what the timeline shows."""

    version: ClassVar[int] = 1
    personal: ClassVar[frozenset[str]] = frozenset()
    milestone: ClassVar[bool] = False

    @classmethod
    def kind_of(cls) -> str:
        """The kind as stored, e.g. `incident.declared`."""
        tag = cls.__struct_config__.tag
        assert isinstance(tag, str)
        return tag

    def sentence(self) -> str:
        """One plain sentence for the timeline, inside readers."""
        raise NotImplementedError
