# SPDX-License-Identifier: BSD-3-Clause
"""Standard streams and files that are full, closed, protected, or asked for twice; memory that does not suffice."""

from __future__ import annotations

import os
import pty
import resource
import signal
import subprocess
import time
from pathlib import Path
from typing import Callable, Optional

import pytest

from conftest import NCX, Ncx, TIMEOUT_S, Outcome
from virtual_boards import virtual_board

READY_S = 60


def run(*arguments: object, folder: Path, stderr: int = subprocess.PIPE, stdin: str = "",
        before: Optional[Callable[[], None]] = None) -> Outcome:
    result = subprocess.run([NCX, *map(str, arguments)], cwd=folder, input=stdin, stdout=subprocess.PIPE,
                            stderr=stderr, text=True, timeout=TIMEOUT_S, preexec_fn=before, check=False)
    return Outcome(result.returncode, result.stdout, result.stderr or "")


def without_stderr() -> None:
    os.close(2)


@pytest.mark.parametrize("arguments", [("run", "nosuch", "--ticks", 5), ("fly",), ("run", "nosuch")])
def test_messages_that_go_nowhere_change_no_exit_code(tmp_path: Path, arguments: tuple[object, ...]) -> None:
    with open("/dev/full", "w", encoding="ascii") as full:
        assert run(*arguments, folder=tmp_path, stderr=full.fileno()).code == 2
    assert run(*arguments, folder=tmp_path, before=without_stderr).code == 2


def test_a_file_never_takes_the_place_of_a_closed_stream(ncx: Ncx, ring: Path, tmp_path: Path) -> None:
    outcome = run("run", ring, "--ticks", 2, "--backend", "model", "--record", "-", "--save-state", "st",
                  folder=tmp_path, before=without_stderr)
    assert outcome.code == 0 and outcome.out == "tick,neuron\n"
    assert ncx("weights", ring, "--projection", "around", "--load-state", "st").code == 0
    closed = run("info", folder=tmp_path, before=lambda: os.close(1))
    assert closed.code == 2 and "cannot write all of the result to standard output" in closed.err


def test_what_is_waited_for_is_said_to_nobody(tmp_path: Path) -> None:
    far, near = pty.openpty()  # nobody answers there
    try:
        outcome = run("info", "--port", os.ttyname(near), "--timeout", 1500, folder=tmp_path, before=without_stderr)
    finally:
        os.close(far)
        os.close(near)
    assert outcome.code == 4


