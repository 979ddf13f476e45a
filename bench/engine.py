"""The engine against the sequential way and against the floor of this machine.

    python -m bench.engine [--model MODEL] [--papers FEED] [--count 30] [--parallel 0] [--runs 3]
                           [--synthetic-count 16] [--curves]

Everything runs in a process of its own, one after the other, with the same model, papers, words and token
limits; loading is not counted. The same is done with a synthetic model of 1.5 billion parameters and with
answers of a fixed length (`--synthetic-count 0` leaves that out). The last line is for programs.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.engine_ways import bare, ours, read_jobs, sequential
from bench.synthetic_model import write_model
from digest.models import find_language_model
from digest.resources import resource

WAYS = ("json", "plain", "ours")
FIXED = 128
"""Tokens of an answer of the synthetic model, the same for each of its fields."""

TINY_FIXED = 16
PARALLEL = (1, 2, 4, 8, 16)
PAPERS = (10, 50, 200, 500)
MEMORY_MIB = (64, 256)


def part(arguments: argparse.Namespace, name: str, **changes: object) -> dict[str, float]:
    """Run one way in a process of its own."""
    options = {"model": arguments.model, "papers": arguments.papers, "count": arguments.count,
               "parallel": arguments.parallel, **changes}  # fmt: skip
    command = [sys.executable, "-m", "bench.engine", "--part", name]
    for key, value in options.items():
        command += [f"--{key}", str(value)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def compare(
    arguments: argparse.Namespace, *, names: tuple[str, ...] = WAYS, **changes: object
) -> dict[str, float]:
    """Print the table; return the ratios of median seconds."""
    count = int(str(changes.get("count", arguments.count)))
    floor = part(arguments, "bare", **changes)
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in names}
    for _ in range(arguments.runs):  # in turns, so that a slow minute of the machine hits all
        for name in names:
            runs[name].append(part(arguments, name, **changes))
    print(f"\n| way | prompt tokens | generated | seconds | papers/minute | peak MiB |\n| {'--- | ' * 6}")
    middle = {}
    for name in names:
        ordered = sorted(runs[name], key=lambda run: run["seconds"])
        run = middle[name] = ordered[(len(ordered) - 1) // 2]
        spread = f"{ordered[0]['seconds']:.1f} to {ordered[-1]['seconds']:.1f}"
        print(f"| {name} | {run['prompt']:.0f} | {run['generated']:.0f} | {run['seconds']:.1f} ({spread})"
              f" | {60 * count / run['seconds']:.1f} | {run['mib']:.0f} |")  # fmt: skip
    mine = middle["ours"]
    read_s = floor["unique"] / floor["prompt_rate"]
    best = read_s + mine["generated"] / floor["write_rate"]
    print(
        f"| floor | {floor['unique']:.0f} | {mine['generated']:.0f} | {best:.1f}"
        f" | {60 * count / best:.1f} ||",
        flush=True,
    )
    ratios = {name: middle[name]["seconds"] / mine["seconds"] for name in names if name != "ours"}
    return {**ratios, "floor": best / mine["seconds"]}


def compare_synthetic(arguments: argparse.Namespace) -> dict[str, float]:
    """Do the same with random weights of a real size."""
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "synthetic-1.5b.gguf"
        write_model(model, layers=28, width=1536, heads=12, kv_heads=2, feed_forward=8960)
        count = arguments.synthetic_count
        ratios = compare(arguments, names=("json", "ours"), model=model, count=count, fixed=FIXED)
    return {f"synthetic_{name}": ratios[name] for name in ("json", "floor")}


def curves(arguments: argparse.Namespace) -> None:
    """Print how speed and memory go with papers in flight, papers in all, and memory allowed."""
    print("\n| in flight | papers/minute |\n| --- | --- |")
    for parallel in PARALLEL:
        run = part(arguments, "ours", parallel=parallel, count=max(PARALLEL))
        print(f"| {parallel} | {60 * max(PARALLEL) / run['seconds']:.1f} |", flush=True)
    print("\n| tiny papers | seconds a paper | peak MiB |\n| --- | --- | --- |")
    for count in PAPERS:
        run = part(arguments, "ours", count=count, tiny=1, fixed=TINY_FIXED)
        print(f"| {count} | {run['seconds'] / count:.3f} | {run['mib']:.0f} |", flush=True)
    print("\n| memory allowed, MiB | peak MiB of the child, with weights and interpreter |\n| --- | --- |")
    for memory in MEMORY_MIB:
        run = part(arguments, "ours", count=max(PARALLEL), memory=memory)
        print(f"| {memory} | {run['mib']:.0f} |", flush=True)


def run_part(arguments: argparse.Namespace) -> dict[str, float]:
    """Do what this process was started for."""
    jobs = read_jobs(arguments.papers, arguments.count, tiny=bool(arguments.tiny))
    model = find_language_model(arguments.model)
    match arguments.part:
        case "bare":
            return bare(model, jobs)
        case "ours":
            memory = arguments.memory * 2**20 or None
            return ours(model, jobs, parallel=arguments.parallel, fixed=arguments.fixed, memory=memory)
        case name:
            return sequential(model, jobs, as_json=name == "json", fixed=arguments.fixed)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", default="smollm2-135m-instruct")
    parser.add_argument("--papers", type=Path, default=resource("examples") / "sample.atom.xml")
    parser.add_argument("--count", type=int, default=30)
    parser.add_argument("--parallel", type=int, default=0)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--synthetic-count", type=int, default=16)
    parser.add_argument("--curves", action="store_true")
    for name in ("fixed", "tiny", "memory"):
        parser.add_argument(f"--{name}", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--part", choices=["json", "plain", "ours", "bare"], help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.part:
        print(json.dumps(run_part(arguments)))
        return
    ratios = compare(arguments)
    if arguments.synthetic_count:
        ratios |= compare_synthetic(arguments)
    if arguments.curves:
        curves(arguments)
    print("ENGINE", *(f"{name}={value:.2f}" for name, value in ratios.items()))


if __name__ == "__main__":
    main()
