# SPDX-License-Identifier: BSD-3-Clause
# Types of the module that python/bindings makes.
from typing import Any, Callable, Optional, TypedDict

import numpy as np
import numpy.typing as npt

_U8 = npt.NDArray[np.uint8]
_U16 = npt.NDArray[np.uint16]
_U32 = npt.NDArray[np.uint32]
_U64 = npt.NDArray[np.uint64]
_I32 = npt.NDArray[np.int32]
_F64 = npt.NDArray[np.float64]
_Progress = Optional[Callable[[int], Any]]

class RunData(TypedDict):
    first_tick: int
    ticks: int
    spikes: _U32
    potentials: _I32
    cycles: int
    stalls: int
    overruns: int
    retries: int

class SamplesData(TypedDict):
    spikes: _U32
    potentials: _I32
    cycles: _U64
    stalls: int
    overruns: int
    retries: int

class LinkData(TypedDict):
    bytes_sent: int
    bytes_received: int
    frames_sent: int
    frames_received: int
    damaged: int
    retries: int
    stream_resends: int

class Format:
    AUTO: Format
    DENSE: Format
    SPARSE: Format

class Rule:
    ADDITIVE: Rule
    INSTAR: Rule

class Traces:
    KERNEL: Traces
    EXPONENTIAL: Traces

class Rounding:
    DOWN: Rounding
    NEAREST: Rounding
    STOCHASTIC: Rounding

class LearningProfile:
    name: str
    rule: Rule
    traces: Traces
    newest: bool
    pre_taps: list[float]
    post_taps: list[float]
    pre_amplitude: float
    post_amplitude: float
    pre_decay: float
    post_decay: float
    drift: list[float]
    w_min: float
    w_max: float
    instar_shift: int
    rounding: Rounding
    modulated: bool
    enabled: bool

class Geometry:
    name: str
    lanes: int
    neurons: int
    axons: int
    weight_bits: int
    synapse_words: int
    rows: int
    max_delay: int
    parameter_sets: int
    program_entries: int
    profiles: int
    event_entries: int
    stream_words: int
    probe_entries: int
    rx_bytes: int
    clock_hz: int
    baud: int
    weight_min: int
    weight_max: int
    @staticmethod
    def named(name: str) -> Geometry: ...
    @staticmethod
    def names() -> list[str]: ...
    @staticmethod
    def of_target(name: str) -> Geometry: ...
    @staticmethod
    def target_names() -> list[str]: ...
    def with_baud(self, baud: int) -> Geometry: ...

class Network:
    name: str
    fraction_bits: Optional[int]
    neurons: int
    axons: int
    synapses: int
    populations: list[tuple[str, int, int]]
    axon_groups: list[tuple[str, int, int]]
    rates: list[_U16]
    projections: list[tuple[str, bool, int, int, _U32, _U32, _F64, _U32, bool]]
    def projection_name(self, index: int) -> str: ...
    profiles: list[LearningProfile]
    past: tuple[_U32, _U16, int]
    def __init__(self, name: str) -> None: ...
    def add_population(
        self,
        name: str,
        size: int,
        parameters: dict[str, _F64],
        v_init: _F64,
        winner_take_all: bool,
        refractory_init: _U32 = ...,
    ) -> int: ...
    def add_axons(self, name: str, size: int, rates: _U16) -> int: ...
    def add_projection(
        self,
        name: str,
        pre_is_axon: bool,
        pre: int,
        post: int,
        pre_index: _U32,
        post_index: _U32,
        weight: _F64,
        delay: _U32,
        plastic: bool,
        format: Format,
        profile: int = ...,
        plastic_mask: _U8 = ...,
    ) -> int: ...
    def add_profile(self, profile: LearningProfile) -> int: ...
    def set_past(self, spiked: _U32, history: _U16, age: int) -> None: ...
    def plasticity(self, projection: int) -> tuple[int, _U8]: ...
    def refractory_init(self, population: int) -> _U32: ...
    def to_json(self) -> str: ...
    def save(self, path: str) -> None: ...
    @staticmethod
    def from_json(text: str, origin: str) -> Network: ...

