"""Models written to disk and loaded from it: weights by safetensors, the card in the header, a hash over the weights.

The only module that turns a model file into a network; it opens no other kind of file.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Optional

import safetensors
import safetensors.torch
import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from ..errors import EngineError, ModelFileError, OutputError
from .card import KEY, Base, Card, read_card
from .places import bases_for, without_base

if TYPE_CHECKING:
    from ..network.ksdiff import KSDiff

_KINDS = (torch.float32, torch.float16, torch.bfloat16)
_TRUTH_ENCODER = "truth_encoder."  # only training needs it, and a file may leave it out
_NAMED = 3  # tensors that a sentence names


def save(path: str, card: Card, tensors: Mapping[str, Tensor]) -> Card:
    """Write a model and return its card, to which the hash of the weights was added.

    The same card and weights give the same bytes.  Raise ModelFileError for what cannot be a model and OutputError
    where the disk fails; then nothing new is left behind, and what had the name before is untouched.
    """
    for name, tensor in tensors.items():
        if tensor.dtype not in _KINDS:
            raise ModelFileError(
                f"The weights {name} are {tensor.dtype}.", "Make them floating point of 16 or 32 bits."
            )
    # Copies: tensors that share memory, or are views, have no form in the file.
    whole = {
        name: tensor.detach().to("cpu", copy=True, memory_format=torch.contiguous_format)
        for name, tensor in tensors.items()
    }
    card = replace(card, tensor_hash=_fingerprint(whole))
    content = safetensors.torch.save(whole, {KEY: card.to_json()})  # one entry: several have no order of their own
    part = f"{path}.part"
    with contextlib.suppress(OSError):
        os.remove(part)  # of a run that was killed; and what a link of that name leads to is to stay as it is
    try:
        with open(part, "xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        read_card(part)  # what gets its name can be read
        os.replace(part, path)
    except OSError as error:
        raise OutputError(
            f"{path} cannot be written ({error.strerror}).",
            "Make room on the disk, check the permissions of the folder, or choose another name.",
        ) from error
    finally:
        with contextlib.suppress(OSError):
            os.remove(part)
    return card


def load(path: str) -> tuple[Card, dict[str, Tensor]]:
    """Return the card and the weights, in memory; those of an adapter lie over the ones of the model that it changes.

    Raise ModelFileError where they are not those that were saved, or that model is not there.
    """
    card, tensors = _read(path)
    return card, tensors if card.base is None else _laid_over(path, card, card.base, tensors)


def _laid_over(path: str, card: Card, base: Base, changed: Mapping[str, Tensor]) -> dict[str, Tensor]:
    refused = without_base(path, base)
    for found in bases_for(os.path.dirname(os.path.abspath(path)), base):
        try:
            base_card, whole = _read(found)
            break
        except ModelFileError as error:  # its weights are not what its card says; another copy may be sound
            refused = error
    else:
        raise refused
    if base_card.architecture != card.architecture:
        raise ModelFileError(
            f"{path} describes another network than the model {base}, which it changes.",
            "Get the file again from where it came from, or adapt anew.",
        )
    _check_same(path, {name: whole[name] for name in whole.keys() & changed.keys()}, changed)
    return {**whole, **changed}


def _read(path: str) -> tuple[Card, dict[str, Tensor]]:
    """Return what the file itself holds."""
    card = read_card(path)
    try:
        with safetensors.safe_open(path, framework="pt", device="cpu") as file:
            # Copies: a tensor that lies in the file itself keeps Windows from replacing it.
            tensors = {name: file.get_tensor(name).clone() for name in sorted(file.keys())}
    except (safetensors.SafetensorError, OSError) as error:
        raise ModelFileError(
            f"The weights in {path} cannot be read ({error}).", "Download or copy it again."
        ) from error
    if _fingerprint(tensors) != card.tensor_hash:
        raise ModelFileError(
            f"The weights in {path} are not those that were saved: their hash is another than the card's.",
            "Download or copy it again, from where you trust it.",
        )
    return card, tensors


def load_model(path: str, for_bands: Optional[int] = None) -> tuple[Card, KSDiff]:
    """Return the card and the network, ready for use on the CPU; `for_bands` is how many MS bands it is to take.

    The truth encoder is there if the file has its weights.  Raise ModelFileError where card and weights are not one
    network, or not one for so many bands.
    """
    from ..network.ksdiff import Architecture, KSDiff

    card = read_card(path)
    if for_bands is not None and not card.input.takes(for_bands):
        raise ModelFileError(
            f"{path} was made for {len(card.input.bands)} bands, and there are {for_bands}.",
            f"Choose a model for {for_bands} bands, or select {len(card.input.bands)} bands.",
        )
    try:
        architecture = Architecture.from_dict(card.architecture)
    except EngineError as error:
        raise ModelFileError(f"{path} cannot be used as a model. {error.fact}", error.remedy) from error
    # With guides a network sees one band at a time, and its card names none.
    if architecture.bands != (len(card.input.bands) or 1) or bool(card.input.bands) == bool(architecture.guides):
        raise ModelFileError(
            f"The card of {path} names {len(card.input.bands) or 'no'} bands, and its network has "
            f"{architecture.bands}, with{'' if architecture.guides else 'out'} guides.",
            "Get the file again from where it came from, or choose another model.",
        )
    card, tensors = load(path)
    with_truth_encoder = any(name.startswith(_TRUTH_ENCODER) for name in tensors)
    with torch.device("meta"), _Undrawn():  # without memory: a card can ask for more than there is
        network = KSDiff(architecture, with_truth_encoder)
    _check_same(path, network.state_dict(), tensors)
    network.load_state_dict({name: tensor.float() for name, tensor in tensors.items()}, assign=True)
    return card, network.eval()


def _fingerprint(tensors: Mapping[str, Tensor]) -> str:
    """Return the SHA-256 over name, type, shape and bytes of each tensor, in the order of their names."""
    digest = hashlib.sha256()
    for name in sorted(tensors):
        tensor = tensors[name]
        kind = str(tensor.dtype).split(".")[-1]
        digest.update(json.dumps([name, kind, list(tensor.shape)]).encode() + b"\n")
        digest.update(tensor.reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


class _Undrawn(TorchFunctionMode):
    """Networks are built without the first values of their weights: to draw them on "meta", torch imports its compiler.

    That takes a second or more, and they would be overwritten at once.
    """

    def __torch_function__(
        self, function: Any, types: Any, args: Sequence[Any] = (), kwargs: Optional[Mapping[str, Any]] = None
    ) -> Any:
        named = dict(kwargs or {})
        if getattr(function, "__module__", "") == torch.nn.init.__name__:
            return named["tensor"] if "tensor" in named else args[0]
        return function(*args, **named)


def _check_same(path: str, expected: Mapping[str, Tensor], found: Mapping[str, Tensor]) -> None:
    shaped = sorted(name for name in expected.keys() & found.keys() if expected[name].shape != found[name].shape)
    for names, problem in (
        (sorted(expected.keys() - found.keys()), "lacks weights of its network"),
        (sorted(found.keys() - expected.keys()), "holds weights that its network does not have"),
        (shaped, "holds weights of other shapes than its network"),
    ):
        if names:
            more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
            raise ModelFileError(
                f"{path} {problem}: {', '.join(names[:_NAMED])}{more}.",
                "Get the file again from where it came from, or update the plugin.",
            )
