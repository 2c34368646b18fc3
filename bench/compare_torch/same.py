#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Proves that both programs that are timed compute the same step.

bin/step_values runs our step, at full size, and writes its weights, inputs and results. PyTorch takes the weights and inputs, by
name, runs its own step, as timed, and every result is compared: u, du/dt, the loss, every gradient, every weight after AdamW and
every moving average. A difference is the largest of a tensor, divided by the tensor's largest magnitude; the worst tensor counts.
Exit status 0 when all are within the limits, else 1.
"""
import argparse
import os
import subprocess
import sys
import tempfile

import torch

import archive
import meanflow
import setups
from networks import NETWORKS

# In float32 AdamW's first step is lr sign(g) wherever a gradient is mere rounding, so that weights may differ by 2 lr.
LIMITS = {"float64": {"u": 1e-11, "du/dt": 1e-11, "loss": 1e-11, "gradients": 1e-11, "weights": 1e-10, "average": 1e-12},
          "float32": {"u": 1e-5, "du/dt": 1e-5, "loss": 1e-5, "gradients": 1e-5, "weights": 2e-3, "average": 1e-6}}


def difference(theirs, ours):
    scale = ours.abs().max()
    return float((theirs - ours).abs().max() / (scale if scale > 0 else 1))


def worst(theirs, ours):
    """(difference, name) of the worst tensor; a name that one side lacks is an error."""
    if theirs.keys() != ours.keys():
        raise SystemExit(f"same.py: names differ: {sorted(theirs.keys() ^ ours.keys())}")
    found = {name: difference(theirs[name], ours[name]) for name in ours}
    return max((float("inf") if d != d else d, name) for name, d in found.items())


def batch_of(tensors):
    given = archive.under(tensors, "in.")
    return given["x"], given["e"], given["t"], given["r"], given["y"].long()


def run_torch(model, implementation, tensors):
    """PyTorch's results under the names of our archive."""
    net, average = NETWORKS[model](), NETWORKS[model]()
    for network in (net, average):
        network.load_state_dict(archive.under(tensors, "params."))
    training = meanflow.Training(net, average)
    loss, per_row, u, rate = training.step(implementation, batch_of(tensors))
    results = {"out.loss": loss, "out.per_sample": per_row, "out.u": u, "out.du_dt": rate}
    for name, weight in net.named_parameters():
        results.update({"grad." + name: weight.grad, "next." + name: weight})
    results.update({"ema." + name: weight for name, weight in average.named_parameters()})
    return {name: value.detach() for name, value in results.items()}


def compare(theirs, ours):
    """{quantity: (difference, name)}"""
    equal = meanflow.equal_rows(len(ours["out.u"]))
    rates = [side["out.du_dt"][equal:] for side in (theirs, ours)]
    losses = [{name: side[name] for name in ("out.loss", "out.per_sample")} for side in (theirs, ours)]
    found = {"u": (difference(theirs["out.u"], ours["out.u"]), "u"), "du/dt": (difference(*rates), "du/dt"), "loss": worst(*losses)}
    for quantity, prefix in (("gradients", "grad."), ("weights", "next."), ("average", "ema.")):
        found[quantity] = worst(archive.under(theirs, prefix), archive.under(ours, prefix))
    return found


def check(model, dtype, implementation, ours):
    """Prints the differences; whether all are within the limits."""
    found = compare(run_torch(model, implementation, ours), ours)
    over = [q for q, (d, _) in found.items() if not d <= LIMITS[dtype][q]]
    print(f"{model:4} {dtype} {implementation:4}" + "".join(f"  {q} {d:.1e}" for q, (d, _) in found.items()))
    for q in over:
        print(f"     {q} of {found[q][1]}: expected at most {LIMITS[dtype][q]:.0e}")
    return not over


def prove(program, model, dtype, batch):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "values.safetensors")
        command = [program, path, "--model", model, "--dtype", dtype, "--batch", str(batch)]
        subprocess.run(command, check=True, env={**setups.ours(), **setups.PATIENT})
        ours = archive.read(path)
    torch.set_default_dtype(getattr(torch, dtype))
    return all([check(model, dtype, implementation, ours) for implementation in ("fj", "sub")])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", help="bin/step_values")
    parser.add_argument("--batch", type=int, default=16)
    args = parser.parse_args()
    print(f"One step, ours and PyTorch {torch.__version__}, full-size networks, batch {args.batch}: largest relative differences")
    same = [prove(args.program, model, dtype, args.batch) for model in NETWORKS for dtype in LIMITS]
    print("the same step" if all(same) else "NOT the same step")
    sys.exit(0 if all(same) else 1)


if __name__ == "__main__":
    main()
