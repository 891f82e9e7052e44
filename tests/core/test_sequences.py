"""Whatever people do in whatever order: 0 unapproved bytes leave, 0 secrets leak, 0 readers are left behind."""

import os

from tests.core.sequences import Life

SEQUENCES = int(os.environ.get("ANTIPHON_SEQUENCES", "300"))
"""`./run test --all` plays 100,000."""


def test_I25_I26_I29_no_sequence_sends_what_was_not_approved_or_leaves_anybody_behind() -> None:
    left = 0
    for seed in range(SEQUENCES):
        try:
            left += Life(seed).live(steps=14)
        except AssertionError as error:
            raise AssertionError(f"sequence {seed}: {error}") from error
    assert left > SEQUENCES, "hardly anything was sent: the sequences prove nothing"
    print(f"{SEQUENCES} sequences, {left} texts for people outside")
