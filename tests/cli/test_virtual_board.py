# SPDX-License-Identifier: BSD-3-Clause
"""`ncx sim`: a board for other programs, down to the pins of its RTL or as a transaction-level model."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import termios
import time
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from conftest import NCX, Ncx
from virtual_boards import virtual_board as any_board

READY_S = 60
Process = subprocess.Popen[str]

both_engines = pytest.mark.parametrize("engine", ["rtl", "tlm"])


def virtual_board(link: Path, engine: str = "rtl", *options: str) -> AbstractContextManager[Process]:
    """Serves `tiny` at `link` until the block ends."""
    return any_board(NCX, link, "--config", "tiny", "--engine", engine, *options)


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def stop(process: Process) -> list[Any]:
    """What it printed before it was told to stop and did, as JSON."""
    process.terminate()
    assert process.wait(timeout=READY_S) == 0
    assert process.stdout is not None
    return [json.loads(line) for line in process.stdout]


def send(port: Path, data: bytes) -> None:
    descriptor = os.open(port, os.O_RDWR | os.O_NOCTTY)
    os.write(descriptor, data)
    os.close(descriptor)


@both_engines
def test_a_run_over_the_line_equals_the_model(ncx: Ncx, ring: Path, tmp_path: Path, engine: str) -> None:
    (tmp_path / "in.csv").write_text("0,0\n3,1\n")
    run = ["run", ring, "--ticks", 20, "--inputs", "in.csv"]
    assert ncx(*run, "--record", "model.csv", "--backend", "model").code == 0
    with virtual_board(tmp_path / "board", engine):
        outcome = ncx(*run, "--record", "board.csv", "--port", "board", "--json")
        assert outcome.code == 0, outcome.err
        assert outcome.json["retries"] == 0
        weights = ncx("weights", ring, "--port", "board", "--projection", "around", "--json")
        assert weights.code == 0, weights.err
        info = ncx("info", "--port", "board", "--json").json
        assert (info["name"], info["tick"], info["crc_errors"], info["line_errors"]) == ("tiny", 20, 0, 0)
        trace = ncx("info", "--port", "board", "--trace")
        assert "HELLO" in trace.err
    assert (tmp_path / "board.csv").read_text() == (tmp_path / "model.csv").read_text()


@both_engines
def test_a_board_is_what_the_board_table_says(ncx: Ncx, tmp_path: Path, engine: str) -> None:
    with any_board(NCX, tmp_path / "board", "--board", "basys3", "--engine", engine) as process:
        info = ncx("info", "--port", "board", "--json").json
        assert (info["name"], info["baud"], info["clock_hz"]) == ("cmod_a7", 4_000_000, 100_000_000)
        report = stop(process)[-1]
    assert report["bytes_from_board"] > 100 and report["line_errors"] == 0
    # 10 bits a byte, 25 clocks a bit, in each direction in turn.
    assert report["clocks"] > 250 * (report["bytes_to_board"] + report["bytes_from_board"])


def test_boards_without_their_rtl_run_on_the_other_engine(ncx: Ncx, tmp_path: Path) -> None:
    refused = ncx("sim", "--link", "board", "--board", "nexys_video")
    assert refused.code == 2 and "--engine tlm" in refused.err and "NCX_SIM_BOARDS" in refused.err
    assert not (tmp_path / "board").is_symlink()
    with any_board(NCX, tmp_path / "board", "--board", "nexys_video", "--engine", "tlm"):
        assert ncx("info", "--port", "board", "--json").json["neurons"] == 20480


@pytest.mark.parametrize(("options", "named"), [
    (("--board", "breadboard"), "basys3"), (("--config", "enormous", "--engine", "tlm"), "tiny"),
    (("--config", "max"), "NCX_PIN_CONFIGURATIONS"), (("--board", "basys3", "--config", "tiny"), "--config"),
    (("--engine", "steam"), "steam"), (("--config", "tiny", "--engine", "tlm", "--baud", "9600"), "--engine rtl"),
    (("--config", "tiny", "--baud", "50000000"), "4000000"),
])
def test_what_cannot_be_simulated_is_refused(ncx: Ncx, tmp_path: Path, options: tuple[str, ...], named: str) -> None:
    outcome = ncx("sim", "--link", "board", *options)
    assert outcome.code == 2 and named in outcome.err and "try:" in outcome.err
    assert not (tmp_path / "board").is_symlink()


@both_engines
def test_the_leds_show_link_spikes_and_errors(ncx: Ncx, ring: Path, tmp_path: Path, engine: str) -> None:
    (tmp_path / "in.csv").write_text("0,0\n")
    with virtual_board(tmp_path / "board", engine, "--leds") as process:
        assert ncx("info", "--port", "board").code == 0
        send(tmp_path / "board", b"\x00\x05abcd\x00")  # no frame
        time.sleep(0.5)
        run = ncx("run", ring, "--ticks", 20, "--inputs", "in.csv", "--port", "board")
        assert run.code == 0, run.err
        lines = stop(process)
    changes = [line["leds"] for line in lines if "leds" in line]
    assert len(changes) == lines[-1]["led_changes"]
    assert [change["clocks"] for change in changes] == sorted({change["clocks"] for change in changes})
    seen = [[led for led in ("link", "error", "spike") if change[led]] for change in changes]
    # In this order; blinking and what goes out in between do not matter here.
    steps = iter(seen)
    assert any(step == ["link"] for step in steps)
    assert any("error" in step for step in steps)
    assert any("error" not in step for step in steps), "a new session clears it"
    assert any("spike" in step for step in steps)
    assert any(change["alive"] for change in changes) and not all(change["alive"] for change in changes)


def test_an_image_that_is_not_on_the_board_is_not_read_back(ncx: Ncx, ring: Path, tmp_path: Path) -> None:
    with virtual_board(tmp_path / "board"):
        outcome = ncx("weights", ring, "--port", "board", "--projection", "around")
        assert outcome.code == 2 and "try:" in outcome.err


@both_engines
def test_stopping_removes_the_link_and_succeeds(tmp_path: Path, engine: str) -> None:
    for sign in (signal.SIGINT, signal.SIGTERM):
        with virtual_board(tmp_path / "board", engine) as process:
            process.send_signal(sign)
            assert process.wait(timeout=READY_S) == 0
        assert not (tmp_path / "board").is_symlink()


@both_engines
def test_stopping_in_the_middle_of_a_run_is_quick_and_clean(ring: Path, tmp_path: Path, engine: str) -> None:
    with virtual_board(tmp_path / "board", engine) as process:
        runner = subprocess.Popen([NCX, "run", str(ring), "--ticks", "100000000", "--port", str(tmp_path / "board")],
                                  stderr=subprocess.PIPE, text=True)
        time.sleep(1)
        begin = time.monotonic()
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=READY_S) == 0
        assert time.monotonic() - begin < 5
        assert not (tmp_path / "board").is_symlink()
        _, err = runner.communicate(timeout=READY_S)
        assert runner.returncode == 4 and "try:" in err


@both_engines
def test_it_stops_by_itself_when_asked_to(tmp_path: Path, engine: str) -> None:
    with virtual_board(tmp_path / "board", engine, "--exit-when-idle", "0.5") as process:
        assert process.wait(timeout=READY_S) == 0


def test_nothing_is_echoed(tmp_path: Path) -> None:
    with virtual_board(tmp_path / "board"):
        descriptor = os.open(tmp_path / "board", os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        try:
            assert termios.tcgetattr(descriptor)[3] & (termios.ECHO | termios.ICANON) == 0
            os.write(descriptor, b"hello\n")
            time.sleep(0.5)
            try:
                assert os.read(descriptor, 100) == b""
            except BlockingIOError:
                pass
        finally:
            os.close(descriptor)


@both_engines
def test_an_idle_board_sleeps(ncx: Ncx, tmp_path: Path, engine: str) -> None:
    with virtual_board(tmp_path / "board", engine) as process:
        assert ncx("info", "--port", "board").code == 0
        # It first plays out the time that the longest request could take.
        deadline = time.monotonic() + READY_S
        busy = True
        while busy and time.monotonic() < deadline:
            before = cpu_seconds(process.pid)
            time.sleep(1)
            busy = cpu_seconds(process.pid) - before > 0.05
        assert not busy


def test_a_file_at_the_link_is_not_overwritten(ncx: Ncx, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    outcome = ncx("sim", "--link", "mine", "--config", "tiny")
    assert outcome.code == 2 and "mine" in outcome.err
    assert (tmp_path / "mine").read_text() == "mine"


def test_the_link_of_a_killed_simulator_is_taken_over(tmp_path: Path) -> None:
    with virtual_board(tmp_path / "board") as process:
        process.kill()
        process.wait(timeout=READY_S)
    assert (tmp_path / "board").is_symlink()
    with virtual_board(tmp_path / "board"):
        assert (tmp_path / "board").exists()


def test_the_link_of_a_board_that_runs_is_not_taken(ncx: Ncx, tmp_path: Path) -> None:
    with virtual_board(tmp_path / "board", "tlm") as process:
        outcome = ncx("sim", "--link", "board", "--config", "tiny", "--engine", "tlm")
        assert outcome.code == 2
        assert "the link 'board' leads to /dev/pts/" in outcome.err and f"(process {process.pid})" in outcome.err
        assert ncx("info", "--port", "board").code == 0, "the first is where it was"
        target = os.readlink(tmp_path / "board")
    (tmp_path / "board").symlink_to(target)
    outcome = ncx("info", "--port", "board")
    assert outcome.code == 3 and "there is no port board: what it links to is gone" in outcome.err


def test_a_wrong_baud_rate_is_reported_and_not_a_hang(ncx: Ncx, tmp_path: Path) -> None:
    with virtual_board(tmp_path / "board", "rtl", "--baud", "1300000"):
        outcome = ncx("info", "--port", "board", "--timeout", 500)
        assert outcome.code == 4 and "try:" in outcome.err


@both_engines
def test_a_board_that_dies_is_exit_code_4(ncx: Ncx, ring: Path, tmp_path: Path, engine: str) -> None:
    with virtual_board(tmp_path / "board", engine) as process:
        runner = subprocess.Popen([NCX, "run", str(ring), "--ticks", "100000000", "--port", str(tmp_path / "board")],
                                  stderr=subprocess.PIPE, text=True)
        time.sleep(2)
        process.kill()
        _, err = runner.communicate(timeout=READY_S)
        assert runner.returncode == 4 and "try:" in err


@both_engines
def test_ctrl_c_stops_a_run_and_the_board_stays_usable(ncx: Ncx, ring: Path, tmp_path: Path, engine: str) -> None:
    with virtual_board(tmp_path / "board", engine):
        command = [NCX, "run", str(ring), "--ticks", "100000000", "--record", str(tmp_path / "never.csv"),
                   "--port", str(tmp_path / "board")]
        runner = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        time.sleep(3)
        runner.send_signal(signal.SIGINT)
        _, err = runner.communicate(timeout=READY_S)
        assert runner.returncode == 130 and "try:" in err
        assert not (tmp_path / "never.csv").exists()
        assert ncx("run", ring, "--ticks", 5, "--port", "board").code == 0
