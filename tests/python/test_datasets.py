# SPDX-License-Identifier: BSD-3-Clause
"""Datasets: the digits that come with the package. MNIST's files: test_mnist.py."""

from __future__ import annotations

from importlib import resources

import numpy as np

from neurocorex import datasets


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


def test_the_licence_is_there() -> None:
    text = resources.files("neurocorex").joinpath("data", "digits.md").read_text(encoding="utf-8")
    assert "CC BY 4.0" in text and "Alpaydin" in text and "UCI" in text
