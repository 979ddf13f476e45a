"""Say a sentence in fewer of its own words: lead-ins, asides and trailing clauses are cut, nothing is added.

Every form is a whole sentence with its words in order. Cuts stand outside of brackets and formulas, and
where a cut might leave a clause hanging, there is none.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_FORMS = 32
_LONGEST = 2000
"""Characters: what is longer is no sentence, and each of its many cuts would take long to judge."""

_TAIL = 80  # characters in which a form may be seen to hang
_FEWEST_WORDS = 5
"""A form with fewer words says too little."""

_END = re.compile(r"[.!?…。！？][\"'”’»)\]」』）]*\Z")
_CJK = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_STYLED = re.compile(r"[a-z]{1,2}[A-Z]")
_MATH = re.compile(r"\$[^$]*\$")
_BRACKET = re.compile(r"[(){}$\[\]]")
_PAIRS = {"(": ")", "[": "]", "{": "}"}

_TIE = re.compile(
    r"(?:(?:and|but|or|so)\s+)?(?:however|moreover|furthermore|additionally|in addition|also|therefore"
    r"|thus|hence"
    r"|consequently|as a (?:result|consequence|remedy|solution|step|first step)|finally|lastly|besides"
    r"|nevertheless|nonetheless|meanwhile|in contrast|by contrast|conversely|yet|still|accordingly"
    r"|to th(?:is|at) end|for (?:example|instance|this (?:purpose|reason))|further|similarly|likewise"
    r"|indeed|then|next|instead|in turn|here|specifically|in particular|more (?:specifically|precisely"
    r"|importantly|concretely)|concretely|namely|notably|importantly|interestingly|surprisingly|crucially"
    r"|overall|in (?:summary|short|conclusion|general|other words|fact)|to summarize|to conclude"
    r"|on the other hand|on this basis"
    r"|at the same time|unfortunately|with this in mind|first(?:ly)?|second(?:ly)?|third(?:ly)?"
    r"|last but not least"
    r"|particularly|essentially|empirically|in this (?:direction|regard|context|vein|way|spirit|case)"
    r"|and|but|so)"
    r"(?:,\s+|\s+(?=we\s))"
    # Without a comma: "But while", not "But for"; "Then the", not "Then-current".
    r"|but\s+(?=(?:as|while|if|when|in|on|the|this|these|most|many|existing|current|it|there|they|our)\s)"
    r"|(?:however|yet|then|thus|so|and)\s+(?=(?:the|a|an|this|these|such|most|many|existing|current|it"
    r"|there|they|our)\s)",
    re.IGNORECASE,
)
_LEAD_IN = re.compile(
    r"in (?:this|our|the (?:present|current)) (?:\w+ )?(?:paper|work|article|study|report|letter|thesis|note"
    r"|research|contribution|manuscript|survey)(?:,\s*|\s+(?=(?:we|i|the|a|an|our)\s))",
    re.IGNORECASE,
)
_UP_TO_WE = re.compile(
    r",\s+(?:(?:and|but|so|thus|therefore|hence|here|then|in this (?:paper|work)),?\s+)?"
    r"(?=(?:we|(?:this|the present|our) (?:paper|work|article|study)|the (?:paper|authors?))\s)"
)
_CONDITION = re.compile(
    r"(?:if|unless|when(?:ever)?|assuming|provided|under|suppose|only|once|where|for)\b", re.IGNORECASE
)
_ADVERB = re.compile(
    r"\A(We|This (?:paper|work)) (?:also|further|then|therefore|thus|hence|next|finally|here|instead) "
)
_THAT = re.compile(
    r"\A(?:we|(?:our|the|these|extensive|experimental|empirical|numerical|theoretical"
    r"|simulation)\s[^,;:]{3,60}?"
    r"|experiments?[^,;:]{0,60}?|results?[^,;:]{0,60}?|it is)(?:\s\w+ly)?(?:\s(?:also|further|then))?"
    r"\s(?:show|demonstrate|find|found|prove|observe|establish|verify|confirm|reveal"
    r"|shown|demonstrated)s?(?:\s\w+ly)?\sthat\s",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r",?\s+(?:which (?:we|is) (?:call|called|term|termed|name|named|dub|dubbed|refer to as)"
    r"|called|named|dubbed|termed|coined|(?:which is )?referred to as|abbreviated as)\s+(?:the )?"
    r"[\"“'‘]?[\w-]*(?:[A-Z]|[a-z]\d)[\w-]*(?:\s[A-Z][\w-]*)*[\"”'’]?(?=[,;.]|\s(?:that|which|to|for|in"
    r"|and|where|with)\b)"
)
_MORE = (
    r"show|demonstrate|find|prove|apply|evaluate|analy[sz]e|can|is|are|has|have|provide|use|propose|introduce"
    r"|present|derive|discuss|achieves?|outperforms?|improves?|report|establish|compare|validate|verify"
    r"|conduct"
    r"|illustrate|test|investigate|study|obtain|does|do|then|thus|thereby|therefore|hence|so|also"
    r"|further|we|our"
)
_DOING = (
    r"leading|yielding|resulting|allowing|enabling|achieving|making|showing|demonstrating|outperforming"
    r"|providing|improving|reducing|obtaining|giving|producing|suggesting|indicating|using|including|avoiding"
    r"|requiring|revealing|surpassing|exceeding|ensuring|helping|increasing|decreasing|eliminating|offering"
    r"|highlighting|raising|causing|bringing|combining|leveraging|opening|paving|introducing|focusing"
    r"|exploiting"
)
# No "when", "if", "without" or "but": what holds on a condition, or only half, must not seem to hold always.
_TRAIL = re.compile(
    rf"""
      ,\s+(?:and\s+)?(?:which|where|while|whereas|whose|thus|thereby|hence|therefore|so\sthat
            |as\swell\sas|such\sas|especially|particularly|even|rather\sthan|instead\sof|with
            |for\sexample|e\.g\.|i\.e\.|in\sorder\sto|based\son|inspired\sby|motivated\sby|compared
            |since|because|although|though|despite
            |in\scontrast|unlike|in\sparticular|namely|to|on|in|by|{_DOING})\b
    | ,?\s+and\s+(?:{_MORE})\b
    | (?<=\w\w);\s+ | (?<=\w\w):\s+ | \s+(?:--+|–|—)\s+ | (?<=[a-z]{{3}})\s-\s(?=[a-z]{{2}})
    | \s+(?:by\s(?:\w+ly\s)?\w+ing|using|via|based\son|in\sorder\sto|such\sthat|so\sthat|while|whereas
            |where|through|because|since|compared|rather\sthan|instead\sof|such\sas|as\swell\sas|inspired\sby
            |on\s(?:several|various|multiple|many|both|a\svariety|a\swide|a\srange|two|three|four|five)
            |in\sterms\sof|across|thereby|with\srespect\sto|{_DOING})\b
    """,
    re.VERBOSE,
)
_JOINED = re.compile(r",?\s+and\s+(?!we\b|our\b)")
_HANGING = re.compile(
    r"\b(?:a|an|the|of|to|for|with|by|on|in|at|from|as|and|or|but|that|which|is|are|was|were|be|been"
    r"|than|between|both"
    r"|either|neither|not|into|via|using|such|these|this|our|their|its|follows|following|we|can|may"
    r"|only|when|while"
    r"|how|what|whether|if|why|where|instead|even|more|most|less|also|then|has|have|show|demonstrate"
    r"|allows?|within"
    r"|(?:to|can|could|may|might|will|would|should|must|not)(?: \w+ly)? \w+|over|under|about|two|three"
    r"|four|several|through|does|do|e\.g|i\.e)\Z",
    re.IGNORECASE,
)
_BEFORE_MAIN_CLAUSE = re.compile(
    r"\A(?:while|although|though|when|if|since|as|because|given|unlike|despite|by|to|in|with|for|based"
    r"|using|on|at|from"
    r"|inspired|motivated|whereas|under|after|before|through|via|instead|rather|compared|\w+ing)\b",
    re.IGNORECASE,
)
_VERB = re.compile(
    r"\bwe\s|\b(?:is|are|was|were|has|have|had|can|could|may|might|will|would|does|do|did|must|should|shows?"
    r"|achieves?|outperforms?|provides?|presents?|proposes?|introduces?|describes?|demonstrates?"
    r"|improves?|requires?"
    r"|allows?|enables?|suggests?|indicates?|reveals?|yields?|remains?|leads?|uses?|aims?|relies|rely"
    r"|reduces?"
    r"|investigates?|explores?|examines?|addresses|studies|develops?|suffers?|fails?|learns?|becomes?"
    r"|makes?)\b",
    re.IGNORECASE,
)


def compressions(sentence: str) -> tuple[str, ...]:
    """Return a sentence, tidied, and shorter forms of it, all different, at most 32.

    Each ends with an end mark, starts with a capital where its first word can have one, and holds words
    of the sentence in their order only.
    """
    whole = tidy(sentence)
    if not whole:
        return ()
    if len(whole) > _LONGEST or not _is_balanced(whole):
        return (whole,)
    found = {whole: None}
    for plain in dict.fromkeys((whole, _without_asides(whole))):
        for start in _starts(plain):
            found.setdefault(start)
            for name_off in dict.fromkeys((start, tidy(_NAMED.sub("", start)))):
                found.setdefault(name_off)
                for kept in _ends(name_off):
                    found.setdefault(kept)
    long = (form for form in found if form == whole or len(form.split()) >= _FEWEST_WORDS)
    return tuple(form for form in long if _is_balanced(form))[:_MOST_FORMS]


def tidy(text: str) -> str:
    """Return a sentence with single spaces, a first capital and an end mark; an empty one stays so."""
    text = " ".join(text.split()).lstrip(",;:. ").rstrip(" ,;:-–—")
    if not text:
        return ""
    capital = text[0].upper()
    if capital.lower() == text[0] and not _STYLED.match(
        text
    ):  # "ß" and the micro sign have none of their own
        text = capital + text[1:]
    if not _END.search(text):
        text += "。" if _CJK.search(text[-1]) else "."
    return text


def untie(sentence: str) -> str:
    """Cut the words that tie a sentence to the one before it, which is not shown."""
    for _ in range(3):
        match = _TIE.match(sentence)
        if match is None or match.end() == len(sentence):
            break
        sentence = tidy(sentence[match.end() :])
    return sentence


def _starts(sentence: str) -> Iterator[str]:
    """Yield the sentence and forms of it that begin later."""
    yield sentence
    loose = untie(sentence)
    yield loose
    if (match := _LEAD_IN.match(loose)) and match.end() < len(loose):
        loose = untie(tidy(loose[match.end() :]))
        yield loose
    if not _CONDITION.match(loose):
        for match in _UP_TO_WE.finditer(loose):
            if _is_outside(loose, match.start()):
                loose = tidy(loose[match.end() :])
                yield loose
                break
    if match := _ADVERB.match(loose):
        loose = tidy(match[1] + " " + loose[match.end() :])
        yield loose
    if match := _THAT.match(loose):
        yield tidy(loose[match.end() :])


def _ends(sentence: str) -> Iterator[str]:
    """Yield forms that end earlier; a question stays whole."""
    if sentence.endswith(("?", "？")):
        return
    for match in _TRAIL.finditer(sentence):
        kept = sentence[: match.start()]
        if (
            not _is_outside(sentence, match.start())
            or len(kept.split()) < _FEWEST_WORDS
            or _HANGING.search(kept[-_TAIL:])
        ):
            continue
        if _BEFORE_MAIN_CLAUSE.match(kept) and "," not in kept:
            continue
        if "not only" in kept and "but" not in kept:
            continue
        if not _VERB.search(kept) or (_JOINED.match(match[0]) and "," in kept.lower().split("we ")[-1]):
            continue
        yield tidy(kept)


def _without_asides(sentence: str) -> str:
    """Drop what stands in round brackets between words; `f(x)` and formulas stay."""
    formulas = [match.span() for match in _MATH.finditer(sentence)]

    def drop(match: re.Match[str]) -> str:
        inside = any(start < match.end() and match.start() < end for start, end in formulas)
        return match[0] if inside else ""

    return tidy(re.sub(r"\s+\((?:[^()]|\([^()]*\))*\)(?=[\s,;:.?!])", drop, sentence))


def _is_outside(text: str, position: int) -> bool:
    """Tell whether a place in a text stands in no bracket and no formula."""
    head = text[:position]
    if head.count("$") % 2:
        return False
    return all(head.count(opening) == head.count(closing) for opening, closing in _PAIRS.items())


def _is_balanced(text: str) -> bool:
    waiting = []
    for character in _BRACKET.findall(text):
        if character in _PAIRS:
            waiting.append(_PAIRS[character])
        elif character in _PAIRS.values() and (not waiting or waiting.pop() != character):
            return False
    return not waiting and text.count("$") % 2 == 0
