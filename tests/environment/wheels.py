"""A folder of tiny wheels that pass for PyTorch, numpy and safetensors, so that a whole set-up takes seconds."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

VERSIONS = {"torch": "2.13.0" if sys.version_info >= (3, 10) else "2.8.0", "numpy": "1.26.4", "safetensors": "0.8.0"}

# What is asked of PyTorch: a product of ones, its sum, and which devices there are.
TORCH = """
import math
__version__ = "{version}"

class Ones:
    def __init__(self, value, side):
        self.value, self.side = value, side
    def to(self, device):
        return self
    def __matmul__(self, other):
        return Ones(self.value * other.value * self.side, self.side)
    def sum(self):
        return self.value * self.side**2

def from_numpy(side):
    return Ones(1.0, side)

def get_num_threads():
    return 2

class cuda:
    @staticmethod
    def is_available():
        return False

class backends:
    pass
"""
NUMPY = '__version__ = "{version}"\ndef ones(shape, kind):\n    return shape[0]\n'
PLAIN = '__version__ = "{version}"\n'
SOURCES = {"torch": TORCH, "numpy": NUMPY, "safetensors": PLAIN}


def write_wheels(folder: Path, **sources: str) -> Path:
    """Write the wheels, some with another source than usual, and return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, version in VERSIONS.items():
        source = sources.get(name, SOURCES[name]).replace("{version}", version)
        about = f"{name}-{version}.dist-info"
        files = {
            f"{name}/__init__.py": source,
            f"{about}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
            f"{about}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        }
        record = "".join(f"{path},,\n" for path in (*files, f"{about}/RECORD"))
        with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
            for path, text in {**files, f"{about}/RECORD": record}.items():
                wheel.writestr(path, text)
    return folder
