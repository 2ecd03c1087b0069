# SPDX-License-Identifier: BSD-3-Clause
"""Connectors: who is joined to whom."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import neurocorex as ncx
from neurocorex import connectors


def pairs(connector: ncx.Connector, n_pre: int, n_post: int, same: bool = False) -> list[tuple[int, int]]:
    synapses = connector.synapses(n_pre, n_post, same)
    assert synapses.pre.dtype == synapses.post.dtype == np.uint32
    return list(zip(synapses.pre.tolist(), synapses.post.tolist()))


def test_all_to_all_and_one_to_one() -> None:
    assert pairs(ncx.all_to_all(), 2, 3) == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)]
    assert pairs(ncx.all_to_all(self_connections=False), 2, 2, same=True) == [(0, 1), (1, 0)]
    assert len(pairs(ncx.all_to_all(self_connections=False), 2, 2, same=False)) == 4
    assert pairs(ncx.one_to_one(), 3, 3) == [(0, 0), (1, 1), (2, 2)]


@pytest.mark.parametrize("same", [False, True])
def test_fixed_numbers_are_exact_and_different(same: bool) -> None:
    for make, end in ((ncx.fixed_number_pre, 1), (ncx.fixed_number_post, 0)):
        found = pairs(make(4, seed=3, self_connections=False), 9, 9, same)
        assert len(set(found)) == len(found) == 36
        assert np.bincount([pair[end] for pair in found]).tolist() == [4] * 9
        assert not same or all(pre != post for pre, post in found)
    everyone = pairs(ncx.fixed_number_pre(8, self_connections=False), 9, 9, same=True)
    assert sorted(everyone) == sorted(pairs(ncx.all_to_all(self_connections=False), 9, 9, same=True))
    with pytest.raises(ncx.InputError, match="n: 9"):
        pairs(ncx.fixed_number_pre(9, self_connections=False), 9, 9, same=True)


def test_fixed_probability_has_its_density_and_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    found = pairs(ncx.fixed_probability(0.3, seed=5), 100, 200)
    assert abs(len(found) / 20000 - 0.3) < 0.02
    assert found == pairs(ncx.fixed_probability(0.3, seed=5), 100, 200)
    assert found != pairs(ncx.fixed_probability(0.3, seed=6), 100, 200)
    monkeypatch.setattr(connectors, "_BLOCK", 1000)  # drawn in parts, it is the same
    assert found == pairs(ncx.fixed_probability(0.3, seed=5), 100, 200)
    assert pairs(ncx.fixed_probability(0.0), 5, 5) == [] and len(pairs(ncx.fixed_probability(1.0), 5, 5)) == 25


@pytest.mark.parametrize("p", [-0.1, 1.1, np.nan])
def test_probabilities_are_checked(p: float) -> None:
    with pytest.raises(ncx.InputError, match="p: "):
        ncx.fixed_probability(p)


def test_lists_are_checked() -> None:
    assert pairs(ncx.from_list([]), 2, 2) == []
    with pytest.raises(ncx.InputError, match="rows"):
        ncx.from_list([1, 2, 3])
    for rows in ([(2, 0)], [(0, 2)], [(0.5, 0)], [(0, 0, 1.0, 0)]):
        with pytest.raises(ncx.InputError, match="rows"):
            pairs(ncx.from_list(rows), 2, 2)


class Own:
    """A connector of a user's own, which gives what it was made with."""

    def __init__(self, *given: Any) -> None:
        self.given = given

    def synapses(self, n_pre: int, n_post: int, same: bool) -> ncx.Synapses:
        return ncx.Synapses(*self.given)


def test_own_connectors_may_give_lists_and_arrays_of_any_kind() -> None:
    net = ncx.Network()
    x, a = net.axons(3), net.population(2)
    p = net.connect(x, a, connector=Own([0, 2], np.array([1, 0], np.int64), [1, 0.5], [1, 2]))
    assert p.pre_index.dtype == p.post_index.dtype == p.delays.dtype == np.uint32 and p.weights.dtype == np.float64
    assert p.pre_index.tolist() == [0, 2] and p.post_index.tolist() == [1, 0]
    assert p.weights.tolist() == [1.0, 0.5] and p.delays.tolist() == [1, 2]
    q = net.connect(x, a, 0.25, delay=3, connector=Own([1], [1]))
    assert q.weights.tolist() == [0.25] and q.delays.tolist() == [3]
    assert net.connect(x, a, connector=Own([0, 1], [0, 1], 0.5, 4)).delays.tolist() == [4, 4]
    assert len(net.connect(x, a, connector=Own([], [], [], []))) == 0


@pytest.mark.parametrize("message, given", [
    ("connector's pre: contains -1", (np.array([-1]), [0])), ("connector's pre: contains 3", ([3], [0])),
    ("connector's post: contains 2", ([0], [2])), ("connector's post: 1 numbers; expected 2", ([0, 1], [0])),
    ("connector's pre", ("ab", [0])), ("connector's weights", ([0], [0], [1.0, 2.0])),
    ("connector's weights", ([0], [0], "strong")), ("weights: contains nan", ([0], [0], [np.nan])),
    ("connector's delays: contains -1", ([0], [0], None, np.array([-1]))),
    ("connector's delays: contains 0", ([0], [0], None, [0])), ("connector's delays", ([0], [0], None, [1, 2])),
])
def test_what_own_connectors_give_is_checked(message: str, given: tuple[Any, ...]) -> None:
    net = ncx.Network()
    x, a = net.axons(3), net.population(2)
    with pytest.raises(ncx.InputError, match=message):
        net.connect(x, a, connector=Own(*given))
    assert not net.projections


def test_what_is_no_connector_is_refused() -> None:
    class Pair(Own):
        def synapses(self, n_pre: int, n_post: int, same: bool) -> Any:
            return [0], [1]

    net = ncx.Network()
    x, a = net.axons(3), net.population(2)
    with pytest.raises(ncx.InputError, match=r"gave tuple; expected Synapses\n  try: neurocorex.Synapses"):
        net.connect(x, a, connector=Pair())
    with pytest.raises(ncx.InputError, match="connector: <class .*; expected a connector"):
        net.connect(x, a, connector=Own)  # type: ignore[arg-type]
