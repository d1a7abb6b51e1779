"""What can go wrong, said to a person: each error is a fact, a remedy and an exit code."""

from __future__ import annotations

import re

# Of addresses as they are, and percent-encoded as GDAL takes them in /vsicurl?header.Authorization=...&url=...
_LOGIN = re.compile(r"(?<=://)[^/\s]+@|(?<=%3A%2F%2F)(?:(?!%2F)[^/&\s])+%40", re.IGNORECASE)
# Often signed, and that is a password.  What has none is matched too, so that no text is gone through more than once.
_QUESTION = re.compile(
    r"\b(https?://[^\s?'\"<>]*)(?:\?[^\s'\"<>)]*)?"
    r"|\b(https?%3A%2F%2F(?:(?!%3F)[^\s&'\"<>])*)(?:%3F[^\s&'\"<>)]*)?",
    re.IGNORECASE,
)
_PASSWORD = re.compile(r"\b(\w*(?:passw(?:or)?d|pwd)|header\.[\w-]+)=('[^']*'|\"[^\"]*\"|[^\s&]+)", re.IGNORECASE)


def without_secrets(text: str) -> str:
    """Return a text in which addresses name no user, password or signature: it may be passed on."""
    if "=" not in text and "://" not in text:
        return text
    return _PASSWORD.sub(r"\1=...", _QUESTION.sub(r"\1\2", _LOGIN.sub("****@", text)))


class EngineError(Exception):
    """A sentence that names the fact, and one that names the remedy.  Exit code 1: the user can mend it."""

    exit_code = 1

    def __init__(self, fact: str, remedy: str) -> None:
        self.fact = without_secrets(fact.strip())
        self.remedy = without_secrets(remedy.strip())
        super().__init__(f"{self.fact} {self.remedy}")


class RequestError(EngineError, ValueError):
    """What was asked for cannot be meant: an unknown name, a number out of range, a missing field."""


class InputError(EngineError, ValueError):
    """A file cannot be used: missing, unreadable, of a kind that cannot be sharpened."""


class PairingError(EngineError, ValueError):
    """PAN and MS cannot be laid over each other."""


class MethodError(EngineError, ValueError):
    """A method cannot work on this pair."""


class ModelFileError(EngineError, ValueError):
    """A file is no model that can be used: damaged, of another kind, of a newer version, for other bands."""


class OutputError(EngineError, OSError):
    """The result cannot be written: no room, no permission, an impossible name."""


class WorkerError(EngineError, RuntimeError):
    """The process that computes a model cannot be started, or has ended before its work was done."""


class Interrupted(EngineError):
    """The user stopped the job; `kept` says what is left of it."""

    exit_code = 130

    def __init__(self, kept: str = "Nothing was left behind; run it again to start over.") -> None:
        super().__init__("Stopped on request.", kept)
