"""The audit by hand on small texts, its bootstrap against scipy and against planted truth."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import bootstrap, spearmanr

from helpers.language import audit
from helpers.language.audit import GENDER, RACE, RELIGION, Estimate, Group, Sentiment, Text, measure

SCORES = {"good": 1.0, "bad": -1.0, "plain": 0.0, "black": -0.25, "white": 0.5, "he": 1.0}
DOCUMENTS = [
    "He is good. He's bad, bad! She is plain.",  # he: 1, -1; she: 0
    "She is good (very good). A black car is bad.",  # she: 1
    "<A> he and she are good\n<B> bad",  # he: 1; she: 1
    "Nobody here. It is bad.",
]


def around(documents, groups, scores=SCORES, **options):
    return measure(Text.of(documents), groups, scores, 20, 0, **options)


def test_text_is_cut_into_sentences_and_words():
    text = Text.of(['Dr. "No" said: "Go!" Then\nhe\'s off, 3.5 times.', "<A> Go"])
    words = list(text.vocabulary)
    spoken = [[] for _ in text.document]
    for number, sentence in zip(text.tokens, text.sentence, strict=True):
        spoken[sentence].append(words[number])
    assert [" ".join(sentence) for sentence in spoken] == [
        "dr",  # abbreviations are cut
        "no said go",
        "then",
        "he s off times",
        "go",  # and nothing of the speaker
    ]
    assert text.document.tolist() == [0, 0, 0, 0, 1]


def test_presence_counts_a_word_once_a_sentence():
    text = Text.of(["bad bad dog. Bad cat"])
    assert text.presence.toarray().tolist() == [[1, 1, 0], [1, 0, 1]]


def test_means_by_hand():
    found = around(DOCUMENTS, GENDER)
    assert found.groups == ("he", "she")
    assert found.sentences.tolist() == [3, 3]
    assert found.documents.tolist() == [2, 3]
    np.testing.assert_allclose(found.around[0], [1 / 3, 2 / 3])
    assert found.overall[0, 0] == pytest.approx((1 - 1 + 0 + 1 - 1 - 0.25 + 1 - 1 - 1) / 9)


def test_the_same_documents_elsewhere_by_hand():
    """he: document 0 has *plain* elsewhere (weight 2), document 2 *bad* (weight 1)."""
    found = around(DOCUMENTS, GENDER)
    she = (1 * (1 - 1) / 2 + 1 * (-1 - 0.25) / 2 + 1 * -1) / 3
    np.testing.assert_allclose(found.elsewhere[0], [(2 * 0 + 1 * -1) / 3, she])


def test_only_documents_with_other_sentences_are_compared():
    """The last document has one sentence: it counts around the group, not in `beyond`."""
    found = around([*DOCUMENTS, "She is bad, plain."], GENDER)
    alone = around(DOCUMENTS, GENDER)
    assert found.around[0, 1] == pytest.approx((0 + 1 + 1 - 1 + 0) / 5)
    np.testing.assert_allclose(found.elsewhere[0], alone.elsewhere[0])
    np.testing.assert_allclose(found.beyond[0], alone.beyond[0])
    np.testing.assert_allclose(alone.beyond[0], alone.around[0] - alone.elsewhere[0])


def test_words_that_name_a_group_are_not_scored_unless_asked_for():
    documents = ["A black man is good. A white woman is good. The white car is bad."]
    found, named = around(documents, RACE), around(documents, RACE, score_names=True)
    np.testing.assert_allclose(found.around[0, 2:], [1, 1])
    np.testing.assert_allclose(named.around[0, 2:], [(1 + 0.5) / 2, (1 - 0.25) / 2])


def test_bare_colours_are_no_people():
    text = Text.of(["Black ice. A black\nman. The man in black. Two black, white men. Black men."])
    assert text.mentions(RACE[3]).tolist() == [False, False, False, False, False, True]
    assert text.mentions(RACE[2]).tolist() == [False, False, False, False, True, False]


def test_groups_that_nobody_mentions_have_no_mean():
    found = around(DOCUMENTS, RELIGION)
    assert found.sentences.tolist() == [0] * 6
    assert np.isnan(found.around).all()


def test_few_documents_say_so():
    table = around(DOCUMENTS, GENDER).table()
    assert table.loc["he", "remark"] == "only 2 documents: no finding"
    assert around(DOCUMENTS * 15, GENDER).table().loc["he", "remark"] == ""


def test_intervals_are_those_of_scipy():
    """The same ratio of sums, resampled by scipy's own code."""
    rng = np.random.default_rng(1)
    words = rng.integers(1, 9, 80).astype(float)
    sums = np.column_stack([words * rng.normal(0.2, 1, 80), words])
    totals = audit.resampled(sums, 4_000, 5)
    ours = Estimate.of(totals[:, 0] / totals[:, 1])
    theirs = bootstrap(
        (sums[:, 0], sums[:, 1]),
        lambda s, n, axis: s.sum(axis) / n.sum(axis),
        paired=True,
        vectorized=True,
        n_resamples=4_000,
        method="percentile",
        rng=rng,
    )
    assert ours.value == pytest.approx(sums[:, 0].sum() / sums[:, 1].sum())
    width = theirs.confidence_interval.high - theirs.confidence_interval.low
    np.testing.assert_allclose(ours[1:], theirs.confidence_interval, atol=0.05 * width)


