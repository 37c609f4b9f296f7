"""The real study: films and tables of the Osteoarthritis Initiative as `Observations`. Chapter 2.

The data cannot be shipped or fetched: they need an account at the NIMH Data Archive and its
data use agreement (https://nda.nih.gov/oai). Whoever has them points `load` at two folders:

    tables/   pipe-separated, at any depth: Enrollees.txt, and for each visit 00, 01, 03, 05, 06
              AllClinical00.txt, kxr_sq_bu00.txt and XRay00.txt
    films/    00m/0.C.2/<person>/<yyyymmdd>/<series>/001, one DICOM file a series; the series of
              an x-ray begins with 0. A film's barcode is its AccessionNumber.

Rows are chosen as by the code published with Pierson et al. (Nature Medicine 27, 2021). Like
there, the network sees the WHOLE film with both knees. The left of a film shows the right
knee; for an observation of the right knee the film is mirrored, so that the knee in question
is always on the right. Group 1 is whom the paper compares with everybody else: people who
told the study that they are Black or African American.
"""

import random
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pydicom
from PIL import Image
from pydicom.errors import InvalidDicomError

from helpers.knee.observations import FEATURES, Observations
from helpers.parallel import map_tasks

WAVES = ("00", "01", "03", "05", "06")  # baseline, 12, 24, 36 and 48 months
SERIES = "Bilateral PA Fixed Flexion Knee"
PROJECT = 15  # the central reading of all films up to 48 months
ALWAYS_READ = {"xrkl", "xrjsm", "xrjsl"}  # the other features: in people with definite arthritis
DEFINITE = 2  # the grade from which arthritis is definite
DAYS = 90  # at most, between film and visit
ACCEPTED = ("Y", "YD")  # passed quality control, or accepted without
SHOWN = (5, 99)  # percentiles of a film's values that become black and white
PEOPLE = 4796
ENDS = (2296, 2796, 3296)  # of training, validation, more training; the rest is the test set


def load(
    tables: Path,
    films: Path,
    pixels: int,
    *,
    waves: Sequence[str] = WAVES,
    invert_monochrome1: bool = False,
    skip_missing_films: bool = False,
) -> Observations:
    """All knees that have pain, readings and a film; images are (n, pixels, pixels).

    Raises FileNotFoundError for a missing table or film and ValueError for what cannot be
    right in them; each says what to do.
    """
    rows, _ = readings(tables, waves)
    paths = find_films(films, set(rows["barcode"]))
    present = rows["barcode"].isin(paths.keys())
    if not present.all() and not skip_missing_films:
        missing = rows[~present].iloc[0]
        raise FileNotFoundError(
            f"{(~present).sum()} of {len(rows)} knees have no film in {films}, the first with "
            f"barcode {missing['barcode']} of person {missing['person']}: download those films, "
            "or leave the knees out with skip_missing_films=True"
        )
    rows = rows[present].reset_index(drop=True)
    for barcode, person in zip(rows["barcode"], rows["person"], strict=True):
        if paths[barcode].parents[2].name != str(person):
            raise ValueError(
                f"the film {paths[barcode]} lies in the folder of another person than {person}, "
                f"to whom the tables give its barcode {barcode}: download both again"
            )
    barcodes, which = np.unique(rows["barcode"].to_numpy(str), return_inverse=True)
    read = partial(read_film, pixels=pixels, invert_monochrome1=invert_monochrome1)
    images = np.stack(map_tasks(read, [paths[barcode] for barcode in barcodes]))[which]
    right = rows["side"].to_numpy() == 0
    images[right] = images[right][:, :, ::-1]
    numbers = ("person", "group", "site", "side", "visit", "klg")
    return Observations(
        **{name: rows[name].to_numpy(int) for name in numbers},
        koos=rows["koos"].to_numpy(float),
        graded=rows[list(FEATURES)].to_numpy(float),
        images=images,
    )


