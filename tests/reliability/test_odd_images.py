"""Images of odd sizes, values and bands, and names of any letters: a right result, or a sentence."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any, Optional

import numpy as np
import pytest

from engine.errors import EngineError, InputError, MethodError, OutputError, PairingError
from engine.events import Finished
from engine.jobs.report import report
from engine.jobs.sharpen import sharpen
from engine.request import METHODS, ReportRequest, SharpenRequest
from tests import pairs, rasters
from tests.jobs.runs import Run, files_in, refusal, run, sharpened
from tests.pairs import Floats, Pair, write_pair
from tests.slowness import mostly_slow


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return write_pair(tmp_path_factory.mktemp("plain"), size=128)


def image(path: Path, array: Any, pixel: float, **more: Any) -> str:
    return rasters.write(path, array, pairs.affine((pixel, pixel)), pairs.EPSG, **more)


def counts(bands: int, height: int, width: int) -> Any:
    return np.random.default_rng(5).integers(100, 900, (bands, height, width)).astype(np.uint16)


def pair_of(folder: Path, size: tuple[int, int], ms_size: tuple[int, int], bands: int = 4) -> tuple[str, str]:
    """Write noise of these sizes (h, w); a pixel of MS is four wide."""
    return (
        image(folder / "pan.tif", counts(1, *size), 1.0),
        image(folder / "ms.tif", counts(bands, *ms_size), 4.0),
    )


def made(pan: str, ms: str, out: Path, **changes: Any) -> tuple[Floats, Run]:
    return sharpened(SharpenRequest(pan, (ms,), out=str(out), threads=2, **changes))


# Sizes


@pytest.mark.parametrize("content", [b"", b"II*\0", b"<VRTDataset", b"\x89HDF\r\n\x1a\n", bytes(4096)])
def test_a_file_of_no_bytes_or_hardly_any_is_refused(content: bytes, plain: Pair, tmp_path: Path) -> None:
    empty = tmp_path / "empty.tif"
    empty.write_bytes(content)
    (tmp_path / "out").mkdir()
    for changes in ({"pan": str(empty)}, {"ms": (str(empty),)}):
        refusal(plain.request(tmp_path / "out" / "o.tif", **changes), InputError)


@pytest.mark.parametrize(
    ("size", "ms_size"),
    [((1, 1), (1, 1)), ((4, 4), (1, 1)), ((1, 256), (1, 64)), ((256, 1), (64, 1)), ((4, 256), (1, 64))],
)
@pytest.mark.parametrize("method", mostly_slow(METHODS, 0, 4, 8))
def test_an_image_of_one_pixel_or_one_row_is_sharpened_or_refused_in_words(
    method: str, size: tuple[int, int], ms_size: tuple[int, int], tmp_path: Path
) -> None:
    pan, ms = pair_of(tmp_path, size, ms_size)
    try:
        result, _ = made(pan, ms, tmp_path / "o.tif", method=method)
    except (MethodError, PairingError) as error:
        assert method != "exp" and error.fact.endswith(".") and error.remedy.endswith(".")
        assert not (tmp_path / "o.tif").exists()
    else:
        assert result.shape == (4, *size) and np.isfinite(result).all()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("size", "ms_size"),
    [((10, 100_000), (3, 25_000)), ((100_000, 10), (25_000, 3))],
)
def test_an_image_of_100000_by_10_pixels_is_sharpened(
    size: tuple[int, int], ms_size: tuple[int, int], tmp_path: Path
) -> None:
    pan, ms = pair_of(tmp_path, size, ms_size, bands=1)
    result, _ = made(pan, ms, tmp_path / "o.tif", method="exp")
    assert result.shape == (1, *size) and 100 < result.mean() < 900


# Values


def test_nodata_that_nobody_declared_and_infinities_are_no_values(tmp_path: Path) -> None:
    pair = write_pair(tmp_path / "pair", size=256, data_type="float32")
    expected, _ = sharpened(pair.request(tmp_path / "e.tif"))
    ms = rasters.read(pair.ms)
    odd = (np.inf, -np.inf, np.nan, -3.4028235e38, 1.0e38, -1.0e16)
    for place, value in enumerate(odd):
        ms[place % 4, 2:7, 4 + 6 * place : 8 + 6 * place] = value
    path = image(tmp_path / "ms.tif", ms, 4.0, names=pairs.NAMES)
    result, said = made(pair.pan, path, tmp_path / "o.tif")
    gap = np.isnan(result).any(axis=0)
    assert all(gap[16:20, start + 4 : start + 12].all() for start in range(16, 160, 24)) and not gap[64:].any()
    assert said.result["valid_share"] < 1.0
    # What was learnt from the rest is nearly the same, of counts up to 2000, and nothing huge has leaked into it.
    assert np.abs(result - expected)[:, 64:].max() < 12.0


@pytest.mark.parametrize("value", mostly_slow([np.inf, -np.inf, np.nan, 1.7e308], 0, 2))
@pytest.mark.parametrize("which", ["pan", "ms"])
def test_an_image_of_nothing_but_infinities_is_refused(value: float, which: str, plain: Pair, tmp_path: Path) -> None:
    array = np.full((1, 128, 128) if which == "pan" else (4, 32, 32), value)
    path = image(tmp_path / "odd.tif", array, 1.0 if which == "pan" else 4.0)
    (tmp_path / "out").mkdir()
    changes: dict[str, Any] = {"pan": path} if which == "pan" else {"ms": (path,)}
    refusal(plain.request(tmp_path / "out" / "o.tif", method="exp", **changes))


@pytest.mark.parametrize("method", mostly_slow(METHODS, 1, 8))
@pytest.mark.parametrize("value", [0, 65535])
def test_constant_bands_beside_others_give_finite_values(method: str, value: int, plain: Pair, tmp_path: Path) -> None:
    ms = rasters.read(plain.ms)
    ms[1] = value
    result, _ = made(plain.pan, image(tmp_path / "ms.tif", ms, 4.0), tmp_path / "o.tif", method=method)
    assert np.isfinite(result).all() and result[0].std() > 10


# Bands


@pytest.mark.slow
def test_64_bands_are_sharpened_each_as_it_would_be_alone(tmp_path: Path, plain: Pair) -> None:
    ms = np.tile(rasters.read(plain.ms), (16, 1, 1))
    path = image(tmp_path / "ms.tif", ms, 4.0)
    result, said = made(plain.pan, path, tmp_path / "o.tif", method="mtf-glp-fs")
    assert result.shape == (64, 128, 128) and said.result["bands"] == 64
    assert all(np.array_equal(result[band], result[band % 4]) for band in range(64))


def test_bands_of_one_name_stay_apart(plain: Pair, tmp_path: Path) -> None:
    path = image(tmp_path / "ms.tif", rasters.read(plain.ms), 4.0, names=("Red", "Red", "", "Red"))
    result, said = made(plain.pan, path, tmp_path / "o.tif", method="exp")
    alone, _ = made(plain.pan, plain.ms, tmp_path / "a.tif", method="exp")
    assert np.array_equal(result, alone) and len(said.result["band_names"]) == 4


def test_a_pan_of_several_bands_asks_which_and_takes_each(plain: Pair, tmp_path: Path) -> None:
    pan = rasters.read(plain.pan)[0]
    path = image(tmp_path / "pan.tif", np.stack([pan, pan[::-1], pan // 2]), 1.0)
    (tmp_path / "out").mkdir()
    assert "3" in refusal(plain.request(tmp_path / "out" / "o.tif", pan=path, method="gsa"), InputError)
    refusal(plain.request(tmp_path / "out" / "o.tif", pan=path, pan_band=4, method="gsa"))
    result, _ = made(path, plain.ms, tmp_path / "o.tif", method="gsa", pan_band=1)
    alone, _ = made(plain.pan, plain.ms, tmp_path / "a.tif", method="gsa")
    assert np.array_equal(result, alone)


# Names


NAMES = (
    'it\'s a "größer" 雪 & $HOME',
    "new\nline\ttab",
    "%s {} \\ <b>&amp;",
    "a:b",
    "HDF5:a?b=c",
    "http:x",
    "-dash *",
    " spaces ",
    "x" * 246,
    "雪" * 82,
)


@pytest.mark.skipif(os.name == "nt", reason="its names know no such letters")
@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_names_of_any_letters_and_250_of_them_do_no_harm(name: str, plain: Pair, tmp_path: Path) -> None:
    folder = tmp_path / name
    folder.mkdir()
    pan, ms = (str(folder / f"{name[:-1]}{end}.tif") for end in "pm")
    shutil.copy(plain.pan, pan)
    shutil.copy(plain.ms, ms)
    out = folder / f"{name}.tif"
    assert len(os.fsencode(out.name)) <= 250
    result, said = made(pan, ms, out, method="exp")
    assert result.shape == (4, 128, 128) and said.result["output"] == str(out)
    assert files_in(folder).keys() == {Path(pan).name, Path(ms).name, out.name}


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES[:3], ids=range(3))
def test_names_of_any_letters_are_shown_in_a_report(name: str, plain: Pair, tmp_path: Path) -> None:
    pan, page = str(tmp_path / f"{name}.tif"), tmp_path / f"{name}.html"
    shutil.copy(plain.pan, pan)
    told = run(report(ReportRequest(pan, (plain.ms,), methods=("exp",), out_html=str(page))))
    assert isinstance(told.events[-1], Finished) and page.read_text(encoding="utf-8").startswith("<!")


def test_a_name_too_long_for_what_stands_behind_it_is_refused_at_once(plain: Pair, tmp_path: Path) -> None:
    out = tmp_path / ("x" * 246 + ".tif")
    kept = refusal(plain.request(out, method="exp", resume=True), OutputError)
    assert "is too long" in kept and kept.endswith("Choose a shorter name.")
    assert "is too long" in refusal(plain.request(out, method="exp", format="cog"), OutputError)
    refusal(plain.request(tmp_path / ("x" * 300 + ".tif"), method="exp"), OutputError)


@pytest.mark.parametrize("where", ["pan", "out", "ms"])
def test_a_name_that_is_no_text_is_refused(where: str, plain: Pair, tmp_path: Path) -> None:
    name = os.fsdecode(os.fsencode(tmp_path) + b"/na\xffme.tif")
    shutil.copy(plain.pan, name)
    changes: Any = {"ms": (name,)} if where == "ms" else {"pan": name} if where == "pan" else {}
    out: Optional[str] = name if where == "out" else str(tmp_path / "o.tif")
    with pytest.raises(EngineError):
        run(sharpen(SharpenRequest(**{"pan": plain.pan, "ms": (plain.ms,), "out": out, "method": "exp", **changes})))
    assert files_in(tmp_path).keys() == {Path(name).name}
