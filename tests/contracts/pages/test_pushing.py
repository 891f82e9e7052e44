"""Public pages on other hosts: a real folder, a store that checks every signature, a real command."""

import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.core.decision import Refusal
from antiphon.core.page_targets import Bucket, Command, Folder, Target, changes, check, wait
from antiphon.egress.guard import EgressPolicy
from antiphon.egress.s3 import signed
from antiphon.egress.transport import Transport
from antiphon.pages import pushing
from antiphon.pages.pushing import NotPushed
from tests.contracts.pages.store import BROKEN, CUT, FORBIDDEN, SLOW, Store

pytestmark = pytest.mark.patient
NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
FILES = {
    "index.html": b"<p>All well",
    "p/europe/index.html": b"<p>Europe",
    "incidents/abc.html": b"<p>One",
    "api/v2/summary.json": b"{}",
    "style.css": b"p{}",
    "style.css.gz": b"\x1f\x8b",
    "caf\u00e9 +&.html": b"odd",
}


def way(deadline: float = 5.0) -> Callable[[], Transport]:
    return lambda: Transport(EgressPolicy(allowed_private=(ip_network("127.0.0.0/8"),)), deadline=deadline)


def push(
    target: Target, files: dict[str, bytes], shown: dict[str, str] | None = None, deadline: float = 5.0
) -> dict[str, str]:
    """Push, and answer what the target shows by what it said was done."""
    shown = {} if shown is None else shown
    wanted = pushing.hashes(files, target)

    def done(name: str) -> None:
        if name in wanted:
            shown[name] = wanted[name]
        else:
            del shown[name]

    pushing.push(target, files, changes(shown, wanted), done=done, transport=way(deadline), now=NOW)
    return shown


# --- what is sent ------------------------------------------------------------------------------------------------

_names = st.dictionaries(st.sampled_from(["index.html", "a.html", "b.css", "p/x/index.html"]), st.sampled_from("xyz"))


@given(_names, _names)
def test_what_changed_is_sent_and_what_is_gone_removed(shown: dict[str, str], wanted: dict[str, str]) -> None:
    todo = changes(shown, wanted)
    after = {name: wanted[name] if name in todo.put else digest for name, digest in shown.items()}
    after |= {name: wanted[name] for name in todo.put}
    assert {name: after[name] for name in after if name not in todo.remove} == wanted
    assert set(todo.put).isdisjoint(todo.remove)
    fronts = [name.endswith("index.html") for name in todo.put]
    assert fronts == sorted(fronts), "a page after what it links to"


@given(st.integers(1, 10_000))
def test_it_is_tried_again_soon_and_then_at_least_every_ten_minutes(failures: int) -> None:
    assert wait(1).total_seconds() <= wait(failures).total_seconds() <= 600


def test_the_signature_is_the_one_that_aws_publishes() -> None:
    """The examples of docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html."""
    host = "https://examplebucket.s3.amazonaws.com"
    key, secret = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
    bucket = Bucket(endpoint=host, bucket="examplebucket", access_key=key, secret_key=secret)
    at = datetime(2013, 5, 24, tzinfo=UTC)
    sent = {"Date": "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY"}
    made = signed("PUT", f"{host}/test%24file.text", sent, b"Welcome to Amazon S3.", bucket, now=at)
    assert made["authorization"].endswith("=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd")
    made = signed("GET", f"{host}/test.txt", {"Range": "bytes=0-9"}, b"", bucket, now=at)
    assert made["authorization"].endswith("=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")
    assert secret not in repr(bucket)


# --- a folder ----------------------------------------------------------------------------------------------------


def test_a_folder_gets_what_changed_and_keeps_what_is_not_ours(tmp_path: Path) -> None:
    (tmp_path / "own.html").write_text("theirs")
    shown = push(Folder(path=str(tmp_path)), FILES)
    assert pushing.read(tmp_path) == {**FILES, "own.html": b"theirs"}
    before = (tmp_path / "style.css").stat().st_mtime_ns
    less = {name: body for name, body in FILES.items() if not name.startswith("p/")} | {"index.html": b"<p>Down"}
    push(Folder(path=str(tmp_path)), less, shown)
    assert pushing.read(tmp_path) == {**less, "own.html": b"theirs"}
    assert (tmp_path / "style.css").stat().st_mtime_ns == before, "what did not change is not written"


