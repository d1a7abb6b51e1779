"""The note beside a result, `<result>.ksdiff.json`: what was asked, by which version, and what came of it."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from datetime import datetime, timezone
from typing import Any

from qgis.core import Qgis

from ._engine import engine, load

SUFFIX = ".ksdiff.json"


def write(output: str, algorithm: str, request: Any, result: dict[str, Any]) -> None:
    """Write the note for `output`, whole or not at all.  Raise OSError where the folder refuses it.

    `parameters` in it are the fields of the engine's request, so the same run can be asked for again from them.
    """
    note = {
        "algorithm": algorithm,
        "version": engine.__version__,
        "qgis": Qgis.QGIS_VERSION,
        "written": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "parameters": asdict(request),
        "result": result,
    }
    partial = output + SUFFIX + ".part"
    try:
        with open(partial, "w", encoding="utf-8") as file:
            json.dump(load("events").plain(note), file, indent=2, allow_nan=False, ensure_ascii=False)
            file.write("\n")
        os.replace(partial, output + SUFFIX)
    finally:
        if os.path.exists(partial):
            os.remove(partial)
