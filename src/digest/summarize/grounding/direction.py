"""Directions turned round: "increases" where the source says "reduces", "robust" where it says "fragile"."""

from __future__ import annotations

import functools
import re

from digest.summarize.grounding.flags import TURNED
from digest.summarize.grounding.words import FUNCTION_WORDS, content_stems, plain, stem
from digest.text.sentences import split_sentences

# Each pair is one kind of direction: words for up, words for down.
_PAIRS = (
    (
        r"improv\w*|boost\w*|enhanc\w*|strengthen\w*|advance[sd]?|benefit\w*",
        r"degrad\w*|worsen\w*|hurt(?:s|ing)?|harm(?:s|ed|ing)?|impair\w*|deteriorat\w*|weaken\w*"
        r"|damag\w*|sacrific\w*|los(?:e|es|ing)",
    ),
    (
        r"increas\w*|rais(?:e|es|ed|ing)|gain(?:s|ed)?|grow(?:s|n|ing)?|rise(?:s|n)?|rising"
        r"|elevat\w*|amplif\w*|expand\w*|widen\w*",
        r"reduc\w*|decreas\w*|lower(?:s|ed|ing)|drop(?:s|ped|ping)?|declin\w*|diminish\w*"
        r"|shrink\w*|shrank|cut(?:s|ting)?"
        r"|fall(?:s|en|ing)?|fell|minimi[sz]\w*|halv\w*|narrow(?:s|ed|ing)",
    ),
    (
        r"higher|larger|greater|more|better|superior|bigger|longer|wider|deeper|highest|largest"
        r"|exceed\w*|above",
        r"lower|smaller|less|fewer|worse|inferior|shorter|narrower|shallower|lowest|smallest|below|poorer",
    ),
    (
        r"faster|speed\w* up|speedups?|accelerat\w*|quick\w*|fast|fastest",
        r"slower|slow(?:s|ed|ing)?|slow(?:ing)? down|decelerat\w*|slowest",
    ),
    (r"stronger|strong|strongly|strongest", r"weaker|weak|weakly|weakest"),
    (r"robust\w*|resilien\w*|resistant", r"fragil\w*|brittle\w*|vulnerab\w*|sensitiv\w*|susceptib\w*"),
    (r"stable|stabili[sz]\w*|stability", r"unstable|destabili[sz]\w*|instabilit\w*"),
    (r"efficient\w*|efficiency", r"inefficien\w*"),
    (r"accurate(?:ly)?", r"inaccura\w*"),
    (
        r"eas(?:y|ier|ily|iest)|simpl(?:e|er|est|y)|straightforward\w*",
        r"difficult\w*|hard(?:er|est)?|complicated|complex",
    ),
    (r"maximi[sz]\w*", r"minimi[sz]\w*"),
    (r"supervised", r"unsupervised|self-supervised"),
    (r"linear(?:ly)?", r"non-?linear(?:ly)?|nonlinearity"),
    (r"convex", r"non-?convex"),
    (r"similar(?:ly|ity)?|same|identical|alike", r"differ(?:s|ent|ently)?|dissimilar|distinct"),
    (r"possib(?:le|ly)|able|feasible|can", r"impossib\w*|unable|infeasible|cannot"),
    (r"succe(?:ed|eds|ss|ssful|ssfully)", r"fail(?:s|ed|ure|ures|ing)?|unsuccessful\w*"),
    (r"positive(?:ly)?", r"negative(?:ly)?"),
    (r"known|seen", r"unknown|unseen"),
    (r"large|long|high|big|huge", r"small|short|low|tiny"),
    (r"upper", r"lower"),
    (
        r"abundance|abundant|wealth|plenty|plentiful",
        r"lack(?:s|ing|ed)?|absence|scarc\w*|shortage|dearth|paucity",
    ),
    (r"sufficient\w*|enough|adequate\w*", r"insufficient\w*|inadequate\w*"),
    (
        r"enabl\w*|allow\w*|facilitat\w*|encourag\w*|promot\w*|help\w*",
        r"prevent\w*|hinder\w*|prohibit\w*|discourag\w*|preclud\w*|imped\w*",
    ),
    (r"outperform\w*|surpass\w*", r"underperform\w*"),
    (r"before|prior to", r"after"),
    (r"overestimat\w*", r"underestimat\w*"),
    (r"online", r"offline"),
    (r"labell?ed", r"unlabell?ed"),
    (r"dense(?:ly)?", r"sparse(?:ly)?"),
    (r"global(?:ly)?", r"local(?:ly)?"),
    (r"discrete", r"continuous(?:ly)?"),
    (r"homogen\w*", r"heterogen\w*"),
    (r"includ\w*|add(?:s|ed|ing)?", r"exclud\w*|remov\w*|eliminat\w*"),
    (r"explicit\w*", r"implicit\w*"),
    (r"static", r"dynamic"),
    (r"determinis\w*", r"stochastic\w*|non-?determinis\w*"),
    (
        r"solv\w*|resolv\w*|mitigat\w*|alleviat\w*|overcom\w*|prevent\w*|avoid\w*",
        r"caus\w*|exacerbat\w*|aggravat\w*|worsen\w*|introduc\w* the problem",
    ),
    (r"consistent(?:ly)?|consistency", r"inconsisten\w*"),
    (r"necessary|required?|requires|needs?|needed|essential", r"unnecessary|optional|unneeded"),
    (r"cheap\w*|inexpensive", r"expensive|costly"),
)
_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*(?:'[^\W_]+)?|[,;:.()]")
_REACH = 4
_BETTER, _MORE, _STRONG = 0, 1, 4  # the first pairs: better, more, comparisons, speed
_WORTH = len(_PAIRS)  # a kind of its own: what is better or worse, however it is said
_CLOSE, _VERY_CLOSE, _CLEARLY = 0.3, 0.7, 0.5
_GOOD_WORDS = (
    "accuracy performance speed quality robustness efficiency precision recall generalization score "
    "stability fairness reliability scalability reward f1 bleu interpretability throughput"
)
_GOOD = frozenset(
    map(
        stem,
        _GOOD_WORDS.split(),
    )
)
_BAD_WORDS = "error cost loss latency variance noise overfitting bias perplexity overhead misclassification"
_BAD = frozenset(
    map(
        stem,
        _BAD_WORDS.split(),
    )
)
_BARRIER_WORDS = "by of in for with and or but on at from while"
_BARRIERS = frozenset(_BARRIER_WORDS.split())
# Words that say only how much.
_DEGREE_WORDS = (
    "significantly substantially greatly slightly much performance method model approach results result "
    "proposed paper work show shows large-scale"
)
_DEGREES = frozenset(
    map(
        stem,
        _DEGREE_WORDS.split(),
    )
)
_NOT = frozenset(
    {"not", "no", "without", "never", "cannot", "n't", "neither", "nor", "hardly", "fail", "fails"}
)


@functools.cache
def _sides() -> tuple[tuple[re.Pattern[str], re.Pattern[str]], ...]:
    """Return the pairs as patterns, made when they are first needed."""
    return tuple((re.compile(up), re.compile(down)) for up, down in _PAIRS)


@functools.cache
def _kinds(word: str) -> tuple[tuple[int, int], ...]:
    """Return the pairs that a word in lower case belongs to, each with its side: 1 or -1."""
    found = []
    for kind, (up, down) in enumerate(_sides()):
        if down.fullmatch(word):
            found.append((kind, -1))
        elif up.fullmatch(word):
            found.append((kind, 1))
    return tuple(found)


@functools.lru_cache(maxsize=512)
def directions(sentence: str) -> tuple[tuple[int, int, str, frozenset[str], frozenset[str]], ...]:
    """Return each directed word: its pair, its side, itself, and the stems before and behind it."""
    tokens = [token.lower() for token in _WORD.findall(plain(sentence))]
    kinds = [_kinds(token) for token in tokens]
    stems = ["" if not token[0].isalpha() or token in FUNCTION_WORDS else stem(token) for token in tokens]
    # A word that has a direction of its own ends another's reach.
    ends = [any(kind < _STRONG for kind, _ in found) for found in kinds]
    found = []
    for i, token in enumerate(tokens):
        for kind, side in kinds[i]:
            before = _reach(list(zip(stems[:i][::-1], ends[:i][::-1], strict=True)))
            after = (
                i + 3 if tokens[i + 1 : i + 2] in (["and"], ["or"]) and any(ends[i + 2 : i + 3]) else i + 1
            )
            behind = _reach(list(zip(stems[after:], ends[after:], strict=True)))
            turned = -side if _is_denied(tokens, i) else side
            found.append((kind, turned, token, before, behind))
            # Less of what is bad is better, less of what is good is worse.
            if kind == _MORE and (value := _value_of(behind or before)):
                found.append((_WORTH, turned * value, token, before, behind))
            if kind == _BETTER:
                found.append((_WORTH, turned, token, before, behind))
    return tuple(found)


def _value_of(stems: frozenset[str]) -> int:
    """Return 1 for what one wants more of, -1 for what one wants less of, 0 where words don't tell."""
    good, bad = bool(stems & _GOOD), bool(stems & _BAD)
    return int(good) - int(bad)


def _is_denied(tokens: list[str], at: int) -> bool:
    """Say whether a "no" bears on a word: shortly before it, no preposition between, or right behind it."""
    if at + 1 < len(tokens) and tokens[at + 1] == "no":
        return True
    for distance, word in enumerate(tokens[max(0, at - 3) : at][::-1]):
        if word == "only" or (word == "no" and distance > 1):
            return False
        if word in _NOT or word.endswith("n't"):
            return True
        if word in _BARRIERS or not word[0].isalnum():
            return False
    return False


def _reach(stems: list[tuple[str, bool]]) -> frozenset[str]:
    """Return the first few stems with meaning, up to another directed word."""
    found: list[str] = []
    for one, ends in stems[: 2 * _REACH]:
        if ends or len(found) == _REACH:
            break
        if one and one not in _DEGREES:
            found.append(one)
    return frozenset(found)


def direction_flags(text: str, sentences: tuple[str, ...]) -> list[str]:
    """Say which directed words of an English text stand against those of its source.

    A word is turned round when the source has, of the same pair, the other side in more similar company than
    its own.
    """
    flags = []
    known = [(frozenset(content_stems(sentence)), directions(sentence)) for sentence in sentences]
    for part in split_sentences(text):
        own = frozenset(content_stems(part))
        for kind, side, word, before, behind in directions(part):
            best = {1: 0.0, -1: 0.0}
            for stems, entries in known:
                shared_share = len(own & stems) / max(1, len(own))
                for other_kind, other_side, _, other_before, other_behind in entries:
                    crossed = {kind, other_kind} == {_BETTER, _MORE} and shared_share >= _VERY_CLOSE
                    close = shared_share >= _CLOSE or other_side == side
                    if crossed or (other_kind == kind and close):
                        shared = len(behind & other_behind) + 0.5 * len(before & other_before)
                        shared += 0.25 * (len(behind & other_before) + len(before & other_behind))
                        best[other_side] = max(best[other_side], shared)
            if best[-side] >= 1 and best[-side] > best[side] + _CLEARLY:
                flags.append(TURNED.format(word))
    return list(dict.fromkeys(flags))
