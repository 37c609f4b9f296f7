# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # A privacy threat revealed: how InstaHide was broken
#
# Hospitals would like to train a model together without showing each other their
# pictures. InstaHide {cite}`huang2020` promised that: mix each private picture with others,
# flip the signs of random pixels, and train on the result, which looks like coloured
# noise. The newsletter {cite}`thebatch2021` reports how researchers recovered the pictures
# {cite}`carlini2020`. This chapter encrypts real pictures in one of the forms in which
# InstaHide was published, {glue:text}`images:.0f` pictures in
# {glue:text}`encodings:,.0f` encodings (the public challenge: 100 in 5,000), and attacks
# them with what is released: the encodings, their labels and the scheme itself.
#
# :::{admonition} How fresh is this page?
# :class: note freshness
# Computed on {glue:text}`computed_on` at scale *{glue:text}`scale`*, in
# {glue:text}`wall_seconds:.0f` seconds, with {glue:text}`versions`, on {glue:text}`processor`.
# It took {glue:text}`cpu_seconds:.0f` CPU seconds here, which are
# {glue:text}`reference_seconds:.0f` of the machine for which the budget of
# {glue:text}`budget:.0f` was set. Take it with you
# as a {download}`notebook <04_instahide.ipynb>`, just as it ran, or a
# {download}`script <04_instahide.py>`.
# :::
#
# **You need**: matrices, a little statistics, a little Python. **You will see** a weakness
# found, turned into equations and solved; and what would have prevented it.
#
# All pictures here are public, and the attack has been published since 2020. To show how
# such a scheme fails harms nobody, and may spare somebody the next one of its kind. Do not
# try it on pictures that are not yours.

# %% tags=["parameters", "remove-cell"]
scale = "quick"  # "quick", "book" or "paper"
seed = 4
challenge_folder = ""  # attack encryption.npy and label.npy from there
challenge_images = 100  # that many pictures are hidden in them
challenge_kind = "signed"  # pixels from -1 to 1, or "standardised"
image_source = "packages"  # or "cifar10", "cifar100", "stl10" from:
image_folder = ""
image_download = False  # fetch them, if they are not there

# %% tags=["hide-input"]
import inspect
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import matplotlib.pyplot as plt
import networkx as nx
import numpy as np
import pandas as pd
import seaborn as sns
import torch
from IPython.display import Code
from myst_nb import glue
from scipy import stats
from sklearn.metrics import roc_auc_score
from threadpoolctl import threadpool_limits

from helpers import figures, provenance
from helpers.claims import Claim, Source
from helpers.instahide import (
    attack,
    challenge,
    limits,
    parents,
    photos,
    published,
    scheme,
    scores,
    siamese,
    similarity,
    trials,
    unmix,
)
from helpers.parallel import map_tasks
from helpers.results import glue_numbers, glue_orders, publish_claims
from helpers.scale import Scale
from helpers.tables import tabulate
from helpers.wording import Order

scale = Scale(scale)
figures.use_style()
torch.set_num_threads(1)  # the budget is for one thread
_ = threadpool_limits(1)

# %% [markdown]
# ## What the article says
#
# 1. An approximate solution of the public challenge, 5,000 scrambled versions of 100
#    pictures, was found.
# 2. It took under an hour.
# 3. Flipping signs does not effectively hide values.
# 4. A trained network can tell whether two scrambled pictures share an original.
# 5. Pictures that are similar in this way form a graph, whose edges join encodings with
#    a common parent.
# 6. Recovered pictures look a lot like the originals.
# 7. Whether the attack works with access to the trained model only remains to be seen.
#
# *Structural similarity* (SSIM, {cite}`wang2004`) compares two pictures window by window:
# 1 is identical, 0 unrelated. An encoding hides two private pictures, its *parents*; the
# challenge scored each of its 5,000 answers against both and averaged the better one, *Max
# SSIM*. An SSIM is *raw* if nothing was fitted to the truth. These are the outcomes that will
# make us call a statement true.
#
# They are not older than all numbers. A prototype had shown a Max SSIM of 0.72 when this
# chapter set itself the goal of 0.75. After a first run at full size three criteria were
# made stricter: that goal took the place of 0.5, edges that of cliques, and a raw SSIM of
# 0.5 that of being nearest to the right original. Two verdicts were withdrawn: on the hour,
# where ours could not fail, and on the network, of which ours is no copy. The 0.1 for the
# signs stayed, but a better solver came after it; the first one's mean, over four of the
# challenges used below, was 0.18.

# %%
criteria = {
    "approximate-solution": (
        "Max SSIM is 0.75 or more",
        (0.75, 1.0),
    ),
    "under-an-hour": (
        "the authors' own attack, preparation included, took under an hour",
        (0.0, 60.0),
    ),
    "signs-hide-little": (
        "not knowing the signs costs less than 0.1 of SSIM",
        (-1.0, 0.1),
    ),
    "network-similarity": (
        "of two pairs such a network ranks the sharing one higher in 75 %",
        (0.75, 1.0),
    ),
    "graph": (
        "90 % or more of the edges join encodings with a common parent",
        (90.0, 100.0),
    ),
    "resemblance": (
        "90 % or more of the pictures found have a raw SSIM of at least 0.5",
        (90.0, 100.0),
    ),
    "trained-model-only": (
        "pictures are recovered without any encodings",
        (0.5, 1.0),
    ),
}

# %% [markdown]
# ## Real pictures, three groups
#
# The challenge's files are not at hand here, so we make a challenge of our own, at scale
# *book* of the same size. Its pictures ship inside Python packages that this book installs
# anyway; nothing is downloaded. No photograph is in two groups:
#
# - **private**: the 40 CIFAR pictures of the package foolbox, then crops of ten ImageNet
#   photographs: what is to be hidden;
# - **mixing**: crops of eleven other photographs, in the part of the public pictures;
# - **statistics**: eight more, from which the attacker learns what photographs look like
#   on average. He never sees a mixing photograph.
#
# So of 100 private pictures 60 are crops, about six of each photograph, and all public
# patches come from eleven. The article presumes that strangers' pictures hardly ever
# recur; here regions do, which makes the attacker's noise less varied than it was.

# %%
images = scale.pick(quick=8, book=100, paper=100)
epochs = scale.pick(quick=12, book=50, paper=50)
# Where an attack fails it ends anywhere, on each processor elsewhere. A quick
# run rounds so little that all of them end alike.
precision = scale.pick(quick="float64", book="float32", paper="float32")
setting = trials.Trial(
    images, epochs, seed, source=image_source, folder=image_folder,
    download=image_download, dtype=precision,
)
released, secret = trials.fresh(setting)
glue_numbers(encodings=len(released.encodings))
natural = trials.natural(scheme.SIGNED, precision)
tabulate(pd.DataFrame({
    "photographs": {g: len(photos.pictures(g)) for g in [
        "cifar", "private", "mixing", "statistics"]},
}).T)

