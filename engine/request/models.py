"""What can be asked about models: which there are, what becomes of them, and what runs them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Optional

from ..errors import RequestError
from .checks import check_choice, check_distinct, check_path, same_file
from .words import VARIANTS

MODEL_ACTIONS = ("list", "import", "remove")


@dataclass(frozen=True)
class ModelsRequest:
    """Which models are there, or what does this one say of itself?  Take one in, or remove one of the user's own."""

    file: Optional[str] = None  # the file of a model, or the name of one that is there; None: all of them
    action: str = "list"  # or show it, if one is named
    directories: tuple[str, ...] = ()  # where models lie
    folder: str = ""  # the user's own, where models lie too: it takes them in, and from no other is one removed
    out_mlm: Optional[str] = None  # where to write the STAC item that describes the one model
    out_html: Optional[str] = None  # where to write a page of their cards

    def __post_init__(self) -> None:
        check_choice("action", self.action, MODEL_ACTIONS)
        if isinstance(self.directories, str):
            raise RequestError("The folders are one text.", "Give a list of folders.")
        for name in self.directories:
            check_path("directories", name)
        outs = {"out_mlm": self.out_mlm, "out_html": self.out_html}
        for name, value in {"file": self.file, **outs}.items():
            if value is not None:
                check_path(name, value)
        if self.action != "list":
            if self.file is None:
                raise RequestError(f"No model was named to {self.action}.", "Name one.")
            check_path("folder", self.folder)
        if self.out_mlm is not None and (self.file is None or self.action != "list"):
            raise RequestError("A STAC item describes one model, and none was named.", "Name the one to describe.")
        written = tuple(out for out in outs.values() if out is not None)
        for out in written:
            if self.file is not None and same_file(self.file, out):
                raise RequestError(f"The output {out} is the model itself.", "Choose another name.")
        check_distinct(written)


@dataclass(frozen=True)
class CheckRequest:
    """What is there to run models with?  Nothing is changed, nothing fetched."""

    python: Optional[str] = None  # the one to ask, and no other; None: those of `folder`, then the one that runs us
    folder: str = ""  # where environments are made

    def __post_init__(self) -> None:
        if self.python is not None:
            check_path("python", self.python)


@dataclass(frozen=True)
class SetupRequest:
    """Make an environment with what runs models."""

    folder: str  # it gets a folder of its own in there
    variant: str = "auto"
    wheels: str = ""  # a folder of wheels, in place of any index
    index_url: str = ""  # an index of packages, in place of those known
    python: Optional[str] = None  # the one to make it from; None: one is looked for
    proxy: str = field(default="", repr=False)  # an address, which may hold a password
    dry_run: bool = False
    update: bool = False  # make it again even where it is sound

    def __post_init__(self) -> None:
        check_path("folder", self.folder)
        check_choice("variant", self.variant, VARIANTS)
        if self.python is not None:
            check_path("python", self.python)
        if self.wheels and self.index_url:
            raise RequestError("A folder of wheels and an index were given.", "Give one of them.")
        if self.index_url and not self.index_url.startswith(("https://", "http://", "file://")):
            raise RequestError(f"'{self.index_url}' is no address of an index.", "Begin it with https://.")
