"""Indexes of single pixels against a reference: SAM, ERGAS, RMSE, bias and PSNR."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from .tile import Images, Part, Share, Sums, divided, nothing_valid
from .windows import strips


@dataclass(frozen=True, eq=False)
class PixelSums(Sums):
    """Sums over the valid pixels of a tile; arrays are (bands,)."""

    pixels: Share
    angles: float  # radians, over `angled` pixels: those where neither vector is zero
    angled: int
    reference: Images
    image: Images
    difference: Images  # image - reference
    square: Images  # its square

    def counted(self) -> int:
        """Return the number of valid pixels.  Raise InputError when there is none."""
        if not self.pixels.used:
            raise nothing_valid()
        return self.pixels.used

    def sam(self) -> float:
        """Return the mean angle in degrees; nan where all vectors are zero."""
        self.counted()
        return math.degrees(self.angles / self.angled) if self.angled else math.nan

    def mse(self) -> Images:
        return self.square / self.counted()

    def means(self) -> tuple[Images, Images]:
        """Return the means of the reference's bands and of the image's."""
        return self.reference / self.counted(), self.image / self.counted()

    def ergas(self, ratio: float) -> float:
        """Return 100 / ratio * sqrt(mean over bands of MSE_b / mean_b^2); inf where a band's mean is 0."""
        relative = divided(self.mse(), self.means()[0] ** 2, math.inf)
        return 100.0 / ratio * math.sqrt(float(np.mean(relative)))

    def bias(self) -> Images:
        return self.difference / self.counted()

    def bias_percent(self) -> Images:
        """Return the bias in per cent of the reference's band mean; nan where that is 0."""
        return 100.0 * divided(self.bias(), self.means()[0], math.nan)

    def rmse(self) -> Images:
        return np.sqrt(self.mse())

    def rmse_percent(self) -> Images:
        """Return the RMSE in per cent of the size of the reference's band mean; nan where that is 0."""
        return 100.0 * divided(self.rmse(), np.abs(self.means()[0]), math.nan)

    def psnr(self, peak: float) -> float:
        """Return the mean over bands of 10 log10(peak^2 / MSE_b); inf where a band is equal."""
        mse = self.mse()
        return float(np.mean(10.0 * np.log10(divided(np.full(mse.shape, peak**2), mse, math.inf))))


def measure_pixels(part: Part) -> PixelSums:
    """Return what the core of one tile contributes; part: reference, image."""
    reference, image = part.pair()
    rows, cols = part.tile.core
    counted = PixelSums(Share(), 0.0, 0, *(np.zeros(len(image)) for _ in range(4)))
    for strip in strips(rows, cols, 1):
        # 1. Invalid pixels are 0 in both: they add nothing, and have no angle.
        x, y = part.cut(reference, strip, cols), part.cut(image, strip, cols)
        area = x[0].size
        used = area if part.valid is None else int(np.count_nonzero(part.valid[strip, cols]))
        # 2. One root of the product, not a product of roots: proportional vectors of counts then give exactly 0.
        norms = np.sqrt(np.einsum("bij,bij->ij", x, x) * np.einsum("bij,bij->ij", y, y))
        known = norms != 0.0
        cosine = np.einsum("bij,bij->ij", x, y)[known] / norms[known]
        angles = float(np.arccos(np.clip(cosine, -1.0, 1.0)).sum())
        # 3. The errors of each band.
        sums = x.sum(axis=(1, 2)), y.sum(axis=(1, 2))
        error = y - x
        square = np.einsum("bij,bij->b", error, error)
        counted += PixelSums(Share(used, area), angles, cosine.size, *sums, error.sum(axis=(1, 2)), square)
    return counted
