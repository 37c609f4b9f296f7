"""The loader of the real study, on small files in the study's own layout.

Names of files, folders, columns and codes are those that the paper's published code reads; the
people and their knees are invented.
"""

import ast
from pathlib import Path

import numpy as np
import pandas as pd
import pydicom
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ComputedRadiographyImageStorage, ImplicitVRLittleEndian

from helpers.knee import disparity, oai, training
from helpers.knee.cohort import sample
from helpers.knee.observations import FEATURES
from helpers.knee.training import Recipe
from helpers.knee.worlds import WORLDS, Darkroom
from helpers.parallel import map_tasks

ROOT = Path(__file__).resolve().parents[2]

MISSING = ".: Missing Form/Incomplete Workbook"
PEOPLE = {  # person: race, site, cohort folder
    9000001: ("1: White or Caucasian", "A", "0.C.2"),
    9000002: ("2: Black or African American", "C", "0.C.2"),
    9000003: ("3: Asian", "E", "0.E.1"),
}
MONTHS = {"00": "00m", "01": "12m"}
KLG = {9000001: 0, 9000002: 3, 9000003: 1}


def barcode(person: int, wave: str) -> str:
    return f"0166{person % 10:04d}{wave}01"


def film(person: int, wave: str) -> np.ndarray:
    """60 by 90 pixels of 12 bits; bright where the patient's right knee is, the film's left."""
    rng = np.random.default_rng([person, int(wave)])
    values = rng.integers(0, 2000, (60, 90))
    values[:, :45] += 2000
    return values.astype(np.uint16)


def write_film(path: Path, values: np.ndarray, **tags: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    data = Dataset()
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    data.SOPClassUID = ComputedRadiographyImageStorage
    data.SOPInstanceUID = pydicom.uid.generate_uid()
    data.Modality = "CR"
    data.SeriesDescription = oai.SERIES
    data.PhotometricInterpretation = "MONOCHROME2"
    data.Rows, data.Columns = values.shape
    data.SamplesPerPixel, data.PixelRepresentation = 1, 0
    data.BitsAllocated, data.BitsStored, data.HighBit = 16, 12, 11
    for tag, value in tags.items():
        setattr(data, tag, value)
    data.PixelData = values.tobytes()
    data.save_as(path, enforce_file_format=True)


def path_of(root: Path, person: int, wave: str) -> Path:
    month, cohort = MONTHS[wave], PEOPLE[person][2]
    return (
        root
        / "films"
        / month
        / cohort
        / str(person)
        / "20040602"
        / f"0{wave}{person % 100000}"
        / "001"
    )


def tables_of(wave: str) -> dict[str, pd.DataFrame]:
    """The tables of a visit, by file name, as text."""
    v, people = f"V{wave}", list(PEOPLE)
    clinical = pd.DataFrame({"ID": people, "P01SVDATE": "06/01/2004", f"{v}FVDATE": "06/01/2004"})
    if wave == "00":
        clinical = clinical.assign(
            V00EVDATE="06/05/2004", V00INCOME="3: $25K to < $50K", V00EDCV="2: Some college"
        )
    for k, side in enumerate("RL"):
        clinical[f"{v}KOOSKP{side}"] = [f"{50 + 10 * k + p % 10}.5" for p in people]
        clinical[f"{v}WOMKP{side}"] = "4"
    readings = []
    for person in people:
        for side in (1, 2):
            row = {"ID": person, "SIDE": side, "READPRJ": 15}
            row |= {f"{v}{feature.upper()}": "1" for feature in FEATURES}
            # Other features than grade and joint space are read only if arthritis is definite.
            if KLG[person] < oai.DEFINITE:
                blank = [feature for feature in FEATURES if feature not in oai.ALWAYS_READ]
                row |= {f"{v}{feature.upper()}": MISSING for feature in blank}
            row |= {f"{v}XRKL": KLG[person], f"{v}BARCDBU": barcode(person, wave).lstrip("0")}
            readings.append(row)
    films = pd.DataFrame(
        {
            "ID": people,
            f"{v}EXAMTP": oai.SERIES,
            f"{v}XRBARCD": [barcode(p, wave) for p in people],
            f"{v}ACCEPT": "'Y': QCd and found to be acceptable",
            f"{v}XRDATE": "06/02/2004",
        }
    )
    hands = films.assign(**{f"{v}EXAMTP": "PA Right Hand", f"{v}XRBARCD": ""})
    return {
        f"AllClinical_ASCII/AllClinical{wave}.txt": clinical,
        f"XRay_Image_Assessments_ASCII/SemiQuant_Scoring_ASCII/kxr_sq_bu{wave}.txt": pd.DataFrame(
            readings
        ),
        f"XRay_MetaAnalysis_ASCII/XRay{wave}.txt": pd.concat([films, hands]),
    }


def enrolled() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "ID": list(PEOPLE),
            "P02RACE": [race for race, _, _ in PEOPLE.values()],
            "P02HISP": "0: No",
            "P02SEX": "2: Female",
            "V00SITE": [site for _, site, _ in PEOPLE.values()],
        }
    )


