"""The engine against the sequential way and against the floor of this machine.

    python -m bench.engine [--model MODEL] [--papers FEED] [--count 30] [--parallel 0] [--runs 3] [--curves]
    python -m bench.engine --synthetic [--count 8]

Everything runs in a process of its own, one after the other, with the same model, papers, words and token
limits; loading is not counted. The last line is for programs.
"""

from __future__ import annotations

import argparse
import json
import resource as usage
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from digest.feeds.parse import parse_feed
from digest.models import find_language_model
from digest.resources import resource
from digest.summarize.language_model import Job, Notice, Request, Started, Written
from digest.summarize.prompts import FieldPrompt, Message, PromptTemplate, build_messages, load_template
from digest.text.sentences import split_sentences
from digest.threads import available_threads

RAW_PROMPT = 1024
RAW_STEPS = 12
RAW_BATCHES = (1, 4, 8, 16, 32)


def read_jobs(feed: Path, count: int) -> tuple[Job, ...]:
    """Return the first papers of a feed, again and again if there are too few."""
    papers = parse_feed(feed.read_bytes(), feed.name).papers
    chosen = [papers[n % len(papers)] for n in range(count)]
    return tuple(Job(str(n), p.title, split_sentences(p.abstract)) for n, p in enumerate(chosen))


def template() -> PromptTemplate:
    """Return the English words."""
    return load_template("en", folders=[resource("prompts")])


def peak_mib(who: int = usage.RUSAGE_SELF) -> float:
    """Return the peak memory of this process, or of its children."""
    return usage.getrusage(who).ru_maxrss / 1024


# --- the ways --------------------------------------------------------------------------------------------


def sequential(model: Path, jobs: tuple[Job, ...], *, as_json: bool) -> dict[str, float]:
    """Ask `create_chat_completion` for one paper after the other."""
    from llama_cpp import Llama

    words = template()
    limit = sum(field.max_tokens for field in words.fields)
    llama = Llama(str(model), n_ctx=4096, n_batch=512, n_threads=available_threads(), verbose=False)
    schema = {
        "type": "object",
        "properties": {field.name: {"type": "string"} for field in words.fields},
        "required": [field.name for field in words.fields],
    }
    options: dict[str, Any] = (
        {"response_format": {"type": "json_object", "schema": schema}} if as_json else {}
    )
    llama.create_chat_completion([{"role": "user", "content": "Hello"}], max_tokens=4)
    prompt = generated = 0
    start = time.perf_counter()
    for job in jobs:
        messages = build_messages(words, job.title, " ".join(job.sentences))
        if as_json:
            messages = _json_words(words, messages)
        chat = [{"role": message.role, "content": message.content} for message in messages]
        answer: Any = llama.create_chat_completion(chat, max_tokens=limit, temperature=0.0, **options)  # type: ignore[arg-type]
        prompt += answer["usage"]["prompt_tokens"]
        generated += answer["usage"]["completion_tokens"]
    seconds = time.perf_counter() - start
    return {"seconds": seconds, "prompt": prompt, "generated": generated, "mib": peak_mib()}


def _json_words(words: PromptTemplate, messages: list[Message]) -> list[Message]:
    """The same words, the example's answer as JSON."""
    names = ", ".join(f'"{field.name}"' for field in words.fields)
    system = messages[0].content + f"\nAnswer as one JSON object with the keys {names}."
    answer = json.dumps({field.name: words.examples[0].answer[field.name] for field in words.fields})
    return [
        Message("system", system)
        if m.role == "system"
        else Message(m.role, answer)
        if m.role == "assistant"
        else m
        for m in messages
    ]


