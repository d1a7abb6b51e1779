"""The fusion networks by name: PAN and up-sampled MS in, sharpened MS out, kernels from a source."""

from __future__ import annotations

from importlib import import_module

from ...errors import RequestError
from .contract import Backbone, BackboneConfig

__all__ = ["BACKBONES", "Backbone", "BackboneConfig", "create"]

# name: (module, class); imported when asked for.
_BACKBONES = {
    "pannext": ("pannext", "PanNeXt"),
    "dicnn": ("dicnn", "DiCNN"),
    "fusionnet": ("fusionnet", "FusionNet"),
    "lagnet": ("lagnet", "LAGNet"),
    "swift": ("swift", "Swift"),
}
BACKBONES = tuple(_BACKBONES)


def create(name: str, bands: int, config: BackboneConfig) -> Backbone:
    """Return the backbone of that name, with fresh weights.  Raise RequestError where the two do not go together."""
    if name not in _BACKBONES:
        raise RequestError(f"There is no backbone {name!r}.", f"Choose one of {', '.join(BACKBONES)}.")
    module, made = _BACKBONES[name]
    kind = getattr(import_module(f".{module}", __package__), made)
    if config.guides and not kind.takes_guides:
        raise RequestError(f"The backbone {name!r} takes nothing beside PAN.", "Choose swift, or no guides.")
    backbone: Backbone = kind(bands, config)
    if config.modulate != "none" and not backbone.modulated():
        raise RequestError(
            f"The backbone {name!r} has no {config.modulate} convolution to modulate.", "Set modulate to all or none."
        )
    return backbone
