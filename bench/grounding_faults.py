"""Faults planted into honest texts, one each, by rule and seeded."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence

from bench.facts import lacking, written_as_names
from bench.grounding_honest import Case, Paper, Written, compressed, is_usable, reworded, third_person

_NUMBER = re.compile(r"(?<![\w.,-])\d+(?:[.,]\d+)*(?![\w]*[A-Za-z])|(?<=[\u4e00-\u9fff])\d+(?:\.\d+)?")
_SPELLED = "two three four five six seven eight nine ten".split()
Plant = Callable[[str, Paper, random.Random, "Pool"], str | None]


class Pool:
    """What other papers offer: names and sentences."""

    def __init__(self, papers: Sequence[Paper], written: Sequence[Written]) -> None:
        self.names = sorted(
            {
                n
                for p in papers
                for s in p.sentences
                for n in written_as_names(s)
                if 2 < len(n) < 20 and n[0].isupper() and n != n.capitalize()
            }
        )
        self.papers = list(papers)
        self.written = list(written)


def _number_changed(text: str, paper: Paper, rng: random.Random, _: Pool) -> str | None:
    spots = [m for m in _NUMBER.finditer(text) if not re.match(r"\d+(?:st|nd|rd|th)", text[m.start() :])]
    words = list(re.finditer(rf"\b(?:{'|'.join(_SPELLED)})\b", text))
    for _try in range(12):
        if spots and (not words or rng.random() < 0.8):
            spot = rng.choice(spots)
            new = _nearby(spot[0], rng)
        elif words:
            spot = rng.choice(words)
            new = rng.choice([word for word in _SPELLED if word != spot[0]])
        else:
            return None
        changed = text[: spot.start()] + new + text[spot.end() :]
        if (
            new != spot[0]
            and lacking(changed, paper.source)
            and new in " ".join(lacking(changed, paper.source))
        ):
            return changed
    return None


def _nearby(number: str, rng: random.Random) -> str:
    """Change a number a little: a digit, the point's place, two digits swapped, a tenth more."""
    digits = [i for i, c in enumerate(number) if c.isdigit()]
    way = rng.randrange(5)
    if way == 0:
        i = rng.choice(digits)
        return number[:i] + str((int(number[i]) + rng.choice([1, 9])) % 10 or 1) + number[i + 1 :]
    if way == 1 and "." in number:
        return number.replace(".", "", 1).lstrip("0") or "1"
    if way == 2 and len(digits) > 1:
        i, j = digits[0], digits[1]
        return number[:i] + number[j] + number[i + 1 : j] + number[i] + number[j + 1 :]
    if way == 3:
        return number + "0" if "." not in number else number + "5"
    value = float(number.replace(",", "")) * rng.choice([0.9, 1.1, 2, 0.5])
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _number_invented(text: str, paper: Paper, rng: random.Random, _: Pool) -> str | None:
    value = f"{rng.uniform(1, 99):.{rng.randrange(3)}f}"
    year = str(rng.randrange(2009, 2024))
    ways = (
        f"{text.rstrip('.')}, reaching {value}% accuracy.",
        f"{text.rstrip('.')} by {value}%.",
        f"{text.rstrip('.')} on {rng.randrange(21, 90)} tasks.",
        f"In {year}, {text[0].lower()}{text[1:]}",
        f"{text.rstrip('.')}, {value} times faster than before.",
        f"{text.rstrip('.')} (p < 0.0{rng.randrange(1, 9)}).",
        f"{text.rstrip('.')} with {rng.randrange(13, 900)} million parameters.",
        f"{text.rstrip('.')} on a set of {rng.randrange(3, 90)},000 examples.",
    )
    zh = (
        f"{text.rstrip('。')}，准确率达到{value}%。",
        f"{text.rstrip('。')}，速度提升{value}倍。",
        f"{text.rstrip('。')}，共使用{rng.randrange(21, 90)}万条数据。",
    )
    changed = rng.choice(zh if _is_chinese(text) else ways)
    return changed if lacking(changed, paper.source) else None


