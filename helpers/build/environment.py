"""Which versions the locks ask for, and which are installed for this interpreter."""

import re
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement


def locked(lock: Path, place: dict[str, str] | None = None) -> dict[str, str]:
    """Version by name of every package that a lock installs, here or at `place`.

    `place` holds environment markers (PEP 508), such as `python_full_version`.
    """
    lines = lock.read_text(encoding="utf-8").splitlines()
    pins = [Requirement(line.rstrip("\\ ")) for line in lines if re.match("[A-Za-z0-9]", line)]
    wanted = [pin for pin in pins if pin.marker is None or pin.marker.evaluate(place)]
    return {pin.name: next(iter(pin.specifier)).version for pin in wanted}


def installed(name: str) -> str | None:
    """The version of a package that this interpreter finds, None without one."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