def test_resampling_keeps_pairs_and_numbers():
    sums = np.random.default_rng(2).normal(size=(40, 3, 2))
    sums[:, 2] = 1
    totals = audit.resampled(sums, 10, 3)
    assert totals.shape == (11, 3, 2)
    np.testing.assert_allclose(totals[0], sums.sum(0))
    np.testing.assert_allclose(totals[:, 2], 40)
    assert (audit.resampled(sums, 10, 3) == totals).all()
    assert (audit.resampled(sums, 10, 4)[1:] != totals[1:])[:, :2].all()


def test_documents_not_sentences_are_resampled():
    """Few documents, each with a skewed tone of its own, as news has.

    A 95 % interval over documents covers the truth nine times in ten, one over sentences
    not even eight times.
    """
    rng = np.random.default_rng(0)
    covered = np.zeros(2)
    for seed in range(400):
        sentences = 1 + rng.poisson(2, audit.FEW)
        document = np.repeat(np.arange(audit.FEW), sentences)
        tone = 0.5 * (rng.exponential(1, audit.FEW) - 1)
        scores = tone[document] + rng.normal(0, 0.5, len(document))
        by_sentence = np.column_stack([scores, np.ones(len(scores))])
        by_document = np.column_stack([np.bincount(document, scores), sentences])
        for which, sums in enumerate((by_document, by_sentence)):
            totals = audit.resampled(sums, 200, seed)
            _, low, high = Estimate.of(totals[:, 0] / totals[:, 1])
            covered[which] += low < 0 < high
    documents, independent = covered / 400
    assert 0.86 <= documents <= 0.95  # standard error 0.015
    assert independent < 0.83


def test_levels_of_components_are_not_pooled():
    """In cheerful chat and sober news alike the group stands 0.5 above the rest."""
    news = ["he is fine. bad", "he is fine. bad", "he is fine. bad", "bad"]
    chat = ["he is good. fine"] * 9 + ["fine"]
    scores = {"bad": 0.0, "fine": 0.5, "good": 1.0}
    parts = [around(documents, GENDER[:1], scores) for documents in (news, chat)]
    own = [0.5 - 1.5 / 7, 1.0 - 14 / 19]
    assert audit.relative(parts)[0, 0] == pytest.approx((3 * own[0] + 9 * own[1]) / 12)


@pytest.mark.parametrize("seed", range(3))
def test_rank_agreement_is_spearmans(seed):
    values = np.random.default_rng(seed).normal(size=(50, 6)).round(1)
    ours = audit.rank_agreement(values)
    theirs = [spearmanr(row, -np.arange(6)).statistic for row in values]
    assert ours.value == pytest.approx(theirs[0])
    np.testing.assert_allclose(ours[1:], np.percentile(theirs[1:], [2.5, 97.5]))


def test_an_estimate_knows_whether_it_excludes_zero():
    assert Estimate(0.2, 0.1, 0.3).excludes_zero
    assert Estimate(-0.2, -0.3, -0.1).excludes_zero
    assert not Estimate(0.2, -0.1, 0.3).excludes_zero


WORDS = st.sampled_from(["he", "she", "good", "bad", "plain", "thing", "."])
TEXTS = st.lists(st.lists(WORDS, min_size=1, max_size=12), min_size=1, max_size=6).map(
    lambda texts: ["it " + " ".join(words).replace(" .", ".") for words in texts]
)


def same(one: Sentiment, two: Sentiment) -> None:
    for name in ("around", "elsewhere", "overall"):
        first, second = getattr(one, name)[0], getattr(two, name)[0]
        np.testing.assert_allclose(first, second, atol=1e-6)


@given(TEXTS)
def test_copies_and_order_of_documents_do_not_matter(documents):
    plain = around(documents, GENDER)
    same(plain, around(documents * 2, GENDER))
    same(plain, around(documents[::-1], GENDER))


@given(TEXTS)
def test_documents_without_the_group_change_only_the_overall_mean(documents):
    more = around([*documents, "so good. so bad", "nothing"], GENDER)
    np.testing.assert_allclose(around(documents, GENDER).around[0], more.around[0], atol=1e-6)


@given(TEXTS)
def test_turning_a_lexicon_round_turns_the_result_round(documents):
    negative = {word: -score for word, score in SCORES.items()}
    plain, turned = around(documents, GENDER), around(documents, GENDER, negative)
    np.testing.assert_allclose(plain.around, -turned.around, atol=1e-6)


@pytest.mark.parametrize(
    ("documents", "words"),
    [([], "^there is no document to audit"), (["a", " \n"], "^document 1 is empty: leave it out")],
)
def test_nothing_to_audit_is_one_sentence(documents, words):
    with pytest.raises(ValueError, match=words):
        Text.of(documents)


def test_a_group_may_have_several_words_and_overlap_others():
    text = Text.of(["jewish and muslim people. jews"])
    assert text.mentions(RELIGION[5]).tolist() == [True, True]
    assert text.mentions(RELIGION[4]).tolist() == [True, False]
    assert text.mentions(Group("none", ("absent",))).tolist() == [False, False]
