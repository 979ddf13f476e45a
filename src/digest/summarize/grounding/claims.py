"""Claims about a paper's fate and goods that models like to add: venue, award, code, money, being first."""

from __future__ import annotations

import functools
import re

from digest.summarize.grounding.flags import CLAIM, LINK
from digest.summarize.grounding.words import plain

_LINK = re.compile(
    r"https?://|www\.|\b[\w-]{1,60}\.(?:com|org|io|net|edu|ai|cn)\b(?!\w)|\bdoi:"
    r"|\barxiv:\d|\bgithub\b|\bgitlab\b|\bhugging ?face\b",
    re.IGNORECASE,
)
# What is claimed: in a text; in its source, where fewer words will do.
_CLAIMS = {
    "publication": (
        r"\b(?:published|appear(?:s|ed|ing)?|presented|accepted|submitted|to appear|peer-reviewed"
        r"|featured|preprint)\b"
        r"[^.]{0,30}?\b(?:in|at|by|as|on|for)\b[^.]{0,40}?\b(?:journal|proceedings|conference"
        r"|workshop|symposium|magazine"
        r"|transactions|letters|arxiv|poster|oral|spotlight|ICML|ICLR|NeurIPS|NIPS|CVPR|ICCV|ECCV"
        r"|ACL|EMNLP|NAACL|AAAI"
        r"|IJCAI|KDD|Nature|Science|PNAS|JMLR|IEEE|ACM|Springer|Elsevier|20\d\d)\b"
        r"|\bpeer[- ]review|\bproceedings of\b|\bjournal of\b"
        r"|发表[于在]|刊登|收录|接收为|录用|期刊|会议论文|《[^》]*》上",
        r"\b(?:published|publication|journal|proceedings|conference|workshop|accepted|submitted)\b|发表|期刊|会议",
    ),
    "award": (
        r"\b(?:awards?|awarded|prizes?|medals?|honou?rable mention|nominated|best paper"
        r"|won (?:first|second|the)|winner of"
        r"|first place|ranked first)\b|获奖|荣获|最佳论文|一等奖|冠军|奖项",
        r"\b(?:award|prize|medal|honou?r|nominat|best paper|won|winn|first place|ranked)|奖|冠军",
    ),
    "release": (
        r"\b(?:the|all|our|their) data\b[^.]{0,20}?\b(?:publicly|made available|available (?:at|on"
        r"|online)|released)"
        r"|\b(?:code|implementation|models?|weights|data ?sets?|benchmark|software|library"
        r"|toolkit|checkpoints?|package|demo)\b"
        r"[^.]{0,50}?\b(?:publicly|freely|openly|are available|is available|available (?:at|on"
        r"|online|from|under)|released|open[- ]sourced?(?! \w)"
        r"|made available|made public|can be downloaded|downloadable)\b"
        r"|\b(?:open[- ]source[ds]?|release[sd]?|publish(?:es|ed)?)\b[^.]{0,25}?\b(?:code"
        r"|implementation|weights|checkpoints|software)\b"
        r"|\bopen-sourced\b|\bpip install\b|\b(?:MIT|Apache) licen[sc]e"
        r"|开源|公开(?:了)?(?:源?代码|模型|数据|权重)|(?:代码|模型|数据集|权重)[^，。；]{0,8}(?:公开|发布|可下载|可获取)|发布(?:了)?[^，。；]{0,6}代码",
        r"\b(?:open[- ]?sourc|release|available|publicly|public|download|github)|开源|公开|发布",
    ),
    "funding": (
        r"\b(?:funded by|supported by (?:the|a)\b[^.]{0,60}\b(?:foundation|grant|agency|council"
        r"|institute|nsf|darpa|program)"
        r"|grants? (?:from|no|number)|financed by"
        r"|funding from)\b|\bfunded by\b|\bsponsored by\b|\bfellowship from\b"
        r"|基金|资助",
        r"\b(?:fund|grant|sponsor|foundation|financ)|基金|资助",
    ),
    "affiliation": (
        r"\b(?:researchers?|scientists?|team|authors?|engineers?|group|laboratory|professor"
        r"|students?)\b[^.]{0,20}?\b(?:at|from|of)\b"
        r"[^.]{0,25}?\b(?:universit|institute|google|deepmind|facebook|meta|microsoft|openai"
        r"|stanford|mit|berkeley|cmu|lab\b)"
        r"|(?:大学|研究院|研究所|谷歌|微软|学院)[^，。；]{0,10}(?:团队|研究者|研究人员|作者|提出)",
        r"universit|institut|google|deepmind|facebook|meta ai|microsoft|openai|stanford|berkeley|大学|研究院",
    ),
    "being first": (
        r"\bfor the first time\b|\b(?:is|are|was|were|as|being|represents?|presents?|proposes?"
        r"|introduces?) the (?:very )?first\b"
        r"|\bfirst[- ]ever\b|\bthe first (?:work|method|paper|study|approach|framework|system"
        r"|model|to)\b|首次|首个|首创|第一个(?!步|阶段)",
        r"\bfirst\b|\bnovel\b|\bnever\b|\bpioneer|\bnew\b|首|第一",
    ),
    "use in practice": (
        r"\b(?:deployed|adopted|used|in production|in use)\b[^.]{0,30}?\b(?:in production"
        r"|by (?:google|facebook|amazon|industry|companies"
        r"|hospitals|millions)|worldwide|commercially)|\bpatented\b|已(?:投入|在[^，。；]{0,10})(?:使用|部署|商用)|专利",
        r"\b(?:deploy|production|industr|compan|patent|commercial|practice)|部署|专利",
    ),
    "citations": (
        r"\b(?:cited|citations?)\b[^.]{0,20}?\b(?:times|over|by|more)\b|引用(?:次数|了?\d)",
        r"\bcit(?:ed|ation)|引用",
    ),
}


@functools.cache
def _patterns() -> dict[str, tuple[re.Pattern[str], re.Pattern[str]]]:
    """Return the patterns of each claim and of its support; made when they are first needed."""
    return {
        kind: (re.compile(text, re.IGNORECASE), re.compile(source, re.IGNORECASE))
        for kind, (text, source) in _CLAIMS.items()
    }


def claim_flags(text: str, source: str) -> list[str]:
    """Say which claims and links of a text its source says nothing of."""
    text, source = plain(text), plain(source)
    flags = [
        CLAIM.format(kind)
        for kind, (claim, support) in _patterns().items()
        if claim.search(text) and not support.search(source)
    ]
    if _LINK.search(text) and not _LINK.search(source):
        flags.append(LINK)
    return flags