# Tables


def readings(tables: Path, waves: Sequence[str] = WAVES) -> tuple[pd.DataFrame, pd.DataFrame]:
    """One row per knee and visit with all that is known but the film, and how many were left out.

    The second table counts knees and people after each step; the paper's code ends with
    36,369 knees of 4,172 people, of which its published test set is 11,320 of 1,295.
    """
    people = _people(tables)
    rows = pd.concat([_wave(tables, wave, number) for number, wave in enumerate(waves)])
    rows = rows.merge(people, on="person", validate="many_to_one")
    arthritis = rows[rows["xrkl"] >= DEFINITE].groupby("person")["visit"].min()
    definite = rows["visit"] >= rows["person"].map(arthritis).fillna(np.inf)
    seldom = [feature for feature in FEATURES if feature not in ALWAYS_READ]
    unread = rows[seldom].isna()
    rows[seldom] = rows[seldom].mask(unread & ~definite.to_numpy()[:, None], 0.0)
    keep = {
        "read by project 15": rows["person"].notna(),
        "with a barcode": rows["barcode"] != "",
        "with a grade": rows["xrkl"].notna(),
        "and all features, if arthritis is definite": ~(unread.any(axis=1) & definite),
        "whose film passed quality control": rows["accepted"],
        f"and was taken within {DAYS} days of the visit": ~rows["far"],
        "with scores of pain": rows["koos"].notna() & rows["womac"].notna(),
        "of people whose group, sex, income and education are known": rows["known"],
    }
    left, flow = np.ones(len(rows), bool), []
    for step, kept in keep.items():
        left &= kept.to_numpy(bool)
        flow.append({"step": step, "knees": left.sum(), "people": rows["person"][left].nunique()})
    rows = rows[left].reset_index(drop=True)
    return rows.assign(klg=rows["xrkl"].astype(int)), pd.DataFrame(flow)


def _people(tables: Path) -> pd.DataFrame:
    """person, group, site, and whether all that the paper asks for is known."""
    enrolled = _table(tables, "enrollees", ["ID", "P02RACE", "P02HISP", "P02SEX", "V00SITE"])
    clinical = _table(tables, "allclinical00", ["ID", "V00INCOME", "V00EDCV"])
    both = enrolled.merge(clinical, on="ID", validate="one_to_one")
    asked = both[["P02RACE", "P02HISP", "P02SEX", "V00INCOME", "V00EDCV"]]
    letters = both["V00SITE"].str.strip().str[:1].str.upper()
    return pd.DataFrame(
        {
            "person": both["ID"].astype(int),
            "group": (_number(both["P02RACE"]) == 2).astype(int),
            "site": letters.map(lambda letter: ord(letter) - ord("A") if letter.isalpha() else -1),
            "known": asked.apply(_number).notna().all(axis=1),
        }
    )


def _wave(tables: Path, wave: str, number: int) -> pd.DataFrame:
    """The readings of one visit with pain and quality control; `number` is the visit's."""
    v = f"V{wave}"
    names = [f"{v}{feature.upper()}" for feature in FEATURES]
    table = f"kxr_sq_bu{wave}"
    read = _table(tables, table, ["ID", "SIDE", "READPRJ", f"{v}BARCDBU", *names])
    read = read[_number(read["READPRJ"]) == PROJECT]
    if read.empty:
        raise ValueError(
            f"{table}.txt holds no reading of project {PROJECT} (READPRJ): choose waves among "
            f"{', '.join(WAVES)}"
        )
    side = _number(read["SIDE"])
    if not side.isin((1, 2)).all():
        wrong = read["SIDE"][~side.isin((1, 2))].iloc[0]
        raise ValueError(f"SIDE is {wrong!r} in {table}.txt: it must be 1 (right) or 2 (left)")
    rows = pd.DataFrame({"person": read["ID"].astype(int), "side": side.astype(int) - 1})
    rows["visit"] = number
    rows["barcode"] = _barcode(read[f"{v}BARCDBU"])
    rows[list(FEATURES)] = read[names].apply(_number).to_numpy()
    if rows.duplicated(["person", "side"]).any():
        twice = rows["person"][rows.duplicated(["person", "side"])].iloc[0]
        raise ValueError(f"{table}.txt reads a knee of person {twice} twice for project {PROJECT}")
    for extra in (_pain(tables, wave), _quality(tables, wave)):
        on = ["person", "side"] if "side" in extra else ["barcode"]
        rows = rows.merge(extra, "left", on=on, validate="many_to_one")
    gaps = rows[["visited", "enrolled"]].sub(rows["taken"], axis=0).abs()
    gaps["between"] = (rows["visited"] - rows["enrolled"]).abs()
    rows["far"] = (gaps > pd.Timedelta(days=DAYS)).any(axis=1)
    rows["accepted"] = rows["accepted"].eq(True)
    return rows


