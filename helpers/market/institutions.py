"""Everybody but retail in the simulated January 2021.

Used by chapter 1, "A simulated January 2021".
"""

from collections.abc import Callable

import numpy as np

from helpers.market.auction import Ledger
from helpers.market.january import OUTSTANDING, START_PRICE, TICKS_A_DAY, Experiment, drift

INCUMBENTS, VALUE_SHORTS, SHORT_FUNDS, DAY_TRADERS = 24, 4, 16, 20


class Institutions:
    """Everybody but retail: their positions in the ledger and what they want to hold."""

    def __init__(self, experiment: Experiment, rng: np.random.Generator) -> None:
        self.experiment = experiment
        self.p = experiment.parameters()
        worlds = len(experiment.worlds)
        rivals = max(arm.rivals if arm.policy else 0 for arm in experiment.arms)
        sizes = [
            experiment.accounts, INCUMBENTS, VALUE_SHORTS, SHORT_FUNDS, DAY_TRADERS, 1, rivals
        ]  # fmt: skip
        ends = np.cumsum(sizes)
        self.slices = [slice(end - size, end) for end, size in zip(ends, sizes, strict=True)]
        self.funds, self.machines = self.slices[3], np.arange(ends[-2], ends[-1])
        draws = experiment.repeat(
            rng.standard_normal((experiment.chances, INCUMBENTS + SHORT_FUNDS))
        )
        patience = self.p["patience"] * np.exp(self.p["patience_spread"] * draws[:, :INCUMBENTS])
        self.reserve = START_PRICE * np.maximum(patience, 1)
        self.limit = (
            START_PRICE * self.p["pain"] * np.exp(self.p["pain_spread"] * draws[:, INCUMBENTS:])
        )
        overpriced = START_PRICE * np.geomspace(3, 6, VALUE_SHORTS)
        self.dear = np.concatenate(
            [self.reserve, np.broadcast_to(overpriced, (worlds, VALUE_SHORTS))], axis=1
        )
        held = (OUTSTANDING + self.p["short_interest"]) / INCUMBENTS
        owed = self.p["value_capacity"] / VALUE_SHORTS
        most = np.concatenate(
            [np.repeat(held, INCUMBENTS, axis=1), np.zeros((worlds, VALUE_SHORTS))], axis=1
        )
        span = np.concatenate(
            [np.repeat(held, INCUMBENTS, axis=1), np.repeat(owed, VALUE_SHORTS, axis=1)], axis=1
        )
        self.most, self.span = most.astype(np.int64), span.astype(np.int64)
        self.whims = np.zeros((experiment.chances, DAY_TRADERS))

    def columns(self) -> list:
        """Positions of each group in the ledger, in the order of GROUPS."""
        retail, incumbents, value, funds, day, dealer, machines = self.slices
        makers = [dealer.start, machines.stop]  # the dealer, and who takes the odd shares
        return [retail, incumbents, value, funds, day, makers, machines]

    def wanted(
        self,
        ledger: Ledger,
        last: np.ndarray,
        joining: np.ndarray,
        machines: np.ndarray,
        rng: np.random.Generator,
    ) -> Callable[[np.ndarray], np.ndarray]:
        """This tick's wanted holdings of all institutions as a function of the price."""
        p = self.p
        _, incumbents, value, funds, _, dealer, _ = self.slices
        held = ledger.shares[:, incumbents.start : value.stop]
        in_pain = last[:, None] > self.limit
        owed = ledger.shares[:, funds]
        covered = owed - np.where(in_pain, np.floor(p["cover"] * owed), 0).astype(np.int64)
        busy = 1 + p["crowd"] * joining
        self.whims = drift(self.whims, TICKS_A_DAY, rng)
        churned = (p["churn"] * busy * self.experiment.repeat(self.whims)).astype(np.int64)
        stock = ledger.shares[:, dealer]
        kept, depth = (1 - p["skew"]) * stock, p["depth"] * np.sqrt(busy)
        # An auction asks at about ten prices, which move the patient and the dealer alone.
        answer = np.concatenate([held, covered, churned, stock, machines], axis=1)
        patient = answer[:, : held.shape[1]]
        quoted = answer[:, patient.shape[1] + covered.shape[1] + churned.shape[1]][:, None]

        def at(price: np.ndarray) -> np.ndarray:
            dearness = price / self.dear
            cheap = np.maximum(np.log(START_PRICE / price), 0)
            tempted = np.minimum(np.maximum(np.log(dearness), 0), 1) - cheap
            # The dearer it is, the more of them look up and act.
            going = np.minimum(p["supply"] * np.maximum(dearness, 1), 1)
            patient[:] = np.floor(held + going * (self.most - self.span * tempted - held))
            quoted[:] = np.rint(kept - depth * np.log(price / last[:, None]))
            return answer

        return at
