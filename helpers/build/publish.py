"""Turn executed notebooks and pages into the book: stage, build with Sphinx, replace.

The finished book is swapped in at the very end, so a build that fails or is interrupted
leaves the previous one as it was.
"""

import base64
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import yaml

from helpers.build.inputs import digest_of, environment, files_of
from helpers.results import read_glued
from helpers.scale import Scale

CONFIGURATION = ("_config.yml", "_toc.yml")
PAGES = (".bib", ".css", ".js", ".md", ".png", ".svg")  # in `book/`: pages, and what they show


class BuildFailed(Exception):
    """Sphinx refused the book; the message says why."""


def chapters(root: Path) -> list[str]:
    """Names of the chapters in `_toc.yml`, in reading order."""
    files = documents(root)
    return [name.removeprefix("notebooks/") for name in files if name.startswith("notebooks/")]


def documents(root: Path) -> list[str]:
    """Every document that `_toc.yml` lists, the root first.

    Raises ValueError, in one sentence, when the table of contents cannot be used.
    """
    try:
        contents = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
        parts = [entry["file"] for part in contents["parts"] for entry in part["chapters"]]
        return [contents["root"], *parts]
    except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
        reason = " ".join(str(error).split())
        raise ValueError(
            f"_toc.yml must hold a root and parts with chapters, each a file ({reason}): mend it"
        ) from None


def executed(root: Path, scale: Scale, chapter: str) -> Path:
    """Where the executed notebook of a chapter lies."""
    return root / "_build" / scale / "notebooks" / f"{chapter}.ipynb"


def html_folder(root: Path, scale: Scale) -> Path:
    """The published book is at book scale; other scales get folders of their own."""
    return root / "_build" / ("html" if scale is Scale.BOOK else f"html-{scale}")


def sources(root: Path, scale: Scale) -> list[Path]:
    """Every file that the HTML depends on, in a stable order."""
    names = chapters(root)
    return [
        *(root / name for name in CONFIGURATION),
        *sorted(files_of(root / "book", PAGES)),
        *(root / "notebooks" / f"{name}.py" for name in names),
        *(executed(root, scale, name) for name in names),
        root / "helpers" / "build" / "publish.py",
        root / "requirements.txt",
    ]


def digest(root: Path, scale: Scale) -> str:
    """What the HTML is made from and with, as one digest."""
    return digest_of(sources(root, scale), root, *environment(root))


def is_fresh(root: Path, scale: Scale) -> bool:
    """Whether the book on disk is whole and was built from what is there now."""
    target = html_folder(root, scale)
    stamp = target / ".sources"
    pages = ("index", *documents(root))
    whole = stamp.is_file() and all((target / f"{page}.html").is_file() for page in pages)
    return whole and stamp.read_text() == digest(root, scale)


def stage(root: Path, scale: Scale) -> Path:
    """Copy configuration, pages and executed notebooks into one Sphinx source folder."""
    pages = root / "_build" / scale / "pages"
    shutil.rmtree(pages, ignore_errors=True)
    for source in (*files_of(root / "book", PAGES), *(root / name for name in CONFIGURATION)):
        target = pages / source.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target)
    (pages / "notebooks").mkdir()
    for name in chapters(root):
        notebook = executed(root, scale, name)
        fill_alternative_texts(notebook, pages / "notebooks" / notebook.name)
        shutil.copy2(root / "notebooks" / f"{name}.py", pages / "notebooks" / f"{name}.py")
        _extract_card(notebook, pages / "book" / "cards" / f"{name}.png")
    return pages


def fill_alternative_texts(notebook: Path, page: Path) -> None:
    """Copy an executed notebook, its numbers and phrases put into alternative texts.

    A text may name what the run glued: `"The network {lead}, by {points:.1f} points."`
    Raises BuildFailed when it names what the run did not glue.
    """
    glued = read_glued(notebook)
    made = nbformat.read(notebook, as_version=4)
    for cell in made.cells:
        image = cell.metadata.get("mystnb", {}).get("image", {})
        try:
            if "alt" in image:
                image["alt"] = image["alt"].format_map(glued)
        except (KeyError, ValueError) as error:
            raise BuildFailed(
                f"{notebook.stem}: the alternative text {image['alt'][:40]!r}… asks for {error}, "
                "which the chapter does not glue: glue it, or mend the text"
            ) from None
    nbformat.write(made, page)


def _extract_card(notebook: Path, picture: Path) -> None:
    """The picture of the cell tagged `thumbnail`, for the chapter's card on the index.

    Raises BuildFailed when the notebook has none.
    """
    for cell in nbformat.read(notebook, as_version=4).cells:
        if "thumbnail" in cell.metadata.get("tags", []):
            for output in cell.outputs:
                if "image/png" in output.get("data", {}):
                    picture.parent.mkdir(exist_ok=True)
                    picture.write_bytes(base64.b64decode(output.data["image/png"]))
                    return
    raise BuildFailed(f"{notebook.stem} has no figure in a cell tagged `thumbnail`: tag one")


def build(root: Path, scale: Scale) -> None:
    """Build the HTML with warnings as errors and put it in place.

    Raises BuildFailed when Sphinx warns. Sphinx's own words are shown above it.
    """
    # Taken first: what is edited while Sphinx runs must not count as built.
    built_from = digest(root, scale)
    pages = stage(root, scale)
    output = root / "_build" / scale / "sphinx"
    shutil.rmtree(output, ignore_errors=True)
    jupyter_book = "from jupyter_book.cli.main import main; main()"  # it has no __main__
    command: list[str | Path] = [sys.executable, "-c", jupyter_book, "build", pages]
    command += ["--path-output", output, "-W", "-n", "--keep-going", "--quiet"]
    plain = os.environ | {"NO_COLOR": "1"}
    done = subprocess.run(command, check=False, env=plain, capture_output=True, text=True)
    html = output / "_build" / "html"
    if done.returncode != 0:
        lines = done.stderr.splitlines()
        for line in [x for x in lines if re.search("WARNING|ERROR", x)] or lines[-15:]:
            print(line.replace(f"{pages}/", ""), file=sys.stderr)
        raise BuildFailed("the pages were not built: mend what Sphinx says above")
    mend_html(html)
    (html / ".sources").write_text(built_from)
    replace_folder(html, html_folder(root, scale))


WIDE = re.compile(
    r'<div class="output text_html">(?=(?:(?!</div>).)*<table[^>]*dataframe)', re.DOTALL
)


def mend_html(html: Path) -> None:
    """Correct what third parties write and what assistive technology rejects.

    sphinxcontrib-bibtex puts `doc-biblioentry` children, deprecated since DPUB-ARIA 1.1,
    into a `list`, which may only hold `listitem`. And a table that is wider than its column,
    as any may be on a phone, must be within the keyboard's reach to be scrolled.
    """
    for page in html.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        mended = text.replace('role="doc-biblioentry"', 'role="listitem"')
        mended = WIDE.sub('<div class="output text_html" tabindex="0">', mended)
        if mended != text:
            page.write_text(mended, encoding="utf-8")


def replace_folder(new: Path, old: Path) -> None:
    """Swap a finished folder in; the predecessor goes only after the swap."""
    retired = _retired(old)
    shutil.rmtree(retired, ignore_errors=True)
    if old.exists():
        old.rename(retired)
    new.rename(old)
    shutil.rmtree(retired, ignore_errors=True)


def restore(folder: Path) -> None:
    """Put the predecessor back if a swap was cut off between its two steps."""
    if not folder.exists() and _retired(folder).is_dir():
        _retired(folder).rename(folder)


def _retired(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.old")