_UNITS = (
    (
        r"(?<=\d)( ?)(?:\\?%| percent(?!age))",
        (" points", " times", "x", " ms", " hours", " percentage points"),
    ),
    (r"(?<=\d)(?:x|×| times)(?= |\.|,)", ("%", " percent", " points", " seconds")),
    (r"(?<=\d) hours", (" minutes", " days", "%")),
    (r"(?<=\d) points", ("%", " times")),
    (r"(?<=\d)倍", ("%", "个百分点", "小时")),
    (r"(?<=\d)%", ("倍", "毫秒", "分")),
)


def _unit_changed(text: str, paper: Paper, rng: random.Random, _: Pool) -> str | None:
    del paper
    for pattern, others in _UNITS:
        if bool(re.search("[\u4e00-\u9fff]", "".join(others) + pattern)) != _is_chinese(text):
            continue
        spots = list(re.finditer(pattern, text))
        if spots:
            spot = rng.choice(spots)
            return text[: spot.start()] + rng.choice(others) + text[spot.end() :]
    return None


def _sign_changed(text: str, paper: Paper, rng: random.Random, _: Pool) -> str | None:
    del paper
    spots = [
        m for m in re.finditer(r"(?<=[ (约降高为])\d+(?:\.\d+)?(?=%|x| |\.|,|倍)", text) if m.start() > 0
    ]
    if not spots:
        return None
    spot = rng.choice(spots)
    return f"{text[: spot.start()]}-{text[spot.start() :]}"


def _number_misplaced(text: str, paper: Paper, rng: random.Random, _: Pool) -> str | None:
    mine = list(dict.fromkeys(m[0] for m in _NUMBER.finditer(text)))
    others = [m[0] for m in _NUMBER.finditer(paper.source) if m[0] not in mine]
    if len(mine) > 1 and rng.random() < 0.5:
        one, other = rng.sample(mine, 2)
        return re.sub(_NUMBER, lambda m: {one: other, other: one}.get(m[0], m[0]), text)
    if mine and others:
        return text.replace(rng.choice(mine), rng.choice(others), 1)
    return None


_INVENTED = (
    "ZephyrNet", "QuantumBERT", "DeepForge", "HyperGAN-2", "GLIMMER", "OptiFlow", "VisionQA-7", "NeuroScan", "T-REX9",
    "AlphaStar", "BigGAN", "GPT-4", "XLM-R", "DALL-E", "CoLA", "SQuAD 2.0", "Kinetics-400", "PathNet", "AdaMax", "SWAG",
)  # fmt: skip
_PEOPLE = (
    "Michael Jordan",
    "Anna Kowalski",
    "Yoshua Bengio",
    "Chen Wei",
    "Maria Lopez",
    "Hinton",
    "Schmidhuber",
    "Sutskever",
)


def _name_swapped(text: str, paper: Paper, rng: random.Random, pool: Pool) -> str | None:
    mine = [
        n for n in written_as_names(text) if len(n) > 2 and re.search(rf"(?<!\w){re.escape(n)}(?!\w)", text)
    ]
    if not mine:
        return None
    for _try in range(20):
        other = rng.choice(pool.names)
        old = rng.choice(mine)
        changed = re.sub(rf"(?<![A-Za-z0-9]){re.escape(old)}(?![A-Za-z0-9])", other, text, count=1)
        if other in lacking(changed, paper.source):
            return changed
    return None


def _name_invented(text: str, paper: Paper, rng: random.Random, _: Pool) -> str | None:
    name, person, bare = rng.choice(_INVENTED), rng.choice(_PEOPLE), text.rstrip(".")
    ways = (
        f"{bare}, using {name}.",
        f"{bare}, called {name}.",
        f"{bare} on the {name} benchmark.",
        f"{bare}, as {person} did.",
        f"{name}: {text}",
        f"{bare}, better than {name}.",
        f"{person} and colleagues: {text}",
        f"{bare}, tested at Stanford.",
        f"{bare}, inspired by {person}.",
        f"Like {name}, {text[0].lower()}{text[1:]}",
        f"{bare} for Chinese and Arabic.",
    )
    zh = (
        f"{text.rstrip('。')}，优于{name}。",
        f"基于{name}，{text}",
        f"{text.rstrip('。')}，并在{name}数据集上验证。",
    )
    changed = rng.choice(zh if _is_chinese(text) else ways)
    return changed if lacking(changed, paper.source) else None