def test_a_folder_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(NotPushed, match="mount what belongs there"):
        push(Folder(path=str(tmp_path / "mnt")), FILES)
    assert not (tmp_path / "mnt").exists()


def test_nothing_is_written_out_of_the_folder(tmp_path: Path) -> None:
    outside, inside = tmp_path / "outside", tmp_path / "inside"
    outside.mkdir()
    inside.mkdir()
    (inside / "p").symlink_to(outside)
    with pytest.raises(NotPushed, match="leads out of"):
        push(Folder(path=str(inside)), FILES)
    assert not list(outside.rglob("*.html"))


def test_what_begins_with_a_dot_stays_at_home(tmp_path: Path) -> None:
    (tmp_path / ".rendered").write_text("[1]")
    (tmp_path / ".half").mkdir()
    (tmp_path / ".half" / "index.html").write_text("half")
    (tmp_path / "index.html").write_text("whole")
    assert pushing.read(tmp_path) == {"index.html": b"whole"}


# --- a store that speaks S3 --------------------------------------------------------------------------------------


def test_a_store_gets_every_file_signed_with_its_type_and_the_pages_last() -> None:
    with Store() as store:
        shown = push(store.bucket(prefix="/site/"), FILES)
        assert store.files["site/index.html"] == FILES["index.html"]
        assert store.files["site/caf%C3%A9%20%2B%26.html"] == b"odd"
        assert "site/style.css.gz" not in store.files
        assert store.headers["site/index.html"]["content-type"] == "text/html; charset=utf-8"
        assert "max-age" in store.headers["site/index.html"]["cache-control"]
        assert {*store.order[-2:]} == {"site/index.html", "site/p/europe/index.html"}
        assert push(store.bucket(prefix="/site/"), {"index.html": b"alone"}, shown).keys() == {"index.html"}
        assert store.files == {"site/index.html": b"alone"}


@pytest.mark.parametrize(
    ("trouble", "says"),
    [(FORBIDDEN, "check the keys"), (BROKEN, "HTTP 500"), (CUT, "failed"), (SLOW, "did not answer within 0.3")],
)
def test_what_a_store_did_not_take_goes_with_the_next_push(trouble: int, says: str) -> None:
    with Store() as store:
        shown: dict[str, str] = {}
        push(store.bucket(), {"style.css": b"p{}"}, shown)
        store.trouble.extend([trouble] * (2 if trouble == CUT else 1))  # a cut one is asked once more at once
        began = time.monotonic()
        with pytest.raises(NotPushed, match=says) as refused:
            push(store.bucket(), FILES, shown, deadline=0.3 if trouble == SLOW else 5.0)
        assert time.monotonic() - began < 10
        assert "not a secret" not in str(refused.value)
        assert "index.html" not in store.files, "no page before what it links to"
        seen = store.seen
        push(store.bucket(), FILES, shown)
        assert len(store.files) == len(FILES) - 1
        assert store.seen - seen < len(FILES), "what it had is not sent again"


def test_a_wrong_key_is_said_and_the_guard_holds() -> None:
    with Store() as store:
        with pytest.raises(NotPushed, match=r"403 \(SignatureDoesNotMatch\)"):
            push(store.bucket(secret_key="another"), FILES)
        with pytest.raises(NotPushed, match="not a public address"):
            pushing.push(
                store.bucket(), {"a.css": b""}, changes({}, {"a.css": "1"}), done=lambda _: None,
                transport=lambda: Transport(EgressPolicy()), now=NOW,
            )  # fmt: skip
        assert not store.files


# --- a command ---------------------------------------------------------------------------------------------------

COPY = "import shutil, sys; shutil.copytree(sys.argv[1], sys.argv[2], dirs_exist_ok=True)"


