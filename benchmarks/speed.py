"""How fast tiles are sharpened, beside what the machine could do; and what a diffusion costs, in the latent or not.

    python benchmarks/speed.py [--tile 256 512] [--size 256 512] [--bands 4] [--backbone pannext] [--width 0]
                               [--guides 0] [--facts 0] [--threads 1] [--device cpu]

The first table is of tiles with all around them that the network has to see, in megapixels of the result per second.
The limit is what would be reached if nothing but convolutions and matrix products took time, each of them run alone
again and again on numbers of the same shape.  An empty --tile or --size leaves a table out.  Of a network for any
sensor that is one band: --backbone swift --bands 1 --guides 16, of which --facts 10 are told as numbers.

In the second table KSDiff's diffusion stands against one in pixel space, with the same fusion network in both.  The
pixel-space diffusion denoises the image itself: the fusion network sees PAN, MS and the noisy image (its MS input has
twice the bands) once per step.

Weights are random: they change the pixels, not the time.  One image at a time, in the second table with encoder, chain
and kernels; medians of several runs after a warm-up.  On a processor its own time is measured, of one thread unless
more are asked for, so that other programs do not count.  Ratios within one run are what counts.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))

import torch  # noqa: E402 - the path above comes first
from torch.nn import functional as F  # noqa: E402, N812 - the name everybody knows it by
from torch.overrides import TorchFunctionMode  # noqa: E402

from engine.network.backbones import BACKBONES, BackboneConfig, create  # noqa: E402
from engine.network.device import keep_memory  # noqa: E402
from engine.network.diffusion import Diffusion, keyed_noise  # noqa: E402
from engine.network.kernels import FACTS, Base  # noqa: E402
from engine.network.ksdiff import Architecture, KSDiff  # noqa: E402

STEPS = (8, 25)  # ours by default; what a pixel-space diffusion of the field takes at least
USUAL = 500  # what others take
LEAST_RUNS, LEAST_S = 3, 2.0


def median_s(work: Callable[[], Any], device: str, least_s: float = LEAST_S) -> float:
    """Return the median time of one run."""
    work()
    times: list[float] = []
    while len(times) < LEAST_RUNS or sum(times) < least_s:
        begun = now(device)
        work()
        times.append(now(device) - begun)
    return statistics.median(times)


def now(device: str) -> float:
    """Return the seconds that the processor has worked for this program; of a card, the time once it is done."""
    if device == "cpu":
        return time.process_time()
    torch.cuda.synchronize()
    return time.perf_counter()


class Clock(TorchFunctionMode):
    """Notes how long convolutions and linear layers take while it is entered, and on which shapes they work."""

    def __init__(self, device: str) -> None:
        super().__init__()
        self._device = device
        self.seconds = {"conv2d": 0.0, "linear": 0.0}
        self.calls: Counter[tuple[Any, ...]] = Counter()  # name, shapes, stride, groups

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = getattr(func, "__name__", "")
        if name not in self.seconds:
            return func(*args, **(kwargs or {}))
        begun = now(self._device)
        answer = func(*args, **(kwargs or {}))
        self.seconds[name] += now(self._device) - begun
        stride = args[3] if len(args) > 3 else 1
        groups = args[0].shape[1] // args[1].shape[1] if name == "conv2d" else 1
        self.calls[name, args[0].shape, args[1].shape, stride, groups] += 1
        return answer


def alone_s(call: tuple[Any, ...], device: str) -> float:
    """Return how long a call that a Clock has noted takes by itself."""
    name, *shapes, stride, groups = call
    x, weight = (torch.rand(shape, device=device) for shape in shapes)
    bias = torch.rand(len(weight), device=device)
    if name == "linear":
        return median_s(lambda: F.linear(x, weight, bias), device, 0.1)
    x = x.contiguous(memory_format=torch.channels_last)
    return median_s(lambda: F.conv2d(x, weight, bias, stride, groups=groups), device, 0.1)


@torch.inference_mode()
def measure_tiles(
    tiles: list[int], bands: int, backbone: str, width: int, guides: int, facts: int, device: str
) -> None:
    """Print how fast tiles are made of one image after the other."""
    given = Architecture(bands, backbone=backbone, width=width, guides=guides)
    network = KSDiff(given, with_truth_encoder=False).eval().to(device)
    margin = network.backbone.reach
    heads = f"{backbone}, width {width or 'its own'}, {bands} bands", "ms", "MP/s", "limit, MP/s", "of the limit"
    print(f"\n| {' | '.join((*heads, 'conv', 'linear', 'other'))} |\n{'|---' * 8}|")
    for tile in tiles:
        side = tile + 2 * margin
        pan, ms_up = (torch.rand(1, channels, side, side).to(device) for channels in (1 + guides, bands))
        windows = (image[:, :, :64, :64] for image in (pan, ms_up))
        kernels = network.kernels(*windows, torch.rand(1, given.tokens, given.latent).to(device))
        if facts:
            pan, kernels[FACTS] = pan[:, :-facts].clone(), torch.rand(1, facts).to(device)

        def fuse(pan: torch.Tensor = pan, ms_up: torch.Tensor = ms_up, kernels: Any = kernels) -> torch.Tensor:
            return network.fuse_with(pan, ms_up, kernels, margin)

        whole = median_s(fuse, device)
        with Clock(device) as clock:
            begun = now(device)
            fuse()
            clocked = now(device) - begun
        limit = sum(count * alone_s(call, device) for call, count in clock.calls.items())
        shares = [seconds / clocked for seconds in clock.seconds.values()]
        shares.append(1.0 - sum(shares))
        speeds = [tile**2 / 1e6 / seconds for seconds in (whole, limit)]
        row = [f"tile of {tile}", f"{1000 * whole:.0f}", *(f"{speed:.3g}" for speed in speeds)]
        print(f"| {' | '.join(row)} | {' | '.join(f'{share:.0%}' for share in (limit / whole, *shares))} |")


@torch.inference_mode()
def measure(size: int, bands: int, backbone: str, device: str) -> None:
    """Print the table for one size."""
    ours = KSDiff(Architecture(bands, backbone=backbone), with_truth_encoder=False).eval().to(device)
    plain = create(backbone, bands, BackboneConfig(modulate="none")).eval().to(device)
    denoiser = create(backbone, 2 * bands, BackboneConfig(modulate="none")).eval().to(device)
    diffusion = Diffusion(USUAL).to(device)
    pan, ms_up = (torch.rand(1, channels, size, size).to(device) for channels in (1, bands))
    architecture = ours.architecture
    noise = keyed_noise(0, (1, architecture.tokens, architecture.latent)).to(device)
    c = ours.condition(pan, ms_up)
    z = ours.sample(c, noise)
    kernels = ours.kernels(pan, ms_up, z)

    def pixel_space(steps: int) -> torch.Tensor:
        def denoise(x: torch.Tensor, t: torch.Tensor, condition: torch.Tensor) -> torch.Tensor:
            seen = torch.cat([condition, x], dim=1)
            image: torch.Tensor = denoiser(pan, seen, Base())
            return image[:, :bands]

        return diffusion.sample(denoise, ms_up, torch.randn_like(ms_up), steps)

    def whole() -> torch.Tensor:
        return ours.fuse(pan, ms_up, ours.sample(ours.condition(pan, ms_up), noise))

    found = {
        "fusion network alone": median_s(lambda: plain(pan, ms_up, Base()), device),
        f"KSDiff, {architecture.sampling_steps} steps": median_s(whole, device),
        "  condition encoder": median_s(lambda: ours.condition(pan, ms_up), device),
        "  chain in the latent": median_s(lambda: ours.sample(c, noise), device),
        "  fusion, kernels made": median_s(lambda: ours.fuse(pan, ms_up, z), device),
        "  fusion, kernels fixed": median_s(lambda: ours.fuse_with(pan, ms_up, kernels), device),
        **{f"pixel space, {steps} steps": median_s(lambda steps=steps: pixel_space(steps), device) for steps in STEPS},
    }
    per_step = found[f"pixel space, {STEPS[1]} steps"] / STEPS[1]
    found[f"pixel space, {USUAL} steps (from {STEPS[1]})"] = USUAL * per_step
    reference = found[f"KSDiff, {architecture.sampling_steps} steps"]
    print(f"\n| {backbone}, {bands} bands, {size} x {size} | ms | / KSDiff |\n|---|---|---|")
    for name, seconds in found.items():
        print(f"| {name.replace('  ', '&nbsp;&nbsp;')} | {1000 * seconds:.1f} | {seconds / reference:.2f} |")


def main() -> None:
    """Read the options and print a table for each size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tile", type=int, nargs="*", default=[256, 512])
    parser.add_argument("--size", type=int, nargs="*", default=[256, 512])
    parser.add_argument("--bands", type=int, default=4)
    parser.add_argument("--backbone", choices=BACKBONES, default="pannext")
    parser.add_argument("--width", type=int, default=0, help="channels of the first layer of a tile's network")
    parser.add_argument("--guides", type=int, default=0, help="channels beside PAN that a tile's network takes")
    parser.add_argument("--facts", type=int, default=0, help="how many of them, the last, are told as numbers")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    keep_memory()
    if options.tile:
        network = options.bands, options.backbone, options.width, options.guides, options.facts
        measure_tiles(options.tile, *network, options.device)
    for size in options.size:
        measure(size, options.bands, options.backbone, options.device)


if __name__ == "__main__":
    main()
