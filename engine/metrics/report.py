"""The numbers of one sharpened image together, and which differences between two images mean anything."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from .noreference import DistortionSums
from .reference import ReferenceSums
from .structure import WindowSums
from .tile import nothing_valid


@dataclass(frozen=True)
class Metric:
    """What a reader must know of a number, and from where on two values differ."""

    name: str
    unit: str
    better: Literal["lower", "higher"]
    definition: str
    absolute: float = 0.0  # differences below this mean nothing
    relative: float = 0.0  # nor do those below this share of the greater value
    signed: bool = False  # better is nearer to 0, from either side


# Where the thresholds come from:
# - ERGAS, RMSE, SAM: 2 %.  How a border is cut (0, 21 or 30 pixels) alone moves ERGAS and SAM by 1 to 2 %.
ERROR = 0.02
# - PSNR: 2 % of RMSE are 20 log10(1.02) dB.
DECIBEL = 0.17
# - HQNR 0.005: twice the standard error over the 20 test scenes of the field, 0.0024.  A distortion that moves by
#   this moves HQNR by no more.  D_rho runs over the same 0 to 1 and gets the same.
DISTORTION = 0.005
# - Q, Q2n, SSIM 0.002: the ways published to treat deviations and borders differ by 0.001.
QUALITY = 0.002
# - SCC 0.005: padding with a mirror instead of zeros alone adds 0.004.
EDGES = 0.005
# - Bias 0.2 % of the band mean: well under what sensors are calibrated to (2 to 5 %).
BIAS = 0.2

METRICS = {
    "sam": Metric("SAM", "°", "lower", "Mean angle between the spectra of truth and image.", relative=ERROR),
    "ergas": Metric(
        "ERGAS",
        "",
        "lower",
        "Root mean square error in per cent of the band means, over all bands, divided by the ratio.",
        relative=ERROR,
    ),
    "scc": Metric(
        "SCC", "", "higher", "Likeness (cosine) of the edges, Sobel magnitudes, of truth and image.", absolute=EDGES
    ),
    "q": Metric(
        "Q",
        "",
        "higher",
        "Universal image quality index of truth and image in sliding windows of 32 x 32 pixels, mean over bands.",
        absolute=QUALITY,
    ),
    "q2n": Metric(
        "Q2n",
        "",
        "higher",
        "Quality index of all bands at once, with pixels as hypercomplex numbers, in blocks of 32 x 32 pixels.",
        absolute=QUALITY,
    ),
    "psnr": Metric(
        "PSNR",
        "dB",
        "higher",
        "Square of the greatest count over the mean square error, as a level, mean over bands.",
        absolute=DECIBEL,
    ),
    "ssim": Metric(
        "SSIM", "", "higher", "Structural similarity in Gaussian windows of 11 x 11, mean over bands.", absolute=QUALITY
    ),
    "rmse": Metric("RMSE", "counts", "lower", "Root of the mean square error of a band.", relative=ERROR),
    "rmse_percent": Metric("RMSE", "%", "lower", "Its share of the mean of the band.", relative=ERROR),
    "bias_percent": Metric(
        "Bias",
        "%",
        "lower",
        "Mean of the image less mean of the truth, in per cent of the mean of the band; 0 is best.",
        absolute=BIAS,
        signed=True,
    ),
    "d_lambda_k": Metric(
        "D_lambda^K",
        "",
        "lower",
        "Khan's spectral distortion: 1 - Q2n of enlarged MS and the image blurred by the MTF of MS.",
        absolute=DISTORTION,
    ),
    "d_lambda": Metric(
        "D_lambda",
        "",
        "lower",
        "Spectral distortion of QNR: how much Q between each two bands changes from enlarged MS to the image.",
        absolute=DISTORTION,
    ),
    "d_s": Metric(
        "D_s",
        "",
        "lower",
        "Spatial distortion: how much Q between bands and PAN changes from the resolution of MS to that of PAN.",
        absolute=DISTORTION,
    ),
    "qnr": Metric("QNR", "", "higher", "(1 - D_lambda)(1 - D_s).", absolute=DISTORTION),
    "hqnr": Metric("HQNR", "", "higher", "(1 - D_lambda^K)(1 - D_s).", absolute=DISTORTION),
    "d_rho": Metric(
        "D_rho",
        "",
        "lower",
        "1 - mean local correlation of the bands with PAN, in windows as wide as the ratio; to be read with R-Q2n.",
        absolute=DISTORTION,
    ),
    "r_sam": Metric("R-SAM", "°", "lower", "SAM of MS and the image brought back to its grid.", relative=ERROR),
    "r_ergas": Metric("R-ERGAS", "", "lower", "ERGAS of MS and the image brought back to its grid.", relative=ERROR),
    "r_q": Metric("R-Q", "", "higher", "Q of MS and the image brought back to its grid.", absolute=QUALITY),
    "r_q2n": Metric("R-Q2n", "", "higher", "Q2n of MS and the image brought back to its grid.", absolute=QUALITY),
    "r_rmse_percent": Metric(
        "R-RMSE",
        "%",
        "lower",
        "RMSE of MS and the image brought back to its grid, in per cent of the band mean.",
        relative=ERROR,
    ),
    "r_bias_percent": Metric(
        "R-Bias",
        "%",
        "lower",
        "Mean of the image brought back to the grid of MS less mean of MS, in per cent of the latter; 0 is best.",
        absolute=BIAS,
        signed=True,
    ),
}


def significant(name: str, a: float, b: float) -> bool:
    """Return whether two values of a metric, by its key in METRICS, differ enough to mean anything.

    A value that could not be had (nan) differs from none.
    """
    metric = METRICS[name]
    if math.isnan(a) or math.isnan(b) or a == b:
        return False
    if metric.signed:
        a, b = abs(a), abs(b)
    if math.isinf(a) or math.isinf(b):
        return a != b
    return abs(a - b) >= max(metric.absolute, metric.relative * max(abs(a), abs(b)))


@dataclass(frozen=True)
class Reduced:
    """One image against a truth.  Lists are per band; a number that could not be had is nan."""

    sam: float
    ergas: float
    scc: float
    q: float
    q2n: float
    psnr: float
    ssim: float
    rmse: list[float]
    rmse_percent: list[float]
    bias: list[float]
    bias_percent: list[float]
    mean_reference: list[float]
    mean_image: list[float]
    ratio: float  # in ERGAS
    peak: float  # in PSNR and SSIM; nan where they were not asked for
    pixels_left_out: float  # shares, 0 to 1, for a pixel that is not valid: of SAM, ERGAS, RMSE, bias, PSNR
    edges_left_out: float  # of SCC
    windows_left_out: float  # of Q
    ssim_left_out: float
    blocks_left_out: float  # of Q2n

    @classmethod
    def of(cls, sums: ReferenceSums, ratio: float) -> Reduced:
        """Return the numbers of a scene from the sums of all its tiles.

        Raise InputError where not a single pixel was valid.
        """
        pixels = sums.pixels
        reference, image = pixels.means()
        return cls(
            sam=pixels.sam(),
            ergas=pixels.ergas(ratio),
            scc=sums.edges.cosine(),
            q=sums.q.mean(),
            q2n=sums.blocks.mean(),
            psnr=math.nan if sums.peak is None else pixels.psnr(sums.peak),
            ssim=sums.ssim.mean(),
            rmse=_listed(pixels.rmse()),
            rmse_percent=_listed(pixels.rmse_percent()),
            bias=_listed(pixels.bias()),
            bias_percent=_listed(pixels.bias_percent()),
            mean_reference=_listed(reference),
            mean_image=_listed(image),
            ratio=float(ratio),
            peak=math.nan if sums.peak is None else float(sums.peak),
            pixels_left_out=pixels.pixels.left_out,
            edges_left_out=sums.edges.pixels.left_out,
            windows_left_out=sums.q.windows.left_out,
            ssim_left_out=sums.ssim.windows.left_out,
            blocks_left_out=sums.blocks.blocks.left_out,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers for JSON, which has no nan and no infinity: None stands for both."""
        return _plain(self)


