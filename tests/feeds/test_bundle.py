from __future__ import annotations

import datetime as dt
import hashlib
import io
import os
import signal
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.errors import BundleError, FeedError
from digest.feeds.bundle import (
    CarriedFile,
    Failure,
    carried_feeds,
    find_bundles,
    read_bundle,
    read_bundles,
    write_bundle,
)
from digest.feeds.response import KEPT_HEADERS, FeedResponse
from digest.text.clean import clean_text
from forge import FEED, MONDAY, WEIGHTS, honest, read, response

words = st.text(st.characters(categories=["Ll", "Nd"]), max_size=20)
bodies = st.one_of(
    st.binary(max_size=2000),
    st.builds(lambda byte, count: bytes([byte]) * count, st.integers(0, 255), st.integers(0, 50_000)),
)
moments = st.datetimes(dt.datetime(1970, 1, 1), dt.datetime(2199, 12, 31), timezones=st.just(dt.UTC))  # noqa: DTZ001
responses = st.builds(
    FeedResponse,
    st.from_regex(r"https?://[a-z]{1,9}\.org/[a-z0-9?=&+%.]{0,20}", fullmatch=True),
    bodies,
    moments,
    st.dictionaries(st.sampled_from(sorted(KEPT_HEADERS)), words, max_size=3),
    words.map(clean_text),
)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(responses, max_size=4),
    moments,
    st.lists(st.binary(max_size=500), max_size=2),
)
def test_what_goes_in_comes_out_and_the_same_twice(
    feeds: list[FeedResponse], made_at: dt.datetime, contents: list[bytes]
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = []
        for number, content in enumerate(contents):
            (folder / str(number)).write_bytes(content)
            files.append(CarriedFile(folder / str(number), f"m{number}/w.gguf"))
        paths = [folder / "a.zip", folder / "b.zip"]
        for path in paths:
            write_bundle(path, feeds, made_at=made_at, models=files)
        assert paths[0].read_bytes() == paths[1].read_bytes()
        bundle = read_bundle(paths[0])
        assert bundle.made_at == made_at
        assert list(bundle.responses()) == feeds
        for member, content in zip(bundle.models, contents, strict=True):
            out = io.BytesIO()
            bundle.copy(member, out)
            assert out.getvalue() == content


def test_models_and_wheels_are_carried_as_they_are_and_any_zip_program_sees_them(tmp_path: Path) -> None:
    wheel = tmp_path / "local_digest-1.0-py3-none-any.whl"
    wheel.write_bytes(b"PK\3\4 a zip in a zip")
    weights = tmp_path / "w"
    weights.write_bytes(WEIGHTS)
    path = tmp_path / "b.zip"
    models = [CarriedFile(weights, "z.gguf"), CarriedFile(weights, "a b/模型.gguf")]
    write_bundle(path, [response()], made_at=MONDAY, models=models, wheels=[wheel])
    bundle = read_bundle(path)
    assert [member.name for member in bundle.manifest.members] == [
        "feeds/0001.xml",
        "models/a b/模型.gguf",
        "models/z.gguf",
        f"wheels/{wheel.name}",
    ]
    assert {member.sha256 for member in bundle.models} == {hashlib.sha256(WEIGHTS).hexdigest()}
    out = tmp_path / "out"
    subprocess.run([sys.executable, "-m", "zipfile", "-e", path, out], check=True)
    assert (out / "models" / "a b" / "模型.gguf").read_bytes() == WEIGHTS
    assert (out / "wheels" / wheel.name).read_bytes() == wheel.read_bytes()
    assert path.read_bytes().startswith(b"PK\3\4")


def test_logins_are_not_carried(tmp_path: Path) -> None:
    path = tmp_path / "b.zip"
    write_bundle(path, [response(url="https://me:secret@example.org/feed")], made_at=MONDAY)
    (got,) = read_bundle(path).responses()
    assert got.url == "https://example.org/feed"
    assert "secret" not in repr(read_bundle(path))


def test_headers_that_nobody_needs_or_that_hide_something_stay_behind(tmp_path: Path) -> None:
    headers = {"etag": '"é"', "set-cookie": "secret", "date": "a\r\nx: y", "expires": "x" * 1001}
    path = tmp_path / "b.zip"
    write_bundle(path, [response(headers=headers, problem="was\x1b[31m old " * 200)], made_at=MONDAY)
    (got,) = read_bundle(path).responses()
    assert got.headers == {"etag": '"é"'}
    assert got.problem.startswith("was old was")


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("ftp://example.org/", "a.gguf"),
        ("https://example.org/\x1b[2J", "a.gguf"),
        ("https://example.org/" + "x" * 2100, "a.gguf"),
        ("https://example.org/", "../a.gguf"),
        ("https://example.org/", "a.py"),
        ("https://example.org/", ".hidden.gguf"),
        ("https://example.org/", "a\n.gguf"),
        ("https://example.org/", "a/b/c/d/e/f.gguf"),
        ("https://example.org/", "B.gguf"),
    ],
)
def test_what_the_other_machine_would_refuse_is_not_written(tmp_path: Path, url: str, name: str) -> None:
    weights = tmp_path / "w"
    weights.write_bytes(WEIGHTS)
    models = [CarriedFile(weights, name), CarriedFile(weights, "b.gguf")]
    with pytest.raises(BundleError, match="cannot be made") as caught:
        write_bundle(tmp_path / "b.zip", [response(url=url)], made_at=MONDAY, models=models)
    assert str(caught.value).isprintable()
    assert [path.name for path in tmp_path.iterdir()] == ["w"]


