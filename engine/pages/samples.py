"""Samples of a training as people see them: PAN, MS, what was made of them and the truth, and their errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Optional

import numpy as np
import numpy.typing as npt

from .document import figure, image
from .evaluation import MapPicture, Picture
from .markup import Markup, element
from .numerals import plain, rounded
from .palette import coloured
from .png import png

STYLE = """
.looks { display: grid; gap: .35rem .6rem; margin: .75rem 0 1.5rem; }
.looks figure { margin: 0; align-self: end; }
.looks img { display: block; width: 100%; height: auto; image-rendering: pixelated; border: 1px solid var(--rule); }
.looks p { margin: 0; align-self: center; font-size: .8125rem; }
.scale img { height: 10px; border: 0; image-rendering: auto; }
.scale span { display: flex; justify-content: space-between; }
"""

Floats = npt.NDArray[Any]
_TAILS = (1.0, 99.0)  # per cent of the truth that are shown black and white
_WORST = 98.0  # per cent of the errors of MS lie below the brightest colour
_MOST = 128  # pixels on a side that are shown


@dataclass(frozen=True)
class View:
    """One sample; an image that was not made is None, and so is its error."""

    images: tuple[tuple[str, Optional[Picture], Optional[MapPicture]], ...]  # name, image, error against the truth


def view(
    pan: Floats, truth: Floats, images: Sequence[tuple[str, Optional[Floats]]], red_green_blue: Sequence[int]
) -> View:
    """Return the pictures of one sample: PAN (h, w), the images between, by name, and the truth, (bands, h, w).

    red_green_blue: three bands, or one that is shown grey.  Errors are means over all bands, in per cent of the span
    between the darkest and the brightest value shown of each.
    """
    pan, truth = _middle(pan), _middle(truth)
    between = [(name, None if made is None else _middle(made)) for name, made in images]
    low, high = np.percentile(truth, _TAILS, axis=(1, 2))
    span = np.where(high > low, high - low, 1.0)
    errors = [
        None if made is None else 100.0 * np.mean(np.abs(made - truth) / span[:, None, None], axis=0)
        for _, made in between
    ]
    worst = next((float(np.percentile(error, _WORST)) for error in errors if error is not None), 0.0)

    def shown(made: Optional[Floats]) -> Optional[Picture]:
        if made is None:
            return None
        planes = [_bytes(made[band], low[band], span[band]) for band in red_green_blue]
        return png(np.stack(planes, axis=-1) if len(planes) == len("rgb") else planes[0])

    def told(error: Optional[Floats]) -> Optional[MapPicture]:
        return None if error is None else MapPicture(png(coloured(error, 0.0, worst)), 0.0, worst, "%")

    dark, bright = np.percentile(pan, _TAILS)
    return View(
        (
            ("PAN", png(_bytes(pan, dark, max(bright - dark, 1e-12))), None),
            *((name, shown(made), told(error)) for (name, made), error in zip(between, errors)),
            ("Truth", shown(truth), None),
        )
    )


def looks(each: View) -> Markup:
    """Return the images of a sample side by side, and under them their errors."""
    there = [(name, picture, error) for name, picture, error in each.images if picture is not None]
    scale = next((error for *_, error in there if error is not None), None)
    above = [figure(name, image(picture, name)) for name, picture, _ in there]
    below: list[Markup] = []
    for place, (name, _, error) in enumerate(there):
        if error is not None:
            below.append(element("figure", image(error.picture, f"Error of {name}")))
        elif scale is not None:
            is_first = place == 0
            words = "Where they miss the truth, in per cent of the values shown. Dark is good."
            below.append(element("p", words, class_="soft") if is_first else _scale(scale))
    style = f"grid-template-columns: repeat({plain(len(there))}, minmax(0, 1fr))"
    return element("div", *above, *below, class_="looks", style=style)


def _scale(error: MapPicture) -> Markup:
    """Return the colours of errors with their ends."""
    ramp = png(coloured(np.linspace(0.0, 1.0, 64)[None], 0.0, 1.0))
    ends = element("span", element("i", "0"), element("i", f"{rounded(error.high, 2)} {error.unit} and more"))
    return element("p", image(ramp, "Colours of errors"), ends, class_="soft scale")


def _middle(images: Floats) -> Floats:
    """Return the middle of images (..., h, w), as much as is shown of them."""
    rows, cols = (slice((side - min(side, _MOST)) // 2, (side + min(side, _MOST)) // 2) for side in images.shape[-2:])
    return images[..., rows, cols].astype(np.float64)


def _bytes(values: Floats, low: float, span: float) -> npt.NDArray[np.uint8]:
    shown = np.nan_to_num(np.clip((values - low) / span, 0.0, 1.0))  # a network that learns badly makes no numbers
    return np.asarray(np.rint(shown * 255.0), np.uint8)