@dataclass(frozen=True)
class Full:
    """One image against PAN and MS alone.  Lists are per band; a number that could not be had is nan."""

    d_lambda_k: float
    d_lambda: float
    d_s: float
    qnr: float
    hqnr: float
    d_rho: float
    r_sam: float
    r_ergas: float
    r_q: float
    r_q2n: float
    r_rmse_percent: list[float]
    r_bias_percent: list[float]
    mean_ms: list[float]
    mean_reprojected: list[float]
    ratio: float
    blocks_left_out: float  # shares, 0 to 1, incomplete or with a pixel that is not valid: of D_lambda^K, D_lambda, D_s
    correlations_left_out: float  # of D_rho, and where PAN is flat
    r_pixels_left_out: float  # on the grid of MS: of R-SAM, R-ERGAS, RMSE, bias
    r_windows_left_out: float  # of R-Q
    r_blocks_left_out: float  # of R-Q2n

    @classmethod
    def of(cls, distortions: DistortionSums, detail: WindowSums, reprojected: ReferenceSums, ratio: float) -> Full:
        """Return the numbers of a scene from the sums of all its tiles.

        distortions: of `noreference.measure`, detail: of `reprojection.measure`, both on PAN's grid; reprojected: of
        `reference.measure` for MS and the image brought back to its grid.  Raise InputError where either grid has no
        place to look at.
        """
        if not distortions.fused.blocks.used and not detail.windows.used:
            raise nothing_valid()
        pixels = reprojected.pixels
        mean_ms, mean_reprojected = pixels.means()
        return cls(
            d_lambda_k=distortions.d_lambda_khan(),
            d_lambda=distortions.d_lambda(),
            d_s=distortions.d_s(),
            qnr=distortions.qnr(),
            hqnr=distortions.hqnr(),
            d_rho=1.0 - detail.mean(),
            r_sam=pixels.sam(),
            r_ergas=pixels.ergas(ratio),
            r_q=reprojected.q.mean(),
            r_q2n=reprojected.blocks.mean(),
            r_rmse_percent=_listed(pixels.rmse_percent()),
            r_bias_percent=_listed(pixels.bias_percent()),
            mean_ms=_listed(mean_ms),
            mean_reprojected=_listed(mean_reprojected),
            ratio=float(ratio),
            blocks_left_out=distortions.fused.blocks.left_out,
            correlations_left_out=detail.windows.left_out,
            r_pixels_left_out=pixels.pixels.left_out,
            r_windows_left_out=reprojected.q.windows.left_out,
            r_blocks_left_out=reprojected.blocks.blocks.left_out,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers for JSON, which has no nan and no infinity: None stands for both."""
        return _plain(self)


def _listed(values: npt.NDArray[np.float64]) -> list[float]:
    return [float(value) for value in values]


def _plain(result: Reduced | Full) -> dict[str, Any]:
    return {name: _finite_or_none(value) for name, value in dataclasses.asdict(result).items()}


def _finite_or_none(value: float | Sequence[float]) -> Any:
    if isinstance(value, (int, float)):
        return value if math.isfinite(value) else None
    return [_finite_or_none(each) for each in value]
