"""Pictures by path and check sum, in groups without a photograph in common."""

import numpy as np
import pytest
from PIL import Image

from helpers import data
from helpers.instahide import photos, trials


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


def test_crops_are_pieces_of_the_photographs(monkeypatch):
    """A crop is found in the shrunken photograph again, as it is or mirrored."""
    photo = photos.pictures("private")[0]
    monkeypatch.setattr(photos, "pictures", lambda group: [photo])
    photos._levels.cache_clear()
    crops = photos.crops("private", 5, np.random.default_rng(1), (0.3, 0.301))
    photos._levels.cache_clear()
    places = np.concatenate(
        [
            np.lib.stride_tricks.sliding_window_view(level, (32, 32), (0, 1)).reshape(-1, 3, 32, 32)
            for level in photos._pyramid(photo, (0.3, 0.301))
        ]
    )
    for crop in crops:
        either = np.stack([crop, crop[:, ::-1]]).transpose(0, 3, 1, 2)
        assert any((places == one).all((1, 2, 3)).any() for one in either)


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


def test_data_sets_are_read_from_a_local_copy_only(tmp_path):
    rng = np.random.default_rng(0)
    with pytest.raises(FileNotFoundError, match="no copy of cifar10 in"):
        photos.from_torchvision("cifar10", str(tmp_path), 5, rng)
    assert not list(tmp_path.rglob("*.gz"))
    with pytest.raises(ValueError, match="unknown data set 'mnist'"):
        photos.from_torchvision("mnist", str(tmp_path), 5, rng)
    with pytest.raises(FileNotFoundError, match="stl10"):
        trials.fresh(trials.Trial(5, 2, 0, source="stl10", folder=str(tmp_path)))


def test_a_local_copy_is_shrunk_and_its_classes_are_ten(monkeypatch):
    """With a data set of STL-10's shape in place of the real one."""
    pictures = np.random.default_rng(1).integers(0, 256, (30, 96, 96, 3)).astype(np.uint8)

    def copy(folder, download, split):
        assert (folder, download, split) == ("there", False, "test")
        return [(Image.fromarray(picture), i) for i, picture in enumerate(pictures)]

    monkeypatch.setattr("torchvision.datasets.STL10", copy)
    images, classes = photos.from_torchvision("stl10", "there", 30, np.random.default_rng(2))
    order = np.random.default_rng(2).choice(30, 30, replace=False)
    np.testing.assert_array_equal(classes, order % 10)
    blocks = pictures[order].reshape(30, 32, 3, 32, 3, 3).mean((2, 4))
    np.testing.assert_allclose(images, blocks, atol=1)
