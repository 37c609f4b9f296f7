"""From similarities to equations: cliques, and the two private images in each encoding.

Chapter 4. N encodings of n images; `points` are the coordinates of `similarity.embed`.
"""

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_array

from helpers.instahide.similarity import Statistics, Whitener


def grow_cliques(
    points: np.ndarray, size: int, starts: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """From random encodings, add again and again the most similar one.

    Similar to all members so far, that is. Returns members, int (starts,
    size), and how similar each clique's members are on average, (starts,).
    As in the attack of Carlini et al., without its random first step.
    """
    members = np.empty((starts, size), int)
    again = starts > len(points)
    members[:, 0] = rng.choice(len(points), starts, replace=again)
    total = points[members[:, 0]]
    rows = np.arange(starts)
    taken = np.zeros((starts, len(points)), bool)
    taken[rows, members[:, 0]] = True
    for step in range(1, size):
        scores = total @ points.T
        scores[taken] = -np.inf
        members[:, step] = scores.argmax(1)
        taken[rows, members[:, step]] = True
        total = total + points[members[:, step]]
    lengths = (points**2).sum(1)[members].sum(1)
    pairs = size * (size - 1)
    return members, ((total**2).sum(1) - lengths) / pairs


def distinct_cliques(members: np.ndarray, tightness: np.ndarray, count: int) -> np.ndarray:
    """Up to `count` cliques, tightest first, that share less than half of their members.

    If there are not enough such cliques, the least overlapping of the others fill up.
    """
    size = members.shape[1]
    order = np.argsort(-tightness)
    has = np.zeros((len(members), members.max() + 1), np.float32)
    np.put_along_axis(has, members, 1, axis=1)
    overlap = np.zeros(len(members))
    chosen: list[int] = []
    for limit in (0.3, 0.5, 0.8, 1.0):
        for i in order:
            if len(chosen) < count and i not in chosen and overlap[i] <= limit * size:
                chosen.append(i)
                overlap = np.maximum(overlap, has @ has[i])
    return members[chosen]


def classes_of(cliques: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The class of each clique: the one with the greatest weight in its members' labels."""
    return labels[cliques].sum(1).argmax(1)


def slots(labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What a released label says: classes (N, 2) and weights (N, 2) of the private images.

    A label with one class only hides how its weight is divided: it is halved.
    """
    classes = np.argsort(-labels, axis=1)[:, :2]
    weights = np.take_along_axis(labels, classes, 1)
    alone = weights[:, 1] == 0
    classes[alone, 1] = classes[alone, 0]
    weights[alone] = weights[alone, :1] / 2
    return classes, weights


def of(wanted: int, of_class: np.ndarray) -> np.ndarray:
    """The images of a class; all, if no clique of that class was found."""
    found = np.flatnonzero(of_class == wanted)
    return found if len(found) else np.arange(len(of_class))


def assign_pairs(
    points: np.ndarray,
    centres: np.ndarray,
    of_class: np.ndarray,
    classes: np.ndarray,
    weights: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """The pair of centres whose weighted sum lies nearest to each point.

    `centres` (n, d) with their classes `of_class` (n,); `classes` and `weights` (N, 2)
    from `slots`. Squares of pixels go with squares of weights. Returns parents, int
    (N, 2), and by how much the best pair beats the second best, (N,).
    """
    strengths = weights**2
    inner, gram = points @ centres.T, centres @ centres.T
    parents, margins = np.empty((len(points), 2), int), np.empty(len(points))
    for first, second in np.unique(classes, axis=0):
        rows = np.flatnonzero((classes == (first, second)).all(1))
        left, right = of(first, of_class), of(second, of_class)
        u, v = strengths[rows, 0, None, None], strengths[rows, 1, None, None]
        fit = 2 * u * inner[rows][:, left, None] + 2 * v * inner[rows][:, None, right]
        fit -= u**2 * gram[left, left][:, None] + v**2 * gram[right, right]
        fit -= 2 * u * v * gram[np.ix_(left, right)]
        if first == second:  # the same pair in the other order is no second choice
            fit[:, left[:, None] > right] = -np.inf
        flat = fit.reshape(len(rows), -1)
        best = flat.argmax(1)
        parents[rows] = np.stack([left[best // len(right)], right[best % len(right)]], 1)
        top = np.sort(np.partition(flat, -2)[:, -2:]) if flat.shape[1] > 1 else flat
        margins[rows] = top[:, -1] - top[:, 0]
    return parents, margins


def refine(
    points: np.ndarray,
    cliques: np.ndarray,
    labels: np.ndarray,
    rounds: int = 12,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Overlapping k-means: every point is a weighted sum of two centres.

    Starts at the cliques; in turn assigns pairs and solves for the centres. Returns
    parents (N, 2), their weights (N, 2) and the margins of `assign_pairs`.
    """
    classes, weights = slots(labels)
    of_class = classes_of(cliques, labels)
    strengths = (labels[cliques, of_class[:, None]] ** 2).mean(1)
    centres = points[cliques].mean(1) / strengths[:, None]
    for _ in range(rounds):
        parents, margins = assign_pairs(points, centres, of_class, classes, weights)
        squares = design(parents, weights**2, len(centres))
        ridge = 0.1 * np.eye(len(centres), dtype=points.dtype)
        centres = np.linalg.solve(squares.T @ squares + ridge, squares.T @ points)
    return parents, weights, margins


def design(parents: np.ndarray, weights: np.ndarray, images: int) -> np.ndarray:
    """The matrix A of the equations (N, n): weights in the columns of the parents."""
    matrix = np.zeros((len(parents), images), weights.dtype)
    np.add.at(matrix, (np.arange(len(parents))[:, None], parents), weights)
    return matrix


def refine_unlabelled(
    points: np.ndarray, cliques: np.ndarray, law: np.ndarray, rounds: int = 12, nearest: int = 10
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """`refine` without labels: weights, too, are estimated.

    Each point takes the pair of centres, among the pairs of its `nearest`, that explains it
    best with two positive strengths. Strengths become weights by rank: the published law
    of the weights, `law` (draws, 2), says how often each size occurs.
    """
    centres = points[cliques].mean(1)
    nearest = min(nearest, len(centres) - 1)
    sizes = np.sort(law.ravel())
    rows = np.arange(len(points))[:, None]
    one, two = np.triu_indices(nearest, 1)
    for _ in range(rounds):
        inner, gram = points @ centres.T, centres @ centres.T
        norms = np.sqrt(np.diag(gram))
        close = np.argpartition(-inner / norms, nearest, 1)[:, :nearest]
        a, b = close[:, one], close[:, two]
        left, right, cross = inner[rows, a], inner[rows, b], gram[a, b]
        g, h = gram[a, a], gram[b, b]
        free = np.maximum(g * h - cross**2, 1e-9)
        u = np.maximum((h * left - cross * right) / free, 0)
        v = np.maximum((g * right - cross * left) / free, 0)
        fit = 2 * (u * left + v * right) - u**2 * g - v**2 * h - 2 * u * v * cross
        best = fit.argmax(1)[:, None]
        parents = np.concatenate([np.take_along_axis(x, best, 1) for x in (a, b)], 1)
        strengths = np.concatenate([np.take_along_axis(x, best, 1) for x in (u, v)], 1)
        rank = strengths.ravel().argsort().argsort() / strengths.size
        weights = np.quantile(sizes, rank).reshape(-1, 2)
        squares = design(parents, (weights**2).astype(points.dtype), len(centres))
        ridge = 0.1 * np.eye(len(centres), dtype=points.dtype)
        centres = np.linalg.solve(squares.T @ squares + ridge, squares.T @ points)
    return parents, weights, strengths.min(1)


def flow(scores: np.ndarray, classes: np.ndarray, of_class: np.ndarray, uses: int) -> np.ndarray:
    """Parents (N, 2) by minimum-cost flow: every image is a parent `uses` times.

    `scores` (N, n) say how similar an encoding is to each clique; only images of the
    label's classes are allowed, one from each slot. A linear program, whose solution is
    whole-numbered because the constraints describe a flow.
    """
    encodings, images = scores.shape
    allowed = classes.ravel()[:, None] == of_class
    allowed[~allowed.any(1)] = True  # a class of which no clique was found
    slot, image = np.nonzero(allowed)
    edges = np.arange(len(slot))
    # Overflow is possible, at a price: with a misjudged class no exact flow exists.
    price = 10 * np.abs(scores).max()
    cost = np.concatenate([-scores[slot // 2, image], np.full(images, price)])
    per_slot = coo_array((np.ones(len(edges)), (slot, edges)), (2 * encodings, len(cost)))
    into = np.concatenate([image, np.arange(images)]), np.arange(len(cost))
    signs = np.concatenate([np.ones(len(edges)), -np.ones(images)])
    per_image = coo_array((signs, into), (images, len(cost)))
    limits = [(0, 1)] * len(edges) + [(0, None)] * images
    solved = linprog(
        cost, per_image, np.full(images, uses), per_slot, np.ones(2 * encodings), limits, "highs"
    )
    chosen = solved.x[: len(edges)] > 0.5
    return image[chosen][slot[chosen].argsort()].reshape(-1, 2)


def pairs_from_images(
    encodings: np.ndarray,
    images: np.ndarray,
    classes: np.ndarray,
    weights: np.ndarray,
    *,
    of_class: np.ndarray,
    whitener: Whitener,
    natural: Statistics,
    ratio: float,
) -> np.ndarray:
    """Parents (N, 2) again, now that there are pictures: whose squared sum fits best?

    The expected square of a pixel is (u x_a + v x_b + m μ)² + m² c σ²: five pictures with
    known factors (c is `ratio`, see `scheme.public_ratio`). Inner products of their prints
    with an encoding's are all that is needed.
    """
    public = 1 - weights.sum(1)
    rest = natural.mean**2 + ratio * natural.power.mean()
    constant = whitener(np.broadcast_to(rest, (1, *images.shape[1:])).astype(encodings.dtype))
    target = whitener(encodings**2) - (public**2)[:, None] * constant
    squares, means = whitener(images**2), whitener(images * natural.mean)
    parents = np.empty((len(encodings), 2), int)
    for first, second in np.unique(classes, axis=0):
        rows = np.flatnonzero((classes == (first, second)).all(1))
        left, right = of(first, of_class), of(second, of_class)
        a, b = (grid.ravel() for grid in np.meshgrid(left, right, indexing="ij"))
        parts = [squares[a], squares[b], whitener(images[a] * images[b]), means[a], means[b]]
        u, v, m = weights[rows, :1], weights[rows, 1:], public[rows, None]
        factors = [u**2, v**2, 2 * u * v, 2 * m * u, 2 * m * v]
        fit = np.zeros((len(rows), len(a)))
        for i, part in enumerate(parts):
            fit += 2 * factors[i] * (target[rows] @ part.T)
            for j, other in enumerate(parts):
                fit -= factors[i] * factors[j] * (part * other).sum(1)
        best = fit.argmax(1)
        parents[rows] = np.stack([a[best], b[best]], 1)
    return parents
