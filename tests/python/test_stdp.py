# SPDX-License-Identifier: BSD-3-Clause
"""Learning profiles: what they mean in closed form, and that the backends do it."""

from __future__ import annotations

from typing import Any, Callable

import numpy as np
import pytest
from conftest import Open
from matplotlib import pyplot as plt

import neurocorex as ncx
from neurocorex import plot, stdp

LAGS = np.arange(-18, 19)
pytestmark = pytest.mark.config("cmod_a7")  # plot.stdp_window's own default


def closed_form(kind: str, lag: int) -> float:
    """The equations of the docstrings, once more."""
    if kind == "pair":
        return 0.5 * np.exp(-lag / 6.0) if lag > 0 else -0.25 * np.exp(lag / 9.0) if lag < 0 else 0.0
    if kind == "rectangular":
        return 0.5 if 0 < lag <= 4 else -0.25 if -7 <= lag < 0 else 0.0
    if kind == "superneuromat":
        return (1.0 + 0.125, 0.5 + 0.0625, 0.25)[lag - 1] if 0 < lag <= 3 else 0.0
    if kind == "instar":
        return ((2.0 * 0.5**lag if lag > 0 else 0.0) - 1.0) / 4.0
    return {1: 0.75, 2: -0.5, -1: 0.25, -3: -1.0}.get(lag, 0.0)


PROFILES = [
    stdp.pair(0.5, 6.0, 0.25, 9.0), stdp.rectangular(0.5, 4, 0.25, 7),
    stdp.superneuromat([1.0, 0.5, 0.25], [-0.125, -0.0625]),
    stdp.instar(2.0, decay=0.5, shift=2, w_min=-4.0, w_max=6.0), stdp.kernel([0.75, -0.5], [-0.25, 0.0, 1.0]),
]


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.kind)
def test_the_measured_window_is_the_closed_form(profile: stdp.Profile, backend: str) -> None:
    weight = 1.0 if profile.kind == "instar" else 0.0
    wanted = np.array([closed_form(profile.kind, int(lag)) for lag in LAGS])
    assert np.allclose(profile.change(LAGS, weight), wanted, rtol=0, atol=1e-12)
    bits = 10
    window = plot.stdp_window(profile, lags=LAGS, weight=weight, backend=backend, fraction_bits=bits)
    assert window.lags.tolist() == LAGS.tolist()
    # Changes are rounded to the weight's step; the decays lose less than a step each.
    assert np.abs(window.changes - wanted).max() <= 2.0**-bits
    assert np.count_nonzero(window.changes) > 2
    labels = window.axes.get_xlabel() + window.axes.get_ylabel()
    assert "ticks" in labels and "weight change" in labels
    plt.close(window.axes.figure)


def test_kernel_windows_on_the_grid_are_exact(backend: str) -> None:
    profile = stdp.kernel(np.arange(1, 17) / 16, -np.arange(16, 0, -1) / 16)
    window = plot.stdp_window(profile, lags=LAGS, backend=backend, fraction_bits=8, draw=False)
    assert np.array_equal(window.changes, profile.change(LAGS)) and window.axes is None


def test_reward_scales_the_window(backend: str) -> None:
    profile = stdp.kernel([0.5, 0.25], [0.125], modulated=True)
    window = plot.stdp_window(profile, lags=LAGS, modulation=-1.5, backend=backend, fraction_bits=8, draw=False)
    assert np.array_equal(window.changes, -1.5 * profile.change(LAGS))


def test_the_window_stops_at_the_bounds() -> None:
    profile = stdp.rectangular(0.5, 4, 0.5, 4, w_min=0.75, w_max=1.25)
    window = plot.stdp_window(profile, lags=[-2, 0, 2], fraction_bits=8)
    assert window.changes.tolist() == [-0.25, 0.0, 0.25]
    plt.close("all")


def test_profiles_say_what_they_are() -> None:
    for profile, words in ((PROFILES[0], ["pair", "pre 0.5", "post 0.25"]), (PROFILES[1], ["rectangular", "nearest"]),
                           (PROFILES[2], ["superneuromat", "drift"]), (PROFILES[3], ["instar", "1/4", "-4 to 6"]),
                           (stdp.pair(1.0, 5.0, modulated=True, name="r", rounding="stochastic", enabled=False),
                            ["'r'", "modulated", "stochastic", "off at the start"]), (stdp.kernel(), ["nothing"])):
        assert all(word in repr(profile) for word in words), repr(profile)


