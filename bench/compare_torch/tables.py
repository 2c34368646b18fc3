# SPDX-License-Identifier: MIT
"""The tables that a comparison ends with."""
import collections
import statistics

import setups
from runs import Program

# A task's name, ours, and PyTorch's implementations of it.
Task = collections.namedtuple("Task", "name ours theirs")
TASKS = (Task("training", "meanflow", ("fj", "sub")), Task("flow", "flow", ("flow",)), Task("sampling", "draw", ("draw",)))
OWN_FLOW = Task("flow", "flow", ())  # what the price of the tangent is measured by


def median(runs, key):
    return statistics.median(run[key] for run in runs)


def ratios(ours, theirs, value):
    """Of the runs of the same round."""
    return [value(a) / value(b) for a, b in zip(ours, theirs)]


def step(run):
    return run["step_ms"]


def peak(run):
    return run["peak_rss_bytes"]


def own_peak(run):
    """Without what the process held before the network was built, its libraries above all."""
    return run["peak_rss_bytes"] - run["base_rss_bytes"]


def startup(run):
    return run["startup_ms"]


def faster(found, cell, theirs):
    """The BLAS with which this implementation had its fastest step in the first round, where both ran."""
    return min(setups.BLAS_PACKAGES, key=lambda blas: found[cell, Program(theirs, blas)][0]["best_ms"])


def print_row(columns, widths):
    print("  ".join(f"{text:>{width}}" if i else f"{text:<{width}}" for i, (text, width) in enumerate(zip(columns, widths))))


def print_table(head, rows):
    if rows:
        widths = [max(map(len, column)) for column in zip(head, *rows)]
        for row in (head, *rows):
            print_row(row, widths)
        print()


def comparison(found, cell, task, theirs):
    """A row of the first table."""
    blas = faster(found, cell, theirs)
    mine, other = found[cell, Program(task.ours, None)], found[cell, Program(theirs, blas)]
    speed = ratios(mine, other, step)
    middle = [statistics.median(ratios(mine, other, value)) for value in (peak, own_peak, startup)]
    return (cell.model, task.name, str(cell.batch), str(cell.threads), f"{median(mine, 'step_ms'):.2f}", theirs, blas,
            f"{median(other, 'step_ms'):.2f}", f"{statistics.median(speed):.2f}", f"{min(speed):.2f}..{max(speed):.2f}",
            *(f"{value:.2f}" for value in middle))


def compare_all(found):
    cells = dict.fromkeys(cell for cell, _ in found)
    return [comparison(found, cell, task, theirs) for cell in cells for task in TASKS for theirs in task.theirs
            if (cell, Program(theirs, next(iter(setups.BLAS_PACKAGES)))) in found]


def price_of_tangent(found):
    """(model, batch, threads, MeanFlow / flow matching), both ours."""
    rows = []
    for (cell, program), runs in found.items():
        flow = found.get((cell, Program("flow", None)))
        if program == Program("meanflow", None) and flow:
            rows.append((cell.model, str(cell.batch), str(cell.threads), f"{statistics.median(ratios(runs, flow, step)):.2f}"))
    return rows


def gain_of_threads(found):
    """(model, task, batch, one thread's time / two threads'), ours."""
    rows = []
    for (cell, program), runs in found.items():
        two = found.get((cell._replace(threads=2), program))
        if program.blas is None and cell.threads == 1 and two:
            rows.append((cell.model, program.task, str(cell.batch), f"{statistics.median(ratios(runs, two, step)):.2f}"))
    return rows


def show(found):
    print("\nOurs and PyTorch: milliseconds of a step, and ratios ours / PyTorch")
    print_table(("model", "task", "batch", "threads", "ours ms", "PyTorch", "BLAS", "ms", "time", "min..max", "memory", "own memory", "start"),
                compare_all(found))
    print("Ours: MeanFlow / flow matching")
    print_table(("model", "batch", "threads", "time"), price_of_tangent(found))
    threads = gain_of_threads(found)
    if threads:
        print("Ours: one thread / two threads")
        print_table(("model", "task", "batch", "time"), threads)