# %% [markdown]
# ## How InstaHide encrypts
#
# Write $x_a, x_b$ for two private pictures, $p_3, \dots, p_k$ for public ones, each with
# pixels between $-1$ and 1, and $\lambda_1, \dots, \lambda_k$ for positive weights that
# add up to 1. The encoding is
#
# $$ e = \sigma \circ z , \qquad
#    z = \lambda_1 x_a + \lambda_2 x_b + \sum_{j=3}^{k} \lambda_j\, p_j , $$
#
# where $\sigma$ flips the sign of each pixel in each colour channel by a coin of its own
# and $\circ$ multiplies pixel by pixel. Weights are drawn half-normal and normalised; draws
# are rejected if one weight exceeds 0.65, or if the two private ones add up to less than
# 0.3. In each training epoch every private picture is encoded once, with a new partner. So
# each is a parent twice an epoch, once as $x_a$ and once as somebody's $x_b$ (once in $n$
# times its own). With an encoding goes a label: the weights $\lambda_1, \lambda_2$ at the
# classes of $x_a$ and $x_b$. (In the solver's code below, `k` counts groups of waves.)

# %% tags=["hide-input"]
Code(
    inspect.getsource(scheme.draw_weights)
    + "\n\n" + inspect.getsource(scheme.flip_signs),
    language="python",
)

# %% tags=["hide-input"] mystnb={"figure": {"caption": "Encryption of one private picture: the two private parents, their mix with four public pictures, the encoding, and its absolute value. Grey is zero.", "name": "fig-encrypt"}, "image": {"alt": "Five small pictures in a row: two private photographs, a ghostly mix of six, an encoding that looks like coloured noise, and its absolute value, in which dim shapes of the mix can be seen again.", "classes": "dark-light photo"}}
def shown(image: np.ndarray) -> np.ndarray:
    """From [-1, 1] to what imshow wants."""
    return np.clip((image + 1) / 2, 0, 1)