_NEGATED = (
    (r"\b(can|could|may|will|should)\b(?! not)", r"\1 not"), (r"\b(is|are|was|were)\b(?! not)", r"\1 not"),
    (r"\b(improves|achieves|outperforms|reduces|enables|allows|requires|provides|leads|learns|shows|uses|increases|yields|scales|helps|captures)\b", None),
    (r"\b(improve|achieve|outperform|reduce|enable|allow|require|provide|learn|perform|use|increase|converge|generalize)\b", "fail to {}"),
    (r"\bwith\b", "without"), (r"\b(propose|introduce|present) an?\b", r"\1 no"),
)  # fmt: skip
_DENIED = re.compile(r"\b(?:not|no|never|cannot|fails?|without|unable|nor|none)\b|n't", re.IGNORECASE)
_ZH_NEGATED = (
    ("可以", "不可以"),
    ("能够", "不能"),
    ("显著", "未能显著"),
    ("提升", "没有提升"),
    ("降低", "没有降低"),
    ("优于", "并不优于"),
    ("达到", "未达到"),
    ("采用", "不采用"),
    ("利用", "没有利用"),
    ("提出", "没有提出"),
    ("通过", "不通过"),
    ("可", "不可"),
)


def _negation_added(text: str, paper: Paper, rng: random.Random, _: Pool) -> str | None:
    del paper
    if _is_chinese(text):
        options = [(old, new) for old, new in _ZH_NEGATED if old in text and new not in text]
        if not options:
            return None
        old, new = rng.choice(options)
        return text.replace(old, new, 1)
    for pattern, new in rng.sample(_NEGATED, len(_NEGATED)):
        # Not where something is denied already: two of them would only make it odd.
        spots = [
            m
            for m in re.finditer(pattern, text)
            if not _DENIED.search(text[max(0, m.start() - 12) : m.end() + 12])
        ]
        if not spots:
            continue
        spot = rng.choice(spots)
        if new is None:
            verb = re.sub(r"(?<=[a-z])s$", "", spot[0])
            put = rng.choice([f"does not {verb}", f"fails to {verb}", f"never {spot[0]}"])
        elif "{}" in new:
            put = rng.choice(["fail to {}", "do not {}", "cannot {}"]).format(spot[0])
        else:
            put = spot.expand(new)
        return text[: spot.start()] + put + text[spot.end() :]
    return None


def _negation_dropped(text: str, paper: Paper, rng: random.Random, _: Pool) -> str | None:
    del paper
    drops = (
        (r"\b(do|does|did) not ", ""),
        (r"\bcannot\b", "can"),
        (r"\b(is|are|was|were|has|have|can) not\b(?! only)", r"\1"),
        (r"\bwithout\b", "with"),
        (r"\bfails? to\b", "manages to"),
        (r"(?<!without )(?<!with )\bno (?!longer)", "a "),
        (r"\black of\b", "abundance of"),
        (r"\b(unable to)\b", "able to"),
        (r"\bnot (?!only|just|yet|\.)", ""),
        (r"\blacks\b", "has"),
        ("没有", "有"),
        ("不足以", "足以"),
        ("无需", "需要"),
        ("难以", "易于"),
        ("不会", "会"),
        ("不下降", "下降"),
        ("缺乏", "具备"),
        ("不适用", "适用"),
    )
    options = [(p, n) for p, n in drops if re.search(p, text)]
    if not options:
        return None
    pattern, new = rng.choice(options)
    return re.sub(pattern, new, text, count=1)


_TURNS = (
    ("outperforms", "is outperformed by"), ("outperform", "are outperformed by"), ("outperforms", "underperforms"), ("outperform", "fall behind"),
    ("improves", "degrades"), ("improve", "degrade"), ("improves", "worsens"), ("improving", "degrading"), ("improvement", "decline"), ("improved", "degraded"), ("improve", "hurt"),
    ("increases", "decreases"), ("increase", "decrease"), ("increasing", "decreasing"), ("reduces", "increases"), ("reduce", "increase"), ("reducing", "increasing"), ("reduction", "increase"),
    ("higher", "lower"), ("lower", "higher"), ("better", "worse"), ("faster", "slower"), ("fewer", "more"), ("smaller", "larger"), ("larger", "smaller"), ("less", "more"),
    ("superior", "inferior"), ("surpasses", "falls short of"), ("accelerate", "slow down"), ("robust", "fragile"), ("stable", "unstable"), ("efficient", "inefficient"), ("easily", "hardly"),
    ("enables", "prevents"), ("unsupervised", "supervised"), ("difficult", "easy"), ("similar", "different"), ("boost", "weaken"), ("enhance", "impair"), ("gains", "losses"),
)  # fmt: skip
_ZH_TURNS = (
    ("优于", "不如"),
    ("提升", "降低"),
    ("提高", "降低"),
    ("降低", "提高"),
    ("减少", "增加"),
    ("下降", "上升"),
    ("加快", "减缓"),
    ("加速", "减慢"),
    ("更好", "更差"),
    ("高于", "低于"),
    ("超过", "低于"),
    ("改进", "恶化"),
    ("高约", "低约"),
    ("快", "慢"),
    ("以上", "以下"),
    ("超过", "不及"),
    ("更优", "更差"),
    ("少", "多"),
)


