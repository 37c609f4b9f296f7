"""Which versions the locks ask for, and which are installed for this interpreter.

    python -m helpers.build.environment [--dev]

says in one sentence, if it is not so, what keeps this interpreter from building the book
(with `--dev`: from testing it).
"""

import re
import sys
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from helpers.build.install import BOOK_LOCK, DATA_LOCK, DEV_LOCK, ROOT

SHOWN = 3  # packages named in a sentence


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


def asked_for(project: dict[str, Any], group: str | None = None) -> Iterator[str]:
    """Names of the direct dependencies in pyproject.toml that apply here, or of a group there."""
    lines = project["dependency-groups"][group] if group else project["project"]["dependencies"]
    for line in lines:
        if isinstance(line, dict):
            yield from asked_for(project, line["include-group"])
            continue
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate():
            yield canonicalize_name(requirement.name)


def differences(pins: dict[str, str]) -> list[str]:
    """Each package whose installed version is not the pinned one, with both.

    A local part, as in `2.14.1+cpu`, names a build of the same version.
    """
    return [
        f"{name} {have or 'missing'} (needs {need})"
        for name, need in pins.items()
        if (have := installed(name)) is None or Version(have).public != need
    ]


def what_is_wrong(root: Path, python: str, dev: bool) -> str | None:
    """One sentence on the first lock that the environment of `python` does not satisfy.

    Only what the project asks for itself counts, and all data packages: conda chooses other
    versions of what those bring along.
    """
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    pip = f"run `{python} -m pip install --no-deps -r"
    steps = [
        (BOOK_LOCK, asked_for(project), "install those of environment.yml, or unset it"),
        (DATA_LOCK, None, f"{pip} {DATA_LOCK}`"),
        (DEV_LOCK, asked_for(project, "dev"), f"{pip} {DEV_LOCK}`"),
    ]
    for lock, names, cure in steps if dev else steps[:2]:
        pins = locked(root / lock)
        wrong = differences({name: pins[name] for name in names or pins})
        if wrong:
            more = f" and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
            shown = ", ".join(wrong[:SHOWN])
            return f"HEADLINES_PYTHON={python} has other versions: {shown}{more}; {cure}"
    return None


if __name__ == "__main__":
    if wrong := what_is_wrong(ROOT, sys.executable, dev="--dev" in sys.argv):
        sys.exit(f"error: {wrong}")
