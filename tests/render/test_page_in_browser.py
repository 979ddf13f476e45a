"""The page in a real Chromium: what a reader does with it, and what it must not do."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from builders import MOTHS, OWLS, make_digest, sample_digest, scored
from digest.render.html import render_html

if TYPE_CHECKING:
    from collections.abc import Iterator

    from selenium.webdriver import Chrome
    from selenium.webdriver.remote.webelement import WebElement

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
DRIVER = shutil.which("chromedriver")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="chromium and chromedriver are not installed"),
]


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(str(DRIVER)))
    yield driver
    driver.quit()


class Page:
    """An open page, and what a test asks of it."""

    def __init__(self, browser: Chrome, path: Path, width: int = 1280) -> None:
        self.browser = browser
        self.url = path.as_uri()
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        for kind in ("browser", "performance"):
            self.log(kind)  # what an earlier page said is over
        browser.get(self.url)

    def ask(self, script: str, *values: object) -> Any:  # noqa: ANN401 - what the page answers
        return self.browser.execute_script(f"return {script}", *values)

    def shown(self) -> list[str]:
        return list(self.ask("[...document.querySelectorAll('article:not([hidden])')].map(a => a.id)"))

    def press(self, *keys: str) -> None:
        from selenium.webdriver.common.action_chains import ActionChains

        ActionChains(self.browser).send_keys(*keys).perform()

    def focused(self) -> str:
        return str(self.ask("document.activeElement.id"))

    def find(self, selector: str) -> WebElement:
        return self.browser.find_element("css selector", selector)

    def log(self, kind: str) -> list[dict[str, Any]]:
        return list(self.browser.get_log(kind))  # type: ignore[no-untyped-call]

    def check_silent(self) -> None:
        """Nothing was refused by the policy, no error was raised, nothing was asked for but the file."""
        assert self.log("browser") == []
        events = [json.loads(entry["message"])["message"] for entry in self.log("performance")]
        asked = [e["params"] for e in events if e["method"] == "Network.requestWillBeSent"]
        assert {request["request"]["url"].split("#")[0] for request in asked} <= {self.url, "data:,"}
        assert self.url in {request["documentURL"] for request in asked}


@pytest.fixture
def page_file(tmp_path: Path) -> Path:
    tex = replace(
        OWLS, title="Owls in O(n^2)", title_source="Owls in $O(n^2)$", published=dt.date(2026, 2, 3)
    )
    papers = (
        scored(replace(MOTHS, authors=("Ada Lindqvist", "Kofi Ménsah", "Li Wei", "Nora Hall")), 1),
        replace(scored(tex, 2, score=60), position=(1.0, 0.2)),
        scored(replace(MOTHS, title="Bats", categories=("cs.AI",), authors=("Sam Ito",)), 3, score=5),
    )
    placed = [
        replace(p, position=xy) for p, xy in zip(papers, ((0.0, 0.9), (1.0, 0.2), (0.4, 0.0)), strict=True)
    ]
    path = tmp_path / "2026-02-02.html"
    path.write_text(render_html(make_digest(*placed)), "utf-8")
    return path


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("counting moths", ["paper-1"]),
        ("ada lindqvist", ["paper-1"]),
        ("nora hall", ["paper-1"]),
        ("mensah", ["paper-1"]),
        ("cs.ai", ["paper-3"]),
        ("moth counting", ["paper-1", "paper-2", "paper-3"]),
        ("no such paper", []),
    ],
)
def test_typing_filters(browser: Chrome, page_file: Path, typed: str, shown: list[str]) -> None:
    page = Page(browser, page_file)
    page.find("#filter").send_keys(typed)
    assert page.shown() == shown
    assert page.find("#shown").text == f"{len(shown)} of 3 shown"
    page.find("#filter").send_keys("\ue00c")  # Escape
    assert len(page.shown()) == 3
    page.check_silent()


def test_the_reader_chooses_the_order(browser: Chrome, page_file: Path) -> None:
    page = Page(browser, page_file)
    for order, shown in (("date", [2, 1, 3]), ("category", [3, 2, 1]), ("score", [1, 2, 3])):
        page.find(f"#sort option[value={order}]").click()
        assert page.shown() == [f"paper-{number}" for number in shown]
    page.check_silent()


def test_a_point_of_the_map_leads_to_its_card(browser: Chrome, page_file: Path) -> None:
    page = Page(browser, page_file)
    page.find("#filter").send_keys("bats")
    page.find('.map a[href="#paper-2"] circle').click()
    assert page.focused() == "paper-2"
    assert page.find('.map a[href="#paper-2"]').get_attribute("class") == "here"
    assert page.ask("document.getElementById('paper-2').getBoundingClientRect().top") < 900
    page.browser.execute_script("document.querySelector('.map a[href=\"#paper-1\"]').focus()")
    page.press("\ue007")  # Enter
    assert page.focused() == "paper-1"
    page.check_silent()


def test_a_category_of_the_legend_filters(browser: Chrome, page_file: Path) -> None:
    page = Page(browser, page_file)
    button = page.find('[data-filter="cs.AI"]')
    button.click()
    assert page.shown() == ["paper-3"]
    assert button.get_attribute("aria-pressed") == "true"
    button.click()
    assert len(page.shown()) == 3


def test_keys_move_open_and_filter(browser: Chrome, page_file: Path) -> None:
    page = Page(browser, page_file)
    seen = []
    for key in "jjjk":
        page.press(key)
        seen.append(page.focused())
    assert seen == ["paper-1", "paper-2", "paper-3", "paper-2"]
    page.ask("void addEventListener('click', e => { window.opened = e.target.href; e.preventDefault(); })")
    page.press("o")
    assert page.ask("window.opened") == OWLS.url
    page.press("/")
    assert page.focused() == "filter"
    page.press("j")
    assert page.ask("document.activeElement.value") == "j"
    page.check_silent()


def test_evidence_is_marked_while_a_field_is_pointed_at(browser: Chrome, page_file: Path) -> None:
    from selenium.webdriver.common.action_chains import ActionChains

    page = Page(browser, page_file)
    marks = "[...document.querySelectorAll('#paper-1 mark')].map(m => m.textContent)"
    assert page.ask(marks) == []
    page.find("#paper-1 .field.model .evidence").click()
    assert page.find("#paper-1 details").get_attribute("open") is not None
    assert page.find("#paper-1 mark").text == "We propose LanternNet."
    page.browser.execute_script("document.activeElement.blur()")
    ActionChains(browser).move_to_element(page.find("#paper-1 .field.extract")).pause(0.2).perform()
    assert page.ask(marks) == ["Counting moths is hard."]
    ActionChains(browser).move_to_element(page.find("h1")).pause(0.2).perform()
    assert page.ask(marks) == []
    page.check_silent()


def test_a_formula_is_drawn(browser: Chrome, page_file: Path) -> None:
    page = Page(browser, page_file)
    assert page.ask("document.querySelector('#paper-2 h3 math msup').getBoundingClientRect().width") > 5


@pytest.mark.parametrize("width", [360, 768, 1280, 2560])
def test_nothing_hangs_over_the_edge(browser: Chrome, tmp_path: Path, width: int) -> None:
    long = replace(MOTHS, title="W" * 300, authors=("V" * 200,), abstract="Y" * 500, categories=("z" * 90,))
    path = tmp_path / "a.html"
    path.write_text(render_html(make_digest(scored(long), *sample_digest().papers[1:])), "utf-8")
    page = Page(browser, path, width)
    page.ask("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    assert page.ask("document.documentElement.scrollWidth") <= width


def test_hostile_text_stays_text(browser: Chrome, tmp_path: Path) -> None:
    bad = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
    paper = replace(MOTHS, title=bad, authors=(bad,), abstract=bad, categories=(bad,), url="javascript:x")
    path = tmp_path / "a.html"
    path.write_text(
        render_html(make_digest(replace(scored(paper), position=(0.5, 0.5)), notes=(bad,))), "utf-8"
    )
    page = Page(browser, path)
    assert page.find("h3").text == bad
    page.find("#filter").send_keys("onerror")
    page.find(".map circle").click()
    page.find(".legend button").click()
    assert page.ask("document.querySelectorAll('img, script').length") == 1
    assert "owned" not in page.ask("document.title")
    page.check_silent()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_axe_finds_nothing(browser: Chrome, tmp_path: Path, scheme: str, language: str) -> None:
    import axe_core_python

    digest = sample_digest(language=language)
    papers = [replace(p, position=(0.3 * p.rank, 0.5)) for p in digest.papers]
    path = tmp_path / "a.html"
    path.write_text(render_html(replace(digest, papers=tuple(papers))), "utf-8")
    page = Page(browser, path)
    media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
    page.ask("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    script = (Path(axe_core_python.__file__).parent / "axe.min.js").read_text("utf-8")
    browser.execute_script(script)
    found = browser.execute_async_script("axe.run().then(arguments[arguments.length - 1])")
    told = [(v["id"], [node["html"][:120] for node in v["nodes"]]) for v in found["violations"]]
    assert told == []


def test_five_hundred_papers_filter_and_sort(browser: Chrome, tmp_path: Path) -> None:
    papers = [
        replace(scored(replace(MOTHS, title=f"Paper {n}"), n), position=(n / 500, 0.5)) for n in range(1, 501)
    ]
    path = tmp_path / "a.html"
    path.write_text(render_html(make_digest(*papers)), "utf-8")
    page = Page(browser, path)
    page.find("#filter").send_keys("paper 499")
    assert page.shown() == ["paper-499"]
    page.check_silent()
