"""The record of the last build: written from fresh results only, and compared with."""

import json

import nbformat
import pytest

from helpers import record as kept
from helpers.build import publish, record
from helpers.keys import CLAIMS, GLUED
from helpers.scale import Scale

FACTS = {
    "computed_on": "1 May 2026, 10:00 UTC",
    "processor": "a processor",
    "versions": "Python 3.11",
    "cpu_seconds": 100.0,
    "reference_seconds": 120.0,
    "wall_seconds": 110.0,
    "budget": 200.0,
}
CLAIM = {
    "id": "speed", "measured": 10.0, "interval": [9.0, 11.0], "span": [9.0, 11.0],
    "unit": "times", "verdict": "reproduced",
}  # fmt: skip


def glued(name, value):
    return nbformat.v4.new_output(
        "display_data", data={GLUED: repr(value)}, metadata={"scrapbook": {"name": name}}
    )


@pytest.fixture
def project(tmp_path):
    """One chapter with a fresh result at book scale."""
    for folder in ("notebooks", "book", "helpers/build"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "_toc.yml").write_text(
        "root: book/index\nparts: [{chapters: [{file: notebooks/01_x}]}]\n"
    )
    (tmp_path / "notebooks" / "01_x.py").write_text("1\n")
    (tmp_path / "book" / "record.json").write_text('{"chapters": {}}')
    build(tmp_path, CLAIM)
    return tmp_path


def build(project, claim, sources=None):
    outputs = [glued(name, value) for name, value in FACTS.items()]
    outputs.append(glued(CLAIMS, json.dumps([claim])))
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(outputs=outputs)])
    notebook.metadata["headlines"] = {"sources": sources or record.sources(project, "01_x")}
    path = publish.executed(project, Scale.BOOK, "01_x")
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)


def test_what_is_written_is_read_back(project):
    path = record.write(project)
    chapter = kept.read(path)["01_x"]
    assert chapter["claims"] == [{key: CLAIM[key] for key in record.KEPT}]
    assert {name: chapter[name] for name in FACTS} == FACTS
    assert kept.verdicts(path) == {"speed": "reproduced"}
    assert record.costs(project) == {"01_x": 120.0}


def test_only_fresh_results_are_recorded(project):
    (project / "notebooks" / "01_x.py").write_text("2\n")
    with pytest.raises(ValueError, match="01_x has no fresh result at book scale: run `make book`"):
        record.write(project)
    publish.executed(project, Scale.BOOK, "01_x").unlink()
    with pytest.raises(ValueError, match="01_x has no fresh result"):
        record.write(project)
    assert kept.read(project / "book" / "record.json") == {}


def test_what_a_reader_would_see_changed_is_told(project):
    record.write(project)
    assert record.moved(project) == []
    build(project, CLAIM | {"measured": 10.001})  # not shown
    assert record.moved(project) == []
    build(project, CLAIM | {"measured": 6.0, "span": [5.0, 7.0], "verdict": "partly"})
    assert record.moved(project) == [
        "01_x, speed: 10.0 times [9.0, 11.0], reproduced → 6.0 times [5.0, 7.0], partly"
    ]
    build(project, CLAIM | {"id": "cost"})
    assert len(record.moved(project)) == 2  # one went, one came


def test_a_claim_outside_its_band_is_a_stray(project):
    bands = project / "notebooks" / "01_x.bands.json"
    bands.write_text(json.dumps({"book": {"claims": {"speed": [9.5, 10.5]}}}))
    assert record.strays(project, Scale.BOOK) == []
    bands.write_text(json.dumps({"book": {"claims": {"speed": [10.5, 11.5]}}}))
    (stray,) = record.strays(project, Scale.BOOK)
    assert stray == "01_x: speed measured 10, outside [10.5, 11.5]"


def test_all_chapters_are_due_where_they_fit_and_else_what_changed(project, monkeypatch):
    record.write(project)
    assert record.due(project, slowness=1.0)[0] == ["01_x"]
    slow = 1.01 * record.ALLOWANCE * 60 * 2 / FACTS["reference_seconds"]
    assert record.due(project, slow)[0] == []
    monkeypatch.setattr(record, "costs", lambda _: {"01_x": 30 * 60, "02_y": 40 * 60})
    monkeypatch.setattr(record, "changed", lambda _: ["02_y", "01_x"])
    names, why = record.due(project, slowness=1.5)  # 22 and 30 minutes
    assert names == ["01_x"]
    assert why == (
        "all would take 52 min here, so only what changed since the record, as far as it fits, "
        "without 02_y"
    )
    monkeypatch.setattr(record, "changed", lambda _: ["02_y"])
    assert record.due(project, slowness=1.5)[0] == ["02_y"]


@pytest.mark.parametrize("text", ["", "{", "[]", "{}"])
def test_a_broken_record_is_one_sentence(project, text):
    path = project / "book" / "record.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"record.json cannot be read .* `make record`"):
        kept.read(path)
