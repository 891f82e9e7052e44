"""The random sequences of telling at length: 100,000 on the pure rules, 1,000 on each database with crashes in them."""

import os
import subprocess
import sys

import pytest

from tests import postgres
from tests.lanes import ROOT


def played(test: str, sequences: int, *words: str, **env: str) -> str:
    """What pytest printed; the test plays so many sequences."""
    known = {**os.environ, "ANTIPHON_SEQUENCES": str(sequences), **env}
    command = [sys.executable, "-m", "pytest", "-q", "-rP", "-o", "faulthandler_timeout=1800", *words, test]
    done = subprocess.run(command, cwd=ROOT, env=known, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:]
    return done.stdout


def test_100_000_sequences_of_the_pure_rules() -> None:
    print(played("tests/core/test_sequences.py", 100_000))


@pytest.mark.parametrize("database", ["", "postgres"])
def test_1_000_sequences_with_crashes(database: str) -> None:
    if database:
        try:
            postgres.programs()
        except postgres.Absent as absent:
            pytest.skip(str(absent))
    print(played("tests/journeys/test_sequences.py", 1_000, "-n", "2", ANTIPHON_TEST_DATABASE=database))
