# SPDX-License-Identifier: BSD-3-Clause
"""A learning network of the size of PubMed's citation graph, on the model and on the simulated hardware.

    python -m neurocorex.examples.pubmed [--links edge_list.csv]

A neuron for each of 19,717 papers and for each of 3 topics: 206,710 synapses, as in `neurocorex.examples.microseer`.
Papers that cite each other excite each other. A training paper is tied to its topic, every other paper to all topics,
both ways, by synapses that learn. The graph comes with no labels, so topics are made up: this shows that a network of
that size fits, what a tick costs, and that both backends give the same spikes, weights and clock cycles. It says
nothing about papers. Without `--links` a graph of as many papers with as many citations each is drawn.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass
from typing import Optional, Sequence

import numpy as np
import numpy.typing as npt

from neurocorex import _arguments as arg
from neurocorex import datasets, stdp
from neurocorex import progress as progress_bars
from neurocorex.emulator import Emulator
from neurocorex.errors import Error
from neurocorex.examples.microseer import (ANEG, APOS, BOUND, FRACTION_BITS, KNOWN, TEST_REST, TRAINING_REST, UNIT,
                                           UNKNOWN)
from neurocorex.network import Network, Projection

PAPERS, TOPICS, TRAINING = 19_717, 3, 60
CONFIG = "zcu104"
TICKS = 10
# Enough for a spike, and small enough to share a row, and so an exponent, with the weights that learn.
CITED = 1.5
# How many of PubMed's papers have from `low` to below `high` citations, both ways.
_DEGREES = ((1, 2, 9094), (2, 3, 3357), (3, 4, 1584), (4, 5, 914), (5, 6, 642), (6, 8, 914), (8, 10, 619),
            (10, 15, 1106), (15, 20, 650), (20, 30, 506), (30, 50, 259), (50, 100, 66), (100, 172, 6))

Links = npt.NDArray[np.uint32]


def drawn_links(seed: int = 1) -> Links:
    """Citations between as many papers as PubMed has, which have about as many citations each; uint32, shape (n, 2).

    Parameters
    ----------
    seed
        Same seed, same citations.
    """
    random = np.random.default_rng(seed)
    # Within a range few citations are more frequent than many.
    degrees = np.concatenate([low * (high / low) ** random.random(papers) for low, high, papers in _DEGREES])
    degrees = degrees.astype(int)
    ends = np.repeat(random.permutation(len(degrees)), degrees)
    random.shuffle(ends)
    links: Links = ends[:len(ends) // 2 * 2].reshape(-1, 2).astype(np.uint32)
    return links


@dataclass(frozen=True, eq=False)
class Graph:
    """The network: `out` are the synapses of the papers, `back` those of the topics; `papers` their neurons."""

    network: Network
    out: Projection
    back: Projection
    papers: npt.NDArray[np.int64]


def build(links: Links, papers: int = PAPERS, topics: int = TOPICS, training: int = TRAINING) -> Graph:
    """The spiking graph network.

    Parameters
    ----------
    links
        Citations, shape (n, 2): numbers of papers.
    papers, topics
        How many of each.
    training
        How many papers, the first ones, have a made-up topic.
    """
    net = Network("citations")
    net.fraction_bits = FRACTION_BITS
    # Topics come first and training papers last, so that learning looks at as few rows of neurons as it can.
    neurons = topics + np.concatenate((np.arange(papers - training, papers), np.arange(papers - training)))
    nodes = net.population(topics + papers, threshold=UNIT, name="nodes", refractory=np.repeat(
        (0, TEST_REST, TRAINING_REST), (topics, papers - training, training)))
    different = links[links[:, 0] != links[:, 1]]
    cited = neurons[np.unique(np.concatenate((different, different[:, ::-1])), axis=0)]
    known = np.column_stack((neurons[:training], np.arange(training) % topics))
    unknown = np.column_stack((np.repeat(neurons[training:], topics), np.tile(np.arange(topics), papers - training)))
    rule = stdp.superneuromat(np.array(APOS) * UNIT, np.array(ANEG) * UNIT, w_min=-BOUND * UNIT, w_max=BOUND * UNIT,
                              name="stdp")

    def connect(name: str, groups: Sequence[tuple[npt.NDArray[np.int64], float]]) -> Projection:
        """Only the last group learns. One projection, and so one row a source, spares row table entries and cycles."""
        pairs = np.concatenate([pairs for pairs, _ in groups])
        sizes = [len(pairs) for pairs, _ in groups]
        weights = np.repeat([weight * UNIT for _, weight in groups], sizes)
        return net.connect(nodes, nodes, (pairs[:, 0], pairs[:, 1], weights), profile=rule, name=name,
                           plastic=np.arange(len(pairs)) >= len(pairs) - sizes[-1])

    out = connect("papers", ((cited, CITED), (known, KNOWN), (unknown, UNKNOWN)))
    back = connect("topics", ((known[:, ::-1], KNOWN), (unknown[:, ::-1], UNKNOWN)))
    return Graph(net, out, back, neurons)


@dataclass(frozen=True, eq=False)
class Outcome:
    """A run on one backend: spikes of all papers' ticks, the weights after them, clock cycles and ticks."""

    spikes: npt.NDArray[np.uint32]
    weights: npt.NDArray[np.int32]
    cycles: int
    ticks: int
    seconds: float


