"""The names beside that of a result: what describes it, what it is written to first, and that none is an input."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from ..errors import OutputError
from .dataset import files_behind


def beside_result(path: str) -> tuple[str, ...]:
    """Return the names of what may describe the file of that name, and goes when the file is replaced."""
    return f"{path}.aux.xml", f"{path}.ovr", f"{path}.msk"


def on_the_way(path: str) -> tuple[str, ...]:
    """Return the names of what may be written before the file has its own."""
    return f"{path}.part", f"{path}.cog.part", f"{path}.part.journal"


def world_file(path: str) -> str:
    """Return the name of what says in six lines where the image lies, if that was asked for."""
    return f"{os.path.splitext(path)[0]}.tfw"


def spare_inputs(path: str, options: Mapping[str, str], inputs: Sequence[str]) -> None:
    """Raise OutputError where writing the result would replace what an input reads."""
    touched = [path, *beside_result(path), *on_the_way(path)]
    if options.get("TFW", "NO").upper() not in ("NO", "FALSE", "OFF", "0"):
        touched.append(world_file(path))
    touched = [name for name in touched if os.path.exists(name)]
    for behind in set().union(*map(files_behind, inputs)) if touched else ():
        for name in touched:
            if os.path.exists(behind) and os.path.samefile(name, behind):
                first = f"{name} is an input, and {path} would be written to it first."
                raise OutputError(
                    first if name in on_the_way(path) else f"The output {path} holds data that is an input.",
                    "Choose another name for the result.",
                )
