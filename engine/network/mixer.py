"""Mixing a latent: first over its tokens, then over its channels (MLP-Mixer, Tolstikhin et al. 2021)."""

from __future__ import annotations

from torch import Tensor, nn

_EXPANSION = 2  # hidden units per channel; the original's 4 doubles the weights of the denoiser


class MixerBlock(nn.Module):
    """Mix (B, N, C) over the tokens, then over the channels; each is a residual after a LayerNorm."""

    def __init__(self, tokens: int, channels: int) -> None:
        super().__init__()
        self.token_norm = nn.LayerNorm(channels)
        self.token_mlp = nn.Sequential(nn.Linear(tokens, tokens), nn.GELU(), nn.Linear(tokens, tokens))
        self.channel_norm = nn.LayerNorm(channels)
        hidden = _EXPANSION * channels
        self.channel_mlp = nn.Sequential(nn.Linear(channels, hidden), nn.GELU(), nn.Linear(hidden, channels))

    def forward(self, z: Tensor) -> Tensor:  # (B, N, C) -> (B, N, C)
        across_tokens = self.token_norm(z).transpose(1, 2)  # (B, C, N)
        z = z + self.token_mlp(across_tokens).transpose(1, 2)
        z = z + self.channel_mlp(self.channel_norm(z))
        return z
