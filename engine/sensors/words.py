"""What a band's name, its file's name or its wavelength says of its role; no sensor is known here."""

from __future__ import annotations

import re
from typing import Optional

ROLES = (
    "coastal", "blue", "green", "yellow", "red", "rededge", "nir", "nir2",
    "swir1", "swir2", "cirrus", "thermal", "pan",
)  # fmt: skip

_UNSPECIFIC = ""  # a word that was understood, but fits no role or several

# Longest first: each phrase is taken out of the name before the next is looked for, so that "red" is neither the red
# of "infrared" nor that of "red edge".  nir08, nir09, swir16, swir22 and lwir11 are STAC's common names.
_INFRARED = r"infra ?red"
_SHORTWAVE = rf"(?:swir|short ?wave ?(?:{_INFRARED}|ir))"
_NEAR = rf"(?:nir|near ?(?:{_INFRARED}|ir)|{_INFRARED})"
_PHRASES = tuple(
    (role, re.compile(rf"\b(?:{pattern})\b"))
    for role, pattern in (
        ("thermal", rf"thermal(?: {_INFRARED}| ir)?(?: ?\d)?|tirs?(?: ?\d)?|lwir(?:1[0-9])?"),
        (_UNSPECIFIC, rf"(?:mid(?:dle)?|far)(?: ?wave)? ?(?:{_INFRARED}|ir)|mwir|other ?ir|{_SHORTWAVE} ?[3-9]"),
        ("swir1", rf"{_SHORTWAVE} ?1|swir16"),
        ("swir2", rf"{_SHORTWAVE} ?2|swir22"),
        (_UNSPECIFIC, _SHORTWAVE),
        ("rededge", r"red ?edge(?: ?\d)?|vre(?: ?\d)?"),
        ("nir2", rf"{_NEAR} ?2|nir09"),
        ("nir", rf"{_NEAR}(?: ?1)?|nir08"),
        ("coastal", r"coastal(?: (?:blue|aerosol))?|aerosols?|(?:deep|ultra) ?blue"),
        ("cirrus", r"cirrus"),
        ("pan", r"pan|panchromatic"),
        ("blue", r"blue|blu"),
        ("green", r"green|grn"),
        ("yellow", r"yellow"),
        ("red", r"red"),
    )
)
# Only as the whole name, if need be after "Band" and its number: "B 1" is a number, not blue.
_LETTER = re.compile(r"(?:band (?:\d+ )?)?(b|g|r|n|n1|n2|re|db)")
_LETTER_ROLES = {
    "b": "blue", "g": "green", "r": "red", "n": "nir", "n1": "nir", "n2": "nir2", "re": "rededge", "db": "coastal",
}  # fmt: skip

_NAME_TAIL = 4  # a file's band is said at the end of its name; "red" in front is rather a river

# Micrometres.  The gaps are the atmosphere's, or belong to no role.
_RANGES = (
    ("coastal", 0.38, 0.4525),
    ("blue", 0.4525, 0.511),
    ("green", 0.511, 0.585),
    ("yellow", 0.585, 0.626),
    ("red", 0.626, 0.695),
    ("rededge", 0.695, 0.76),
    ("nir", 0.76, 0.90),
    ("nir2", 0.90, 1.10),
    ("cirrus", 1.36, 1.39),
    ("swir1", 1.50, 1.80),
    ("swir2", 2.00, 2.50),
    ("thermal", 8.0, 14.0),
)


def role_in_name(name: str) -> Optional[str]:
    """Return the role a band name states in words, None when it states none or several."""
    return _only(_roles_in(name))


def role_in_file_name(stem: str) -> Optional[str]:
    """Return the role the last words of a file name state; `stem` has no folder and no extension."""
    words = _plain(stem).split()
    for count in range(min(_NAME_TAIL, len(words)), 0, -1):
        found = _roles_in(" ".join(words[-count:]))
        if found:
            return _only(found)
    return None


def role_at(wavelength_um: float) -> Optional[str]:
    """Return the role of a band by its centre wavelength, None between the known windows."""
    for role, shortest, longest in _RANGES:
        if shortest <= wavelength_um < longest:
            return role
    return None


def _roles_in(name: str) -> frozenset[str]:
    text = _plain(name)
    letter = _LETTER.fullmatch(text)
    if letter:
        return frozenset({_LETTER_ROLES[letter[1]]})
    found = set()
    for role, pattern in _PHRASES:
        text, count = pattern.subn(" | ", text)  # the bar keeps what stood around it apart
        if count:
            found.add(role)
    return frozenset(found)


def _only(found: frozenset[str]) -> Optional[str]:
    return next(iter(found)) or None if len(found) == 1 else None


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", name.lower()).strip()
