# SPDX-License-Identifier: MIT
"""One run of a program, ours or PyTorch's: a process of its own, and what it measured."""
import collections
import json
import os
import subprocess
import sys

import setups

HERE = os.path.dirname(os.path.abspath(__file__))

# What is run: a configuration, one side's name for the task, and PyTorch's BLAS (None: ours).
Cell = collections.namedtuple("Cell", "model batch threads")
Program = collections.namedtuple("Program", "task blas")


def steps_of(model, task):
    """Enough for a second or several of timing."""
    return {"mlp": 12, "dit": 3}[model] * (3 if task == "draw" else 1)


def output_of(command, environment):
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"compare.py: {' '.join(command)}: status {done.returncode}: {done.stderr.strip()}")
    return done.stdout


def arguments(cell, task):
    return ["--model", cell.model, "--batch", str(cell.batch), "--threads", str(cell.threads), "--steps", str(steps_of(cell.model, task))]


def run_ours(folder, cell, task):
    command = [os.path.join(folder, "train_step"), "--objective", task, "--startup", *arguments(cell, task)]
    words = output_of(command, setups.ours()).split()
    return dict(zip(words[::2], map(float, words[1::2])))


def run_torch(cell, program):
    command = [sys.executable, os.path.join(HERE, "step.py"), "--implementation", program.task, *arguments(cell, program.task)]
    found = json.loads(output_of(command, setups.pytorch(program.blas, cell.threads)))
    expected = setups.blas_folder(program.blas)
    if not found["blas"].startswith(expected):
        sys.exit(f"compare.py: PyTorch loaded {found['blas']}, expected a library of {expected}")
    return found


def run(folder, cell, program):
    """step_ms, first_step_ms, startup_ms, peak_rss_bytes, base_rss_bytes."""
    return run_torch(cell, program) if program.blas else run_ours(folder, cell, program.task)
