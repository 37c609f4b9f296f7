"""Words beside groups: by hand, against statsmodels' clustered errors, and under the null."""

import numpy as np
import pytest
import statsmodels.api as sm

from helpers.language.associations import associations
from helpers.language.audit import GENDER, Text
from helpers.language.log_odds import log_odds

HE, SHE = GENDER[:1], GENDER[1:]
WORDS = frozenset({"tall", "small", "odd", "he"})


def people(documents: int, seed: int, tilt: float = 0.0) -> list[str]:
    """Documents of one to five sentences about one person, each with its own manner."""
    rng = np.random.default_rng(seed)
    texts = []
    for _ in range(documents):
        who = rng.choice(["he", "she"])
        manner = rng.beta(1, 3)
        chance = {"tall": manner + tilt * (who == "he"), "small": 0.3, "odd": manner}
        lines = []
        for _ in range(rng.integers(1, 6)):
            spoken = [word for word in sorted(chance) if rng.random() < chance[word]]
            lines.append(" ".join([who, "is", *spoken]))
        texts.append(". ".join(lines))
    return texts


def test_the_papers_statistic_by_hand():
    documents = ["he is tall. he is small", "she is small. she is odd. she is small", "tall tale"]
    table = associations(Text.of(documents), HE, SHE, WORDS, 1)
    assert table.index.tolist() == ["odd", "small", "tall"]  # "he" names a group
    assert table["ours"].tolist() == [0, 1, 1]
    assert table["theirs"].tolist() == [1, 2, 0]
    wanted = [-1 / 3, (1 / 2 - 2 / 3) * np.sqrt(3), 1 / 2 * np.sqrt(2)]
    np.testing.assert_allclose(table["statistic"], wanted)


def test_errors_are_those_of_a_clustered_regression():
    text = Text.of(people(60, seed=1))
    table = associations(text, HE, SHE, WORDS, 1)
    presence = text.presence[:, text.numbers(table.index)].toarray()
    he = text.mentions(HE[0]).astype(float)
    for column, word in enumerate(table.index):
        model = sm.OLS(presence[:, column], sm.add_constant(he))
        clusters = {"groups": text.document, "use_correction": False}
        fit = model.fit(cov_type="cluster", cov_kwds=clusters)
        assert table.loc[word, "z"] == pytest.approx(fit.tvalues[1], rel=1e-5)


def test_log_odds_are_those_of_monroe_with_the_whole_text_as_prior():
    documents = [*people(40, seed=2), "tall odd small. odd"]
    table = associations(Text.of(documents), HE, SHE, WORDS, 1)
    frequency = np.array(
        [sum(word in s for d in documents for s in d.split(".")) for word in table.index]
    )
    scale = min(table["ours"].sum(), table["theirs"].sum()) / frequency.sum()
    wanted = log_odds(table["ours"], table["theirs"], frequency * scale).z
    np.testing.assert_allclose(table["log_odds"], wanted)


def test_a_planted_word_is_found_and_the_null_keeps_its_rate():
    found = associations(Text.of(people(300, 3, tilt=0.3)), HE, SHE, WORDS, 1)
    assert found["q"].idxmin() == "tall"
    assert found.loc["tall", "q"] < 1e-4
    assert found.loc["tall", ["statistic", "z", "log_odds"]].min() > 0
    null = np.concatenate(
        [associations(Text.of(people(100, seed)), HE, SHE, WORDS, 1)["z"] for seed in range(100)]
    )
    assert 0.02 < np.mean(np.abs(null) > 1.96) < 0.09  # standard error 0.013


def test_a_word_that_is_always_there_tells_nothing():
    documents = ["he is tall", "she is tall", "he is tall and odd", "she is tall"]
    table = associations(Text.of(documents), HE, SHE, WORDS, 1)
    assert table.loc["tall", "z"] == 0
    assert table.loc["tall", "q"] == 1


def test_rare_words_are_left_out():
    documents = ["he is tall", "she is tall and odd. she is odd", "he is small", "she is small"]
    assert associations(Text.of(documents), HE, SHE, WORDS, 2).index.tolist() == ["small", "tall"]


@pytest.mark.parametrize(
    ("documents", "least", "words"),
    [
        (["he is tall"], 1, "^no sentence mentions she: audit more text"),
        (["he is tall", "she is odd"], 2, "^only 0 of the words stand in 2 documents"),
    ],
)
def test_too_little_text_is_one_sentence(documents, least, words):
    with pytest.raises(ValueError, match=words):
        associations(Text.of(documents), HE, SHE, WORDS, least)