def test_a_result_that_cannot_be_written_takes_no_other_along(ncx: Ncx, ring: Path, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("0,0\n")
    outcome = ncx("run", ring, "--ticks", 3, "--inputs", "in.csv", "--record", "/dev/full", "--save-state", "st",
                  "--probe", 0, "--potentials", "v.csv")
    assert outcome.code == 2 and "cannot write '/dev/full': No space left on device" in outcome.err
    assert len((tmp_path / "v.csv").read_text().splitlines()) == 4
    assert ncx("run", ring, "--ticks", 1, "--load-state", "st").code == 0


def test_a_place_behind_a_link_and_a_long_name_are_tried_before_the_run(ncx: Ncx, ring: Path, tmp_path: Path) -> None:
    (tmp_path / "dangling").symlink_to("missing/file")
    for name, reason in (("dangling", "No such file or directory"), ("n" * 256, "File name too long")):
        outcome = ncx("run", ring, "--port", "/dev/none", "--ticks", 1, "--record", name)
        assert outcome.code == 2 and f"cannot write '{name}': {reason}" in outcome.err
    assert ncx("run", ring, "--ticks", 1, "--record", "n" * 255).code == 0


def test_a_table_on_stdout_is_alone_there(ncx: Ncx, ring: Path, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("0,0\n")
    outcome = ncx("run", ring, "--ticks", 2, "--inputs", "in.csv", "--record", "-")
    assert outcome.code == 0 and outcome.out == "tick,neuron\n0,0\n1,1\n" and "2 ticks, 2 spikes" in outcome.err
    outcome = ncx("weights", ring, "--projection", "around", "-o", "-")
    assert outcome.code == 0 and outcome.out == ncx("weights", ring, "--projection", "around").out
    assert "4 weights of 'around'" in outcome.err
    both = ncx("run", ring, "--ticks", 2, "--record", "-", "--probe", 0, "--potentials", "-")
    assert both.code == 2 and both.out == "" and "named for two results" in both.err
    for command in (("run", ring, "--ticks", 2, "--record", "-"), ("weights", ring, "--projection", "around", "-o-")):
        outcome = ncx("--json", *command)
        assert outcome.code == 2 and "'-' with --json" in outcome.json["error"]


def test_images_and_states_are_no_streams(ncx: Ncx, ring: Path, tmp_path: Path) -> None:
    for arguments in (("run", "-", "--ticks", 1), ("weights", "-"), ("info", "-"), ("monitor", "-"),
                      ("compile", "ring.json", "--target", "tiny", "-o", "-"),
                      ("run", ring, "--ticks", 1, "--save-state", "-"), ("weights", ring, "--load-state", "-"),
                      ("run", ring, "--ticks", 1, "--load-state", "-")):
        outcome = ncx(*arguments)
        assert outcome.code == 2 and "images and states are files, not standard streams" in outcome.err
    assert not (tmp_path / "-").exists()


def test_an_option_is_no_file_name(ncx: Ncx, ring: Path) -> None:
    for follows in ("--save-state", "--json", "--help"):
        outcome = ncx("run", ring, "--ticks", 1, "--record", follows)
        assert outcome.code == 2 and f"--record: needs a value, but '{follows}' follows" in outcome.err
    assert ncx("run", ring, "--ticks", 1, "--record", "--odd").code == 0


def test_leading_zeros_are_decimal(ncx: Ncx, ring: Path) -> None:
    assert ncx("run", ring, "--ticks", "010", "--json").json["ticks"] == 10
    assert ncx("run", ring, "--ticks", "0x10", "--json").json["ticks"] == 16
    assert ncx("compile", "ring.json", "--target", "tiny", "--fraction-bits", "010", "--seed", "08",
               "--json").json["fraction_bits"] == 10
    assert ncx("run", ring, "--ticks", "000").code == 2
    outcome = ncx("run", ring, "--ticks", "1", "--probe", "000,010")
    assert outcome.code == 2 and "--probe 10:" in outcome.err


def test_spikes_are_counted_where_none_are_recorded(ncx: Ncx, ring: Path, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("0,0\n")
    first = ncx("run", ring, "--ticks", 5, "--inputs", "in.csv", "--save-state", "st", "--json").json
    then = ncx("run", ring, "--ticks", 7, "--load-state", "st", "--json").json
    assert (first["spikes"], then["spikes"]) == (5, 7)


def test_memory_that_does_not_suffice_is_said(ring: Path, tmp_path: Path) -> None:
    limit = 400 << 20
    outcome = run("run", ring, "--backend", "model", "--ticks", 0x7FFFFFFF, "--probe", "0,1,2,3", folder=tmp_path,
                  before=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)))
    assert outcome.code == 2 and "memory does not suffice" in outcome.err and "--save-state" in outcome.err


def test_signals_end_a_run_that_waits_for_its_inputs(ring: Path) -> None:
    for sign in (signal.SIGINT, signal.SIGTERM):
        process = subprocess.Popen([NCX, "run", str(ring), "--ticks", "1", "--inputs", "-"], stdin=subprocess.PIPE)
        time.sleep(0.5)
        process.send_signal(sign)
        try:
            assert process.wait(timeout=READY_S) == -sign
        finally:
            process.kill()
            process.communicate()


def test_an_input_that_stands_twice_is_named_with_its_lines(ncx: Ncx, ring: Path, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("tick,axon\n1,0\n# why\n0,0\n1,0\n")
    outcome = ncx("run", ring, "--ticks", 2, "--inputs", "in.csv")
    assert outcome.code == 2 and "in.csv: lines 2 and 5: axon 0 has two events in tick 1" in outcome.err


def test_a_table_in_utf_16_is_quoted_in_ascii(ncx: Ncx, ring: Path, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_bytes("tick,axon\n0,0\n".encode("utf-16"))
    outcome = ncx("run", ring, "--ticks", 2, "--inputs", "in.csv")
    assert outcome.code == 2 and r"'\xFF\xFEt\x00i\x00" in outcome.err and "is not a whole number" in outcome.err


def test_an_image_without_projections_has_no_weights(ncx: Ncx, tmp_path: Path) -> None:
    (tmp_path / "lone.json").write_text('{"populations": [{"name": "p", "size": 2}]}')
    assert ncx("compile", "lone.json", "--target", "tiny", "-o", "lone.ncx").code == 0
    outcome = ncx("weights", "lone.ncx")
    assert outcome.code == 2 and "has no projections" in outcome.err


def test_help_says_what_is_taken(ncx: Ncx) -> None:
    assert "docs/compiler.md" in ncx("compile", "--help").out
    assert "[-1 - 20]" in ncx("compile", "--help").out.replace("\n", " ")
    assert "just below 2" in " ".join(ncx("run", "--help").out.split())
    assert ncx("compile", "x", "--fraction-bits", "21").code == 2


def test_a_sim_with_the_least_patience_ends(ncx: Ncx) -> None:
    assert ncx("sim", "--link", "board", "--config", "tiny", "--engine", "tlm", "--exit-when-idle", 0.0009).code == 0


def test_bench_ends_at_a_signal_and_stops_the_board(ncx: Ncx, tmp_path: Path) -> None:
    with virtual_board(NCX, tmp_path / "board", "--config", "tiny", "--engine", "tlm"):
        for sign in (signal.SIGINT, signal.SIGTERM):
            bench = subprocess.Popen([NCX, "bench", "--config", "tiny", "--neurons", "16", "--ticks", "100000000",
                                      "--port", str(tmp_path / "board")], stderr=subprocess.PIPE, text=True)
            time.sleep(2)
            bench.send_signal(sign)
            _, err = bench.communicate(timeout=READY_S)
            assert bench.returncode == 130 and err.startswith("error: ")
            assert ncx("info", "--port", "board", "--json").json["running"] is False


def test_bench_heeds_the_options_of_the_link(ncx: Ncx, tmp_path: Path) -> None:
    bench = ("bench", "--config", "tiny", "--neurons", 4, "--ticks", 2)
    assert "HELLO" in ncx(*bench, "--trace").err
    waves = ncx(*bench, "--wave", "x.fst")  # of which few builds are capable
    assert (tmp_path / "x.fst").exists() if waves.code == 0 else "cannot write the wave file 'x.fst'" in waves.err
    refused = ncx(*bench, "--backend", "model", "--wave", "x.fst")
    assert refused.code == 2 and "has no waveforms" in refused.err


def test_a_load_that_is_refused_leaves_the_network_that_was_there(ncx: Ncx, ring: Path, tmp_path: Path) -> None:
    assert ncx("compile", "ring.json", "--target", "cmod_a7", "-o", "other.ncx").code == 0
    (tmp_path / "in.csv").write_text("0,0\n")
    console = ("console", "--backend", "model", "--config", "tiny")
    outcome = run(*console, folder=tmp_path, stdin=f"load {ring}\nload other.ncx\nrun 2 in.csv\n")
    assert "error: " in outcome.err and "tick:neuron 0:0 1:1" in outcome.out


def test_slots_are_not_called_neurons(ring: Path, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("0,0\n")
    with virtual_board(NCX, tmp_path / "board", "--config", "tiny", "--engine", "tlm"):
        console = ("console", "--port", "board")
        assert "tick:neuron 0:0" in run(*console, folder=tmp_path, stdin=f"load {ring}\nrun 1 in.csv\n").out
        # This one knows of no network.
        outcome = run(*console, folder=tmp_path, stdin="run 1\n")
        assert outcome.code == 0 and "tick:slot 1:" in outcome.out
