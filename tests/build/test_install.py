import shutil
import subprocess
from pathlib import Path

import pytest

from helpers.build import install


@pytest.fixture
def clone(tmp_path, monkeypatch):
    """A project whose pip is only recorded, so that no test changes an environment."""
    for name in (*install.LOCKS, "pyproject.toml"):
        (tmp_path / name).write_text(f"{name}\n")
    calls = []

    def create(path, **_):
        path.mkdir(exist_ok=True)
        calls.append("create")

    monkeypatch.setattr(install.venv, "create", create)
    monkeypatch.setattr(install.subprocess, "run", lambda command, **_: calls.append(command))
    return tmp_path, calls


def test_the_second_call_does_nothing(clone):
    root, calls = clone
    install.install(root)
    done = list(calls)
    assert len(done) == 1 + len(install.LOCKS) + 1  # create, two locks, this clone
    install.install(root)
    assert calls == done


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
