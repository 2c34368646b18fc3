# SPDX-License-Identifier: MIT
"""The environments of the programs that are compared."""
import os
import subprocess

# Settings of threads and memory that the caller may have; neither side is to inherit them.
FOREIGN = ("OMP_", "GOMP_", "BLIS_", "OPENBLAS_", "MKL_", "MALLOC_", "GLIBC_", "ATEN_", "LD_")

# Debian's packages with a libblas.so.3 on OpenMP: PyTorch's own threads and the BLAS's are then one team. The default one,
# on threads of its own, would contend with PyTorch's for the cores.
BLAS_PACKAGES = {"BLIS": "libblis4-openmp", "OpenBLAS": "libopenblas0-openmp"}

# Freed memory is kept instead of returned to the system with every step, and lies in huge pages.
MEMORY = {"MALLOC_MMAP_THRESHOLD_": str(8 << 30), "MALLOC_TRIM_THRESHOLD_": str(16 << 30), "MALLOC_TOP_PAD_": str(256 << 20),
          "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}


# For runs that are not timed: threads that wait leave the processor to others.
PATIENT = {"OMP_WAIT_POLICY": "passive"}


def ours():
    """Nothing special."""
    return {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}


def blas_folder(name):
    """Where the package put its libblas.so.3."""
    files = subprocess.run(["dpkg", "-L", BLAS_PACKAGES[name]], check=True, capture_output=True, text=True).stdout.split("\n")
    return os.path.dirname(next(path for path in files if path.endswith("/libblas.so.3")))


def processor():
    """(name, vendor, flags) of the first processor."""
    with open("/proc/cpuinfo") as file:
        lines = dict(line.split(":", 1) for line in file.read().split("\n\n")[0].split("\n"))
    fields = {name.strip(): value.strip() for name, value in lines.items()}
    return fields.get("model name", "?"), fields.get("vendor_id", "?"), fields.get("flags", "").split()


def kernels():
    """PyTorch takes AVX2 kernels unless it is told otherwise. So does BLIS on an Intel processor of whose name it cannot read how many
    units for AVX-512 it has (0 is its number for those that have two), and OpenBLAS takes SSE3 kernels on one that is younger than it."""
    needed = {"avx512f", "avx512vl", "avx512bw", "avx512dq", "fma"}
    _, vendor, flags = processor()
    if not needed.issubset(flags):
        return {}
    intel = {"BLIS_ARCH_TYPE": "0", "OPENBLAS_CORETYPE": "SkylakeX"} if vendor == "GenuineIntel" else {}
    return {"ATEN_CPU_CAPABILITY": "avx512", **intel}


def pytorch(blas, threads):
    """PyTorch at its best, with this BLAS."""
    count = {name: str(threads) for name in ("OMP_NUM_THREADS", "BLIS_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
    return {**ours(), **MEMORY, **kernels(), **count, "LD_LIBRARY_PATH": blas_folder(blas)}
