"""What a chapter's result depends on, as one digest.

A chapter is run again when, and only when, its script, a helper that it imports
(directly or through another helper), a data file beside such a helper, the locks, the
way chapters are executed or the scale changed. The digest is kept inside the executed
notebook, so a result that was computed elsewhere, or before an interruption, is
recognised.
"""

import ast
import hashlib
from pathlib import Path

from helpers.build.install import LOCKS
from helpers.scale import Scale


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


def chapter_inputs(script: Path, root: Path) -> list[Path]:
    """Every file that decides a chapter's result, in a stable order."""
    modules = imported_helpers(script, root)
    packages = {path.parent for path in modules} - {root / "helpers"}
    data = {
        path
        for package in packages
        for path in package.rglob("*")
        if path.is_file() and path.suffix not in (".py", ".pyc")
    }
    always = {root / name for name in (*LOCKS, "helpers/build/execute.py")}
    return sorted({script, *modules, *data, *always})


def digest(script: Path, scale: Scale, root: Path) -> str:
    """sha256 over the names and contents of a chapter's inputs, and the scale."""
    total = hashlib.sha256(scale.encode())
    for path in chapter_inputs(script, root):
        total.update(f"\0{path.relative_to(root).as_posix()}\0".encode())
        total.update(path.read_bytes())
    return total.hexdigest()
