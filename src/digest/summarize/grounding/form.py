"""The form of a field: cleaned, whole, in the language asked for, neither a loop nor a copy."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from digest.paper import FIELD_NAMES
from digest.summarize.grounding.flags import (
    COPIED,
    EMPTY,
    GARBLED,
    HEADLINE,
    LOOP,
    PARROT,
    REPEATED,
    TITLE,
    TOO_LONG,
    TOO_SHORT,
    UNFINISHED,
    WRONG_LANGUAGE,
)
from digest.summarize.grounding.language import is_in, is_title_cased, looks_english
from digest.summarize.grounding.words import FUNCTION_WORDS
from digest.text.clean import clean_text
from digest.text.sentences import split_sentences

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.paper import Sentence

_THOUGHT = re.compile(r"<(think|thinking|thought|reasoning)>.*?(?:</\1>|\Z)", re.DOTALL | re.IGNORECASE)
_THOUGHT_END = re.compile(r"^.*</(?:think|thinking|thought|reasoning)>", re.DOTALL | re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?。！？][\"”’)]?(?=\s|$)|[。！？]")
_STAMMER = re.compile(r"([^\W\d_]{1,3})\1{3,}")
_RUN = re.compile(r"(.{6,200}?)\1\1")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_OWN_WORK = re.compile(r"(?:We|In this|This (?:paper|work|article|study)|Our|Here)\b")
_LAST_WORD = re.compile(r"([^\W_]+)[\"”’)]*\Z")
# A sentence seldom ends with these; "of which", "to do so" and the like do not count.
_NEVER_LAST_WORDS = (
    "a an the this these of in on at by for from to into with without than and or but nor as that which "
    "whose is are was were be been has have our their its your my we they can could may will would "
    "should such via per while when where because if using including between among de der die das und "
    "le les et el los y"
)
_NEVER_LAST = frozenset(_NEVER_LAST_WORDS.split())
_ZH_NEVER_LAST = (
    "的",
    "和",
    "与",
    "及",
    "在",
    "将",
    "把",
    "对",
    "为了",
    "并",
    "或",
    "由",
    "从",
    "以及",
    "通过",
)
_LOOP_WORDS = 6
_PARROT_WORDS = 7
_SAME = 0.75
_MOST_WORDS, _MOST_SENTENCES, _MOST_CJK = 90, 4, 240
_LEAST_WORDS, _LEAST_CJK = 3, 6
_COPIED_FIELDS = ("tldr", "method", "conclusion")


def tidy(raw: str, label: str) -> str:
    """Take away what is not the field's text: thoughts, controls, a repeated label."""
    text = clean_text(without_thoughts(raw))
    bare = label.rstrip(":： ")
    return re.sub(rf"^\W*{re.escape(bare)}\W*[:：][\s*_]*", "", text, flags=re.IGNORECASE).strip()


def without_thoughts(raw: str) -> str:
    """Take away what a thinking model thought aloud, whether it closed its thought or not."""
    return _THOUGHT_END.sub("", _THOUGHT.sub("", raw))


def full_sentences(text: str) -> str:
    """Return a text up to the end of its last full sentence; all of it when it has none."""
    ends = [match.end() for match in _SENTENCE_END.finditer(text)]
    return text[: ends[-1]] if ends else text


def ends_a_sentence(text: str) -> bool:
    """Say whether a text's last mark ends a sentence."""
    return _SENTENCE_END.search(text[-2:]) is not None


def loops(text: str) -> bool:
    """Say whether six words come twice, a run of characters three times, or a few letters again and again.

    Runs of characters, for Chinese has no spaces.
    """
    if _STAMMER.search(text):
        return True
    words = _plain(text).split()
    grams = [tuple(words[i : i + _LOOP_WORDS]) for i in range(len(words) - _LOOP_WORDS + 1)]
    return len(grams) != len(set(grams)) or bool(_RUN.search(text))


