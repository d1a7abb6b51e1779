"""What a Python can do, told by itself: run as `python -c`, in any Python that may be asked, never imported by us."""

from __future__ import annotations

import importlib
import json
import sys
import time
from typing import Any

PACKAGES = ("torch", "numpy", "safetensors")
SIDE = 256  # ones @ ones has SIDE everywhere, so its sum is SIDE cubed: 2**24, which float32 holds exactly


def imported() -> tuple[dict[str, Any], dict[str, str]]:
    """Return the packages that can be imported, and for the others what happens instead."""
    modules, problems = {}, {}
    for name in PACKAGES:
        try:
            modules[name] = importlib.import_module(name)
        except Exception as error:  # noqa: BLE001 - whatever an import raises is the answer
            problems[name] = f"{type(error).__name__}: {error}"
    return modules, problems


def devices(torch: Any) -> list[tuple[str, str]]:
    """Return what PyTorch may compute on: the name and a title for people."""
    found = [("cpu", f"CPU, {torch.get_num_threads()} threads")]
    if torch.cuda.is_available():
        found += [(f"cuda:{i}", torch.cuda.get_device_name(i)) for i in range(torch.cuda.device_count())]
    if getattr(torch.backends, "mps", None) is not None and torch.backends.mps.is_available():
        found.append(("mps", "Apple GPU"))
    return found


def tried(torch: Any, numpy: Any, name: str, title: str) -> dict[str, Any]:
    """Return what a product of matrices gives on a device, and how long the second one takes."""
    answer = {"name": name, "title": title, "works": False, "result": None, "seconds": None, "problem": ""}
    try:
        x = torch.from_numpy(numpy.ones((SIDE, SIDE), "float32")).to(name)
        float((x @ x).sum())  # the first wakes the device
        begun = time.perf_counter()
        result = float((x @ x).sum())
        seconds = time.perf_counter() - begun
        answer.update(result=result, seconds=round(seconds, 6), works=result == float(SIDE**3))
        if not answer["works"]:
            answer["problem"] = f"A sum that is {SIDE**3} came out as {result:g}."
    except Exception as error:  # noqa: BLE001 - whatever a device raises is the answer
        answer["problem"] = f"{type(error).__name__}: {error}"
    return answer


def main() -> None:
    """Say everything as one line of JSON."""
    modules, problems = imported()
    there: list[dict[str, Any]] = []
    if "torch" in modules and "numpy" in modules:
        there = [tried(modules["torch"], modules["numpy"], *device) for device in devices(modules["torch"])]
    answer = {
        "ksdiff": 1,
        "version": ".".join(str(part) for part in sys.version_info[:3]),
        "packages": {name: str(getattr(module, "__version__", "?")) for name, module in modules.items()},
        "problems": problems,
        "devices": there,
    }
    sys.stdout.write("\n" + json.dumps(answer) + "\n")  # after whatever a library may have begun to say
    sys.stdout.flush()


if __name__ == "__main__":
    main()
