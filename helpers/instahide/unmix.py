"""Images from absolute values: phase retrieval with a prior, by expectation propagation.

An encoding is |z| with z = Σ_j A_ij x_j + m_i μ + noise: private images x_j with known
weights A_ij, public images of total weight m_i. Both x_j and the public part are taken
for Gaussian with the mean, colours and power spectrum of natural images
(`similarity.Statistics`). In turn, the method guesses the sign of every pixel of every
encoding from what *the other* encodings predict for it, and solves the linear equations
that result. Chapter 4.
"""

import numpy as np
import torch
from torch import Tensor

from helpers.instahide.similarity import Statistics

CHUNK = 250  # encodings at a time, so that the work fits into a processor's cache
FLIPS, INSIDE = 5, 8  # rounds of turning pixels, sweeps inside
RESERVE = 0.3  # variance by which neighbours are doubted at first
FLOOR = 0.1  # variance added to every wave where neighbours are compared
PUBLIC_MEAN = 0.03  # prior variance of the public images' mean, over that of one image
NO_MEAN, HINT = 0.01, 0.3  # of a deviation: what counts as no mean, and the image then
GROUPS = 4  # per colour axis: waves of similar power share one matrix inverse


def cosine_matrix(side: int) -> Tensor:
    """The orthonormal cosine transform (DCT-II) as a matrix (side, side), float64."""
    wave, place = torch.arange(side).double()[:, None], torch.arange(side)[None]
    matrix = torch.cos(torch.pi * (place + 0.5) * wave / side) * (2 / side) ** 0.5
    matrix[0] /= 2**0.5
    return matrix


