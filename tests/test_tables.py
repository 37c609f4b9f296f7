import math

import pandas as pd
import pytest

from helpers.keys import VALUES
from helpers.tables import fill, tabulate, values


def bundle(table, decimals=None):
    return tabulate(table, decimals)._repr_mimebundle_()


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (1234.567, 1, "1,234.6"),
        (1234.567, 0, "1,235"),
        (-0.26, 1, "−0.3"),
        (-0.04, 1, "0.0"),  # no minus before nothing
        (math.nan, 1, "–"),
        (12, None, "12"),
        (0.5, None, "0.500000"),
    ],
)
def test_a_table_is_rounded_for_reading_and_kept_in_full(value, decimals, text):
    made = bundle(pd.DataFrame({"points": [value]}, index=["grade"]), decimals)
    assert f"<td>{text}</td>" in made["text/html"]
    assert made["text/plain"].split()[-1] == text
    kept = None if math.isnan(value) else float(value)
    assert made[VALUES] == {"places": ["grade, points"], "numbers": [kept]}


def test_decimals_can_differ_by_column():
    made = bundle(pd.DataFrame({"a": [1.25], "b": [1.25]}), {"a": 0, "b": 2})
    assert "<td>1</td>" in made["text/html"]
    assert "<td>1.25</td>" in made["text/html"]


def test_a_written_interval_keeps_its_numbers():
    table = pd.DataFrame({"A": [fill("{:.1f} [{:.1f}, {:.1f}]", 0.123, -0.456, 7.89)]})
    made = bundle(table)
    assert "<td>0.1 [−0.5, 7.9]</td>" in made["text/html"]
    assert made[VALUES]["numbers"] == [0.123, -0.456, 7.89]
    assert "0.1 [−0.5, 7.9]" in str(bundle(table.T)["text/plain"])


def test_texts_and_truth_values_stay_as_they_are():
    made = bundle(pd.DataFrame({"who": ["Bayes"], "exact": [True], "n": [3]}))
    assert made[VALUES]["numbers"] == [3.0]
    assert "<td>Bayes</td>" in made["text/html"]
    assert "<td>True</td>" in made["text/html"]


def test_rows_and_columns_with_several_levels_have_readable_places():
    table = pd.DataFrame({("January", "mean"): [1.0]}, index=pd.MultiIndex.from_tuples([("x", 2)]))
    assert values(table)["places"] == ["x / 2, January / mean"]


def test_a_series_is_a_table_of_one_column():
    assert bundle(pd.Series([2.0], name="AUC"), 2)[VALUES]["places"] == ["0, AUC"]
