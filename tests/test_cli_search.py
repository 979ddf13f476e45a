from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from builders import MOTHS, OWLS, make_digest, scored
from digest import cli_search, offline
from digest.archive import Archive
from digest.cli import app
from digest.errors import ArchiveError, ModelError, UsageError
from digest.library import read_library
from digest.ranking.embed import embed_once
from fakes import FakeEmbedder

EELS = replace(MOTHS, id="2600.00003", title="Where Eels Swim", abstract="Eels swim far from street lamps.")


@pytest.fixture
def embedder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeEmbedder:
    embedder = FakeEmbedder()
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    monkeypatch.setenv("DIGEST_ARCHIVE", str(tmp_path / "a.sqlite"))
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setattr(cli_search, "open_embedder", lambda _: embedder)
    monkeypatch.setattr(offline, "forbid_network", lambda: None)  # it cannot be taken back
    with Archive(tmp_path / "a.sqlite") as archive:
        archive.add_papers([MOTHS, OWLS, EELS])
        embed_once(embedder, archive, [paper.text for paper in (MOTHS, OWLS, EELS)])
        archive.add_digest(make_digest(scored(MOTHS)))
    embedder.embedded.clear()
    return embedder


def run(*arguments: str) -> tuple[str, str]:
    result = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout, result.stderr


def ids(out: str) -> list[str]:
    return [item["id"] for item in json.loads(out)]


@pytest.mark.usefixtures("embedder")
def test_a_list_names_score_id_title_category_and_day() -> None:
    out, err = run("search", '"street lamps"', "moths")
    lines = out.splitlines()
    assert lines[0].split() == ["86", MOTHS.id, *MOTHS.title.split(), "cs.CV", "2026-02-02"]
    assert lines[1].split()[0] == EELS.id
    assert len(lines) == 2
    assert err == ""


def test_what_is_sought_is_embedded_and_not_remembered(embedder: FakeEmbedder, tmp_path: Path) -> None:
    out, _ = run("search", "eels", "--format", "json")
    assert ids(out)[0] == EELS.id
    assert json.loads(out)[0]["meaning"] > 0
    assert embedder.embedded == ["eels"]
    with Archive(tmp_path / "a.sqlite") as archive:
        assert archive.embeddings(embedder.identity, ["eels"]) == {}
    run("search", "eels", "--words")
    assert embedder.embedded == ["eels"]


def test_without_an_embedder_words_are_searched_and_that_is_said(
    embedder: FakeEmbedder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    embedder.identity = "another"
    out, err = run("search", "moths", "--format", "json")
    assert ids(out) == [MOTHS.id]
    assert err == "digest: searching by words alone: the archive has no vectors of the embedder fake\n"

    def missing(_: object) -> FakeEmbedder:
        raise ModelError("there is no embedder", "get one")

    monkeypatch.setattr(cli_search, "open_embedder", missing)
    out, err = run("search", "moths", "--format", "json")
    assert ids(out) == [MOTHS.id]
    assert err == "digest: searching by words alone: there is no embedder: get one\n"
    assert ids(run("related", MOTHS.id, "--format", "json")[0])[0] == EELS.id  # its vector is stored
    with Archive(tmp_path / "b.sqlite") as without_vectors:
        without_vectors.add_papers([MOTHS])
    with pytest.raises(ModelError, match="no embedder"):
        run("related", MOTHS.id, "--archive", str(tmp_path / "b.sqlite"))


@pytest.mark.usefixtures("embedder")
def test_filters_reach_the_search() -> None:
    assert ids(run("search", "lamps", "--format", "json", "--min-score", "50")[0]) == [MOTHS.id]
    assert ids(run("search", "owls", "lamps", "--format", "json", "--category", "cs.cl")[0]) == [OWLS.id]
    assert ids(run("search", "lamps", "--format", "json", "--keyword", "lanternnet")[0]) == [MOTHS.id]
    assert len(ids(run("search", "street lamps", "--format", "json", "--limit", "1")[0])) == 1
    out, err = run("search", "lamps", "--since", "2026-02-03")
    assert not out.strip()
    assert err == "digest: nothing was found\n"


@pytest.mark.usefixtures("embedder")
def test_other_formats_are_what_their_programs_read(tmp_path: Path) -> None:
    for form, name in (("bibtex", "a.bib"), ("ris", "a.ris")):
        (tmp_path / name).write_text(run("search", "moths", "--words", "--format", form)[0], "utf-8")
        assert [r.key for r in read_library(tmp_path / name).groups[0].references] == [MOTHS.id]
    out, _ = run("search", "moths", "--words", "--format", "md")
    assert out == f"- [{MOTHS.title}]({MOTHS.url}) · {MOTHS.id} · cs.CV · 2026-02-02 · score 86\n"


@pytest.mark.usefixtures("embedder")
def test_related_lists_the_nearest() -> None:
    assert ids(run("related", f"arXiv:{MOTHS.id}v1", "--format", "json")[0]) == [EELS.id, OWLS.id]
    assert ids(run("related", MOTHS.id, "--format", "json", "--category", "cs.CL")[0]) == [OWLS.id]


@pytest.mark.usefixtures("embedder")
@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (["search", "***"], UsageError, "no word"),
        (["search", "a", "--format", "pdf"], UsageError, "unknown format pdf"),
        (["search", "a", "--since", "soon"], UsageError, "--since is 'soon'"),
        (["related", "2699.00001"], ArchiveError, "no paper 2699.00001"),
    ],
)
def test_what_cannot_be_meant_is_told(arguments: list[str], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words.replace("*", r"\*")):
        run(*arguments)