class Unmixer:
    """The state of one solve. N encodings, n images, 3072 waves sorted by power."""

    def __init__(
        self,
        encodings: np.ndarray,
        design: np.ndarray,
        public: np.ndarray,
        natural: Statistics,
        ratio: float,
    ) -> None:
        """`encodings` (N, 32, 32, 3), `design` (N, n), `public` (N,): A and m above.

        `ratio` is `scheme.public_ratio`: the variance of the public part over m² times
        that of one image. All is computed in the precision of the encodings.
        """
        self.size = torch.from_numpy(np.abs(encodings))
        own = {"dtype": self.size.dtype}

        def tensor(values: np.ndarray) -> Tensor:
            return torch.from_numpy(values).to(**own)

        # A last column lets the mean of the public images differ a little from the prior's.
        self.design = tensor(np.column_stack([design, public]))
        self.mean, self.axes, power = map(tensor, (natural.mean, natural.axes, natural.power))
        self.cosine = cosine_matrix(encodings.shape[1]).to(**own)
        self.spread, self.base = ratio * tensor(public) ** 2, tensor(public + design.sum(1))
        orders = [power[axis].flatten().argsort() + axis * power[0].numel() for axis in range(3)]
        self.order = torch.cat(orders)
        self.back = self.order.argsort()
        self.power = power.flatten()[self.order]
        waves = len(self.power)
        step = waves // (3 * GROUPS)
        self.groups = [slice(start, start + step) for start in range(0, waves, step)]
        self.level = torch.stack([self.power[g].mean() for g in self.groups])
        n = self.design.shape[1]
        self.images_waves = torch.zeros(n, waves, **own)
        self.prior = torch.ones(n, **own)
        self.prior[-1] = PUBLIC_MEAN
        self.covariance = torch.diag_embed(self.level[:, None] * self.prior)
        self.sites = torch.zeros(len(self.size), waves, **own)  # pseudo-observations of z - base
        self.doubt = torch.full((len(self.size),), torch.inf, **own)  # their variances
        self.variance = torch.empty(len(self.size), **own)  # of z, as predicted, mean over pixels
        self.carried: tuple[Tensor, Tensor] | None = None

    def to_waves(self, images: Tensor) -> Tensor:
        turned = self.axes.T @ images.flatten(1, 2).transpose(1, 2)
        square = self.cosine @ turned.unflatten(2, self.cosine.shape) @ self.cosine.T
        return square.flatten(1).index_select(1, self.order)

    def to_pixels(self, waves: Tensor) -> Tensor:
        square = waves.index_select(1, self.back).unflatten(1, (3, *self.cosine.shape))
        turned = self.axes @ (self.cosine.T @ square @ self.cosine).flatten(2)
        return turned.unflatten(2, self.cosine.shape).movedim(1, -1).contiguous()

    @property
    def images(self) -> Tensor:
        return self.to_pixels(self.images_waves[:-1]) + self.mean

    @property
    def public_mean(self) -> Tensor:
        """The mean of the public images, (32, 32, 3)."""
        return self.to_pixels(self.images_waves[-1:])[0] + self.mean

    def restart(self, images: Tensor) -> None:
        """Take these images for the present estimate and forget all guessed signs."""
        self.images_waves[:-1] = self.to_waves(images - self.mean)
        self.doubt.fill_(torch.inf)

    def predict(self, rows: slice) -> tuple[Tensor, Tensor]:
        """What the other encodings say of these.

        Mean (rows, waves) and variance (rows, groups), by the formula for
        leaving one row out of a regression.
        """
        design = self.design[rows]
        fit = design @ self.images_waves
        spread = torch.einsum("in,gnm->gim", design, self.covariance)
        variance = (spread * design).sum(2).T
        noise = self.spread[rows, None] * self.level
        total = noise + self.doubt[rows, None]
        share = (variance / total).clamp_max(0.95)  # its own influence
        for k, group in enumerate(self.groups):
            own = share[:, k, None]
            fit[:, group] -= own * self.sites[rows, group]
            fit[:, group] /= 1 - own
        return fit, noise + variance / (1 - share)

    def guess_signs(
        self,
        rows: slice,
        damping: float,
        carry: bool = False,
        reserve: float = 0.0,
    ) -> None:
        """Update the pseudo-observations of z for these encodings.

        With `reserve`, prepare a prediction from neighbouring pixels, which
        doubts each by that much more; with `carry`, use the prepared one.
        """
        fit, variance = self.predict(rows)
        self.variance[rows] = variance.mean(1)
        base = column(self.base[rows]) * self.mean
        if carry:
            cavity, width = self.carried[0][rows], self.carried[1][rows]
        else:
            cavity = self.to_pixels(fit) + base
            width = variance.mean(1)
        size = self.size[rows]
        guess = size * torch.tanh(size * cavity / column(width))
        left = (size.square() - guess.square()).mean((1, 2, 3))
        left = torch.minimum(left.clamp_min(1e-8), 0.99 * width)
        # What was learned: the guess, with the prediction divided out.
        doubt = 1 / (1 / left - 1 / width)
        news = guess / column(left) - cavity / column(width)
        site = self.to_waves(column(doubt) * news - base)
        old = self.doubt[rows]
        precision = (1 - damping) / doubt + damping / old
        kept = (damping / old / precision)[:, None]
        site = torch.lerp(site, self.sites[rows], kept)
        self.sites[rows] = site
        self.doubt[rows] = doubt = 1 / precision
        if reserve:
            self._look_inside(rows, (fit, variance), site, doubt + reserve)

    def _look_inside(
        self,
        rows: slice,
        prediction: tuple[Tensor, Tensor],
        site: Tensor,
        doubt: Tensor,
    ) -> None:
        """Prepare the next guess from neighbouring pixels of the same encoding.

        Smooth the pseudo-observations with the prediction as prior (a Wiener filter), and
        take each pixel's own share out again.
        """
        fit, variance = prediction
        base = column(self.base[rows]) * self.mean
        gain = variance / (variance + doubt[:, None])
        left = torch.minimum(gain.mean(1) * doubt, 0.99 * doubt)
        width = 1 / (1 / left - 1 / doubt)
        smooth = fit.clone()
        for k, group in enumerate(self.groups):
            smooth[:, group] += gain[:, k, None] * (site[:, group] - fit[:, group])
        waves = width[:, None] * (smooth / left[:, None] - site / doubt[:, None])
        if self.carried is None:
            self.carried = torch.empty_like(self.size), torch.empty_like(self.doubt)
        self.carried[0][rows] = self.to_pixels(waves) + base
        self.carried[1][rows] = width

    def solve(self, colour: float) -> None:
        """The images given the pseudo-observations: ridge regression.

        Group by group; `colour` < 1 holds the two weaker colour axes back.
        """
        for k, group in enumerate(self.groups):
            prior = self.level[k] * (1 if k >= 2 * GROUPS else colour)
            noise = self.spread * self.level[k] + self.doubt
            weighted = (self.design / noise[:, None]).T
            precision = weighted @ self.design
            precision += torch.diag(1 / (prior * self.prior))
            self.covariance[k] = torch.linalg.inv(precision)
            evidence = weighted @ self.sites[:, group]
            self.images_waves[:, group] = self.covariance[k] @ evidence

    def with_signs(self, mixed: np.ndarray) -> None:
        """Solve once with the signs given, (N, 32, 32, 3): what the mask costs is the rest."""
        base = column(self.base) * self.mean
        self.sites = self.to_waves(torch.from_numpy(mixed) - base)
        self.doubt.fill_(1e-6)
        self.solve(colour=1.0)

    def begin(self) -> None:
        """From nothing: brightness first, which the public mean orients; colours follow.

        Images without a mean give no direction. Then a weak random image does, and all may
        come out as negatives.
        """
        if self.mean.abs().max() < NO_MEAN:
            generator = torch.Generator().manual_seed(0)
            shape = self.images_waves[:-1].shape
            drawn = torch.randn(shape, generator=generator, dtype=torch.float64).to(self.power)
            self.images_waves[:-1] = HINT * drawn * self.power.sqrt()
        for colour, times in ((0.02, 4), (0.1, 2), (0.3, 2)):
            self.sweep(times, colour)

    def finish(self, rounds: int, generator: torch.Generator) -> None:
        """From a first estimate: sweep; then, in rounds, repair single pixels and look inside."""
        self.sweep(2)
        for _ in range(rounds):
            self.flip_pixels(FLIPS, generator)
            self.sweep(1)
            self.sweep_inside(INSIDE)

    def flip_pixels(self, rounds: int, generator: torch.Generator) -> None:
        """Turn single pixels where that is more probable.

        The gain in probability has two parts: what the encodings of the image say, and
        how well the pixel fits its neighbours and its other colours. Half of the
        profitable flips are made at a time, because neighbours depend on each other.
        """
        images = self.images
        rigid = 1 / (self.power + FLOOR)
        alone = (rigid[self.back].view(3, -1).mean(1) * self.axes.square()).sum(1)
        for _ in range(rounds):
            step = -2 * images
            pull = self.to_pixels(self.to_waves(images - self.mean) * rigid)
            gain = self._evidence(images) - (step * pull + 0.5 * alone * step.square())
            coin = torch.rand(gain.shape, generator=generator) < 0.5
            images = torch.where((gain > 0) & coin, -images, images)
        self.restart(images)

    def _evidence(self, images: Tensor) -> Tensor:
        """For each value of each image, what its other sign would add to log probability."""
        gain = torch.zeros_like(images)
        for rows in chunks(len(self.size)):
            size, scale = self.size[rows], column(self.variance[rows])
            weights, parents = self.design[rows, :-1].topk(2)
            mixed = (self.design[rows, :-1] @ images.flatten(1)).view_as(size)
            mixed += column(self.design[rows, -1]) * self.public_mean
            now = log_density(size, mixed, scale)
            for weight, parent in zip(weights.T, parents.T, strict=True):
                moved = mixed - 2 * column(weight) * images[parent]
                gain.index_add_(0, parent, log_density(size, moved, scale) - now)
        return gain

    def sweep_inside(self, times: int, damping: float = 0.3) -> None:
        """Sweeps in which each encoding's own neighbouring pixels help to guess its signs.

        At first neighbours are trusted little and then more and more: signs that freeze
        before the encodings agree would stay wrong.
        """
        for time, reserve in enumerate(np.geomspace(RESERVE, RESERVE / 100, times)):
            for rows in chunks(len(self.size)):
                self.guess_signs(rows, damping, carry=time > 0, reserve=float(reserve))
            self.solve(colour=1.0)

    def sweep(self, times: int, colour: float = 1.0, damping: float = 0.3) -> None:
        for _ in range(times):
            for rows in chunks(len(self.size)):
                self.guess_signs(rows, damping)
            self.solve(colour)


def log_density(size: Tensor, mean: Tensor, variance: Tensor) -> Tensor:
    """Of |z| for normal z with this mean and variance, up to what the mean does not change."""
    pull = (size * mean / variance).abs()
    return pull + log_one_plus(torch.exp(-2 * pull)) - mean.square() / (2 * variance)


def log_one_plus(x: Tensor) -> Tensor:
    """log(1 + x) for x from 0 to 1, within 1e-5 (Abramowitz and Stegun, 4.1.43).

    Several times faster than `torch.log1p`.
    """
    sum_ = torch.full_like(x, 0.03215845)
    for coefficient in (-0.13606275, 0.28947478, -0.49190896, 0.99949556):
        sum_.mul_(x).add_(coefficient)
    return sum_.mul_(x)


def column(values: Tensor) -> Tensor:
    return values[:, None, None, None]


def chunks(total: int) -> list[slice]:
    return [slice(i, min(i + CHUNK, total)) for i in range(0, total, CHUNK)]
