from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest

from digest.config import Config, Interest, KeywordOptions, load_config
from digest.errors import UsageError
from digest.interest_config import ExamplePaper
from digest.models import load_manifest
from digest.resources import resource


@pytest.fixture(autouse=True)
def no_config_of_this_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))


def write(folder: Path, text: str) -> Path:
    path = folder / "config.toml"
    path.write_text(text, "utf-8")
    return path


def test_without_anything_there_are_defaults() -> None:
    assert load_config({"top": None, "feeds": [], "interests": []}) == Config()


def test_flags_lie_over_the_file_and_the_file_over_the_defaults(tmp_path: Path) -> None:
    path = write(tmp_path, 'top = 3\nlanguage = "zh"\n[[interests]]\ntext = "moths"\nname = "M"\n')
    config = load_config({"top": 7, "seed": 0}, path)
    assert (config.top, config.language, config.min_score) == (7, "zh", 0)
    assert config.interests == (Interest("moths", "M"),)
    assert load_config({"interests": [{"text": "owls"}]}, path).interests == (Interest("owls"),)


def test_holidays_are_dates_with_or_without_quotes(tmp_path: Path) -> None:
    path = write(tmp_path, 'holidays = [2027-11-25, "2027-12-24"]')
    assert load_config({}, path).holidays == (dt.date(2027, 11, 25), dt.date(2027, 12, 24))
    with pytest.raises(UsageError, match="holidays"):
        load_config({}, write(tmp_path, 'holidays = ["Christmas"]'))


def test_the_default_config_is_read_when_it_is_there(tmp_path: Path) -> None:
    folder = tmp_path / "xdg" / "digest"
    folder.mkdir(parents=True)
    write(folder, "top = 4\n")
    assert load_config({}).top == 4


def test_paths_in_a_file_are_meant_from_the_file(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        'out = "d"\narchive = "/a.sqlite"\nlocal_model = "m.gguf"\nembedder = "all-minilm-l6-v2"\n'
        'feeds = ["f.xml", "https://x.org/f", "-"]\n',
    )
    config = load_config({}, path)
    assert (config.out, config.archive) == (tmp_path / "d", Path("/a.sqlite"))
    assert (config.local_model, config.embedder) == (str(tmp_path / "m.gguf"), "all-minilm-l6-v2")
    assert config.feeds == (str(tmp_path / "f.xml"), "https://x.org/f", "-")
    assert load_config({"out": Path("here")}, path).out == Path("here")


def test_keyword_options_are_a_table(tmp_path: Path) -> None:
    path = write(
        tmp_path, '[keywords]\nstyle = "phrases"\nnever = ["AI"]\n[keywords.synonyms]\nLLM = "llm"\n'
    )
    options = load_config({}, path).keywords
    assert options == KeywordOptions(style="phrases", never=("AI",), synonyms={"LLM": "llm"})
    assert load_config({}).keywords == KeywordOptions()


@pytest.mark.parametrize("flags", [{"feeds": ["f"]}, {"categories": ["cs.CL"]}])
def test_what_is_read_today_replaces_what_is_read_every_day(
    tmp_path: Path, flags: dict[str, list[str]]
) -> None:
    path = write(tmp_path, 'feeds = ["/daily.xml"]\ncategories = ["cs.AI"]\n')
    config = load_config(flags, path)
    assert {"feeds": list(config.feeds), "categories": list(config.categories)} == {
        "feeds": [],
        "categories": [],
        **flags,
    }


@pytest.mark.parametrize(
    ("text", "measure"), [("2G", 2**31), ("500m", 500 * 2**20), ("1.5 GiB", 3 * 2**29), ("4096", 4096)]
)
def test_memory_is_read_in_any_usual_form(text: str, measure: int) -> None:
    assert load_config({"memory": text}).memory_bytes == measure


@pytest.mark.parametrize(("text", "seconds"), [("20m", 1200), ("90s", 90), ("1.5h", 5400), ("45", 45)])
def test_a_budget_is_read_in_any_usual_form(text: str, seconds: float) -> None:
    assert load_config({"budget": text}).budget_s == seconds


def test_an_interest_may_be_told_in_many_ways(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        """
        [[interests]]
        library = "my.bib"
        collections = "Thesis/*"
        category = "cs.CL"
        terms = "moths"
        [[interests]]
        name = "E"
        examples = [
            "2602.02475", "hep-th/9901001v2", "notes/one.md", "https://x.org/a.json",
            {title = "T", abstract = "A"}
        ]
        categories = ["cs.LG"]
        category = "cs.AI"
        [[avoid]]
        library = ["/papers", "~/x.ris"]
        """,
    )
    config = load_config({}, path)
    assert config.interests == (
        Interest(
            terms=("moths",),
            categories=("cs.CL",),
            library=(str(tmp_path / "my.bib"),),
            collections=("Thesis/*",),
        ),
        Interest(
            name="E",
            examples=(
                "2602.02475",
                "hep-th/9901001v2",
                str(tmp_path / "notes/one.md"),
                "https://x.org/a.json",
                ExamplePaper("T", "A"),
            ),
            categories=("cs.AI", "cs.LG"),
        ),
    )
    assert config.avoid[0].library == ("/papers", str(Path.home() / "x.ris"))
    assert [interest.label for interest in (*config.interests, *config.avoid)] == ["moths", "E", "papers, x"]


