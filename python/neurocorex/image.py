# SPDX-License-Identifier: BSD-3-Clause
"""A compiled network: what is loaded into the hardware."""

from __future__ import annotations

import os
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Optional, Union

import numpy as np
import numpy.typing as npt

from neurocorex import _arguments as arg
from neurocorex import _core
from neurocorex.report import Report

if TYPE_CHECKING:
    from neurocorex.network import Projection


@dataclass(frozen=True, eq=False)
class Currents:
    """Currents that a network brings along, by ascending tick; arrays of one length, values in its unit."""

    ticks: npt.NDArray[np.uint32]
    neurons: npt.NDArray[np.uint32]
    values: npt.NDArray[np.float64]

    def within(self, first: int, ticks: int) -> tuple[
            npt.NDArray[np.uint32], npt.NDArray[np.uint32], npt.NDArray[np.float64]]:
        """Those of a run: ticks counted from its start, neurons, values."""
        low, high = np.searchsorted(self.ticks, [first, first + ticks])
        return (self.ticks[low:high] - first).astype(np.uint32), self.neurons[low:high], self.values[low:high]


def warn_of_lost_currents() -> None:
    """For a file that is about to be written."""
    warnings.warn("the currents that the network brings along (pending input spikes) do not go into the file: give "
                  "them to Emulator.run", RuntimeWarning, stacklevel=3)


class Image:
    """A compiled network for one build. Comes from `Network.compile` or `Image.load`.

    Attributes
    ----------
    report
        What the compiler said; None for an image from a file.
    currents
        What `Network.add_currents` has collected; None for an image from a file.
    """

    def __init__(self, core: _core.Image, report: Optional[Report] = None, *,
                 currents: Optional[Currents] = None) -> None:
        self._core = core
        self.report = report
        self.currents = currents

    @classmethod
    def load(cls, path: Union[str, os.PathLike[str]]) -> Image:
        """Reads an image file; raises InputError for anything missing or damaged."""
        return cls(_core.Image.load(arg.path("path", path)))

    def save(self, path: Union[str, os.PathLike[str]]) -> None:
        """Writes an image file that `ncx run` reads too."""
        if self.currents is not None:
            warn_of_lost_currents()
        self._core.save(arg.path("path", path))

    @property
    def name(self) -> str:
        """The network's name."""
        return self._core.name

    @property
    def geometry(self) -> _core.Geometry:
        """The build it was compiled for."""
        return self._core.geometry

    @property
    def n_neurons(self) -> int:
        """Neurons in all populations."""
        return self._core.neurons

    @property
    def n_axons(self) -> int:
        """Axons in all groups."""
        return self._core.axons

    @property
    def fraction_bits(self) -> int:
        """Potentials are stored in steps of 2**-fraction_bits."""
        return self._core.fraction_bits

    @property
    def step(self) -> float:
        """The step of potentials, in the network's unit."""
        return float(2.0**-self.fraction_bits)

    @property
    def id(self) -> int:
        """CRC-32 that identifies the image on a device."""
        return self._core.id

    @property
    def slots(self) -> npt.NDArray[np.uint32]:
        """Hardware slot of every neuron, uint32, shape (neurons,); lane = slot % lanes."""
        return self._core.slots

    @property
    def populations(self) -> dict[str, slice]:
        """Network-wide numbers of each population's neurons."""
        return {name: slice(first, first + size) for name, first, size in self._core.populations}

    @property
    def axon_groups(self) -> dict[str, slice]:
        """Network-wide numbers of each group's axons."""
        return {name: slice(first, first + size) for name, first, size in self._core.axon_groups}

    @property
    def projections(self) -> tuple[str, ...]:
        """Names of the projections, in order."""
        return tuple(name for name, _, _, _ in self._core.projections)

    @property
    def profiles(self) -> tuple[str, ...]:
        """Names of the learning profiles whose projections are in the image."""
        return tuple(dict.fromkeys(profile.name for profile in self._core.profiles))

    def weight_step(self, projection: Union[Projection, str, int]) -> float:
        """The step of the weights of a projection, by itself, its name or its number, in the network's unit."""
        return float(2.0 ** (self._core.projections[self.projection_number(projection)][3] - self.fraction_bits))

    def projection_number(self, projection: Union[Projection, str, int]) -> int:
        """The number of a projection, given by itself, its name or its number."""
        names = self.projections
        given = isinstance(projection, (str, int, np.integer))
        name = projection if given else getattr(projection, "name", None)
        if isinstance(name, str) and name in names:
            number = names.index(name)
            # Networks that were not named have projections of one name: their synapses tell them apart.
            if given or self._has_synapses_of(number, projection):
                return number
            raise arg.refuse("projection", f"{projection!r} of another network", "one of the network that is loaded")
        if isinstance(name, (int, np.integer)) and not isinstance(name, bool) and 0 <= name < len(names):
            return int(name)
        raise arg.refuse("projection", repr(projection), "one of " + ", ".join(map(repr, names)))

    def _has_synapses_of(self, number: int, projection: Any) -> bool:
        ends = self._core.ends(number)
        firsts = (projection.pre.first, projection.post.first)
        mine = (projection.pre_index, projection.post_index)
        return all(len(a) == len(b) and bool(np.array_equal(a, b + np.uint32(first)))
                   for a, b, first in zip(ends, mine, firsts))

    def __getstate__(self) -> tuple[bytes, Optional[Report], Optional[Currents]]:
        return self._core.to_bytes(), self.report, self.currents

    def __setstate__(self, state: tuple[bytes, Optional[Report], Optional[Currents]]) -> None:
        self._core, self.report, self.currents = _core.Image.from_bytes(state[0]), *state[1:]

    def __repr__(self) -> str:
        return (f"<Image {self.name!r} for {self.geometry.name}: {self.n_neurons} neurons, {self.n_axons} axons, "
                f"step 2**-{self.fraction_bits}>")
