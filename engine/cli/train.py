"""`train`: train a model as a configuration file says."""

from __future__ import annotations

import argparse
from collections.abc import Generator, Sequence
from typing import Any, Optional, Union

from ..events import Event
from ..request import TrainRequest
from .pair import add_talk

_HELP = (
    "any setting of the configuration, by its dotted name, as in --stage1.steps=100 or --folders=scene; a value is "
    "JSON, or else text; paths are relative to the configuration file"
)


def add(verbs: Any, _pair: argparse.ArgumentParser) -> None:
    """Add the verb."""
    parser = verbs.add_parser(
        "train",
        help="train a model as a configuration file says",
        usage="%(prog)s CONFIG.json [--resume] [--SETTING=VALUE ...]",
    )
    parser.add_argument("config", metavar="CONFIG.json", help="the settings")
    _add_options(parser)
    parser.add_argument("settings", nargs=argparse.REMAINDER, action=_Settings, metavar="--SETTING=VALUE", help=_HELP)
    parser.set_defaults(start=_start, kept="What was learnt is kept: add --resume to go on.")


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--resume", action="store_true", help="go on with the run that the folder holds")
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
    from ..jobs.train import train

    return train(TrainRequest(options.config, options.settings, options.resume))
