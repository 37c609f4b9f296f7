"""Cliques and parents where the answer is known, and the flow against networkx."""

import networkx as nx
import numpy as np
import pytest

from helpers.instahide import parents


def planted(n=10, each=40, noise=0.02, seed=0):
    """Points that are exactly what the model says: weighted sums of two centres."""
    rng = np.random.default_rng(seed)
    centres = rng.standard_normal((n, 60)).astype(np.float32)
    pairs = np.argsort(rng.random((n * each // 2, n)), 1)[:, :2]
    classes = np.arange(n) % 4
    weights = rng.uniform(0.15, 0.5, pairs.shape)
    points = (weights[..., None] ** 2 * centres[pairs]).sum(1)
    points += noise * rng.standard_normal(points.shape)
    labels = np.zeros((len(pairs), 4))
    np.add.at(labels, (np.arange(len(pairs))[:, None], classes[pairs]), weights)
    return points.astype(np.float32), pairs, weights, labels, classes


def test_cliques_are_pure():
    points, pairs, *_ = planted()
    members, tightness = parents.grow_cliques(points, 15, 100, np.random.default_rng(1))
    assert all(len(set(row)) == 15 for row in members)
    gram = points[members[3]] @ points[members[3]].T
    off = gram[~np.eye(15, dtype=bool)].mean()
    assert tightness[3] == pytest.approx(off, rel=1e-4)
    chosen = parents.distinct_cliques(members, tightness, 10)
    share = [np.bincount(pairs[row].ravel(), minlength=10).max() / 15 for row in chosen]
    assert np.mean(share) > 0.9
    assert len({np.bincount(pairs[row].ravel()).argmax() for row in chosen}) == 10


def test_slots_read_labels():
    classes, weights = parents.slots(np.array([[0.0, 0.3, 0.2], [0.5, 0.0, 0.0]]))
    assert dict(zip(classes[0].tolist(), weights[0].tolist(), strict=True)) == {1: 0.3, 2: 0.2}
    assert classes[1].tolist() == [0, 0]
    assert weights[1].tolist() == [0.25, 0.25]


def test_refinement_finds_the_planted_pairs():
    points, pairs, weights, labels, _ = planted()
    members = [np.flatnonzero((pairs == j).any(1))[:12] for j in range(10)]
    found, seen, margins = parents.refine(points, np.array(members), labels)
    right = (np.sort(found) == np.sort(pairs)).all(1)
    different = seen[:, 0] != seen[:, 1]
    assert right[different].mean() > 0.97
    assert margins[right].mean() > margins.mean()
    np.testing.assert_allclose(np.sort(seen[different]), np.sort(weights[different]), atol=1e-6)


def test_without_labels_pairs_and_weights_are_found():
    points, pairs, weights, *_ = planted()
    members = np.array([np.flatnonzero((pairs == j).any(1))[:12] for j in range(10)])
    found, seen, _ = parents.refine_unlabelled(points, members, weights, nearest=6)
    assert (np.sort(found) == np.sort(pairs)).all(1).mean() > 0.9
    ranked = np.take_along_axis(seen, found.argsort(1), 1)
    truth = np.take_along_axis(weights, pairs.argsort(1), 1)
    assert np.corrcoef(ranked.ravel(), truth.ravel())[0, 1] > 0.85


def test_the_flow_is_networkxs():
    """Small whole-numbered costs, so that both solve the same problem exactly."""
    rng = np.random.default_rng(5)
    scores = rng.integers(0, 50, (12, 6)).astype(float)
    of_class = np.array([0, 0, 0, 1, 1, 1])
    classes = np.tile([0, 1], (12, 1))
    found = parents.flow(scores, classes, of_class, uses=4)
    assert (np.bincount(found.ravel(), minlength=6) == 4).all()
    assert (of_class[found] == classes).all()
    graph = nx.DiGraph()
    for i in range(12):
        for slot in range(2):
            graph.add_node(("slot", i, slot), demand=-1)
            for j in np.flatnonzero(of_class == slot):
                cost = -int(scores[i, j])
                graph.add_edge(("slot", i, slot), ("image", j), weight=cost, capacity=1)
    for j in range(6):
        graph.add_node(("image", j), demand=4)
    wanted = -nx.min_cost_flow_cost(graph)
    assert np.take_along_axis(scores, found, 1).sum() == pytest.approx(wanted)


def test_design_holds_the_weights():
    matrix = parents.design(np.array([[0, 2], [1, 1]]), np.array([[0.2, 0.3], [0.1, 0.1]]), 3)
    np.testing.assert_allclose(matrix, [[0.2, 0, 0.3], [0, 0.2, 0]], atol=1e-7)
