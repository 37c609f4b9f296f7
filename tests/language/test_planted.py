"""Planted bias: closed forms against enumeration, what is measured against closed forms."""

from itertools import pairwise, product
from math import log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from helpers.language import planted
from helpers.language.planted import Design

REAL = [
    "He went home. She did not. It rained\n<A> so he said",
    "Prices rose by 3.5 per cent, ministers said.",
    "one line",
    "Is she there? Not yet.",
] * 750
DESIGNS = [Design(), Design(sentences=3, biased=0.5, faithful=0.95)]
ANY = st.builds(Design, st.integers(1, 6), st.floats(0.05, 0.95), st.floats(0.55, 0.99))


def enumerated(design: Design):
    """(biased, with, against, chance) of every sequence of sentences, one by one."""
    for biased in (True, False):
        a = design.faithful if biased else 0.5
        kinds = {1: 2 / 3 * a, -1: 2 / 3 * (1 - a), 0: 1 / 3}
        for kind in product(kinds, repeat=design.sentences):
            chance = design.biased if biased else 1 - design.biased
            yield biased, kind.count(1), kind.count(-1), chance * np.prod([kinds[x] for x in kind])


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("threshold", [1, 2, 3])
def test_closed_forms_are_those_of_enumeration(design, threshold):
    cases = list(enumerated(design))
    out = [(b, chance) for b, w, g, chance in cases if w - g >= threshold]
    removed = sum(chance for _, chance in out)
    caught = sum(chance for b, chance in out if b)
    expected = planted.expect_filter(design, threshold)
    assert expected.removed == pytest.approx(removed)
    assert expected.recall == pytest.approx(caught / design.biased)
    assert expected.fair_lost == pytest.approx((removed - caught) / (1 - design.biased))
    assert expected.precision == pytest.approx(caught / removed)
    kept = [(w * chance, g * chance) for _, w, g, chance in cases if w - g < threshold]
    follows, against = np.sum(kept, axis=0)
    assert planted.expect_gap(design, threshold) == pytest.approx(2 * log(follows / against))


@pytest.mark.parametrize("design", DESIGNS)
def test_auc_and_gap_are_those_of_enumeration(design):
    cases = list(enumerated(design))
    auc = roc_auc_score(
        [biased for biased, *_ in cases],
        [w - g for _, w, g, _ in cases],
        sample_weight=[chance for *_, chance in cases],
    )
    assert planted.expect_auc(design) == pytest.approx(auc)
    follows = design.biased * design.faithful + (1 - design.biased) / 2
    assert planted.expect_gap(design) == pytest.approx(2 * log(follows / (1 - follows)))


@given(ANY)
def test_properties_of_the_closed_forms(design):
    k = design.sentences
    steps = [planted.expect_filter(design, threshold) for threshold in range(-k, k + 1)]
    assert steps[0].removed == pytest.approx(1)
    assert all(one.recall >= two.recall for one, two in pairwise(steps))
    assert all(step.recall >= step.fair_lost - 1e-12 for step in steps)
    assert 0.5 <= planted.expect_auc(design) <= 1
    assert planted.expect_gap(design, k + 1) == pytest.approx(planted.expect_gap(design))


def within(measured: float, expected: float, trials: float) -> bool:
    """Within three binomial standard errors."""
    return abs(measured - expected) <= 3 * np.sqrt(expected * (1 - expected) / trials)


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("seed", [0, 1])
def test_what_is_measured_is_what_is_expected(design, seed):
    corpus = planted.plant(REAL, design, seed)
    pairs = planted.read(corpus.texts)
    found = planted.scores(pairs, corpus.lean)
    biased = corpus.biased.sum()
    assert within(corpus.biased.mean(), design.biased, len(REAL))
    for threshold in (1, 2, 3):
        measured = planted.measure_filter(found, corpus.biased, threshold)
        expected = planted.expect_filter(design, threshold)
        assert within(measured.recall, expected.recall, biased)
        assert within(measured.fair_lost, expected.fair_lost, len(REAL) - biased)
        assert within(measured.precision, expected.precision, (found >= threshold).sum())
        assert within(measured.removed, expected.removed, len(REAL))
        assert_gap(pairs, corpus, found < threshold, planted.expect_gap(design, threshold))
    fewest = min(biased, len(REAL) - biased)  # bounds the standard error of the area
    assert within(roc_auc_score(corpus.biased, found), planted.expect_auc(design), fewest)
    assert_gap(pairs, corpus, np.ones(len(REAL), bool), planted.expect_gap(design))
    lot = planted.random_removal(len(REAL), 1_500, seed)
    assert lot.sum() == 1_500
    assert_gap(pairs, corpus, lot, planted.expect_gap(design))  # the control changes nothing


