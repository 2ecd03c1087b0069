# SPDX-License-Identifier: BSD-3-Clause
"""`ncx sim`: the RTL down to its UART pins, for other programs a serial port."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import termios
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator

from conftest import NCX, Ncx

READY_S = 60


@contextmanager
def virtual_board(link: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    """Serves `tiny` at `link` until the block ends."""
    command = [NCX, "--json", "sim", "--link", str(link), "--config", "tiny", *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        assert ready["ready"] == str(link) and link.is_symlink()
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(timeout=READY_S)
        if process.stdout is not None:
            process.stdout.close()


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_a_run_over_the_line_equals_the_model(ncx: Ncx, ring: Path, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("0,0\n3,1\n")
    run = ["run", ring, "--ticks", 20, "--inputs", "in.csv"]
    assert ncx(*run, "--record", "model.csv").code == 0
    with virtual_board(tmp_path / "board"):
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


def test_an_image_that_is_not_on_the_board_is_not_read_back(ncx: Ncx, ring: Path, tmp_path: Path) -> None:
    with virtual_board(tmp_path / "board"):
        outcome = ncx("weights", ring, "--port", "board", "--projection", "around")
        assert outcome.code == 2 and "try:" in outcome.err


def test_stopping_removes_the_link_and_succeeds(tmp_path: Path) -> None:
    for sign in (signal.SIGINT, signal.SIGTERM):
        with virtual_board(tmp_path / "board") as process:
            process.send_signal(sign)
            assert process.wait(timeout=READY_S) == 0
        assert not (tmp_path / "board").is_symlink()


def test_it_stops_by_itself_when_asked_to(tmp_path: Path) -> None:
    with virtual_board(tmp_path / "board", "--exit-when-idle", "0.5") as process:
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


def test_an_idle_board_sleeps(tmp_path: Path) -> None:
    with virtual_board(tmp_path / "board") as process:
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


def test_a_wrong_baud_rate_is_reported_and_not_a_hang(ncx: Ncx, tmp_path: Path) -> None:
    with virtual_board(tmp_path / "board", "--baud", "1300000"):
        outcome = ncx("info", "--port", "board", "--timeout", 500)
        assert outcome.code == 4 and "try:" in outcome.err


def test_a_board_that_dies_is_exit_code_4(ncx: Ncx, ring: Path, tmp_path: Path) -> None:
    with virtual_board(tmp_path / "board") as process:
        runner = subprocess.Popen([NCX, "run", str(ring), "--ticks", "1000000", "--port", str(tmp_path / "board")],
                                  stderr=subprocess.PIPE, text=True)
        time.sleep(2)
        process.kill()
        _, err = runner.communicate(timeout=READY_S)
        assert runner.returncode == 4 and "try:" in err


def test_ctrl_c_stops_a_run_and_the_board_stays_usable(ncx: Ncx, ring: Path, tmp_path: Path) -> None:
    with virtual_board(tmp_path / "board"):
        command = [NCX, "run", str(ring), "--ticks", "100000000", "--record", str(tmp_path / "never.csv"),
                   "--port", str(tmp_path / "board")]
        runner = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        time.sleep(3)
        runner.send_signal(signal.SIGINT)
        _, err = runner.communicate(timeout=READY_S)
        assert runner.returncode == 130 and "try:" in err
        assert not (tmp_path / "never.csv").exists()
        assert ncx("run", ring, "--ticks", 5, "--port", "board").code == 0
