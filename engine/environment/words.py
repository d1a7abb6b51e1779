"""What went wrong in another program, in words: from its exit code, and from the last it said."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..errors import EngineError, InputError, OutputError

_CODES = {
    -9: "it was killed, probably for want of memory",
    137: "it was killed, probably for want of memory",
    -11: "it crashed in native code",
    139: "it crashed in native code",
    0xC0000005: "it crashed in native code",
    0xC0000135: "a DLL is missing; install the Microsoft Visual C++ runtime",
    -4: "the processor lacks instructions it needs",
    0xC000001D: "the processor lacks instructions it needs",
}

# In this order: an installer that reaches no index says in the end that it found no package.
_CAUSES: tuple[tuple[str, type[EngineError], str, str], ...] = (
    (
        r"ensurepip is not available|No module named '?(ensurepip|venv)",
        InputError,
        "This Python cannot make environments: it lacks venv or ensurepip.",
        "On Debian and Ubuntu, run 'sudo apt-get install python3-venv'; elsewhere install Python from python.org.",
    ),
    (
        r"No space left on device|Errno 28\b|WinError 112\b|not enough space on the disk|Disk quota exceeded",
        OutputError,
        "The disk is full.",
        "Make room, or choose a folder on another disk.",
    ),
    (
        r"407 Proxy Authentication|Tunnel connection failed: 407",
        InputError,
        "The proxy wants a user name and a password (407).",
        "Enter them in Settings > Options > Network, or in the environment variable HTTPS_PROXY.",
    ),
    (
        r"ProxyError|Cannot connect to proxy|Tunnel connection failed",
        InputError,
        "The proxy cannot be reached, or refuses.",
        "Correct it in Settings > Options > Network, or in the environment variable HTTPS_PROXY.",
    ),
    (
        r"CERTIFICATE_VERIFY_FAILED|SSLError|SSLCertVerificationError",
        InputError,
        "The index of packages does not prove who it is: something between, such as a virus scanner or a company's "
        "gateway, opens encrypted connections.",
        "Ask for its certificate and name that file in the environment variable PIP_CERT, or use a folder of wheels.",
    ),
    (
        r"NewConnectionError|ConnectTimeout|Read timed out|name resolution|getaddrinfo failed|Connection refused"
        r"|Connection reset|ConnectionResetError|Failed to establish a new connection|Network is unreachable"
        r"|RemoteDisconnected|Connection aborted",
        InputError,
        "The index of packages cannot be reached.",
        "Check the network and the proxy, or use a folder of wheels.",
    ),
    (
        r"WinError 5\b|WinError 1260\b|group policy|Access is denied|Permission denied|Errno 13\b",
        OutputError,
        "A file may not be written or a program may not be run: permissions, a virus scanner or a policy forbid it.",
        "Choose a folder that is yours, or ask who looks after this computer.",
    ),
    (
        r"No matching distribution found|Could not find a version that satisfies|is not a supported wheel",
        InputError,
        "There is no package for this Python and this system in the place looked at.",
        "Use another Python, such as 3.12, or another index or folder of wheels.",
    ),
)


def ended_with(code: int) -> str:
    """Return how a program ended."""
    return _CODES.get(code) or _CODES.get(code & 0xFFFFFFFF) or f"it ended with code {code}"


def explained(said: Iterable[str], code: int) -> EngineError:
    """Return the error for a program that failed after it had `said` these lines."""
    heard = [line for line in said if line.strip()]
    text = "\n".join(heard)
    for pattern, kind, fact, remedy in _CAUSES:
        if re.search(pattern, text):
            return kind(fact, remedy)
    if code in _CODES or code & 0xFFFFFFFF in _CODES:
        return InputError(f"The installer failed: {ended_with(code)}.", "Mend that, then run it again.")
    errors = [line for line in heard if line.startswith("ERROR")] or heard[-1:] or [ended_with(code)]
    return InputError(f"The installer failed: {errors[-1][:300].rstrip('.')}.", "The log above tells more.")
