"""The courier's way, both machines in one process: each has its own archive, config and cache."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import sqlite3
import subprocess
import sys
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from typer.testing import CliRunner

from digest import cli, offline
from digest.errors import BundleError, DigestError, FeedError, ModelError, OfflineError, UsageError
from digest.feeds.bundle import CarriedFile, read_bundle, write_bundle
from digest.models import KnownFile, KnownModel, Source, _carry
from fakes import FakeEmbedder
from forge import FEED, MONDAY, honest, listed, manifest, pack, response

if TYPE_CHECKING:
    from collections.abc import Iterator

WEIGHTS = b"weights" * 999


def feed(*numbers: int, day: int = 2) -> bytes:
    """Return a feed of papers, in arXiv's dialect."""
    items = "".join(
        f"<item><title>Moths of kind {n}</title><link>https://arxiv.org/abs/2602.{n:05}</link>"
        f"<guid>oai:arXiv.org:2602.{n:05}v1</guid><category>cs.CL</category>"
        f"<description>arXiv:2602.{n:05}v1 Announce Type: new \nAbstract: Lamp {n} draws moths.</description>"
        f"<pubDate>{dt.date(2026, 2, day):%a, %d %b %Y} 00:00:00 -0500</pubDate></item>"
        for n in numbers
    )
    return (
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>t</title>{items}</channel></rss>'.encode()
    )


class _Handler(BaseHTTPRequestHandler):
    pages: ClassVar[dict[str, bytes]] = {}

    def do_GET(self) -> None:
        body = self.pages.get(self.path)
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", "application/rss+xml; charset=utf-8")
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def site() -> Iterator[str]:
    _Handler.pages = {"/a": feed(1, 2)}
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@dataclass
class Machine:
    """A reader's folders, and the command line in them."""

    folder: Path
    patch: pytest.MonkeyPatch

    @property
    def cache(self) -> Path:
        return self.folder / "models"

    def run(self, *arguments: str | Path) -> tuple[str, str]:
        self.folder.mkdir(exist_ok=True)
        for name, value in {
            "DIGEST_MODELS": "models",
            "DIGEST_ARCHIVE": "a.sqlite",
            "DIGEST_OUT": "out",
            "XDG_CONFIG_HOME": "config",
            "XDG_CACHE_HOME": "cache",
        }.items():
            self.patch.setenv(name, str(self.folder / value))
        result = CliRunner().invoke(cli.app, [str(each) for each in arguments], catch_exceptions=False)
        assert result.exit_code == 0
        return result.stdout, result.stderr

    def fail(self, kind: type[DigestError], *arguments: str | Path) -> str:
        with pytest.raises(kind) as caught:
            self.run(*arguments)
        assert str(caught.value).isprintable()
        return str(caught.value)

    def digest(self, date: str = "2026-02-02") -> dict[str, Any]:
        content: dict[str, Any] = json.loads((self.folder / "out" / f"{date}.json").read_text("utf-8"))
        return content

    def papers(self) -> list[tuple[object, ...]]:
        with sqlite3.connect(self.folder / "a.sqlite") as db:
            return list(db.execute("SELECT id, version, paper FROM papers ORDER BY id, version"))