def _pain(tables: Path, wave: str) -> pd.DataFrame:
    """person, side, koos, womac and the dates of the visit; two at the baseline."""
    v = f"V{wave}"
    dates = ["P01SVDATE", "V00EVDATE"] if wave == "00" else [f"{v}FVDATE"] * 2
    scores = [f"{v}{score}{side}" for score in ("KOOSKP", "WOMKP") for side in "RL"]
    table = _table(tables, f"allclinical{wave}", ["ID", *dict.fromkeys(dates), *scores])
    visited, enrolled = (_date(table[name]) for name in dates)
    sides = [
        pd.DataFrame(
            {
                "person": table["ID"].astype(int),
                "side": number,
                "koos": _number(table[f"{v}KOOSKP{side}"]),
                "womac": _number(table[f"{v}WOMKP{side}"]),
                "visited": visited,
                "enrolled": enrolled,
            }
        )
        for number, side in enumerate("RL")
    ]
    return pd.concat(sides)


def _quality(tables: Path, wave: str) -> pd.DataFrame:
    """barcode, accepted, and the date of each knee film of a visit."""
    v = f"V{wave}"
    names = ["EXAMTP", "XRBARCD", "ACCEPT", "XRDATE"]
    table = _table(tables, f"xray{wave}", [f"{v}{name}" for name in names])
    table = table[table[f"{v}EXAMTP"].str.strip() == SERIES]
    code = table[f"{v}ACCEPT"].str.split(":").str[0].str.strip(" '")
    rows = pd.DataFrame(
        {
            "barcode": _barcode(table[f"{v}XRBARCD"]),
            "accepted": code.isin(ACCEPTED),
            "taken": _date(table[f"{v}XRDATE"]),
        }
    )
    return rows[rows["barcode"] != ""]


def _table(tables: Path, name: str, columns: Iterable[str]) -> pd.DataFrame:
    """Columns of a table as text; names of files and columns are known by their letters only."""
    found = [path for path in sorted(Path(tables).rglob("*.txt")) if path.stem.lower() == name]
    if not found:
        raise FileNotFoundError(
            f"no table {name}.txt under {tables}: unpack the OAI's ASCII tables there"
        )
    table = pd.read_csv(found[0], sep="|", dtype=str, keep_default_na=False, encoding="latin-1")
    table.columns = table.columns.str.strip().str.upper()
    for column in columns:
        if column not in table:
            raise ValueError(f"{found[0]} has no column {column}: is it a table of the OAI?")
    return table[list(columns)]


def _number(text: pd.Series) -> pd.Series:
    """'2: Black or African American' is 2; blanks and '.: Missing …' are NaN."""
    return text.str.extract(r"^\s*(-?\d*\.?\d+)\s*(?::|$)", expand=False).astype(float)


