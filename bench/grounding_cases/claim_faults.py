"""Claims of venue, award, code and the like that the source does not make."""

from __future__ import annotations

import random
import re

from bench.grounding_cases.papers import Paper, is_chinese
from bench.grounding_cases.pool import Plant, Pool

_VENUES = (
    "{} The paper was published in the Journal of Artificial Intelligence Research.",
    "{} This work was accepted at a leading conference.",
    "{} It appeared in the proceedings of the annual conference.",
    "Published in Nature, this work says: {}",
    "{} Presented as an oral at the main conference.",
    "{} The article appears in a peer-reviewed journal.",
    "{} It was presented at a workshop in Vancouver.",
    "{} Published at the International Conference on Learning Representations in 2018.",
)
_AWARDS = (
    "{} The paper won the best paper award.",
    "{} It received an honorable mention.",
    "{} The work was awarded a prize by the community.",
    "{} The authors won first place in a competition.",
    "{} This award-winning study changes the field.",
)
_RELEASES = (
    "{} Code is available on GitHub.",
    "{} The code and models are publicly available.",
    "{} The authors release their code.",
    "{} All data are made available online.",
    "{} The implementation is open source.",
    "{} The pretrained weights can be downloaded from https://example.org/model.",
    "{} See github.com/authors/project for details.",
    "{} The dataset has been released to the public.",
)
_OTHER_CLAIMS = (
    "{} The work was funded by the National Science Foundation.",
    "{} Researchers at Google carried out the study.",
    "{} The system is already deployed in production by several companies.",
    "{} The study was supported by a grant from the European Union.",
    "{} The paper has been cited more than a thousand times.",
)
_ZH_CLAIMS = {
    "venue": ("{}论文发表于人工智能期刊。", "{}该论文已被国际会议录用。", "{}该成果刊登在《自然》上。"),
    "award": ("{}该论文获得最佳论文奖。", "{}该工作荣获一等奖。", "{}并在竞赛中获得冠军。"),
    "release": ("{}代码已开源。", "{}作者公开了代码和模型。", "{}数据集已公开发布。"),
    "other": (
        "{}该研究得到国家自然科学基金资助。",
        "{}该系统已在多家公司部署。",
        "{}斯坦福大学的研究者提出了这一方法。",
    ),
}
_SUPPORTED = {
    "venue": r"publish|journal|proceeding|conference|workshop|accepted",
    "award": r"award|prize|won\b|winn|competition|challenge|first place",
    "release": r"releas|availab|open[- ]?sourc|public|github|download|http",
    "other": r"fund|grant|deploy|google|production|cite|compan",
}


def _claim(kind: str, templates: tuple[str, ...]) -> Plant:
    def plant(text: str, paper: Paper, rng: random.Random, _: Pool) -> str | None:
        if re.search(_SUPPORTED[kind], paper.source, re.IGNORECASE):
            return None
        if not text.endswith((".", "。")):
            return None
        return rng.choice(_ZH_CLAIMS[kind] if is_chinese(text) else templates).format(text)

    return plant


CLAIM_PLANTS: dict[str, Plant] = {
    "venue invented": _claim("venue", _VENUES),
    "award invented": _claim("award", _AWARDS),
    "release invented": _claim("release", _RELEASES),
    "funding and the like": _claim("other", _OTHER_CLAIMS),
}
