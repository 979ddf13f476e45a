"""Keywords: phrases between stop words, ranked by their cosine to the paper, kept apart by MMR."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from digest.paper import Keyword
from digest.ranking.embed import embed_once

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from digest.paper import Paper
    from digest.ranking.embed import Embedder, Progress, VectorStore

_MOST_WORDS = 4
_MOST_CANDIDATES = 40
_RANK_COST = 0.004  # of cosine, for each place further down by prominence
_RELEVANCE = 0.7  # of maximal marginal relevance (Carbonell & Goldstein 1998), lambda

# Words that end a phrase: function words, and the verbs and adverbs that abstracts are built with.
_BREAKS = frozenset(
    """
    a about above achieve achieves achieved achieving across address addresses addressed addressing after
    against all allow allows allowing almost also although among an analyze analyzes and another any apply
    applied applies applying are as at based be because been before being below besides best better between
    beyond both but by can cannot challenge challenges claim compared comparable completely conduct consider
    considered considering consist consists contain contains could crucial current currently demonstrate
    demonstrates demonstrated demonstrating despite develop developed developing did directly do does doing
    due during e.g each effectively efficiently either enable enables enabling ensure especially establish etc
    evaluate evaluated evaluates evaluating even evaluation's ever every existing exhibit experiments extensive
    explore explores far few find finding finds first focus focuses follow following for found four from
    further furthermore generally give given gives had has have having he hence her here high highly how
    however i.e if improve improved improves improving in include includes including increase increasing
    increasingly indicate indicates instead into introduce introduced introduces introducing investigate
    investigates is it its itself just largely lead leading leads less leverage leverages leveraging like
    limited low made main mainly make makes making many may might more moreover most mostly much must namely
    need needed needs never nevertheless new no nor not notably novel now obtain obtained of off often on
    once one only or other others our out outperform outperforming outperforms over own particular
    particularly perform performed performing performs poor potential present presented presenting presents
    prior produce produces promising propose proposed proposes proposing prove proves provide provided
    provides providing quite rather reach reaches recent recently reduce reduces reducing rely relies relying
    remain remains report reported require required requires requiring respectively result resulting reveal
    reveals same second several severe shall she should show showing shown shows significant significantly
    similar simple simply since so some state-of-the-art still strong study studied studies studying such
    suffer suffers suggest superior than that the their them themselves then there thereby therefore these
    they third this those though three through thus to together too toward towards two typically under unlike
    until up upon us use used useful uses using usually validate various vary very via was we well were what
    when where whereas whether which while who whose why wide widely will with within without work works
    would yet yield yielding yields you your
    adapt adapts aim aims alter apply assess assesses assessing bridge bridges boost boosting boosts
    capture captures capturing combine combines combining compare compares comparing construct constructs
    continue continues decide demand demands depend depends derive derives design designs determine
    discover discovers edit edits edited emerge emerges enhance enhances enhancing estimate exploit exploits
    expose exposes fail fails failing forge forges formulate formulates generate generates generating handle
    handles help helps hinder hinders identify identifies incorporate incorporates incorporating integrate
    integrates integrating learn learns learned maintain maintains maintaining maximize minimize mitigate
    mitigates mitigating model's monitor monitors motivate offer offers offering operate operates optimize
    optimizes overcome position positions predict predicts preserve preserves preserving produces quantify
    raise raises reason recover recovers represent represents resolve resolves retrieve retrieves seek seeks
    serve serves simulate stem stems store stores struggle struggles suggests surpass surpasses tackle tackles
    tackling test tests trained transform transforms treat treats trigger understand unlock unlocks verify
    """.split()
)

# Phrases made of these alone say nothing about a paper.
_EMPTY = frozenset(
    """
    ability accuracy advance advances algorithm algorithms analysis application applications approach
    approaches area aspect author authors baseline baselines benchmark benchmarks case cases code
    contribution contributions data dataset datasets design domain effect effectiveness efficiency
    evaluation experiment field framework frameworks gap goal idea impact implementation importance
    improvement improvements information insight insights issue issues key knowledge level limitation
    limitations literature lot method methodology methods metric metrics model models number
    paper papers part performance pipeline practice problem problems procedure process progress
    project property quality question questions range rate real-world research researchers results
    role scenario scenarios science scheme set setting settings solution solutions source step steps strategy
    strategies structure success support system systems task tasks technique techniques term terms
    time tool tools type types understanding value values variety way ways world
    """.split()
)

_SHORTEST_ADVERB = 4
_NO_ADVERB = frozenset({"anomaly", "assembly", "family", "butterfly", "monopoly", "supply", "reply", "multiply"})

_WORD = re.compile(r"[^\W_](?:[\w'’+#./-]*[\w+#])?")
_PHRASE_END = re.compile(r"[,;:!?()\[\]{}\"“”]|\.(?=\s|$)|\s[–—-]\s")


def candidates(paper: Paper) -> list[str]:
    """Return phrases that may be keywords, the most prominent first, each once, casing as in the text."""
    found: dict[str, tuple[float, str]] = {}
    for weight, text in ((2.0, paper.title), (1.0, paper.abstract)):
        for chunk in _PHRASE_END.split(text):
            for phrase in _phrases(chunk):
                key = phrase.lower()
                count, shown = found.get(key, (0.0, phrase))
                # Of "Graph Attention" in a title and "graph attention" in the text, the plain one reads better.
                better = phrase if phrase.islower() and shown.istitle() else shown
                found[key] = (count + weight * (1 + 0.1 * (len(phrase.split()) > 1)), better)
    ranked = sorted(found.items(), key=lambda item: -item[1][0])
    return [shown for _, (_, shown) in ranked[:_MOST_CANDIDATES]]


def _breaks(word: str) -> bool:
    lower = word.lower()
    return lower in _BREAKS or (lower.endswith("ly") and len(lower) > _SHORTEST_ADVERB and lower not in _NO_ADVERB)


def _phrases(chunk: str) -> list[str]:
    phrases: list[list[str]] = [[]]
    for word in _WORD.findall(chunk):
        if _breaks(word) or (word[0].isdigit() and not any(c.isalpha() for c in word)):
            phrases.append([])
        else:
            phrases[-1].append(word)
    return [" ".join(words) for words in phrases if words and len(words) <= _MOST_WORDS and _says_something(words)]


def _says_something(words: Sequence[str]) -> bool:
    return any(word.lower() not in _EMPTY for word in words) and len("".join(words)) > 2  # noqa: PLR2004


def extract_keywords(
    papers: Sequence[Paper],
    vectors: npt.NDArray[np.float32],
    embedder: Embedder,
    store: VectorStore,
    *,
    count: int = 8,
    progress: Progress | None = None,
) -> list[tuple[Keyword, ...]]:
    """Return the keywords of each paper, the most typical first.

    Args:
        papers: n papers.
        vectors: (n, d), unit rows, of the papers.
        embedder: Places the phrases.
        store: Phrases met before are not embedded again.
        count: Most keywords for a paper.
        progress: For the embedding.
    """
    phrases = [candidates(paper) for paper in papers]
    flat = list(dict.fromkeys(phrase for group in phrases for phrase in group))
    places = dict(zip(flat, embed_once(embedder, store, flat, progress), strict=True))
    result = []
    for group, vector in zip(phrases, vectors, strict=True):
        if not group:
            result.append(())
            continue
        matrix = np.stack([places[phrase] for phrase in group])  # (c, d)
        result.append(tuple(_diverse(group, matrix, vector, count)))
    return result


def _diverse(
    phrases: Sequence[str], matrix: npt.NDArray[np.float32], vector: npt.NDArray[np.float32], count: int
) -> list[Keyword]:
    # What stands more often, or in the title, comes first in `phrases`: worth a little.
    relevance = matrix @ vector - _RANK_COST * np.arange(len(phrases), dtype=np.float32)  # (c,)
    nearness = matrix @ matrix.T  # (c, c)
    chosen: list[int] = []
    open_ = set(range(len(phrases)))
    while open_ and len(chosen) < count:
        redundancy = nearness[:, chosen].max(axis=1) if chosen else np.zeros(len(phrases), np.float32)
        gain = _RELEVANCE * relevance - (1 - _RELEVANCE) * redundancy
        best = max(open_, key=lambda i: (float(gain[i]), -i))
        open_.remove(best)
        if not any(_same(phrases[best], phrases[other]) for other in chosen):
            chosen.append(best)
    chosen.sort(key=lambda i: (-float(relevance[i]), i))
    return [Keyword(phrases[i], float(np.clip(relevance[i], 0, 1))) for i in chosen]


def _same(one: str, other: str) -> bool:
    """Say whether two phrases are one keyword: singular and plural, or one a part of the other."""
    first, second = (re.sub(r"s\b", "", phrase.lower()) for phrase in (one, other))
    return first in second or second in first
