#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Times one configuration in PyTorch and prints one JSON line.

Implementations: fj    a MeanFlow step, functorch.jvp over the whole batch, as the official code does
                 sub   a MeanFlow step, the tangent only in the quarter of the rows with r != t
                 flow  a flow-matching step, no tangent
                 draw  a batch of samples in one evaluation of the network
"""
import argparse
import json
import os
import resource
import statistics
import time

import torch

import meanflow
from networks import NETWORKS

WARM_UP = 2  # steps that are not timed


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="mlp", choices=("mlp", "dit"))
    parser.add_argument("--implementation", default="fj", choices=("fj", "sub", "flow", "draw"))
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--steps", type=int, default=5)
    return parser.parse_args()


def peak_bytes():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def since_start():
    """Seconds since this process began: field 22 of /proc/self/stat, in ticks since the machine did."""
    with open("/proc/self/stat") as file:
        ticks = int(file.read().rpartition(")")[2].split()[19])
    return time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")


def step_of(args):
    """The function that is timed."""
    torch.set_num_threads(args.threads)
    torch.manual_seed(1)
    net = NETWORKS[args.model]()
    labels = torch.arange(args.batch) % 10
    if args.implementation == "draw":
        return lambda: meanflow.sample(net, labels)
    training = meanflow.Training(net, NETWORKS[args.model]())
    images = torch.randint(256, (args.batch, 1, 28, 28), dtype=torch.uint8)
    unequal = args.implementation != "flow"
    return lambda: training.step(args.implementation, meanflow.draw_batch(images, labels, unequal))


def seconds_of(function):
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def measure(args):
    base = peak_bytes()
    step = step_of(args)
    first = seconds_of(step)
    startup = since_start()
    for _ in range(WARM_UP - 1):
        step()
    seconds = [seconds_of(step) for _ in range(args.steps)]
    return {"step_ms": 1e3 * statistics.median(seconds), "best_ms": 1e3 * min(seconds), "first_step_ms": 1e3 * first, "startup_ms": 1e3 * startup,
            "peak_rss_bytes": peak_bytes(), "base_rss_bytes": base}


def blas():
    """The library that torch found as libblas."""
    with open("/proc/self/maps") as file:
        paths = {line.split()[-1] for line in file if "libblas" in line}
    return ", ".join(sorted(paths))


def main():
    args = parse()
    print(json.dumps({**vars(args), **measure(args), "blas": blas()}))


if __name__ == "__main__":
    main()
