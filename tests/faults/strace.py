"""What a process asks of the kernel, by strace: the order of a request's read, the syncs, and the answer's write.

kill -9 loses nothing that was written and not synced, because the kernel still has it; so it cannot show a sync.
"""

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.faults.installation import Running

CALLS: Final = "read,recvfrom,recvmsg,fsync,fdatasync,write,writev,sendto,sendmsg"
ABSENT: Final = "strace is not on this machine: install it with `apt install strace` to run this test."
_LINE = re.compile(
    r"^(?P<thread>\d+) +"
    r"(?:<\.\.\. (?P<resumed>\w+) resumed>(?P<rest>.*)"
    r"|(?P<name>\w+)\((?P<file>\d+)<(?P<path>.*?)>(?P<words>.*))$"
)


@dataclass(frozen=True)
class Call:
    """One call: when it began and ended, as numbers of lines; its file (`socket:[…]` is a connection); what it says."""

    name: str
    file: str
    path: str
    words: str
    began: int
    ended: int


@contextmanager
def traced(running: Running, log: Path) -> Iterator[None]:
    """Trace the process and its threads while the block lasts."""
    words = ["strace", "-f", "-y", "-s", "2000", "-e", f"trace={CALLS}", "-o", str(log), "-p", str(running.pid)]
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as strace:
        assert strace.stderr is not None
        try:
            first = strace.stderr.readline()
            assert "attached" in first, first
            yield
        finally:
            strace.terminate()


def why_not() -> str:
    """Why nothing can be traced here; empty when it can."""
    if shutil.which("strace") is None:
        return ABSENT
    tried = subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True, text=True, check=False)
    return "" if tried.returncode == 0 else f"strace may not trace here: {tried.stderr.strip()}"


def calls(log: Path) -> list[Call]:
    """The calls that ended, in the order in which they ended."""
    found, open_ones = [], dict[str, Call]()
    for number, line in enumerate(log.read_text(errors="replace").splitlines()):
        match = _LINE.match(line)
        if match is None:
            continue
        if match["resumed"]:
            begun = open_ones.pop(match["thread"], None)
            if begun is not None:
                words = begun.words + match["rest"]
                found.append(Call(begun.name, begun.file, begun.path, words, begun.began, number))
            continue
        call = Call(match["name"], match["file"], match["path"], match["words"], number, number)
        if line.endswith("<unfinished ...>"):
            open_ones[match["thread"]] = call
        else:
            found.append(call)
    return found
