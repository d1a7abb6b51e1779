"""What can be asked about models: which there are, what runs them, and that one is trained."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Optional

from ..errors import RequestError
from .checks import check_choice, check_path, same_file
from .words import VARIANTS


@dataclass(frozen=True)
class ModelsRequest:
    """What does this model say of itself?  Without a file: which models are in these folders?"""

    file: Optional[str] = None
    directories: tuple[str, ...] = ()
    out_mlm: Optional[str] = None  # where to write the STAC item that describes the file

    def __post_init__(self) -> None:
        if self.file is not None:
            check_path("file", self.file)
        if isinstance(self.directories, str):
            raise RequestError("The folders are one text.", "Give a list of folders.")
        for name in self.directories:
            check_path("directories", name)
        if self.out_mlm is not None:
            check_path("out_mlm", self.out_mlm)
            if self.file is None:
                raise RequestError("A STAC item describes one model, and none was named.", "Name the model's file.")
            if same_file(self.file, self.out_mlm):
                raise RequestError(f"The output {self.out_mlm} is the model itself.", "Choose another name.")


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


@dataclass(frozen=True)
class TrainRequest:
    """Train a model as a configuration file says; `settings` (name=value, dotted names) take precedence over it."""

    config: str
    settings: tuple[str, ...] = ()
    resume: bool = False  # go on with the run that the folder holds, instead of refusing it

    def __post_init__(self) -> None:
        check_path("config", self.config)
        if isinstance(self.settings, str):
            raise RequestError("The settings are one text.", "Give a list of name=value.")
        for setting in self.settings:
            if not isinstance(setting, str) or "=" not in setting[1:]:
                raise RequestError(f"'{setting}' sets nothing.", "Write name=value, as in stage1.steps=100.")
