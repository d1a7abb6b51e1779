"""A model file taken into the user's folder of models, checked to its last byte, or removed from there.

It is the copy that is checked, so what was checked is what lies there afterwards.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Optional, Union

import numpy as np

from ..errors import EngineError, InputError, ModelFileError, OutputError
from ..events import Noted, Progress, Warned
from ..modelfile.card import Base, Card, read_card
from ..modelfile.header import Tensor, read_tensors
from ..modelfile.places import EXTENSION, SHIPPED, base_for, present
from ..raster.aside import remove
from .library import Known, Library, file_name, looked_into

BLOCK = 1 << 22  # bytes: a whole number of values of each kind
MOST_BYTES = 2 << 30  # the largest network of ours takes a twentieth of it
_COPIED, _CHECKED = 0.4, 0.99  # of the progress
# As PyTorch names each kind, the type of as many bits, and the bits that are all set in what is no finite number.
_KINDS = {"F32": ("float32", "<u4", 0x7F800000), "F16": ("float16", "<u2", 0x7C00), "BF16": ("bfloat16", "<u2", 0x7F80)}


def taken_in(path: str, folder: str, library: Library) -> Generator[Progress, None, tuple[Known, bool]]:
    """Yield progress; return the model in the folder, and whether it was put there now.

    A model that the library holds already stays where it is.  Raise ModelFileError where the file is not sound to its
    last byte, or another of this name and version is there, or the model that it changes would not be found from the
    folder, and OutputError where the folder cannot be written.
    """
    base = read_card(path).base
    if base is not None and base_for(folder, base) is None:
        raise ModelFileError(
            f"{path} holds what was changed in the model {base}, which does not come with the plugin and is not in "
            f"{folder}.",
            "Import that model first.",
        )
    size = os.path.getsize(path)
    if size > MOST_BYTES:
        raise ModelFileError(
            f"{path} has {size >> 20} MB, and no model of ours has more than {MOST_BYTES >> 20}.",
            "Choose a model that was made for this plugin.",
        )
    part = os.path.join(folder, f"{os.path.basename(path)}.{os.getpid()}.part")
    try:
        yield from _copied(path, part, size)
        try:
            card = yield from checked(part, _COPIED)
        except ModelFileError as error:
            raise ModelFileError(error.fact.replace(part, path), error.remedy) from error
        alike = [one for one in library.models if (one.card.name, one.card.version) == (card.name, card.version)]
        for known in alike:
            if known.card == card:
                yield from checked(known.path, _CHECKED)
                return known, False
        if alike:
            raise _taken(alike[0].name, alike[0].path)
        target = os.path.join(folder, file_name(card))
        with _sentences(target):
            if os.path.lexists(target):  # no sound model, or the library would know it
                raise _taken(f"{card.name} {card.version}", target)
            os.replace(part, target)
        return Known(target, card), True
    finally:
        remove(part)


def _copied(path: str, part: str, size: int) -> Generator[Progress, None, None]:
    done = 0
    with _sentences(part):
        os.makedirs(os.path.dirname(part), exist_ok=True)
        with open(part, "xb") as copy:
            for block in blocks(path):
                copy.write(block)
                done += len(block)
                yield Progress(_COPIED * min(done / size, 1.0), "Copying")
            copy.flush()
            os.fsync(copy.fileno())


def base_kept(base: Base, folder: Path) -> Optional[Union[Noted, Warned]]:
    """Copy the base of an adapter into the user's folder where it only comes with the plugin, whose updates replace it.

    Return what is to be said of that.
    """
    path = base_for(str(folder), base)
    if path is None or Path(path).parent == folder:
        return None
    name = f"{base.name} {base.version}, which the adapted model needs,"
    try:
        for _ in taken_in(path, str(folder), looked_into(present(folder))):
            pass
    except EngineError as error:
        return Warned(f"{name} may go with an update of the plugin, as it could not be copied: {error.fact}")
    return Noted(f"{name} was copied to {folder}, where no update of the plugin replaces it.")


def removed(path: str, folder: str, adapters: Sequence[Known]) -> None:
    """Remove a model file from the user's folder; a link goes, what it leads to stays.

    Raise InputError for any other file and for a model that there are `adapters` of, and OutputError where it cannot
    be removed.
    """
    lies_in = os.path.realpath(os.path.dirname(os.path.abspath(path)))
    if lies_in == os.path.realpath(SHIPPED):
        raise InputError(f"{path} comes with the plugin, and is not removed.", "Choose a model of your own.")
    if lies_in != os.path.realpath(folder):
        raise InputError(
            f"{path} does not lie in your folder of models, which is {folder}.",
            "Remove it by hand where it lies, if that is meant.",
        )
    if not path.lower().endswith(EXTENSION) or not (os.path.isfile(path) or os.path.islink(path)):
        raise InputError(f"{path} is no model file.", "Choose one that ends in .safetensors.")
    for one in adapters:
        said = f"{one.path} holds what was changed in {path}, and needs it or a copy."
        raise InputError(said, "Remove that one first.")
    try:
        os.remove(path)
    except OSError as error:
        raise OutputError(
            f"{path} cannot be removed ({error.strerror}).",
            "Close what uses it, or check the permissions of its folder.",
        ) from error


def checked(path: str, first: float = 0.0) -> Generator[Progress, None, Card]:
    """Yield progress from `first` to nearly 1, and return the card of a model that is sound to its last byte.

    Raise ModelFileError where the weights are not those that were saved, or one is no finite number.
    """
    card = read_card(path)
    tensors = read_tensors(path)
    total, done = sum(tensor.size for tensor in tensors), 0
    digest = hashlib.sha256()  # as engine.modelfile.store makes it
    for tensor in tensors:
        name, kind, mask = _KINDS[tensor.kind]
        digest.update(json.dumps([tensor.name, name, list(tensor.shape)]).encode() + b"\n")
        for block in blocks(path, tensor):
            digest.update(block)
            values = np.frombuffer(block, kind)
            if bool(((values & mask) == mask).any()):
                raise ModelFileError(
                    f"{path} cannot be used as a model. Weights of {tensor.name} are no finite numbers.",
                    "Get a model whose training came to a good end.",
                )
            done += len(block)
            yield Progress(first + (_CHECKED - first) * done / total, "Checking the weights")
    if digest.hexdigest() != card.tensor_hash:
        raise ModelFileError(
            f"{path} cannot be used as a model. Its weights are not those that were saved: their hash is another than "
            "the card's.",
            "Download or copy it again, from where you trust it.",
        )
    return card


def blocks(path: str, tensor: Optional[Tensor] = None) -> Iterator[bytes]:
    """Yield the bytes of a file, or of a tensor in it, piece by piece.  Raise InputError where they are not there."""
    left = os.path.getsize(path) if tensor is None else tensor.size
    try:
        with open(path, "rb") as file:
            file.seek(0 if tensor is None else tensor.offset)
            while left > 0:
                block = file.read(min(BLOCK, left))
                if not block:
                    raise InputError(f"{path} has become shorter while it was read.", "Let nothing else write to it.")
                left -= len(block)
                yield block
    except OSError as error:
        raise InputError(f"{path} cannot be read to its end ({error.strerror}).", "Check the disk.") from error


def _taken(name: str, path: str) -> ModelFileError:
    return ModelFileError(
        f"There is a model {name} with other contents already: {path}.",
        "Remove that one first if it is not needed, or keep the new one in another folder.",
    )


@contextmanager
def _sentences(target: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"{target} cannot be written ({error.strerror}).",
            "Make room on the disk, check the permissions of the folder, or name another.",
        ) from error
