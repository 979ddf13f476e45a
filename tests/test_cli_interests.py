from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from builders import MOTHS, OWLS
from digest import cli_interests, offline
from digest.archive import Archive
from digest.cli import app
from digest.errors import ModelError
from digest.ranking.embed import embed_once
from fakes import FakeEmbedder

PAPERS = [
    MOTHS,
    replace(OWLS, title="Do Owls Read?", published=dt.date(2026, 1, 27)),
    replace(MOTHS, id="2600.00003", title="Old Moths", published=dt.date(2026, 1, 26)),
    *(replace(MOTHS, id=f"2600.1{n:04}", title=f"Lamps of kind {n}") for n in range(12)),
]

CONFIG = f"""
[[interests]]
name = "Night"
text = "counting moths at street lamps"
examples = ["{MOTHS.id}", "2699.00001"]
terms = ["lantern"]
library = ["my.bib"]
[[interests]]
name = "Bare"
category = "cs.CV"
[[avoid]]
text = "owls"
weight = 0.5
"""


@pytest.fixture
def embedder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeEmbedder:
    embedder = FakeEmbedder()
    monkeypatch.setenv("DIGEST_ARCHIVE", str(tmp_path / "a.sqlite"))
    monkeypatch.setenv("DIGEST_CONFIG", str(tmp_path / "c.toml"))
    monkeypatch.setattr(cli_interests, "open_embedder", lambda _: embedder)
    monkeypatch.setattr(offline, "forbid_network", lambda: None)  # it cannot be taken back
    (tmp_path / "c.toml").write_text(CONFIG)
    (tmp_path / "my.bib").write_text("@misc{k, title={Lamps}}")
    with Archive(tmp_path / "a.sqlite") as archive:
        archive.add_papers(PAPERS)
        embed_once(embedder, archive, [paper.text for paper in PAPERS])
        archive.add_opinion("2600.10011", "hide")
        archive.add_opinion(OWLS.id, "like")
    return embedder


def run() -> tuple[str, str]:
    result = CliRunner().invoke(app, ["interests"], catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout, result.stderr


@pytest.mark.usefixtures("embedder")
def test_each_interest_says_what_it_is_made_of_and_what_it_would_bring() -> None:
    out, err = run()
    lines = out.splitlines()
    assert lines[0] == "Night (weight 1): text, 2 examples, 1 term, from my.bib"
    papers = [line.split(maxsplit=2) for line in lines[1:11]]
    scores = [int(score) for score, _, _ in papers]
    assert scores == sorted(scores, reverse=True)
    assert papers[0][1:] == [MOTHS.id, MOTHS.title]  # an example of itself
    assert "2600.10011" not in out  # hidden
    assert "2600.00003" not in out  # a day too old
    assert lines[11] == "Bare (weight 1): 1 category"
    assert len(lines[12:-2]) == 10
    assert lines[-2:] == [
        "avoid owls (weight 0.5): text",
        "papers: 1 liked, 0 disliked, 1 hidden (digest feedback lists them)",
    ]
    assert "the archive has no paper '2699.00001'" in err


def test_a_second_look_embeds_nothing(embedder: FakeEmbedder) -> None:
    first, _ = run()
    embedded = len(embedder.embedded)
    assert run()[0] == first
    assert len(embedder.embedded) == embedded


@pytest.mark.usefixtures("embedder")
def test_without_an_embedder_the_interests_are_still_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_: object) -> None:
        raise ModelError("the embedder is not here", "run `digest models get`")

    monkeypatch.setattr(cli_interests, "open_embedder", missing)
    out, err = run()
    assert len(out.splitlines()) == 4
    assert "the embedder is not here" in err


@pytest.mark.usefixtures("embedder")
def test_no_interests_are_told(tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_text("")
    out, err = run()
    assert out.splitlines() == ["papers: 1 liked, 0 disliked, 1 hidden (digest feedback lists them)"]
    assert "no interests" in err
