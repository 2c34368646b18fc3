# SPDX-License-Identifier: MIT
"""The MeanFlow training step of models/mf_meanflow.c in PyTorch, and drawing samples.

A batch is (x, e, t, r, y): images, noise, times with r = t in the first three quarters of the rows, labels.
"""
import torch
from functorch import jvp

LEARNING_RATE, WEIGHT_DECAY, EMA_DECAY = 1e-4, 0.01, 0.999
UNEQUAL_SHARE, CLASS_DROPOUT, LOSS_SHIFT = 0.25, 0.1, 0.01
NULL_CLASS = 10


def equal_rows(batch):
    return batch - round(UNEQUAL_SHARE * batch)


def draw_batch(images, labels, unequal=True):
    """Noise and times for images (uint8) and labels."""
    x = images.float() * (2 / 255) - 1
    rows = len(x)
    times = torch.sigmoid(torch.randn(2, rows) - 0.4)
    t = times.amax(0)
    r = t.clone()
    if unequal:
        equal = equal_rows(rows)
        r[equal:] = times.amin(0)[equal:]
    y = labels.clone()
    y[:round(CLASS_DROPOUT * rows)] = NULL_CLASS
    return x, torch.randn_like(x), t, r, y


def tangent(net, z, v, t, r, y):
    """u and du/dt along the path."""
    return jvp(lambda z, t, r: net(z, t, r, y), (z, t, r), (v, torch.ones_like(t), torch.zeros_like(r)))


def whole_batch(net, z, v, t, r, y):
    return tangent(net, z, v, t, r, y)


def unequal_rows(net, z, v, t, r, y):
    """The tangent only where r != t: elsewhere it has no weight in the loss."""
    k = equal_rows(len(t))
    u = net(z[:k], t[:k], r[:k], y[:k])
    u_rest, rate = tangent(net, z[k:], v[k:], t[k:], r[k:], y[k:])
    return torch.cat((u, u_rest)), torch.cat((torch.zeros_like(u), rate))


def plain_flow(net, z, v, t, r, y):
    return net(z, t, r, y), None


IMPLEMENTATIONS = {"fj": whole_batch, "sub": unequal_rows, "flow": plain_flow}


def column(row):
    return row.view(-1, 1, 1, 1)


def loss_of(net, implementation, batch):
    """loss, L per row, u, du/dt."""
    x, e, t, r, y = batch
    z, v = (1 - column(t)) * x + column(t) * e, e - x
    u, rate = IMPLEMENTATIONS[implementation](net, z, v, t, r, y)
    target = v if rate is None else (v - column((t - r).clamp(0, 1)) * rate).detach()
    per_row = (u - target).square().flatten(1).sum(1)
    loss = (per_row / (per_row.detach() + LOSS_SHIFT)).mean()
    return loss, per_row, u, rate


class Training:
    """A network, its optimizer and its moving average."""

    def __init__(self, net, average):
        self.net = net
        self.weights = list(net.parameters())
        self.average = [w.requires_grad_(False) for w in average.parameters()]
        self.optimizer = torch.optim.AdamW(self.weights, lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY, foreach=True)

    def step(self, implementation, batch):
        """One step; what loss_of gives."""
        self.optimizer.zero_grad(set_to_none=True)
        found = loss_of(self.net, implementation, batch)
        found[0].backward()
        self.optimizer.step()
        with torch.no_grad():
            torch._foreach_mul_(self.average, EMA_DECAY)
            torch._foreach_add_(self.average, self.weights, alpha=1 - EMA_DECAY)
        return found


def sample(net, labels):
    """Noise, and one jump from time 1 to 0."""
    with torch.no_grad():
        rows = len(labels)
        noise = torch.randn(rows, 1, 28, 28)
        return noise - net(noise, torch.ones(rows), torch.zeros(rows), labels)
