"""One knee at one visit: what simulated and real cohorts both hand to the notebook.

Chapter 2. The unit is that of Pierson et al. (Nature Medicine 27, 2021): a knee at a time
point, with the patient's own report of pain in that knee as the label.
"""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

# The nineteen central readings of the Osteoarthritis Initiative, in the order of its tables:
# os osteophyte, sc sclerosis, cy cyst, js joint space, ch chondrocalcinosis, at attrition, kl
# grade; then f femur or t tibia, m medial or l lateral.
FEATURES = tuple(
    "xrosfm xrscfm xrcyfm xrjsm xrchm xrostm xrsctm xrcytm xrattm xrkl "
    "xrosfl xrscfl xrcyfl xrjsl xrchl xrostl xrsctl xrcytl xrattl".split()
)
FEATURE_NAMES = {
    "xrkl": "Kellgren–Lawrence grade",
    "xrjsm": "joint-space narrowing, medial",
    "xrjsl": "joint-space narrowing, lateral",
    "xrosfm": "osteophyte, femur, medial",
    "xrosfl": "osteophyte, femur, lateral",
    "xrostm": "osteophyte, tibia, medial",
    "xrostl": "osteophyte, tibia, lateral",
    "xrsctm": "sclerosis, tibia, medial",
    "xrsctl": "sclerosis, tibia, lateral",
}


@dataclass(frozen=True)
class Observations:
    """n knees at a time point each; rows of one person share `person`.

    Raises ValueError when the arrays do not fit together or leave their range.
    """

    person: np.ndarray  # (n,) int
    group: np.ndarray  # (n,) 0 or 1
    site: np.ndarray  # (n,) int, the clinic that took the film
    side: np.ndarray  # (n,) 0 right knee, 1 left knee
    visit: np.ndarray  # (n,) int
    koos: np.ndarray  # (n,) 0..100, KOOS pain subscore, 100 = no pain
    klg: np.ndarray  # (n,) 0..4, Kellgren–Lawrence grade
    graded: np.ndarray  # (n, 19) readings in the order of FEATURES, NaN where not read
    images: np.ndarray  # (n, px, px) uint8, bright where the film is bright

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            size = len(getattr(self, field.name))
            if size != len(self.person):
                raise ValueError(
                    f"{field.name} has {size} rows but person has {len(self.person)}: "
                    "give every array one row per knee and visit"
                )
        if self.graded.shape[1:] != (len(FEATURES),):
            raise ValueError(
                f"graded must have {len(FEATURES)} columns, one for each of FEATURES, "
                f"not shape {self.graded.shape}"
            )
        if self.images.dtype != np.uint8 or self.images.ndim != 3:
            raise ValueError(
                "images must be bytes of shape (n, px, px), "
                f"not {self.images.dtype} of shape {self.images.shape}"
            )
        for name, low, high in (
            ("group", 0, 1), ("side", 0, 1), ("koos", 0, 100), ("klg", 0, 4)
        ):  # fmt: skip
            values = getattr(self, name)
            if not np.all((values >= low) & (values <= high)):  # also false for NaN
                raise ValueError(f"{name} must lie in {low}..{high} and hold no NaN")
        _, first, whose = np.unique(self.person, return_index=True, return_inverse=True)
        if np.any(self.group != self.group[first][whose]):
            raise ValueError("a person belongs to two groups: group must be constant in a person")

    def __len__(self) -> int:
        return len(self.person)

    def take(self, rows: np.ndarray) -> "Observations":
        """The rows chosen by a mask or by indices."""
        arrays = {field.name: getattr(self, field.name)[rows] for field in dataclasses.fields(self)}
        return Observations(**arrays)

    def split(self, shares: Sequence[float], seed: int) -> tuple["Observations", ...]:
        """Parts with these shares of the PEOPLE, so that nobody is in two parts.

        Raises ValueError unless the shares are positive and sum to 1.
        """
        if min(shares) <= 0 or not np.isclose(sum(shares), 1):
            raise ValueError(f"shares must be positive and sum to 1, got {tuple(shares)}")
        people = np.random.default_rng(seed).permutation(np.unique(self.person))
        ends = np.round(np.cumsum(shares)[:-1] * len(people)).astype(int)
        return tuple(self.take(np.isin(self.person, members)) for members in np.split(people, ends))
