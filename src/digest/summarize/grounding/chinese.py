"""What can be seen of a Chinese text's meaning against an English source: terms, directions, negations."""

from __future__ import annotations

import functools
import re
from pathlib import Path

from digest.summarize.grounding.direction import directions
from digest.summarize.grounding.flags import AFFIRMED, NEGATED, TURNED, UNRELATED
from digest.summarize.grounding.negation import always_denied, has_negator, is_negative, tokens
from digest.summarize.grounding.words import content_stems, plain, stem

_TERMS = Path(__file__).parent / "chinese_terms.tsv"
_UP = (
    "提高|提升|增加|(?<!数据)增强(?!集|策略|方法|数据)|改善|改进|加快|加速|上升|增大|增长|扩大"
    "|更高|更好|更快|更强|更大|更多|最高"
)
_DOWN = "降低|减少|下降|降至|降到|削弱|减缓|恶化|损害|缩短|减小|缩小|减弱|更低|更差|更慢|更弱|更小|更少|最低"
_DIRECTED = re.compile(rf"(?P<up>{_UP}|快(?=[了约近]?\d))|(?P<down>{_DOWN}|慢(?=[了约近]?\d))")
_DIRECTED_NUMBER = re.compile(
    rf"(?:(?P<up>{_UP}|高|快|多)|(?P<down>{_DOWN}|低|慢|少))[了约近达至到最高多少超过可能出]{{0,4}}(?P<number>\d+(?:\.\d+)?)"
)
_NEGATOR = re.compile(
    r"(?:并)?(?:没有|无法|未能|并非|并未|不能|不会|不再|不可|毫无|从未|尚未|而非)|不(?!仅|同|断|但|确定|变|平衡|良|规则|一致|过|久|少|论|"
    r"管|得不|对称|等式|相交|动点|连续|可微|可分|完整|完全|足|稳定|必要|依赖|可知|定|如|及|等|了解)|未(?!来|知|见|标注|必)|无(?!论|监督|关|限|偏|向|损|需|参|模型|"
    r"穷|疑|线|人|标签|标注|约束|条件|梯度|网格|服务|缝)"
)
_NEGATIVE = re.compile("不|无|未|没|非|难|缺|免|防止|克服|解决|缓解|少|仅|消除|去除|除")
_FIXED = re.compile("不仅|不同|不断|不但|不确定|无论|未来|非常|非线性|不平衡|减少")
# What authors say of themselves: they seldom tell what they did not do.
_OWN_DEED = re.compile(
    "提出|采用|利用|使用|通过|达到|提升|提高|降低|减少|优于|超过|引入|给出|证明|实现|学习|训练|改善|显著|明显|取得|研究"
)
_CLAUSE = re.compile(r"[，。；：！？,;]")
# In English; a point or a comma in a number ends nothing.
_SAME_CLAUSE = r"(?:[^.;,]|[.,](?=\d)|,(?! (?:while|whereas|but|and)\b)){0,45}"
_REACH = 12
_LEAST_STEM = 4
_LEAST_TERMS = 3
_LEAST_SHARE = 0.45
_DIRECTION_KINDS = 4  # better, more, comparisons, speed: the first pairs of `direction`


@functools.cache
def chinese_terms() -> dict[str, frozenset[str]]:
    """Return what English abstracts call Chinese words: stems of up to six letters."""
    lines = _TERMS.read_text("utf-8").splitlines()
    pairs = [line.split("\t") for line in lines if not line.startswith("#")]
    return {term: frozenset(stems.split("|")) for term, stems in pairs}


@functools.cache
def _pattern() -> re.Pattern[str]:
    return re.compile("|".join(sorted(map(re.escape, chinese_terms()), key=len, reverse=True)))


def terms_in(text: str) -> list[str]:
    """Return the known Chinese words of a text, longer ones first where they overlap."""
    return _pattern().findall(text)


@functools.lru_cache(maxsize=4096)
def has_any(stems: frozenset[str], known: frozenset[str]) -> bool:
    """Say whether one of the listed beginnings begins a known stem."""
    if stems & known:
        return True
    return any(
        other.startswith(one[:6]) or (len(other) >= _LEAST_STEM and one.startswith(other))
        for one in stems
        for other in known
    )


