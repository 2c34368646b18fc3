#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Ours against PyTorch: MLP and DiT, training and sampling, batch 64 and 128, one thread and two.

First the proof that both compute the same step (same.py), then rounds of timings, in which the programs take turns, each run being a
process of its own. A ratio is the median of ours / PyTorch over the rounds, against the faster of PyTorch's two set-ups.
"""
import argparse
import json
import os
import subprocess
import sys

import runs
import setups
import tables

HERE = os.path.dirname(os.path.abspath(__file__))
WORDS = {"model": ("mlp", "dit"), "task": ("training", "flow", "sampling"), "batch": ("64", "128"), "threads": ("1", "2")}


def parse():
    parser = argparse.ArgumentParser(prog="compare_torch", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", default=os.path.join(HERE, "../../build/release/bin"), help="folder of our programs (build/release/bin)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of timings (3)")
    parser.add_argument("--quick", action="store_true", help="batch 64 and two threads only, no flow matching: minutes")
    parser.add_argument("--only", default="", metavar="WORDS", help="comma-separated: mlp, dit; training, flow, sampling; batch=64; threads=2")
    parser.add_argument("--proof", action="store_true", help="the proof alone, no timings")
    parser.add_argument("--raw", metavar="FILE", help="append every run to this file, one JSON line each")
    return checked(parser, parser.parse_args())


def checked(parser, args):
    args.choice = choice_of(parser, args)
    missing = [name for name in ("train_step", "step_values") if not os.access(os.path.join(args.bin, name), os.X_OK)]
    if missing:
        parser.error(f"no {' and no '.join(missing)} in {args.bin}; scripts/build.sh builds them, or --bin says where they are")
    if args.rounds < 1:
        parser.error(f"--rounds expects at least 1, got {args.rounds}")
    return args


def choice_of(parser, args):
    """{kind: words}: what --quick and --only leave."""
    choice = {kind: list(words) for kind, words in WORDS.items()}
    if args.quick:
        choice.update(batch=["64"], threads=["2"], task=["training", "sampling"])
    asked = {}
    for word in filter(None, args.only.split(",")):
        kind, _, value = word.rpartition("=")
        kind = kind or next((k for k in ("model", "task") if value in WORDS[k]), "")
        if value not in WORDS.get(kind, ()):
            parser.error(f"--only expects mlp, dit, training, flow, sampling, batch=64|128 or threads=1|2, got {word!r}")
        asked.setdefault(kind, []).append(value)
    return {**choice, **asked}


def prove(folder):
    """Ends the program unless the steps are the same."""
    command = [sys.executable, os.path.join(HERE, "same.py"), os.path.join(folder, "step_values")]
    environment = {**setups.pytorch("BLIS", os.cpu_count()), **setups.PATIENT}
    if subprocess.run(command, env=environment).returncode:
        sys.exit("compare.py: the proof failed; timings of different steps would say nothing")


def cells_of(choice):
    return [runs.Cell(model, int(batch), int(threads))
            for model in choice["model"] for batch in choice["batch"] for threads in choice["threads"]]


def programs_of(choice, cell):
    """What takes turns in a cell. Flow matching only with the most threads asked for: it is there to measure the tangent's price by."""
    most = cell.threads == max(map(int, choice["threads"]))
    tasks = [task for task in tables.TASKS if task.name in choice["task"] and (most or task.name != "flow")]
    if most and "training" in choice["task"] and "flow" not in choice["task"]:
        tasks.append(tables.OWN_FLOW)
    programs = []
    for task in tasks:
        programs.append(runs.Program(task.ours, None))
        programs += [runs.Program(theirs, blas) for theirs in task.theirs for blas in setups.BLAS_PACKAGES]
    return programs


def record(args, cell, program, found):
    label = program.blas or "ours"
    print(f"{cell.model} batch {cell.batch} threads {cell.threads}: {label} {program.task} {found['step_ms']:.2f} ms", file=sys.stderr)
    if args.raw:
        with open(args.raw, "a") as file:
            file.write(json.dumps({"program": label, "task": program.task, **cell._asdict(), **found}) + "\n")


def play(args, cell, programs, found):
    for program in programs:
        result = runs.run(args.bin, cell, program)
        record(args, cell, program, result)
        found.setdefault((cell, program), []).append(result)


def still_in(found, cell, program):
    """After the first round PyTorch goes on with the faster BLAS."""
    return program.blas is None or program.blas == tables.faster(found, cell, program.task)


def measure(args):
    """{(cell, program): what each round found}; every other round runs backwards."""
    found = {}
    for number in range(args.rounds):
        print(f"round {number + 1} of {args.rounds}", file=sys.stderr)
        for cell in cells_of(args.choice):
            programs = programs_of(args.choice, cell)
            if number:
                programs = [program for program in programs if still_in(found, cell, program)]
            play(args, cell, programs[::-1 if number % 2 else 1], found)
    return found


def main():
    args = parse()
    print(f"{setups.processor()[0]}, {os.cpu_count()} processors", flush=True)
    prove(args.bin)
    if not args.proof:
        tables.show(measure(args))


if __name__ == "__main__":
    main()
