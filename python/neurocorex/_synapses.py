# SPDX-License-Identifier: BSD-3-Clause
"""What `Network.connect` is given, turned into synapses: pairs, weights, and which of them learn."""

from __future__ import annotations

from typing import Optional, Protocol

import numpy as np
import numpy.typing as npt

from neurocorex import _arguments as arg
from neurocorex import stdp
from neurocorex._arguments import Floats
from neurocorex.connectors import Connector, Synapses, all_to_all


class Group(Protocol):
    """A population or an axon group."""

    @property
    def name(self) -> str:
        """For messages."""

    @property
    def size(self) -> int:
        """Number of members."""


def collect(pre: Group, post: Group, weights: object, connector: Optional[Connector],
            keep_zeros: bool) -> tuple[Synapses, Floats]:
    """The synapses of `Network.connect` and their weights."""
    shape = (pre.size, post.size)
    if connector is not None:
        if isinstance(connector, type) or not callable(getattr(connector, "synapses", None)):
            raise arg.refuse("connector", repr(connector), "a connector", "neurocorex.all_to_all(): the call makes it")
        synapses = checked(connector.synapses(*shape, pre is post), shape)
        values = synapses.weights
        return synapses, spread("weights", weights, synapses, shape) if values is None else values
    if isinstance(weights, tuple):
        if len(weights) != 3:
            raise arg.refuse("weights", f"a tuple of {len(weights)}", "(pre_index, post_index, weights)")
        pre_index = arg.indices("weights[0]", weights[0], pre.size, repr(pre.name))
        post_index = arg.indices("weights[1]", weights[1], post.size, repr(post.name))
        if len(pre_index) != len(post_index):
            raise arg.refuse("weights[1]", f"{len(post_index)} numbers", f"{len(pre_index)}, as in weights[0]")
        synapses = Synapses(pre_index, post_index)
        return synapses, spread("weights[2]", weights[2], synapses, shape)
    matrix = arg.floats("weights", weights, "np.nan")  # type: ignore[arg-type]
    if matrix.ndim == 0:
        synapses = all_to_all().synapses(*shape, pre is post)
        return synapses, spread("weights", matrix, synapses, shape)
    if matrix.shape != shape:
        raise arg.refuse("weights", f"an array of shape {matrix.shape}",
                         f"shape {shape}: a row a source, a column a target",
                         "a connector, or the tuple (pre_index, post_index, weights)")
    there = ~np.isnan(matrix)
    rows, columns = np.nonzero(there if keep_zeros else there & (matrix != 0.0))
    synapses = Synapses(rows.astype(np.uint32), columns.astype(np.uint32))
    return synapses, matrix[rows, columns]


def checked(given: Synapses, shape: tuple[int, int]) -> Synapses:
    """What a connector gave; anyone may write one."""
    if not isinstance(given, Synapses):
        raise arg.refuse("connector", f"its synapses() gave {type(given).__name__}", "Synapses",
                         "neurocorex.Synapses(pre, post)")
    pre = arg.indices("connector's pre", given.pre, shape[0], "the source group")
    post = arg.indices("connector's post", given.post, shape[1], "the target population")
    count = len(pre)
    if len(post) != count:
        raise arg.refuse("connector's post", f"{len(post)} numbers", f"{count}, as in pre")
    weights, delays = given.weights, given.delays
    if weights is not None:
        weights = np.array(np.broadcast_to(arg.per_item("connector's weights", weights, count, "synapse"), (count,)))
    if delays is not None:
        ticks = arg.whole_per_item("connector's delays", delays, count, 1, arg.MAX_U32, "synapse")
        delays = np.array(np.broadcast_to(ticks, (count,)), np.uint32)
    return Synapses(pre, post, weights, delays)


def plastic_mask(plastic: Optional[npt.ArrayLike], profile: Optional[stdp.Profile], synapses: Synapses,
                 shape: tuple[int, int]) -> npt.NDArray[np.bool_]:
    """Which synapses learn; checks the profile too."""
    if profile is not None and not isinstance(profile, stdp.Profile):
        raise arg.refuse("profile", repr(profile), "a profile", "neurocorex.stdp.pair(...)")
    if plastic is None:
        return np.full(len(synapses.pre), profile is not None)
    if isinstance(plastic, stdp.Profile):
        raise arg.refuse("plastic", repr(plastic), "booleans", "profile=...")
    mask = spread("plastic", plastic, synapses, shape)
    if not bool(np.all((mask == 0.0) | (mask == 1.0))):
        raise arg.refuse("plastic", f"contains {mask[(mask != 0) & (mask != 1)][0]:g}", "booleans")
    if profile is not None and len(mask) and not mask.any():
        raise arg.refuse("profile", repr(profile), "none, as no synapse is plastic",
                         "leave out plastic, or the profile")
    if profile is None and mask.any():
        raise arg.refuse("plastic", "synapses that learn, but no profile that says how", "both or neither",
                         "profile=neurocorex.stdp.pair(...), or leave out plastic")
    return mask.astype(bool)


def spread(name: str, value: object, synapses: Synapses, shape: tuple[int, int]) -> Floats:
    """One number, one a synapse, or a matrix: as one a synapse."""
    array = arg.floats(name, value)  # type: ignore[arg-type]
    count = len(synapses.pre)
    if array.ndim == 2 and array.shape == shape:
        return array[synapses.pre, synapses.post]
    if array.ndim == 0 or array.shape == (count,):
        return np.array(np.broadcast_to(array, (count,)))
    raise arg.refuse(name, f"an array of shape {array.shape}",
                     f"one number, shape ({count},): one a synapse, or shape {shape}")
