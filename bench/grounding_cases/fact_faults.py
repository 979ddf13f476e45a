"""Numbers and names that the source does not have, or has for something else."""

from __future__ import annotations

import random
import re

from bench.facts import lacking, written_as_names
from bench.grounding_cases.papers import Paper, is_chinese
from bench.grounding_cases.pool import Plant, Pool

_NUMBER = re.compile(r"(?<![\w.,-])\d+(?:[.,]\d+)*(?![\w]*[A-Za-z])|(?<=[\u4e00-\u9fff])\d+(?:\.\d+)?")
_SPELLED = ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]


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
    changed = rng.choice(zh if is_chinese(text) else ways)
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
        if bool(re.search("[\u4e00-\u9fff]", "".join(others) + pattern)) != is_chinese(text):
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


_INVENTED_NAMES = (
    "ZephyrNet QuantumBERT DeepForge HyperGAN-2 GLIMMER OptiFlow VisionQA-7 NeuroScan T-REX9 AlphaStar "
    "BigGAN GPT-4 XLM-R DALL-E CoLA SQuAD-2.0 Kinetics-400 PathNet AdaMax SWAG"
)
_INVENTED = _INVENTED_NAMES.split()
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
    changed = rng.choice(zh if is_chinese(text) else ways)
    return changed if lacking(changed, paper.source) else None


FACT_PLANTS: dict[str, Plant] = {
    "number changed": _number_changed,
    "number invented": _number_invented,
    "unit changed": _unit_changed,
    "sign changed": _sign_changed,
    "name swapped": _name_swapped,
    "name invented": _name_invented,
}
OTHER_NUMBER_PLANTS: dict[str, Plant] = {"number misplaced": _number_misplaced}
