"""Speed and memory of the whole program, as a person meets them.

    python -m bench.end_to_end [--day FEED] [--model MODEL] [--runs 5]

Prints the start of `--help`, a cold and a warm run over a day's feed, and the peak memory of the program
and its child together. Without `--day` a heavy day of 532 papers is made from the sample feed.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from digest.resources import resource

PAPERS = 532


def heavy_day(folder: Path) -> Path:
    """Write a feed of 532 papers: the sample's, each with a number of its own in title and abstract."""
    sample = (resource("examples") / "sample.atom.xml").read_text("utf-8")
    head, *entries = re.split(r"(?=<entry>)", sample.split("</feed>")[0])
    made = []
    for number in range(PAPERS):
        entry = entries[number % len(entries)]
        entry = re.sub(r"2600\.\d{5}", f"2600.{number + 10000:05}", entry)
        entry = entry.replace("<title>", f"<title>Study {number}: ").replace(
            "Abstract: ", f"Abstract: In case {number}, "
        )
        made.append(entry.replace("replace-cross", "new").replace(">replace<", ">new<"))
    path = folder / "heavy.atom.xml"
    path.write_text(head + "".join(made) + "</feed>", "utf-8")
    return path


def resident_mib(pid: int) -> float:
    """Return the resident memory of a process and all its descendants."""
    children: dict[int, list[int]] = {}
    resident: dict[int, float] = {}
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            text = status.read_text()
        except OSError:
            continue
        values = dict(re.findall(r"^(Pid|PPid|VmRSS):\s+(\d+)", text, re.MULTILINE))
        children.setdefault(int(values["PPid"]), []).append(int(values["Pid"]))
        resident[int(values["Pid"])] = int(values.get("VmRSS", 0)) / 1024
    total, waiting = 0.0, [pid]
    while waiting:
        one = waiting.pop()
        total += resident.get(one, 0.0)
        waiting += children.get(one, [])
    return total


def run(*arguments: str, environment: dict[str, str]) -> tuple[float, float]:
    """Run digest; return wall seconds and peak memory (MiB)."""
    peak = 0.0
    start = time.perf_counter()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "digest", *arguments], env=environment, stdout=output, stderr=output
        )
        done = threading.Event()

        def watch() -> None:
            nonlocal peak
            while not done.wait(0.1):
                peak = max(peak, resident_mib(process.pid))

        watcher = threading.Thread(target=watch)
        watcher.start()
        status = process.wait()
        seconds = time.perf_counter() - start
        done.set()
        watcher.join()
        if status != 0:
            output.seek(0)
            sys.exit(output.read().decode())
    return seconds, peak


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--day", type=Path)
    parser.add_argument("--model", default="smollm2-135m-instruct")
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environment = {**os.environ, "XDG_CONFIG_HOME": name, "DIGEST_OUT": name}
        help_s = [run("--help", environment=environment)[0] for _ in range(options.runs)]
        help_median = statistics.median(help_s)
        print(f"digest --help                     {help_median:7.2f} s  (median of {options.runs})")
        feed = options.day or heavy_day(folder)
        common = ("--feed", str(feed), "--local-model", options.model, "--top", "10")
        environment["DIGEST_ARCHIVE"] = str(folder / "archive.sqlite")
        cold_s, cold_mib = run(*common, environment=environment)
        print(f"a day, cold, --top 10             {cold_s:7.2f} s  peak {cold_mib:.0f} MiB")
        warm = [run(*common, environment=environment) for _ in range(options.runs)]
        warm_s = statistics.median(seconds for seconds, _ in warm)
        print(f"the same again                    {warm_s:7.2f} s  peak {max(m for _, m in warm):.0f} MiB")
        figures = {"help": f"{help_median:.2f}", "cold": f"{cold_s:.1f}", "warm": f"{warm_s:.2f}"}
        figures["peak_mib"] = f"{cold_mib:.0f}"
        print("END_TO_END", *(f"{name}={value}" for name, value in figures.items()))


if __name__ == "__main__":
    main()
