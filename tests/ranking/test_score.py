from __future__ import annotations

import dataclasses
import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.paper import Paper
from digest.ranking.calibrate import to_100
from digest.ranking.category import score_by_category
from digest.ranking.interests import Example, Topic
from digest.ranking.score import less_avoided
from papers import (
    EMBEDDER,
    NONE,
    NOW,
    SUBJECTS,
    Vectors,
    best,
    day,
    opinion,
    paper,
    papers_about,
    profile,
    score,
    vectors_of,
)

DAY = day()
MOTHS, OWLS, SHIPS = (papers_about(name, 6, 1 + 100 * k) for k, name in enumerate(("moths", "owls", "ships")))
MONTH = vectors_of([p for k in range(5) for p in day(6 + k)])


def ids(*groups: list[Paper]) -> set[str]:
    return {each.id for group in groups for each in group}


def test_an_interest_brings_its_papers_and_says_why() -> None:
    scores = score(DAY, profile("moths", "owls"))
    assert best(DAY, scores, 12) == ids(MOTHS, OWLS)
    first, last = scores.receipts[0], scores.receipts[-1]
    assert (first.interest, scores.receipts[6].interest) == ("moths", "owls")
    assert first.cosine == pytest.approx(
        float((vectors_of(DAY[:1]) @ EMBEDDER.embed([SUBJECTS["moths"]]).T)[0, 0]),
        abs=2e-4,  # vectors are rounded to float16, as the archive keeps them
    )
    assert set(first.words) <= set(DAY[0].title.split())
    assert first.words
    assert not last.words
    assert first.percentile > last.percentile


def test_a_second_interest_takes_next_to_nothing_from_the_first() -> None:
    alone, both = score(DAY, profile("moths")), score(DAY, profile("moths", "ships"))
    assert np.all(both.raw >= alone.raw)
    assert both.raw[0] == pytest.approx(alone.raw[0], abs=0.01)


@pytest.mark.parametrize("part", ["text", "examples", "terms", "categories"])
def test_any_part_of_a_topic_will_do(part: str) -> None:
    parts: dict[str, Topic] = {
        "text": Topic("t", text=SUBJECTS["moths"]),
        "examples": Topic("t", examples=tuple(Example(p.id, p.text) for p in papers_about("moths", 3, 900))),
        "terms": Topic("t", terms=("moth", "lamp", "wing", "night", "insect", "flight")),
        "categories": Topic("t", categories=("q-bio.PE",)),
    }
    papers = [dataclasses.replace(p, categories=("q-bio.PE",)) if p in MOTHS else p for p in DAY]
    assert best(papers, score(papers, profile(parts[part])), 6) == ids(MOTHS)


def test_terms_are_favoured_whole_and_told() -> None:
    papers = [paper(1, "the night owl sees"), paper(2, "the owl sees at night")]
    scores = score(papers, profile(Topic("t", text="birds", terms=("night owl",))))
    assert scores.raw[0] > scores.raw[1]
    assert scores.receipts[0].words[0] == "night owl"


def test_an_interest_without_words_in_common_has_no_words_on_its_receipt() -> None:
    assert score([paper(1, "quiet")], profile("moths")).receipts[0].words == ()


@given(st.floats(0.2, 5), st.floats(0.2, 5))
def test_a_greater_weight_never_lowers(one: float, other: float) -> None:
    low, high = sorted((one, other))
    example = Example("", MOTHS[0].text)
    light, heavy = (
        score(DAY, profile(Topic("t", w, SUBJECTS["moths"], examples=(example,)))) for w in (low, high)
    )
    assert np.all(heavy.raw >= light.raw - 1e-6)
    order = np.argsort(light.raw, kind="stable")
    assert (np.diff(heavy.raw[order]) >= -1e-5).all(), "the order stays"


@given(st.floats(0.05, 10))
def test_no_avoidance_takes_more_than_half(weight: float) -> None:
    ship = DAY[len(MOTHS) + len(OWLS)]
    avoid = Topic("t", weight, examples=(Example("", ship.text),))  # itself: as relevant as can be
    scores = score(DAY, profile("moths", avoid=[avoid]), MONTH)
    assert all(0 <= receipt.penalty <= 0.5 for receipt in scores.receipts)
    assert max(receipt.penalty for receipt in scores.receipts) > 0.4


