"""How the demo speaks to the terminal: one calm line a step, with the clock's time; in colour only for people."""

import textwrap
from collections.abc import Iterable
from typing import Final, TextIO

from rich.console import Console
from rich.text import Text

from antiphon import clock

WHO_WIDTH: Final = 12
MARGIN: Final = 7 + WHO_WIDTH


class Narrator:
    """Prints the steps, unless `quiet`, and what must be known in any case."""

    def __init__(self, out: TextIO, *, quiet: bool = False) -> None:
        self._console = Console(file=out, highlight=False, soft_wrap=True)
        self._quiet = quiet

    def say(self, who: str, what: str) -> None:
        """One step of the story: who did it, and what it came to."""
        if self._quiet:
            return
        first, *others = self._wrapped(what)
        line = Text.assemble((f"{clock.now():%H:%M}  ", "dim"), (f"{who:<{WHO_WIDTH}} ", "bold"), first)
        self._console.print(line)
        for other in others:
            self._console.print(Text(" " * MARGIN + other))

    def show(self, *lines: str) -> None:
        """What is printed even when the story is not told."""
        for line in lines:
            self._console.print(Text(line))

    def titled(self, title: str, lines: Iterable[str]) -> None:
        """A heading with lines to read or copy below it; lines are never broken."""
        self._console.print(Text(f"\n{title}", "bold"))
        for line in lines:
            self._console.print(Text(f"  {line}"))

    def _wrapped(self, text: str) -> list[str]:
        if not self._console.is_terminal:
            return [text]
        return textwrap.wrap(text, max(self._console.width - MARGIN, 30)) or [""]
