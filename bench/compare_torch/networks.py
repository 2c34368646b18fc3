# SPDX-License-Identifier: MIT
"""The networks of models/mlp_flow.c and models/dit_flow.c in PyTorch, with the same parameter names.

Average velocity u(z, t, r, y): z [batch, 1, 28, 28], t and r [batch], y [batch] (int64, 10 being the null class) -> [batch, 1, 28, 28].
"""
import math

import torch
from torch import nn
from torch.nn import functional

SIDE, CLASSES, FREQUENCIES = 28, 10, 256


class TimeEmbedder(nn.Module):
    """Cosines and sines of the time, then two linear maps: [batch] -> [batch, width]."""

    def __init__(self, width):
        super().__init__()
        count = FREQUENCIES // 2
        exponent = torch.arange(count, dtype=torch.float64) / count
        self.register_buffer("frequency", torch.exp(-math.log(10000) * exponent).to(torch.get_default_dtype()), persistent=False)
        self.mlp = nn.Sequential(nn.Linear(FREQUENCIES, width), nn.SiLU(), nn.Linear(width, width))

    def forward(self, t):
        phase = t.unsqueeze(1) * self.frequency
        return self.mlp(torch.cat((phase.cos(), phase.sin()), 1))


class LabelEmbedder(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.embedding_table = nn.Embedding(CLASSES + 1, width)

    def forward(self, y):
        return self.embedding_table(y)


class Modulated(nn.Module):
    """What depends on the condition c through adaptive layer norm: `parts` vectors of linear(silu(c))."""

    def __init__(self, width, parts):
        super().__init__()
        self.width, self.parts = width, parts
        self.adaLN_modulation = nn.Sequential(nn.SiLU(), nn.Linear(width, parts * width))

    def vectors(self, x, c):
        """Each [batch, width], or [batch, 1, width] where x has tokens."""
        all_parts = self.adaLN_modulation(c)
        if x.dim() == 3:
            all_parts = all_parts.unsqueeze(1)
        return all_parts.chunk(self.parts, -1)

    def modulate(self, x, shift, scale):
        return functional.layer_norm(x, (self.width,), eps=1e-6) * (1 + scale) + shift


class FinalLayer(Modulated):
    def __init__(self, width, out):
        super().__init__(width, 2)
        self.linear = nn.Linear(width, out)

    def forward(self, x, c):
        shift, scale = self.vectors(x, c)
        return self.linear(self.modulate(x, shift, scale))


class MlpBlock(Modulated):
    def __init__(self, width):
        super().__init__(width, 3)
        self.mlp = nn.Sequential(nn.Linear(width, width), nn.SiLU(), nn.Linear(width, width))

    def forward(self, x, c):
        shift, scale, gate = self.vectors(x, c)
        return x + gate * self.mlp(self.modulate(x, shift, scale))


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)

    def forward(self, x):
        batch, tokens, width = x.shape
        cut = self.qkv(x).view(batch, tokens, 3, self.heads, width // self.heads)
        query, key, value = cut.permute(2, 0, 3, 1, 4)
        weight = (query @ key.transpose(-1, -2) / math.sqrt(width // self.heads)).softmax(-1)
        return self.proj((weight @ value).transpose(1, 2).reshape(batch, tokens, width))


class FeedForward(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.fc1 = nn.Linear(width, 4 * width)
        self.fc2 = nn.Linear(4 * width, width)

    def forward(self, x):
        return self.fc2(functional.gelu(self.fc1(x), approximate="tanh"))


class DitBlock(Modulated):
    def __init__(self, width, heads):
        super().__init__(width, 6)
        self.attn = Attention(width, heads)
        self.mlp = FeedForward(width)

    def forward(self, x, c):
        shift1, scale1, gate1, shift2, scale2, gate2 = self.vectors(x, c)
        x = x + gate1 * self.attn(self.modulate(x, shift1, scale1))
        return x + gate2 * self.mlp(self.modulate(x, shift2, scale2))


class PatchEmbedder(nn.Module):
    """[batch, 1, 28, 28] -> [batch, tokens, width]."""

    def __init__(self, patch, width):
        super().__init__()
        self.proj = nn.Conv2d(1, width, patch, stride=patch)

    def forward(self, z):
        return self.proj(z).flatten(2).transpose(1, 2)


class Network(nn.Module):
    """What both networks share: the condition, a sum of embedded times and label."""

    def __init__(self, width):
        super().__init__()
        self.t_embedder = TimeEmbedder(width)
        self.h_embedder = TimeEmbedder(width)
        self.y_embedder = LabelEmbedder(width)

    def condition(self, t, r, y):
        return self.t_embedder(t) + self.h_embedder(t - r) + self.y_embedder(y)

    def through_blocks(self, x, c):
        for block in self.blocks:
            x = block(x, c)
        return self.final_layer(x, c)


class Mlp(Network):
    def __init__(self, width=512, depth=6):
        super().__init__(width)
        self.x_embedder = nn.Linear(SIDE * SIDE, width)
        self.blocks = nn.ModuleList([MlpBlock(width) for _ in range(depth)])
        self.final_layer = FinalLayer(width, SIDE * SIDE)

    def forward(self, z, t, r, y):
        return self.through_blocks(self.x_embedder(z.flatten(1)), self.condition(t, r, y)).view(z.shape)


def positions(grid, width):
    """[grid grid, width]: column, then row, each as sines, then cosines."""
    count = width // 4
    frequency = 10000.0 ** (-torch.arange(count, dtype=torch.float64) / count)
    phase = torch.arange(grid, dtype=torch.float64).unsqueeze(1) * frequency
    wave = torch.cat((phase.sin(), phase.cos()), 1)
    column, row = wave.repeat(grid, 1), wave.repeat_interleave(grid, 0)
    return torch.cat((column, row), 1).to(torch.get_default_dtype())


class Dit(Network):
    def __init__(self, width=256, depth=6, heads=4, patch=4):
        super().__init__(width)
        self.patch, self.grid = patch, SIDE // patch
        self.x_embedder = PatchEmbedder(patch, width)
        self.register_buffer("position", positions(self.grid, width), persistent=False)
        self.blocks = nn.ModuleList([DitBlock(width, heads) for _ in range(depth)])
        self.final_layer = FinalLayer(width, patch * patch)

    def forward(self, z, t, r, y):
        tokens = self.through_blocks(self.x_embedder(z) + self.position, self.condition(t, r, y))
        cut = tokens.view(-1, self.grid, self.grid, self.patch, self.patch)
        return cut.transpose(2, 3).reshape(z.shape)


NETWORKS = {"mlp": Mlp, "dit": Dit}