def ours(model: Path, jobs: tuple[Job, ...], parallel: int, fixed: int = 0) -> dict[str, float]:
    """Run the product's own way: worker, child, engine."""
    from digest.summarize.worker import WorkerModel

    words = template()
    if fixed:
        fields = tuple(FieldPrompt(field.name, field.label, fixed // 4) for field in words.fields)
        words = PromptTemplate(words.system, words.user, fields, words.examples)
    worker = WorkerModel(model)
    list(worker.generate(Request(words, jobs[:1], parallel=1)))
    prompt = generated = 0
    latencies: dict[str, float] = {}
    start = time.perf_counter()
    for event in worker.generate(Request(words, jobs, parallel=parallel)):
        if isinstance(event, Started):
            latencies[event.key] = time.perf_counter()
        elif isinstance(event, Written):
            prompt += event.prompt_tokens
            generated += event.generated_tokens
        elif isinstance(event, Notice):
            print(event.text, file=sys.stderr)
    seconds = time.perf_counter() - start
    worker.close()
    return {
        "seconds": seconds,
        "prompt": prompt,
        "generated": generated,
        "mib": peak_mib(usage.RUSAGE_CHILDREN),
    }


def raw(model_path: Path, jobs: tuple[Job, ...]) -> dict[str, float]:
    """Measure bare `llama_decode`: prompt reading, and writing at its best batch size.

    Also counts the prompt tokens that are unique: the common prefix once, and each paper's rest.
    """
    from digest.summarize.chat import ChatTemplate
    from digest.summarize.child import tokenize_prompt
    from digest.summarize.llama import Context, Model, Span
    from digest.summarize.tasks import common_prefix

    model = Model(model_path)
    chat = ChatTemplate(model.chat_template, model.special_text("bos"), model.special_text("eos"))
    words = template()
    prompts = []
    for job in jobs:
        text, _ = chat.render(build_messages(words, job.title, " ".join(job.sentences)))
        prompts.append(tuple(tokenize_prompt(model, chat, text)))
    shared = common_prefix(prompts)
    unique = shared + sum(len(prompt) - shared for prompt in prompts)
    labels = sum(len(model.tokenize(field.label, special=False)) + 1 for field in words.fields) * len(jobs)
    tokens = list(prompts[0] * 4)[:RAW_PROMPT]
    threads = available_threads()
    context = Context(model, size=2048, sequences=1, batch_size=512, threads=threads)
    rates = []
    for _ in range(4):
        context.clear()
        start = time.perf_counter()
        for place in range(0, RAW_PROMPT, 512):
            context.decode([Span(0, place, tokens[place : place + 512], 0)])
        rates.append(RAW_PROMPT / (time.perf_counter() - start))
    context.close()
    prompt_rate = statistics.median(rates[1:])
    best = 0.0
    fill = sum(len(prompt) for prompt in prompts) // len(prompts)
    writes: dict[str, float] = {}
    for batch in RAW_BATCHES:
        context = Context(model, size=fill + RAW_STEPS + 8, sequences=batch, batch_size=512, threads=threads)
        for place in range(0, fill, 512):
            context.decode([Span(0, place, tokens[place : min(place + 512, fill)], 0)])
        for sequence in range(1, batch):
            context.copy(0, sequence)
        times = []
        for step in range(RAW_STEPS):
            start = time.perf_counter()
            context.decode([Span(sequence, fill + step, [tokens[step]], 1) for sequence in range(batch)])
            times.append(time.perf_counter() - start)
        writes[str(batch)] = batch / statistics.median(times)
        best = max(best, writes[str(batch)])
        context.close()
    print(f"raw: prompt {prompt_rate:.0f} tokens/s; writing by batch "
          + ", ".join(f"{b}: {r:.0f}" for b, r in writes.items()), file=sys.stderr)  # fmt: skip
    return {
        "prompt_rate": prompt_rate,
        "write_rate": best,
        "unique": unique,
        "labels": labels,
        "mib": peak_mib(),
    }


# --- the comparison --------------------------------------------------------------------------------------


def part(arguments: argparse.Namespace, name: str, **changes: object) -> dict[str, float]:
    """Run one way in a process of its own."""
    options = {"model": arguments.model, "papers": arguments.papers, "count": arguments.count,
               "parallel": arguments.parallel, "fixed": arguments.fixed, **changes}  # fmt: skip
    command = [sys.executable, "-m", "bench.engine", "--part", name]
    for key, value in options.items():
        command += [f"--{key}", str(value)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def median_part(arguments: argparse.Namespace, name: str, **changes: object) -> dict[str, float]:
    """Run one way several times, and keep the run of median time."""
    runs = [part(arguments, name, **changes) for _ in range(arguments.runs)]
    return sorted(runs, key=lambda run: run["seconds"])[len(runs) // 2]


def compare(arguments: argparse.Namespace) -> dict[str, float]:
    """Print the table; return the ratios."""
    count = arguments.count
    floor = part(arguments, "raw")
    ways = {
        "json": median_part(arguments, "json"),
        "plain": median_part(arguments, "plain"),
        "ours": median_part(arguments, "ours"),
    }
    print(f"\n| way | prompt tokens | generated | seconds | papers/minute | peak MiB |\n| {'--- | ' * 6}")
    for name, run in ways.items():
        print(f"| {name} | {run['prompt']:.0f} | {run['generated']:.0f} | {run['seconds']:.1f}"
              f" | {60 * count / run['seconds']:.1f} | {run['mib']:.0f} |")  # fmt: skip
    mine = ways["ours"]
    best = (floor["unique"] + floor["labels"]) / floor["prompt_rate"] + mine["generated"] / floor[
        "write_rate"
    ]
    print(
        f"| floor | {floor['unique']:.0f} | {mine['generated']:.0f} | {best:.1f} | {60 * count / best:.1f} ||"
    )
    return {
        "json": ways["json"]["seconds"] / mine["seconds"],
        "plain": ways["plain"]["seconds"] / mine["seconds"],
        "floor": best / mine["seconds"],
    }


def curves(arguments: argparse.Namespace) -> None:
    """Print how papers/minute grow with sequences in flight and with the number of papers."""
    print("\n| parallel | papers/minute |\n| --- | --- |")
    for parallel in (1, 2, 4, 8, 16):
        run = part(arguments, "ours", parallel=parallel)
        print(f"| {parallel} | {60 * arguments.count / run['seconds']:.1f} |", flush=True)


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
    parser.add_argument("--fixed", type=int, default=0)
    parser.add_argument("--curves", action="store_true")
    parser.add_argument("--part", choices=["json", "plain", "ours", "raw"])
    arguments = parser.parse_args()
    if arguments.part:
        jobs = read_jobs(arguments.papers, arguments.count)
        model = find_language_model(arguments.model)
        if arguments.part == "raw":
            result = raw(model, jobs)
        elif arguments.part == "ours":
            result = ours(model, jobs, arguments.parallel, arguments.fixed)
        else:
            result = sequential(model, jobs, as_json=arguments.part == "json")
        print(json.dumps(result))
        return
    ratios = compare(arguments)
    if arguments.curves:
        curves(arguments)
    print("ENGINE", *(f"{name}={value:.2f}" for name, value in ratios.items()))


if __name__ == "__main__":
    main()