def test_what_is_not_wanted_counts_without_interests_too() -> None:
    rows = vectors_of(DAY)
    plain = score_by_category(DAY, rows, [])
    owls = [opinion(p, "dislike") for p in papers_about("owls", 3, 900)]
    for reader, name in ((profile(avoid=["owls"]), "owls"), (profile(opinions=owls), "papers you disliked")):
        less = less_avoided(plain, DAY, rows, reader, MONTH)
        cost = plain.raw - less.raw
        assert cost[6:12].min() > cost[:6].max()
        assert {less.receipts[i].avoided for i in range(6, 12)} == {name}
        assert list(less.scores) == list(to_100(less.raw))
    assert less_avoided(plain, DAY, rows, profile(), MONTH) is plain


def test_an_interest_with_a_category_claims_no_place_among_papers_of_unknown_category() -> None:
    worst = score(DAY, profile(Topic("t", text=SUBJECTS["moths"], categories=("cs.CL",))), MONTH)
    assert min(receipt.percentile for receipt in worst.receipts) == 0


def test_what_is_avoided_costs_and_is_on_the_receipt() -> None:
    with_avoid, without = score(DAY, profile("moths", avoid=["ships"])), score(DAY, profile("moths"))
    ship = len(MOTHS) + len(OWLS)
    assert with_avoid.raw[ship] < without.raw[ship]
    assert with_avoid.receipts[ship].penalty > 0
    assert with_avoid.receipts[ship].avoided == "ships"
    assert with_avoid.raw[0] == pytest.approx(without.raw[0], abs=0.02)
    assert without.receipts[ship].avoided == ""


@given(st.permutations(range(len(DAY))))
def test_the_order_of_papers_changes_nothing(order: list[int]) -> None:
    reader = profile("moths", "owls", avoid=["ships"], opinions=[opinion(p) for p in OWLS[:2]])
    plain, mixed = score(DAY, reader), score([DAY[i] for i in order], reader)
    assert mixed.raw == pytest.approx(plain.raw[order], abs=1e-5)
    assert [r.interest for r in mixed.receipts] == [plain.receipts[i].interest for i in order]


@given(st.sets(st.sampled_from(sorted(SUBJECTS)), min_size=1), st.integers(0, 3))
def test_scores_and_percentiles_are_monotone_in_the_raw_score(subjects: set[str], liked: int) -> None:
    scores = score(
        DAY, profile(*sorted(subjects), avoid=["bread"], opinions=[opinion(p) for p in DAY[:liked]])
    )
    order = np.argsort(scores.raw, kind="stable")
    for numbers in (scores.scores, [r.percentile for r in scores.receipts]):
        ordered = [numbers[i] for i in order]
        assert ordered == sorted(ordered)
    assert all(1 <= each <= 100 for each in scores.scores)


def test_more_of_an_interest_scores_higher() -> None:
    words = SUBJECTS["moths"].split()
    papers = [paper(n, " ".join(words[:n] + [f"filler{k}" for k in range(6 - n)])) for n in range(7)]
    assert list(np.argsort(score(papers, profile("moths")).raw)) == list(range(7))


def test_a_paper_has_the_same_score_on_a_good_day_and_on_a_bad_one() -> None:
    reader = profile("moths", "owls")
    good, bad = MOTHS + OWLS[1:], [MOTHS[0], *SHIPS, *papers_about("bread", 20, 400)]
    for month in (MONTH, vectors_of([p for k in range(5) for p in day(7 + k)])):
        one, other = score(good, reader, month), score(bad, reader, month)
        assert abs(one.scores[0] - other.scores[0]) <= 8
    assert max(score(SHIPS, profile("bread"), MONTH).scores) < 30  # a bad day's best is not good


def test_a_month_later_a_score_still_means_the_same() -> None:
    reader = profile("moths", opinions=[opinion(p) for p in OWLS[:3]])
    months = [vectors_of([p for k in range(8) for p in day(first + k)]) for first in (10, 13, 17)]
    scores = np.array([score(DAY, reader, month).scores for month in months])  # (3, n)
    assert np.ptp(scores, axis=0).max() <= 5


