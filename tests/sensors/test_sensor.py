"""Recognising sensors from the clues of real products, reading band names, and refusing to guess."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Optional

import pytest

from engine.sensors.sensor import Clues, band_index, detect, display_bands, find, roles

BGRN = ("blue", "green", "red", "nir")


def named(*band_names: str) -> Clues:
    return Clues(band_names=band_names, band_count=len(band_names))


def nameless(count: int, *files: str, metadata: Optional[Mapping[str, str]] = None) -> Clues:
    return Clues(file_names=files, band_names=("",) * count, metadata=metadata or {}, band_count=count)


def at(*wavelengths: Optional[float], ratio: Optional[float] = None) -> Clues:
    return Clues(wavelengths_um=wavelengths, band_count=len(wavelengths), ratio=ratio)


def recognised(clues: Clues) -> Optional[str]:
    detection = detect(clues)
    return detection.sensor.id if detection else None


# Metadata


@pytest.mark.parametrize(
    ("metadata", "sensor"),
    [
        ({"SATELLITEID": "WV03"}, "worldview3"),  # GDAL's IMAGERY domain
        ({"SATELLITEID": "GE01"}, "geoeye1"),
        ({"SATELLITEID": "PHR 1B"}, "pleiades"),
        ({"SATELLITEID": "SPOT 6"}, "spot6-7"),
        ({"SATELLITEID": "KOMPSAT-3A AEISS-A"}, "kompsat3"),
        ({"SATELLITEID": "PNEO 4"}, "pleiades-neo"),
        ({"IMAGE_1.SATID": '"QB02"'}, "quickbird"),  # GDAL's IMD domain keeps the quotes
        ({"LANDSAT_METADATA_FILE.IMAGE_ATTRIBUTES.SPACECRAFT_ID": '"LANDSAT_8"'}, "landsat8-9"),
        ({"SPACECRAFT_ID": "LANDSAT_7", "SENSOR_ID": "ETM"}, "landsat7"),
        ({"SPACECRAFT_ID": "LANDSAT_9", "SENSOR_ID": "OLI_TIRS"}, "landsat8-9"),
        ({"MISSION": "SPOT", "MISSION_INDEX": "5", "INSTRUMENT": "HRG"}, "spot5"),
        ({"STRIP_SOURCE.MISSION": "PHR", "STRIP_SOURCE.MISSION_INDEX": "1A"}, "pleiades"),
        ({"SATELLITE": "CBERS4A", "SENSOR": "WPM"}, "cbers4a-wpm"),
        ({"SPACECRAFT_ID": "EO1", "SENSOR_ID": "ALI"}, "eo1-ali"),
        ({"LANDSAT_PRODUCT_ID": "LC09_L1TP_017051_20221205_20230319_02_T1"}, "landsat8-9"),
        ({"TIFFTAG_IMAGEDESCRIPTION": "GF2_PMS1_E116.2_N39.9_20150212_L1A0000647768-MSS1"}, "gaofen2"),
    ],
)  # fmt: skip
def test_metadata_tell_the_sensor(metadata: dict[str, str], sensor: str) -> None:
    detection = detect(nameless(3, metadata=metadata))
    assert detection is not None
    assert detection.sensor.id == sensor
    assert next(iter(metadata)) in detection.reason or "SENSOR" in detection.reason or "INSTRUMENT" in detection.reason
    assert detection.reason.endswith(".")


def test_metadata_are_believed_before_file_names() -> None:
    assert recognised(nameless(4, "WV02_scene.tif", metadata={"SATELLITEID": "GE01"})) == "geoeye1"


def test_a_satellite_that_is_not_in_the_table_is_not_replaced_by_a_guess() -> None:
    landsat = (0.482, 0.561, 0.655, 0.865)
    clues = Clues(
        file_names=("landsat8_twin.tif",), wavelengths_um=landsat, metadata={"SATELLITEID": "Sentinel-2A"}, band_count=4
    )
    assert recognised(clues) is None


@pytest.mark.parametrize("value", ["", "unknown", "generic", "SPOT", "WorldView-1", "WorldView", "Landsat"])
def test_a_satellite_that_is_half_named_is_not_recognised(value: str) -> None:
    assert recognised(nameless(4, metadata={"SATELLITEID": value})) is None


def test_metadata_that_contradict_each_other_tell_nothing() -> None:
    assert recognised(nameless(4, metadata={"SATELLITEID": "WV02", "PLATFORM": "WV03"})) is None


# File names


@pytest.mark.parametrize(
    ("file_name", "sensor"),
    [
        ("LC08_L1TP_017051_20151205_20200908_02_T1_B4.TIF", "landsat8-9"),
        ("LC81950252013195LGN00_B4.TIF", "landsat8-9"),
        ("LC09_L2SP_017051_20221205_20230319_02_T1_SR_B4.TIF", "landsat8-9"),
        ("LE07_L1TP_195025_20010715_20200917_02_T1_B4.TIF", "landsat7"),
        ("L71195025_02520010715_B40.TIF", "landsat7"),
        ("/data/WV03_20150712_10400100/x_M1BS.tif", "worldview3"),
        ("aoi_WV2_ms.tif", "worldview2"),
        ("QB02_20050401_M2AS.tif", "quickbird"),
        ("GE01_20110401_M2AS.tif", "geoeye1"),
        ("DS_PHR1A_201203030123_FR1/IMG_PHR1A_MS_201203030123_SEN_R1C1.TIF", "pleiades"),
        (r"C:\scenes\DS_PHR1B_2013\ms.tif", "pleiades"),
        ("IMG_SPOT6_MS_201303190953_ORT_R1C1.TIF", "spot6-7"),
        ("IMG_PNEO3_202110021142137_MS-FS_SEN_RGB_R1C1.TIF", "pleiades-neo"),
        ("GF2_PMS1_E116.2_N39.9_20150212_L1A0000647768-MSS1.tiff", "gaofen2"),
        ("GF1_PMS2_E116.2_N39.9_20150212_L1A0000647768-MSS2.tiff", "gaofen1"),
        ("CBERS_4A_WPM_20200612_200_139_L4_BAND3.tif", "cbers4a-wpm"),
        ("K3A_20150710044223_05956_09411268_L1G_R.tif", "kompsat3"),
        ("SV1-01_20170103_L1B0000000001_109001-MUX.tiff", "superview1"),
        ("EO1A1930282008123110KF_B05_L1T.TIF", "eo1-ali"),
        ("landsat7_fusebox_01/ms.tif", "landsat7"),
    ],
)
def test_file_names_of_the_operators_tell_the_sensor(file_name: str, sensor: str) -> None:
    assert recognised(nameless(1, file_name)) == sensor


@pytest.mark.parametrize(
    "file_name",
    [
        "ms.tif",
        "S2A_MSIL2A_20200101_B04.jp2",
        "LT05_L1TP_195025_19900715_B4.TIF",  # Landsat 5 has no PAN
        "WV01_20080401_P2AS.tif",  # WorldView-1 has no MS
        "CBERS_4A_MUX_20200612_BAND5.tif",
        "GF1_WFV1_E116_N39.tiff",
        "XWV03X.tif",
        "/home/landsat8/projects/region/quarter/ms.tif",  # too far up to be the delivery's folder
    ],
)
def test_other_file_names_tell_nothing(file_name: str) -> None:
    assert recognised(nameless(4, file_name)) is None


def test_files_of_two_sensors_tell_nothing() -> None:
    assert recognised(nameless(2, "LC08_L1TP_195025_x_B4.TIF", "LE07_L1TP_195025_x_B4.TIF")) is None
    assert recognised(nameless(4, "landsat7_and_landsat8.tif")) is None


def test_the_file_name_is_believed_before_its_folder() -> None:
    assert recognised(nameless(4, "WV02_archive/WV03_scene.tif")) == "worldview3"


# Wavelengths


def test_wavelengths_of_landsat_8_tell_it() -> None:
    detection = detect(at(0.4430, 0.4826, 0.5613, 0.6546, 0.8646, 1.6090, 2.2010))  # as ENVI headers give them
    assert detection is not None
    assert detection.sensor.id == "landsat8-9"
    assert detection.band_roles == ("coastal", *BGRN, "swir1", "swir2")
    assert "wavelengths" in detection.reason


def test_wavelengths_that_fit_several_sensors_tell_none() -> None:
    assert recognised(at(0.480, 0.545, 0.6725, 0.850)) is None  # GeoEye-1 and WorldView-4
    assert recognised(at(0.425, 0.480, 0.545, 0.605, 0.660, 0.725, 0.8325, 0.950)) is None  # WorldView-2 and 3


def test_the_ratio_separates_sensors_of_like_wavelengths() -> None:
    thematic_mapper = (0.485, 0.560, 0.660, 0.830)
    assert recognised(at(*thematic_mapper)) is None
    assert recognised(at(*thematic_mapper, ratio=2.0)) == "landsat7"
    assert recognised(at(*thematic_mapper, ratio=4.0)) is None  # QuickBird, KOMPSAT-3


@pytest.mark.parametrize("bands", [(0.4924, 0.5598, 0.6646, 0.8328), (0.490, 0.560, 0.665, 0.842)])
def test_sentinel_2_is_not_taken_for_a_sensor_of_the_table(bands: tuple[float, ...]) -> None:
    assert recognised(at(*bands)) is None
    assert recognised(at(*bands, ratio=4.0)) is None


def test_three_wavelengths_or_a_gap_are_too_little() -> None:
    assert recognised(at(0.482, 0.561, 0.655)) is None
    assert recognised(at(0.482, 0.561, 0.655, 0.865, None)) is None


@pytest.mark.parametrize("count", [1, 3, 4, 6, 8, 10])
@pytest.mark.parametrize("ratio", [2.0, 4.0])
def test_nothing_is_recognised_by_the_number_of_bands(count: int, ratio: float) -> None:
    assert detect(Clues(("ms.tif",), ("",) * count, (None,) * count, {}, count, ratio)) is None
    assert roles(nameless(count), None) == (None,) * count


# Roles


def test_a_wavelength_weighs_more_than_a_name() -> None:
    clues = Clues(band_names=("Red", "Blue"), wavelengths_um=(0.842, None), band_count=2)
    assert roles(clues, None) == ("nir", "blue")


def test_one_band_per_file_is_read_from_the_names_of_the_files() -> None:
    assert roles(nameless(3, "x_red.tif", "x_near_infrared.tif", "x_red_edge.tif"), None) == ("red", "nir", "rededge")
    assert roles(nameless(2, "po_97353_blu_0000000.tif", "po_97353_grn_0000000.tif"), None) == ("blue", "green")


def test_a_word_that_all_files_share_names_the_place_and_not_the_band() -> None:
    assert roles(nameless(2, "red_river_1.tif", "red_river_2.tif"), None) == (None, None)
    assert roles(nameless(1, "green_valley_2019_tile_7_ms.tif"), None) == (None,)


def test_clues_that_do_not_cover_all_bands_leave_the_rest_unknown() -> None:
    clues = Clues(file_names=("a.tif",), band_names=("Red",), wavelengths_um=(), metadata={}, band_count=3)
    assert roles(clues, None) == ("red", None, None)


# Roles and bands with a sensor


def test_the_same_code_is_another_band_on_another_sensor() -> None:
    clues = named("B4", "B3", "B2")
    assert roles(clues, find("Landsat 8")) == ("red", "green", "blue")
    assert roles(clues, find("Landsat 7")) == ("nir", "red", "green")
    assert roles(clues, None) == (None, None, None)


def test_landsat_bands_are_known_by_the_names_of_their_files() -> None:
    files = [f"LC08_L1TP_017051_20151205_20200908_02_T1_B{band}.TIF" for band in (4, 3, 2, 10)]
    detection = detect(nameless(4, *files))
    assert detection is not None
    assert detection.band_roles == ("red", "green", "blue", "thermal")
    assert detection.band_index == (3, 2, 1, 8)
    seven = detect(nameless(2, "LE07_L1TP_195025_20010715_02_T1_B4.TIF", "LE07_L1TP_195025_20010715_02_T1_B1.TIF"))
    assert seven is not None
    assert seven.band_roles == ("nir", "blue")


def test_words_weigh_more_than_codes() -> None:
    assert roles(named("B4 red", "B5 nir"), find("Landsat 7")) == ("red", "nir")
    assert band_index(named("B4 red", "B5 nir"), find("Landsat 7")) == (2, 3)


def test_codes_separate_bands_of_one_role() -> None:
    assert band_index(named("B10 tir", "B11 tir"), find("Landsat 8")) == (8, 9)
    assert band_index(named("B7 nir", "B6 nir"), find("ALI")) == (5, 4)
    assert band_index(named("nir", "green"), find("ALI")) == (None, 2)  # it has two near infrared bands
    assert band_index(named("MS-1'", "MS-1"), find("ALI")) == (0, 1)


def test_codes_that_are_not_the_operators_are_not_read() -> None:
    assert roles(named("B0", "B1", "B2", "B3"), find("SPOT 6")) == BGRN
    assert roles(named("B4", "B3", "B2", "B1"), find("SPOT 6")) == (None,) * 4  # it has no B4: these numbers count
    assert roles(named("B1", "B2", "B3", "B4"), find("SPOT 6")) == ("red", "green", "blue", "nir")


def test_pan_among_the_ms_bands_is_seen() -> None:
    assert roles(named("B7", "B8"), find("Landsat 8")) == ("swir2", "pan")
    assert band_index(named("B7", "B8"), find("Landsat 8")) == (6, None)


def test_wavelengths_tell_which_band_of_the_sensor_it_is() -> None:
    assert band_index(at(0.95, 0.8325, 0.428, None), find("WorldView-2")) == (7, 6, 0, None)
    assert roles(at(1.25), find("ALI")) == ("swir1",)
    assert band_index(at(1.25), find("QuickBird")) == (None,)  # it has none there


def test_two_bands_cannot_be_the_same_band_of_the_sensor() -> None:
    clues = named("Red", "Red", "Green")
    assert band_index(clues, find("QuickBird")) == (None, None, 1)
    assert roles(clues, find("QuickBird")) == ("red", "red", "green")


@pytest.mark.parametrize(
    ("sensor", "order"),
    [
        ("QuickBird", BGRN),
        ("GaoFen-2", BGRN),
        ("Pleiades", ("red", "green", "blue", "nir")),  # DIMAP files are not in order of wavelength
        ("SPOT 7", ("red", "green", "blue", "nir")),
        ("SPOT 5", ("nir", "red", "green", "swir1")),
        ("SPOT 5", ("nir", "red", "green")),
        ("Pleiades Neo", ("red", "green", "blue", "nir", "rededge", "coastal")),
        ("WorldView-3", ("coastal", "blue", "green", "yellow", "red", "rededge", "nir", "nir2")),
        ("WorldView-2", BGRN),  # the operator's four-band bundle
    ],
)
@pytest.mark.parametrize("band_name", ["", "Gray", "Undefined"])
def test_bands_that_say_nothing_are_in_the_operators_order(sensor: str, order: tuple[str, ...], band_name: str) -> None:
    clues = Clues(file_names=("ms.tif",), band_names=(band_name,) * len(order), band_count=len(order))
    assert roles(clues, find(sensor)) == order


def test_band_numbers_that_only_count_are_no_designation() -> None:
    assert roles(named("Band 1", "Band 2", "Band 3", "Band 4"), find("QuickBird")) == BGRN
    assert roles(named("Band 1", "Band 2", "Band 3"), find("Landsat 8")) == (None,) * 3
    assert roles(named("Band 4", "Band 3", "Band 2"), find("Landsat 8")) == ("red", "green", "blue")
    assert roles(named("b1", "b2", "b3"), find("CBERS-4A WPM")) == (None,) * 3  # a real file of red, green, blue
    assert roles(named("B1", "B2", "B3"), find("CBERS-4A WPM")) == ("blue", "green", "red")
    turned_round = named("Band 4", "Band 3", "Band 2", "Band 1")
    assert roles(turned_round, find("QuickBird")) == (None,) * 4


@pytest.mark.parametrize(("sensor", "count"), [("QuickBird", 3), ("WorldView-3", 5), ("Landsat 8", 7), ("PNEO", 3)])
def test_another_number_of_bands_has_no_order(sensor: str, count: int) -> None:
    assert roles(nameless(count), find(sensor)) == (None,) * count


def test_one_known_band_is_enough_to_doubt_the_operators_order() -> None:
    assert roles(named("Red", "", "", ""), find("QuickBird")) == ("red", None, None, None)


def test_several_files_without_band_names_have_no_order() -> None:
    assert roles(nameless(4, "one.tif", "two.tif", "three.tif", "four.tif"), find("QuickBird")) == (None,) * 4


def test_the_two_files_of_pleiades_neo_are_told_by_their_names_in_either_order() -> None:
    rgb = ("IMG_PNEO3_202110021142137_MS-FS_ORT_RGB_R1C1.TIF",) * 3
    ned = ("IMG_PNEO3_202110021142137_MS-FS_ORT_NED_R1C1.TIF",) * 3
    visible, other = ("red", "green", "blue"), ("nir", "rededge", "coastal")
    for files, expected in ((rgb + ned, visible + other), (ned + rgb, other + visible), (ned, other)):
        detection = detect(nameless(len(files), *files))
        assert detection is not None
        assert detection.band_roles == expected


def test_spacenets_order_is_taken_from_its_band_names() -> None:
    detection = detect(Clues(("WV02_ms.tif",), ("red", "green", "blue", "nir"), (), {}, 4, 4.0))
    assert detection is not None
    assert detection.band_index == (4, 2, 1, 6)


# Display


@pytest.mark.parametrize(
    ("band_roles", "kind", "bands"),
    [
        (BGRN, "true colour", (3, 2, 1)),
        (("coastal", "blue", "green", "yellow", "red", "rededge", "nir", "nir2"), "true colour", (5, 3, 2)),
        (("nir", "red", "green", "swir1"), "false colour", (1, 2, 3)),
        (("green", "red", "nir2"), "false colour", (3, 2, 1)),
        (("blue", "green", "nir"), "false colour", (3, 2, 1)),
        (("red", "nir", "swir1", "swir2"), "false colour", (4, 2, 1)),
        (("nir", "swir1", "red"), "false colour", (2, 1, 3)),
        (("nir", "swir1", "swir2"), "false colour", (3, 2, 1)),
        ((None, None, None, None), "first bands", (1, 2, 3)),
        (("red", None, "nir"), "first bands", (1, 2, 3)),
        (("red", "green"), "grey", (1,)),
        ((None,), "grey", (1,)),
    ],
)
def test_the_display_shows_the_best_colours_there_are(
    band_roles: tuple[Optional[str], ...], kind: str, bands: tuple[int, ...]
) -> None:
    assert display_bands(band_roles) == (kind, bands)
