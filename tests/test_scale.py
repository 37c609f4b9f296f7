import pytest

from helpers.scale import Scale


@pytest.mark.parametrize(("name", "size"), [("quick", 1), ("book", 20), ("paper", 300)])
def test_each_scale_picks_its_own_size(name, size):
    assert Scale(name).pick(quick=1, book=20, paper=300) == size


@pytest.mark.parametrize("wrong", ["Book", "", "huge", 3])
def test_an_unknown_scale_is_one_sentence_that_names_the_known_ones(wrong):
    with pytest.raises(ValueError, match=r"unknown scale .*: choose one of quick, book, paper$"):
        Scale(wrong)
