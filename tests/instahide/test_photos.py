"""Pictures by path and check sum, in groups without a photograph in common."""

import numpy as np
import pytest

from helpers import data
from helpers.instahide import photos


def test_groups_share_no_photograph():
    assert photos.TABLE["sha256"].is_unique
    assert photos.TABLE["path"].is_unique
    sizes = photos.TABLE["group"].value_counts()
    assert sizes["cifar"] == 40
    assert sizes.drop("cifar").min() >= 8


@pytest.mark.parametrize("group", ["cifar", "private", "mixing", "statistics"])
def test_every_picture_is_the_pinned_one(group):
    assert all(p.dtype == np.uint8 and p.shape[2] == 3 for p in photos.pictures(group))


def test_a_changed_picture_is_refused():
    row = photos.TABLE.iloc[0]
    with pytest.raises(ValueError, match="not the pinned one"):
        data.find(data.DataFile(row["package"], row["path"], "0" * 64))


def test_crops_are_pieces_of_the_photographs():
    """At full size, a crop is found in its photograph again, pixel by pixel."""
    photo = photos.pictures("private")[0]
    level = photo[::4, ::4]
    (window,) = photos._windows(level, 1, np.random.default_rng(1))
    places = np.lib.stride_tricks.sliding_window_view(level, (32, 32), (0, 1))
    assert (places.transpose(0, 1, 3, 4, 2) == window).all((2, 3, 4)).sum() >= 1


def test_crops_depend_on_the_seed_only_and_are_not_plain():
    one, two = (photos.crops("mixing", 50, np.random.default_rng(9)) for _ in range(2))
    np.testing.assert_array_equal(one, two)
    assert one.shape == (50, 32, 32, 3)
    assert (one.std((1, 2, 3)) > photos.PLAIN).all()


def test_private_images_are_cifar_first():
    images, classes = photos.private_images(45, np.random.default_rng(2))
    cifar = {p.tobytes() for p in photos.pictures("cifar")}
    assert [image.tobytes() in cifar for image in images] == [True] * 40 + [False] * 5
    assert images.shape == (45, 32, 32, 3)
    assert set(classes) <= set(range(10))