def test_a_command_gets_what_changed_all_of_it_and_what_is_gone(tmp_path: Path) -> None:
    there = str(tmp_path / "there")
    shown = push(Command(argv=(sys.executable, "-c", COPY, "{changed}", there)), FILES)
    assert pushing.read(tmp_path / "there") == FILES
    less = {"index.html": b"<p>Down"}
    script = (
        "import pathlib, sys; print(1); pathlib.Path(sys.argv[2]).write_text(pathlib.Path(sys.argv[1]).read_text())"
    )
    push(Command(argv=(sys.executable, "-c", script, "{removed}", f"{tmp_path}/gone")), less, shown)
    assert (tmp_path / "gone").read_text().split("\n")[:-1] == sorted(FILES.keys() - {"index.html"})
    push(Command(argv=(sys.executable, "-c", COPY, "{folder}", f"{tmp_path}/all")), {**less, "x.css": b""}, shown)
    assert pushing.read(tmp_path / "all") == {**less, "x.css": b""}


def test_a_command_knows_no_shell_and_none_of_our_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTIPHON_SECRET_KEY", "hush")
    script = "import os, sys; sys.exit('ANTIPHON_SECRET_KEY' in os.environ or sys.argv[1] != '$(id); `id` *')"
    push(Command(argv=(sys.executable, "-c", script, "$(id); `id` *", "{changed}")), FILES)


def test_a_command_that_fails_or_hangs_says_so(tmp_path: Path) -> None:
    with pytest.raises(NotPushed, match="ended with 3: no route to host"):
        push(Command(argv=("sh", "-c", "echo first; echo 'no route to host' >&2; exit 3")), FILES)
    with pytest.raises(NotPushed, match="cannot be started"):
        push(Command(argv=("/no/such/program",)), FILES)
    began = time.monotonic()
    with pytest.raises(NotPushed, match="longer than 1 seconds"):
        push(Command(argv=("sh", "-c", f"sleep 60 & echo $! > {tmp_path}/child; wait"), timeout=1), FILES)
    assert time.monotonic() - began < 5
    child = int((tmp_path / "child").read_text())
    until = time.monotonic() + 5
    while _lives(child) and time.monotonic() < until:
        time.sleep(0.02)
    assert not _lives(child), "its children end with it"


def _lives(process: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False


def test_the_folders_for_a_command_are_gone_after_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    push(Command(argv=("true",)), FILES)
    assert os.listdir(tmp_path) == []


# --- what cannot be a target -------------------------------------------------------------------------------------

GOOD = {"endpoint": "https://s3.example.org", "bucket": "status", "access_key": "AK", "secret_key": "x"}


@pytest.mark.parametrize(
    "target",
    [
        Folder(path="srv/status"),
        Folder(path="/srv/../etc"),
        Folder(path="/srv/\0"),
        Command(argv=()),
        Command(argv=("",)),
        Command(argv=("true", "\0")),
        Command(argv=("true",), timeout=0),
        Command(argv=("true",), timeout=10_000),
        Bucket(**{**GOOD, "endpoint": "ftp://s3.example.org"}),
        Bucket(**{**GOOD, "endpoint": "https://s3.example.org/path?x=1"}),
        Bucket(**{**GOOD, "bucket": "a/b"}),
        Bucket(**{**GOOD, "bucket": ""}),
        Bucket(**{**GOOD, "access_key": "a,b"}),
        Bucket(**{**GOOD, "secret_key": ""}),
        Bucket(**{**GOOD, "secret_key": "a\r\nb"}),
        Bucket(**GOOD, region="eu\r\nx: y"),
        Bucket(**GOOD, prefix="../other"),
        Bucket(**GOOD, prefix="a\nb"),
    ],
)
def test_what_cannot_be_a_target_is_refused(target: Target) -> None:
    assert isinstance(check("one", target), Refusal)


def test_a_target_needs_a_name() -> None:
    for name in ("", "  ", "x" * 61, "a\nb"):
        assert isinstance(check(name, Folder(path="/srv/status")), Refusal)
    assert check("one", Bucket(**GOOD)) is None
