"""Where the plugin's own files lie, and where it may keep data of the user's."""

from __future__ import annotations

from configparser import ConfigParser
from functools import cache
from pathlib import Path

from ._engine import load

_HERE = Path(__file__).resolve().parent
_APPLICATION = "ksdiff"


def root() -> Path:
    """Return the folder that holds metadata.txt, resources/ and i18n/: the plugin itself, or the repository."""
    return _HERE if (_HERE / "metadata.txt").is_file() else _HERE.parent


def icon(name: str = "ksdiff") -> str:
    """Return the path of an icon, as an SVG file."""
    return str(root() / "resources" / "icons" / f"{name}.svg")


@cache
def metadata(key: str) -> str:
    """Return an entry of metadata.txt; empty where it has none."""
    parser = ConfigParser(interpolation=None)
    parser.read(root() / "metadata.txt", encoding="utf-8")
    return parser.get("general", key, fallback="")


def user_data() -> Path:
    """Return the folder for what must outlive an update of the plugin; it need not exist yet."""
    from .vendor import appdirs

    return Path(appdirs.user_data_dir(_APPLICATION, appauthor=False))


def environments() -> Path:
    """Return the folder in which environments for models are made; it need not exist yet."""
    return user_data() / "environments"


def models() -> Path:
    """Return the folder in which the user keeps models, the same as on the command line; it need not exist."""
    home: Path = load("jobs.library").home()
    return home


def user_cache() -> Path:
    """Return the folder for what can be made again; it need not exist yet."""
    from .vendor import appdirs

    return Path(appdirs.user_cache_dir(_APPLICATION, appauthor=False))
