"""The child process that runs llama.cpp for `worker`; `python -m digest.summarize` starts it."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import msgspec

from digest import offline
from digest.errors import DigestError, ModelError
from digest.summarize.chat import ChatTemplate
from digest.summarize.engine import Engine
from digest.summarize.language_model import Failed, Job, Notice, Request, TextPiece
from digest.summarize.llama import Model, supports_gpu_offload
from digest.summarize.prompts import build_messages
from digest.summarize.tasks import FieldPlan, Task
from digest.summarize.worker import Finished, Forbidden, Load, Loaded, Refused
from digest.threads import available_threads

if TYPE_CHECKING:
    from collections.abc import Iterator

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Serve requests until the parent closes the pipe."""
    replies = _private_stdout()
    _end_with_parent()
    encoder = msgspec.json.Encoder()

    def say(message: msgspec.Struct) -> None:
        replies.write(encoder.encode(message) + b"\n")
        if not isinstance(message, TextPiece):  # a batch's pieces go with its progress
            replies.flush()

    def confess() -> None:
        for refusal in offline.take_refusals():
            say(Forbidden(refusal.what, refusal.stack))

    try:
        load = msgspec.json.decode(sys.stdin.buffer.readline(), type=Load)
        model, notices = _open(load)
        say(Loaded())
        for notice in notices:
            say(Notice(notice))
        for line in sys.stdin.buffer:
            request = msgspec.json.decode(line, type=Request)
            for event in _serve(model, request, load.threads or available_threads()):
                say(event)
            confess()
            say(Finished())
    except DigestError as error:
        confess()
        say(Refused(error.what, error.todo))
    except BrokenPipeError:  # the parent is gone
        os._exit(0)


def _private_stdout() -> BinaryIO:
    """Keep the pipe to the parent for replies alone: what libraries print goes to stderr."""
    pipe = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return pipe


def _end_with_parent() -> None:
    """Let the system end this process when its parent dies, however that dies."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # A child that crashes leaves no copy of what it read in the working folder.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    parent = os.getppid()

    def watch() -> None:
        # Where there is no such signal (macOS), a new parent tells that the old one is gone.
        while os.getppid() == parent:
            threading.Event().wait(1.0)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _open(load: Load) -> tuple[Model, list[str]]:
    path = Path(load.path)
    notices = []
    layers = load.gpu_layers
    if layers is None:
        layers = -1 if supports_gpu_offload() else 0
    elif layers != 0 and not supports_gpu_offload():
        notices.append("this build of llama.cpp has no GPU support: the model runs on the CPU")
        layers = 0
    model = Model(path, gpu_layers=layers)
    if not model.can_write:
        raise ModelError(
            f"{path.name} is not a model that writes text", "take an instruct model, for example Qwen2.5-7B"
        )
    return model, notices


def _serve(model: Model, request: Request, threads: int) -> Iterator[msgspec.Struct]:
    template = request.template
    chat = ChatTemplate(model.chat_template, model.special_text("bos"), model.special_text("eos"))
    engine = Engine(
        model,
        [
            FieldPlan(field.name, tuple(model.tokenize(field.label, special=False)), field.max_tokens)
            for field in template.fields
        ],
        separator=model.tokenize("\n", special=False),
        parallel=request.parallel,
        threads=threads,
        temperature=request.temperature,
        seed=request.seed,
        memory=request.memory,
        kv_type=request.kv_type,
        budget_s=request.budget_s,
    )
    limit = min(request.context, model.trained_context) - engine.answer_tokens
    tasks = []
    said: set[str] = set()
    for job in request.jobs:
        task, notices, tokens = _prepare(model, chat, request, job, limit)
        for notice in notices:
            if notice not in said:
                said.add(notice)
                yield Notice(notice)
        if task is None:
            room = max(limit, 0)
            yield Failed(
                job.key, f"the shortest prompt takes {tokens} tokens, the context has room for {room}"
            )
        else:
            tasks.append(task)
    yield from engine.run(tasks)


def _prepare(
    model: Model, chat: ChatTemplate, request: Request, job: Job, limit: int
) -> tuple[Task | None, tuple[str, ...], int]:
    """Tokenize one job; of an abstract too long for the context the last sentences are left out.

    Returns:
        The task, or None when not even one sentence fits; notices; the prompt's tokens.
    """
    title = defuse(model, job.title)
    sentences = [defuse(model, sentence) for sentence in job.sentences]
    kept = len(sentences)
    while True:
        messages = build_messages(request.template, title, " ".join(sentences[:kept]))
        text, notices = chat.render(messages)
        tokens = tokenize_prompt(model, chat, text)
        if len(tokens) <= limit:
            task = Task(job.key, tuple(tokens), len(sentences) - kept, job.wanted)
            return task, notices, len(tokens)
        if kept <= 1:
            return None, notices, len(tokens)
        # Sentences are of about one length: jump near, then go on by one.
        excess = (len(tokens) - limit) / max(1, len(tokens))
        kept -= max(1, int(kept * excess * 0.8))


def tokenize_prompt(model: Model, chat: ChatTemplate, text: str) -> list[int]:
    """Return a rendered prompt's tokens; the begin token only if the template has not written it."""
    return model.tokenize(text, special=True, begin=not (chat.bos and text.startswith(chat.bos)))


def defuse(model: Model, text: str) -> str:
    """Break up what the tokenizer would read as control tokens, so that no paper can end its own turn."""
    for token in set(model.tokenize(text, special=True)):
        if model.is_control(token):
            literal = model.token_text(token)
            text = text.replace(literal, f"{literal[:1]} {literal[1:]}")
    return text
