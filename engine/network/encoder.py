"""Encoders: images of any size become a latent of N tokens by C channels.

The pyramid latent fusion encoder (PLFE) keeps its images apart and lets one of them, the guide, refine the others at
every level of a pyramid.  PLFE1 guides PAN and MS by the truth; PLFE2, its half, has no truth and guides MS by PAN.
The plain encoder sees all images as one stack; it is there to show what the pyramid is worth.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import adaptive_avg_pool2d, layer_norm, pad

from .mixer import MixerBlock

_CELL = 4  # pixels along the side of what the stem makes one feature
_LEAST_VARIANCE = 1e-5  # of images of about 0..1: less is noise, and is not blown up


class GuidedEncoder(nn.Module):
    """PLFE: encode `guided` images, refined by a `guide` at each level, to z (B, tokens, latent).

    `guided` and `guide` are the numbers of channels of the images, `widths` those of the features of each level.
    """

    def __init__(self, guided: Sequence[int], guide: int, widths: Sequence[int], tokens: int, latent: int) -> None:
        super().__init__()
        streams = (*guided, guide)
        levels = [_Level([_Stem(channels, widths) for channels in streams], widths[0])]
        for width, wider in zip(widths, widths[1:]):
            levels.append(_Level([_halved(width, wider) for _ in streams], wider))
        self.levels = nn.Sequential(*levels)
        self.head = _Head(len(guided) * widths[-1], tokens, latent)
        self.apply(_keep_variance)

    def forward(self, guided: Sequence[Tensor], guide: Tensor) -> Tensor:  # each (B, channels, H, W) -> (B, N, C)
        *own, _ = self.levels(standardised([*guided, guide]))
        z: Tensor = self.head(torch.cat(own, dim=1))
        return z


class PlainEncoder(nn.Module):
    """Encode the stack of all images to z (B, tokens, latent), without attention or gates; called like its rival."""

    def __init__(self, guided: Sequence[int], guide: int, widths: Sequence[int], tokens: int, latent: int) -> None:
        super().__init__()
        parts: list[nn.Module] = [_Stem(sum(guided) + guide, widths), _Residual(widths[0]), _Residual(widths[0])]
        for width, wider in zip(widths, widths[1:]):
            parts += [_halved(width, wider), _Residual(wider), _Residual(wider)]
        self.encode = nn.Sequential(*parts, _Head(widths[-1], tokens, latent))
        self.apply(_keep_variance)

    def forward(self, guided: Sequence[Tensor], guide: Tensor) -> Tensor:  # each (B, channels, H, W) -> (B, N, C)
        z: Tensor = self.encode(torch.cat(standardised([*guided, guide]), dim=1))
        return z


def standardised(images: Sequence[Tensor]) -> list[Tensor]:
    """Return images with their common brightness and contrast taken out: one mean and one deviation for all of them.

    What they have in common in every scene would otherwise drown what tells one scene from another.  How bright and
    rich in contrast they and their bands are beside each other stays, as it says how much of PAN belongs into MS.
    """
    mean = torch.stack([image.mean((1, 2, 3), keepdim=True) for image in images]).mean(0)  # (B, 1, 1, 1)
    variance = torch.stack([(image - mean).square().mean((1, 2, 3), keepdim=True) for image in images]).mean(0)
    return [(image - mean) / (variance + _LEAST_VARIANCE).sqrt() for image in images]


def context(keys: Tensor, values: Tensor) -> Tensor:
    """Return what the queries may draw on, (B, d, d): row i is the mean of the values under the weights of key i.

    Keys and values are (B, d, positions); the weights are a softmax over positions.  However many positions there are,
    this matrix is all that is kept of them: memory d * d instead of positions * positions.
    """
    return keys.softmax(dim=2) @ values.transpose(1, 2)


def attend(queries: Tensor, drawn_on: Tensor) -> Tensor:
    """Return for each position a mix of the rows of the context, by a softmax over the channels of the queries."""
    return drawn_on.transpose(1, 2) @ queries.softmax(dim=1)  # (B, d, positions)


class Guidance(nn.Module):
    """Refine features X by guiding features Y of the same shape (B, d, h, w).

    O = attention of X to Y             (1)
    G = sigmoid(Conv_g[X, Proj(Y)])     (2) per channel and position
    F = G X + (1 - G) Proj(Y) + O       (3)
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.query = nn.Conv2d(width, width, 1)
        self.key = nn.Conv2d(width, width, 1, bias=False)  # a softmax over positions does not see what all share
        self.value = nn.Conv2d(width, width, 1)
        self.project = nn.Conv2d(width, width, 1)
        self.gate = _seeing(2 * width, width)

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        drawn_on = context(self.key(y).flatten(2), self.value(y).flatten(2))
        attention = attend(self.query(x).flatten(2), drawn_on).view_as(x)
        projected = self.project(y)
        gate = torch.sigmoid(self.gate(torch.cat([x, projected], dim=1)))
        refined: Tensor = gate * x + (1 - gate) * projected + attention
        return refined