@pytest.fixture(autouse=True)
def forbidden(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    asked: list[str] = []
    monkeypatch.setattr(cli, "open_embedder", lambda _: FakeEmbedder())
    monkeypatch.setattr(offline, "forbid_network", lambda: asked.append("offline"))  # it cannot be taken back
    return asked


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(tmp_path / "here", monkeypatch)


@pytest.fixture
def apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(tmp_path / "apart", monkeypatch)


@pytest.fixture
def usb(tmp_path: Path) -> Path:
    (tmp_path / "usb").mkdir()
    return tmp_path / "usb"


# --- feeds -------------------------------------------------------------------------------------------


def test_what_is_fetched_here_is_read_apart_as_if_it_had_been_fetched_there(
    here: Machine, apart: Machine, usb: Path, site: str, forbidden: list[str]
) -> None:
    address, gone = f"http://{site}/a", f"http://{site.replace('127.0.0.1', 'localhost')}/gone"
    bundle = usb / "b.zip"
    sums, said = here.run(
        "fetch", "--bundle", bundle, "--feed", address, "--feed", gone, "--feed", "local.xml"
    )
    assert sums == f"{hashlib.sha256(bundle.read_bytes()).hexdigest()}  {bundle}\n"
    assert "local.xml is not carried" in said
    assert "answered 404" in said
    output, said = apart.run("bundle", "verify", usb)
    assert f"{bundle}: as its manifest says: 1 feed, made 20" in output
    assert output.endswith(sums)
    assert f"lacks a feed: {gone} answered 404" in said
    assert address in apart.run("bundle", "list", bundle)[0]

    usb.chmod(0o500)
    bundle.chmod(0o400)
    output, said = apart.run("--offline", "--bundle", bundle)
    usb.chmod(0o700)
    assert forbidden == ["offline"]
    assert "0 network calls" in output
    digest = apart.digest()
    assert digest["network_calls"] == 0
    assert [paper["id"] for paper in digest["papers"]] == ["2602.00001", "2602.00002"]
    one, other = digest["feeds"]
    assert (one["source"], one["papers"]) == (address, 2)
    assert (other["source"], other["status"]) == (gone, "failed")
    assert "when its bundle was made" in other["error"]

    here.run("--feed", address)
    there = here.digest()
    assert [paper["score"] for paper in there["papers"]] == [paper["score"] for paper in digest["papers"]]
    assert here.papers() == apart.papers()


def write(path: Path, body: bytes, day: int, problem: str = "") -> Path:
    made_at = MONDAY + dt.timedelta(days=day)
    write_bundle(path, [response(body, fetched_at=made_at, problem=problem)], made_at=made_at)
    return path


def test_missed_days_are_filled_in_and_each_paper_comes_once(
    here: Machine, apart: Machine, usb: Path
) -> None:
    tuesday = write(usb / "a.zip", feed(2, 3, 4, day=3), 1)
    monday = write(usb / "b.zip", feed(1, 2), 0)
    apart.run("--bundle", tuesday, "--bundle", monday, "--top", "99")
    ids = [paper["id"] for paper in apart.digest("2026-02-03")["papers"]]
    assert sorted(ids) == ["2602.00001", "2602.00002", "2602.00003", "2602.00004"]
    here.run("--bundle", monday)
    here.run("--bundle", tuesday)
    assert [row[0] for row in here.papers()] == [row[0] for row in apart.papers()]
    again = apart.papers()
    apart.run("--bundle", usb)
    assert apart.papers() == again


def test_an_old_copy_is_said_to_be_one(apart: Machine, usb: Path) -> None:
    _, said = apart.run("--bundle", write(usb / "b.zip", feed(1), 0, problem="a copy of Friday"))
    assert "a copy of Friday" in said
    assert apart.digest()["feeds"][0]["error"] == "a copy of Friday"


def test_the_config_may_name_a_folder_of_bundles_and_flags_replace_it(
    apart: Machine, usb: Path, tmp_path: Path
) -> None:
    write(usb / "b.zip", feed(1), 0)
    config = apart.folder / "config" / "digest" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text('bundles = ["../../../usb"]\n')
    apart.run()
    assert [paper["id"] for paper in apart.digest()["papers"]] == ["2602.00001"]
    (tmp_path / "f.xml").write_bytes(feed(2))
    apart.run("--feed", tmp_path / "f.xml")
    assert [paper["id"] for paper in apart.digest()["papers"]] == ["2602.00002"]


def test_one_bad_bundle_means_that_nothing_is_used(apart: Machine, usb: Path) -> None:
    write(usb / "a.zip", feed(1), 0)
    (usb / "b.zip").write_bytes((usb / "a.zip").read_bytes()[:-1])
    assert "b.zip is refused" in apart.fail(BundleError, "--bundle", usb)
    assert not (apart.folder / "a.sqlite").exists()
    assert "refused: " in apart.fail(BundleError, "bundle", "verify", usb)


def test_a_bundle_whose_feeds_are_none_makes_no_digest(apart: Machine, usb: Path) -> None:
    assert "not a feed" in apart.fail(FeedError, "--bundle", write(usb / "b.zip", b"no feed", 0))


def test_what_cannot_be_fetched_makes_no_bundle(here: Machine, usb: Path, site: str) -> None:
    arguments = ("fetch", "--bundle", usb / "b.zip")
    assert "no feed" in here.fail(UsageError, *arguments)
    assert "no feed" in here.fail(UsageError, *arguments, "--feed", "local.xml")
    assert "404" in here.fail(FeedError, *arguments, "--feed", f"http://{site}/gone")
    assert "needs the network" in here.fail(OfflineError, "--offline", *arguments, "--feed", "http://x.org/")
    assert list(usb.iterdir()) == []


# --- models and wheels -------------------------------------------------------------------------------


def known(name: str = "fake", content: bytes = WEIGHTS) -> KnownModel:
    file = KnownFile("w", "sub/model.safetensors", len(content), hashlib.sha256(content).hexdigest())
    source = Source("fake-model", "1.0")
    return KnownModel(name, "embedder", "Fake", "CC0", 7, "nowhere", source, file.name, (file,))


def carry(path: Path, folder: Path, **files: bytes) -> Path:
    """Write a bundle with models: names with `__` for slashes and `_` for dots."""
    folder.mkdir(exist_ok=True)
    models = []
    for name, content in files.items():
        (folder / name).write_bytes(content)
        models.append(CarriedFile(folder / name, name.replace("__", "/").replace("_", ".")))
    write_bundle(path, [], made_at=MONDAY, models=models)
    return path


@pytest.fixture
def manifested(monkeypatch: pytest.MonkeyPatch) -> KnownModel:
    monkeypatch.setattr(_carry, "load_manifest", lambda: (known(),))
    return known()


def test_models_arrive_bit_for_bit(
    apart: Machine, usb: Path, tmp_path: Path, manifested: KnownModel, tiny_gguf: Path
) -> None:
    own = tiny_gguf.read_bytes()
    bundle = carry(usb / "b.zip", tmp_path / "w", fake__sub__model_safetensors=WEIGHTS, tiny_gguf=own)
    output, said = apart.run("bundle", "install", bundle)
    assert output.splitlines() == [str(apart.cache / "fake"), str(apart.cache / "carried" / "tiny.gguf")]
    assert (apart.cache / "fake" / manifested.main).read_bytes() == WEIGHTS
    assert (apart.cache / "carried" / "tiny.gguf").read_bytes() == own
    assert said.count("installing") == 2
    assert apart.run("bundle", "install", bundle) == (output, "")  # all is here
    (apart.cache / "fake" / manifested.main).write_bytes(b"damaged")
    assert "installing fake" in apart.run("bundle", "install", bundle)[1]
    assert (apart.cache / "fake" / manifested.main).read_bytes() == WEIGHTS
    assert sorted(each.name for each in apart.cache.iterdir()) == ["carried", "fake"]


@pytest.mark.usefixtures("manifested")
@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"fake__sub__model_safetensors": WEIGHTS + b"!"}, "is not the model that the manifest names"),
        ({"fake__sub__model_safetensors": WEIGHTS, "fake__more_json": b"{}"}, "is not the model"),
        ({"fake__config_json": b"{}"}, "is not the model"),
        ({"own_gguf": b"PK\3\4 a zip"}, "zip"),
        ({"own_json": b"{}"}, "is no model"),
        ({"own__model_safetensors": WEIGHTS}, "not a sentence-transformers folder"),
        (
            {"own__model_safetensors": WEIGHTS, "own__modules_json": b'[{"type": "evil.Module"}]'},
            "code of its own",
        ),
    ],
)
def test_models_that_are_not_what_they_should_be_leave_nothing(
    apart: Machine, usb: Path, tmp_path: Path, files: dict[str, bytes], words: str
) -> None:
    bundle = carry(usb / "b.zip", tmp_path / "w", **files)
    assert words in apart.fail(ModelError, "bundle", "install", bundle)
    assert [path for path in apart.folder.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("name", ["models/../../evil.gguf", "/tmp/evil.gguf", "wheels/../../evil.whl"])  # noqa: S108
def test_hostile_names_write_nothing_anywhere(apart: Machine, usb: Path, tmp_path: Path, name: str) -> None:
    told = listed("models/w.gguf", WEIGHTS) | {"name": name, "kind": "wheel" if "whl" in name else "model"}
    bundle = pack(usb / "b.zip", manifest(told), (name, WEIGHTS))
    apart.fail(BundleError, "bundle", "install", bundle, "--wheels-to", tmp_path / "wheels")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [bundle]


def test_wheels_arrive_where_the_reader_says(
    here: Machine, apart: Machine, usb: Path, tmp_path: Path, site: str
) -> None:
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    fetch = ("fetch", "--bundle", usb / "b.zip", "--feed", f"http://{site}/a", "--with-wheels", wheels)
    assert "holds no wheel" in here.fail(BundleError, *fetch)
    (wheels / "some-1.0-py3-none-any.whl").write_bytes(WEIGHTS)
    (wheels / "some-1.0.tar.gz").write_bytes(b"source")
    said = here.run(*fetch)[1]
    assert "some-1.0.tar.gz is not carried" in said
    assert "no wheel of local-digest itself" in said
    assert "1 wheel too" in apart.run("bundle", "install", usb / "b.zip")[1]
    said = apart.run("bundle", "install", usb / "b.zip", "--wheels-to", tmp_path / "out")[1]
    assert f"pip install --no-index --find-links {tmp_path / 'out'} local-digest" in said
    assert [(each.name, each.read_bytes()) for each in (tmp_path / "out").iterdir()] == [
        ("some-1.0-py3-none-any.whl", WEIGHTS)
    ]
    assert "carries no models" in apart.fail(BundleError, "bundle", "install", honest(usb / "c.zip", FEED))


@pytest.mark.model
def test_the_default_models_are_carried_and_verified(apart: Machine, usb: Path, site: str) -> None:
    bundle = usb / "b.zip"
    command = [sys.executable, "-m", "digest", "fetch", "--bundle", str(bundle), "--feed", f"http://{site}/a"]
    subprocess.run([*command, "--with-models"], check=True, capture_output=True)
    names = {member.name.split("/")[1] for member in read_bundle(bundle).models}
    assert names == {"all-minilm-l6-v2", "smollm2-135m-instruct"}
    apart.run("bundle", "install", bundle)
    assert apart.run("models", "verify")[0].count("as the manifest says") == 2