def test_profiles_are_values() -> None:
    assert stdp.pair(1.0, 5.0) == stdp.pair(1.0, decay_plus=np.exp(-0.2))
    assert hash(PROFILES[0]) == hash(PROFILES[0].but())
    assert PROFILES[0].but(w_max=3.0).w_max == 3.0 and PROFILES[0].w_max == np.inf
    # Zeros at the end say nothing.
    assert stdp.kernel([1.0] + [0.0] * 40).pre_taps == (1.0,)
    assert stdp.superneuromat([1.0], [-0.5, -0.25]).pre_taps == (1.5, 0.25)


BAD: list[tuple[str, Callable[[], Any]]] = [
    ("pre_taps", lambda: stdp.kernel([0.1] * 17)), ("post_taps", lambda: stdp.kernel([], [np.nan])),
    ("pre_taps", lambda: stdp.kernel([[1.0]])), ("drift", lambda: stdp.kernel(drift=[np.inf])),
    ("apos", lambda: stdp.superneuromat([1.0] * 17)), ("aneg", lambda: stdp.superneuromat([], "x")),
    ("window_plus", lambda: stdp.rectangular(1.0, 17)), ("window_minus", lambda: stdp.rectangular(1.0, 3, 1.0, 1.5)),
    ("a_plus", lambda: stdp.pair(np.inf, 5.0)), ("a_minus", lambda: stdp.pair(1.0, 5.0, np.nan, 5.0)),
    ("tau_plus", lambda: stdp.pair(1.0)), ("tau_plus", lambda: stdp.pair(1.0, 5.0, decay_plus=0.5)),
    ("tau_plus", lambda: stdp.pair(1.0, -5.0)), ("tau_minus", lambda: stdp.pair(1.0, 5.0, 1.0)),
    ("decay_plus", lambda: stdp.pair(1.0, decay_plus=1.5)), ("tau", lambda: stdp.instar(1.0)),
    ("shift", lambda: stdp.instar(1.0, 5.0, shift=17)), ("shift", lambda: stdp.instar(1.0, 5.0, shift=-1)),
    ("shift", lambda: stdp.instar(1.0, 5.0, shift=2.5)), ("w_min", lambda: stdp.pair(1.0, 5.0, w_min=1.0, w_max=1.0)),
    ("w_max", lambda: stdp.pair(1.0, 5.0, w_max=np.nan)), ("rounding", lambda: stdp.pair(1.0, 5.0, rounding="up")),
    ("modulated", lambda: stdp.pair(1.0, 5.0, modulated=2)), ("name", lambda: stdp.pair(1.0, 5.0, name=3)),
    ("rule", lambda: stdp.Profile("x", rule="oja")), ("traces", lambda: stdp.Profile("x", traces="box")),
    ("reward", lambda: PROFILES[0].but(reward=1.0)), ("kind", lambda: PROFILES[0].but(kind="x")),
    ("lags", lambda: PROFILES[0].change([0.5])), ("lags", lambda: plot.stdp_window(PROFILES[0], lags=[])),
    ("profile", lambda: plot.stdp_window("pair")),  # type: ignore[arg-type]
    ("rule", lambda: stdp.Profile("x", rule="instar", traces="exponential", post_amplitude=1.0)),
    ("enabled", lambda: stdp.pair(1.0, 5.0, enabled=np.ones(2, bool))),
    ("lags", lambda: plot.stdp_window(PROFILES[0], lags=[np.inf])),
    ("weight", lambda: plot.stdp_window(PROFILES[0], weight="middle")),  # type: ignore[arg-type]
]


@pytest.mark.parametrize("name, call", BAD)
def test_errors_name_the_argument(name: str, call: Callable[[], Any]) -> None:
    with pytest.raises(ncx.InputError, match=name):
        call()


def test_options_that_do_not_exist_are_refused_by_name() -> None:
    with pytest.raises(TypeError, match="wmax"):
        stdp.pair(1.0, 5.0, wmax=3.0)


