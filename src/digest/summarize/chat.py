"""Turn a chat into the text that a model was trained to continue, by the GGUF's own template."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from digest.summarize.prompts import Message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llama_cpp.llama_chat_format import Jinja2ChatFormatter

NO_TEMPLATE = "the model has no chat template: a plain instruction layout is used"
NO_SYSTEM = "the model's chat template has no system role: instructions go into the user's turn"
BROKEN_TEMPLATE = "the model's chat template cannot be used ({}): a plain instruction layout is used"

_OPEN_THOUGHT = re.compile(r"<(think|thinking|thought|reasoning)>\s*$")


@dataclass(frozen=True, slots=True)
class ChatTemplate:
    """A model's chat template and the texts of its begin and end tokens."""

    source: str | None
    bos: str = ""
    eos: str = ""

    def render(self, messages: Sequence[Message]) -> tuple[str, tuple[str, ...]]:
        """Return the prompt up to where the answer begins, and what had to be decided on the way.

        A template that rejects or drops the system role gets its words at the head of the first user
        turn. Thinking is switched off where the template has a switch for it, and a thought that the
        template itself opens is closed at once.
        """
        if not self.source:
            return _plain(messages), (NO_TEMPLATE,)
        notices: tuple[str, ...] = ()
        try:
            prompt = self._apply(self.source, messages)
            if messages[0].role == "system" and messages[0].content not in prompt:
                prompt, notices = self._apply(self.source, merge_system(messages)), (NO_SYSTEM,)
        except Exception:  # noqa: BLE001 - a template is a foreign program and may raise anything
            try:
                prompt, notices = self._apply(self.source, merge_system(messages)), (NO_SYSTEM,)
            except Exception as error:  # noqa: BLE001 - the same
                return _plain(messages), (BROKEN_TEMPLATE.format(str(error).split("\n")[0]),)
        if thought := _OPEN_THOUGHT.search(prompt):
            prompt = f"{prompt.rstrip()}\n\n</{thought[1]}>\n\n"
        return prompt, notices

    def _apply(self, source: str, messages: Sequence[Message]) -> str:
        formatter = _formatter(source, self.bos, self.eos)
        chat = [{"role": message.role, "content": message.content} for message in messages]
        # Qwen 3 and its like read enable_thinking, DeepSeek and Granite read thinking.
        return formatter(messages=chat, enable_thinking=False, thinking=False).prompt  # type: ignore[arg-type]


@lru_cache(maxsize=4)  # compiling a template takes longer than filling it
def _formatter(source: str, bos: str, eos: str) -> Jinja2ChatFormatter:
    from llama_cpp.llama_chat_format import Jinja2ChatFormatter

    return Jinja2ChatFormatter(source, eos_token=eos, bos_token=bos)


def merge_system(messages: Sequence[Message]) -> list[Message]:
    """Put the system's words at the head of the first user turn."""
    if messages[0].role != "system":
        return list(messages)
    first = messages[1]
    merged = Message(first.role, f"{messages[0].content}\n\n{first.content}")
    return [merged, *messages[2:]]


def _plain(messages: Sequence[Message]) -> str:
    """The documented default for a model without a template (the layout of Alpaca, Taori et al. 2023)."""
    parts = []
    for message in merge_system(messages):
        heading = "### Response:" if message.role == "assistant" else "### Instruction:"
        parts.append(f"{heading}\n{message.content}\n\n")
    return "".join(parts) + "### Response:\n"
