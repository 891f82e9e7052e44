"""`antiphon version`."""

from argparse import Namespace
from typing import Any

from antiphon import __version__


def register(subparsers: Any) -> None:
    """No words of its own."""
    subparsers.add_parser("version", help="print the version")


def run(args: Namespace) -> int:
    """Print the version."""
    print(f"antiphon {__version__}")
    return 0
