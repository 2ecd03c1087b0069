# SPDX-License-Identifier: BSD-3-Clause
"""Data to try networks on."""

from __future__ import annotations

import gzip
import math
import os
import struct
import zlib
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Union

import numpy as np
import numpy.typing as npt

from neurocorex import _arguments as arg
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

    def __getitem__(self, which: Union[int, slice, npt.NDArray[Any]]) -> Images:
        """Some of the images; one alone has shape (1, height, width)."""
        if np.ndim(self.labels[which]) == 0:
            return Images(self.images[which][np.newaxis], self.labels[which][np.newaxis], self.levels)
        return Images(self.images[which], self.labels[which], self.levels)

    @property
    def values(self) -> npt.NDArray[np.float64]:
        """Pixels as numbers from 0 to 1, float64, shape (n, height * width)."""
        return self.images.reshape(len(self), math.prod(self.images.shape[1:])) / self.levels

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


def _idx(path: Path, n_axes: int, item: str) -> U8:
    """The array in an idx file of bytes, packed by gzip or not; `item` is what it holds."""
    def bad(field: str, found: str, expected: str, hint: str) -> InputError:
        return InputError(f"folder: {path}, {field}: {found}; expected {expected}\n  try: {hint}")

    again = "the file once more from where it came: this one is damaged, or another"
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"folder: {path}: {error}") from error
    if data[:2] == b"\x1f\x8b":
        try:
            data = gzip.decompress(data)
        except (OSError, EOFError, zlib.error) as error:
            raise bad("gzip", f"{type(error).__name__}, {error}", "a whole packed file", again) from error
    header = 4 + 4 * n_axes
    if len(data) < header:
        raise bad("header", f"{len(data)} bytes", f"at least {header}", again)
    magic = int.from_bytes(data[:4], "big")
    wanted = _IDX_U8 << 8 | n_axes
    if magic != wanted:
        other = magic >> 8 == _IDX_U8 and 1 <= magic & 0xFF <= 3
        raise bad("magic number", f"{magic:#010x}", f"{wanted:#010x} (bytes, {n_axes} axes: {item})",
                  "the files under their own names: this one holds something else" if other else again)
    shape = struct.unpack(f">{n_axes}I", data[4:header])
    if 0 in shape:
        raise bad("sizes", " x ".join(map(str, shape)), "none of them 0", again)
    size = math.prod(shape)
    if len(data) - header != size:
        raise bad("data", f"{len(data) - header:,} bytes",
                  f"{size:,}, as its header says ({' x '.join(map(str, shape))})", again)
    return np.frombuffer(data, np.uint8, offset=header).reshape(shape)


def _mnist_file(folder: Path, name: str) -> Path:
    """The file in the folder: under its own name, as it comes packed, or with the dot that some programs write."""
    names = (name, name + ".gz", name.replace("-idx", ".idx"), name.replace("-idx", ".idx") + ".gz")
    for path in (folder / each for each in names):
        if path.is_file():
            return path
    raise InputError(f"folder: {folder} has no {name}; expected that file or {name}.gz\n"
                     "  try: the folder of MNIST's four idx files")


def mnist(folder: Union[str, os.PathLike[str]]) -> tuple[Images, Images]:
    """MNIST from a folder of its four idx files, packed by gzip or not.

    The project does not ship MNIST, and downloads nothing. Files of the same form (Fashion-MNIST, or your own) do as
    well.

    Parameters
    ----------
    folder
        Holds `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, `t10k-images-idx3-ubyte` and
        `t10k-labels-idx1-ubyte`, each with or without `.gz`.

    Returns
    -------
    training, test
        Images of 28 x 28 pixels, 0 to 255, and labels, 0 to 9: 60,000 and 10,000 of them in MNIST itself.

    Raises
    ------
    InputError
        A file is missing, truncated or another one, or two files do not belong together; says which file, which field
        of it, and what was expected.
    """
    place = Path(arg.path("folder", folder))
    if not place.is_dir():
        raise InputError(f"folder: {place} is no folder; expected the one of MNIST's four idx files")
    sets = []
    for prefix in ("train", "t10k"):
        paths = [_mnist_file(place, f"{prefix}-{rest}") for rest in ("images-idx3-ubyte", "labels-idx1-ubyte")]
        images, labels = _idx(paths[0], 3, "images"), _idx(paths[1], 1, "labels")
        if len(images) != len(labels):
            raise InputError(f"folder: {paths[1]}, sizes: {len(labels):,} labels; expected {len(images):,}, one for "
                             f"each image in {paths[0].name}\n  try: both files from one source")
        if labels.max() > 9:
            k = int(np.argmax(labels > 9))
            raise InputError(f"folder: {paths[1]}, label {k}: {labels[k]}; expected a digit, 0 to 9\n"
                             "  try: the labels of MNIST")
        sets.append(Images(images, labels, 255))
    if sets[0].images.shape[1:] != sets[1].images.shape[1:]:
        (height, width), (tall, wide) = (each.images.shape[1:] for each in sets)
        raise InputError(f"folder: {place}, sizes: test images of {tall} x {wide} pixels; expected {height} x {width}, "
                         "as in the training images\n  try: all four files from one source")
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

    Such files are `cora.cites` and `citeseer.cites` of LINQS, and the PubMed graph as `edge_list.csv`.

    Parameters
    ----------
    path
        Of the file.

    Returns
    -------
    uint32, shape (citations, 2)
        Papers are numbered in the order in which the file names them.
    """
    file = Path(arg.path("path", path))
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"path: {file}: {error}") from error
    numbers: dict[str, int] = {}
    links = []
    for k, line in enumerate(lines, 1):
        names = line.replace(",", " ").split()
        if not names:
            continue
        if len(names) != 2:
            raise InputError(f"path: {file}, line {k}: {len(names)} names; expected two papers")
        links.append([numbers.setdefault(name, len(numbers)) for name in names])
    if not links:
        raise InputError(f"path: {file} has no citations")
    return np.array(links, np.uint32)
