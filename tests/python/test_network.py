# SPDX-License-Identifier: BSD-3-Clause
"""Building networks: what is taken, how it is stored, and which argument an error names."""

from __future__ import annotations

import copy
import json
import os
import pickle
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Callable

import numpy as np
import pytest

import neurocorex as ncx
from neurocorex import _core


def test_numbers_are_consecutive_over_populations_and_axon_groups() -> None:
    net = ncx.Network()
    a, b = net.population(3), net.population(4, name="second")
    x, y = net.axons(2), net.axons(5)
    assert (a.first, b.first, x.first, y.first) == (0, 3, 0, 2)
    assert b.numbers.tolist() == [3, 4, 5, 6] and b[1].tolist() == [4] and b[-2:].tolist() == [5, 6]
    assert y.numbers.dtype == np.uint32 and len(y) == 5
    assert (net.n_neurons, net.n_axons) == (7, 7)
    assert [p.name for p in net.populations] == ["population0", "second"]


def test_reprs_say_what_things_are() -> None:
    net = ncx.Network("net")
    a, x = net.population(3, name="a"), net.axons(2, name="x")
    p = net.connect(x, a, 0.5)
    for thing, words in ((net, ["net", "3 neurons", "6 synapses"]), (a, ["a", "3"]), (x, ["x", "2"]),
                         (p, ["x->a", "6 synapses", "2 x 3"]), (net.compile("tiny"), ["net", "tiny", "3 neurons"])):
        assert all(word in repr(thing) for word in words), repr(thing)


def test_matrix_gives_a_synapse_for_each_entry_that_is_not_zero_and_not_nan() -> None:
    net = ncx.Network()
    x, a = net.axons(2), net.population(3)
    matrix = [[0.0, 1.0, np.nan], [2.0, 0.0, 3.0]]
    p = net.connect(x, a, matrix)
    assert p.pre_index.tolist() == [0, 1, 1] and p.post_index.tolist() == [1, 0, 2]
    assert p.weights.tolist() == [1.0, 2.0, 3.0] and p.delays.tolist() == [1, 1, 1]
    dense = net.connect(x, a, matrix, format="dense", name="all")
    assert len(dense) == 5
    assert np.array_equal(dense.matrix(), matrix, equal_nan=True)
    assert np.array_equal(p.matrix([5, 6, 7]), [[np.nan, 5, np.nan], [6, np.nan, 7]], equal_nan=True)


def test_a_mask_that_masks_nothing_does_no_harm() -> None:
    net = ncx.Network()
    x, a = net.axons(2), net.population(2, threshold=np.ma.array([1.0, 2.0]))
    assert len(net.connect(x, a, np.ma.masked_equal(np.ones((2, 2)), 0.0))) == 4
    assert len(net.connect(x, a, np.ma.masked_equal(np.eye(2), 0.0).filled(np.nan))) == 2


def test_matrix_of_parallel_synapses_is_their_sum() -> None:
    net = ncx.Network()
    x, a = net.axons(1), net.population(1)
    assert net.connect(x, a, ([0, 0], [0, 0], [1.0, 2.5])).matrix().tolist() == [[3.5]]


def test_weights_and_delays_spread_over_a_connector() -> None:
    net = ncx.Network()
    x, a = net.axons(3), net.population(3)
    matrix = np.arange(9.0).reshape(3, 3)
    p = net.connect(x, a, matrix, connector=ncx.one_to_one(), delay=[1, 2, 3])
    assert p.weights.tolist() == [0.0, 4.0, 8.0] and p.delays.tolist() == [1, 2, 3]
    q = net.connect(x, a, connector=ncx.from_list([(0, 1, 0.5, 2), (2, 2, -1, 1)]))
    assert q.weights.tolist() == [0.5, -1.0] and q.delays.tolist() == [2, 1] and q.post_index.tolist() == [1, 2]
    assert len(net.connect(x, a, 0.25)) == 9


def build() -> tuple[ncx.Network, ncx.AxonGroup, ncx.Population]:
    net = ncx.Network()
    return net, net.axons(2, name="x"), net.population(3, name="a")


