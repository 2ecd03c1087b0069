# SPDX-License-Identifier: BSD-3-Clause
"""Datasets: the digits that come with the package, and paths. MNIST's files: test_mnist.py."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import neurocorex as ncx
from neurocorex import datasets
from neurocorex.training import mnist


def test_digits_are_complete() -> None:
    digits = datasets.digits()
    assert digits.images.shape == (1797, 8, 8) and digits.images.dtype == digits.labels.dtype == np.uint8
    assert digits.images.max() == digits.levels == 16
    assert np.bincount(digits.labels).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert digits.images[0, 0].tolist() == [0, 0, 5, 13, 9, 1, 0, 0] and digits.labels[0] == 0
    assert digits.values.shape == (1797, 64) and digits.values.max() == 1.0


def test_split_is_in_order_and_has_no_overlap() -> None:
    digits = datasets.digits()
    training, test = digits.split()
    assert (len(training), len(test)) == (898, 899)
    assert np.array_equal(np.concatenate([training.labels, test.labels]), digits.labels)
    assert np.array_equal(test.images[0], digits.images[898])


def test_one_image_is_a_set_of_one() -> None:
    digits = datasets.digits()
    for one in (digits[0], next(iter(digits)), digits[np.int64(0)], digits[-len(digits)]):
        assert len(one) == 1 and one.images.shape == (1, 8, 8) and one.labels.tolist() == [digits.labels[0]]
        assert one.values.tolist() == digits[:1].values.tolist() and "1 of 8 x 8" in repr(one)


def test_no_image_is_a_set_of_none() -> None:
    digits = datasets.digits()
    none = digits[digits.labels == 11]
    assert len(none) == 0 and none.values.shape == (0, 64) and [len(half) for half in none.split()] == [0, 0]
    assert mnist.encode(none).shape == (0, 3)
    weights = mnist.Weights(*(np.zeros(shape, np.int32) for shape in ((64, 5), (5, 10), (5,), (10,))))
    assert [part.shape for part in mnist.reference(weights, none)] == [(0, 5), (0,)]


@pytest.mark.parametrize("path", [None, 3, "a\0b", b"a\0b", "\udcff"])
def test_what_is_no_path_is_refused_by_name(path: Any) -> None:
    for name, call in (("folder", datasets.mnist), ("path", datasets.citation_links), ("path", ncx.State.load)):
        with pytest.raises(ncx.InputError, match=f"^{name}: .*; expected a"):
            call(path)


def test_paths_may_be_bytes(tmp_path: Path) -> None:
    (tmp_path / "cites").write_text("a b\nb,c\n", encoding="utf-8")
    for path in (tmp_path / "cites", str(tmp_path / "cites"), bytes(tmp_path / "cites")):
        assert datasets.citation_links(path).tolist() == [[0, 1], [1, 2]]


def test_the_licence_is_there() -> None:
    text = resources.files("neurocorex").joinpath("data", "digits.md").read_text(encoding="utf-8")
    assert "CC BY 4.0" in text and "Alpaydin" in text and "UCI" in text