def form_flags(
    text: str,
    *,
    title: str,
    sentences: Sequence[Sentence],
    language: str,
    label: str,
    field: str,
    instructions: str,
    others: Sequence[str],
) -> list[str]:
    """Say what is wrong with a text before its facts are looked at."""
    if not any(c.isalnum() for c in text):
        return [EMPTY]
    flags = []
    if loops(text):
        flags.append(LOOP)
    if "\ufffd" in text:  # half a character: the model stopped in the middle of one
        flags.append(GARBLED)
    if any(says_the_same(text, other) for other in others):
        flags.append(REPEATED)
    flags += _title_flags(text, title)
    if not is_in(text, language):
        flags.append(WRONG_LANGUAGE)
    if _parrots(text, label, instructions, [title, *(sentence.text for sentence in sentences)]):
        flags.append(PARROT)
    if _copies_first(text, field, sentences):
        flags.append(COPIED)
    if is_unfinished(text, sentences):
        flags.append(UNFINISHED)
    return [*flags, *_length_flags(text, field)]


def _title_flags(text: str, title: str) -> list[str]:
    if says_the_same(text, title):
        return [TITLE]
    is_headline = is_title_cased(text) and looks_english(text) and not ends_a_sentence(text)
    return [HEADLINE] if is_headline else []


def _length_flags(text: str, field: str) -> list[str]:
    cjk, words = len(_CJK.findall(text)), len(text.split())
    if cjk > _MOST_CJK or words > _MOST_WORDS or len(split_sentences(text)) > _MOST_SENTENCES:
        return [TOO_LONG]
    # What a reader asks for beside the usual fields may be one name: a data set.
    if field in ("", *FIELD_NAMES) and words < _LEAST_WORDS and cjk < _LEAST_CJK:
        return [TOO_SHORT]
    return []


def _parrots(text: str, label: str, instructions: str, source: list[str]) -> bool:
    """Say whether a text says its label, or seven words of the instructions that the source does not have."""
    if _plain(text) == _plain(label):
        return True
    if not instructions:
        return False
    known = _grams(" ".join(source))
    asked = _grams(instructions) - known
    return bool(_grams(text) & asked)


def _grams(text: str) -> set[tuple[str, ...]]:
    """Return runs of words, and of characters where there are no spaces."""
    words = [part for word in _plain(text).split() for part in (word if _CJK.search(word) else [word])]
    size = 2 * _PARROT_WORDS if sum(len(word) == 1 for word in words) > len(words) / 2 else _PARROT_WORDS
    return {tuple(words[i : i + size]) for i in range(len(words) - size + 1)}


def _copies_first(text: str, field: str, sentences: Sequence[Sentence]) -> bool:
    """Say whether a field other than the motivation is the abstract's opening about the world at large."""
    if field not in _COPIED_FIELDS or not sentences[1:] or sentences[0].role != "background":
        return False
    if _OWN_WORK.match(sentences[0].text):
        return False
    return says_the_same(text, sentences[0].text)


def is_unfinished(text: str, sentences: Sequence[Sentence]) -> bool:
    """Say whether a text stops in the middle: at a word that leads on, or in a copied run that goes on."""
    end = text.rstrip()
    if ends_a_sentence(end):
        return False
    if end.endswith((",", "-", "(", "，", "、", "：", ":", ";", "；")) or end.count("(") > end.count(")"):
        return True
    if end.endswith(_ZH_NEVER_LAST):
        return True
    last = _LAST_WORD.search(end[-60:])
    if last and last[1].lower() in _NEVER_LAST:
        return True
    tail = _plain(end).split()[-4:]
    if len(tail) == 4:  # noqa: PLR2004
        for sentence in sentences:
            found = f" {_plain(sentence.text)} ".partition(f" {' '.join(tail)} ")
            following = found[2].split()
            if found[1] and following and following[0] not in FUNCTION_WORDS:
                return True
    return False


def says_the_same(one: str, other: str) -> bool:
    """Say whether two texts have nearly the same words (Jaccard)."""
    first, second = set(_plain(one).split()), set(_plain(other).split())
    return len(first & second) >= _SAME * max(1, len(first | second))


def _plain(text: str) -> str:
    return re.sub(r"\W+", " ", text.lower()).strip()