BAD_POPULATIONS: list[tuple[str, dict[str, Any]]] = [
    ("size", {"size": 0}), ("size", {"size": 2.5}), ("size", {"size": "x"}), ("size", {"size": -1}),
    ("threshold", {"threshold": [1, 2]}), ("threshold", {"threshold": np.nan}),
    ("threshold", {"threshold": "high"}), ("leak", {"leak": -1.0}),
    ("leak", {"leak": 1.5, "leak_mode": "exponential"}), ("leak_mode", {"leak_mode": "linear"}),
    ("current_decay", {"current_decay": 1.01}), ("refractory", {"refractory": 4096}),
    ("refractory", {"refractory": 0.5}), ("refractory_hold", {"refractory_hold": 2}),
    ("soft_reset", {"soft_reset": [True]}), ("theta_plus", {"theta_plus": -0.1}),
    ("theta_decay", {"theta_decay": [0.5, 0.5, 2.0]}), ("v_init", {"v_init": [1.0, 2.0]}),
    ("v_init", {"v_init": np.inf}), ("v_reset", {"v_reset": np.inf}), ("v_rest", {"v_rest": np.ones((3, 1))}),
    ("name", {"name": "x"}), ("name", {"name": 5}), ("name", {"name": None}), ("name", {"name": "\ud800"}),
    ("size", {"size": 10**400}), ("threshold", {"threshold": np.ones(3) * 1j}),
    ("threshold", {"threshold": np.zeros(3, "datetime64[D]")}), ("threshold", {"threshold": np.zeros(3, "f8,f8")}),
    ("threshold: masked values", {"threshold": np.ma.masked_equal([1.0, 2.0, 3.0], 2.0)}),
    ("refractory: masked values", {"refractory": [np.ma.masked, 1, 2]}),
    ("threshold", {"threshold": np.ma.zeros(3, "f8,f8")}),
    ("winner_take_all", {"winner_take_all": "no"}), ("winner_take_all", {"winner_take_all": np.ones(3, bool)}),
]


@pytest.mark.parametrize("name, arguments", BAD_POPULATIONS)
def test_population_errors_name_the_argument(name: str, arguments: dict[str, Any]) -> None:
    net, _, _ = build()
    arguments = {"size": 3, **arguments}
    with pytest.raises(ncx.InputError, match=name):
        net.population(**arguments)
    assert net.n_neurons == 3 and len(net.populations) == 1, "a refused population left something behind"


BAD_CONNECTIONS: list[tuple[str, Callable[[Any, Any, Any], Any]]] = [
    ("pre", lambda net, x, a: net.connect("x", a)),
    ("pre", lambda net, x, a: net.connect(ncx.Network().axons(2), a)),
    ("post", lambda net, x, a: net.connect(x, x)),
    ("weights", lambda net, x, a: net.connect(x, a, np.ones((3, 2)))),
    ("weights", lambda net, x, a: net.connect(x, a, [[np.inf, 0, 0], [0, 0, 0]])),
    ("weights", lambda net, x, a: net.connect(x, a, ([0], [0]))),
    (r"weights\[0\]", lambda net, x, a: net.connect(x, a, ([2], [0], 1.0))),
    (r"weights\[1\]", lambda net, x, a: net.connect(x, a, ([0, 1], [0], 1.0))),
    (r"weights\[1\]", lambda net, x, a: net.connect(x, a, ([0], [-1], 1.0))),
    (r"weights\[2\]", lambda net, x, a: net.connect(x, a, ([0], [0], [1.0, 2.0]))),
    ("weights", lambda net, x, a: net.connect(x, a, [1.0, 2.0], connector=ncx.all_to_all())),
    ("delay", lambda net, x, a: net.connect(x, a, 1.0, delay=0)),
    ("delay", lambda net, x, a: net.connect(x, a, 1.0, delay=1.5)),
    ("delay", lambda net, x, a: net.connect(x, a, 1.0, delay=[1, 2])),
    ("format", lambda net, x, a: net.connect(x, a, 1.0, format="packed")),
    ("connector", lambda net, x, a: net.connect(x, a, connector=ncx.one_to_one())),
    ("taken", lambda net, x, a: [net.connect(x, a, 1.0, name="p") for _ in range(2)]),
    ("rates", lambda net, x, a: net.axons(2, rates=1.1)),
    ("rates", lambda net, x, a: net.axons(2, rates=[0.1, np.nan])),
    ("rates", lambda net, x, a: net.axons(2, rates=[0.1])),
    ("target", lambda net, x, a: net.check(5)),
    ("tiny", lambda net, x, a: net.check("huge")),
    ("fraction_bits", lambda net, x, a: net.compile("tiny", fraction_bits=99)),
    ("fraction_bits", lambda net, x, a: net.check("tiny", fraction_bits=-1)),
    ("seed", lambda net, x, a: net.compile("tiny", seed=-1)),
    ("baud", lambda net, x, a: net.check("tiny", baud=0)),
    ("activity", lambda net, x, a: net.check("tiny", activity="often")),
    ("connector: <function all_to_all.*; expected a connector", lambda net, x, a: net.connect(
        x, a, connector=ncx.all_to_all)),
    ("connector: 'all_to_all'", lambda net, x, a: net.connect(x, a, connector="all_to_all")),
    (r"weights\[0\]: rows of different lengths", lambda net, x, a: net.connect(x, a, ([[0], [1, 2]], [0, 1], 1.0))),
    (r"weights\[0\]", lambda net, x, a: net.connect(x, a, ([0j], [0], 1.0))),
    ("name", lambda net, x, a: net.connect(x, a, name=5)),
    ("name", lambda net, x, a: net.axons(2, name=5)),
    ("name", lambda net, x, a: ncx.Network(5)),
    ("p: an array", lambda net, x, a: ncx.fixed_probability([0.1, 0.2])),
    ("network", lambda net, x, a: ncx.recommend(net.compile("tiny"))),
    ("history", lambda net, x, a: net.set_past([], "ab")), ("history", lambda net, x, a: net.set_past([], 1)),
    (r"weights: masked values; .*\n  try: .filled\(np.nan\)", lambda net, x, a: net.connect(
        x, a, np.ma.masked_equal(np.eye(2, 3), 0.0))),
    (r"weights: masked values", lambda net, x, a: net.connect(x, a, list(np.ma.masked_equal(np.eye(2, 3), 0.0)))),
    (r"weights\[0\]: masked values; .*\n  try: .filled\(value\)", lambda net, x, a: net.connect(
        x, a, (np.ma.masked_equal([0, 1], 1), [0, 1], 1.0))),
    ("text: dict", lambda net, x, a: ncx.Network.from_json(json.loads(net.to_json()))),
]


