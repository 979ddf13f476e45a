from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.config_edit import add_to_list, remove_from_list
from digest.errors import UsageError
from digest.resources import resource

if TYPE_CHECKING:
    from pathlib import Path

OWN = """\
# My config.
top = 5  # enough
feeds = ["https://a.example/rss"]  # the best

[[interests]]
text = "moths"  # and lamps
"""


def test_comments_and_order_stay(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text(OWN)
    assert add_to_list(
        path, "feeds", ["https://b.example", "https://a.example/rss", "https://b.example"]
    ) == ["https://b.example"]
    assert add_to_list(path, "categories", ["cs.CL"]) == ["cs.CL"]
    text = path.read_text()
    for line in ("# My config.", "top = 5  # enough", "# the best", 'text = "moths"  # and lamps'):
        assert line in text
    assert tomllib.loads(text) == {
        "top": 5,
        "feeds": ["https://a.example/rss", "https://b.example"],
        "categories": ["cs.CL"],
        "interests": [{"text": "moths"}],
    }
    assert remove_from_list(path, "feeds", "https://b.example")
    assert remove_from_list(path, "categories", "cs.CL")
    assert not remove_from_list(path, "feeds", "https://b.example")
    assert tomllib.loads(path.read_text())["feeds"] == ["https://a.example/rss"]


def test_nothing_to_change_leaves_the_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text(OWN)
    before = path.stat().st_mtime_ns
    assert add_to_list(path, "feeds", ["https://a.example/rss"]) == []
    assert not remove_from_list(path, "categories", "cs.CL")
    assert (path.stat().st_mtime_ns, path.read_text()) == (before, OWN)
    assert not remove_from_list(tmp_path / "none.toml", "feeds", "x")
    assert not (tmp_path / "none.toml").exists()


def test_the_sample_config_survives(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    sample = (resource("examples") / "config.toml").read_text("utf-8")
    path.write_text(sample, "utf-8")
    add_to_list(path, "feeds", ["https://b.example"])
    changed = path.read_text("utf-8")
    assert tomllib.loads(changed) == {**tomllib.loads(sample), "feeds": ["https://b.example"]}
    assert [line for line in sample.splitlines() if line.startswith("#") and line not in changed] == []


def test_a_config_that_is_missing_is_made(tmp_path: Path) -> None:
    path = tmp_path / "new" / "c.toml"
    add_to_list(path, "feeds", ["a.xml"])
    assert tomllib.loads(path.read_text()) == {"feeds": ["a.xml"]}
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("text", "words"),
    [(b"feeds = 3", "not a list"), (b"feeds = [", "not valid TOML"), (b"\xff", "not UTF-8")],
)
def test_what_cannot_be_changed_is_one_line(tmp_path: Path, text: bytes, words: str) -> None:
    path = tmp_path / "c.toml"
    path.write_bytes(text)
    with pytest.raises(UsageError, match=words) as caught:
        add_to_list(path, "feeds", ["x"])
    assert "\n" not in str(caught.value)
    assert path.read_bytes() == text


@given(st.lists(st.text(st.characters(codec="utf-8"), min_size=1), max_size=5))
def test_any_name_comes_back(tmp_path_factory: pytest.TempPathFactory, names: list[str]) -> None:
    path = tmp_path_factory.mktemp("c") / "c.toml"
    path.write_text(OWN)
    add_to_list(path, "feeds", names)
    expected = list(dict.fromkeys(["https://a.example/rss", *names]))
    assert tomllib.loads(path.read_text("utf-8"))["feeds"] == expected
    for name in names:
        remove_from_list(path, "feeds", name)
    left = [name for name in expected if name not in names]
    assert tomllib.loads(path.read_text("utf-8"))["feeds"] == left


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    real, path = tmp_path / "dotfiles.toml", tmp_path / "c.toml"
    real.write_text(OWN)
    path.symlink_to(real)
    assert add_to_list(path, "feeds", ["https://b.example/rss"]) == ["https://b.example/rss"]
    assert path.is_symlink()
    assert "https://b.example/rss" in real.read_text()
