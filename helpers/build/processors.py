"""Processors to pretend to be: the switches of the libraries that decide the last digits.

A number that differs between these settings on one machine differs between machines. They
must be set before a library is loaded, hence for a process of its own.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from unittest import mock

VARIABLE = "HEADLINES_PROCESSOR"
NATIVE = "native"

# What each library calls the oldest it can still play, and one that has AVX2 only.
SETTINGS: dict[str, dict[str, str]] = {
    NATIVE: {},
    "sse": {
        "ATEN_CPU_CAPABILITY": "default",
        "ONEDNN_MAX_CPU_ISA": "SSE41",
        "OPENBLAS_CORETYPE": "Nehalem",
        "NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4 AVX512_ICL AVX512_SPR",
        "NUMBA_CPU_NAME": "nehalem",
        "MKL_CBWR": "COMPATIBLE",
    },
    "avx2": {
        "ATEN_CPU_CAPABILITY": "avx2",
        "ONEDNN_MAX_CPU_ISA": "AVX2",
        "OPENBLAS_CORETYPE": "Haswell",
        "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR",
        "NUMBA_CPU_NAME": "haswell",
        "MKL_CBWR": "AVX2",
    },
}


def settings(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The variables of the processor that HEADLINES_PROCESSOR names; ValueError lists them."""
    name = environment.get(VARIABLE, NATIVE)
    if name not in SETTINGS:
        raise ValueError(f"unknown {VARIABLE} {name!r}: choose one of {', '.join(SETTINGS)}")
    return SETTINGS[name]


@contextmanager
def emulated(name: str) -> Iterator[None]:
    """Processes started within pretend to run on that processor; undone at the end."""
    with mock.patch.dict(os.environ, {VARIABLE: name, **settings({VARIABLE: name})}):
        yield