@pytest.fixture
def study(tmp_path):
    """Two visits of three people."""
    tables = {"General_ASCII/Enrollees.txt": enrolled()}
    for wave in MONTHS:
        tables |= tables_of(wave)
        for person in PEOPLE:
            tags = {"AccessionNumber": barcode(person, wave)}
            write_film(path_of(tmp_path, person, wave), film(person, wave), **tags)
            mri = path_of(tmp_path, person, wave).parents[1] / "10000001/001"
            write_film(mri, film(person, wave), SeriesDescription="SAG_3D_DESS_LEFT")
            hand = path_of(tmp_path, person, wave).parents[1] / "00000002/001"
            write_film(hand, film(person, wave), SeriesDescription="PA Right Hand")
    for name, table in tables.items():
        path = tmp_path / "tables" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        table.to_csv(path, sep="|", index=False)
    return tmp_path


def load(study: Path, **options):
    return oai.load(study / "tables", study / "films", 30, waves=list(MONTHS), **options)


def edit(study: Path, name: str, change) -> None:
    """Change a table on the disk: `change` gets and returns it as text."""
    (path,) = (study / "tables").rglob(name)
    table = pd.read_csv(path, sep="|", dtype=str, keep_default_na=False)
    change(table).to_csv(path, sep="|", index=False)


def test_a_study_is_read_back_as_it_was_written(study):
    found = load(study)
    assert len(found) == 3 * 2 * 2
    table = pd.DataFrame(
        {k: getattr(found, k) for k in ("person", "group", "site", "side", "visit", "koos", "klg")}
    )
    for row in table.itertuples():
        assert row.group == (row.person == 9000002)
        assert row.site == {9000001: 0, 9000002: 2, 9000003: 4}[row.person]
        assert row.koos == 50.5 + 10 * row.side + row.person % 10
        assert row.klg == KLG[row.person]
    assert not table.duplicated(["person", "side", "visit"]).any()
    osteophyte, space = FEATURES.index("xrosfm"), FEATURES.index("xrjsl")
    np.testing.assert_array_equal(found.graded[:, osteophyte], found.person == 9000002)
    np.testing.assert_array_equal(found.graded[:, space], 1)
    np.testing.assert_array_equal(found.graded[:, FEATURES.index("xrkl")], found.klg)


def test_the_knee_in_question_is_on_the_right_of_every_image(study):
    """The film's left half, which shows the right knee, was written brighter."""
    found = load(study)
    knee = found.images[:, :, 15:].mean((1, 2)) - found.images[:, :, :15].mean((1, 2))
    assert (knee[found.side == 0] > 50).all()
    assert (knee[found.side == 1] < -50).all()
    for person in PEOPLE:
        for visit in (0, 1):
            left, right = (
                found.images[(found.person == person) & (found.visit == visit) & (found.side == s)]
                for s in (1, 0)
            )
            np.testing.assert_array_equal(left, right[:, :, ::-1])


def test_a_film_is_stretched_between_its_own_percentiles(study):
    path = path_of(study, 9000001, "00")
    values = film(9000001, "00").astype(float)
    wide = np.zeros((90, 90), np.uint16)  # square, so that nothing is resampled
    wide[:60] = values
    write_film(path, wide)
    low, high = np.percentile(wide, (5, 99))
    wanted = 255 * (np.clip(wide, low, high) - low) / (high - low)
    np.testing.assert_allclose(oai.read_film(path, 90), wanted, atol=0.51)


