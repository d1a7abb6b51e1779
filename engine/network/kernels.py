"""Convolutions whose kernels are made for one image: W1 = W0 ⊙ W, with W a low-rank Tucker product.

Symbols: W0 learnable kernel, W its modulation, z latent prior (B, N, C_z), G Tucker core, U1..U4 its factors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import Optional, Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - the name everybody knows it by

Ranks = tuple[int, int, int, int]  # of the modes C_in / groups, C_out, kernel rows, kernel columns
RANKS: Ranks = (4, 4, 2, 2)  # the best of those published; larger ones are worse

GENERATORS = ("tucker", "mlp")
GROUPED = 1 << 14  # pixels of an image
HIDDEN = 64  # between z and what a generator makes of it: small, as every layer has a generator of its own


class KernelSource(Protocol):
    """Where a layer gets from what depends on the image as a whole."""

    @property
    def facts(self) -> Optional[Tensor]:
        """The last channels beside PAN where these are told as numbers, (B, channels); None: they are in the image."""

    def kernel(self, layer: KSConv2d, x: Tensor) -> Tensor:
        """Return (C_out, C_in / groups, k, k), or (B, C_out, C_in / groups, k, k): one per image."""

    def pooled(self, layer: KSConv2d, x: Tensor) -> Tensor:
        """Return the mean of x over the image, (B, C_in)."""


class Base:
    """The plain backbone: every kernel is W0 itself.

    What a source gave out stays in `kernels`: a kernel under the name of its layer, a mean under that name with
    ".mean".  Given to `Fixed`, these make the network local, so that the tiles of a scene fit together.
    """

    facts: Optional[Tensor] = None  # what makes kernels of an image sees all of it

    def __init__(self) -> None:
        self.kernels: dict[str, Tensor] = {}

    def kernel(self, layer: KSConv2d, x: Tensor) -> Tensor:
        made = self._made(layer, x)
        self.kernels[layer.name] = made
        return made

    def pooled(self, layer: KSConv2d, x: Tensor) -> Tensor:
        mean = x.mean((2, 3))
        self.kernels[f"{layer.name}.mean"] = mean
        return mean

    def _made(self, layer: KSConv2d, x: Tensor) -> Tensor:
        return layer.weight


class Generated(Base):
    """Kernels generated from the prior z, (B, N, C_z), and from what reaches each layer: one per image."""

    def __init__(self, z: Tensor) -> None:
        super().__init__()
        self.z = z

    def _made(self, layer: KSConv2d, x: Tensor) -> Tensor:
        return layer.generated(self.z, x)


FACTS = "facts"  # beside the kernels, for `Fixed`


class Fixed:
    """Kernels and means made before, as in `Base.kernels`: those of one image serve any number of tiles.

    With them may come, as FACTS, the last channels beside PAN, where the same number stands in every pixel of them.
    """

    def __init__(self, kernels: Mapping[str, Tensor]) -> None:
        self.kernels = kernels
        self.facts = kernels.get(FACTS)

    def kernel(self, layer: KSConv2d, x: Tensor) -> Tensor:
        return self.kernels[layer.name]

    def pooled(self, layer: KSConv2d, x: Tensor) -> Tensor:
        return self.kernels[f"{layer.name}.mean"]


class KSConv2d(nn.Module):
    """A convolution that asks a source for its kernel; its bias is static.  `latent` None: always W0.

    The border repeats the nearest pixel.  Training sees patches of 64 pixels, all of which lie close to a border:
    zeros would teach the network a dark rim that no scene has inside, whereas a repeated pixel is what a scene's own
    edge looks like.  Where tiles are cut, the caller's halo of `Backbone.reach` pixels keeps the border out of sight.
    """

    def __init__(
        self,
        name: str,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        groups: int = 1,
        stride: int = 1,
        latent: Optional[int] = 256,
        ranks: Ranks = RANKS,
        generator: str = "tucker",
        bias: bool = True,
        gain: float = 1.0,
    ) -> None:
        super().__init__()
        self.name, self.groups, self.stride = name, groups, stride
        self.padding = (kernel_size - 1) // 2
        shape = (out_channels, in_channels // groups, kernel_size, kernel_size)
        self.weight = nn.Parameter(torch.empty(shape))
        nn.init.normal_(self.weight, std=gain * prod(shape[1:]) ** -0.5)  # keeps the variance of its input, times gain²
        self.bias = nn.Parameter(torch.zeros(out_channels)) if bias else None
        self.generator: Optional[nn.Module] = None
        if latent is not None and generator == "tucker":
            self.generator = TuckerGenerator(latent, in_channels, shape, ranks)
        elif latent is not None:
            self.generator = DenseGenerator(latent, shape)

    def forward(self, x: Tensor, source: KernelSource) -> Tensor:
        """Convolve (B, C_in, H, W)."""
        return convolve(replicated(x, self.padding), self.kernel(x, source), self.bias, self.stride, self.groups)

    def inside(self, x: Tensor, source: KernelSource) -> Tensor:
        """Convolve x, which loses on each side what has no whole neighbourhood."""
        return convolve(x, self.kernel(x, source), self.bias, self.stride, self.groups)

    def kernel(self, x: Tensor, source: KernelSource) -> Tensor:
        """Return W0 if this layer is never modulated, else what the source has for it."""
        return self.weight if self.generator is None else source.kernel(self, x)

    def generated(self, z: Tensor, x: Tensor) -> Tensor:
        """Return W1 = W0 ⊙ W, (B, C_out, C_in / groups, k, k)."""
        if self.generator is None:
            raise AssertionError(f"{self.name} is never modulated")
        modulation: Tensor = self.generator(z, x)
        return self.weight * modulation


def replicated(x: Tensor, pixels: int) -> Tensor:
    """Widen (B, C, H, W) on all sides by its own border."""
    return F.pad(x, (pixels,) * 4, mode="replicate") if pixels else x


def convolve(x: Tensor, weight: Tensor, bias: Optional[Tensor] = None, stride: int = 1, groups: int = 1) -> Tensor:
    """Convolve (B, C_in, H, W) without padding, by one kernel, (C_out, C_in / groups, k, k), or by one per image."""
    if weight.dim() == 4:
        return F.conv2d(x, weight, bias, stride, groups=groups)
    if len(weight) == 1:
        return F.conv2d(x, weight[0], bias, stride, groups=groups)
    if x.is_cuda and x[0, 0].numel() <= GROUPED:  # where a launch for each image costs more than what it computes
        return convolve_grouped(x, weight, bias, stride, groups)
    # On a CPU two to six times as fast as grouped, for which x has to leave channels_last.
    return torch.cat([F.conv2d(image[None], w, bias, stride, groups=groups) for image, w in zip(x, weight)])


def convolve_grouped(x: Tensor, weight: Tensor, bias: Optional[Tensor], stride: int, groups: int) -> Tensor:
    """Convolve each image by its own kernel in one call, as if the images were groups of channels."""
    biases = None if bias is None else bias.repeat(len(x))
    together = F.conv2d(x.flatten(0, 1)[None], weight.flatten(0, 1), biases, stride, groups=groups * len(x))
    return together.view(weight.shape[:2] + together.shape[2:])


def tucker(core: Tensor, factors: Sequence[Tensor]) -> Tensor:
    """Return G ×₁ U1 ×₂ U2 ×₃ U3 ×₄ U4, (B, d1, d2, d3, d4), of core (B, r1, r2, r3, r4) and factors (B, d_n, r_n)."""
    for factor in factors:
        # Each product takes the first mode away and appends the new one: after the last, all stand in order.
        core = torch.einsum("bi...,bdi->b...d", core, factor)
    return core


class CoreGenerator(nn.Module):
    """Makes the core from the global prior: mean over its tokens, then an MLP; G[0, 0, 0, 0] = 1 alone at first."""

    def __init__(self, latent: int, ranks: Ranks) -> None:
        super().__init__()
        self.ranks = ranks
        first = torch.zeros(prod(ranks))
        first[0] = 1.0
        self.mlp = nn.Sequential(nn.Linear(latent, HIDDEN), nn.GELU(), constant_linear(HIDDEN, first))

    def forward(self, z: Tensor) -> Tensor:
        """Map z, (B, N, C_z), to (B, r1, r2, r3, r4)."""
        core: Tensor = self.mlp(z.mean(1))
        return core.view(-1, *self.ranks)


class FactorGenerator(nn.Module):
    """Makes the four factors from a layer's own input: a trunk on its global mean, and a head for each mode.

    At first the left column of every factor is 1, so that W = 1 with the first core; the other columns are small
    random numbers, not zeros, as nothing could flow back through them to the core otherwise.
    """

    def __init__(self, in_channels: int, sizes: Sequence[int], ranks: Ranks) -> None:
        super().__init__()
        self.ranks = ranks
        width = max(16, in_channels // 4)
        self.trunk = nn.Sequential(nn.Linear(in_channels, width), nn.LayerNorm(width), nn.GELU())
        self.heads = nn.ModuleList()
        for size, rank in zip(sizes, ranks):
            first = torch.ones(size, rank)
            first[:, 1:] = nn.init.normal_(torch.empty(size, rank - 1), std=0.02)
            self.heads.append(constant_linear(width, first.flatten()))

    def forward(self, x: Tensor) -> list[Tensor]:
        """Map features, (B, C_in, H, W), to four factors, (B, d_n, r_n)."""
        trunk = self.trunk(x.mean((2, 3)))  # (B, width)
        return [head(trunk).view(len(x), -1, rank) for head, rank in zip(self.heads, self.ranks)]


class TuckerGenerator(nn.Module):
    """Makes the modulation W of one layer: global prior → core, local features → factors."""

    def __init__(self, latent: int, in_channels: int, shape: Sequence[int], ranks: Ranks) -> None:
        super().__init__()
        sizes = (shape[1], shape[0], *shape[2:])  # the modes are C_in, C_out, k, k; torch's kernels begin with C_out
        r1, r2, r3, r4 = (min(rank, size) for rank, size in zip(ranks, sizes))
        self.core = CoreGenerator(latent, (r1, r2, r3, r4))
        self.factors = FactorGenerator(in_channels, sizes, (r1, r2, r3, r4))

    def forward(self, z: Tensor, x: Tensor) -> Tensor:
        """Return W, (B, C_out, C_in / groups, k, k), for z, (B, N, C_z), and features, (B, C_in, H, W)."""
        return tucker(self.core(z), self.factors(x)).transpose(1, 2)


class DenseGenerator(nn.Module):
    """Makes all values of W by one MLP from the prior: the ablation without structure, many times as large."""

    def __init__(self, latent: int, shape: Sequence[int]) -> None:
        super().__init__()
        self.shape = tuple(shape)
        self.mlp = nn.Sequential(nn.Linear(latent, HIDDEN), nn.GELU(), constant_linear(HIDDEN, torch.ones(prod(shape))))

    def forward(self, z: Tensor, x: Tensor) -> Tensor:
        """Return W, (B, C_out, C_in / groups, k, k), for z, (B, N, C_z); the features are not looked at."""
        made: Tensor = self.mlp(z.mean(1))
        return made.view(-1, *self.shape)


def constant_linear(inputs: int, value: Tensor) -> nn.Linear:
    """Return a linear layer that answers `value`, (outputs,), to everything until it is trained."""
    layer = nn.Linear(inputs, len(value))
    nn.init.zeros_(layer.weight)
    with torch.no_grad():
        layer.bias.copy_(value)
    return layer


def no_decay(module: nn.Module) -> set[str]:
    """Return the names of the parameters that weight decay must leave alone: those with fewer than two dimensions.

    These are the biases, norms and layer scales.  The biases of a generator's last layers hold W = 1, so decay would
    take the kernels away; with those left alone, it draws W towards 1, which is the plain backbone.
    """
    return {name for name, parameter in module.named_parameters() if parameter.dim() < 2}
