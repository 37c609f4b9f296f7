"""The graph of friends against networkx and against the known distribution of degrees."""

import networkx as nx
import numpy as np
import pytest
from scipy import stats

from helpers.market.contagion import LINKS, friendships, grow


def degrees(graph):
    return np.diff(graph.indptr)


def limit(k):
    """Share of people with k links in the limit (Dorogovtsev, Mendes and Samukhin 2000)."""
    return 2 * LINKS * (LINKS + 1) / (k * (k + 1) * (k + 2))


@pytest.fixture(scope="module")
def grown():
    return grow(50_000, seed=3)


def test_degrees_follow_the_closed_form(grown):
    found = degrees(grown)
    for k in range(LINKS, 13):
        share = (found == k).mean()
        error = np.sqrt(limit(k) * (1 - limit(k)) / len(found))
        # Merged double links shift a few in a thousand by one.
        assert abs(share - limit(k)) < 4 * error + 0.002
    tail = LINKS * (LINKS + 1) / (100 * 101)
    assert abs((found >= 100).mean() - tail) < 4 * np.sqrt(tail / len(found))


def test_degrees_are_those_of_networkx(grown):
    peer = nx.barabasi_albert_graph(20_000, LINKS, seed=5)
    peers = np.array([degree for _, degree in peer.degree()])
    ours = degrees(grown)
    # Both are whole numbers: compare the distributions where they are not yet thin.
    distance = max(abs((ours <= k).mean() - (peers <= k).mean()) for k in range(LINKS, 200))
    assert distance < 1.63 * np.sqrt(1 / len(ours) + 1 / len(peers)) + 0.002


def test_friends_of_hubs_are_met_as_in_networkx(grown):
    """Mean degree of a random friend: preferential attachment makes it large."""

    def friends_degree(degree):
        return (degree**2.0).sum() / degree.sum()

    peers = [
        friends_degree(np.array([d for _, d in nx.barabasi_albert_graph(5_000, LINKS, s).degree()]))
        for s in range(12)
    ]
    ours = [friends_degree(degrees(grow(5_000, seed))) for seed in range(12)]
    assert stats.ttest_ind(ours, peers).pvalue > 0.001


def test_a_graph_is_symmetric_without_loops_and_in_one_piece(grown):
    assert (grown != grown.T).nnz == 0
    assert grown.diagonal().sum() == 0
    assert set(grown.data) == {1}
    assert nx.is_connected(nx.from_scipy_sparse_array(grown))


def test_small_graphs_are_networkx_own():
    peer = nx.barabasi_albert_graph(300, LINKS, seed=9)
    assert set(zip(*friendships(300, 9).nonzero(), strict=True)) == {
        pair for a, b in peer.edges for pair in ((a, b), (b, a))
    }


def test_too_few_people_are_refused():
    with pytest.raises(ValueError, match="more than 4 people"):
        friendships(4, 0)
