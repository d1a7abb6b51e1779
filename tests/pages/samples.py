"""Evaluations for tests: small, whole, and easily changed in one place."""

from __future__ import annotations

import dataclasses
from typing import Any

from engine.pages.evaluation import Arrow, Candidate, Counts, Evaluation, MapPicture, Picture, Place

PICTURE = Picture(b"not looked at", "image/png", 8, 8)
BANDS = ("blue", "green", "red", "nir")


def reduced(
    ergas: float | None = 2.0, sam: float | None = 3.0, q2n: float | None = 0.9, **other: Any
) -> dict[str, Any]:
    count = other.pop("count", len(BANDS))
    return {
        "ergas": ergas,
        "sam": sam,
        "q2n": q2n,
        "scc": 0.9,
        "q": 0.88,
        "psnr": 40.0,
        "ssim": 0.95,
        "rmse": [10.0] * count,
        "rmse_percent": [4.0 + band for band in range(count)],
        "bias": [1.0] * count,
        "bias_percent": [0.1 * band for band in range(count)],
        "mean_reference": [300.0 + 50 * band for band in range(count)],
        "mean_image": [301.0 + 50 * band for band in range(count)],
        "ratio": 4.0,
        "peak": 2047.0,
        "pixels_left_out": 0.0,
        "edges_left_out": 0.0,
        "windows_left_out": 0.0,
        "ssim_left_out": 0.0,
        "blocks_left_out": 0.0,
        **other,
    }


def full(
    d_rho: float | None = 0.1, r_ergas: float | None = 1.0, hqnr: float | None = 0.9, **other: Any
) -> dict[str, Any]:
    count = other.pop("count", len(BANDS))
    return {
        "d_lambda_k": 0.04,
        "d_lambda": 0.03,
        "d_s": 0.05,
        "qnr": 0.92,
        "hqnr": hqnr,
        "d_rho": d_rho,
        "r_sam": 1.0,
        "r_ergas": r_ergas,
        "r_q": 0.95,
        "r_q2n": 0.94,
        "r_rmse_percent": [2.0] * count,
        "r_bias_percent": [0.05] * count,
        "mean_ms": [300.0] * count,
        "mean_reprojected": [300.0] * count,
        "ratio": 4.0,
        "blocks_left_out": 0.0,
        "correlations_left_out": 0.0,
        "r_pixels_left_out": 0.0,
        "r_windows_left_out": 0.0,
        "r_blocks_left_out": 0.0,
        **other,
    }


def candidate(name: str = "GSA", **changes: Any) -> Candidate:
    whole = Candidate(
        name=name,
        kind="method",
        source="of this program",
        reduced=reduced(),
        full=full(),
        counts=Counts(10_000, 0, 0, (0,) * len(BANDS), (0,) * len(BANDS)),
        shift_from_pan=(0.02, -0.01),
        shift_from_ms=(0.01, 0.03),
        error=MapPicture(PICTURE, 0.0, 20.0, "%"),
        quality=MapPicture(PICTURE, 0.0, 1.0, ""),
        histograms=((1, 2, 3, 0),) * len(BANDS),
        power=(100.0, 10.0, 1.0),
        crops=(PICTURE,),
    )
    return dataclasses.replace(whole, **changes)


def baseline(**changes: Any) -> Candidate:
    worse = {"kind": "baseline", "reduced": reduced(4.0, 5.0, 0.7), "full": full(0.4, 2.0, 0.85)}
    return candidate("EXP", **{**worse, **changes})


def evaluation(*candidates: Candidate, **changes: Any) -> Evaluation:
    """Return an evaluation of the candidates, by default the baseline and one method that is better."""
    whole = Evaluation(
        pan="pan.tif",
        ms=("ms.tif",),
        reference=None,
        created="2024-05-06 07:08",
        version="1.2.3",
        facts={"Sensor": "WorldView-2"},
        band_names=BANDS,
        wavelengths=(0.48, 0.55, 0.66, 0.83),
        ratio=4.0,
        border=21,
        candidates=candidates or (baseline(), candidate()),
        shift=(0.05, -0.02),
        arrows=(Arrow(10.0, 20.0, 0.1, 0.0, 0.9), Arrow(50.0, 20.0, 0.0, -0.1, 0.5)),
        size=(100, 80),
        overview=PICTURE,
        places=(Place("the busiest part", 10, 20, PICTURE, PICTURE),),
        histogram_bins=4,
        histogram_ranges=((0.0, 1000.0),) * len(BANDS),
        ms_histograms=((4, 3, 2, 1),) * len(BANDS),
        frequencies=(0.1, 0.2, 0.4),
        pan_power=(120.0, 20.0, 3.0),
        warnings=(),
        notes=(),
    )
    return dataclasses.replace(whole, **changes)
