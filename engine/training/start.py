"""Beginning from a model instead of from nothing."""

from __future__ import annotations

from ..errors import InputError
from ..modelfile.store import load
from ..network.ksdiff import KSDiff


def take_weights(network: KSDiff, path: str) -> int:
    """Put the weights of a model file into a network wherever both have the same, and return how many numbers.

    So a network with a prior can begin as the plain one that it is at first.  Raise ModelFileError where the file is
    not sound, InputError where its fusion network is another.
    """
    _, tensors = load(path)
    own = network.state_dict()
    fitting = {name: value for name, value in tensors.items() if name in own and own[name].shape == value.shape}
    fused = {name for name in tensors if name.startswith("backbone.")}
    if not fused <= fitting.keys():
        raise InputError(
            f"The fusion network of {path} is another than the one to be trained.",
            "Describe the same backbone, width, bands and guides in 'architecture', or leave 'start' out.",
        )
    network.load_state_dict({**own, **fitting})
    return sum(value.numel() for value in fitting.values())
