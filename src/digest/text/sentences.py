"""Split an abstract into sentences, by rules.

A place where a sentence may end is found first; then reasons are looked for why it does not: an
abbreviation, an initial, a decimal, a name such as "Node.js". Rules of this kind (after Mikheev 2002,
"Periods, Capitalized Words, etc.") reach what trained splitters reach on abstracts and need no model.
"""

from __future__ import annotations

import re

_CLOSERS = "\"'”’»)\\]}"
_OPENERS = "\"'“‘«(\\[{"

# With space behind: what follows decides. Without: only Chinese marks and "works.We" end a sentence.
_END = re.compile(
    rf"""
      (?P<spaced> (?: \.{{1,4}} | [?!…]+ ) [{_CLOSERS}]* ) (?=\s)
    | (?P<chinese> [。！？]+ [」』”’）】》]* )
    | (?P<joined>
          (?<=[a-z)\]%])[.?!] | (?<=[a-z]{{2}}\d)\. )
          (?= [A-Z][a-z]+[\s,;:] | [A-Z]\s[a-z] | We[\s,] )
        | (?<=[a-z]{{4}})\. (?= [A-Z][a-z]+[A-Z]\w*\s[a-z] )
    """,
    re.VERBOSE,
)
# After these comes a name, a number or more of the same sentence.
_NEVER_LAST_WORDS = (
    "e.g eg i.e ie cf vs viz resp approx ca w.r.t s.t a.k.a fig figs eq eqs eqn eqns tabs thm prop cor nos "
    "vol vols chap pp p dr prof mr mrs dept univ incl esp suppl et rep capt"
)
_NEVER_LAST = frozenset(_NEVER_LAST_WORDS.split())
# These may end a sentence: they do when a word follows that starts sentences.
_SOMETIMES_LAST_WORDS = (
    "al etc i.i.d iid a.m p.m u.s u.k u.n e.u inc ltd co corp jr sr ph.d d.c b.c a.d "
    "jan feb mar apr jun jul aug sep sept oct nov dec avg "
    "app no max min sec secs ref refs def tab gen lem col st ms ch ex"
)
_SOMETIMES_LAST = frozenset(_SOMETIMES_LAST_WORDS.split())
_STARTERS_WORDS = (
    "A An And As At After Although Although Across Additionally All Also Among Because Besides Both But By "
    "Code Compared Consequently Concretely Crucially Despite Due During Each Empirically Even Experiments "
    "Extensive Existing Finally First For From Further Furthermore Given Hence Here However If In Indeed "
    "Inspired Instead It Its Later Meanwhile More Moreover Most Nevertheless Next No Nonetheless Not Notably "
    "Of On Once One Only Our Overall Previous Prior Recent Recently Results Second Several Similarly Since "
    "So Some Specifically Still Such That The Their Then There Therefore These They This Those Though "
    "Through Thus To Together Towards Two Under Unlike Until Using Via We What When Whereas Whether "
    "While Why With Without Yet You"
)
_STARTERS = frozenset(_STARTERS_WORDS.split())
_LAST_WORD = re.compile(rf"[{_OPENERS}]*([\w.’'&/-]*)\Z")
_INITIALS = re.compile(r"(?:[A-Z]\.)*-?[A-Z]")
_HEADING = re.compile(
    r"(?:Background|Introduction|Motivation|Purpose|Aims?|Objectives?|Goals?|Materials? and methods?|Methods?"
    r"|Methodology|Design|Approach|Findings|Results?|Discussion|Conclusions?|Significance|Limitations)",
    re.IGNORECASE,
)
_ITEM = re.compile(r"\(?(?:[ivx]{1,4}|[a-h]|[0-9]{1,2})\)\s")
_NEXT_WORD = re.compile(rf"\s*[{_OPENERS}]*(\S+)")


def split_sentences(text: str) -> tuple[str, ...]:
    """Return the sentences of `text`, in order, none of them empty.

    Joined with single spaces they give back the text with its white space normalised; Chinese
    sentences, which stand without spaces, and sentences that lacked one, give it back without.
    """
    text = " ".join(text.split())
    sentences, start = [], 0
    for match in _END.finditer(text):
        end = match.end()
        if match["spaced"] and not _ends_here(text, start, match):
            continue
        if sentence := text[start:end].strip():
            sentences.append(sentence)
        start = end
    if rest := text[start:].strip():
        sentences.append(rest)
    return tuple(sentences)


def _ends_here(text: str, start: int, match: re.Match[str]) -> bool:  # noqa: PLR0911 - one rule, one return
    following = _NEXT_WORD.match(text, match.end())
    if following is None:
        return True
    word = following[1]
    first = word[0]
    if first.islower() and not _may_open(text[match.end() : match.end() + 12].lstrip(), word):
        return False
    mark = match["spaced"]
    if mark == "." and _HEADING.fullmatch(text[start : match.start()].strip()):
        return False
    if not mark.startswith("."):
        return True
    if mark.startswith(".."):
        return first.isupper()
    last = _last_word(text, start, match.start())
    bare = last.rstrip(".").lower()
    if bare in _NEVER_LAST:
        return mark[-1] in ")]" and first.isupper()
    plain = re.split(r"[^\w’'-]", word, maxsplit=1)[0]
    if bare in _SOMETIMES_LAST:
        return mark != "." or plain in _STARTERS
    if _INITIALS.fullmatch(last) and mark == ".":
        return _ends_after_initial(last, plain, text, match)
    return True


def _ends_after_initial(last: str, following: str, text: str, match: re.Match[str]) -> bool:
    """Tell "in class A. We" from "J. Smith"."""
    if following not in _STARTERS:
        return False
    before = text[: match.start() - len(last)].rstrip()
    return following not in {"A", "An"} or before.endswith((")", ","))


def _last_word(text: str, start: int, end: int) -> str:
    match = _LAST_WORD.search(text, max(start, end - 40), end)
    return match[1] if match else ""


def _may_open(rest: str, word: str) -> bool:
    """Tell what may open a sentence though it starts small: "mRNA", "k-means", "(ii) We", a link."""
    return bool(re.match(r"[a-z]{1,2}[A-Z]|[a-z]-[A-Za-z]{2}|https?://", word) or _ITEM.match(rest))
