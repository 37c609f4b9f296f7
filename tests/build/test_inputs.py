import pytest

from helpers.build.inputs import chapter_inputs, digest, imported_helpers
from helpers.scale import Scale


@pytest.fixture
def project(tmp_path):
    files = {
        "helpers/__init__.py": "",
        "helpers/scale.py": "",
        "helpers/build/execute.py": "",
        "helpers/unused.py": "",
        "helpers/market/__init__.py": "",
        "helpers/market/prices.py": "from helpers import scale\nfrom helpers.data import locate\n",
        "helpers/market/table.csv": "a,b\n",
        "helpers/data.py": "import json\n",
        "requirements.txt": "",
        "requirements-data.txt": "",
        "notebooks/01_x.py": "import numpy\nfrom helpers.market import prices\n",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def test_imports_are_followed_through_helpers(project):
    found = imported_helpers(project / "notebooks/01_x.py", project)
    names = {path.relative_to(project).as_posix() for path in found}
    assert names == {
        "helpers/__init__.py",
        "helpers/scale.py",
        "helpers/data.py",
        "helpers/market/__init__.py",
        "helpers/market/prices.py",
    }


def test_data_beside_an_imported_helper_counts(project):
    assert project / "helpers/market/table.csv" in chapter_inputs(
        project / "notebooks/01_x.py", project
    )


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("notebooks/01_x.py", True),
        ("helpers/data.py", True),
        ("helpers/market/table.csv", True),
        ("requirements.txt", True),
        ("helpers/unused.py", False),
    ],
)
def test_the_digest_changes_only_with_what_the_chapter_uses(project, name, changes):
    script = project / "notebooks/01_x.py"
    before = digest(script, Scale.QUICK, project)
    path = project / name
    path.write_text(path.read_text() + "# changed\n")
    assert (digest(script, Scale.QUICK, project) != before) == changes


def test_the_digest_depends_on_the_scale(project):
    script = project / "notebooks/01_x.py"
    assert digest(script, Scale.QUICK, project) != digest(script, Scale.BOOK, project)
