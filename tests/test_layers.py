"""The direction of imports: a module imports only from lines above its own (ARCHITECTURE.md)."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import digest

PACKAGE = Path(digest.__file__).parent
LINES = (
    {"errors"},
    {"resources", "files", "threads", "gguf", "namespace", "traces"},
    {"offline"},
    {"startup"},
    {"arxiv_id"},
    {"paper"},
    {"interest_config"},
    {"config", "config_edit"},
    {"text"},
    {"library"},
    {"feeds"},
    {"ranking"},
    {"summarize"},
    {"render", "export"},
    {"archive"},
    {"search"},
    {"models", "quantize", "measure"},
    {"pipeline"},
    {"progress", "cli_listing", "cli_models", "cli_options"},
    {
        "cli_bundle",
        "cli_feedback",
        "cli_feeds",
        "cli_forget",
        "cli_interests",
        "cli_offline",
        "cli_search",
        "cli_show",
    },
    {"cli_export", "cli_fetch"},
    {"cli"},
    {"__main__"},
)
LINE_OF = {name: number for number, names in enumerate(LINES) for name in names}
HEAVY = {"torch", "sentence_transformers", "llama_cpp", "transformers"}


def modules() -> list[Path]:
    return [path for path in sorted(PACKAGE.rglob("*.py")) if path != PACKAGE / "__init__.py"]


def top_name(path: Path) -> str:
    relative = path.relative_to(PACKAGE)
    return relative.parts[0].removesuffix(".py")


def imports(path: Path) -> list[tuple[str, bool]]:
    """Return imported module names, and whether each import stands at the module's top level."""
    tree = ast.parse(path.read_text("utf-8"))
    inner = {
        node
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
    }
    guarded = {
        node
        for test in ast.walk(tree)
        if isinstance(test, ast.If) and "TYPE_CHECKING" in ast.dump(test.test)
        for node in ast.walk(test)
    }
    found = []
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module] if node.module != "digest" else [f"digest.{a.name}" for a in node.names]
        found += [(name, node not in inner and node not in guarded) for name in names]
    return found


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_imports_only_from_lines_above_its_own(path: Path) -> None:
    own = top_name(path)
    for name, _ in imports(path):
        if not name.startswith("digest."):
            continue
        other = name.split(".")[1]
        if other in ("__version__", own):
            continue
        assert LINE_OF[other] < LINE_OF[own], f"{path.name} imports {name}"
        if own in ("render", "export"):
            assert other in ("paper", "arxiv_id", "text"), f"a renderer imports {name}"


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_heavy_packages_are_imported_inside_functions_only(path: Path) -> None:
    at_top = {name.split(".")[0] for name, top_level in imports(path) if top_level}
    assert not at_top & HEAVY


def test_only_feeds_http_opens_a_socket() -> None:
    network = {
        *("socket", "httpx", "httpcore", "requests", "urllib.request", "http.client", "ftplib", "smtplib"),
        "aiohttp",
    }
    users = {str(p.relative_to(PACKAGE)) for p in modules() if network & {name for name, _ in imports(p)}}
    assert users == {
        "feeds/_session.py",  # both of `feeds/http.py` alone
        "feeds/_transport.py",
        "cli_offline.py",  # to be refused
    }
    callers = {"digest.feeds._session", "digest.feeds._transport"}
    assert {str(p.relative_to(PACKAGE)) for p in modules() if callers & {name for name, _ in imports(p)}} == {
        "feeds/http.py",
        "feeds/_session.py",
    }


def test_help_imports_nothing_heavy() -> None:
    script = (
        "import sys; sys.argv = ['digest', '--help']\n"
        "from digest.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(*sorted({name.split('.')[0] for name in sys.modules}), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert "--local-model" in done.stdout
    loaded = set(done.stderr.split())
    assert not loaded & (
        HEAVY | {"numpy", "httpx", "feedparser", "pylatexenc", "tenacity", "tomlkit", "httpcore"}
    )