class QuantisationEntry:
    item: str
    values: int
    rounded: int
    saturated: int
    step: float
    largest_error: float

class CapacityEntry:
    item: str
    used: int
    available: int

class CompileReport:
    target: str
    fraction_bits: int
    capacity: list[CapacityEntry]
    quantisation: list[QuantisationEntry]
    stored_per_needed_word: float
    lane_words: list[int]
    lane_balance: float
    activity: float
    cycles_idle: float
    cycles_active: float
    cycles_all: float
    load_seconds: float
    slots: _U32
    fits: bool
    def text(self) -> str: ...
    def json(self) -> str: ...

class ProfileMap:
    name: str
    user: int
    enabled: bool
    w_min: int
    w_max: int
    exponent: int

class Image:
    id: int
    neurons: int
    axons: int
    geometry: Geometry
    name: str
    fraction_bits: int
    encoder_rows: int
    slots: _U32
    hardware_axons: _U32
    rates: _U16
    generators: _U32
    populations: list[tuple[str, int, int]]
    axon_groups: list[tuple[str, int, int]]
    projections: list[tuple[str, bool, bool, int]]
    profiles: list[ProfileMap]
    @staticmethod
    def load(path: str) -> Image: ...
    def save(self, path: str) -> None: ...
    def to_bytes(self) -> bytes: ...
    @staticmethod
    def from_bytes(data: bytes) -> Image: ...
    def ends(self, projection: int) -> tuple[_U32, _U32]: ...
    def plasticity(self, projection: int) -> tuple[int, _U8]: ...

class State:
    image_id: int
    tick: int
    learning: int
    modulation: int
    def to_cbor(self) -> bytes: ...
    @staticmethod
    def from_cbor(data: bytes) -> State: ...
    def save(self, path: str) -> None: ...
    @staticmethod
    def load(path: str) -> State: ...

class Emulator:
    closed: bool
    geometry: Geometry
    description: str
    image: Image
    tick: int
    period: int
    link_statistics: Optional[LinkData]
    def __init__(self, backend: str, configuration: str, baud: int, sys: str = ...) -> None: ...
    def close(self) -> None: ...
    def stop(self) -> None: ...
    def leave(self) -> None: ...
    def load(self, image: Image) -> None: ...
    def attach(self, image: Image) -> None: ...
    def reset(self) -> None: ...
    def reset_parts(self, mask: int) -> None: ...
    def run(
        self,
        ticks: int,
        axon_events: _U32,
        current_events: _U32,
        values: _I32,
        record_spikes: bool,
        count_spikes: bool,
        probes: _U32,
        progress: _Progress,
    ) -> RunData: ...
    def run_samples(
        self,
        ticks: int,
        offsets: _U64,
        axon_events: _U32,
        record_spikes: bool,
        probes: _U32,
        progress: _Progress,
    ) -> SamplesData: ...
    def spike_counts(self) -> _U32: ...
    def clear_spike_counts(self) -> None: ...
    def potentials(self) -> _I32: ...
    def currents(self) -> _I32: ...
    def thetas(self) -> _I32: ...
    def refractory_counters(self) -> _U32: ...
    def weights(self, projection: int) -> _I32: ...
    def set_potentials(self, values: _I32) -> None: ...
    def set_weights(self, projection: int, values: _I32) -> None: ...
    def rates(self) -> _U16: ...
    def set_rates(self, values: _U16) -> None: ...
    def set_learning(self, profile: int, on: bool) -> None: ...
    def learning(self, profile: int) -> bool: ...
    def set_modulation(self, factor: int) -> None: ...
    def modulation(self) -> int: ...
    def save_state(self) -> State: ...
    def restore_state(self, state: State) -> None: ...

def compile(
    network: Network, geometry: Geometry, fraction_bits: Optional[int], seed: int
) -> tuple[Image, CompileReport]: ...
def check(network: Network, geometry: Geometry, fraction_bits: Optional[int], activity: float) -> CompileReport: ...
def recommend(network: Network, fraction_bits: Optional[int]) -> str: ...
def rtl_configurations() -> list[str]: ...
