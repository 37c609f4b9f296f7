"""What is assumed about January 2021: impossible worlds and experiments are refused."""

import pytest

from helpers.market.january import Arm, Experiment, January


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"hype": -1}, "hype must be a number of 0 or more"),
        ({"stake": float("nan")}, "stake must be a number of 0 or more"),
        ({"never_sell": 1.5}, "never_sell is a fraction"),
        ({"depth": 0}, "depth must be above 0"),
        ({"hipe": 1}, "unknown parameter 'hipe': choose one of boredom"),
    ],
)
def test_bad_parameters_are_one_sentence(changes, words):
    with pytest.raises(ValueError, match=words):
        January().but(**changes)


@pytest.mark.parametrize(
    ("arms", "chances", "accounts", "words"),
    [
        ([Arm(January())], 1, 5, "ten accounts"),
        ([], 1, 40, "needs an arm"),
        ([Arm([January()])], 2, 40, "an arm has 1 worlds for 2 chances"),
        ([Arm(January(), fee=-1)], 1, 40, "a fee of 0 or more"),
    ],
)
def test_experiments_that_do_not_fit_are_refused(arms, chances, accounts, words):
    with pytest.raises(ValueError, match=words):
        Experiment(arms, chances, accounts, 1)