def chinese_flags(text: str, sentences: tuple[str, ...], stems: frozenset[str]) -> list[str]:
    """Compare a Chinese text with an English source.

    Args:
        text: Of the field.
        sentences: Of the source.
        stems: Of all words of meaning in title and abstract.
    """
    flags = []
    terms = list(dict.fromkeys(terms_in(text)))
    shown = [term for term in terms if has_any(chinese_terms()[term], stems)]
    if len(terms) >= _LEAST_TERMS and len(shown) < _LEAST_SHARE * len(terms):
        flags.append(UNRELATED)
    flags += _turned(text, sentences) + _turned_numbers(text, sentences)
    flags += _negations(text, sentences)
    return flags


def _negations(text: str, sentences: tuple[str, ...]) -> list[str]:
    """Say which clauses deny what no similar sentence denies, or affirm what is only ever denied."""
    flags = []
    denied = always_denied(sentences)
    for clause in _CLAUSE.split(text):
        terms = [chinese_terms()[term] for term in terms_in(clause)]
        negator = _NEGATOR.search(clause)
        if negator:
            if _OWN_DEED.match(clause, negator.end()):
                known = any(map(has_negator, _nearest(terms, clause, sentences)))
            else:
                known = any(map(is_negative, sentences))
            if not known:
                flags.append(NEGATED.format(clause[negator.start() : negator.end() + 4]))
        elif not _NEGATIVE.search(_FIXED.sub("", clause)):
            flags += [AFFIRMED.format(term) for term in terms_in(clause) if chinese_terms()[term] & denied]
    return flags


def _nearest(terms: list[frozenset[str]], clause: str, sentences: tuple[str, ...]) -> list[str]:
    """Return the two sentences that share most terms and Latin words with a clause."""
    latin = frozenset(content_stems(clause))

    def shared(sentence: str) -> int:
        stems = frozenset(tokens(sentence).stems)
        return sum(has_any(meant, stems) for meant in terms) + 2 * len(latin & stems)

    return sorted(sentences, key=lambda sentence: -shared(sentence))[:2]


def _turned(text: str, sentences: tuple[str, ...]) -> list[str]:
    """Say which directions of the text the source gives only the other way round, for the same thing."""
    known = [entry for sentence in sentences for entry in directions(sentence) if entry[0] < _DIRECTION_KINDS]
    flags = []
    for clause in _CLAUSE.split(text):
        for match in _DIRECTED.finditer(clause):
            side = 1 if match["up"] else -1
            # Another direction on the way has things of its own.
            after = _DIRECTED.split(clause[match.end() : match.end() + _REACH], maxsplit=1)[0]
            behind = terms_in(after)[:1]
            before = terms_in(clause[max(0, match.start() - _REACH) : match.start()])[-1:]
            for term in behind or before:
                meant = chinese_terms()[term]
                sides = {
                    other
                    for _, other, word, left, right in known
                    if has_any(meant, left | right | {stem(word)})
                }
                if sides == {-side}:
                    flags.append(TURNED.format(match[0] + term))
    return list(dict.fromkeys(flags))


def _turned_numbers(text: str, sentences: tuple[str, ...]) -> list[str]:
    """Say which numbers grow in the text and shrink in the source, or the other way round."""
    flags = []
    for match in _DIRECTED_NUMBER.finditer(plain(text)):
        side = 1 if match["up"] else -1
        around = re.compile(
            rf"(?<![\d.]){_SAME_CLAUSE}(?<![\d.,]){re.escape(match['number'])}(?![\d]|[.,]\d){_SAME_CLAUSE}"
        )
        sides = {
            one
            for sentence in sentences
            for near in around.findall(plain(sentence))
            for kind, other, *_ in directions(near)
            if kind < _DIRECTION_KINDS
            for one in ((-1, 1) if kind == 0 else (other,))  # what improves may grow or shrink
        }
        if sides == {-side}:
            flags.append(TURNED.format(match[0]))
    return flags
