"""Create or update `.venv` from the locks: `python3 -m helpers.build.install`.

Standard library only, so that it runs before anything is installed. Does nothing, and
needs no network, when the environment already matches the locks.
"""

import argparse
import hashlib
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("requirements.txt", "requirements-data.txt")
OLDEST = (3, 11)


def python_of(environment: Path) -> Path:
    """The interpreter of a virtual environment, on any system."""
    windows = environment / "Scripts" / "python.exe"
    return windows if sys.platform == "win32" else environment / "bin" / "python"


def identity(root: Path) -> str:
    """What ties an environment to its interpreter and its place, in one line."""
    return " ".join(f"{sys.version} {sys.base_prefix} {root}".split())


def contents(root: Path) -> str:
    """A digest of all that decides what is installed."""
    digest = hashlib.sha256()
    for name in (*LOCKS, "pyproject.toml"):
        digest.update((root / name).read_bytes())
    return digest.hexdigest()


def install(root: Path = ROOT, *, force: bool = False) -> None:
    """Make `root/.venv` match the locks; nothing is done if it does.

    The stamp is completed last, so an interrupted installation is taken up again. An
    environment of another interpreter or of a moved clone is emptied first: its scripts
    point elsewhere. Raises subprocess.CalledProcessError when pip fails (pip has said
    why) and OSError when the folder cannot be written.
    """
    environment = root / ".venv"
    stamp = environment / "installed"
    wanted = [identity(root), contents(root)]
    found = stamp.read_text().splitlines() if stamp.is_file() else []
    if found == wanted and not force:
        return
    print(f"Installing the locked packages into {environment} (a few minutes)", flush=True)
    if found[:1] != wanted[:1] or force:
        venv.create(environment, with_pip=True, clear=True)
        stamp.write_text(wanted[0])
    quiet = [] if sys.stdout.isatty() else ["--quiet"]
    pip = [python_of(environment), "-m", "pip", "install", *quiet, "--no-deps"]
    for lock in LOCKS:
        # The lock is complete: pip has nothing to resolve, only hashes to check.
        subprocess.run([*pip, "--require-hashes", "-r", root / lock], check=True)
    # Editable, from this very clone: book and helpers can never be out of step.
    subprocess.run([*pip, "--no-build-isolation", "--editable", root], check=True)
    stamp.write_text("\n".join(wanted))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python3 -m helpers.build.install", description=__doc__)
    parser.add_argument("--force", action="store_true", help="empty .venv and install again")
    force = parser.parse_args().force
    if sys.version_info < OLDEST:
        have, need = (".".join(map(str, v[:2])) for v in (sys.version_info, OLDEST))
        sys.exit(f"error: Python {need} or newer is needed, this is {have}: set PYTHON=…")
    try:
        import ensurepip  # noqa: F401, PLC0415  (Debian ships it apart from Python)
    except ImportError:
        sys.exit("error: this Python cannot create environments: install python3-venv")
    try:
        install(force=force)
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
