"""No byte crosses the network unless the user's own words name a place there."""

from __future__ import annotations

import json
import ntpath
import posixpath
import signal
import stat
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from osgeo import gdal

from engine.errors import InputError
from engine.jobs.mishap import explained
from engine.raster import faraway
from engine.raster.dataset import Reader, facts_of, open_raster
from engine.raster.workplace import workplace
from tests import rasters
from tests.jobs.runs import sharpened
from tests.pairs import write_pair
from tests.reliability.faults import ROOT, Server

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the filter of system calls is Linux's")


def netless(*verbs: list[str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.reliability.netless", json.dumps(verbs)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)


@linux
def test_sharpening_simulating_and_judging_take_no_step_towards_the_network(tmp_path: Path) -> None:
    pair = write_pair(tmp_path / "pair", size=192)
    both = ["--pan", pair.pan, "--ms", pair.ms]
    out = {name: str(tmp_path / f"{name}.tif") for name in ("sharp", "p", "m", "truth", "again")}
    done = netless(
        ["sharpen", *both, "--out", out["sharp"], "--method", "gsa"],
        ["simulate", *both, "--out-pan", out["p"], "--out-ms", out["m"], "--out-reference", out["truth"]],
        ["sharpen", "--pan", out["p"], "--ms", out["m"], "--out", out["again"], "--method", "exp"],
        ["evaluate", "--fused", out["again"], "--reference", out["truth"], "--ratio", "4"],
        ["assess", "--fused", out["sharp"], *both],
        ["report", *both, "--methods", "exp", "gsa", "--html", str(tmp_path / "report.html")],
    )
    assert done.returncode == 0, done.stderr
    assert all(Path(path).exists() for path in out.values())


@linux
def test_the_proof_sees_a_step_that_a_library_takes(tmp_path: Path) -> None:
    write_pair(tmp_path, size=64)
    asked = ["describe", "--pan", "/vsicurl/http://127.0.0.1:9/pan.tif", "--ms", str(tmp_path / "ms.tif")]
    assert netless(asked).returncode == -signal.SIGSYS


# Local files that lead there


def virtual(source: str, more: str = "", properties: bool = True) -> str:
    """Return a virtual raster of one band."""
    size = '<SourceProperties RasterXSize="64" RasterYSize="64" DataType="UInt16"/>' if properties else ""
    return (
        f'<VRTDataset rasterXSize="64" rasterYSize="64">{more}<VRTRasterBand dataType="UInt16" band="1"><SimpleSource>'
        f'<SourceFilename relativeToVRT="1">{source}</SourceFilename><SourceBand>1</SourceBand>{size}'
        "</SimpleSource></VRTRasterBand></VRTDataset>"
    )


TILES = (
    '<GDAL_WMS><Service name="TMS"><ServerUrl>HTTP/${z}/${x}/${y}.png</ServerUrl></Service><DataWindow><UpperLeftX>0'
    "</UpperLeftX><UpperLeftY>9</UpperLeftY><LowerRightX>9</LowerRightX><LowerRightY>0</LowerRightY><SizeX>64</SizeX>"
    "<SizeY>64</SizeY></DataWindow><BandsCount>1</BandsCount></GDAL_WMS>"
)
WARPED = (
    '<VRTDataset rasterXSize="64" rasterYSize="64" subClass="VRTWarpedDataset"><VRTRasterBand dataType="UInt16" '
    'band="1" subClass="VRTWarpedRasterBand"/><GDALWarpOptions><SourceDataset>/vsicurl/HTTP/w.tif</SourceDataset>'
    "</GDALWarpOptions></VRTDataset>"
)
OVERVIEWS = '<MDI key="OVERVIEW_FILE">/vsicurl/HTTP/o.tif</MDI>'
CACHED = (
    "<MRF_META><CachedSource><Source>/vsicurl/HTTP/s.tif</Source></CachedSource><Raster><Size x='64' y='64' c='1'/>"
    "<PageSize x='64' y='64' c='1'/><DataFile>/vsicurl/HTTP/d</DataFile></Raster></MRF_META>"
)
PLACEMARKS = (
    '<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document><Region><LatLonAltBox/><Lod/></Region>'
    "<NetworkLink><Region/><Link><href>HTTP/k.kml</href></Link></NetworkLink></Document></kml>"
)
LEADING = {
    "image.vrt": virtual("/vsicurl/HTTP/a.tif"),
    "opened at once.vrt": virtual("/vsicurl/HTTP/a.tif", properties=False),
    "plain address.vrt": virtual("HTTP/a.tif"),
    "streamed.vrt": virtual("/vsicurl_streaming/HTTP/a.tif"),
    "archive.vrt": virtual("/vsizip//vsicurl/HTTP/a.zip/a.tif"),
    "bucket.vrt": virtual("/vsis3/somebody/a.tif"),
    "hidden in letters.vrt": virtual("&#47;vsi&#x63;url/HTTP/a.tif"),
    "hidden in a section.vrt": virtual("<![CDATA[/vsicurl/HTTP/a.tif]]>"),
    "another name.tif": virtual("/vsicurl/HTTP/a.tif"),
    "service.vrt": virtual("WMS:HTTP/wms?SERVICE=WMS", properties=False),
    "in line.vrt": virtual(TILES.replace("<", "&lt;").replace(">", "&gt;"), properties=False),
    "tiles.tif": TILES,
    "tiles.vrt": virtual("tiles.tif"),
    "capabilities.xml": "<GDAL_WMTS><GetCapabilitiesUrl>HTTP/c.xml</GetCapabilitiesUrl></GDAL_WMTS>",
    "coverage.xml": "<WCS_GDAL><ServiceURL>HTTP/w?</ServiceURL><CoverageName>x</CoverageName></WCS_GDAL>",
    "placemarks.kml": PLACEMARKS,
    "warped.vrt": WARPED,
    "cached.mrf": CACHED,
    "geolocated.vrt": virtual(
        "near.tif", '<Metadata domain="GEOLOCATION"><MDI key="X_DATASET">/vsicurl/HTTP/x.tif</MDI></Metadata>'
    ),
    "virtual of virtual.vrt": virtual("image.vrt"),
    "by another door.vrt": virtual("vrt://image.vrt?bands=1"),
    "near.tif.aux.xml": f'<PAMDataset><Metadata domain="OVERVIEWS">{OVERVIEWS}</Metadata></PAMDataset>',
    "near.tif.ovr": virtual("/vsicurl/HTTP/o.tif", properties=False),
    "near.tif.msk": virtual("/vsicurl/HTTP/m.tif", properties=False),
}


@pytest.mark.parametrize("name", LEADING)
def test_a_local_file_that_leads_to_the_network_is_refused_before_a_byte_is_asked_for(
    name: str, tmp_path: Path
) -> None:
    near = rasters.write(tmp_path / "near.tif", np.ones((600, 600), np.uint16), rasters.north_up(10))
    beside = name.startswith("near.tif.")
    with Server() as server:
        for one, text in LEADING.items():
            if one == name or not one.startswith("near.tif."):
                (tmp_path / one).write_text(text.replace("HTTP", server.address), encoding="utf-8")
        asked = near if beside else str(tmp_path / name)
        with pytest.raises(InputError, match="lies on this computer, but leads to the network") as caught:
            read(asked)
        assert server.asked == []
    assert asked in caught.value.fact


@pytest.mark.parametrize(
    ("asked", "files"),
    {
        "sidecar of an image that is named inside its file": ("GTIFF_DIR:1:HERE/near.tif", {"near.tif.ovr": TILES}),
        "line break in a name": ("HERE/o.vrt", {"o.vrt": virtual("a&#10;b.vrt"), "a\nb.vrt": virtual("t.xml")}),
        "space before a name": ("HERE/o.vrt", {"o.vrt": virtual("&#32;b.vrt"), " b.vrt": virtual("t.xml")}),
        "document instead of a name": (virtual("HERE/b.vrt"), {"b.vrt": virtual("t.xml")}),
        "document in a document": (
            "HERE/o.vrt",
            {"o.vrt": virtual(virtual("HERE/t.xml").replace("<", "&lt;").replace(">", "&gt;"), properties=False)},
        ),
    }.values(),
    ids=["inside", "line break", "space", "document", "nested document"],
)
def test_no_way_of_writing_a_name_hides_that_it_leads_to_the_network(
    asked: str, files: dict[str, str], tmp_path: Path
) -> None:
    rasters.write(tmp_path / "near.tif", np.ones((600, 600), np.uint16), rasters.north_up(10))
    with Server() as server:
        for name, text in {"t.xml": TILES, **files}.items():
            text = text.replace("HERE", str(tmp_path)).replace("HTTP", server.address)
            (tmp_path / name).write_text(text, encoding="utf-8")
        with pytest.raises(InputError, match="leads to the network"):
            read(asked.replace("HERE", str(tmp_path)))
        assert server.asked == []


def test_an_archive_that_leads_to_the_network_is_refused(tmp_path: Path) -> None:
    with Server() as server:
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
            archive.writestr("o.vrt", virtual("t.xml"))
            archive.writestr("t.xml", TILES.replace("HTTP", server.address))
        with pytest.raises(InputError, match="leads to the network"):
            read(f"/vsizip/{tmp_path}/a.zip/o.vrt")
        assert server.asked == []


def test_overviews_that_the_tags_of_an_image_name_are_refused_too(tmp_path: Path) -> None:
    with Server() as server:
        metadata = {"OVERVIEWS": {"OVERVIEW_FILE": f"/vsicurl_streaming/{server.address}/o.tif"}}
        path = rasters.write(tmp_path / "a.tif", np.ones((600, 600), np.uint16), metadata=metadata)
        assert [one.name for one in tmp_path.iterdir()] == ["a.tif"], "it is inside the file"
        with pytest.raises(InputError, match="leads to the network"):
            read(path)
        assert server.asked == []


def test_an_address_in_a_description_or_a_comment_is_no_way_to_the_network(tmp_path: Path) -> None:
    rasters.write(tmp_path / "near.tif", np.full((64, 64), 7, np.uint16), metadata={"": {"TERMS": "https://a.example"}})
    more = '<Metadata><MDI key="TERMS">https://a.example/licence</MDI></Metadata><!-- /vsicurl/ -->'
    (tmp_path / "v.vrt").write_text(virtual("near.tif", more), encoding="utf-8")
    assert (read(str(tmp_path / "v.vrt")) == 7).all()


def test_code_inside_a_virtual_raster_is_not_run(tmp_path: Path) -> None:
    rasters.write(tmp_path / "near.tif", np.ones((64, 64), np.uint16))
    code = f"import os\ndef f(*_):\n    open({str(tmp_path / 'ran')!r}, 'w')\n"
    derived = (
        "<PixelFunctionLanguage>Python</PixelFunctionLanguage><PixelFunctionType>f</PixelFunctionType>"
        f"<PixelFunctionCode><![CDATA[{code}]]></PixelFunctionCode><SimpleSource>"
    )
    text = virtual("near.tif").replace("<SimpleSource>", derived)
    (tmp_path / "v.vrt").write_text(text.replace('band="1"', 'band="1" subClass="VRTDerivedRasterBand"'))
    with pytest.raises(InputError, match="Python code"):
        read(str(tmp_path / "v.vrt"))
    assert not (tmp_path / "ran").exists()


def read(path: str) -> Any:
    facts = facts_of(path)
    return Reader(path, facts.bands, None, "float32").read(facts.grid.window)[0]


# The user's own words


def test_an_image_on_the_network_is_read_where_the_user_names_it(tmp_path: Path) -> None:
    pair = write_pair(tmp_path / "pair", size=192)
    (tmp_path / "out").mkdir()
    here, _ = sharpened(pair.request(tmp_path / "out" / "here.tif", method="gsa"))
    with Server(tmp_path / "pair") as server:
        pan = f"/vsicurl/{server.address}/pan.tif"
        there, _ = sharpened(pair.request(tmp_path / "out" / "there.tif", method="gsa", pan=pan))
        assert any("pan.tif" in path for path in server.asked)
    assert np.array_equal(here, there)


@pytest.mark.slow
def test_a_server_that_falls_silent_is_not_waited_for_without_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    assert float(faraway._PATIENT["GDAL_HTTP_LOW_SPEED_TIME"]) <= 60
    monkeypatch.setattr(faraway, "_PATIENT", {**faraway._PATIENT, "GDAL_HTTP_LOW_SPEED_TIME": "1"})
    with Server(silent=True) as server:
        begun = time.monotonic()
        with pytest.raises(InputError, match="cannot be opened as an image"):
            open_raster(f"/vsicurl/{server.address}/silent.tif")
        assert server.asked and time.monotonic() - begun < 10
    assert gdal.GetConfigOption("GDAL_HTTP_LOW_SPEED_TIME") is None, "what the process has set stays"


def test_looking_for_changes_asks_no_server_for_more_than_the_image(tmp_path: Path) -> None:
    write_pair(tmp_path / "pair", size=64)
    with Server(tmp_path / "pair") as server:
        path = f"/vsicurl/{server.address}/pan.tif"
        facts = facts_of(path)
        asked = [len(server.asked)]
        for open_again in (lambda: open_raster(path), lambda: Reader(path, facts.bands, None, "float32")):
            open_again()
            asked.append(len(server.asked))
        assert asked[2] - asked[1] <= asked[1] - asked[0]


def test_a_name_in_no_archive_is_searched_for_one_to_the_root_and_no_further(monkeypatch: pytest.MonkeyPatch) -> None:
    for path in (posixpath, ntpath):
        monkeypatch.setattr(faraway, "os", SimpleNamespace(path=path))
        for place in ("/none/a.zip/b.tif", "C:/none/a.zip/b.tif", "C:\\none\\a.zip\\b.tif", "a.zip", ""):
            assert faraway._archive_of(f"/vsizip/{place}") == ""


# Files of this user alone


def test_what_is_kept_outside_the_results_is_for_this_user_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with workplace("") as place:
        assert stat.S_IMODE(Path(place).stat().st_mode) == 0o700
    explained(ValueError("x"), "a test")
    (log,) = tmp_path.iterdir()
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
