"""What the tests of networks share: one thread, as more wait on each other far longer than networks so small take."""

from __future__ import annotations

import torch

torch.set_num_threads(1)