private_share = secret.weights[:, :2].sum(1)
example = int(private_share.argsort()[len(private_share) * 3 // 4])
first, second = secret.parents[example]
strip = {
    "parent $x_a$": secret.images[first],
    "parent $x_b$": secret.images[second],
    "mix $z$": secret.mixed[example],
    "encoding $e$": released.encodings[example],
    "size $|e|$": np.abs(released.encodings[example]),
}
fig, axes = plt.subplots(1, 5, figsize=(figures.WIDTH, 1.8))
for ax, (title, image) in zip(axes, strip.items()):
    ax.imshow(shown(image))
    ax.set_title(title, fontsize="small", color=figures.GREY)
    ax.axis("off")

# %% [markdown]
# The last picture is the crack. Whatever the coin did, $|e| = |z|$: the mask hides one bit
# per value, the sign, and leaves its size in the open.
#
# A challenge is two files, in the format of the public one, so another program can try
# its hand at ours, and our attack at another: set `challenge_folder` to a folder with the
# real files, and a cell further down writes `decryption.npy` beside them. With
# `image_source` and `image_folder`, private pictures come from a local copy of CIFAR-10,
# CIFAR-100 or STL-10; `image_download` fetches one.

# %%
with tempfile.TemporaryDirectory() as folder:
    challenge.write(released, Path(folder))
    again = challenge.read(Path(folder))
assert np.array_equal(again.encodings, released.encodings)
print("encryption.npy", again.encodings.shape)
print("label.npy", again.labels.shape)

# %% [markdown]
# ## Step 1: which encodings share a parent?
#
# The attack starts by asking of any two encodings whether they have a private picture in
# common. Signs must go first, so square the values. Then remove what all squared pictures
# have in common: subtract the mean over all encodings, take the rest apart into waves (a
# cosine transform, along the principal axes of colour), and divide each wave by its
# standard deviation. Photographs are alike in their strong, slow waves; what tells them
# apart are the weak, fast ones, which this *whitening* brings up. The result is an
# encoding's *print*; the inner product of two prints is their similarity.

# %%
whitener = similarity.Whitener(released.encodings)
prints = whitener.prints(released.encodings)
points = similarity.embed(prints, images, seed)

# %% [markdown]
# The last line keeps only the strongest directions in the space of prints, one and a half
# for each picture; the rest is noise.
#
# The published attack trains a network for this step, a Wide ResNet
# {cite}`zagoruyko2016` of depth 28 and width 6 that looks at two encodings at once, and at
# all 25 million ordered pairs of them; that is far beyond this book's budget. Ours has
# depth 10 and width 1 and looks at one encoding at a time, though it is given the print as
# well; it is trained for {glue:text}`network_seconds:.0f` seconds on encodings that the
# attacker makes of his own photographs. AUC is the chance that a pair that shares a parent
# is ranked above a pair that does not; 0.5 is guessing.

# %%
steps = scale.pick(quick=2, book=200, paper=100_000)
begun = time.process_time()
network, losses = siamese.train(
    scheme.SIGNED(trials.own_photos()), 6, steps, seed
)
network_seconds = time.process_time() - begun
print("loss after each of the first steps:", *losses[:2])  # a canary

rng = np.random.default_rng(seed)
some = rng.choice(len(released.encodings), min(1_000, len(points)), False)
seen = siamese.look(network, released.encodings[some], whitener)
upper = np.triu_indices(len(some), 1)
shared = similarity.shares_parent(secret.parents[some])[upper]


def auc(rows: np.ndarray) -> float:
    """Of similarities between the encodings in `some`, one a row."""
    return roc_auc_score(shared, (rows @ rows.T)[upper])


def centred(values: np.ndarray) -> np.ndarray:
    rows = values[some].reshape(len(some), -1)
    rows = rows - rows.mean(0)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


aucs = pd.Series({
    "encodings as they are": auc(centred(released.encodings)),
    "absolute values": auc(centred(np.abs(released.encodings))),
    "squares": auc(centred(released.encodings**2)),
    "prints (whitened squares)": auc(prints[some]),
    "prints, strongest directions": auc(points[some]),
    "small Wide ResNet": auc(seen),
}, name="AUC")
glue_numbers(
    auc_raw=aucs.iloc[0], auc_points=aucs.iloc[4],
    auc_network=aucs.iloc[5], share=100 * shared.mean(), steps=steps,
)
tabulate(aucs, 3)

# %% tags=["hide-input"] mystnb={"figure": {"caption": "Similarity of pairs of encodings that share a private picture and of pairs that do not, by the two methods.", "name": "fig-similarity"}, "image": {"alt": "Two panels, each with two histograms of similarity: of pairs of encodings that share a parent, and of pairs that do not. Left, by prints, the two overlap as an AUC of {auc_points:.2f} says; right, by the small network, as one of {auc_network:.2f} says.", "classes": "dark-light ink"}}
fig, axes = plt.subplots(1, 2, figsize=(figures.WIDTH, 3.0))
for ax, (title, features) in zip(
    axes, {
        "prints, strongest directions": points[some],
        "small Wide ResNet": seen,
    }.items()
):
    values = (features @ features.T)[upper]
    bins = np.linspace(*np.quantile(values, [0.001, 0.999]), 60)
    for truth, colour, label in [
        (False, figures.GREY, "no parent in common"),
        (True, figures.VERMILION, "a parent in common"),
    ]:
        ax.hist(
            values[shared == truth], bins, density=True, color=colour,
            alpha=0.6, label=label,
        )
    ax.set(title=title, xlabel="similarity", yticks=[])
axes[0].set_ylabel("density of pairs")
axes[0].legend(fontsize="small", loc="upper right")
sns.despine(fig, left=True)

# %% [markdown]
# Correlations of encodings as they are can tell nothing, since each has coins of its own;
# their AUC is {glue:text}`auc_raw:.2f`. That of the strongest directions of prints is
# {glue:text}`auc_points:.2f`, where {glue:text}`share:.1f` % of pairs share a parent. Our
# network, after {glue:text}`steps:.0f` batches, has {glue:text}`auc_network:.2f`. So small
# a network is no evidence about the published one, for which we found no figure in a source
# that we could read.
#
# ## Step 2: the graph and its cliques
#
# Draw an encoding as a node, and join it to those most similar to it. Encodings of the
# same picture should then form clumps, each joined to others through the second parent.

# %% tags=["hide-input", "thumbnail"] mystnb={"figure": {"caption": "A part of the graph: encodings (nodes) joined to their most similar ones. Colour and shape show the parent, which the attacker does not know; only encodings of six pictures are drawn.", "name": "fig-graph"}, "image": {"alt": "A network of nodes in six colours and shapes, one for each hidden picture. Of the lines that join them {one_colour:.0f} percent join two of the same colour.", "classes": "dark-light ink"}}
heavier = secret.weights[:, :2].argmax(1)
heavy = secret.parents[np.arange(len(points)), heavier]
most_used = np.bincount(heavy).argsort()[::-1][:6]
drawn = np.flatnonzero(np.isin(heavy, most_used))
near = points[drawn] @ points[drawn].T
np.fill_diagonal(near, -np.inf)
graph = nx.Graph()
graph.add_nodes_from(range(len(drawn)))
for node, row in enumerate(near):
    nearest = row.argsort()[-trials.NEIGHBOURS :]
    graph.add_edges_from((node, int(other)) for other in nearest)
glue_numbers(one_colour=100 * np.mean([
    heavy[drawn[one]] == heavy[drawn[other]] for one, other in graph.edges
]))
place = nx.spring_layout(graph, seed=seed, iterations=40)
fig, ax = plt.subplots(figsize=(figures.WIDTH, 4.4))
nx.draw_networkx_edges(
    graph, place, ax=ax, edge_color=figures.GREY, alpha=0.4, width=0.6
)
colours = [*figures.PALETTE, "#000000", "#B8860B"]
for parent, colour, marker in zip(most_used, colours, "os^Dvp"):
    nodes = [i for i in range(len(drawn)) if heavy[drawn[i]] == parent]
    nx.draw_networkx_nodes(
        graph, place, nodes, ax=ax, node_size=26, node_color=colour,
        node_shape=marker, label=f"picture {parent}",
    )
ax.legend(fontsize="small", loc="center left", bbox_to_anchor=(1, 0.5))
ax.set_axis_off()

# %% [markdown]
# A *clique* is a set of nodes that are all joined to each other. As in the published
# attack, we grow many of them greedily: start anywhere, and add again and again the
# encoding that is most similar to all members so far. Then we keep as many as there are
# pictures, the tightest first, that overlap little.

# %% tags=["hide-input"]
Code(inspect.getsource(parents.grow_cliques), language="python")

# %%
edges = trials.edge_share(points, secret.parents)
found = attack.equations(points, released.labels, images, setting.k, 0)
in_clique = np.zeros((len(found.cliques), images))
for row, members in enumerate(found.cliques):
    in_clique[row] = [(secret.parents[members] == j).any(1).mean()
                      for j in range(images)]
purity, named = in_clique.max(1), len(set(in_clique.argmax(1)))
glue_numbers(
    edges=100 * edges, purity=100 * purity.mean(), cliques_named=named,
    images=images,
)
print(f"share of edges with a common parent: {edges:.2f}")
print(f"{images} cliques: {named} different pictures")
print(f"share of members with the clique's parent: {purity.mean():.2f}")

# %% [markdown]
# From each encoding to its four most similar ones, {glue:text}`edges:.0f` % of edges are
# right; of the members of a clique {glue:text}`purity:.0f` % have its parent.
# {glue:text}`cliques_named:.0f` of {glue:text}`images:.0f` pictures have a clique of their own;
# any other starts from one that belongs to somebody else.
#
# ## Step 3: two parents for each encoding
#
# Now each encoding needs its two parents. There is more than one way, and the truth, which
# only the scoring sees, says how good each is, where the label names two classes:
#
# - *nearest*: the two cliques most similar to it;
# - *nearest with labels*: of the classes that its label names;
# - *minimum-cost flow*: the same, but each picture is used exactly twice an epoch,
#   which is an assignment problem;
# - *overlapping k-means*: each print is taken for a weighted sum of two clique centres,
#   weighted with the *squares* of the label's weights, because prints are made of squares
#   (exercise 2); pairs and centres are improved in turn.

# %%
classes, _ = parents.slots(released.labels)
of_class = parents.classes_of(found.cliques, released.labels)
centres = points[found.cliques].mean(1)
closeness = points @ (centres / np.linalg.norm(centres, axis=1)[:, None]).T
allowed = np.where(
    classes[:, :, None] == of_class, closeness[:, None], -np.inf
).argmax(2)
ways = {
    "nearest": closeness.argsort(1)[:, -2:],
    "nearest with labels": allowed,
    "minimum-cost flow": parents.flow(
        closeness, classes, of_class, 2 * epochs
    ),
    "overlapping k-means": found.parents,
}
shares = pd.DataFrame({
    way: scores.membership(guess, secret.parents, images)
    for way, guess in ways.items()
})
right = shares[classes[:, 0] != classes[:, 1]].mean().rename("parents right")
solid = found.clearest(attack.CAUTIOUS)
trusted = shares["overlapping k-means"][solid].mean()
glue_numbers(
    members_flow=100 * right["minimum-cost flow"],
    members_near=100 * right["nearest with labels"],
    members=100 * right["overlapping k-means"], trusted=100 * trusted,
    kept=100 * solid.mean(),
)
tabulate(right, 3)

# %% [markdown]
# On this challenge {glue:text}`members_near:.1f` % are right by labels,
# {glue:text}`members_flow:.1f` % with the flow, and {glue:text}`members:.1f` % by
# clustering. And clustering can say where it is unsure: of the {glue:text}`kept:.0f` % in
# which the best pair beats the second best most clearly, {glue:text}`trusted:.0f` % are
# right. The rest waits until there are pictures.
#
# The weights $\lambda_1, \lambda_2$ stand in the label, unless both parents are of one
# class: then only their sum does. Such encodings are left out.
#
# ## Step 4: solve the equations
#
# With parents and weights there is one equation for each pixel of each encoding,
#
# $$ |e_i| = \Bigl|\, \sum_j A_{ij}\, x_j + m_i\, \mu + \varepsilon_i \Bigr| , $$
#
# where row $i$ of the matrix $A$ holds the two weights, $m_i = 1 - \lambda_1 - \lambda_2$
# is the weight of the public pictures, $\mu$ their mean, and $\varepsilon_i$, what they
# have beyond it, counts as noise. The article calls this a linear equation. It is linear
# only up to an unknown sign for each pixel: a *phase retrieval* problem.
#
# ### The published way
#
# Start at zero; measure the distance of $A x$ to the nearer of $+|e|$ and $-|e|$; go
# downhill. Here in our own words, after the description by the attack's authors. Small
# terms push pixels towards $-1$ and 1, and each picture is stretched at the end; the
# published code then mends colours with a small network, which we leave out. It needs the
# parents; to see the solver alone, we give it the true ones.

# %% tags=["hide-input"]
Code(inspect.getsource(published.objective), language="python")

# %%
solver_images = scale.pick(quick=8, book=40, paper=100)
solver_setting = replace(setting, images=solver_images, seed=seed + 1)
solver_released, solver_secret = trials.fresh(solver_setting)
true_weights = solver_secret.weights[:, :2].astype(precision)
matrix = parents.design(solver_secret.parents, true_weights, solver_images)
descent_steps = scale.pick(quick=51, book=201, paper=1_000)
begun = time.process_time()
descended, course = published.descend(
    solver_released.encodings, matrix, descent_steps
)
descent_seconds = time.process_time() - begun
print("objective:", " ".join(f"{value:.3f}" for value in course[::50]))

# %% [markdown]
# ### Another way
#
# Three things are known that the descent does not use. Photographs have a typical
# spectrum: slow waves are strong, colours go together. The public part is a photograph
# too, so its pixels are not independent. And uncertainty can be counted: a sign that could
# be either should pull neither way. *Expectation propagation* {cite}`minka2001`, which
# replaces each awkward piece of evidence by a Gaussian that says about the same, puts them
# together. In turn,
#
# 1. predict each mix $z_i$ from what **the other** encodings say about its parents;
# 2. guess each sign: if $z$ is normal around $r$ with variance $v$ and $|z| = |e|$, then
#    its mean is $|e| \tanh(|e|\, r / v)$, near zero if the sign is open;
# 3. take that guess, with its variance, as a measurement of $z_i$, and solve all linear
#    equations together, wave by wave: each wave's typical strength in photographs is its
#    prior variance.
#
# In the code $r$ is `cavity`, $v$ is `width`, the measurement `sites`, its variance `doubt`,
# and `spread` the variance of $\varepsilon_i$ over that of one photograph.

# %% tags=["hide-input"]
Code(
    inspect.getsource(unmix.Unmixer.predict)
    + "\n" + inspect.getsource(unmix.Unmixer.guess_signs)
    + "\n" + inspect.getsource(unmix.Unmixer.solve),
    language="python",
)

# %% [markdown]
# Like every method for such problems it can settle in a wrong valley, where a patch of a
# picture is a negative. So brightness comes first, because the public mean $\mu$, which is
# not zero, says which way is up; colours follow. Then single pixels that fit their
# neighbours better with the other sign are turned. At the end the pixels *inside* each
# encoding help each other to a sign, since a smooth picture rarely jumps through zero.
# When there are pictures, parents are guessed again from them, and what agrees is trusted.

# %% tags=["hide-input"]
told = trials.tell(solver_released, solver_secret, solver_setting)

begun = time.process_time()
blind = attack.recover(
    solver_released.encodings, solver_released.labels, solver_images, natural
)
blind_seconds = time.process_time() - begun
place = np.argsort(scores.match(
    blind.equations.parents, solver_secret.parents, solver_images
))
pictures = {
    "published solver, true parents": descended,
    "ours, true parents": told.masked,
    "ours, blind": blind.images[place],
    "signs known, true parents": told.signed,
}


def quality(pictures: np.ndarray, truth: np.ndarray) -> dict[str, np.ndarray]:
    fitted = scores.align(pictures, truth)
    return {
        "SSIM": scores.ssim(np.clip(pictures, -1, 1), truth),
        "SSIM aligned": scores.ssim(fitted, truth),
        "PSNR aligned (dB)": scores.psnr(fitted, truth),
    }


by_image = {
    way: quality(found_, solver_secret.images)
    for way, found_ in pictures.items()
}
solvers = pd.DataFrame({
    way: {name: values.mean() for name, values in columns.items()}
    for way, columns in by_image.items()
}).T


def negatives(pictures: np.ndarray) -> int:
    """How many are more like the negative of the truth."""
    return sum(
        np.corrcoef(one.ravel(), true.ravel())[0, 1] < 0
        for one, true in zip(pictures, solver_secret.images)
    )


glue_numbers(
    descent_negatives=negatives(descended),
    blind_negatives=negatives(blind.images[place]),
    blind_lost=(by_image["ours, blind"]["SSIM"] < 0.5).sum(),
    descent_raw=solvers.iloc[0, 0], descent_ssim=solvers.iloc[0, 1],
    our_raw=solvers.iloc[1, 0], our_ssim=solvers.iloc[1, 1],
    blind_raw=solvers.iloc[2, 0], blind_ssim=solvers.iloc[2, 1],
    signs_ssim=solvers.iloc[3, 1],
    solver_images=solver_images,
)

# %% tags=["hide-input"]
tabulate(solvers, 3)

# %% tags=["hide-input"] mystnb={"figure": {"caption": "Hidden pictures, from top to bottom: the truth; the published solver and ours, both with the true parents; ours blind, from encodings and labels alone.", "name": "fig-gallery"}, "image": {"alt": "Four rows of small pictures. The first row shows the originals. The others show what was found for them, with the mean structural similarity of all pictures: {descent_raw:.2f} by the published solver, {our_raw:.2f} by ours, {blind_raw:.2f} by ours blind.", "classes": "dark-light photo"}}
rows = {"truth": solver_secret.images} | {
    way.replace(", ", ",\n"): image
    for way, image in list(pictures.items())[:3]
}
fig, axes = plt.subplots(
    len(rows), 1, figsize=(figures.WIDTH, 3.4), constrained_layout=True
)
for ax, (title, image) in zip(axes, rows.items()):
    ax.imshow(shown(np.concatenate(list(image[:12]), axis=1)))
    ax.set_title(title.replace("\n", " "), fontsize="small", color="#888888")
    ax.axis("off")

# %% [markdown]
# On {glue:text}`solver_images:.0f` pictures the descent reaches an aligned SSIM of
# {glue:text}`descent_ssim:.2f` (raw: {glue:text}`descent_raw:.2f`) in
# {glue:text}`descent_seconds:.0f` CPU seconds, our solver {glue:text}`our_ssim:.2f`
# ({glue:text}`our_raw:.2f`) in {glue:text}`our_seconds:.0f`, and blind, all steps included,
# {glue:text}`blind_ssim:.2f` ({glue:text}`blind_raw:.2f`) in {glue:text}`blind_seconds:.0f`;
# then {glue:text}`blind_lost:.0f` pictures stay below a raw SSIM of 0.5. *Aligned* means:
# after the stretch and shift of each colour channel that fits the truth best, where a
# photographic negative counts as right. That favours whoever finds negatives (the descent
# in {glue:text}`descent_negatives:.0f` pictures, our blind attack in
# {glue:text}`blind_negatives:.0f`), and stands in for the colour network that the descent
# lacks. How it does with a hundred pictures is in `benchmarks/README.md`. The challenge's
# scores below are raw.
#
# ### What is the mask worth?
#
# The last row of the table was told all signs. With them the problem is linear, and the
# result ({glue:text}`signs_ssim:.2f`) the best linear answer under a Gaussian prior. What the
# mask costs an attacker who has the right equations is the difference of the last row and
# the second. One challenge would be an anecdote, so scale *book* has fresh ones beside it.

# %%
mask_runs = scale.pick(quick=1, book=5, paper=20)
fresh = [replace(setting, images=solver_images, seed=1_000 * seed + 200 + i)
         for i in range(mask_runs - 1)]
mask_costs = np.array([
    solvers.iloc[3, 1] - solvers.iloc[1, 1],
    *map_tasks(trials.mask_cost, fresh),
])
raw_cost = solvers.iloc[3, 0] - solvers.iloc[1, 0]
glue_numbers(
    mask=mask_costs.mean(), mask_runs=mask_runs, mask_raw=raw_cost,
    mask_least=mask_costs.min(), mask_most=mask_costs.max(),
)
tabulate(pd.Series(mask_costs, name="the mask’s worth in SSIM"), 3)

# %% [markdown]
# To hide the signs costs {glue:text}`mask:.2f` of SSIM in the mean of
# challenges of {glue:text}`solver_images:.0f` pictures ({glue:text}`mask_runs:.0f` of
# them), between {glue:text}`mask_least:.2f` and {glue:text}`mask_most:.2f` in each. That is
# what InstaHide's encryption, beyond plain mixing, was worth against solvers with this prior.
# (By raw SSIM, on the first challenge, it is {glue:text}`mask_raw:.2f`.)
#
# Whoever has the real files can try the whole attack on them here.

# %%
if challenge_folder:
    theirs = challenge.read(Path(challenge_folder))
    scaling = scheme.scaling_of(challenge_kind, trials.own_photos())
    answer = attack.recover(
        theirs.encodings, theirs.labels, challenge_images,
        trials.natural(scaling),
    )
    challenge.write_answer(answer.decryption(), Path(challenge_folder))
    sheet = scaling.signed(answer.images[:20])
    plt.figure(figsize=(figures.WIDTH, 1))
    plt.imshow(shown(np.concatenate(list(sheet), axis=1)))
    plt.axis("off")

# %% [markdown]
# ## The challenge's own scores
#
# Each line below is a fresh challenge: other crops, partners, weights, patches and signs.
# None of their seeds was used to choose a constant of the attack, but their pictures were:
# the same 40 CIFAR pictures and the same photographs served in development, as there are no
# others here. So intervals say how a result varies with the encryption of *these* pictures;
# they do not speak of other pictures. The attack sees encodings and released labels only,
# and knows the published scheme and how many pictures there are; in the last line it does
# without labels. *Alike* is the share of pictures with a raw SSIM of at least 0.5, *named*
# the share that are more like their own original than like any other. To be named takes
# little: a picture drowned in noise can still be told apart.

# %%
small = scale.pick(quick=1, book=5, paper=20)
large = scale.pick(quick=1, book=2, paper=5)
small_images = scale.pick(quick=8, book=40, paper=40)
tasks = [
    replace(setting, images=small_images, seed=1_000 * seed + i)
    for i in range(small)
] + [replace(setting, seed=1_000 * seed + 100 + i) for i in range(large)]
tasks += [replace(setting, seed=1_000 * seed + 100, labels=False)]
outcomes = map_tasks(trials.run, tasks)


def line(outcome: trials.Outcome) -> dict[str, float]:
    score = outcome.official
    return {
        "pictures": outcome.trial.images,
        "labels": "yes" if outcome.trial.labels else "no",
        "Max SSIM": score.max_ssim, "Mean SSIM": score.mean_ssim,
        "Min L2": score.min_l2, "Mean L2": score.mean_l2,
        "aligned": outcome.aligned, "alike": outcome.alike,
        "named": outcome.named, "parents": outcome.membership,
        "edges": outcome.edges, "CPU s": outcome.seconds,
    }


table = pd.DataFrame([line(outcome) for outcome in outcomes])

# %% tags=["hide-input"]
official = ["Max SSIM", "Mean SSIM", "Min L2", "Mean L2"]
tabulate(table.drop(columns=[*official[1:], "CPU s"]), {
    "pictures": 0, **dict.fromkeys(table.columns[2:], 3),
})

# %% tags=["hide-input"]
def interval(values: np.ndarray) -> tuple[float, float]:
    """95 % by Student's t; of two runs or fewer, the range."""
    if len(values) < 3:
        return float(min(values)), float(max(values))
    half = stats.t.ppf(0.975, len(values) - 1) * stats.sem(values)
    return float(np.mean(values) - half), float(np.mean(values) + half)


at_small, at_large = table.iloc[:small], table.iloc[small:-1]
same, without = at_large.iloc[0], table.iloc[-1]
for name in official:
    for size, rows in {"small": at_small, "large": at_large}.items():
        ends = "{:.2f} to {:.2f}".format(*interval(rows[name].to_numpy()))
        key = f"{name}_{size}".replace(" ", "_").lower()
        glue(key, f"{rows[name].mean():.2f} ({ends})", display=False)
nothing = scores.official(
    np.zeros_like(secret.images), found.parents[:, 0], secret.images,
    secret.parents,
)
glue_numbers(
    grey_max=nothing.max_ssim, grey_mean=nothing.mean_ssim,
    grey_min_l2=nothing.min_l2, grey_mean_l2=nothing.mean_l2,
    without_max=without["Max SSIM"], with_max=same["Max SSIM"],
    without_aligned=without["aligned"], with_aligned=same["aligned"],
    small_runs=small, small_images=small_images, large_runs=large,
)

# %% [markdown]
# | | Max SSIM | Mean SSIM | Min L2 | Mean L2 |
# | --- | --- | --- | --- | --- |
# | attack, version 1 | 0.90 | 0.43 | 0.01 | 0.31 |
# | attack, version 2 | 0.79 | 0.37 | 0.05 | 0.42 |
# | guessed seed | 0.98 | 0.47 | 0.00 | 0.27 |
# | **here**, {glue:text}`images:.0f` pictures | {glue:text}`max_ssim_large` | {glue:text}`mean_ssim_large` | {glue:text}`min_l2_large` | {glue:text}`mean_l2_large` |
# | **here**, {glue:text}`small_images:.0f` pictures | {glue:text}`max_ssim_small` | {glue:text}`mean_ssim_small` | {glue:text}`min_l2_small` | {glue:text}`mean_l2_small` |
# | plain grey | {glue:text}`grey_max:.2f` | {glue:text}`grey_mean:.2f` | {glue:text}`grey_min_l2:.2f` | {glue:text}`grey_mean_l2:.2f` |
#
# The first three lines are the public leaderboard {cite}`instahidechallenge`, on other
# pictures than ours: compare them with care. Ours are means with Student's 95 % interval, or
# with the range where there are fewer than three ({glue:text}`large_runs:.0f` large
# challenges, {glue:text}`small_runs:.0f` small); a large one took
# {glue:text}`seconds_large:.0f` CPU seconds. *L2* is not defined there; the mean squared difference is our reading. *Mean SSIM*
# cannot come near 1, since one answer cannot resemble both parents, and what *Mean L2*
# means, plain grey shows. As stated on the board, both versions of the attack by
# Carlini and others took 2 GPU hours and 2 CPU hours, after 10 GPU hours of preparation,
# and guessing the random seed took 120 CPU hours.

# %% [markdown]
# ## What breaks the attack
#
# A defender would like to know which of his choices mattered. Each line changes something
# about a challenge of {glue:text}`small_images:.0f` pictures and attacks it blind; the first
# repeats the challenges above, the others are means of fresh ones, of as many as *runs*
# says. InstaHide's own code standardises pictures, crops (shifts) them, mirrors them, and takes
# $k = 4$. We do not know how public pictures are standardised in it, with the private
# ones' constants (*alike*) or each group by itself, so here are both. *Aligned* SSIM is
# fairer here, as it counts a negative as right: without a mean nothing says which way is up.

# %%
break_runs = scale.pick(quick=1, book=3, paper=10)
usual = replace(setting, images=small_images)
few = scale.pick(quick=[5], book=[5, 10, 20], paper=[5, 10, 20, 100])
lost = {  # one challenge each will do
    "the published code’s defaults": replace(
        usual, k=4, kind="standardised", common=True, shift=4, mirror=True
    ),
    "shifted by up to 4 pixels": replace(usual, shift=4),
    "standardised by group": replace(usual, kind="standardised"),
}
changes = lost | {
    "standardised alike": replace(usual, kind="standardised", common=True),
    "mirrored at random": replace(usual, mirror=True),
    "k = 4": replace(usual, k=4),
    "half as many pictures": replace(usual, images=small_images // 2),
} | {f"{count} epochs": replace(usual, epochs=count) for count in few}
changes = dict(list(changes.items())[:: scale.pick(quick=7, book=1, paper=1)])
names = [name for name in changes
         for _ in range(1 if name in lost else break_runs)]
broken = map_tasks(trials.run, [
    replace(changes[name], seed=1_000 * seed + 300 + names[:i].count(name))
    for i, name in enumerate(names)
])
groups = {"the challenge as we made it": outcomes[:small]}
for name, outcome in zip(names, broken):
    groups.setdefault(name, []).append(outcome)
breaks = pd.DataFrame({
    name: {
        "runs": len(group),
        "AUC": np.mean([one.auc for one in group]),
        "parents": np.mean([one.membership for one in group]),
        "named": np.mean([one.named for one in group]),
        "aligned": np.mean([one.aligned for one in group]),
        "least": min(one.aligned for one in group),
        "most": max(one.aligned for one in group),
    }
    for name, group in groups.items()
}).T
careful = f"{min(few, key=lambda count: abs(count - 10))} epochs"
shortest = breaks["aligned"].idxmin()
glue("careful", careful, display=False)
glue("shortest", shortest, display=False)
by_default, = groups["the published code’s defaults"]
margins = [one.aligned - by_default.aligned for one in outcomes[:small]]
glue_orders(defaults_say=Order(
    [(min(margins), max(margins))],
    above="resists this attack better than in our challenge",
    below="gives way to this attack more than in our challenge",
    between="resists this attack about as well as in our challenge",
))
glue_numbers(
    shortest_aligned=breaks["aligned"].min(),
    as_made=breaks["aligned"].iloc[0],
    defaults=breaks["aligned"].iloc[1], defaults_auc=breaks["AUC"].iloc[1],
    careful_aligned=breaks["aligned"][careful],
    careful_named=100 * breaks["named"][careful],
)

# %% tags=["hide-input"]
tabulate(breaks.astype({"runs": int}), {
    "runs": 0, **dict.fromkeys(breaks.columns.drop("runs"), 3),
})

# %% tags=["hide-input"] mystnb={"figure": {"caption": "Aligned SSIM of the blind attack when something about the challenge changes: mean, and range over challenges.", "name": "fig-breaks"}, "image": {"alt": "Horizontal bars of aligned structural similarity: on top the unchanged challenge with {as_made:.2f}, then one for each changed condition, the published code's defaults with {defaults:.2f} first. The shortest bar is that of “{shortest}”, with {shortest_aligned:.2f}.", "classes": "dark-light ink"}}
fig, ax = plt.subplots(figsize=(figures.WIDTH, 0.35 * len(breaks) + 0.9))
upside = breaks[::-1]
ax.barh(
    upside.index, upside["aligned"], color=figures.BLUE, ecolor=figures.GREY,
    xerr=[upside["aligned"] - upside["least"],
          upside["most"] - upside["aligned"]],
)
ax.set(xlabel="aligned SSIM", xlim=(0, 1))
sns.despine(fig)

# %% [markdown]
# As its own code runs it by default, InstaHide {glue:text}`defaults_say`: aligned SSIM is
# {glue:text}`defaults:.2f`, where the challenge as we made it has
# {glue:text}`as_made:.2f`, and the similarity has an AUC of {glue:text}`defaults_auc:.2f`,
# where 0.5 is guessing. (At scale *book* further lines take each of its steps alone.) What
# this chapter attacks is the form in which we believe the challenge was made, plain and with
# $k = 6$, because its published attack solves pixel by pixel; we have not read how it was
# made.
#
# Shifts go against the grain of this attack, since its equations hold pixel by pixel, and
# the similarity looks at waves in fixed places. They are no safe harbour:
# *Fusion-Denoising* {cite}`luo2022` first groups encodings with a network that is trained to
# disregard such changes, then fuses and cleans each group. In *standardised* pictures
# neighbouring regions can settle for different signs, since no mean says which way is up.
# The inventors also argued that an attack needs more epochs than the ten or so of careful
# use {cite}`offconvex2020`. Here, with {glue:text}`careful`, aligned SSIM is
# {glue:text}`careful_aligned:.2f`, and {glue:text}`careful_named:.0f` % of pictures are
# named.
#
# ### Coins that can be guessed
#
# The leaderboard's best entry did not look at pictures at all. The challenge's coins came
# from an ordinary random number generator, and 32 bits decided all of them. In miniature,
# with a mix of ours, masked anew by such coins with a seed that is among those tried:

# %%
hidden_seed = scale.pick(quick=1_234, book=12_345, paper=12_345)
masked = limits.masked(secret.mixed[0], hidden_seed)
tried = range(scale.pick(quick=1_250, book=2**14, paper=2**16))
begun = time.process_time()
guessed_seed = limits.guess_seed(masked, tried)
a_try = (time.process_time() - begun) / len(tried)
assert guessed_seed == hidden_seed
glue_numbers(tried=len(tried))
print(f"hidden {hidden_seed}, found {guessed_seed}")

# %% [markdown]
# Of {glue:text}`tried:.0f` seeds the right one makes the mix smooth. All $2^{32}$ would
# take {glue:text}`prng_hours:.0f` CPU hours this way; the entry reported 120. The cure is a
# cryptographic generator, and it would not have helped against the attack above.
#
# ## What can be known at all
#
# Two extremes bound the problem. Without public pictures and with known signs the equations
# are exact, and least squares returns the pictures to rounding error. Without signs, tiny
# problems can be solved by trying every pattern: is the answer unique?

# %%
draw = np.random.default_rng(seed)
clean, clean_secret = scheme.encrypt(
    secret.images[:8], secret.classes[:8], secret.images,
    epochs=20, k=2, rng=draw,
)
clean_matrix = np.zeros((160, 8))
np.add.at(
    clean_matrix, (np.arange(160)[:, None], clean_secret.parents),
    clean_secret.weights,
)
exact = limits.noiseless(
    clean.encodings, np.sign(clean.encodings * clean_secret.mixed),
    clean_matrix,
)
worst = np.abs(exact - secret.images[:8]).max()
assert worst < 1e-4

tiny_runs, unique = 300, 0
for _ in range(tiny_runs):
    x = draw.standard_normal(4)
    pairs = np.argsort(draw.random((10, 4)), axis=1)[:, :2]
    tiny = np.zeros((10, 4))
    tiny[np.arange(10)[:, None], pairs] = draw.uniform(0.2, 0.6, (10, 2))
    if np.linalg.matrix_rank(tiny) < 4:
        continue  # not unique even with signs
    solutions = limits.exact_solutions(np.abs(tiny @ x), tiny)
    gaps = [min(abs(found_ - x).max(), abs(found_ + x).max())
            for found_ in solutions]
    assert min(gaps) < 1e-6  # the truth is among them
    unique += len(np.unique(solutions.round(6), axis=0)) == 1
wilson = stats.binomtest(unique, tiny_runs).proportion_ci(method="wilson")
glue_numbers(
    unique=100 * unique / tiny_runs, tiny_runs=tiny_runs,
    unique_low=100 * wilson.low, unique_high=100 * wilson.high,
)
print(f"{unique} of {tiny_runs} tiny problems have one solution")

# %% [markdown]
# Of {glue:text}`tiny_runs:.0f` random problems with four unknowns and ten equations
# {glue:text}`unique:.0f` % ({glue:text}`unique_low:.0f` to {glue:text}`unique_high:.0f`) have
# one solution, up to a global sign. There sizes alone fix the answer, and the difficulty lies
# in the search among sign patterns. With public pictures as noise something is lost for good:
# the row with all signs known has an SSIM of {glue:text}`signs_ssim:.2f`, not 1. Theory knows
# both sides. Where the public pictures are known and data are random, a private vector can be
# recovered {cite}`chen2020`; where two private pictures and no public ones are mixed, all
# can, with a guarantee, though the same paper proves the problem hard in the worst
# case {cite}`huang2020b`. The step from similarities to parents is a problem of its own, solvable
# from few encodings {cite}`chen2021`.

# %% [markdown]
# ## Claimed and measured

# %% tags=["hide-input"]
def judged(id: str, **rest) -> Claim:
    """A claim with the criterion that was stated at the start."""
    criterion, holds = criteria[id]
    return Claim(id=id, criterion=criterion, holds=holds, **rest)


large_range = f"range over fresh challenges: {large}"


def drawn_from(runs: int) -> dict[str, tuple[Source, ...]]:
    """What the spread of that many fresh challenges allows for."""
    if runs == 1:
        return {"leaves_out": (Source.SIMULATIONS, Source.PICTURES)}
    return {
        "covers": (Source.SIMULATIONS,), "leaves_out": (Source.PICTURES,)
    }


ours_max = at_large["Max SSIM"].mean()
board = (0.79, 0.90)  # entries by this attack
higher = sum(entry > ours_max for entry in board)
article_claims = [
    judged(
        "approximate-solution",
        unsteady=(
            "eight pictures at quick scale: which challenge is drawn "
            "decides"
        ),
        statement="An approximate solution of the challenge was found.",
        article="5,000 scrambled versions of 100 images",
        paper="Leaderboard: Max SSIM 0.79 and 0.90.",
        measured=ours_max,
        interval=interval(at_large["Max SSIM"].to_numpy()),
        method=large_range,
        **drawn_from(large),
        anchor="SSIM: scikit-image; solver: known signs, noiseless case",
        miniature=True,
        reason=(
            f"Other pictures than the challenge’s, {images} of them; plain "
            f"grey scores {nothing.max_ssim:.2f}. Of the board’s two entries "
            f"by this attack {higher} are higher."
        ),
    ),
    judged(
        "under-an-hour",
        statement="It took under an hour.",
        article="under an hour",
        paper=(
            "Leaderboard: 2 GPU hours and 2 CPU hours, after 10 GPU hours to "
            "prepare the network."
        ),
        reason=(
            "Their run is not ours to time; by the board it took longer. Our "
            "attack needs no trained network; its seconds stand below."
        ),
    ),
    judged(
        "signs-hide-little",
        unsteady="a difference of two scores of the same pictures, near zero",
        statement="Flipping signs does not effectively hide values.",
        article="none",
        paper="No figure in its abstract, introduction and code.",
        measured=mask_costs.mean(), interval=interval(mask_costs),
        unit="of SSIM",
        method=(
            f"Student’s t over {mask_runs} challenges" if mask_runs > 2
            else f"range over challenges: {mask_runs}"
        ),
        **drawn_from(mask_runs),
        alternatives={"SSIM without alignment": (raw_cost, raw_cost)},
        anchor="noiseless least squares; scikit-image’s SSIM",
        miniature=True,
        reason=(
            f"True parents and weights in both; {solver_images} pictures; "
            "another solver costs more or less."
        ),
    ),
    judged(
        "network-similarity",
        statement="A trained network tells which encodings share a picture.",
        article="a Wide ResNet-28",
        paper="No figure that we could read in the source.",
        reason=(
            f"Ours has depth 10 and width 1 and saw {steps} batches, where "
            "theirs has depth 28, width 6 and GPU hours. Its AUC "
            f"({aucs['small Wide ResNet']:.2f}) says nothing about theirs; "
            f"an untrained statistic has {aucs.iloc[4]:.2f}."
        ),
    ),
    judged(
        "graph",
        statement="Edges of the graph join encodings with a common parent.",
        article="at least one common parent",
        paper="Its code grows cliques of 50, then 25 encodings.",
        measured=100 * at_large["edges"].mean(),
        interval=interval(100 * at_large["edges"].to_numpy()),
        unit="%", method=large_range,
        **drawn_from(large),
        alternatives={
            "the challenge that this chapter follows": (
                100 * edges, 100 * edges
            )
        },
        anchor="known parents of our own challenges",
        miniature=True,
        reason=f"Edges go to the {trials.NEIGHBOURS} most similar encodings.",
    ),
    judged(
        "resemblance",
        unsteady=(
            "eight pictures at quick scale: which challenge is drawn "
            "decides"
        ),
        statement="Recovered pictures look a lot like the originals.",
        article="“subjectively”",
        paper="Max SSIM of 0.79 and 0.90 on the leaderboard.",
        measured=100 * at_large["alike"].mean(),
        interval=interval(100 * at_large["alike"].to_numpy()),
        unit="%", method=large_range,
        **drawn_from(large),
        anchor="scikit-image’s SSIM",
        miniature=True,
        reason="SSIM stands in for the eye; see the gallery.",
    ),
    judged(
        "trained-model-only",
        statement="It remains to be seen whether the model alone suffices.",
        article="none",
        paper="The attack needs the encodings.",
        reason=(
            "An open question, not a result. We attack encodings and train "
            "no model on them."
        ),
    ),
]
publish_claims(article_claims, scale)

# %% [markdown]
# ## Beside the claim
#
# - **What the article leaves out.** The leaderboard states 2 GPU hours and 2 CPU hours for
#   the attack itself, after 10 GPU hours of preparation; only the inventors' blog has "about
#   another hour", after ten hours of training {cite}`offconvex2020`. "Under an hour" fits
#   neither in full. With a statistic in place of the network the attack of this chapter
#   takes {glue:text}`seconds_large:.0f` seconds of one processor for
#   {glue:text}`images:.0f` pictures.
# - **What it softens.** It says that the inventors agreed that their challenge had been met.
#   They accepted the entry on their board, and stressed unclear areas and shifted colours.
# - **Without labels** and weights, on one challenge, Max SSIM is
#   {glue:text}`without_max:.2f` against {glue:text}`with_max:.2f`, aligned SSIM
#   {glue:text}`without_aligned:.2f` against {glue:text}`with_aligned:.2f`.
# - **What was not tried.** The real challenge's files; CIFAR's and STL-10's full test sets;
#   networks trained on encodings. *TextHide* {cite}`huang2020c` mixes hidden representations
#   of sentences in the same manner; the attack here does not apply to it as it stands,
#   since there the attacker sees gradients.
#
# ## Exercises
#
# 1. The sign mask hides one bit per value. How many bits would it take to hide the size as
#    well, and what would that do to training?
#
# ```{dropdown} Solution
# To be independent of $z$, an encoding needs a mask as long as $z$ itself, a one-time pad: at
# 8 bits a value $3072 \times 8 = 24{,}576$ bits for each encoding, against 3,072 here. Then
# nothing can be learned from it, by the attacker or by the model. Every scheme in which the
# training program reads the pictures as they are released leaves something in the open; the
# question is what. (To compute on encrypted or shared data is another matter.)
# ```
#
# 2. Why whiten *squares* and not absolute values? Compare both with
#    `Whitener(np.sqrt(np.abs(...)))`.
#
# ```{dropdown} Solution
# With $p$ for all the rest and $\bar p$ for its mean, the expected square of
# $\lambda_1 x_a + p$ is $\lambda_1^2 x_a^2 + 2 \lambda_1 x_a \bar p$ and a part without $x_a$. Two
# encodings with a common parent share the first term, and the second, too, as far as
# $\bar p$ is not zero. Absolute values share terms only roughly.
# ```
#
# 3. Encrypt with `shift=1`. How much of the attack survives, and which step fails first?
#
# ```{dropdown} Solution
# Run `trials.run(trials.Trial(40, 50, 1, shift=1))`. Nine positions for each picture blur
# its fast waves, which carry the similarity, so look at the AUC first: all later steps
# inherit what it loses.
# ```

# %% tags=["remove-cell", "nbval-ignore-output"]
provenance.publish(scale, budget=scale.pick(quick=15, book=420, paper=40_000))
glue_numbers(
    network_seconds=network_seconds,
    descent_seconds=descent_seconds, our_seconds=told.seconds,
    blind_seconds=blind_seconds, seconds_large=at_large["CPU s"].mean(),
    prng_hours=a_try * 2**32 / 3_600,
)