def test_several_bundles_come_in_the_order_in_which_they_were_made(tmp_path: Path) -> None:
    honest(tmp_path / "a.zip", b"tuesday", made_at=MONDAY + dt.timedelta(days=1))
    honest(tmp_path / "b.ZIP", b"monday")
    (tmp_path / "._a.zip").write_bytes(b"what macOS leaves on a removable disk")
    (tmp_path / "notes.txt").write_text("not a bundle")
    bundles = read_bundles([tmp_path / "a.zip", tmp_path, tmp_path / "." / "a.zip"])
    assert [body for bundle in bundles for body in (each.body for each in bundle.responses())] == [
        b"monday",
        b"tuesday",
    ]


def test_one_bad_bundle_spoils_the_folder_before_any_is_used(tmp_path: Path) -> None:
    honest(tmp_path / "a.zip")
    (tmp_path / "b.zip").write_bytes(b"PK\3\4")
    with pytest.raises(BundleError, match=r"b\.zip is refused"):
        read_bundles([tmp_path])
    (tmp_path / "empty").mkdir()
    with pytest.raises(BundleError, match="holds no bundle"):
        find_bundles([tmp_path / "empty"])


def test_a_feed_that_could_not_be_fetched_is_told_on_the_other_machine(tmp_path: Path) -> None:
    path = tmp_path / "b.zip"
    failure = Failure("https://example.org/b", "answered 404 Not Found")
    write_bundle(path, [response()], made_at=MONDAY, failures=[failure])
    (_, first), (name, second) = carried_feeds([read_bundle(path)])
    assert first == response()
    assert name == "https://example.org/b"
    assert isinstance(second, FeedError)
    assert str(second) == "https://example.org/b answered 404 Not Found when its bundle was made (2026-02-02)"


def test_a_bundle_that_changes_after_it_was_verified_is_refused(tmp_path: Path) -> None:
    path = honest(tmp_path / "b.zip", FEED)
    bundle = read_bundle(path)
    honest(path, FEED.upper())
    with pytest.raises(BundleError, match="not the file that its manifest lists"):
        list(bundle.responses())


def test_a_folder_that_may_only_be_read_is_enough_and_stays_as_it_was(tmp_path: Path) -> None:
    path = honest(tmp_path / "b.zip")
    before = (path.stat(), sorted(tmp_path.iterdir()), path.read_bytes())
    tmp_path.chmod(0o500)
    path.chmod(0o400)
    try:
        assert read(path)
    finally:
        tmp_path.chmod(0o700)
    assert (path.stat().st_mtime_ns, sorted(tmp_path.iterdir())) == (before[0].st_mtime_ns, before[1])