def test_percentiles_count_recent_papers() -> None:
    few = score(MOTHS[:1], profile("moths")).receipts[0].percentile
    many = score(MOTHS[:1], profile("moths"), MONTH).receipts[0].percentile
    assert few == 0
    assert many >= 70


def test_likes_alone_are_a_profile_and_receipts_name_them() -> None:
    likes = [opinion(p) for p in papers_about("owls", 3, 900)]
    scores = score(DAY, profile(opinions=likes), MONTH)
    assert best(DAY, scores, 6) == ids(OWLS)
    receipt = scores.receipts[int(scores.raw.argmax())]
    assert receipt.liked in {like.paper_id for like in likes}
    assert receipt.liked_title
    assert receipt.interest == "papers you liked"
    assert scores.receipts[-1].liked in {like.paper_id for like in likes}
    assert scores.receipts[-1].cosine < receipt.cosine


def test_a_like_raises_its_neighbours_and_more_likes_raise_them_more() -> None:
    gains = []
    for count in (0, 1, 3, 6):
        likes = [opinion(p) for p in papers_about("owls", count, 900)]
        raw = score(DAY, profile("moths", opinions=likes), MONTH).raw
        gains.append(float(raw[6:12].mean() - raw[12:].mean()))
    assert gains == sorted(gains)
    assert gains[1] > gains[0] + 0.01
    raw = score(DAY, profile("moths", opinions=[opinion(OWLS[0])]), MONTH).raw
    assert raw[:6].min() > raw[6:12].max(), "one like outweighs no interest"


def test_no_number_of_likes_outweighs_what_the_reader_wrote() -> None:
    plain = score(DAY, profile("moths"), MONTH)
    likes = [opinion(p) for p in papers_about("owls", 200, 900)]
    swamped = score(DAY, profile("moths", opinions=likes), MONTH)
    assert (swamped.raw[:6] >= 0.5 * plain.raw[:6]).all()


def test_recent_likes_count_more() -> None:
    def lead(owls_ago: float, ships_ago: float) -> float:
        likes = [opinion(p, days_ago=owls_ago) for p in papers_about("owls", 3, 900)]
        likes += [opinion(p, days_ago=ships_ago) for p in papers_about("ships", 3, 950)]
        raw = score(DAY, profile(opinions=likes), MONTH).raw
        return float(raw[6:12].mean() - raw[12:18].mean())

    assert lead(0, 200) > lead(0, 0) > lead(200, 0)


def test_a_dislike_lowers_its_neighbours() -> None:
    without = score(DAY, profile("moths", "owls"), MONTH)
    dislikes = [opinion(p, "dislike") for p in papers_about("owls", 3, 900)]
    scores = score(DAY, profile("moths", "owls", opinions=dislikes), MONTH)
    assert scores.raw[6:12].mean() < without.raw[6:12].mean() - 0.02
    assert scores.raw[:6] == pytest.approx(without.raw[:6], abs=0.02)
    assert any(receipt.avoided == "papers you disliked" for receipt in scores.receipts[6:12])


def test_a_profile_is_empty_without_interests_and_likes() -> None:
    assert profile().is_empty
    assert profile(avoid=["moths"]).is_empty
    assert profile(opinions=[opinion(MOTHS[0], "dislike"), opinion(OWLS[0], "hide")]).is_empty
    assert not profile("moths").is_empty
    assert not profile(opinions=[opinion(MOTHS[0])]).is_empty


def test_no_papers_give_no_scores() -> None:
    scores = score([], profile("moths"), MONTH)
    assert (scores.scores, scores.receipts, len(scores.raw)) == ((), (), 0)


@pytest.mark.parametrize("recent", [NONE, np.empty((0, 256), np.float32), MONTH[:1]])
def test_one_paper_and_a_young_archive_are_enough(recent: Vectors) -> None:
    (value,) = score(MOTHS[:1], profile("moths", opinions=[opinion(OWLS[0])]), recent).scores
    assert 1 <= value <= 100


def test_opinions_of_the_future_count_as_of_today() -> None:
    clock = opinion(OWLS[0])
    early = dataclasses.replace(clock, at=NOW + dt.timedelta(days=400))
    assert profile(opinions=[early]).likes.weights == profile(opinions=[clock]).likes.weights
