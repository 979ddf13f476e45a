"""Draw README's picture: the sample digest as a real terminal shows it.

python -m bench.picture examples/preview.svg
"""

from __future__ import annotations

import os
import pty
import re
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

from digest.resources import resource

WIDTH = 100
LINES = 46


def main() -> None:
    """Run digest in a pseudo-terminal and export what it printed."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(
            COLUMNS=str(WIDTH), TERM="xterm-256color", DIGEST_OUT=folder, DIGEST_ARCHIVE=f"{folder}/a.sqlite"
        )
        command = [sys.executable, "-m", "digest", "--local-model", "smollm2-135m-instruct", "--top", "5"]
        examples = resource("examples")
        command += ["--feed", str(examples / "sample.atom.xml"), "--config", str(examples / "config.toml")]
        shown = bytearray()

        def read(descriptor: int) -> bytes:
            data = os.read(descriptor, 1 << 16)
            shown.extend(data)
            return data

        for _ in range(2):  # the second run has no progress bars to draw
            shown.clear()
            pty.spawn(command, read)
    text = shown.decode().replace("\r\n", "\n")
    start = text.rindex("\x1b[1m", 0, text.index("arXiv"))  # after what hides the cursor
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        console = Console(record=True, width=WIDTH, file=nowhere)
        console.print(Text.from_ansi("\n".join(text[start:].splitlines()[:LINES])))
    svg = console.export_svg(title="digest --local-model smollm2-135m-instruct")
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)  # rich names fonts on the network
    Path(sys.argv[1]).write_text(svg, "utf-8")


if __name__ == "__main__":
    main()
