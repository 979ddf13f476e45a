"""Cue words: turns of phrase by which authors say what a sentence does, each of them one yes or no.

Which cue speaks for which role is not written here: it is learned.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

_WE = r"\bwe (?:\w+ly |here |also |then |therefore |thus |further |first )*"
_STUDY = r"(?:paper|work|article|study|report|letter|thesis|survey|chapter|research|tutorial)"

_PATTERNS = (
    # whose work, and what is done with it
    _WE
    + r"(?:propose|present|introduce|describe|develop|design|devise|report on|outline|offer|provide|release"
    r"|construct|build|formulate|suggest|put forward)\b",
    _WE + r"(?:study|investigate|explore|examine|address|consider|analy[sz]e|tackle|ask|review|survey|discuss"
    r"|look at|focus on|revisit|compare)\b",
    _WE
    + r"(?:show|demonstrate|find|found|observe|prove|conclude|obtain|achieve|report|believe|argue|identify"
    r"|discover|establish|see|hope)\b",
    _WE
    + r"(?:use|used|apply|applied|employ|train|adopt|leverage|combine|extend|derive|model|conduct|conducted"
    r"|perform|performed|test|measure|implement|collect|collected|evaluate|define|learn|utili[sz]e|assume"
    r"|exploit)\b",
    rf"\bin (?:this|the present|our) {_STUDY}\b|^here,? we\b",
    rf"^(?:this|the present|our|the) (?:current )?{_STUDY}\b",
    r"\b(?:this paper|this article|this work|this study|this chapter|this survey|this thesis)\b",
    r"\b(?:is|are|was|were) (?:proposed|presented|introduced|described|developed|discussed)\b",
    r"\bwe\b",
    r"\bour\b",
    # what for
    r"\b(?:goal|aim|objective|purpose|focus|intention|motivation)s?\b",
    r"\b(?:aims?|aimed|seeks?|attempts?|intends?|strives?) (?:to|at)\b",
    r"^to (?:this end|address|tackle|overcome|solve|fill|bridge|this|deal|mitigate|answer|achieve|meet|do so"
    r"|cope)\b",
    r"^(?:in order )?to \w+",
    r"\bresearch questions?\b|\bwhether\b|\bhypothes",
    r"\b(?:we|paper|article|study) .{0,40}\bproblem of\b",
    r"\?$",
    r"\b(?:survey|review|overview|tutorial)\b",
    r"\bnovel\b|\bnew\b",
    # how
    r"^(?:our|the proposed|the|this) (?:proposed |novel |new )?(?:approach|method|model|algorithm|framework"
    r"|system|technique|architecture|network|scheme|solution|tool|methodology|analysis|key idea|main idea"
    r"|contribution)s?\b",
    r"\b(?:based on|consists? of|by (?:using|combining|means of|exploiting|leveraging)|using|we model|is used"
    r"|are used|was used|were used)\b",
    r"\b(?:was|were) \w+ed\b",
    r"\b(?:participants?|subjects?|respondents|interviews?|questionnaires?|patients|students|sample of"
    r"|data were|dataset)\b",
    r"^(?:specifically|in particular|first|firstly|second|secondly|third|then|next|finally|more specifically"
    r"|concretely|moreover|furthermore|in addition|additionally|also)\b",
    r"^[^a-z]*\w+ing\b",
    # what came of it
    r"^(?:the |our |these |experimental |empirical |simulation |numerical |extensive |evaluation )*"
    r"(?:results?|experiments?|findings?|evaluations?|simulations?)\b",
    r"\bresults? (?:show|shows|showed|indicate|suggest|demonstrate|reveal|confirm|are|from)\b"
    r"|\bfindings? \w+\b|\bexperiments? (?:show|demonstrate|on|with|indicate|conducted|reveal)\b",
    r"\boutperform|\bstate[- ]of[- ]the[- ]art|\bsuperior|\bsignificantly\b|\bbetter than\b"
    r"|\bcompared (?:to|with)\b",
    r"\b(?:significant|effective|efficient|improve[sd]?|improvement|accuracy|performance|achieve[sd]?)\b",
    r"\d ?%|\bper ?cent\b",
    r"\bconclu|\bimplications?\b|\bfuture (?:work|research|directions?)\b|\bsuggest",
    r"^(?:finally|lastly|overall|in summary|in conclusion|thus|therefore|hence|consequently|as a result"
    r"|together|taken together)\b",
    r"\b(?:can|could|may|might|will|would|should)\b",
    # what was there before
    r"^(?:however|but|yet|unfortunately|although|though|while|despite|nevertheless|even though"
    r"|nonetheless)\b",
    r"\b(?:recent(?:ly)?|existing|current(?:ly)?|previous(?:ly)?|traditional(?:ly)?|prior|conventional"
    r"|typically|often|usually|many|most)\b",
    r"\b(?:has|have) (?:been|become|attracted|received|shown|emerged|gained|led)\b",
    r"\b(?:important|challenging|difficult|crucial|essential|critical|fundamental|popular|widely"
    r"|increasing(?:ly)?|growing|problem of)\b",
    r"\b(?:lack|limited|limitation|little|unclear|remains?|fail|suffer|not yet|few|rarely|drawback|costly"
    r"|expensive)",
    # none of it
    r"\b(?:\(c\)|copyright|elsevier|springer|wiley|all rights reserved|doi|issn|ieee|isbn|keywords?"
    r"|index terms|received|accepted|edited by|e-?mail)\b|©",
    r"\bhttps?:|\bwww\.|\bavailable (?:at|online|from|on|for)\b|\bcode\b.*\bavailable\b",
)
_CUES = tuple(re.compile(pattern) for pattern in _PATTERNS)
CUES = len(_CUES)
_LONGEST = 2000  # characters of a sentence that are searched


def cues(sentences: Sequence[str]) -> npt.NDArray[np.float32]:
    """Return which cues each sentence has, (n, CUES) float32 of 0 and 1."""
    texts = [sentence[:_LONGEST].lower() for sentence in sentences]
    rows = [[cue.search(text) is not None for cue in _CUES] for text in texts]
    return np.array(rows, np.float32).reshape(len(texts), CUES)


def in_context(own: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return cues (n, c) with those around: two sentences each way, any before, any after, (n, 7 c)."""
    before, after = np.zeros_like(own), np.zeros_like(own)
    before[1:] = np.maximum.accumulate(own)[:-1]
    after[:-1] = np.maximum.accumulate(own[::-1])[::-1][1:]
    return np.hstack([own, *(shifted(own, by) for by in (-1, 1, -2, 2)), before, after])


def shifted(rows: npt.NDArray[np.float32], by: int) -> npt.NDArray[np.float32]:
    """Return in row i what stood in row i + by; zeros beyond the ends."""
    moved = np.zeros_like(rows)
    if abs(by) < len(rows):
        if by > 0:
            moved[:-by] = rows[by:]
        else:
            moved[-by or None :] = rows[: by or None]
    return moved
