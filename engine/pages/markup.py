"""HTML and SVG from nested elements: always closed, always escaped, whatever a layer, a file or a band is called."""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Iterable
from typing import Union

from .evaluation import Picture
from .numerals import plain

_WHITE = re.compile(r"[\t\n\v\f\r]+")
# Controls, halves of characters (from undecodable file names), and marks that turn the direction of what follows.
_UNSHOWABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
_VOID = ("img", "meta")


class Markup(str):
    """Text that is HTML already.  Any other string is escaped when it enters an element."""

    __slots__ = ()


Attribute = Union[str, float, None]


def text(value: str) -> Markup:
    """Return the text so that it shows as it is; what cannot be shown becomes a question mark in a diamond."""
    return Markup(html.escape(_UNSHOWABLE.sub("\ufffd", _WHITE.sub(" ", value))))


def element(name: str, /, *children: str, **attributes: Attribute) -> Markup:
    """Return <name>children</name>.

    Children that are no Markup are escaped.  An attribute that is None is left out; in the names of attributes, a
    trailing underscore is dropped and others become hyphens (`class_`, `stroke_width`).
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{text(value) if isinstance(value, str) else plain(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in _VOID:
        return Markup(f"<{name}{written}>")
    return Markup(f"<{name}{written}>{joined(children)}</{name}>")


def joined(parts: Iterable[str]) -> Markup:
    """Return the parts one after the other; those that are no Markup are escaped."""
    return Markup("".join(part if isinstance(part, Markup) else text(part) for part in parts))


def data_uri(picture: Picture) -> str:
    """Return the picture as an address that holds it."""
    return f"data:{picture.mime};base64,{base64.b64encode(picture.data).decode('ascii')}"


def shortened(name: str, limit: int) -> str:
    """Return at most `limit` characters of a name; the middle goes, since files of one scene differ at the end."""
    if len(name) <= limit:
        return name
    head = limit // 3
    return f"{name[:head]}…{name[len(name) - (limit - head - 1) :]}"


def enumerated(names: Iterable[str], limit: int = 4) -> str:
    """Return "a, b and c", or "a, b, c and 5 others"."""
    shown = [shortened(name, 48) for name in names]
    if len(shown) > limit:
        shown = [*shown[: limit - 1], f"{len(shown) - limit + 1} others"]
    return " and ".join(part for part in (", ".join(shown[:-1]), *shown[-1:]) if part)


def symbols(sentence: str) -> Markup:
    """Return the text with metrics as papers print them; no line breaks inside them or before a unit."""
    printed = _SYMBOL.sub(_typeset, text(sentence))
    printed = _HYPHENATED.sub(r'<span class="symbol">\1</span>', printed)
    return Markup(_UNIT.sub("\u00a0", printed))


_SYMBOL = re.compile(r"\bD_(lambda|rho|s)\b(\^K)?")
_HYPHENATED = re.compile(r"\b(R-[A-Z]\w*)")
_UNIT = re.compile(r"(?<=\d) (?=%|dB\b)")
_LETTERS = {"lambda": "λ", "rho": "ρ", "s": "s"}


def _typeset(match: re.Match[str]) -> str:
    return f"D<sub>{_LETTERS[match[1]]}</sub>" + ("<sup>K</sup>" if match[2] else "")
