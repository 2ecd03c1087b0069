# SPDX-License-Identifier: BSD-3-Clause
"""Datasets: the digits that come with the package, and MNIST files."""

from __future__ import annotations

import gzip
import struct
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

import neurocorex as ncx
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


def test_the_licence_is_there() -> None:
    text = resources.files("neurocorex").joinpath("data", "digits.md").read_text(encoding="utf-8")
    assert "CC BY 4.0" in text and "Alpaydin" in text and "UCI" in text


def idx(array: np.ndarray) -> bytes:
    return struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.tobytes()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four small idx files, two of them packed."""
    rng = np.random.default_rng(0)
    for prefix, count in (("train", 5), ("t10k", 3)):
        images = rng.integers(0, 256, (count, 28, 28), dtype=np.uint8)
        (tmp_path / f"{prefix}-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx(images)))
        (tmp_path / f"{prefix}-labels-idx1-ubyte").write_bytes(idx(np.arange(count, dtype=np.uint8)))
    return tmp_path


def test_mnist_files_are_read(folder: Path) -> None:
    training, test = datasets.mnist(folder)
    assert training.images.shape == (5, 28, 28) and test.labels.tolist() == [0, 1, 2] and test.levels == 255


def test_bad_mnist_files_are_refused(folder: Path, tmp_path: Path) -> None:
    path = folder / "train-labels-idx1-ubyte"
    good = path.read_bytes()
    for bad in (b"", good[:3], good[:6], good[:-1], good + b"x", b"\1" + good[1:], idx(np.zeros(4, np.uint8))):
        path.write_bytes(bad)
        with pytest.raises(ncx.InputError, match="folder"):
            datasets.mnist(folder)
    path.unlink()
    with pytest.raises(ncx.InputError, match="train-labels"):
        datasets.mnist(folder)
