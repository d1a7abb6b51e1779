"""Damage to sound input: to its bytes, to the numbers in it, and to the values of JSON; seeded, without an end."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from typing import Any

NUMBERS = (0, 1, -1, 2, 3, 7, 127, 128, 255, 256, 65535, 2**24, 2**31 - 1, 2**31, 2**32, 2**53, 2**63, 2**64, 10**13)
WORDS = (
    *("", " ", "\0", "\n", "\ufeff", "\u202e", "\udcff", "é雪", "x" * 5000, "nan", "1e999", "../../etc/passwd", "/"),
    *("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "javascript:alert(1)", "]]>", "--", "&#0;"),
    *("__proto__", "__class__", "{0.__class__}", "%s%n", "$(touch x)", "`touch x`", "'; --", "data:text/html,x"),
)


def damaged(sound: Sequence[bytes], random_: random.Random) -> bytes:
    """Return one of the inputs after one to six damages to its bytes."""
    data = bytearray(random_.choice(sound))
    for _ in range(random_.choice((1, 1, 1, 2, 3, 6))):
        place = random_.randrange(len(data) + 1)
        kind = random_.randrange(8)
        if kind == 0 and data:
            data[place % len(data)] ^= 1 << random_.randrange(8)
        elif kind == 1 and data:
            data[place % len(data)] = random_.randrange(256)
        elif kind == 2:
            data[place:place] = random_.randbytes(random_.choice((1, 2, 4, 8, 64)))
        elif kind == 3:
            del data[place : place + random_.choice((1, 2, 4, 16, 256))]
        elif kind == 4:
            del data[place:]
        elif kind == 5:
            other = random_.choice(sound)
            start = random_.randrange(len(other) + 1)
            data[place : place + 16] = other[start : start + random_.randrange(64)]
        elif kind == 6:
            size = random_.choice((1, 2, 4, 8))
            number = random_.choice(NUMBERS) % (1 << 8 * size)
            data[place : place + size] = number.to_bytes(size, random_.choice(("little", "big")))  # type: ignore[arg-type]
        else:
            data[place:place] = str(random_.choice(NUMBERS)).encode()
    return bytes(data)


def nasty(random_: random.Random, depth: int = 0) -> Any:
    """Return a value that nobody expects."""
    kind = random_.randrange(9 if depth < 3 else 6)
    if kind == 0:
        return random_.choice((None, True, False))
    if kind == 1:
        return random_.choice(NUMBERS) * random_.choice((1, -1, 10**40))
    if kind == 2:
        return random_.choice((0.5, -0.0, 1e308, -1e-320, float("nan"), float("inf"), -float("inf")))
    if kind in (3, 4, 5):
        return random_.choice(WORDS)
    if kind == 6:
        return [nasty(random_, depth + 1) for _ in range(random_.randrange(5))]
    if kind == 7:
        return {random_.choice(WORDS): nasty(random_, depth + 1) for _ in range(random_.randrange(4))}
    value: Any = 0
    for _ in range(random_.choice((10, 300))):
        value = [value]
    return value


def changed(value: Any, random_: random.Random) -> Any:
    """Return a copy of a JSON value in which something is replaced, gone, or there twice."""
    if not isinstance(value, (dict, list)) or not value or random_.random() < 0.1:
        return nasty(random_)
    if isinstance(value, list):
        copy = list(value)
        place = random_.randrange(len(copy))
        kind = random_.randrange(6)
        if kind == 0:
            del copy[place]
        elif kind == 1:
            copy *= random_.choice((2, 50))
        elif kind == 2:
            copy.insert(place, nasty(random_))
        else:
            copy[place] = changed(copy[place], random_)
        return copy
    fields = dict(value)
    key = random_.choice(list(fields))
    kind = random_.randrange(8)
    if kind == 0:
        del fields[key]
    elif kind == 1:
        fields[random_.choice(WORDS)] = fields.pop(key)
    elif kind == 2:
        fields[random_.choice(WORDS)] = nasty(random_)
    else:
        fields[key] = changed(fields[key], random_)
    return fields


def written(value: Any, random_: random.Random) -> bytes:
    """Return a value as JSON, a little damaged now and then."""
    text = json.dumps(value, ensure_ascii=random_.random() < 0.5).encode("utf-8", "surrogatepass")
    return damaged([text], random_) if random_.random() < 0.2 else text
