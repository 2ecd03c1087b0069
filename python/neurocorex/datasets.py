# SPDX-License-Identifier: BSD-3-Clause
"""Data to try networks on."""

from __future__ import annotations

import gzip
import os
import struct
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Union

import numpy as np
import numpy.typing as npt

from neurocorex.errors import InputError

U8 = npt.NDArray[np.uint8]

_IDX_U8 = 0x08


@dataclass(frozen=True, eq=False)
class Images:
    """Labelled grey images.

    Attributes
    ----------
    images
        uint8, shape (n, height, width).
    labels
        uint8, shape (n,).
    levels
        The largest possible pixel value.
    """

    images: U8
    labels: U8
    levels: int

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, which: slice) -> Images:
        return Images(self.images[which], self.labels[which], self.levels)

    @property
    def values(self) -> npt.NDArray[np.float64]:
        """Pixels as numbers from 0 to 1, float64, shape (n, height * width)."""
        return self.images.reshape(len(self), -1) / self.levels

    def split(self) -> tuple[Images, Images]:
        """First half for training and second half for tests, in the given order (the middle one tests)."""
        half = len(self) // 2
        return self[:half], self[half:]

    def __repr__(self) -> str:
        height, width = self.images.shape[1:]
        return f"<Images: {len(self)} of {height} x {width} pixels, 0 to {self.levels}>"


def digits() -> Images:
    """1,797 handwritten digits of 8 x 8 pixels, 0 to 16, in their original order.

    The test set of "Optical Recognition of Handwritten Digits" (E. Alpaydin and C. Kaynak, 1998), from the
    UCI Machine Learning Repository, CC BY 4.0. See data/digits.md in this package.
    """
    packed = resources.files("neurocorex").joinpath("data", "digits.csv.gz").read_bytes()
    rows = np.array(gzip.decompress(packed).replace(b"\n", b",").strip(b",").split(b","), dtype=np.uint8)
    rows = rows.reshape(-1, 65)
    return Images(rows[:, :64].reshape(-1, 8, 8), rows[:, 64], 16)


def _idx(path: Path) -> U8:
    """The array in an idx file of bytes, packed by gzip or not."""
    try:
        data = path.read_bytes()
        if data[:2] == b"\x1f\x8b":
            data = gzip.decompress(data)
    except (OSError, EOFError) as error:
        raise InputError(f"folder: {path}: {error}") from error
    if len(data) < 4 or data[:2] != b"\0\0" or data[2] != _IDX_U8:
        raise InputError(f"folder: {path} is no idx file of bytes")
    header = 4 + 4 * data[3]
    if len(data) < header:
        raise InputError(f"folder: {path} ends within its header")
    shape = struct.unpack(f">{data[3]}I", data[4:header])
    if len(data) - header != int(np.prod(shape, dtype=np.int64)):
        raise InputError(f"folder: {path} has {len(data) - header} bytes of data; its header says {shape}")
    return np.frombuffer(data, np.uint8, offset=header).reshape(shape)


def mnist(folder: Union[str, os.PathLike[str]]) -> tuple[Images, Images]:
    """MNIST from a folder of its four idx files, packed or not: training set, test set.

    The project does not ship MNIST: its licence is not settled.
    """
    sets = []
    for prefix in ("train", "t10k"):
        found = []
        for name in (f"{prefix}-images-idx3-ubyte", f"{prefix}-labels-idx1-ubyte"):
            there = [path for path in (Path(folder, name), Path(folder, name + ".gz")) if path.is_file()]
            if not there:
                raise InputError(f"folder: {os.fspath(folder)} has no {name} or {name}.gz")
            found.append(_idx(there[0]))
        if found[0].ndim != 3 or found[1].shape != found[0].shape[:1]:
            raise InputError(f"folder: images of shape {found[0].shape} and labels of shape {found[1].shape}")
        sets.append(Images(found[0], found[1], 255))
    return sets[0], sets[1]


@dataclass(frozen=True, eq=False)
class Citations:
    """Papers that cite each other.

    Attributes
    ----------
    papers, topics
        Names; topics in alphabetical order.
    labels
        uint8, shape (papers,): number of each paper's topic.
    words
        uint8, shape (papers, words): 1 where a paper has a word.
    citations
        uint32, shape (citations, 2): citing and cited paper, or the other way round; the data do not say. Papers that
        name themselves are in it.
    training, test
        uint32: the papers whose topic is known, and those to be classified.
    """

    papers: tuple[str, ...]
    topics: tuple[str, ...]
    labels: U8
    words: U8
    citations: npt.NDArray[np.uint32]
    training: npt.NDArray[np.uint32]
    test: npt.NDArray[np.uint32]

    def __len__(self) -> int:
        return len(self.papers)

    def __repr__(self) -> str:
        return (f"<Citations: {len(self)} papers, {len(self.topics)} topics, {len(self.citations)} citations, "
                f"{len(self.training)} papers to learn from>")


def microseer() -> Citations:
    """MicroSeer: 84 papers of 6 topics, a part of CiteSeer (LINQS).

    From ORNL's sgnn-superneuro, BSD-3-Clause. See data/microseer.md in this package.
    """
    def lines(name: str) -> list[str]:
        packed = resources.files("neurocorex").joinpath("data", f"microseer.{name}.gz").read_bytes()
        return gzip.decompress(packed).decode("ascii").splitlines()

    rows = [line.split() for line in lines("content")]
    numbers = {row[0]: k for k, row in enumerate(rows)}
    topics = tuple(sorted({row[-1] for row in rows}))
    labels = np.array([topics.index(row[-1]) for row in rows], np.uint8)
    pairs = [[numbers[name] for name in line.split()] for line in lines("cites")]
    # A line that describes the others comes first.
    training, test = (np.array([numbers[name.strip()] for name in line.split(",") if name.strip()], np.uint32)
                      for line in lines("indices")[1:3])
    return Citations(tuple(numbers), topics, labels, np.array([row[1:-1] for row in rows], dtype=np.uint8),
                     np.array(pairs, np.uint32), training, test)


def citation_links(path: Union[str, os.PathLike[str]]) -> npt.NDArray[np.uint32]:
    """A citation graph from a text file of one citation a line: two names, with white space or a comma between them.

    Papers are numbered in the order in which the file names them. uint32, shape (citations, 2). Such files are
    `cora.cites` and `citeseer.cites` of LINQS, and the PubMed graph as `edge_list.csv`.
    """
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"path: {os.fspath(path)}: {error}") from error
    numbers: dict[str, int] = {}
    links = []
    for k, line in enumerate(lines, 1):
        names = line.replace(",", " ").split()
        if not names:
            continue
        if len(names) != 2:
            raise InputError(f"path: {os.fspath(path)}, line {k}: {len(names)} names; expected two papers")
        links.append([numbers.setdefault(name, len(numbers)) for name in names])
    if not links:
        raise InputError(f"path: {os.fspath(path)} has no citations")
    return np.array(links, np.uint32)
