"""Run verbs of the command line in a process that dies on its first step towards the network.

The system itself kills it where it, a library of it, or what it starts asks for an internet socket; and Python raises
where a name is looked up.  Linux only.
"""

from __future__ import annotations

import ctypes
import json
import platform
import struct
import sys
from typing import Any

_SOCKET = {"x86_64": 41, "aarch64": 198}  # the number of the system call
_NO_NEW_PRIVILEGES, _SECCOMP, _FILTER = 38, 22, 2  # of prctl
_LOAD, _EQUAL, _RETURN = 0x20, 0x15, 0x06  # of the filter's machine
_KILL, _ALLOW = 0x80000000, 0x7FFF0000
_INTERNET = (2, 10)  # AF_INET, AF_INET6


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("steps", ctypes.c_void_p)]


def forbid_network() -> None:
    """Let the system kill this process, and all that it starts, where it asks for an internet socket."""
    steps = [
        (_LOAD, 0, 0, 0),  # the number of the call
        (_EQUAL, 0, 4, _SOCKET[platform.machine()]),
        (_LOAD, 0, 0, 16),  # its first argument
        (_EQUAL, 1, 0, _INTERNET[0]),
        (_EQUAL, 0, 1, _INTERNET[1]),
        (_RETURN, 0, 0, _KILL),
        (_RETURN, 0, 0, _ALLOW),
    ]
    packed = b"".join(struct.pack("HBBI", *step) for step in steps)
    held = ctypes.create_string_buffer(packed, len(packed))
    program = _Program(len(steps), ctypes.addressof(held))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) or libc.prctl(_SECCOMP, _FILTER, ctypes.byref(program), 0, 0):
        raise OSError(ctypes.get_errno(), "no filter can be set")
    sys.addaudithook(_no_names)


def _no_names(event: str, arguments: Any) -> None:
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname"):
        raise AssertionError(f"{event} {arguments}")


if __name__ == "__main__":
    forbid_network()
    from engine.cli.main import main

    for verb in json.loads(sys.argv[1]):
        code = main(verb)
        if code:
            sys.exit(code)