def test_the_archive_has_a_place_when_none_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert load_config({"archive": Path("a.sqlite")}).archive_path == Path("a.sqlite")
    assert load_config({}).archive_path.name == "digest.sqlite"


def test_a_date_may_be_a_date_or_text(tmp_path: Path) -> None:
    assert load_config({}, write(tmp_path, "date = 2026-02-02\n")).date == dt.date(2026, 2, 2)
    assert load_config({"date": "2026-02-02"}).date == dt.date(2026, 2, 2)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("topp = 3", "unknown key 'topp': did you mean 'top'?"),
        ("wholly_other = 1", "unknown key 'wholly_other': known keys: local_model,"),
        (
            '[[interests]]\ntext = "x"\nwieght = 2',
            "unknown key [[interests]] 'wieght': did you mean 'weight'?",
        ),
        ("top = 'many'", "top: Expected 'int', got 'str'"),
        ("top = 0", "top is 0: give 1 or more"),
        ("min_score = 101", "min_score is 101"),
        ("diversity = 1.5", "diversity is 1.5: give 0 to 1"),
        ("explore = 11", "explore is 11 of 10 papers"),
        ("explore = -1", "explore is -1"),
        ("temperature = 3.0", "temperature is 3.0"),
        ('formats = ["md", "pdf"]', "unknown format pdf: choose from md, json, html"),
        ('language = "zh; rm"', "language is 'zh; rm'"),
        ('[[interests]]\nname = "x"', "interest 'x' is empty: give it a text, examples, terms, categories"),
        ('[[interests]]\ntext = " "\nterms = [""]\nname = "x"', "interest 'x' is empty"),
        ('[[avoid]]\nterms = ["x", "y"]\nweight = inf', "interest 'x, y' has weight inf"),
        ('[[avoid]]\ntext = "x"\ncollections = ["y"]', "interest 'x' has collections, but no library"),
        ("[[interests]]\nterms = [3]", "interests[0].terms[0]: Expected 'str', got 'int'"),
        ("[[interests]]\ncategory = 3", "interests[0].categories[0]: Expected 'str', got 'int'"),
        ("[[interests]]\nexamples = [{abstract = 'x'}]", "Object missing required field 'title'"),
        ("[[interests]]\nexamples = [{title = 'x', doi = 'y'}]", "unknown field 'doi'"),
        ("[[interests]]\nlibrary = 3", "interests[0].library: Expected 'array', got 'int'"),
        ('[[avoid]]\ntext = "x"\nweight = -1', "interest 'x' has weight -1.0"),
        ("interests = 3", "interests: Expected 'array', got 'int'"),
        ('budget = "soon"', "budget is 'soon': give something like 20m or 90s"),
        ('memory = "2X"', "memory is '2X': give something like 2G or 500M"),
        ('kv_type = "q5_9"', "kv_type: Invalid enum value 'q5_9'"),
        ('[keywords]\nstile = "terms"', "unknown key [keywords] 'stile': did you mean 'style'?"),
        ('[keywords]\nstyle = "words"', "keywords.style: Invalid enum value 'words'"),
        ("[keywords]\ncount = 0", "[keywords] count is 0: give 1 to 20"),
        ('[keywords]\nalways = ["RAG"]\nnever = ["rag"]', "'rag' is in `always` and in `never`"),
        ('[keywords]\nsynonyms = { LLM = " " }', "[keywords] has an empty term"),
        ("keywords = 3", "keywords: Expected 'object', got 'int'"),
        ("top = ", "is not valid TOML"),
    ],
)
def test_a_config_that_cannot_be_is_told_in_one_line(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        load_config({}, write(tmp_path, text))
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 2


def test_a_config_that_is_not_there_or_not_text_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"nowhere\.toml does not exist"):
        load_config({}, tmp_path / "nowhere.toml")
    with pytest.raises(UsageError, match="cannot be read"):
        load_config({}, tmp_path)
    path = tmp_path / "latin.toml"
    path.write_bytes(b'name = "\xe9"')
    with pytest.raises(UsageError, match="not UTF-8"):
        load_config({}, path)


def test_a_bad_flag_is_told_without_a_file() -> None:
    with pytest.raises(UsageError, match="the command line: date: Invalid"):
        load_config({"date": "yesterday"})


def test_every_setting_that_the_sample_config_shows_is_one(tmp_path: Path) -> None:
    sample = (resource("examples") / "config.toml").read_text("utf-8")
    shown = re.sub(r"^# (?=\w+ = |\[\[|  [\"{]|\]$)", "", sample, flags=re.MULTILINE)
    config = load_config({}, write(tmp_path, shown))
    assert config.avoid
    assert {"2600.00002"} < {*config.interests[2].examples}
    assert [interest.collections for interest in config.interests if interest.library][1]
    assert config.embedder in {model.name for model in load_manifest()}
