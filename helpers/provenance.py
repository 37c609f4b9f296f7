"""How fresh a page is: at which scale, when, with what and how long it was computed."""

import os
import platform
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import psutil
from myst_nb import glue

from helpers.reference import slowness
from helpers.scale import Scale

CPUINFO = Path("/proc/cpuinfo")  # Linux keeps the processor's name nowhere else


def publish(scale: Scale, budget: float) -> None:
    """Glue when, where and how long the chapter was computed, for its page and the record.

    Call it last: the seconds count from the start of the notebook's process. `budget` is
    what the chapter may cost at this scale, in CPU seconds of the reference machine
    (`helpers.reference`); `reference_seconds` are to be compared with it.
    """
    now, process = datetime.now(UTC), psutil.Process()
    spent = process.cpu_times()
    cpu = spent.user + spent.system + spent.children_user + spent.children_system
    wall = time.time() - process.create_time()
    slower = slowness()
    facts = {
        "scale": str(scale),
        "computed_on": f"{now.day} {now:%B %Y, %H:%M} UTC",
        "versions": versions(),
        "processor": processor(),
        "cpu_seconds": cpu,
        "wall_seconds": wall,
        "slowness": slower,
        "reference_seconds": cpu / slower,
        "budget": float(budget),
    }
    for name, value in facts.items():
        glue(name, value, display=False)


def versions() -> str:
    """Interpreter and the libraries that decide numbers."""
    libraries = ", ".join(f"{name} {version(name)}" for name in ("numpy", "torch"))
    return f"Python {platform.python_version()}, {libraries}"


def processor() -> str:
    """The machine as a reader would name it, such as `AMD EPYC, 2 cores, Linux x86_64`."""
    name = platform.processor() or platform.machine()
    if CPUINFO.is_file():
        lines = CPUINFO.read_text(encoding="utf-8").splitlines()
        named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
        name = named[0] if named else name
    return f"{name}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}"
