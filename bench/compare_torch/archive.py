# SPDX-License-Identifier: MIT
"""Reading safetensors: 8 bytes of length, a JSON header with dtype, shape and place of every tensor, then their bytes."""
import json
import struct

import torch

DTYPES = {"F64": torch.float64, "F32": torch.float32, "I32": torch.int32}


def read(path):
    """{name: tensor}"""
    with open(path, "rb") as file:
        length, = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        data = bytearray(file.read())
    header.pop("__metadata__", None)
    return {name: tensor_of(data, entry) for name, entry in header.items()}


def tensor_of(data, entry):
    start, stop = entry["data_offsets"]
    return torch.frombuffer(data[start:stop], dtype=DTYPES[entry["dtype"]]).view(entry["shape"])


def under(tensors, prefix):
    """Those whose names begin with the prefix, without it."""
    return {name[len(prefix):]: t for name, t in tensors.items() if name.startswith(prefix)}
