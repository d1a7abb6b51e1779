"""What strangers' input reaches, each with sound examples, a way to damage them, and what may come of it.

A target raises where something else comes of it: another error than ours, more than was claimed, a page with a script.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import struct
import zlib
from collections.abc import Iterator
from dataclasses import fields
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Optional

import numpy as np

from engine import request
from engine.errors import InputError, ModelFileError, OutputError, RequestError
from tests.fuzz.mutate import WORDS, changed, damaged, nasty, written


class Target:
    """A reader under fire.  `folder` is its own, and on a fast disk."""

    slow_s = 2.0  # what one case must not take

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def once(self, random_: random.Random) -> bool:
        """Try one damaged input; return whether it was taken as sound.  Raise where what comes of it may not be."""
        raise NotImplementedError


class CardTarget(Target):
    """The card of a model, as text."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        from tests.modelfile import cards

        self._sound = json.loads(cards.card().to_json())

    def once(self, random_: random.Random) -> bool:
        from engine.modelfile.card import Card

        text = written(changed(self._sound, random_), random_).decode("utf-8", "replace")
        try:
            card = Card.from_json(text)
        except ModelFileError:
            return False
        assert Card.from_json(card.to_json()) == card
        return True


class ModelTarget(Target):
    """A model file: its length, its header, its entries, its card."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        from tests.modelfile import cards

        self._sound = [cards.model_bytes(), cards.model_bytes(text="{}"), b"PK\x03\x04" + bytes(64), bytes(16)]
        self._header = json.loads(self._sound[0][8 : 8 + struct.unpack("<Q", self._sound[0][:8])[0]])
        self._path = folder / "m.safetensors"

    def once(self, random_: random.Random) -> bool:
        from engine.modelfile.card import read_card

        if random_.random() < 0.5:
            content = damaged(self._sound, random_)
        else:
            header = written(changed(self._header, random_), random_)
            content = struct.pack("<Q", random_.choice((len(header), len(header), 10**13))) + header + bytes(24)
        self._path.write_bytes(content)
        try:
            read_card(str(self._path))
        except ModelFileError:
            return False
        return True


class RequestTarget(Target):
    """Requests as JSON, of every verb."""

    kinds = tuple(getattr(request, name) for name in request.__all__ if name.endswith("Request"))

    def once(self, random_: random.Random) -> bool:
        kind = random_.choice(self.kinds)
        names = [field.name for field in fields(kind)]
        values: dict[str, Any] = {"pan": "p.tif", "ms": ["m.tif"], "out": "o.tif", "method": "gsa", "threads": 1}
        values = {key: value for key, value in values.items() if key in names or random_.random() < 0.01}
        for name in random_.sample(names, random_.randrange(min(4, len(names)) + 1)):
            values[name] = nasty(random_)
        try:
            request.from_json(kind, json.loads(json.dumps(values)))
        except RequestError:
            return False
        return True


class JournalTarget(Target):
    """The journal of a run that was stopped; what is taken from it is what was put there."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        from engine.grid.tiling import tiles
        from engine.grid.window import Window
        from engine.raster.journal import Journal
        from engine.raster.writer import Encoded
        from tests.raster.results import profile

        self._profile = profile(1, height=24, width=24)
        self._tiles = list(tiles(Window(0, 0, 24, 24), 12))
        self._out = str(folder / "o.tif")
        journal = Journal(self._out, {"method": "gsa"}, self._profile, self._tiles)
        journal.begin({"gain": np.arange(4.0), "divisor": np.asarray(3)})
        for number, tile in enumerate(self._tiles[:3]):
            journal.keep(tile, Encoded(np.full((1, *tile.shape), number, np.uint16), 0, 144))
        journal.close()
        self._path = Path(journal.path)
        self._sound = self._path.read_bytes()
        self._first = self._sound.index(b"\n") + 1

    def once(self, random_: random.Random) -> bool:
        from engine.raster.journal import Journal

        content = damaged([self._sound], random_) if random_.random() < 0.4 else self._forged(random_)
        self._path.write_bytes(content)
        try:
            journal = Journal(self._out, {"method": "gsa"}, self._profile, self._tiles)
        except OutputError:
            return False
        try:
            if journal.state is None:
                return False
            assert 0.0 <= journal.share <= 1.0
            assert sum(values.nbytes for values in journal.state.values()) <= len(content)
            for tile in self._tiles:
                found = journal.found(tile)
                assert found is None or found.array.shape == (1, *tile.shape)
            return True
        finally:
            journal.close()

    def _forged(self, random_: random.Random) -> bytes:
        """Return a journal whose checksums are right and whose words are not."""
        data, place = self._sound, self._first
        entries = []
        while place < len(data):
            size, _ = struct.unpack_from("<II", data, place)
            head = json.loads(data[place + 8 : place + 8 + size])
            body = data[place + 8 + size : place + 8 + size + head["size"]]
            place += 8 + size + len(body)
            entries.append((head, body))
        number = random_.randrange(len(entries))
        entries[number] = (changed(entries[number][0], random_), entries[number][1])
        out = data[: self._first]
        for head, body in entries:
            text = json.dumps(head).encode()
            out += struct.pack("<II", len(text), zlib.crc32(text)) + text + body
        return out