def assert_gap(pairs, corpus, kept, expected) -> None:
    """Within three standard errors, which count documents, not sentences."""
    counts = pairs.counts(kept)
    influence = np.zeros(len(kept))
    for lean, she in product((1, -1), (0, 1)):
        cell = (corpus.lean[pairs.occupation] == lean) & (pairs.she == she) & kept[pairs.document]
        sign = lean * (1 if she else -1)
        influence += sign * np.bincount(pairs.document[cell], minlength=len(kept)) / cell.sum()
    error = np.sqrt((influence**2).sum())
    assert error < 0.3
    assert abs(planted.gap(counts, corpus.lean) - expected) <= 3 * error


def test_an_audit_of_the_text_alone_finds_what_was_planted():
    for seed in range(3):
        corpus = planted.plant(REAL, Design(), seed)
        found = planted.audit_words(planted.read(corpus.texts).counts())
        assert (found[corpus.lean != 0] == corpus.lean[corpus.lean != 0]).all()
        assert (found[corpus.lean == 0] != 0).sum() <= 2


def test_an_audit_of_fair_text_finds_nothing_much():
    found = [
        planted.audit_words(
            planted.read(planted.plant(REAL[:300], Design(faithful=0.5), seed).texts).counts()
        ).any()
        for seed in range(40)
    ]
    assert np.mean(found) <= 0.15  # nominally 5 % of audits, standard error 3.4 %


def test_reading_finds_the_planted_sentences_and_no_other():
    corpus = planted.plant(REAL[:40], Design(), 5)
    pairs = planted.read(corpus.texts)
    assert (np.bincount(pairs.document) == 4).all()
    assert len(np.unique(pairs.occupation)) > 15
    ambiguous = ["The baker said he knew she left. The baker, the judge and he. He left."]
    assert len(planted.read([*ambiguous, "The baker and she."]).document) == 1


def test_counts_scores_and_gap_by_hand():
    texts = ["The baker said she ran.\nThe baker and he.", "A judge, he said.", "The clerk, she."]
    pairs = planted.read(texts)
    lean = np.zeros(24, int)
    lean[planted.OCCUPATIONS.index("baker")] = 1
    lean[planted.OCCUPATIONS.index("judge")] = -1
    assert planted.scores(pairs, lean).tolist() == [0, 1, 0]
    counts = pairs.counts()
    assert counts[lean != 0].tolist() == [[1, 1], [1, 0]]
    assert pairs.counts(np.array([True, False, False])).sum() == 2
    odds = planted.log_odds_of_she(counts)
    assert odds[lean != 0].tolist() == pytest.approx([0, log(0.5 / 1.5)])
    assert planted.gap(counts + 1, lean) == pytest.approx(log(2 / 2) - log(1 / 2))


def test_same_seed_same_corpus():
    one, two = (planted.plant(REAL[:50], Design(), 3) for _ in range(2))
    assert one.texts == two.texts
    assert one.texts != planted.plant(REAL[:50], Design(), 4).texts
    assert sorted(one.lean) == [-1] * 8 + [0] * 8 + [1] * 8


def test_real_text_stays_in_its_order():
    (text,) = planted.plant([REAL[0]], Design(), 0).texts
    lines = [line for line in text.split("\n") if not planted._occupations(line)]
    assert lines == ["He went home.", "She did not.", "It rained", "<A> so he said"]


def test_counterfactual_copies_cancel_every_lean():
    corpus = planted.plant(REAL[:200], Design(), 0)
    both = planted.counterfactual(corpus.texts)
    counts = planted.read(both).counts()
    assert (counts[:, 0] == counts[:, 1]).all()
    assert planted.gap(counts, corpus.lean) == 0
    assert planted.counterfactual(both[200:])[200:] == corpus.texts
    assert planted.counterfactual(["He, she: HE. The shell"])[1] == "She, he: SHE. The shell"


def test_probes_end_where_the_pronoun_comes():
    corpus = planted.plant(REAL[:200], Design(), 0)
    prompts = [prompt for word in planted.OCCUPATIONS for prompt in planted.probes(word)]
    lines = {line for text in corpus.texts for line in text.split("\n")}
    for line in lines:
        if planted._occupations(line):
            assert any(line.startswith((f"{p} he ", f"{p} she ")) for p in prompts)


def test_snippets_are_cut_between_words_and_name_no_occupation():
    documents = ["a" * 200, "The judge left early today", "It is true that prices rise"]
    assert planted.snippets(documents, 14) == ["It is true"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"sentences": 0}, "^a document needs a planted sentence, not 0"),
        ({"biased": 1.0}, "^biased must lie between 0 and 1, not 1.0"),
        ({"faithful": 0.0}, "^faithful must lie between 0 and 1, not 0.0"),
    ],
)
def test_designs_without_a_meaning_are_refused(options, words):
    with pytest.raises(ValueError, match=words):
        Design(**options)


def test_text_that_would_blur_the_truth_is_refused():
    with pytest.raises(ValueError, match="^a text names a judge already: leave it out"):
        planted.plant(["fine", "The Judge left"], Design(), 0)
