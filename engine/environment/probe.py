"""Ask a Python, in a process of its own, for its packages and devices, and whether each device really computes."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional

from .child import Ticks, cleaned, heard
from .words import ended_with

LIMIT_S = 120.0  # the first import of PyTorch from a slow disk, with a virus scanner looking on
_QUESTION = Path(__file__).with_name("answers.py")
PACKAGES = ("torch", "numpy", "safetensors")


@dataclass(frozen=True)
class Answer:
    """What a Python says of itself; `problem` is a sentence for people, empty where models run with it."""

    python: str
    version: str = ""
    packages: Optional[dict[str, str]] = None
    devices: tuple[dict[str, Any], ...] = ()
    problem: str = ""

    @property
    def usable(self) -> bool:
        """Return whether models can be run."""
        return not self.problem

    @property
    def works_on(self) -> tuple[str, ...]:
        """Return the names of the devices that computed rightly."""
        return tuple(device["name"] for device in self.devices if device["works"])


def probe(python: str, own: bool = False, limit_s: float = LIMIT_S) -> Ticks[Answer]:
    """Return the answer of `python`; `own`: it is the Python that runs us.  Nothing is raised: silence is an answer."""
    command = [python, "-c", _QUESTION.read_text(encoding="utf-8")]
    try:
        code, said = yield from heard(command, cleaned(os.environ, own), limit_s)
    except TimeoutError:
        return Answer(python, problem=f"It did not answer within {limit_s:g} s.")
    except OSError as error:
        return Answer(python, problem=f"It cannot be started ({error.strerror or error}).")
    found = _answer(said)
    if found is None:
        last = said[-1][:300] if said else "it said nothing"
        return Answer(python, problem=f"It gave no answer that can be read ({ended_with(code)}; {last}).")
    return _judged(python, found)


def _answer(said: list[str]) -> Optional[dict[str, Any]]:
    for line in reversed(said):
        try:
            found = json.loads(line)
        except ValueError:
            continue
        if isinstance(found, dict) and found.get("ksdiff") == 1:
            return found
    return None


def _judged(python: str, found: dict[str, Any]) -> Answer:
    problems: dict[str, str] = found["problems"]
    missing = [name for name in PACKAGES if problems.get(name, "").startswith("ModuleNotFoundError")]
    broken = [f"{name} ({problems[name]})" for name in PACKAGES if name in problems and name not in missing]
    sentences = []
    if missing:
        sentences.append(f"It lacks {', '.join(missing)}.")
    if broken:
        sentences.append(f"It cannot load {', '.join(broken)}.")
    if not problems and not any(device["works"] for device in found["devices"]):
        sentences.append(f"No device computes ({'; '.join(device['problem'] for device in found['devices'])}).")
    return Answer(python, found["version"], found["packages"], tuple(found["devices"]), " ".join(sentences))