class StoreTarget(Target):
    """A folder of samples: its manifest and its arrays."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        from tests.data.test_from_store import stored

        self._store = Path(stored(folder / "s"))
        self._sound = {path.name: path.read_bytes() for path in self._store.iterdir()}

    def once(self, random_: random.Random) -> bool:
        from engine.data.from_store import StoreSource
        from engine.data.sample import STILL

        name = random_.choice(sorted(self._sound))
        content = self._sound[name]
        if name.endswith(".json"):
            content = written(changed(json.loads(content), random_), random_)
        else:
            content = damaged([content[:160]], random_) + content[160:]
        (self._store / name).write_bytes(content)
        try:
            source = StoreSource(str(self._store))
            source.draw(8, STILL, np.random.default_rng(1))
        except (InputError, RequestError):
            return False
        finally:
            (self._store / name).write_bytes(self._sound[name])
        return True


class H5Target(Target):
    """A file of patches, read through GDAL in a process of its own, which may crash."""

    slow_s = 10.0  # a process is started
    here = False

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        import h5py

        truth = np.random.default_rng(1).uniform(1.0, 2000.0, (2, 2, 8, 8))
        coarse = truth.reshape(2, 2, 2, 4, 2, 4).mean(axis=(3, 5))
        self._path = folder / "a.h5"
        self._sound = []
        for options in ({}, {"chunks": True, "compression": "gzip"}):
            with h5py.File(self._path, "w") as file:
                for key, values in (("gt", truth), ("ms", coarse), ("pan", truth.mean(axis=1, keepdims=True))):
                    file.create_dataset(key, data=values, **options)
            self._sound.append(self._path.read_bytes())

    def once(self, random_: random.Random) -> bool:
        from engine.data.from_h5 import H5Source
        from engine.data.images import Memory
        from engine.data.sample import STILL
        from engine.raster.hdf5 import h5_arrays

        self._path.write_bytes(damaged(self._sound, random_))
        try:
            source = H5Source(str(self._path), h5_arrays(str(self._path), self.here), Memory(16.0))
            source.check(4)
            source.draw(4, STILL, np.random.default_rng(1))
        except (InputError, RequestError):
            return False
        return True


class H5HereTarget(H5Target):
    """The same read in this process, which is faster, and may crash it."""

    slow_s = 2.0
    here = True


class PageTarget(Target):
    """The report of an evaluation: names, facts and warnings are strangers' words."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        from engine.pages.page import render
        from tests.pages.samples import evaluation

        self._shape = shape_of(render(evaluation(facts={"a": "b"}, warnings=("a",), notes=("a",))))

    def once(self, random_: random.Random) -> bool:
        from engine.pages.page import render
        from tests.pages.samples import baseline, candidate, evaluation

        word = lambda: hostile(random_)  # noqa: E731
        page = render(
            evaluation(
                baseline(),
                candidate(word(), source=word()),
                pan=word(),
                ms=(word(),),
                band_names=tuple(word() for _ in range(4)),
                facts={word(): word()},
                warnings=(word(),),
                notes=(word(),),
                created=word(),
                version=word(),
            )
        )
        page.encode("utf-8")
        # A metric that a word happens to name may be printed as papers do, so a few elements of text may differ.
        differing = [tag for tag in shape_of(page) if tag not in self._shape]
        assert not differing, differing
        return True


class MarkupTarget(Target):
    """The one place where texts become HTML: as the text and as an attribute of an element."""

    def once(self, random_: random.Random) -> bool:
        from engine.pages.markup import element, symbols

        shape = shape_of(element("p", hostile(random_), symbols(hostile(random_)), title=hostile(random_)))
        assert shape[0] == "p title" and not {*shape[1:]} - {"span class", "sub", "sup"}, shape
        return True


def hostile(random_: random.Random) -> str:
    """Return a word that tries to leave the place where it stands."""
    parts = random_.choices(
        (*WORDS, "'", '"', "<", ">", "&", "&lt", "</td>", "<!--", "\r", "D_s", "R-Q", "\u2028"), k=3
    )
    if random_.random() < 0.2:
        parts.append("".join(chr(random_.randrange(0x110000)) for _ in range(8)))
    return "".join(parts)


class _Shape(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, Optional[str]]]) -> None:
        self.tags.append(" ".join([tag, *(name for name, _ in attrs)]))
        for name, value in attrs:
            assert name not in ("src", "href") or (value or "").startswith(("data:image/", "#")), value

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")


def shape_of(page: str) -> list[str]:
    """Return each element of a page with the names of its attributes."""
    shape = _Shape()
    shape.feed(page)
    shape.close()
    return shape.tags


TARGETS: dict[str, type[Target]] = {
    "card": CardTarget,
    "model": ModelTarget,
    "request": RequestTarget,
    "journal": JournalTarget,
    "store": StoreTarget,
    "h5": H5Target,
    "h5here": H5HereTarget,
    "page": PageTarget,
    "markup": MarkupTarget,
}


@contextlib.contextmanager
def prepared(name: str, folder: Path) -> Iterator[Target]:
    """Give a target with a folder of its own, which is empty afterwards but for what the target made: see `outside`."""
    place = folder / "target"
    place.mkdir(parents=True)
    try:
        yield TARGETS[name](place)
    finally:
        shutil.rmtree(place)


def outside(folder: Path) -> list[str]:
    """Return what lies beside the folder of a target: nothing, unless a path has led out of it."""
    return [name for name in os.listdir(folder) if name != "target"]
