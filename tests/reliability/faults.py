"""Faults of the machine for a part of a test: a disk that is small, read-only or gone, a server, little memory."""

from __future__ import annotations

import http.server
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Optional

import pytest

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def disk(folder: Path, size: str) -> Iterator[Path]:
    """Give a disk of its own of that size, such as "2m", mounted at `folder`; skip where this user may mount none."""
    folder.mkdir(exist_ok=True)
    mount = shutil.which("mount")
    command = [mount or "mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(folder)]
    if mount is None or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("this user may mount no disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def read_only(folder: Path) -> None:
    """Let nothing on a mounted disk be written any more, as when a cable is loose."""
    subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)


def engine(*arguments: object, limit_bytes: Optional[int] = None, **changes: Any) -> subprocess.Popen[str]:
    """Start `python -m engine`; with a limit, it gets no more address space than that."""

    def limited() -> None:
        import resource

        if limit_bytes is not None:
            resource.setrlimit(resource.RLIMIT_AS, (limit_bytes, limit_bytes))

    return subprocess.Popen(
        [sys.executable, "-m", "engine", *map(str, arguments)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=limited,  # noqa: PLW1509 - no threads here
        **changes,
    )


def ended(process: subprocess.Popen[str], within_s: float = 120.0) -> tuple[int, str, str]:
    """Return the exit code, what was said on stdout and on stderr."""
    try:
        said, talk = process.communicate(timeout=within_s)
    finally:
        process.kill()
    return process.returncode, said, talk


def one_sentence(talk: str) -> str:
    """Return the last line of what a run says, which is its only error, and no traceback."""
    assert "Traceback" not in talk and "should not have" not in talk, talk
    last = talk.strip().splitlines()[-1]
    assert last.startswith("Error: ") and last.endswith(".") and talk.count("Error: ") == 1, talk
    return last


class Server:
    """A server on this machine: it counts what it is asked for, serves files of a folder, or falls silent."""

    def __init__(self, folder: Optional[Path] = None, silent: bool = False) -> None:
        self.asked: list[str] = []
        self._over = threading.Event()
        outer = self

        class Handler(http.server.SimpleHTTPRequestHandler):
            def __init__(self, *given: Any, **named: Any) -> None:
                super().__init__(*given, directory=str(folder or "/nonexistent"), **named)

            def send_head(self) -> Any:
                outer.asked.append(self.path)
                if silent:
                    outer._over.wait(60)
                return super().send_head()

            def do_POST(self) -> None:
                outer.asked.append(self.path)
                self.send_error(404)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Server:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._server.shutdown()
        self._server.server_close()


def wait_for(condition: Any, within_s: float = 30.0) -> None:
    """Return once a condition holds; fail where that takes too long."""
    until = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < until, "it never came to that"
        time.sleep(0.01)
