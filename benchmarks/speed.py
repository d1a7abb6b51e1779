"""What a diffusion costs: KSDiff's in its latent against one in pixel space, with the same fusion network in both.

    python benchmarks/speed.py [--size 256 512] [--bands 4] [--backbone pannext] [--threads 2] [--device cpu]

The pixel-space diffusion denoises the image itself: the fusion network sees PAN, MS and the noisy image (its MS input
has twice the bands) once per step.  Weights are random: they change the pixels, not the time.  One image at a time,
encoder, chain and kernels included, medians of several runs after a warm-up; ratios within one run are what counts.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))

import torch  # noqa: E402 - the path above comes first

from engine.network.backbones import BACKBONES, BackboneConfig, create  # noqa: E402
from engine.network.diffusion import Diffusion, keyed_noise  # noqa: E402
from engine.network.kernels import Base  # noqa: E402
from engine.network.ksdiff import Architecture, KSDiff  # noqa: E402

STEPS = (8, 25)  # ours by default; what a pixel-space diffusion of the field takes at least
USUAL = 500  # what others take
LEAST_RUNS, LEAST_S = 3, 2.0


def median_s(work: Callable[[], Any], device: str) -> float:
    """Return the median time of one run."""
    work()
    times: list[float] = []
    while len(times) < LEAST_RUNS or sum(times) < LEAST_S:
        wait(device)
        begun = time.perf_counter()
        work()
        wait(device)
        times.append(time.perf_counter() - begun)
    return statistics.median(times)


def wait(device: str) -> None:
    """Wait until the device has done what it was given."""
    if device == "cuda":
        torch.cuda.synchronize()


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
    parser.add_argument("--size", type=int, nargs="+", default=[256, 512])
    parser.add_argument("--bands", type=int, default=4)
    parser.add_argument("--backbone", choices=BACKBONES, default="pannext")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    for size in options.size:
        measure(size, options.bands, options.backbone, options.device)


if __name__ == "__main__":
    main()