def run(graph: Graph, shown: Sequence[int], backend: str, config: str = CONFIG,
        progress: Optional[bool] = None) -> Outcome:
    """Shows papers one after the other, each to a network at rest; what it learns stays.

    Parameters
    ----------
    graph
        The network.
    shown
        Numbers of the papers.
    backend, config
        Where it runs; see `Emulator`.
    progress
        A bar; None: on terminals and in notebooks.
    """
    begin = time.monotonic()
    spikes, cycles = [np.empty((0, 2), np.uint32)], 0
    with Emulator(backend, config) as emulator:
        emulator.load(graph.network)
        with progress_bars.bar(len(shown), "papers", progress) as report:
            for done, paper in enumerate(shown):
                emulator.reset("membrane", "in_flight", "traces")
                result = emulator.run(TICKS, currents=([0], [graph.papers[paper]], [2 * UNIT]), record=["spikes"],
                                      count_spikes=False, progress=False)
                spikes.append(result.spikes)
                cycles += result.cycles
                if report is not None:
                    report(done + 1)
        weights = np.concatenate([np.asarray(emulator.weights(p, raw=True)) for p in (graph.out, graph.back)])
    return Outcome(np.concatenate(spikes), weights, cycles, TICKS * len(shown), time.monotonic() - begin)


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Runs the example; exit code 1 if the network does not fit or the backends differ."""
    parser = argparse.ArgumentParser(prog="python -m neurocorex.examples.pubmed", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--links", metavar="FILE", help="citations, two papers a line; default: a drawn graph")
    parser.add_argument("--topics", type=int, default=TOPICS, help="number of topics (default: %(default)s)")
    parser.add_argument("--training", type=int, default=TRAINING, help="papers with a topic (default: %(default)s)")
    parser.add_argument("--papers", type=int, default=4, help="how many papers are shown (default: %(default)s)")
    parser.add_argument("--config", default=CONFIG, help="named build (default: %(default)s)")
    parser.add_argument("--backends", nargs="*", default=["model", "rtl"], metavar="BACKEND",
                        help="where to run it; all must agree (default: model rtl; none: only check)")
    options = parser.parse_args(arguments)
    outcomes = []
    try:
        links = datasets.citation_links(options.links) if options.links else drawn_links()
        papers = int(links.max()) + 1
        arg.whole("--training", options.training, 1, papers - 1)
        arg.whole("--topics", options.topics, 1, papers)
        arg.whole("--papers", options.papers, 1)
        graph = build(links, papers, options.topics, options.training)
        begin = time.monotonic()
        report = graph.network.check(options.config)
        print(f"{graph.network}\n{report}\nchecked in {time.monotonic() - begin:.2f} s")
        if not report.fits:
            return 1
        shown = np.linspace(options.training, len(graph.papers) - 1, options.papers).astype(int)
        for backend in options.backends:
            outcome = run(graph, shown.tolist(), backend, options.config)
            outcomes.append(outcome)
            print(f"{backend:<8} {len(outcome.spikes):,} spikes in {outcome.ticks} ticks, "
                  f"{outcome.cycles / outcome.ticks:,.0f} cycles a tick, {outcome.seconds:.1f} s", flush=True)
    except Error as error:
        print(f"pubmed: {error}", file=sys.stderr)
        return 1
    differing = 0
    for outcome in outcomes[1:]:
        first = outcomes[0]
        same = np.array_equal(outcome.spikes, first.spikes) and outcome.cycles == first.cycles
        weights = int(np.count_nonzero(outcome.weights != first.weights))
        differing += weights + (0 if same else 1)
        print(f"spikes and cycles {'equal' if same else 'DIFFER'}, {weights} of {len(first.weights):,} weights differ")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
