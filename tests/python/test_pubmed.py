# SPDX-License-Identifier: BSD-3-Clause
"""A network of the size of PubMed's citation graph, and the text files that such graphs come in."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from conftest import needs_rtl

import neurocorex as ncx
from neurocorex import _core, datasets
from neurocorex.examples import pubmed

needs_zcu104 = pytest.mark.skipif(pubmed.CONFIG not in _core.rtl_configurations(),
                                  reason="this library was built without the simulated build zcu104")
LINKS = os.environ.get("NCX_PUBMED", "")


def test_a_drawn_graph_has_as_many_papers_and_about_as_many_citations() -> None:
    links = pubmed.drawn_links()
    papers, degrees = np.unique(links, return_counts=True)
    assert abs(len(papers) - pubmed.PAPERS) <= 1 and links.max() + 1 == pubmed.PAPERS
    assert degrees.sum() == pytest.approx(2 * 44_338, rel=0.05)
    assert (degrees == 1).sum() == pytest.approx(9094, abs=10) and 100 <= degrees.max() <= 171
    assert np.array_equal(links, pubmed.drawn_links()) and not np.array_equal(links, pubmed.drawn_links(2))


def check_fits(net: ncx.Network) -> ncx.Report:
    """What issue and docs promise of a network of that size on its build."""
    report = net.check(pubmed.CONFIG)
    assert report.fits and report.inexact == ()
    assert 1.0 <= report.stored_per_needed_word <= 1.5
    assert report.slots is not None and len(np.unique(report.slots)) == net.n_neurons
    with pytest.raises(ncx.CapacityError, match="synapse words a lane"):
        ncx.recommend(net)
    return report


def check_run(graph: pubmed.Graph, shown: list[int]) -> None:
    """Both backends give the same, and something is learned."""
    model, rtl = (pubmed.run(graph, shown, backend) for backend in ("model", "rtl"))
    assert np.array_equal(model.spikes, rtl.spikes) and model.cycles == rtl.cycles
    assert np.array_equal(model.weights, rtl.weights)
    assert len(model.spikes) > 10_000
    untaught = pubmed.run(graph, [], "model").weights
    assert np.count_nonzero(model.weights != untaught) > 10_000


def test_a_network_of_pubmeds_size_fits() -> None:
    graph = pubmed.build(pubmed.drawn_links())
    assert graph.network.n_neurons == 19_720 and graph.network.n_synapses == pytest.approx(206_710, rel=0.03)
    report = check_fits(graph.network)
    assert report.cycles_idle < report.cycles_active < report.cycles_all and report.activity == 0.02
    assert sum(report.lane_words) <= 8 * max(report.lane_words) and 1.0 <= report.lane_balance < 1.5
    # No packing helps where one neuron has more synapses than a lane has words.
    too_small = graph.network.check("max")
    assert not too_small.fits and max(too_small.lane_words) > 16_384


@needs_rtl
@needs_zcu104
def test_a_network_of_pubmeds_size_runs_alike_on_both_backends() -> None:
    check_run(pubmed.build(pubmed.drawn_links()), [1000])


@pytest.mark.skipif(not LINKS, reason="NCX_PUBMED does not name PubMed's edge_list.csv")
@needs_rtl
@needs_zcu104
def test_pubmed_itself() -> None:
    graph = pubmed.build(datasets.citation_links(LINKS))
    assert (graph.network.n_neurons, graph.network.n_synapses) == (19_720, 206_710)
    check_fits(graph.network)
    check_run(graph, [60, 12_345])


def test_the_example_runs_from_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    links = tmp_path / "links.csv"
    links.write_text("a,b\nb,c\nc,d\nd,a\na,a\n")
    assert pubmed.main(["--links", str(links), "--training", "1", "--papers", "2", "--backends", "model", "model",
                        "--config", "tiny"]) == 0
    out = capsys.readouterr().out
    assert "7 neurons" in out and "target tiny: fits" in out
    assert "spikes and cycles equal, 0 of 28 weights differ" in out
    assert pubmed.main(["--config", "tiny", "--backends"]) == 1
    assert "DOES NOT FIT" in capsys.readouterr().out
    assert pubmed.main(["--links", str(tmp_path / "none")]) == 1
    assert "none" in capsys.readouterr().err
    for option, number, most in (("--topics", "99999999", "4"), ("--topics", "0", "4"), ("--training", "4", "3"),
                                 ("--papers", "0", "")):
        assert pubmed.main(["--links", str(links), "--training", "1", option, number]) == 1
        assert f"{option}: {number}; expected a whole number from 1 to {most}" in capsys.readouterr().err


def test_citations_come_from_text_files(tmp_path: Path) -> None:
    path = tmp_path / "links"
    path.write_text("100\t7\n\n7 x,y\n".replace("x,y", "35"))
    assert datasets.citation_links(path).tolist() == [[0, 1], [1, 2]]
    path.write_text("paper:1,paper:2\npaper:2,paper:1\n")
    assert datasets.citation_links(path).tolist() == [[0, 1], [1, 0]]
    for text, found in (("1 2\n1 2 3\n", "line 2: 3 names"), ("\n", "no citations")):
        path.write_text(text)
        with pytest.raises(ncx.InputError, match=found):
            datasets.citation_links(path)
    path.write_bytes(b"\xff\xfe 1\n")
    with pytest.raises(ncx.InputError, match="links"):
        datasets.citation_links(path)
