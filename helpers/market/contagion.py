"""Who talks to whom: Barabási–Albert graphs, small ones by networkx, large ones by arrays.

Used by chapter 1, "January 2021 in a machine".
"""

import networkx as nx
import numpy as np
from scipy import sparse

LINKS = 4  # that each newcomer makes
LARGEST_FOR_NETWORKX = 10_000  # beyond it networkx takes seconds to minutes


def friendships(people: int, seed: int) -> sparse.csr_array:
    """Symmetric 0/1 adjacency (people, people) of one preferential-attachment graph.

    Raises ValueError for too few people.
    """
    if people <= LINKS:
        raise ValueError(f"a graph needs more than {LINKS} people, not {people}")
    if people <= LARGEST_FOR_NETWORKX:
        graph = nx.barabasi_albert_graph(people, LINKS, seed=seed)
        return nx.to_scipy_sparse_array(graph, dtype=np.float32, format="csr")
    return grow(people, seed)


def grow(people: int, seed: int) -> sparse.csr_array:
    """The same kind of graph, grown as arrays (Batagelj and Brandes 2005).

    All ends of links stand in one list, so an end drawn from it at random is
    a person drawn in proportion to the links that person has: that is
    preferential attachment. An end may be a copy of an earlier copy; the
    loop follows all such pointers at once. As in networkx the first
    newcomer meets a star. Double links are merged, which changes a few
    in a thousand.
    """
    rng = np.random.default_rng(seed)
    newcomers = np.arange(LINKS + 1, people)
    star = np.column_stack([np.zeros(LINKS, int), np.arange(1, LINKS + 1)])
    own = np.repeat(newcomers, LINKS)
    # Ends that exist before a newcomer comes: two for each link so far.
    before = 2 * LINKS * (own - LINKS)
    copied = (rng.random(len(own)) * before).astype(np.int64)

    first = star.size  # position of the first newcomer's ends in the list
    owner = np.concatenate([star.ravel(), np.repeat(own, 2)])
    pointer = np.arange(len(owner))
    pointer[first + 1 :: 2] = copied
    while (pointer[pointer] != pointer).any():
        pointer = pointer[pointer]
    friend = owner[pointer[first + 1 :: 2]]

    rows = np.concatenate([star[:, 0], own])
    columns = np.concatenate([star[:, 1], friend])
    half = sparse.coo_array(
        (np.ones(len(rows), np.float32), (rows, columns)), shape=(people, people)
    ).tocsr()
    whole = (half + half.T).tocsr()
    whole.data[:] = 1
    return whole
