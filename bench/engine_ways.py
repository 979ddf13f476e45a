"""The ways to summarize the same papers that `bench.engine` compares, each for a process of its own."""

from __future__ import annotations

import json
import resource as usage
import statistics
import sys
import time
from typing import TYPE_CHECKING, Any

import msgspec

from digest.feeds.parse import parse_feed
from digest.resources import resource
from digest.summarize.language_model import Job, Notice, Request, Written
from digest.summarize.prompts import Message, PromptTemplate, build_messages, load_template
from digest.text.sentences import split_sentences
from digest.threads import available_threads

if TYPE_CHECKING:
    from pathlib import Path

    from digest.summarize.llama import Model

READ_TOKENS = 1024
READ_AGAIN = 4
WRITE_STEPS = 12
WRITE_BATCHES = (1, 4, 8, 16, 32)
CHUNK = 512


def read_jobs(feed: Path, count: int, *, tiny: bool = False) -> tuple[Job, ...]:
    """Return the first papers of a feed, again and again if there are too few.

    Args:
        feed: A file.
        count: How many.
        tiny: Only the first sentence of each abstract.
    """
    papers = parse_feed(feed.read_bytes(), feed.name).papers
    chosen = [papers[n % len(papers)] for n in range(count)]
    most = 1 if tiny else None
    return tuple(Job(str(n), p.title, split_sentences(p.abstract)[:most]) for n, p in enumerate(chosen))


def template(fixed: int = 0) -> PromptTemplate:
    """Return the English words; with `fixed`, the fields share so many tokens evenly."""
    words = load_template("en", folders=[resource("prompts")])
    if not fixed:
        return words
    most = fixed // len(words.fields)
    fields = tuple(msgspec.structs.replace(field, max_tokens=most) for field in words.fields)
    return msgspec.structs.replace(words, fields=fields)


def peak_mib(who: int = usage.RUSAGE_SELF) -> float:
    """Return the peak memory of this process, or of its children."""
    return usage.getrusage(who).ru_maxrss / 1024


def sequential(model: Path, jobs: tuple[Job, ...], *, as_json: bool, fixed: int = 0) -> dict[str, float]:
    """Ask `create_chat_completion` for one paper after the other."""
    from llama_cpp import Llama

    words = template(fixed)
    limit = sum(field.max_tokens for field in words.fields)
    llama = Llama(str(model), n_ctx=4096, n_batch=CHUNK, n_threads=available_threads(), verbose=False)
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


def ours(
    model: Path, jobs: tuple[Job, ...], *, parallel: int, fixed: int = 0, memory: int | None = None
) -> dict[str, float]:
    """Run the product's own way: worker, child, engine.

    With answers of a fixed length the synthetic model is sampled: its likeliest tokens come round to
    themselves at once, which the engine would notice and end.
    """
    from digest.summarize.worker import WorkerModel

    words = template(fixed)
    temperature = 1.0 if fixed else 0.0
    worker = WorkerModel(model)
    list(worker.generate(Request(words, jobs[:1], parallel=1, memory=memory)))
    prompt = generated = 0
    start = time.perf_counter()
    request = Request(words, jobs, parallel=parallel, temperature=temperature, memory=memory)
    for event in worker.generate(request):
        if isinstance(event, Written):
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


def bare(model_path: Path, jobs: tuple[Job, ...]) -> dict[str, float]:
    """Measure bare `llama_decode`: its best prompt reading, and its best writing, whatever the batch.

    Also counts the prompt tokens that are unique: the common prefix once, and each paper's rest.
    """
    from digest.summarize.chat import ChatTemplate
    from digest.summarize.child import tokenize_prompt
    from digest.summarize.llama import Model
    from digest.summarize.tasks import common_prefix

    model = Model(model_path)
    chat = ChatTemplate(model.chat_template, model.special_text("bos"), model.special_text("eos"))
    words = template()
    prompts = []
    for job in jobs:
        text, _ = chat.render(build_messages(words, job.title, " ".join(job.sentences)))
        prompts.append(tuple(tokenize_prompt(model, chat, text)))
    shared = common_prefix(prompts)
    tokens = list(prompts[0] * 4)[:READ_TOKENS]
    fill = sum(len(prompt) for prompt in prompts) // len(prompts)
    read = write = 0.0
    for flash in (False, True):
        reading = _reading(model, tokens, flash=flash)
        writing = {
            batch: _writing(model, tokens, fill, batch, flash=flash)
            for batch in WRITE_BATCHES
            if batch <= max(4, 2 * len(jobs))
        }
        kind = "flash attention" if flash else "matrix products"
        told = ", ".join(f"{batch}: {rate:.0f}" for batch, rate in writing.items())
        print(f"bare, {kind}: reading {reading:.0f} tokens/s; writing by batch {told}", file=sys.stderr)
        read, write = max(read, reading), max(write, *writing.values())
    return {
        "prompt_rate": read,
        "write_rate": write,
        "unique": shared + sum(len(prompt) - shared for prompt in prompts),
        "mib": peak_mib(),
    }


def _reading(model: Model, tokens: list[int], *, flash: bool) -> float:
    """Return how fast a prompt is read (tokens/s), median without the first time."""
    from digest.summarize.llama import Context, Span

    context = Context(
        model,
        size=2 * READ_TOKENS,
        sequences=1,
        batch_size=CHUNK,
        threads=available_threads(),
        flash_attention=flash,
    )
    rates = []
    for _ in range(READ_AGAIN):
        context.clear()
        start = time.perf_counter()
        for place in range(0, len(tokens), CHUNK):
            context.decode([Span(0, place, tokens[place : place + CHUNK], 0)])
        rates.append(len(tokens) / (time.perf_counter() - start))
    context.close()
    return statistics.median(rates[1:])


def _writing(model: Model, tokens: list[int], fill: int, batch: int, *, flash: bool) -> float:
    """Return how fast so many sequences, each `fill` tokens long, are written (tokens/s)."""
    from digest.summarize.llama import Context, Span

    context = Context(
        model,
        size=fill + WRITE_STEPS + 8,
        sequences=batch,
        batch_size=CHUNK,
        threads=available_threads(),
        outputs=batch,
        flash_attention=flash,
    )
    for place in range(0, fill, CHUNK):
        context.decode([Span(0, place, tokens[place : min(place + CHUNK, fill)], 0)])
    for sequence in range(1, batch):
        context.copy(0, sequence)
    times = []
    for step in range(WRITE_STEPS):
        start = time.perf_counter()
        context.decode([Span(sequence, fill + step, [tokens[step]], 1) for sequence in range(batch)])
        times.append(time.perf_counter() - start)
    context.close()
    return batch / statistics.median(times)
