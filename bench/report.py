"""What every bench says in the same way: the machine, a spread over rounds, and its section of the performance page."""

import os
import platform
import re
import time
from collections.abc import Sequence
from pathlib import Path

PAGE = Path(__file__).parent.parent / "docs" / "reference" / "performance.md"


def machine() -> str:
    """What it was measured on."""
    names = re.findall(r"model name\s*:\s*(.*)", Path("/proc/cpuinfo").read_text())
    return (
        f"{os.cpu_count()} cores ({names[0] if names else platform.machine()}), Python"
        f" {platform.python_version()}, load {os.getloadavg()[0]:.1f}, {time.strftime('%Y-%m-%d', time.gmtime())}"
    )


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which this share of all lies, by nearest rank."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def write(section: str, heading: str, text: str) -> None:
    """Put the text between the section's marks on the performance page; the heading stands above a new one."""
    begin, end = f"<!-- {section} begins -->", f"<!-- {section} ends -->"
    page = PAGE.read_text() if PAGE.exists() else "# Performance\n"
    if begin not in page:
        page = f"{page.rstrip()}\n\n## {heading}\n\n{begin}\n{end}\n"
    before, _, rest = page.partition(begin)
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(f"{before}{begin}\n{text}\n{end}{rest.partition(end)[2]}")
