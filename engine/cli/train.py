"""`train`: train a model from a training set, or as a configuration file says."""

from __future__ import annotations

import argparse
from collections.abc import Generator, Sequence
from typing import Any, Optional, Union

from ..errors import RequestError
from ..events import Event
from ..request import BACKBONES, DEVICES, SELF, TeachRequest, TrainRequest
from .pair import add_talk, key, python_of

# Names of options and, but for "begin", of fields: "start" is the verb itself here.
_OF_A_SET = ("trainingset", "name", "out", "backbone", "begin", "minutes", "steps", "device", "threads", "seed")
_HELP = (
    "any setting of the configuration, by its dotted name, as in --stage1.steps=100 or --folders=scene; a value is "
    "JSON, or else text; paths are relative to the configuration file"
)


def add(verbs: Any, _pair: argparse.ArgumentParser) -> None:
    """Add the verb."""
    parser = verbs.add_parser(
        "train",
        help="train a model from a training set, or as a configuration file says",
        usage="%(prog)s --trainingset FOLDER --name NAME [--minutes N] [...]\n"
        "       %(prog)s CONFIG.json [--resume] [--python FILE] [--SETTING=VALUE ...]",
    )
    parser.add_argument(
        "config", nargs="?", metavar="CONFIG.json", help="the settings, for who wants to choose them all"
    )
    _add_set(parser)
    _add_options(parser)
    parser.add_argument("settings", nargs=argparse.REMAINDER, action=_Settings, metavar="--SETTING=VALUE", help=_HELP)
    parser.set_defaults(start=_start, kept="What was learnt is kept: add --resume to go on.")


def _add_set(parser: argparse.ArgumentParser) -> None:
    """Add what is asked in place of a configuration; what is not given has no value, so that it is known."""
    given = parser.add_argument_group("with a training set", argument_default=argparse.SUPPRESS)
    given.add_argument("--trainingset", metavar="FOLDER", help="the folder that 'trainingset' has made")
    given.add_argument("--name", help="of the model, for people")
    given.add_argument("--out", metavar="FILE", help="the model to write (default: in the folder of models)")
    given.add_argument("--backbone", type=key, choices=BACKBONES, help="the fusion network (default: auto)")
    given.add_argument("--begin", metavar="FILE", help="a model that learns on, in place of a new one")
    given.add_argument(
        "--minutes", type=float, metavar="N", help=f"how long it learns (default: {TeachRequest.minutes:g})"
    )
    given.add_argument("--steps", type=int, metavar="N", help="so many steps, in place of the minutes")
    given.add_argument("--device", type=key, choices=DEVICES, help="(default: auto)")
    given.add_argument("--threads", type=int, metavar="N", help="(default: all cores)")
    given.add_argument("--seed", type=int, metavar="N", help="(default: 0)")


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--resume", action="store_true", help="go on with the run that was begun")
    parser.add_argument(
        "--python",
        metavar="FILE",
        help=f"the Python, with PyTorch, that trains in a process of its own, or {SELF} (default: {SELF} if PyTorch is "
        "here and KSDIFF_PYTHON is not set); it needs no GDAL where all samples come from stores",
    )
    add_talk(parser)


class _Settings(argparse.Action):
    """Takes what follows the file: options by their names, and all other --name=value as settings."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Union[str, Sequence[Any], None],
        option_string: Optional[str] = None,
    ) -> None:
        options = argparse.ArgumentParser(prog=parser.prog, usage=parser.usage, add_help=False, allow_abbrev=False)
        _add_options(options)
        # One namespace: what stood before the file stays said.
        _, rest = options.parse_known_args(list(values or ()), namespace)
        for word in rest:
            if not word.startswith("--") or "=" not in word:
                parser.error(f"{word} is no setting: write --NAME=VALUE")
        namespace.settings = tuple(word[2:] for word in rest)


def _start(options: argparse.Namespace) -> Generator[Event, None, None]:
    given = {name: getattr(options, name) for name in _OF_A_SET if hasattr(options, name)}
    if options.config is not None:
        if given:
            raise RequestError(
                f"--{next(iter(given))} is for a training set, and a configuration was named.",
                "Write settings behind the configuration, as --NAME=VALUE.",
            )
        from ..jobs.train import train

        return train(TrainRequest(options.config, options.settings, options.resume, python_of(options)))
    if "trainingset" not in given:
        raise RequestError("There is nothing to learn from.", "Name a training set with --trainingset, or CONFIG.json.")
    from ..jobs.teach import teach

    begin = given.pop("begin", None)
    return teach(TeachRequest(**{"name": "", **given}, start=begin, resume=options.resume, python=python_of(options)))