class _Level(nn.Module):
    """One level of the pyramid: each stream enters and is seen, then the last of them guides each of the others."""

    def __init__(self, enters: Sequence[nn.Module], width: int) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(nn.Sequential(enter, _Residual(width)) for enter in enters)
        self.guidance = nn.ModuleList(Guidance(width) for _ in enters[1:])

    def forward(self, streams: Sequence[Tensor]) -> list[Tensor]:
        *own, guide = [block(x) for block, x in zip(self.blocks, streams)]
        return [*(guidance(x, guide) for guidance, x in zip(self.guidance, own)), guide]


class _Stem(nn.Module):
    """Pad an image so that every level of the pyramid halves evenly, and make each 4 x 4 pixels one feature vector."""

    def __init__(self, channels: int, widths: Sequence[int]) -> None:
        super().__init__()
        self.multiple = _CELL * 2 ** (len(widths) - 1)
        self.fold = nn.PixelUnshuffle(_CELL)
        self.enter = _seeing(_CELL**2 * channels, widths[0])

    def forward(self, image: Tensor) -> Tensor:  # (B, channels, H, W) -> (B, d, about H / 4, about W / 4)
        below, right = -image.shape[2] % self.multiple, -image.shape[3] % self.multiple
        features: Tensor = self.enter(self.fold(pad(image, (0, right, 0, below), mode="replicate")))
        return features


class _Residual(nn.Module):
    """Add to features what two convolutions see in them; nothing is normalised over the batch."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.see = nn.Sequential(_seeing(width, width), nn.GELU(), _seeing(width, width))

    def forward(self, x: Tensor) -> Tensor:
        seen: Tensor = self.see(x)
        return x + seen


class _Head(nn.Module):
    """Pool features of any size to a square of tokens, mix them, and give each the scale of N(0, I) noise."""

    def __init__(self, width: int, tokens: int, latent: int) -> None:
        super().__init__()
        self.side = math.isqrt(tokens)
        self.mix = MixerBlock(tokens, width)
        self.leave = nn.Linear(width, latent)

    def forward(self, features: Tensor) -> Tensor:  # (B, d, h, w) -> (B, N, C)
        pooled = adaptive_avg_pool2d(features, self.side).flatten(2).transpose(1, 2)  # (B, N, d)
        # Without the norm, nothing would tie the scale of z to that of the noise, and the schedule would mean nothing.
        return layer_norm(self.leave(self.mix(pooled)), (self.leave.out_features,))


def _seeing(width: int, seen: int) -> nn.Module:
    # Borders repeat: zeros would darken a rim whose share depends on the size of the image, and z would with it.
    return nn.Conv2d(width, seen, 3, padding=1, padding_mode="replicate")


def _halved(width: int, wider: int) -> nn.Module:
    return nn.Conv2d(width, wider, 2, stride=2)


def _keep_variance(module: nn.Module) -> None:
    # Torch's own start divides the variance by 3 in each layer and adds a bias as large as what is left: the mean of
    # the tokens, which is what the kernels are made of, would tell images of real scenes apart a fifth as well.
    if isinstance(module, (nn.Conv2d, nn.Linear)):
        nn.init.normal_(module.weight, std=module.weight[0].numel() ** -0.5)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