@pytest.mark.parametrize("name, call", BAD_CONNECTIONS)
def test_other_errors_name_the_argument(name: str, call: Callable[[Any, Any, Any], Any]) -> None:
    net, x, a = build()
    with pytest.raises(ncx.Error, match=name) as caught:
        call(net, x, a)
    assert isinstance(caught.value, ncx.InputError) or "huge" in str(caught.value)
    assert len(net.projections) <= 1


def test_json_keeps_everything(tmp_path: Path) -> None:
    net = ncx.Network("kept")
    x, a = net.axons(2, rates=[0.25, 1.0]), net.population(2, threshold=[0.3, 0.7], v_init=-0.1, refractory=2)
    net.connect(x, a, [[0.1, 0.0], [0.2, 0.3]], delay=[1, 2, 3], profile=ncx.stdp.pair(0.5, 3.0))
    net.save(tmp_path / "net.json")
    again = ncx.Network.load(tmp_path / "net.json")
    assert again.to_json() == net.to_json() and json.loads(net.to_json())["name"] == "kept"
    p, q = net.projections[0], again.projections[0]
    assert q.name == p.name and q.plastic and q.pre.name == x.name and np.array_equal(q.matrix(), p.matrix(), True)
    assert np.array_equal(q.delays, p.delays)
    again.connect(again.axon_groups[0], again.populations[0], 1.0)
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda net: pickle.loads(pickle.dumps(net))])
def test_a_copy_is_a_network_of_its_own(copied: Callable[[ncx.Network], ncx.Network]) -> None:
    net, rule = ncx.Network("twice"), ncx.stdp.pair(0.5, 3.0)
    x, a = net.axons(2, rates=[0.123456, 1.0]), net.population(2, threshold=[0.3, 0.7])
    net.connect(x, a, 0.1, profile=rule)
    net.set_past([1])
    net.add_currents([0], [1], [0.5])
    net.fraction_bits = 9
    before = net.to_json()
    twin = copied(net)
    assert twin.to_json() == before and twin.fraction_bits == 9
    first, second = net.compile("tiny"), twin.compile("tiny")
    assert second.id == first.id and str(second.report) == str(first.report)
    assert second.currents is not None and second.currents.values.tolist() == [0.5]
    twin.connect(twin.axon_groups[0], twin.populations[0], 0.2, profile=rule)
    twin.add_currents([1], [0], [1.0])
    twin.axons(1, rates=0.5)
    assert len(twin.profiles) == 1 and net.to_json() == before and net.compile("tiny").id == first.id
    assert net.compile("tiny").currents.ticks.tolist() == [0]  # type: ignore[union-attr]


@pytest.mark.parametrize("text", ["", "[]", '{"populations": 5}', '{"populations": [{"size": -1}]}'])
def test_bad_json_is_refused_with_its_origin(text: str) -> None:
    with pytest.raises(ncx.InputError, match="somewhere.json"):
        ncx.Network.from_json(text, "somewhere.json")


