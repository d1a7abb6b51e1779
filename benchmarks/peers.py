"""The programs that are compared: their command lines, and how each writes its result."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

from engine.raster.options import geotiff_options

_PLAIN = ("TILED=YES", "BIGTIFF=IF_SAFER")
# Three bands at once is all that it takes.
_GRASS = """
set -e
for band in 1 2 3; do r.in.gdal -o --q input={ms} band=$band output=ms$band; done
r.in.gdal -o --q input={pan} output=pan
g.region raster=pan
i.pansharpen --q red=ms3 green=ms2 blue=ms1 pan=pan output=sharp method=ihs bitdepth=11
i.group --q group=sharp input=sharp_blue,sharp_green,sharp_red
r.out.gdal --q -f -c input=sharp output={out} format=GTiff type=UInt16 createopt=TILED=YES,BIGTIFF=IF_SAFER --overwrite
"""


@dataclass(frozen=True)
class Program:
    """A command line, the creation options with which it writes, and whether its answer is JSON of ours."""

    name: str
    command: tuple[str, ...]
    options: tuple[str, ...]
    ours: bool = False


def programs(pan: Path, ms: Path, out: Path, model: Optional[Path]) -> Iterator[Program]:
    """Yield what is installed, GDAL first; `model` for the neural method, which is left out without one."""
    gdal = shutil.which("gdal_pansharpen.py") or shutil.which("gdal_pansharpen")
    if gdal:
        said = ["-q", str(pan), str(ms), str(out), "-of", "GTiff", "-r", "cubic", "-threads", "2"]
        yield Program("gdal_pansharpen (Brovey)", (gdal, *said, *_given("-co", _PLAIN)), _PLAIN)
    otb = shutil.which("otbcli_BundleToPerfectSensor")
    if otb:
        target = "&gdal:co:".join((f"{out}?", *_PLAIN))
        said = ["-inp", str(pan), "-inxs", str(ms), "-out", target, "uint16", "-method", "rcs", "-progress", "false"]
        yield Program("OTB RCS", (otb, *said), _PLAIN)
    if shutil.which("grass"):
        yield Program("GRASS IHS, 3 of the bands", _grass(pan, ms, out), _PLAIN)
    ours = [sys.executable, "-m", "engine", "sharpen", "--pan", str(pan), "--ms", str(ms), "--out", str(out)]
    ours += ["--quiet", "--json"]
    threads = os.cpu_count() or 1
    default, plain = (tuple(geotiff_options(given, "uint16", threads)) for given in ((), ("COMPRESS=NONE",)))
    for method in ("brovey", "gsa", "mtf-glp-fs"):
        yield Program(f"ours: {method}", (*ours, "--method", method), default, ours=True)
    yield Program(
        "ours: brovey, uncompressed", (*ours, "--method", "brovey", "--co", "COMPRESS=NONE"), plain, ours=True
    )
    if model is not None:
        # In a worker, as QGIS runs it.
        neural = (*ours, "--method", "ksdiff", "--model", str(model.resolve()), "--python", sys.executable)
        yield Program("ours: ksdiff", neural, default, ours=True)


def copying(program: Program, source: Path, target: Path) -> tuple[str, ...]:
    """Return the command that copies a result as the program has written it: no program can be faster."""
    return ("gdal_translate", "-q", *_given("-co", program.options), str(source), str(target))


def _grass(pan: Path, ms: Path, out: Path) -> tuple[str, ...]:
    """Return the command; the location in which GRASS works is made anew for each run."""
    location, job = out.with_name("grass"), out.with_name("grass.sh")
    names = {"pan": pan.resolve(), "ms": ms.resolve(), "out": out}
    job.write_text(_GRASS.format(**{name: shlex.quote(str(path)) for name, path in names.items()}), encoding="utf-8")
    begin = 'rm -rf "$1"; exec grass -c "$2" "$1" --exec sh "$3"'
    return ("sh", "-c", begin, "sh", str(location), str(pan.resolve()), str(job))


def _given(flag: str, values: tuple[str, ...]) -> Iterator[str]:
    for value in values:
        yield from (flag, value)
