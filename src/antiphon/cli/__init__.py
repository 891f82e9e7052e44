"""The command line."""


def main() -> int:
    """Run the command line; answers the exit code."""
    raise SystemExit("antiphon: no commands yet.")
