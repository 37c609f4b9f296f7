import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from helpers.build import install


@pytest.fixture(autouse=True)
def no_present_environment(monkeypatch):
    monkeypatch.delenv("HEADLINES_PYTHON", raising=False)


@pytest.fixture
def clone(tmp_path, monkeypatch):
    """A project whose pip is only recorded, so that no test changes an environment."""
    for name in (*install.LOCKS, install.DEV_LOCK, "pyproject.toml"):
        (tmp_path / name).write_text(f"{name}\n")
    calls = []

    def create(path, **_):
        path.mkdir(exist_ok=True)
        calls.append("create")

    monkeypatch.setattr(install.venv, "create", create)
    monkeypatch.setattr(install.subprocess, "run", lambda command, **_: calls.append(command))
    return tmp_path, calls


def locks(calls) -> list[str]:
    """Names of the locks that pip was called with, in order."""
    return [call[-1].name for call in calls if "--require-hashes" in call]


def test_the_second_call_does_nothing(clone):
    root, calls = clone
    install.install(root)
    done = list(calls)
    assert len(done) == 1 + len(install.LOCKS) + 1  # create, two locks, this clone
    assert locks(done) == ["requirements.txt", "requirements-data.txt"]
    install.install(root)
    assert calls == done


def test_what_tests_the_book_is_added_to_what_builds_it_and_stays(clone):
    root, calls = clone
    install.install(root)
    calls.clear()
    install.install(root, dev=True)
    assert "create" not in calls
    assert locks(calls) == ["requirements-dev.txt"]
    assert len(calls) == 1
    install.install(root)
    install.install(root, dev=True)
    assert len(calls) == 1


def test_both_parts_at_once(clone):
    root, calls = clone
    install.install(root, dev=True)
    assert calls[0] == "create"
    assert locks(calls) == ["requirements.txt", "requirements-data.txt", "requirements-dev.txt"]


@pytest.mark.parametrize(
    ("changed", "again"),
    [
        ("requirements-dev.txt", ["requirements-dev.txt"]),
        ("requirements-data.txt", ["requirements.txt", "requirements-data.txt"]),
        ("pyproject.toml", ["requirements.txt", "requirements-data.txt"]),
    ],
)
def test_only_the_part_whose_lock_changed_is_installed_again(clone, changed, again):
    root, calls = clone
    install.install(root, dev=True)
    calls.clear()
    (root / changed).write_text("something else\n")
    install.install(root, dev=True)
    assert "create" not in calls
    assert locks(calls) == again
    calls.clear()
    install.install(root, dev=True)
    assert calls == []


def test_an_environment_of_an_earlier_release_is_completed_not_emptied(clone):
    root, calls = clone
    (root / ".venv").mkdir()
    (root / ".venv" / "installed").write_text(f"{install.identity(root)}\n0123abcd")
    install.install(root)
    assert "create" not in calls
    assert locks(calls) == list(install.LOCKS)


def test_a_changed_lock_installs_again(clone):
    root, calls = clone
    install.install(root)
    calls.clear()
    (root / "requirements.txt").write_text("torch==3\n")
    install.install(root)
    assert "create" not in calls
    assert len(calls) == len(install.LOCKS) + 1


def test_a_moved_or_copied_clone_empties_the_environment_that_came_with_it(clone, tmp_path):
    root, calls = clone
    install.install(root)
    moved = Path(shutil.copytree(root, tmp_path.with_name("moved")))
    calls.clear()
    install.install(moved)
    assert calls[0] == "create"
    calls.clear()
    install.install(root)
    assert calls == []


def test_another_interpreter_empties_the_environment(clone, monkeypatch):
    root, calls = clone
    install.install(root)
    calls.clear()
    monkeypatch.setattr(install.sys, "version", "3.14.0")
    install.install(root)
    assert calls[0] == "create"