@pytest.mark.parametrize("name", ["missing/b.zip", "file/b.zip", "folder", "x" * 300])
def test_a_place_that_cannot_be_written_is_told_in_one_line(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "folder").mkdir()
    with pytest.raises(BundleError) as caught:
        honest(tmp_path / name)
    assert "\n" not in str(caught.value)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder"]


def test_a_bundle_may_be_read_by_others_as_far_as_the_umask_lets_it(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        path = honest(tmp_path / "b.zip")
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_disk_that_cannot_rename_over_a_file_will_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_path: Path, target: Path) -> None:
        raise PermissionError(1, "Operation not permitted", str(target))

    path = honest(tmp_path / "b.zip", b"old")
    monkeypatch.setattr(Path, "replace", refuse)
    monkeypatch.setattr(os, "chmod", refuse)
    honest(path, b"new")
    assert next(iter(read_bundle(path).responses())).body == b"new"
    assert list(tmp_path.iterdir()) == [path]


WRITE_LIMITED = """
import resource, signal, sys; from pathlib import Path
sys.path.append(sys.argv[2])
from digest.errors import BundleError
from forge import honest
import os
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
try: honest(Path(sys.argv[1]), os.urandom(9000))
except BundleError as error: sys.exit(str(error))
"""


def test_a_disk_that_is_full_leaves_the_old_bundle_and_nothing_else(tmp_path: Path) -> None:
    path = honest(tmp_path / "b.zip")
    before = path.read_bytes()
    tests = str(Path(__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-c", WRITE_LIMITED, path, tests], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith(f"the bundle {path} cannot be written (File too large): a FAT disk")
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


WRITE_SLOWLY = """
import datetime as dt, signal, sys; from pathlib import Path
from digest.feeds.bundle import CarriedFile, write_bundle
signal.signal(signal.SIGINT, signal.default_int_handler)  # also where a shell has it ignored
write_bundle(Path(sys.argv[1]), [], made_at=dt.datetime.now(dt.UTC),
             models=[CarriedFile(Path(sys.argv[2]), "w.gguf")])
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_a_process_that_is_ended_while_it_writes_leaves_no_bundle(
    tmp_path: Path, number: signal.Signals
) -> None:
    folder, pipe = tmp_path / "usb", tmp_path / "pipe"
    folder.mkdir()
    os.mkfifo(pipe)
    path = folder / "b.zip"
    with subprocess.Popen(
        [sys.executable, "-c", WRITE_SLOWLY, path, pipe], stderr=subprocess.DEVNULL
    ) as child:
        with pipe.open("wb") as model:  # hashed
            model.write(WEIGHTS * 3000)
        while not list(folder.iterdir()):
            assert child.poll() is None
            time.sleep(0.01)
        with pipe.open("wb") as model:  # and copied; never to its end
            model.write(WEIGHTS * 2000)
            model.flush()
            while not any(left.stat().st_size for left in folder.iterdir()):
                assert child.poll() is None
                time.sleep(0.01)
            child.send_signal(number)
        child.wait()
    left = list(folder.iterdir())
    assert path not in left
    assert len(left) == (number == signal.SIGKILL)
    for each in left:  # what nobody could remove goes with the next bundle, a day later
        os.utime(each, (0, 0))
    honest(path)
    assert list(folder.iterdir()) == [path]


def test_a_file_that_changes_while_it_is_written_is_noticed(tmp_path: Path) -> None:
    class Restless(type(tmp_path)):  # type: ignore[misc]
        def open(self, *args: object) -> io.BytesIO:
            assert args
            contents.append(b"x" * len(contents))
            return io.BytesIO(contents[-1])

    contents: list[bytes] = []
    with pytest.raises(BundleError, match="was written to while it was read"):
        write_bundle(tmp_path / "b.zip", [], made_at=MONDAY, models=[CarriedFile(Restless("w"), "w.gguf")])
    assert list(tmp_path.iterdir()) == []