def _turned_round(text: str, paper: Paper, rng: random.Random, _: Pool) -> str | None:
    del paper
    swapped = re.match(r"^(.{5,80}?) (outperforms?|surpass(?:es)?) ([^,.;]{5,80})([,.;].*)$", text)
    if swapped and rng.random() < 0.5:
        one, verb, other, rest = swapped.groups()
        return f"{other[0].upper()}{other[1:]} {verb} {one[0].lower() if one[:3] in ('Our', 'The', 'Thi') else one[0]}{one[1:]}{rest}"
    table = _ZH_TURNS if _is_chinese(text) else _TURNS
    options = [
        (old, new)
        for old, new in table
        if re.search(rf"(?<![\w-]){old}(?![\w-])", text) or (_is_chinese(text) and old in text)
    ]
    if not options:
        return None
    old, new = rng.choice(options)
    return (
        text.replace(old, new, 1)
        if _is_chinese(text)
        else re.sub(rf"(?<![\w-]){old}(?![\w-])", new, text, count=1)
    )


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
    "venue": r"publish|journal|proceeding|conference|workshop|accepted", "award": r"award|prize|won\b|winn|competition|challenge|first place",
    "release": r"releas|availab|open[- ]?sourc|public|github|download|http", "other": r"fund|grant|deploy|google|production|cite|compan",
}  # fmt: skip


def _claim(kind: str, templates: tuple[str, ...]) -> Plant:
    def plant(text: str, paper: Paper, rng: random.Random, _: Pool) -> str | None:
        if re.search(_SUPPORTED[kind], paper.source, re.IGNORECASE):
            return None
        if not text.endswith((".", "。")):
            return None
        return rng.choice(_ZH_CLAIMS[kind] if _is_chinese(text) else templates).format(text)

    return plant


def _other_paper(text: str, paper: Paper, rng: random.Random, pool: Pool) -> str | None:
    if _is_chinese(text):
        other = rng.choice([w for w in pool.written if w.language == "zh" and w.paper != paper.id] or [None])
        return other.text if other else None
    for _try in range(20):
        chosen = rng.choice(pool.papers)
        usable = [s for s in chosen.sentences if is_usable(s) and len(s.split()) > 9]
        if usable and chosen.id != paper.id:
            return rng.choice((compressed, third_person, reworded))(rng.choice(usable))
    return None


def _loop(text: str, paper: Paper, rng: random.Random, _: Pool) -> str | None:
    del paper
    bare = text.rstrip(".。")
    if _is_chinese(text):
        return rng.choice(
            (
                f"{bare}，{bare[-9:]}，{bare[-9:]}，{bare[-9:]}。",
                f"{bare}{'模型' * 6}。",
                f"{bare}。{bare}。{bare}。",
            )
        )
    words = bare.split()
    tail = " ".join(words[-rng.randrange(3, 8) :])
    return rng.choice(
        (
            f"{bare}, {tail}, {tail}, {tail}.",
            f"{bare}. {bare}.",
            f"{bare} and and and and {tail} {tail} {tail}.",
            f"{bare} {' '.join([words[-1]] * 8)}.",
        )
    )


