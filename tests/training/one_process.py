"""One of several processes of a run, as torchrun would start it: python -m tests.training.one_process FOLDER."""

from __future__ import annotations

import sys
from pathlib import Path

import torch

from engine.training.distributed import Processes
from tests.training.synthetic import Run, config


def main() -> None:
    torch.set_num_threads(1)
    processes = Processes.joined(torch.device("cpu"))
    settings = config(Path(sys.argv[1]))
    run = Run(settings, processes=processes)
    if processes.is_first:
        run.folder.begin()
    run.training.run(lambda: True)
    processes.leave()


main()