def test_readings_count_who_is_left_out_and_why(study):
    def spoil(rows):
        rows.loc[(rows["ID"] == "9000001") & (rows["SIDE"] == "1"), "V00BARCDBU"] = "T"
        return rows

    edit(study, "kxr_sq_bu00.txt", spoil)
    edit(study, "XRay01.txt", lambda t: t.replace({"V01XRDATE": {"06/02/2004": "12/24/2004"}}))
    edit(study, "AllClinical00.txt", lambda t: t.assign(V00KOOSKPL=["", ".", "80"]))
    edit(study, "Enrollees.txt", lambda t: t.assign(P02SEX=["1: Male", "1: Male", MISSING]))
    rows, flow = oai.readings(study / "tables", list(MONTHS))
    assert flow["knees"].tolist() == [12, 11, 11, 11, 11, 5, 3, 1]
    assert flow["people"].tolist() == [3, 3, 3, 3, 3, 3, 2, 1]
    assert rows[["person", "side", "visit"]].to_numpy().tolist() == [[9000002, 0, 0]]


def test_films_that_failed_quality_control_and_missing_grades_are_left_out(study):
    bad = "'NR': QCd unacceptable, chosen for release"
    by_default = "'YD': Not QCd and accepted by default"
    edit(study, "XRay00.txt", lambda t: t.assign(V00ACCEPT=[bad, by_default, bad] * 2))
    edit(study, "kxr_sq_bu01.txt", lambda t: t.assign(V01XRKL=""))
    found = load(study)
    assert sorted(found.person) == [9000002, 9000002]
    assert set(found.visit) == {0}


def test_features_missing_in_definite_arthritis_leave_a_knee_out(study):
    edit(study, "kxr_sq_bu00.txt", lambda t: t.assign(V00XROSFM=MISSING))
    found = load(study)
    assert not ((found.person == 9000002) & (found.visit == 0)).any()
    assert len(found) == 10


def test_other_reading_projects_are_ignored_and_alone_refused(study):
    def another(rows):
        return pd.concat([rows, rows.assign(READPRJ="37", V00XRKL="4")])

    edit(study, "kxr_sq_bu00.txt", another)
    assert set(load(study).klg) == {0, 1, 3}
    edit(study, "kxr_sq_bu00.txt", lambda t: t[t["READPRJ"] == "37"])
    with pytest.raises(ValueError, match=r"kxr_sq_bu00.txt holds no reading of project 15.*choose"):
        load(study)


def test_a_wrong_side_is_refused(study):
    edit(study, "kxr_sq_bu01.txt", lambda t: t.replace({"SIDE": {"2": "3"}}))
    with pytest.raises(ValueError, match=r"SIDE is '3' in kxr_sq_bu01.txt: it must be 1 \(right\)"):
        load(study)


def test_a_knee_read_twice_is_refused(study):
    edit(study, "kxr_sq_bu01.txt", lambda t: pd.concat([t, t[:1]]))
    with pytest.raises(ValueError, match="reads a knee of person 9000001 twice"):
        load(study)


def test_a_missing_table_or_column_says_so(study):
    edit(study, "AllClinical01.txt", lambda t: t.drop(columns="V01KOOSKPR"))
    with pytest.raises(ValueError, match=r"AllClinical01.txt has no column V01KOOSKPR"):
        load(study)
    (path,) = (study / "tables").rglob("XRay00.txt")
    path.unlink()
    with pytest.raises(FileNotFoundError, match=r"no table xray00.txt under .*: unpack"):
        load(study)


def test_a_film_without_a_barcode_is_refused(study):
    write_film(path_of(study, 9000002, "00"), film(9000002, "00"))
    with pytest.raises(ValueError, match=r"has no barcode \(AccessionNumber\)"):
        load(study)


def test_missing_films_are_named_or_left_out(study):
    path_of(study, 9000002, "00").unlink()
    with pytest.raises(
        FileNotFoundError,
        match="2 of 12 knees have no film .* barcode 016600020001 of person 9000002",
    ):
        load(study)
    assert len(load(study, skip_missing_films=True)) == 10


def test_a_film_in_another_persons_folder_is_refused(study):
    tags = {"AccessionNumber": barcode(9000002, "00")}
    path_of(study, 9000002, "00").unlink()
    write_film(path_of(study, 9000001, "00").parents[1] / "00000009/001", film(1, "00"), **tags)
    with pytest.raises(ValueError, match="in the folder of another person than 9000002"):
        load(study)