def test_an_interrupted_installation_is_taken_up_again(clone, monkeypatch):
    root, calls = clone

    def interrupted(command, **_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(install.subprocess, "run", interrupted)
        install.install(root)
    calls.clear()
    install.install(root)
    assert len(calls) == len(install.LOCKS) + 1
    assert "create" not in calls


def test_an_interrupted_part_is_taken_up_again_and_the_other_kept(clone, monkeypatch):
    root, calls = clone
    install.install(root, dev=True)

    def interrupted(command, **_):
        raise KeyboardInterrupt

    (root / "requirements.txt").write_text("torch==3\n")
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(install.subprocess, "run", interrupted)
        install.install(root, dev=True)
    (root / "requirements.txt").write_text("requirements.txt\n")  # back to what was installed
    calls.clear()
    install.install(root, dev=True)
    assert locks(calls) == list(install.LOCKS)


def test_a_failing_pip_is_one_sentence(monkeypatch):
    def failing(**_):
        raise subprocess.CalledProcessError(1, "pip")

    monkeypatch.setattr(install, "install", failing)
    monkeypatch.setattr(install.sys, "argv", ["install"])
    with pytest.raises(SystemExit, match="error: pip could not install the locked packages"):
        install.main()


def test_an_old_python_is_one_sentence(monkeypatch):
    monkeypatch.setattr(install.sys, "version_info", (3, 9, 1))
    monkeypatch.setattr(install.sys, "argv", ["install"])
    with pytest.raises(SystemExit, match="error: Python 3.11 or newer is needed, this is 3.9"):
        install.main()


def planned(*arguments) -> str:
    """What `make` would do, were it not called by the make that runs these tests."""
    return subprocess.run(
        ["make", "--dry-run", *arguments],
        check=True,
        cwd=install.ROOT,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
    ).stdout


@pytest.mark.parametrize("target", ["book", "chapter", "lab", "refresh", "test", "bench"])
def test_make_installs_what_its_target_needs_and_runs_with_the_environment_named(target):
    dev = " --dev" if target in ("test", "bench") else ""
    for given, python in [((), ".venv/bin/python"), (("HEADLINES_PYTHON=/my/env",), "/my/env")]:
        command = f'python3 -m helpers.build.install{dev} && "{python}" '
        assert planned(target, *given).startswith(command)


@pytest.fixture
def present(monkeypatch):
    """`python3 -m helpers.build.install …` with HEADLINES_PYTHON set to a given path."""

    def call(python, *options):
        monkeypatch.setenv("HEADLINES_PYTHON", str(python))
        monkeypatch.setattr(install.sys, "argv", ["install", *options])
        monkeypatch.setattr(install, "install", lambda **_: pytest.fail("wrote to .venv"))
        return install.main()

    return call


@pytest.mark.parametrize(
    ("python", "words"),
    [
        ("/nowhere/python", "does not run .No such file or directory.: mend it, or unset it"),
        (shutil.which("false"), "is no Python 3.11 or newer with the packages of environment.yml"),
    ],
)
def test_a_present_environment_that_cannot_be_used_is_one_sentence(present, python, words):
    with pytest.raises(SystemExit, match=f"error: HEADLINES_PYTHON={python} {words}"):
        present(python)


def test_a_present_environment_is_never_written_to(present):
    with pytest.raises(SystemExit, match="nothing is installed there: run `.* -m pip install"):
        present(sys.executable, "--force")


@pytest.mark.parametrize("options", [(), ("--dev",)])
def test_a_present_environment_is_asked_for_its_versions(present, monkeypatch, options):
    asked = []

    def answer(command, **_):
        asked.append(command)
        return subprocess.CompletedProcess(command, 0 if command[1] == "-c" else 1)

    monkeypatch.setattr(install.subprocess, "run", answer)
    assert present("/my/python", *options) == 1
    assert asked[1] == ["/my/python", "-m", "helpers.build.environment", *options]