def _barcode(text: pd.Series) -> pd.Series:
    """Twelve digits, of which tables drop the leading zero; empty where there is none."""
    digits = text.str.extract(r"^\s*(\d{11,12})(?:\.0)?\s*$", expand=False)
    return digits.str.zfill(12).fillna("")


def _date(text: pd.Series) -> pd.Series:
    return pd.to_datetime(text.str.strip(), format="%m/%d/%Y", errors="coerce")


# Films


def find_films(films: Path, barcodes: set[str]) -> dict[str, Path]:
    """Where the knee films with these barcodes lie; only headers are read.

    Raises ValueError for a knee film without a barcode or two with the same.
    """
    found: dict[str, Path] = {}
    for path in sorted(Path(films).rglob("0*/001")):
        header = _dicom(path, stop_before_pixels=True)
        if str(header.get("SeriesDescription", "")).strip() != SERIES:
            continue
        barcode = str(header.get("AccessionNumber", "")).strip()
        if not barcode:
            raise ValueError(
                f"the film {path} has no barcode (AccessionNumber), so nobody knows whose knees "
                "it shows: download it again, or remove it"
            )
        if barcode in found:
            raise ValueError(f"two films have the barcode {barcode}: {found[barcode]} and {path}")
        if barcode in barcodes:
            found[barcode] = path
    return found


def read_film(path: Path, pixels: int, *, invert_monochrome1: bool = False) -> np.ndarray:
    """A film as bytes (pixels, pixels), bone bright, whatever its proportions.

    The paper divides by the largest value of all films, the test set's included. Here each
    film is stretched between two percentiles of its own, as Tiulpin et al. (2017) do, so that
    it depends on no other film. Raises ValueError for a damaged file and for MONOCHROME1.
    """
    header = _dicom(path)
    negative = header.get("PhotometricInterpretation") == "MONOCHROME1"
    if negative and not invert_monochrome1:
        raise ValueError(
            f"the film {path} is MONOCHROME1, a negative of the others, and a network can learn "
            "which clinics store those: invert such films with invert_monochrome1=True"
        )
    try:
        values = header.pixel_array.astype(np.float32)
    except (AttributeError, ValueError) as error:
        raise ValueError(f"the film {path} is damaged: download it again") from error
    values = -values if negative else values
    low, high = np.percentile(values, SHOWN)
    if low == high:
        raise ValueError(f"the film {path} is blank: download it again, or remove it")
    shades = (values.clip(low, high) - low) / (high - low)
    shrunk = Image.fromarray(shades).resize((pixels, pixels), Image.Resampling.BICUBIC)
    return np.round(255 * np.clip(shrunk, 0, 1)).astype(np.uint8)


def _dicom(path: Path, **options: bool) -> pydicom.FileDataset:
    try:
        header = pydicom.dcmread(path, **options)
    except InvalidDicomError as error:
        raise ValueError(f"the film {path} is no DICOM file: download it again") from error
    if "SeriesDescription" not in header:
        raise ValueError(f"the film {path} breaks off in its header: download it again")
    return header


# People


def paper_parts(seen: Observations, tables: Path) -> tuple[Observations, ...]:
    """Rows of the very people with whom the paper trained, validated and tested."""
    members = paper_split(_table(tables, "enrollees", ["ID"])["ID"].astype(int))
    return tuple(seen.take(np.isin(seen.person, part)) for part in members)


def paper_split(people: Iterable[int]) -> tuple[np.ndarray, ...]:
    """People to train with, to validate and to test, by the paper's own shuffle.

    `people` are all 4,796 of the study. Raises ValueError for another number of them.
    """
    shuffled = sorted({int(person) for person in people})
    if len(shuffled) != PEOPLE:
        raise ValueError(f"the paper split {PEOPLE:,} people, not {len(shuffled):,}")
    random.Random(0).shuffle(shuffled)
    train, validation, more, test = np.split(np.array(shuffled), ENDS)
    return np.concatenate([train, more]), validation, test
