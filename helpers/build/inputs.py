"""What a result depends on, as digests.

A chapter is run again when, and only when, its script, a helper that it imports
(directly or through another helper), a data file beside such a helper, the locks, the
way chapters are executed, the scale, the interpreter or an installed version changed. The
digest is kept inside the executed notebook, so a result that was computed elsewhere, or
before an interruption, is recognised.

What counts is listed, by kind of file: what editors, systems and compilers leave beside
the sources (backups, check points, caches) changes nothing.
"""

import ast
import hashlib
import os
import platform
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import nbformat

from helpers.build import processors
from helpers.build.environment import installed, locked
from helpers.build.install import LOCKS
from helpers.scale import Scale

RECORD = "book/record.json"
DATA = (".csv", ".html", ".toml")  # beside a helper: tables, widgets, facts


def imported_helpers(source: Path, root: Path) -> set[Path]:
    """Files of the `helpers` package that a Python file imports, transitively."""
    found: set[Path] = set()
    waiting = [source]
    while waiting:
        for name in _imported_names(waiting.pop()):
            path = _module_file(name, root)
            if path and path not in found:
                found.add(path)
                waiting.append(path)
    return found


def _imported_names(source: Path) -> set[str]:
    """Dotted names that may be `helpers` modules; a name too many does no harm."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"), str(source))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    # `import helpers.market.prices` also runs helpers/market/__init__.py.
    parents = {name.rsplit(".", k)[0] for name in names for k in range(1, name.count(".") + 1)}
    return {name for name in names | parents if name.split(".")[0] == "helpers"}


def _module_file(name: str, root: Path) -> Path | None:
    base = root.joinpath(*name.split("."))
    candidates = (base.with_suffix(".py"), base / "__init__.py")
    return next((path for path in candidates if path.is_file()), None)


def files_of(folder: Path, kinds: tuple[str, ...]) -> set[Path]:
    """Files of these kinds below a folder, but for hidden ones and those in hidden folders."""
    found = (path for path in folder.rglob("*") if path.suffix in kinds and path.is_file())
    return {
        path
        for path in found
        if not any(part.startswith(".") for part in path.relative_to(folder).parts)
    }


def chapter_inputs(script: Path, scale: Scale, root: Path) -> list[Path]:
    """Every file that decides a chapter's result, in a stable order."""
    modules = imported_helpers(script, root)
    packages = {path.parent for path in modules} - {root / "helpers"}
    data = {path for package in packages for path in files_of(package, DATA)}
    always = {root / name for name in (*LOCKS, "helpers/build/execute.py")}
    # A quick run shows the verdicts of the record; the record comes from runs at book scale.
    shown = {root / RECORD} if scale == Scale.QUICK else set()
    return sorted({script, *modules, *data, *always, *shown})


def digest_of(files: Iterable[Path], root: Path, *facts: str) -> str:
    """sha256 over names and contents of files, and over facts that no file holds."""
    total = hashlib.sha256("\0".join(facts).encode())
    for path in files:
        total.update(f"\0{path.relative_to(root).as_posix()}\0".encode())
        total.update(path.read_bytes() if path.is_file() else b"missing")
    return total.hexdigest()


def sources_digest(script: Path, scale: Scale, root: Path) -> str:
    """What a chapter is computed from: the same on every machine."""
    return digest_of(chapter_inputs(script, scale, root), root, scale)


def digest(script: Path, scale: Scale, root: Path) -> str:
    """What a chapter is computed from and with: decides whether a result is fresh."""
    return digest_of((), root, sources_digest(script, scale, root), *environment(root))


def is_fresh(script: Path, executed: Path, scale: Scale, root: Path) -> bool:
    """Whether the executed notebook was made from what is there now."""
    try:
        made_from = nbformat.read(executed, as_version=4).metadata["headlines"]["inputs"]
        return bool(made_from == digest(script, scale, root))
    except (OSError, KeyError, ValueError, SyntaxError):
        return False  # nothing there, or unreadable: running the chapter says which


@cache
def environment(root: Path) -> tuple[str, ...]:
    """The interpreter, the processor that is emulated, and the installed versions in use."""
    interpreter = f"{platform.python_implementation()} {platform.python_version()}"
    names = sorted({name for lock in LOCKS for name in locked(root / lock)})
    versions = (f"{name} {installed(name)}" for name in names)
    return (interpreter, os.environ.get(processors.VARIABLE, processors.NATIVE), *versions)