def test_connections_and_their_profiles() -> None:
    net = ncx.Network()
    x, a = net.axons(2, name="x"), net.population(3, name="a")
    rule = stdp.pair(0.25, 5.0, name="mine")
    learning = net.connect(x, a, 0.5, profile=rule, name="learning")
    half = net.connect(x, a, 0.5, plastic=[[1, 0, 0], [0, 1, 0]], profile=rule.but(), name="half")
    other = net.connect(a, a, 0.5, profile=stdp.kernel([0.5]), name="other")
    fixed, also = net.connect(x, a, 0.5, name="fixed"), net.connect(x, a, 0.5, plastic=False, name="fixed too")
    assert learning.plastic and learning.plastic_mask.all() and learning.profile == rule
    assert half.plastic_mask.tolist() == [True, False, False, False, True, False] and half.profile is learning.profile
    assert [profile.name for profile in net.profiles] == ["mine", "profile1"] and other.profile is net.profiles[1]
    assert fixed.profile is None and not fixed.plastic and not also.plastic and also.profile is None
    assert "6 learn by <stdp.pair 'mine'" in repr(learning) and "2 learn" in repr(half) and "learn" not in repr(fixed)


def test_a_network_with_profiles_survives_json() -> None:
    net = ncx.Network()
    x, a = net.axons(2), net.population(3, refractory=3, refractory_init=[1, 0, 2])
    for k, profile in enumerate(PROFILES):
        net.connect(x, a, 0.5, plastic=[True, False] * 3, profile=profile, name=f"p{k}")
    net.set_past([1], [[True, False, False], [False, True, False]], 2)
    again = ncx.Network.from_json(net.to_json())
    assert again.to_json() == net.to_json()
    for profile, other in zip(net.profiles, again.profiles):
        assert profile.but(name="x").change(LAGS).tolist() == other.but(name="x").change(LAGS).tolist()
        assert (profile.name, profile.w_max, profile.drift) == (other.name, other.w_max, other.drift)
    assert again.projections[2].plastic_mask.tolist() == [True, False] * 3


BAD_CONNECTIONS: list[tuple[str, dict[str, Any]]] = [
    ("profile", {"profile": "pair"}), ("profile", {"profile": PROFILES[0], "plastic": False}),
    ("profile", {"profile": PROFILES[0], "plastic": [False] * 6}), ("plastic", {"plastic": PROFILES[0]}),
    ("plastic", {"plastic": [True]}), ("plastic", {"plastic": 0.5}), ("plastic", {"plastic": np.ones((3, 2))}),
    ("plastic: .*no profile", {"plastic": True}), ("plastic: .*no profile", {"plastic": [True] + [False] * 5}),
]


@pytest.mark.parametrize("name, arguments", BAD_CONNECTIONS)
def test_connection_errors_name_the_argument(name: str, arguments: dict[str, Any]) -> None:
    net = ncx.Network()
    x, a = net.axons(2), net.population(3)
    with pytest.raises(ncx.InputError, match=f"^{name}"):
        net.connect(x, a, 0.5, **arguments)
    assert net.projections == () and net.profiles == (), "a refused projection left something behind"


def test_a_taken_name_leaves_no_profile_behind() -> None:
    net = ncx.Network()
    x, a = net.axons(2), net.population(3)
    net.connect(x, a, 0.5, name="taken")
    with pytest.raises(ncx.InputError, match="^name: 'taken'"):
        net.connect(x, a, 0.5, name="taken", profile=PROFILES[0])
    assert net.profiles == () and len(net.projections) == 1
    net.connect(x, a, 0.5, profile=PROFILES[0].but(name="rule"))
    with pytest.raises(ncx.InputError, match="rule"):
        net.connect(x, a, 0.5, profile=PROFILES[1].but(name="rule"))
    assert len(net.projections) == 2 and len(net.profiles) == 1


def test_too_many_profiles_are_a_capacity_error(open_emulator: Open) -> None:
    net = ncx.Network()
    x, a = net.axons(1), net.population(1)
    for k in range(9):
        net.connect(x, a, 0.5, profile=stdp.kernel([0.5 + k]))
    with pytest.raises(ncx.CapacityError, match="profile"):
        net.compile("tiny")
    assert not net.check("tiny").fits
