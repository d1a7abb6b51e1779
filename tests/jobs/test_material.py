"""What a training learns from is found out of stores without GDAL, and of images with it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

from engine.data.from_bands import BandStoreWriter, BandWords, Contents, Cut
from engine.data.images import Memory
from engine.data.sample import Sample
from engine.jobs.material import gather, unique
from engine.training.config import StoreData, TrainingConfig
from tests.training.synthetic import SETTINGS, Ripples

GAINS = (0.35, 0.34, 0.33)
ROOT = Path(__file__).resolve().parents[2]
BANDS = (BandWords("Blue", "blue", 0.48), BandWords("Green", "green", 0.545), BandWords("Red", "red", 0.672))
WITHOUT_GDAL = """
import sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("osgeo", "qgis"):
            raise ModuleNotFoundError(f"No module named '{name}'", name=name)

sys.meta_path.insert(0, Missing())
from engine.errors import EngineError
from engine.jobs.train import train
from engine.request import TrainRequest

for config in sys.argv[1:]:
    try:
        for event in train(TrainRequest(config)):
            pass
        print(event.result["model"])
    except EngineError as error:
        print(error)
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of three bands, Blue to Red, of a WorldView-2 as it were."""
    folder = tmp_path_factory.mktemp("bands")
    contents = Contents(
        bands=BANDS,
        sensor="worldview2",
        ratios=(3.5, 4.0),
        gains=GAINS,
        pan_gain=0.11,
        patch=32,
        sources=(Cut("made up", 1000.0),),
    )
    with BandStoreWriter(folder, contents, "made up") as writer:
        for number in range(6):
            made = Ripples()._sample(32, np.random.default_rng(number))
            writer.add(Sample(made.pan, made.ms_up, made.truth, "made up"), (0, 0, number, 0))
        writer.finish()
    return folder


def written(place: Path, **changes: object) -> str:
    """Write a configuration and return where it is."""
    path = place / "config.json"
    place.mkdir()
    stages = {name: {"steps": 2, "lr": 1e-3} for name in ("stage1", "stage2")}
    path.write_text(json.dumps({**SETTINGS, **stages, "folder": str(place / "run"), **changes}))
    return str(path)


def test_a_store_says_its_bands_sensor_and_ratios(store: Path) -> None:
    config = TrainingConfig(folder="run", data=(StoreData(str(store), 2.0),))
    (found,) = gather(config, config.training_sources(), Memory(), lambda: True)
    assert found.bands == BANDS and found.sensor == "worldview2" and found.weight == 2.0
    assert (found.least_ratio, found.ratio) == (3.5, 4.0)
    assert (found.gains, found.pan_gain) == (GAINS, 0.11)


@pytest.mark.slow
def test_a_python_without_gdal_learns_from_a_store_and_says_so_of_images(store: Path, tmp_path: Path) -> None:
    data = [{"store": str(store)}]
    configs = [
        written(tmp_path / "images", folders=["somewhere"]),
        written(tmp_path / "store", data=data, validation_data=data),
    ]
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_GDAL, *configs], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    of_images, of_store = done.stdout.splitlines()
    assert "can only be read with GDAL, which this Python does not have. Make a set of samples" in of_images
    assert of_store == str(tmp_path / "store" / "run" / "model.safetensors")
    page = (tmp_path / "store" / "run" / "training.html").read_text(encoding="utf-8")
    assert "The model</figcaption>" in page and "GSA" in page


def test_bands_of_one_name_are_numbered() -> None:
    words = tuple(BandWords(name, None, None) for name in ("Red", "Green", "Red", "PAN"))
    assert [band.name for band in unique(words)] == ["Red 1", "Green", "Red 3", "PAN 4"]
