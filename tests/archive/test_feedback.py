from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from builders import MOTHS, OWLS
from digest.archive import Archive
from digest.errors import ArchiveError
from digest.ranking.interests import Opinion

if TYPE_CHECKING:
    from digest.ranking.interests import Verdict

AT = dt.datetime(2026, 2, 3, 7, 0, tzinfo=dt.UTC)

words = st.tuples(
    st.sampled_from([MOTHS.id, OWLS.id, "unknown"]),
    st.sampled_from(["like", "dislike", "hide", "forget"]),
    st.integers(0, 4_000_000_000).map(lambda seconds: dt.datetime.fromtimestamp(seconds / 2, dt.UTC)),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(st.lists(words, max_size=12))
def test_the_last_word_on_a_paper_counts(
    tmp_path: Path, said: list[tuple[str, Verdict, dt.datetime]]
) -> None:
    path = tmp_path / "a.sqlite"
    texts = {MOTHS.id: MOTHS.text, OWLS.id: OWLS.text}
    expected: dict[str, Opinion] = {}
    with Archive(path) as archive:
        archive.add_papers([MOTHS, OWLS])
        for known in texts:
            archive.forget_opinion(known)
        for paper_id, verdict, at in said:
            if verdict not in ("like", "dislike", "hide"):
                assert archive.forget_opinion(paper_id) == (expected.pop(paper_id, None) is not None)
            else:
                assert archive.add_opinion(paper_id, verdict, at=at) == (paper_id in texts)
                if paper_id in texts:
                    title = {MOTHS.id: MOTHS.title, OWLS.id: OWLS.title}[paper_id]
                    expected[paper_id] = Opinion(
                        paper_id, texts[paper_id], verdict, at.astimezone(dt.UTC), title
                    )
    with Archive(path) as archive:
        found = archive.opinions()
    assert {opinion.paper_id: opinion for opinion in found} == expected
    assert len(found) == len(expected)
    assert list(found) == sorted(found, key=lambda o: (-o.at.timestamp(), o.paper_id))


def test_the_text_is_that_of_the_newest_version(tmp_path: Path) -> None:
    with Archive(tmp_path / "a.sqlite") as archive:
        newer = replace(MOTHS, version=2, title="Counting More Moths")
        archive.add_papers([newer, MOTHS])
        archive.add_opinion(MOTHS.id, "like", at=AT)
        assert archive.opinions() == (Opinion(MOTHS.id, newer.text, "like", AT, newer.title),)


def test_the_time_is_now_when_none_is_given(tmp_path: Path) -> None:
    with Archive(tmp_path / "a.sqlite") as archive:
        archive.add_papers([MOTHS])
        before = dt.datetime.now(dt.UTC)
        archive.add_opinion(MOTHS.id, "hide")
        assert before <= archive.opinions()[0].at <= dt.datetime.now(dt.UTC)


def test_a_verdict_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    failures: list[ArchiveError] = []
    with Archive(tmp_path / "a.sqlite", on_write_error=failures.append) as archive:
        archive.add_papers([MOTHS])
        archive._db.execute("PRAGMA query_only = ON")
        assert archive.add_opinion(MOTHS.id, "like") is False
    assert len(failures) == 1
    with Archive(tmp_path / "a.sqlite") as archive:
        archive._db.execute("PRAGMA query_only = ON")
        with pytest.raises(ArchiveError, match="cannot be written"):
            archive.add_opinion(MOTHS.id, "like")
