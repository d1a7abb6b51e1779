"""Creation options that GDAL would pass over in silence are refused, with what was probably meant."""

from __future__ import annotations

import pytest

from engine.errors import RequestError
from engine.raster.options import check_options


@pytest.mark.parametrize(
    ("option", "cloud_optimised", "said"),
    [
        ("COMPRES=LZW", False, r"takes no creation option COMPRES\. Did you mean COMPRESS"),
        ("compres=lzw", True, r"takes no creation option COMPRES\. Did you mean COMPRESS"),
        ("FOO=1", False, r"takes no creation option FOO\. It takes .*BIGTIFF.*COMPRESS"),
        ("COMPRESS=FOO", False, r"COMPRESS of a GeoTIFF cannot be 'FOO'\. It takes NONE, LZW"),
        ("COMPRESS=deflat", False, r"cannot be 'deflat'\. Did you mean DEFLATE\?"),
        ("INTERLEAVE=LINES", False, r"INTERLEAVE of a GeoTIFF cannot be 'LINES'\. It takes BAND, PIXEL"),
        ("COMPRESS=", False, r"cannot be ''"),
        ("ZLEVEL=high", False, r"ZLEVEL of a GeoTIFF cannot be 'high'\. Give a whole number"),
        ("TILED=maybe", False, r"cannot be 'maybe'\. Give YES or NO"),
        ("MAX_Z_ERROR=x", True, r"cannot be 'x'\. Give a number"),
        ("BLOCKSIZE=64", True, r"cannot be '64'\. Give 128 or more"),
        ("BLOCKXSIZE=256", True, r"A cloud-optimised GeoTIFF takes no creation option BLOCKXSIZE, unlike.*BLOCKSIZE"),
        ("TILED=YES", True, r"A cloud-optimised GeoTIFF takes no creation option TILED, unlike other GeoTIFFs\."),
        ("BLOCKSIZE=256", False, r"A GeoTIFF takes no creation option BLOCKSIZE\. Did you mean BLOCK.SIZE"),
        ("PREDICTOR=1", True, r"PREDICTOR of a cloud-optimised GeoTIFF cannot be '1'"),
    ],
)
def test_what_gdal_does_not_know_is_refused(option: str, cloud_optimised: bool, said: str) -> None:
    with pytest.raises(RequestError, match=said):
        check_options(("BIGTIFF=YES", option), cloud_optimised)


@pytest.mark.parametrize(
    ("option", "cloud_optimised"),
    [
        ("compress=zstd", False),
        (" Compress = LZW ", False),
        ("BIGTIFF=TRUE", False),
        ("TILED=off", False),
        ("ZLEVEL=9", False),
        ("PHOTOMETRIC=RGB", False),
        ("NUM_THREADS=ALL_CPUS", False),
        ("MAX_Z_ERROR=1e-3", False),
        ("TILED=1", False),
        ("PREDICTOR=2", True),
        ("PREDICTOR=FALSE", True),
        ("LEVEL=9", True),
        ("OVERVIEW_RESAMPLING=NEAREST", True),
        ("BLOCKSIZE=128", True),
    ],
)
def test_what_gdal_knows_is_taken_however_it_is_spelled(option: str, cloud_optimised: bool) -> None:
    check_options((option,), cloud_optimised)
