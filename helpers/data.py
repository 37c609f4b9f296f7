"""Data files that ship inside pinned PyPI packages: found by path, checked by sha256.

The packages are never imported. Their versions are pinned in requirements-data.txt
(installed without dependencies) or requirements.txt; their licences are on the book's
page *Data sources*.
"""

import hashlib
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path


@dataclass(frozen=True)
class DataFile:
    """One file inside an installed package."""

    package: str  # the distribution's name on PyPI
    path: str  # relative to site-packages
    sha256: str


FILES = {
    "french_monthly": DataFile(
        "arch",
        "arch/data/frenchdata/frenchdata.csv.gz",
        "f23436727b01d879e1372e3ee277514b0962a23d2b158f1aee6a402a90994f52",
    ),
    "sp500_index": DataFile(
        "skfolio",
        "skfolio/datasets/data/sp500_index.csv.gz",
        "894c34431c284f86aa64a467e176e2a3c9b697c857eb9ab35006c2dd55d3fdf2",
    ),
    "sp500_stocks": DataFile(
        "skfolio",
        "skfolio/datasets/data/sp500_dataset.csv.gz",
        "ee21cac28befb1d0a739a9ceb22184f995394726aa0cfde9a21941d1ac04ac0d",
    ),
}


CURE = "run `python3 -m helpers.build.install --force` to install the pinned packages again"


def place(package: str, path: str) -> Path:
    """Where a file or folder of an installed package lies; FileNotFoundError without it."""
    try:
        return Path(str(distribution(package).locate_file(path)))
    except PackageNotFoundError:
        raise FileNotFoundError(f"the data package {package!r} is not installed: {CURE}") from None


def locate(name: str) -> Path:
    """The path of a registered data file; see `find`.

    Raises KeyError for a name that is not in `FILES`.
    """
    if name not in FILES:
        raise KeyError(f"unknown data file {name!r}: choose one of {', '.join(FILES)}")
    return find(FILES[name])


def find(wanted: DataFile) -> Path:
    """The path of a data file, after checking that it is the pinned one.

    Raises FileNotFoundError when the package or its file is missing, and ValueError when
    the file is not the one the book was written with. Each says what to do.
    """
    path = place(wanted.package, wanted.path)
    if not path.is_file():
        raise FileNotFoundError(
            f"the data package {wanted.package!r} has no file {wanted.path!r}: {CURE}"
        )
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != wanted.sha256:
        raise ValueError(
            f"the data file {wanted.path!r} is not the pinned one "
            f"(sha256 {found[:12]}…, expected {wanted.sha256[:12]}…): {CURE}"
        )
    return path
