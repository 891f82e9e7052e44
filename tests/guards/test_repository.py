"""What the repository carries: no addresses of package registries, no machine's paths, nothing huge."""

import re

import pytest

from tests.guards.sources import ROOT, place, tracked

LARGEST = 1_000_000
REGISTRIES = re.compile(  # in two halves each, so that this file does not find itself
    "|".join(re.escape("".join(halves)) for halves in [
        ("py", "pi.org"), ("files.python", "hosted"), ("registry.np", "mjs"), ("deb.deb", "ian.org"),
        ("/opt/", "wheels"), ("/opt/", "pypi"), ("index", "-url ="), ("extra-", "index-url"),
    ])
)  # fmt: skip
MACHINES = re.compile(r"(?<![\w.~-])/(?:work/(?:main|shared)|root/|home/[a-z]+/)")
LOCKED = re.compile(r"^(?:[a-z0-9][a-z0-9.-]*==\S+(?: ; .+)? \\|    --hash=sha256:[0-9a-f]{64}(?: \\)?)$")


@pytest.fixture(scope="module")
def files():
    return tracked() or pytest.skip("not a clone: an sdist has no list of its files")


def _texts(files):
    for path in files:
        data = path.read_bytes()
        if b"\0" not in data:
            yield path, data.decode("utf-8")


def test_no_file_is_huge(files):
    huge = [f"{place(path)}: {path.stat().st_size} bytes" for path in files if path.stat().st_size > LARGEST]
    assert not huge, "\n".join(huge)


def test_no_registry_address_and_no_machine_path(files):
    found = [
        f"{place(path)}:{number}: {match.group()}"
        for path, text in _texts(files)
        for number, line in enumerate(text.splitlines(), 1)
        if (match := REGISTRIES.search(line) or MACHINES.search(line))
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("name", ["app", "dev"])
def test_lock_files_hold_versions_and_hashes_alone(name):
    lines = (ROOT / "lock" / f"{name}.txt").read_text().splitlines()
    assert [line for line in lines if not LOCKED.match(line)] == []


def test_the_dev_lock_holds_the_app_lock():
    def pins(name):
        lines = (ROOT / "lock" / f"{name}.txt").read_text().splitlines()
        return {line for line in lines if "==" in line}

    assert pins("app") <= pins("dev")
