"""Verdicts on quality: which image is closest to the truth, and whether colours and detail are what they should be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Optional

from ..metrics.report import METRICS
from .evaluation import Candidate, Evaluation
from .finding import Finding, baseline_of, named, plural, sharpened
from .markup import shortened
from .numerals import decimal, rounded
from .soundness import TOLERABLE_SHIFT, size_of
from .standing import Results, better, differ, number, numbers, standings

_AGAINST_TRUTH = ("ergas", "sam", "q2n")
DIGITS = {"ergas": 2, "sam": 2, "q2n": 3, "hqnr": 3, "d_rho": 3, "r_ergas": 2}
NEGLIGIBLE_BIAS = 0.2  # per cent of the band mean, as in METRICS
_RESCALED = 20.0  # per cent; no method moves all bands that far by one factor
_SAME_SIZE = 1.05  # a ratio below which MS has the pixels of PAN
VISIBLE_BIAS = 2.0  # what sensors themselves are calibrated to, at best


def closest(evaluation: Evaluation) -> list[Finding]:
    """Return which image is closest to the truth, or why that cannot be said."""
    images = sharpened(evaluation)
    if not images:
        return [
            Finding("note", "Only plain enlargement was judged. Add a method or a sharpened image to compare with it.")
        ]
    judged = [each for each in images if number(each.reduced, "ergas") is not None]
    if not judged:
        return [_without_truth(), *_leading_without_truth(images)]
    baseline = baseline_of(evaluation)
    findings = [_winner(judged, baseline)]
    worse = [each for each in judged if _beats(baseline, each, "ergas")]
    if worse and len(judged) > 1:  # one alone has been judged by the sentence above
        findings.append(
            Finding(
                "warning",
                f"{named(worse)} {plural(len(worse), 'lies', 'lie')} farther from the truth than plain enlargement "
                "(ERGAS). Use another method, or check the registration and the sensor's optics.",
            )
        )
    unjudged = [each for each in images if each not in judged]
    if unjudged:
        findings.append(Finding("note", f"For {named(unjudged)} there was no truth; compare at full resolution."))
    return findings


def _without_truth() -> Finding:
    return Finding(
        "note",
        "No truth was available, so no error is known: the images are judged against PAN and MS alone. "
        "To know errors, evaluate the methods themselves, or a simulated pair with its truth.",
    )


def _leading_without_truth(images: Sequence[Candidate]) -> list[Finding]:
    leaders = _leaders(images, "hqnr")
    if len(images) < 2 or not leaders:
        return []
    if len(leaders) == 1:
        value = decimal(number(leaders[0].full, "hqnr"), DIGITS["hqnr"])
        return [Finding("note", f"{named(leaders)} has the best HQNR ({value}). Trust it less than your eyes.")]
    return [Finding("note", f"{named(leaders)} have HQNR that differ by nothing. Choose by the close-ups.")]


def _winner(judged: Sequence[Candidate], baseline: Optional[Candidate]) -> Finding:
    leaders = {key: _leaders(judged, key) for key in _AGAINST_TRUTH}
    leaders = {key: found for key, found in leaders.items() if found}
    everywhere = [each for each in judged if all(each in found for found in leaders.values())]
    if not everywhere:
        parts = [f"{named(found)} by {METRICS[key].name}" for key, found in leaders.items()]
        return Finding(
            "note",
            f"No image is closest to the truth by all measures: {', '.join(parts)}. "
            "Choose by ERGAS for values, by SAM for ratios of bands, by Q2n for both.",
        )
    start = None if baseline is None else number(baseline.reduced, "ergas")
    if start is not None and not any(_beats(each, baseline, "ergas") for each in everywhere):
        values = ", ".join(_value(each, "ergas") for each in everywhere[:3])
        return Finding(
            "warning",
            f"{named(everywhere)} {plural(len(everywhere), 'is', 'are')} no closer to the truth than plain enlargement "
            f"(ERGAS {values} against {decimal(start, DIGITS['ergas'])}). Check registration and optics.",
        )
    winner = everywhere[0]
    if len(everywhere) > 1:
        return Finding(
            "good",
            f"{named(everywhere)} are equally close to the truth: no difference between them in {_names(leaders)} "
            f"means anything. {_gain(winner, baseline)}Choose by speed or by eye.",
        )
    if len(judged) == 1:
        return Finding("good", f"{named(everywhere)} was compared with the truth: {_gain(winner, baseline)}".strip())
    return Finding(
        "good",
        f"{named(everywhere)} is closest to the truth. {_gain(winner, baseline)}{_second(winner, judged)}".strip(),
    )


def _gain(image: Candidate, baseline: Optional[Candidate]) -> str:
    """Return how much closer to the truth than the baseline an image is, as a sentence and a space."""
    parts = []
    for key in _AGAINST_TRUTH:
        value = number(image.reduced, key)
        if value is None:
            continue
        words = f"{METRICS[key].name} {decimal(value, DIGITS[key])}{METRICS[key].unit}"
        plain = None if baseline is None else number(baseline.reduced, key)
        if plain:
            change = 100.0 * (value - plain) / abs(plain)
            direction = "lower" if change < 0 else "higher"
            words += (
                f" ({rounded(abs(change), 2)} % {direction} than plain enlargement)"
                if differ(key, value, plain)
                else " (as plain enlargement)"
            )
        parts.append(words)
    return f"{', '.join(parts)}. " if parts else ""


def _second(winner: Candidate, judged: Sequence[Candidate]) -> str:
    """Return who comes next, and by which measures that is a difference at all."""
    second = min((each for each in judged if each is not winner), key=lambda each: number(each.reduced, "ergas") or 0.0)
    known = [key for key in _AGAINST_TRUTH if None not in (number(winner.reduced, key), number(second.reduced, key))]
    even = [METRICS[key].name for key in known if not _beats(winner, second, key)]
    gap = f"{named([second])} is next (ERGAS {_value(second, 'ergas')})"
    return f"{gap}; by {' and '.join(even)} the two do not differ." if even else f"{gap}."


def colours(evaluation: Evaluation) -> list[Finding]:
    """Return whether the means of the bands are kept, from `R-Bias`."""
    kept: list[Candidate] = []
    scaled: list[tuple[float, str]] = []
    moved: list[tuple[float, str]] = []  # size of the worst bias, and the image and its band in words
    spoilt: list[tuple[float, str]] = []
    for image in sharpened(evaluation):
        biases = numbers(image.full, "r_bias_percent")
        known = [(abs(value), value, band) for band, value in enumerate(biases) if value is not None]
        if not known:
            continue
        size, value, band = max(known)
        name = shortened(evaluation.band_names[band] if band < len(evaluation.band_names) else f"band {band + 1}", 30)
        words = f"{named([image])} ({decimal(value, 1 if size >= 1 else 2, signed=True)} % in {name})"
        factors = [1.0 + value / 100.0 for _, value, _ in known]
        if len(known) > 1 and size >= _RESCALED and min(factors) > 0.0 and max(factors) < 1.05 * min(factors):
            scaled.append((size, f"{named([image])} ({rounded(sum(factors) / len(factors), 2)} times MS)"))
        elif size < NEGLIGIBLE_BIAS:
            kept.append(image)
        else:
            (spoilt if size >= VISIBLE_BIAS else moved).append((size, words))
    findings = []
    if scaled:
        findings.append(
            Finding(
                "warning",
                f"All bands are larger or smaller than MS by one factor in {_listed(scaled)}: the values are in other "
                "units, such as 8 bits stretched for display. Evaluate the image in the units of MS.",
            )
        )
    if spoilt:
        findings.append(
            Finding(
                "warning",
                f"Colours change visibly in {_listed(spoilt)}. Do not measure in {plural(len(spoilt), 'it', 'them')}; "
                "choose a method that keeps the means of the bands.",
            )
        )
    if moved:
        findings.append(
            Finding("note", f"Band means move a little in {_listed(moved)}. Mind it where small differences count.")
        )
    if kept:
        findings.append(Finding("good", f"Colours are kept by {named(kept)}: no band's mean moves by 0.2 % or more."))
    return findings


def detail(evaluation: Evaluation) -> list[Finding]:
    """Return whether detail follows PAN more than in the baseline, from D_rho."""
    baseline = baseline_of(evaluation)
    start = None if baseline is None else number(baseline.full, "d_rho")
    images = [each for each in sharpened(evaluation) if number(each.full, "d_rho") is not None]
    if start is None or not images:
        return []
    follow = [each for each in images if _beats(each, baseline, "d_rho")]
    fail = [each for each in images if each not in follow]
    findings = []
    if fail:
        findings.append(
            Finding(
                "warning",
                f"{named(fail)} {plural(len(fail), 'follows', 'follow')} PAN's detail no better than plain enlargement "
                f"(D_rho {decimal(start, DIGITS['d_rho'])}). Take another method, or check that PAN is of this scene.",
            )
        )
    if follow:
        reached = _span(follow, "d_rho")
        findings.append(
            Finding(
                "good",
                f"Detail follows PAN in {named(follow)}: D_rho falls from {decimal(start, DIGITS['d_rho'])} of plain "
                f"enlargement to {reached}.",
            )
        )
    return findings


def faithfulness(evaluation: Evaluation) -> list[Finding]:
    """Return whether images brought back to the grid of MS are MS, from R-ERGAS."""
    baseline = baseline_of(evaluation)
    images = [each for each in sharpened(evaluation) if number(each.full, "r_ergas") is not None]
    if baseline is None or number(baseline.full, "r_ergas") is None or not images:
        return []
    if evaluation.ratio < _SAME_SIZE:  # plain enlargement is MS itself, which nothing can be nearer to
        return []
    worse = [each for each in images if _beats(baseline, each, "r_ergas")]
    start = _value(baseline, "r_ergas")
    # Detail that lies on PAN lies off MS where these lie off each other.
    reason = (
        "off MS as PAN is, over-sharpened, or changed in colour. Co-register PAN and MS first."
        if (size_of(evaluation.shift) or 0.0) > TOLERABLE_SHIFT
        else "over-sharpened, or changed in colour. "
        "Look for halos along edges in the close-ups, and check the sensor's optics."
    )
    findings = []
    if worse:
        findings.append(
            Finding(
                "warning",
                f"{named(worse)} {plural(len(worse), 'is', 'are')} less faithful to MS than plain enlargement "
                f"(R-ERGAS {_span(worse, 'r_ergas')} against {start}): {reason}",
            )
        )
    faithful = [each for each in images if _beats(each, baseline, "r_ergas")]
    if faithful:
        findings.append(
            Finding(
                "good",
                f"{named(faithful)} {plural(len(faithful), 'stays', 'stay')} faithful to MS: brought back to its grid, "
                f"{plural(len(faithful), 'it is', 'they are')} nearer to it than plain enlargement (R-ERGAS {start}).",
            )
        )
    return findings


def _results(image: Candidate, key: str) -> Results:
    return image.reduced if key in _AGAINST_TRUTH else image.full


def _value(image: Candidate, key: str) -> str:
    return decimal(number(_results(image, key), key), DIGITS[key])


def _span(images: Sequence[Candidate], key: str) -> str:
    """Return the values of images as "0.12", or "0.12 … 0.34" from the least to the greatest."""
    values = [value for each in images if (value := number(_results(each, key), key)) is not None]
    return " … ".join(dict.fromkeys(decimal(value, DIGITS[key]) for value in (min(values), max(values))))


def _beats(one: Optional[Candidate], other: Optional[Candidate], key: str) -> bool:
    if one is None or other is None:
        return False
    return better(key, number(_results(one, key), key), number(_results(other, key), key))


def _leaders(images: Sequence[Candidate], key: str) -> list[Candidate]:
    """Return the image with the best value and those that differ from it by nothing."""
    values = [number(_results(each, key), key) for each in images]
    if sum(value is not None for value in values) == 1:
        return [each for each, value in zip(images, values) if value is not None]
    return [each for each, standing in zip(images, standings(key, values)) if standing in ("best", "as good")]


def _names(keys: Iterable[str]) -> str:
    *first, last = (METRICS[key].name for key in keys)
    return f"{', '.join(first)} or {last}" if first else last


def _listed(found: Sequence[tuple[float, str]]) -> str:
    """Return the worst few first."""
    words = [words for _, words in sorted(found, reverse=True)]
    rest = len(words) - 3
    return ", ".join(words[:3]) + (f" and {rest} more" if rest > 0 else "")
