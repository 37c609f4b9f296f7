"""Create or update `.venv` from the locks: `python3 -m helpers.build.install [--dev]`.

Standard library only, so that it runs before anything is installed. Does nothing, and
needs no network, when the environment already matches the locks. If the environment
variable HEADLINES_PYTHON names the interpreter of an environment that exists, its versions
are checked instead, and nothing is installed.
"""

import argparse
import os
import subprocess
import sys
import venv
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BOOK_LOCK, DATA_LOCK = LOCKS = ("requirements.txt", "requirements-data.txt")  # build the book
DEV_LOCK = "requirements-dev.txt"  # tests, lints and races it; never at odds with the book's
PARTS = {"book": (*LOCKS, "pyproject.toml"), "dev": (DEV_LOCK,)}
OLDEST = (3, 11)


def python_of(environment: Path) -> Path:
    """The interpreter of a virtual environment, on any system."""
    windows = environment / "Scripts" / "python.exe"
    return windows if sys.platform == "win32" else environment / "bin" / "python"


def identity(root: Path) -> str:
    """What ties an environment to its interpreter and its place, in one line."""
    return " ".join(f"{sys.version} {sys.base_prefix} {root}".split())


# Annotations that an older Python cannot evaluate are quoted: it must reach its sentence.
def parts(root: Path, dev: bool) -> "list[str]":
    """The parts to be installed, each as its name and a digest of all that decides it."""
    found = []
    for name in ("book", "dev") if dev else ("book",):
        digest = sha256(b"".join((root / file).read_bytes() for file in PARTS[name]))
        found.append(f"{name} {digest.hexdigest()}")
    return found


def install(root: Path = ROOT, *, dev: bool = False, force: bool = False) -> None:
    """Make `root/.venv` match the book's locks, with `dev` the tests' too; add, never remove.

    The stamp names a part when it is complete, so an interrupted installation is taken up
    again. An environment of another interpreter or of a moved clone is emptied first: its
    scripts point elsewhere. Raises subprocess.CalledProcessError when pip fails (pip has
    said why) and OSError when the folder cannot be written.
    """
    environment = root / ".venv"
    stamp = environment / "installed"
    found = stamp.read_text().splitlines() if stamp.is_file() else []
    anew = force or found[:1] != [identity(root)]
    done = [] if anew else found[1:]
    missing = [part for part in parts(root, dev) if part not in done]
    if not missing:
        return
    if anew:
        venv.create(environment, with_pip=True, clear=True)
    outdated = [part.split()[0] for part in missing]
    done = [identity(root), *(part for part in done if part.split()[0] not in outdated)]
    for part in missing:
        stamp.write_text("\n".join(done))
        _install_part(part.split()[0], root, python_of(environment))
        done.append(part)
    stamp.write_text("\n".join(done))


def _install_part(name: str, root: Path, python: Path) -> None:
    what = "builds the book" if name == "book" else "tests and races it"
    print(f"Installing what {what} into {root / '.venv'} (a few minutes)", flush=True)
    quiet = [] if sys.stdout.isatty() else ["--quiet"]
    pip: list[str | Path] = [python, "-m", "pip", "install", *quiet, "--no-deps"]
    for lock in LOCKS if name == "book" else (DEV_LOCK,):
        # The lock is complete: pip has nothing to resolve, only hashes to check.
        subprocess.run([*pip, "--require-hashes", "-r", root / lock], check=True)
    if name == "book":
        # Editable, from this very clone: book and helpers can never be out of step.
        subprocess.run([*pip, "--no-build-isolation", "--editable", root], check=True)


def check(python: str, *, dev: bool = False, force: bool = False) -> int:
    """Whether the environment of `python` can be used as it is: 0, or 1 after one sentence.

    Nothing is installed into it.
    """
    chosen = f"error: HEADLINES_PYTHON={python}"
    usable = f"import sys, packaging; sys.exit(sys.version_info < {OLDEST})"
    command = [python, "-m", "helpers.build.environment", *(["--dev"] if dev else [])]
    try:
        found = subprocess.run([python, "-c", usable], check=False, stderr=subprocess.DEVNULL)
        if found.returncode != 0:
            need = f"Python {_dotted(OLDEST)} or newer with the packages of environment.yml"
            sys.exit(f"{chosen} is no {need}: name one, or unset it")
        if force:
            cure = f"`{python} -m pip install --force-reinstall --no-deps -r {DATA_LOCK}`"
            sys.exit(f"{chosen} is yours, so nothing is installed there: run {cure} yourself")
        return subprocess.run(command, check=False, cwd=ROOT).returncode
    except OSError as error:
        sys.exit(f"{chosen} does not run ({error.strerror}): mend it, or unset it")


def _dotted(version: "tuple[object, ...]") -> str:
    return ".".join(map(str, version[:2]))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python3 -m helpers.build.install", description=__doc__)
    parser.add_argument("--dev", action="store_true", help="what tests and races the book, too")
    parser.add_argument("--force", action="store_true", help="empty .venv and install again")
    options = vars(parser.parse_args())
    if os.environ.get("HEADLINES_PYTHON"):
        return check(os.environ["HEADLINES_PYTHON"], **options)
    if sys.version_info < OLDEST:
        have, need = _dotted(sys.version_info), _dotted(OLDEST)
        sys.exit(f"error: Python {need} or newer is needed, this is {have}: set PYTHON=…")
    try:
        import ensurepip  # noqa: F401, PLC0415  (Debian ships it apart from Python)
    except ImportError:
        sys.exit("error: this Python cannot create environments: install python3-venv")
    try:
        install(**options)
    except subprocess.CalledProcessError:
        sys.exit("error: pip could not install the locked packages: see above, then run again")
    except OSError as error:
        sys.exit(f"error: cannot write the environment ({error}): make the folder writable")
    except KeyboardInterrupt:
        print("\ninterrupted: run the same command again to continue", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
