import subprocess

import pytest

from helpers import install


@pytest.fixture
def clone(tmp_path, monkeypatch):
    """A project whose pip is only recorded, so that no test changes an environment."""
    for name in (*install.LOCKS, "pyproject.toml"):
        (tmp_path / name).write_text(f"{name}\n")
    calls = []
    monkeypatch.setattr(
        install.venv, "create", lambda path, **_: path.mkdir(parents=True, exist_ok=True)
    )
    monkeypatch.setattr(install.subprocess, "run", lambda command, **_: calls.append(command))
    return tmp_path, calls


def test_the_second_call_does_nothing(clone):
    root, calls = clone
    assert install.install(root)
    done = len(calls)
    assert done == len(install.LOCKS) + 1
    assert not install.install(root)
    assert len(calls) == done


def test_a_changed_lock_installs_again(clone):
    root, _ = clone
    install.install(root)
    (root / "requirements.txt").write_text("torch==3\n")
    assert install.install(root)


def test_a_moved_or_second_clone_gets_its_own_environment(clone, tmp_path):
    root, _ = clone
    other = tmp_path / "second"
    other.mkdir()
    for name in (*install.LOCKS, "pyproject.toml"):
        (other / name).write_text((root / name).read_text())
    assert install.wanted(root) != install.wanted(other)
    assert install.python_of(other / ".venv").is_relative_to(other)


def test_an_interrupted_installation_is_taken_up_again(clone, monkeypatch):
    root, _ = clone

    def interrupted(command, **_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(install.subprocess, "run", interrupted)
        install.install(root)
    assert install.install(root)


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