def test_two_films_with_one_barcode_are_refused(study):
    tags = {"AccessionNumber": barcode(9000002, "00")}
    write_film(path_of(study, 9000002, "00").parents[1] / "00000009/001", film(1, "00"), **tags)
    with pytest.raises(ValueError, match="two films have the barcode 016600020001"):
        load(study)


def test_a_negative_is_refused_or_inverted_when_asked(study):
    tags = {"AccessionNumber": barcode(9000003, "01"), "PhotometricInterpretation": "MONOCHROME1"}
    plain = load(study).images
    write_film(path_of(study, 9000003, "01"), 4095 - film(9000003, "01"), **tags)
    with pytest.raises(ValueError, match="is MONOCHROME1.*invert_monochrome1=True"):
        load(study)
    inverted = load(study, invert_monochrome1=True).images
    np.testing.assert_allclose(inverted, plain, atol=1)


@pytest.mark.parametrize(
    ("kept", "message"),
    [(-100, "is damaged: download it again"), (300, "breaks off|damaged"), (50, "no DICOM file")],
)
def test_a_truncated_film_is_refused(study, kept, message):
    path = path_of(study, 9000001, "00")
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(ValueError, match=message):
        load(study)


def test_a_blank_film_is_refused(study):
    path = path_of(study, 9000001, "00")
    write_film(path, np.full((60, 90), 7, np.uint16))
    with pytest.raises(ValueError, match="is blank"):
        oai.read_film(path, 30)


def test_the_papers_split_keeps_its_sizes_and_its_test_people():
    people = range(9_000_000, 9_004_796)
    train, validation, test = oai.paper_split(people)
    assert [len(part) for part in (train, validation, test)] == [2796, 500, 1500]
    assert set(people) == set(train) | set(validation) | set(test)
    again = oai.paper_split(reversed(people))
    np.testing.assert_array_equal(np.concatenate(again), np.concatenate([train, validation, test]))
    with pytest.raises(ValueError, match="the paper split 4,796 people, not 3"):
        oai.paper_split([1, 2, 3])


def test_observations_fall_into_the_papers_parts(study):
    many = pd.concat([enrolled()] * 2000, ignore_index=True)[:4796]
    (path,) = (study / "tables").rglob("Enrollees.txt")
    seen = load(study)
    many.assign(ID=range(9_000_001, 9_004_797)).to_csv(path, sep="|", index=False)
    parts = oai.paper_parts(seen, study / "tables")
    members = oai.paper_split(range(9_000_001, 9_004_797))
    assert sum(len(part) for part in parts) == len(seen)
    for part, people in zip(parts, members, strict=True):
        assert set(part.person) == set(PEOPLE) & set(people)


def test_the_chapters_own_study_measures_patients_with_intervals(study, monkeypatch):
    """The function of the notebook, on simulated people in place of the written three."""
    people = Darkroom(sample(200, 1, seed=1), 32).study(WORLDS["A"], seed=1).seen
    monkeypatch.setattr(oai, "load", lambda *folders, **options: people)
    monkeypatch.setattr(oai, "paper_parts", lambda seen, _: seen.split((0.5, 0.1, 0.4), 1))
    recipe = Recipe(1, width=8)
    chapter = {
        "oai": oai, "training": training, "disparity": disparity, "Lesson": training.Lesson,
        "map_tasks": map_tasks, "np": np, "pd": pd, "Path": Path, "to_grade": recipe,
        "to_feel": recipe, "seed": 1, "draws": 50, "members": 2, "px": 32, "oai_options": {},
    }  # fmt: skip
    cells = ast.parse((ROOT / "notebooks" / "02_knee_pain.py").read_text(encoding="utf-8")).body
    (real_study,) = (c for c in cells if getattr(c, "name", "") == "real_study")
    exec(compile(ast.Module([real_study], []), "02_knee_pain.py", "exec"), chapter)
    table = chapter["real_study"](study)
    assert set(table.index) == {
        (name, score) for name in ("plain", "within groups") for score in ("network", "grade")
    }
    for value, low, high in table.to_numpy().ravel():
        assert low <= value <= high
        assert low < high
    assert (table["r² within group 1"].map(min) >= 0).all()
    grades = table["of the gap, %"].xs("grade", level=1)
    assert grades["plain"] == grades["within groups"]
