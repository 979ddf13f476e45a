from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from digest.summarize.speculation import LENGTHS, Lookup, Policy, passes


def test_what_followed_before_is_guessed_again() -> None:
    lookup = Lookup([1, 2, 3, 4, 5, 6, 9, 9])
    assert lookup.observe(2) is None
    assert lookup.observe(3) is None
    assert lookup.draft(3) == [4, 5, 6]
    assert lookup.observe(4) is True
    assert lookup.observe(5) is True
    assert lookup.streak == 2
    assert lookup.observe(7) is False
    assert lookup.streak == 0
    assert lookup.draft(3) == []


@given(st.lists(st.integers(0, 4), max_size=60), st.lists(st.integers(0, 4), max_size=30))
def test_a_draft_always_stands_in_the_text_after_the_same_two_tokens(
    prompt: list[int], more: list[int]
) -> None:
    lookup = Lookup(prompt)
    for token in more:
        guess = lookup.draft(1)
        assert lookup.observe(token) == (guess == [token] if guess else None)
    text = [*prompt, *more]
    draft = lookup.draft(3)
    if draft:
        runs = [text[i : i + 2 + len(draft)] for i in range(len(text))]
        assert [*text[-2:], *draft] in runs


def trained(cost_of_pass: float, cost_of_token: float, hits: int) -> Policy:
    policy = Policy()
    for counts in (
        {0: 1},
        {0: 1, 1: 1},
        {0: 4},
        {0: 1, 1: 3},
        {0: 8, 1: 8},
        {0: 1, 1: 9},
        {0: 20, 1: 20},
    ) * 3:
        policy.learn_time(counts, cost_of_pass * len(passes(counts)) + cost_of_token * sum(counts.values()))
    for number in range(200):
        for streak in (0, 1, 3, 7, 15, 30):
            policy.learn_guess(streak, right=number % 10 < hits)
    return policy


def test_a_machine_on_which_more_tokens_are_free_guesses_far() -> None:
    assert trained(1.0, 0.001, 8).choose({0: 4, 1: 4}) == dict.fromkeys((0, 1), max(LENGTHS))


def test_a_machine_on_which_every_token_costs_does_not_guess() -> None:
    assert trained(0.1, 1.0, 9).choose({0: 4, 1: 4}) == {0: 0, 1: 0}


def test_guesses_that_do_not_come_true_are_not_made() -> None:
    assert trained(1.0, 0.001, 1).choose({0: 4, 1: 4}) == {0: 0, 1: 0}


def test_without_a_guess_there_is_no_draft() -> None:
    assert trained(1.0, 0.001, 9).choose({0: None, 1: 4}) == {0: 0, 1: max(LENGTHS)}


def test_what_was_never_tried_is_tried() -> None:
    policy = Policy()
    for _ in range(20):
        policy.learn_guess(4, right=True)
    assert sum(policy.choose({0: 4, 1: 4}).values()) > 0


@given(st.dictionaries(st.integers(0, 8), st.integers(1, 9), min_size=1))
def test_passes_have_every_token_once(counts: dict[int, int]) -> None:
    sizes = passes(counts)
    assert sum(sizes) == sum(counts.values())
    assert all(sizes)


def test_only_neighbours_with_as_many_tokens_are_one_pass() -> None:
    assert passes({0: 1, 1: 1, 2: 1}) == [3]
    assert passes({0: 1, 2: 1}) == [1, 1]
    assert passes({0: 1, 1: 5, 2: 5}) == [3, 8]
    assert passes({4: 3}) == [3]
