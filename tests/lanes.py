"""What `./run test` runs, in order, each part named with its time and outcome.

./run test               lints and the quick tests on SQLite
./run test --all         also those that take seconds, PostgreSQL, killed processes and the browser
./run test WORDS...      only pytest, with these words: ./run test tests/core -k hold
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parent.parent
STORED = ("tests/contracts", "tests/journeys", "tests/edges")
DEFAULT = ("tests/guards", "tests/core", *STORED)


@dataclass(frozen=True)
class Part:
    """One command of a lane: its name for people, its words, what it adds to the environment."""

    name: str
    words: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """How one part ended: its exit code and how many seconds it took."""

    part: Part
    code: int
    seconds: float

    def __str__(self) -> str:
        return f"{'ok' if self.code == 0 else 'FAILED':7}{self.seconds:6.1f} s  {self.part.name}"


def python(name: str, *words: str, env: Mapping[str, str] | None = None) -> Part:
    """A part that runs a module of this environment."""
    return Part(name, (sys.executable, "-m", *words), env or {})


def pytest(name: str, folders: Iterable[str], *words: str, **env: str) -> Part:
    """A part that runs the tests of those folders that exist."""
    present = [folder for folder in folders if (ROOT / folder).is_dir()]
    return python(name, "pytest", "-q", *words, *present, env=env)


LINTS = [
    python("ruff check", "ruff", "check", "--output-format", "concise", "."),
    python("ruff format", "ruff", "format", "--check", "."),
    python("mypy --strict", "mypy", env={"ANTIPHON_SECRET_KEY": "none: types only"}),
    Part("import-linter", (str(Path(sys.executable).with_name("lint-imports")), "--no-logo")),
]
TESTS = pytest("tests on SQLite", DEFAULT, "-n", "2", "-m", "not patient")
PATIENT = ("-raP", "-o", "faulthandler_timeout=900")  # killing 300 processes takes minutes; what was seen is shown
SLOW = [
    pytest("patient tests on SQLite", DEFAULT, "-n", "2", "-m", "patient"),
    pytest("tests on PostgreSQL", STORED, "-n", "2", ANTIPHON_TEST_DATABASE="postgres"),
    pytest("properties on many examples", ["tests/core"], "-n", "2", "-m", "not patient", ANTIPHON_TEST_EXAMPLES="150"),
    pytest("faults", ["tests/faults"], *PATIENT),
    pytest("browser", ["tests/browser"], *PATIENT),
]


def run(part: Part, *, quiet: bool = False) -> Outcome:
    """Run one part to its end; a quiet one speaks only when it fails."""
    started = time.monotonic()
    if not quiet:
        print(f"\n── {part.name}", flush=True)
    done = subprocess.run(
        part.words,
        cwd=ROOT,
        env={**os.environ, **part.env},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if quiet else None,
        stderr=subprocess.STDOUT if quiet else None,
        text=True,
        check=False,
    )
    if quiet and done.returncode:
        print(f"\n── {part.name}\n{done.stdout}", flush=True)
    return Outcome(part, done.returncode, time.monotonic() - started)


def main(words: list[str]) -> int:
    """Run the lanes asked for; answers 0 only when every part passed."""
    if words and words != ["--all"]:
        return run(python("pytest", "pytest", *words)).code
    with ThreadPoolExecutor(max_workers=2) as pool:
        outcomes = list(pool.map(lambda part: run(part, quiet=True), LINTS))
    parts = [TESTS, *(SLOW if words else [])]
    outcomes += [run(part) for part in parts if part.words[-1].startswith("tests/")]
    print("", *outcomes, sep="\n", flush=True)
    return int(any(outcome.code for outcome in outcomes))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
