"""Less than the machine has, for a while: the faults a full disk or little memory cause, without either."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Optional

import pytest


@contextmanager
def small_files(size: int) -> Iterator[None]:
    """Let no file of this process, or of what it starts, grow beyond so many bytes, as if the disk were full.

    For a part of a test alone, never for a fixture: pytest writes what came of a test into its own output before the
    fixtures end, and that output may be a file too.
    """
    resource = pytest.importorskip("resource", reason="no limits here")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@contextmanager
def little_memory(megabytes: int) -> Iterator[list[str]]:
    """Give what stands before a command so that the kernel kills it, or what it starts, where they take more memory.

    Skip where this user may set up no such limit.
    """
    folder = _group_of_this_process()
    group = folder and folder / f"ksdiff_test_{os.getpid()}"
    if group and _limited(group, megabytes << 20):
        try:
            yield ["sh", "-c", f'echo $$ > "{group}/cgroup.procs" && exec "$@"', "sh"]
        finally:
            _removed(group)
        return
    scope = ["systemd-run", "--scope", "--quiet", "-p", f"MemoryMax={megabytes}M", "-p", "MemorySwapMax=0", "--"]
    if shutil.which(scope[0]) is None or subprocess.run([*scope, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this user may limit no memory")
    yield scope


def _group_of_this_process() -> Optional[Path]:
    """Return the folder of the control group of this process that accounts for memory; None where there is none."""
    try:
        lines = Path("/proc/self/cgroup").read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    groups = {kinds: path for _, kinds, path in (line.split(":", 2) for line in lines)}
    if "memory" in groups:  # of the first version, where each kind has a tree of its own
        return Path(f"/sys/fs/cgroup/memory{groups['memory']}")
    return Path(f"/sys/fs/cgroup{groups['']}") if "" in groups else None


def _limited(group: Path, size: int) -> bool:
    """Make a group with that limit, swap included; False where that cannot be."""
    limits = ("memory.max", "memory.swap.max"), ("memory.limit_in_bytes", "memory.memsw.limit_in_bytes")
    try:
        group.mkdir()
        names = limits[(group / "memory.limit_in_bytes").exists()]
        (group / names[0]).write_text(str(size))
        if (group / names[1]).exists():
            (group / names[1]).write_text("0" if names[1] == "memory.swap.max" else str(size))
        subprocess.run(["sh", "-c", f'echo $$ > "{group}/cgroup.procs"'], capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        _removed(group)
        return False
    return True


def _removed(group: Path) -> None:
    """Remove a group once what was in it has ended."""
    until = time.monotonic() + 5.0
    while group.exists() and time.monotonic() < until:
        try:
            group.rmdir()
        except OSError:
            time.sleep(0.05)