def _cut(text: str, paper: Paper, rng: random.Random, _: Pool) -> str | None:
    del paper
    if _is_chinese(text):
        return (
            None if "。" in text[:-1] else text[: rng.randrange(len(text) // 2, len(text) - 3)].rstrip("。，")
        )
    words = text.split()
    if re.search(r"[.!?] ", text) or len(words) < 9:
        return None
    return " ".join(words[: rng.randrange(len(words) // 2, len(words) - 2)]).rstrip(".,;")


_FOREIGN = (
    ("en", "Diese Arbeit stellt ein neues Verfahren vor, das die Ergebnisse auf mehreren Aufgaben deutlich verbessert."),
    ("en", "Cet article présente une nouvelle méthode qui améliore les résultats sur plusieurs tâches."),
    ("en", "Este trabajo presenta un nuevo método que mejora los resultados en varias tareas."),
    ("en", "В этой работе предлагается новый метод обучения нейронных сетей."), ("en", "この論文では、新しい学習手法を提案し、その有効性を示す。"),
    ("en", "本文提出一种新的学习方法，并通过实验验证了其有效性。"), ("zh", "この論文では、新しい学習手法を提案し、その有効性を示す。"),
)  # fmt: skip


def _wrong_language(text: str, paper: Paper, rng: random.Random) -> Case:
    if rng.random() < 0.6:
        language = (
            "en"
            if _is_chinese(text)
            else rng.choice(["zh", "zh", "German", "Japanese", "French", "Russian", "Spanish"])
        )
        return Case(paper.id, "wrong language", text, language, honest=False)
    language, other = rng.choice(_FOREIGN)
    return Case(paper.id, "wrong language", other, language, honest=False)


PLANTS: dict[str, Plant] = {
    "number changed": _number_changed,
    "number invented": _number_invented,
    "unit changed": _unit_changed,
    "sign changed": _sign_changed,
    "name swapped": _name_swapped,
    "name invented": _name_invented,
    "number misplaced": _number_misplaced,
    "negation added": _negation_added,
    "negation dropped": _negation_dropped,
    "comparison turned": _turned_round,
    "venue invented": _claim("venue", _VENUES),
    "award invented": _claim("award", _AWARDS),
    "release invented": _claim("release", _RELEASES),
    "funding and the like": _claim("other", _OTHER_CLAIMS),
    "another paper's": _other_paper,
    "loop": _loop,
    "cut off, as the engine says": _cut,
    "cut off, unsaid": _cut,
}
FACTS = ("number changed", "number invented", "unit changed", "sign changed", "name swapped", "name invented")


def fault_cases(papers: list[Paper], written: list[Written], rng: random.Random, most: int) -> Iterator[Case]:
    """Plant at most so many faults of each kind, each into a text of a paper of its own where there are enough."""
    pool = Pool(papers, written)
    by_id: dict[str, list[Written]] = {}
    for item in written:
        by_id.setdefault(item.paper, []).append(item)
    for kind, plant in PLANTS.items():
        count = 0
        # Papers with summaries by hand come first: into those half of the faults go.
        order = sorted(
            rng.sample(papers, len(papers)), key=lambda paper: paper.id not in by_id or rng.random() < 0.3
        )
        for paper in order:
            if count == most:
                break
            for text, language in _base_texts(paper, by_id.get(paper.id, []), rng):
                changed = plant(text, paper, rng, pool)
                if changed and changed != text:
                    yield Case(
                        paper.id, kind, changed, language, honest=False, cut=kind.endswith("engine says")
                    )
                    count += 1
                    break
    for paper in rng.sample(papers, min(most, len(papers))):
        texts = list(_base_texts(paper, by_id.get(paper.id, []), rng))
        if texts:
            yield _wrong_language(texts[0][0], paper, rng)


def _base_texts(paper: Paper, written: list[Written], rng: random.Random) -> Iterator[tuple[str, str]]:
    """Yield honest texts of a paper in random order: by hand, compressed, reworded, seldom as they stand."""
    ways: tuple[Callable[[str], str], ...] = (
        compressed, lambda text: third_person(compressed(text)), lambda text: reworded(compressed(text)),
        lambda text: reworded(third_person(compressed(text))), str,
    )  # fmt: skip
    texts = [(rng.choice(ways)(sentence), "en") for sentence in paper.sentences if is_usable(sentence)]
    rng.shuffle(texts)
    hand = [(item.text, item.language) for item in rng.sample(written, len(written))]
    yield from (*hand, *texts) if rng.random() < 0.7 else (*texts, *hand)


def _is_chinese(text: str) -> bool:
    return bool(re.search(r"[\u4e00-\u9fff]", text))
