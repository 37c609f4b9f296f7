"""`make lab`: the chapter asked for, and a script that changes only where it was edited."""

import os
import shutil
import sys

import pytest
from jupytext import TextFileContentsManager
from support import ROOT

import dodo


@pytest.mark.parametrize(
    ("name", "opened"),
    [("05_materials", "notebooks/05_materials.ipynb"), ("", "notebooks")],
)
def test_lab_opens_what_was_asked_for(monkeypatch, name, opened):
    became = []
    monkeypatch.setattr(dodo.os, "execv", lambda *command: became.append(command))
    dodo.lab(name)
    ((program, (_, *options)),) = became
    assert program == sys.executable
    assert f"--LabApp.default_url=/lab/tree/{opened}" in options
    assert (ROOT / opened).exists()


def test_what_is_saved_in_lab_reaches_the_script_and_nothing_else_does(tmp_path):
    """However old the script: after `make refresh` it is older than the notebook."""
    (tmp_path / "notebooks").mkdir()
    for name in ("pyproject.toml", "notebooks/05_materials.py", "notebooks/05_materials.ipynb"):
        shutil.copy2(ROOT / name, tmp_path / name)
    script = tmp_path / "notebooks" / "05_materials.py"
    os.utime(script, (0, 0))
    before = script.read_text()
    manager = TextFileContentsManager(root_dir=str(tmp_path))
    path = "notebooks/05_materials.ipynb"
    model = manager.get(path)
    model["content"]["cells"][0]["source"] += "\nA new line."
    manager.save(model, path)
    after = script.read_text().splitlines()
    assert [line for line in after if line not in before.splitlines()] == ["# A new line."]
    assert len(after) == len(before.splitlines()) + 1
