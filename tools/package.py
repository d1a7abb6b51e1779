"""The plugin as QGIS gets it: one folder, chosen by whitelist, as a zip or laid out in a profile."""

from __future__ import annotations

import argparse
import configparser
import os
import shutil
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NAME = "ksdiff_qgis"
MAX_BYTES = 25 * 1024 * 1024  # the plugin site's limit
ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest date a zip can hold: equal trees give equal zips

# (folder in the repository, folder in the plugin, suffixes that may enter).  What is not named stays out.
FOLDERS = (
    ("ksdiff_qgis", "", {".py", ".svg", ".png", ".md", ".html", ".txt", ".qml"}),
    ("engine", "engine", {".py", ".json"}),
    ("resources", "resources", {".svg", ".png", ".json", ".md", ".html", ".qml", ".safetensors"}),
    ("i18n", "i18n", {".qm"}),
)
FILES = ("metadata.txt", "LICENSE", "CHANGELOG.md")
LEFT_OUT = ("resources/sample",)  # for the demo and the tests; a user has images


def version() -> str:
    """Return the plugin's version from metadata.txt, the only place it is written by hand."""
    metadata = configparser.ConfigParser(interpolation=None)
    metadata.read(ROOT / "metadata.txt", encoding="utf-8")
    return metadata["general"]["version"]


def tree() -> dict[str, Path]:
    """Return what the plugin consists of: path inside the plugin's folder -> file in the repository, sorted."""
    found = {name: ROOT / name for name in FILES}
    for source, target, suffixes in FOLDERS:
        for path in (ROOT / source).rglob("*"):
            inside = path.relative_to(ROOT)
            hidden = any(part.startswith((".", "__pycache__")) for part in inside.parts)
            left_out = any(inside.as_posix().startswith(f"{folder}/") for folder in LEFT_OUT)
            if path.is_file() and path.suffix in suffixes and not hidden and not left_out:
                found[(Path(target) / path.relative_to(ROOT / source)).as_posix()] = path
    return dict(sorted(found.items()))


def build(folder: Path) -> Path:
    """Write the zip into `folder` and return its path; exit with a sentence when it is too large for the site."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{NAME}-{version()}.zip"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, path in tree().items():
            entry = zipfile.ZipInfo(f"{NAME}/{name}", ZIP_EPOCH)
            entry.create_system = 3  # Unix, so that the mode below is read everywhere
            entry.external_attr = 0o100644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, path.read_bytes())
    size = target.stat().st_size
    if size > MAX_BYTES:
        target.unlink()
        sys.exit(f"The zip would have {size:,} bytes; the plugin site takes {MAX_BYTES:,}. Leave something out.")
    return target


def install(profile: Path) -> Path:
    """Lay the plugin out in a QGIS profile, replacing an older one, and return its folder."""
    target = profile / "python" / "plugins" / NAME
    if target.is_symlink():
        target.unlink()
    elif target.exists():
        if not (target / "metadata.txt").is_file():
            sys.exit(f"{target} is no QGIS plugin. Move it away, then install again.")
        shutil.rmtree(target)
    for name, path in tree().items():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target / name)
    return target


def user_profile() -> Path:
    """Return the user's default QGIS profile: that of QGIS 3, or of QGIS 4 where only that one is."""
    if sys.platform == "win32":
        data = Path(os.environ["APPDATA"])
    elif sys.platform == "darwin":
        data = Path.home() / "Library" / "Application Support"
    else:
        data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    profiles = [data / "QGIS" / f"QGIS{major}" / "profiles" / "default" for major in (3, 4)]
    return next((profile for profile in profiles if profile.is_dir()), profiles[0])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    zipping = verbs.add_parser("zip", help="write the zip")
    zipping.add_argument("folder", nargs="?", type=Path, default=ROOT / "dist")
    installing = verbs.add_parser("install", help="lay the plugin out in a profile")
    installing.add_argument("profile", nargs="?", type=Path, default=None)
    asked = parser.parse_args()
    if asked.verb == "zip":
        target = build(asked.folder)
        print(f"{target} ({target.stat().st_size / 1024:,.0f} KiB, {len(tree())} files)")
    else:
        target = install(asked.profile or user_profile())
        print(f"Installed in {target}. In QGIS, enable it under Plugins > Manage and Install Plugins > Installed.")


if __name__ == "__main__":
    main()
