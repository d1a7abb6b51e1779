"""Failures of an installer become a fact and a remedy; addresses lose their passwords."""

from __future__ import annotations

import pytest

from engine.environment.words import ended_with, explained
from engine.errors import OutputError

RETRYING = "WARNING: Retrying (Retry(total=0)) after connection broken by"
NOTHING = "ERROR: No matching distribution found for torch==2.13.0"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (f"{RETRYING} 'NewConnectionError(... [Errno 111] Connection refused')", "The index of packages cannot be"),
        (f"{RETRYING} 'NameResolutionError: Temporary failure in name resolution')", "cannot be reached"),
        (f"{RETRYING} 'ReadTimeoutError(\"Read timed out. (read timeout=15)\")'", "cannot be reached"),
        (
            f"{RETRYING} 'ProxyError(... OSError('Tunnel connection failed: 407 Proxy Auth'))'",
            "user name and a password",
        ),
        (
            f"{RETRYING} 'ProxyError('Cannot connect to proxy.', NewConnectionError(...))'",
            "The proxy cannot be reached",
        ),
        (f"{RETRYING} 'SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED]'))'", "encrypted"),
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "The disk is full"),
        ("ERROR: Could not install packages due to an OSError: [WinError 5] Access is denied", "a virus scanner"),
        ("The virtual environment was not created successfully because ensurepip is not available.", "python3-venv"),
        ("/usr/bin/python3: No module named venv", "python3-venv"),
        ("INFO: nothing in particular", "There is no package for this Python"),
    ],
)
def test_the_cause_is_said_though_the_last_line_names_another(line: str, words: str) -> None:
    assert words in str(explained([line, NOTHING], 1))


def test_a_full_disk_is_an_error_of_the_output() -> None:
    assert isinstance(explained(["[Errno 28]"], 1), OutputError)


def test_an_unknown_failure_quotes_the_error_or_the_last_line() -> None:
    assert "ERROR: odd" in str(explained(["a", "ERROR: odd", "b"], 1))
    assert "failed: b" in str(explained(["a", "b"], 1))
    assert "it ended with code 7" in str(explained([], 7))


@pytest.mark.parametrize(
    ("code", "words"), [(-9, "memory"), (139, "native code"), (0xC0000135, "DLL"), (-1073741515, "DLL"), (4, "code 4")]
)
def test_an_exit_code_has_words(code: int, words: str) -> None:
    assert words in ended_with(code)
    assert words in str(explained([], code))
