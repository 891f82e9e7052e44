"""The wheel carries all that the program needs at run time, and the sdist nothing made by running it."""

import subprocess
import sys
import tarfile
import zipfile

import pytest

from tests.guards.sources import PACKAGE, ROOT, tracked


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    words = [sys.executable, "-m", "hatchling", "build", "--directory", str(folder)]
    subprocess.run(words, cwd=ROOT, check=True, capture_output=True)
    return folder


def test_the_wheel_carries_every_file_of_the_package(built):
    (wheel,) = built.glob("*.whl")
    carried = set(zipfile.ZipFile(wheel).namelist())
    ours = {path for path in tracked() if path.is_relative_to(PACKAGE)}
    missing = {str(path.relative_to(ROOT / "src")) for path in ours} - carried
    assert not missing
    assert any(name.endswith("licenses/LICENSE") for name in carried)
    assert not [name for name in carried if name.startswith(("tests/", "docs/", "bench/"))]


def test_the_sdist_is_clean(built):
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = [name.partition("/")[2] for name in archive.getnames()]
    assert {"pyproject.toml", "README.md", "LICENSE", "src/antiphon/py.typed"} <= set(names)
    made = (".pyc", ".sqlite3", ".log", ".sqlite3-wal")
    assert not [name for name in names if name.endswith(made) or "__pycache__" in name or name.startswith(".venv")]