def test_a_file_that_is_no_text_is_refused(tmp_path: Path, ring: ncx.Network) -> None:
    ring.compile("tiny").save(tmp_path / "ring.ncx")
    with pytest.raises(ncx.InputError, match="ring.ncx is no text: .*\n  try: .*Image.load"):
        ncx.Network.load(tmp_path / "ring.ncx")


def test_an_image_is_not_read_from_json(tmp_path: Path, ring: ncx.Network) -> None:
    ring.save(tmp_path / "ring.json")
    with pytest.raises(ncx.InputError, match="ring.json: a JSON text, not an image\n  try: .*ncx compile"):
        ncx.Image.load(tmp_path / "ring.json")


def test_saving_follows_links_and_writes_into_pipes(tmp_path: Path, ring: ncx.Network) -> None:
    link, pipe = tmp_path / "link", tmp_path / "pipe"
    link.symlink_to("ring.json")
    ring.save(link)
    assert link.is_symlink() and (tmp_path / "ring.json").read_text() == ring.to_json()
    os.mkfifo(pipe)
    with ThreadPoolExecutor() as pool:
        read = pool.submit(pipe.read_text)
        ring.save(pipe)
        assert read.result() == ring.to_json() and pipe.is_fifo()


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    for load in (ncx.Network.load, ncx.Image.load):
        with pytest.raises(ncx.InputError, match="nothing"):
            load(tmp_path / "nothing")


def test_the_grid_survives_a_file(tmp_path: Path, ring: ncx.Network) -> None:
    ring.fraction_bits = 5
    ring.save(tmp_path / "ring.json")
    assert ncx.Network.load(tmp_path / "ring.json").fraction_bits == 5
    with pytest.raises(ncx.InputError, match="fraction_bits"):
        ring.fraction_bits = -1


def test_an_error_about_bytes_that_are_no_text_has_a_message(tmp_path: Path, ring: ncx.Network) -> None:
    file = tmp_path / "ring.ncx"
    ring.compile("tiny").save(file)
    content = bytearray(file.read_bytes())
    content[content.index(b"magic") + len("magic") + 2] = 0xFF
    file.write_bytes(content)
    with pytest.raises(ncx.InputError, match="magic"):
        ncx.Image.load(file)


def test_images_survive_files_and_pickle(tmp_path: Path, ring: ncx.Network) -> None:
    image = ring.compile("tiny")
    image.save(tmp_path / "ring.ncx")
    for again in (ncx.Image.load(tmp_path / "ring.ncx"), pickle.loads(pickle.dumps(image))):
        assert again.id == image.id and np.array_equal(again.slots, image.slots)
        assert again.populations == {"ring": slice(0, 4)} and again.projections == ("in->ring", "around")
        assert again.geometry == _core.Geometry.named("tiny")


def test_an_image_knows_its_weights_steps_by_name(ring: ncx.Network) -> None:
    image = ring.compile("tiny")
    for k, projection in enumerate(ring.projections):
        assert image.weight_step(k) == image.weight_step(projection.name) == image.weight_step(projection)
    for wrong in ("nobody", 2, -1, True, None):
        with pytest.raises(ncx.InputError, match="projection: .*expected one of 'in->ring', 'around'"):
            image.weight_step(wrong)  # type: ignore[arg-type]


def test_a_damaged_image_file_is_refused(tmp_path: Path, ring: ncx.Network) -> None:
    path = tmp_path / "ring.ncx"
    ring.compile("tiny").save(path)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(ncx.InputError, match="ring.ncx"):
        ncx.Image.load(path)


def test_errors_are_what_python_expects() -> None:
    assert issubclass(ncx.InputError, ValueError) and issubclass(ncx.LinkError, OSError)
    assert issubclass(ncx.PortError, ncx.LinkError) and issubclass(ncx.RefusedError, ncx.LinkError)
    with pytest.raises(ncx.PortError, match="/nonexistent"):
        ncx.Emulator("serial:/nonexistent")
    with pytest.raises(ncx.InputError, match="abacus"):
        ncx.Emulator("abacus")


def test_a_network_that_cannot_be_saved_says_why_and_leaves_nothing(tmp_path: Path) -> None:
    net = ncx.Network()
    net.population(1)
    with pytest.raises(ncx.InputError, match="cannot write '.*none/net.json': No such file or directory\n  try: "):
        net.save(tmp_path / "none" / "net.json")
    (tmp_path / "taken").mkdir()
    with pytest.raises(ncx.InputError, match="cannot write '.*taken': Is a directory"):
        net.save(tmp_path / "taken")
    for name in ("", "/"):
        with pytest.raises(ncx.InputError, match=f"cannot write '{name}'"):
            net.save(name)
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]
