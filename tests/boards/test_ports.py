# SPDX-License-Identifier: BSD-3-Clause
"""Finding boards: `ncx ports`, `--port auto` and line rates, with pseudo-terminals that a USB tree calls boards."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import time
import tty
from typing import Callable, Iterator

import pytest

from conftest import LINK_LOST, NCX, NO_BOARD, OK, TIMEOUT_S, Bench, error

BASYS, BASYS2, ARTY = "210183A0B1C2", "210183FFFFFF", "210319AAAAAA"
PYTHON_MODULE = os.environ.get("NCX_PYTHON_MODULE", "")
Device = Callable[..., str]
HOLD = """
import fcntl, os, sys, time
port = os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY)
if sys.argv[2] == "lock": fcntl.flock(port, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def hold() -> Iterator[Callable[[str, str], int]]:
    """Another program opens a port, "lock" or "open"; gives its process id."""
    programs: list[subprocess.Popen[str]] = []

    def start(path: str, how: str) -> int:
        program = subprocess.Popen([sys.executable, "-c", HOLD, path, how], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, text=True)
        programs.append(program)
        assert program.stdout is not None and program.stdout.readline() == "held\n"
        return program.pid

    yield start
    for program in programs:
        program.communicate("", timeout=TIMEOUT_S)


# ---- ncx ports ----


def test_a_board_says_what_it_is(bench: Bench, device: Device) -> None:
    port = device("tiny", "baud", 4_000_000)
    bench.usb(BASYS, uart=port)
    outcome = bench.ncx("ports", "--sys", bench.sys)
    assert outcome.code == OK, outcome.err
    assert "JTAG of a board" in outcome.out and f"{BASYS}, basys3" in outcome.out
    assert "NeuroCoreX tiny, build 000004d: 64 neurons, 64 axons, 4 lanes, 16-bit weights; " in outcome.out
    assert "standing still at tick 0, nothing loaded; 4000000 baud" in outcome.out
    jtag, uart = sorted(bench.ncx("ports", "--sys", bench.sys, "--json").json["ports"], key=lambda p: -p["jtag"])
    assert jtag["jtag"] and "answers" not in jtag, "nothing is sent to a JTAG channel"
    expected = {"path": port, "serial": BASYS, "boards": ["basys3"], "answers": True, "config": "tiny", "build": 77,
                "neurons": 64, "baud": 4_000_000, "running": False, "tick": 0, "image_id": 0}  # fmt: skip
    assert {key: uart[key] for key in expected} == expected


def test_nothing_is_sent_where_the_usb_does_not_tell_of_a_board(bench: Bench, device: Device) -> None:
    bench.usb("A1", pid="6001", product="FT232R USB UART", uart=device("tiny"))
    (next(bench.sys.glob("bus/usb/devices/*")) / "manufacturer").write_text("FTDI\n")
    assert "answers" not in bench.ncx("ports", "--sys", bench.sys, "--json").json["ports"][0]
    assert bench.ncx("ports", "--sys", bench.sys, "--json", "--probe").json["ports"][0]["config"] == "tiny"


def test_ports_can_be_listed_without_asking(bench: Bench, device: Device) -> None:
    bench.usb(BASYS, uart=device("tiny"))
    outcome = bench.ncx("ports", "--sys", bench.sys, "--no-ask")
    assert outcome.code == OK and "basys3" in outcome.out and "NeuroCoreX" not in outcome.out


def test_a_port_that_is_held_names_its_holder(bench: Bench, device: Device, hold: Callable[[str, str], int]) -> None:
    port = device("tiny")
    bench.usb(BASYS, uart=port)
    holder = hold(port, "lock")
    held = [p for p in bench.ncx("ports", "--sys", bench.sys, "--json").json["ports"] if not p["jtag"]][0]
    assert not held["answers"] and not held["opened"]
    assert held["problem"].startswith(f"{port} is in use by ") and f"(process {holder})" in held["problem"]
    outcome = bench.ncx("info", "--port", port)
    assert outcome.code == NO_BOARD
    assert error(outcome)[0].endswith(f"(process {holder})") and error(outcome)[1].startswith("close that program")


def test_a_program_that_listens_along_is_named_when_nothing_answers(
    bench: Bench, device: Device, hold: Callable[[str, str], int]
) -> None:
    port = device("tiny", "garbage")
    bench.usb(BASYS, uart=port)
    hold(port, "open")
    outcome = bench.ncx("info", "--port", port, "--sys", bench.sys)
    # The program that serves the terminal has it open too, so it may be the one that is named.
    assert outcome.code == LINK_LOST and "has the port open as well" in error(outcome)[0]


# ---- --port auto ----


def test_auto_takes_the_only_board(bench: Bench, device: Device) -> None:
    bench.usb(BASYS, uart=device("tiny"))
    bench.usb("A1", pid="6001", product="GPS", ports=6)
    (bench.sys / "bus/usb/devices/1-2/manufacturer").write_text("Acme\n")
    outcome = bench.ncx("info", "--port", "auto", "--sys", bench.sys, "--json")
    assert outcome.code == OK, outcome.err
    assert outcome.json["name"] == "tiny"


def test_auto_does_not_guess_between_two(bench: Bench, device: Device) -> None:
    first, second = device("tiny"), device("tiny8", "baud", 4_000_000)
    bench.usb(BASYS, uart=first)
    bench.usb(ARTY, ports=2, uart=second)
    outcome = bench.ncx("info", "--port", "auto", "--sys", bench.sys)
    assert outcome.code == NO_BOARD
    said, tried = error(outcome)
    assert said.startswith("2 boards are connected, and 'auto' does not guess:")
    assert f"{first} (basys3 {BASYS}): NeuroCoreX tiny" in said
    assert f"{second} (arty_a7_35 or arty_a7_100 {ARTY}): NeuroCoreX tiny8" in said
    assert tried in (f"--port {first}", f"--port {second}")
    assert bench.ncx("info", *tried.split(), "--sys", bench.sys).code == OK


def test_auto_passes_over_a_board_with_another_design(bench: Bench, device: Device) -> None:
    bench.usb(BASYS, uart=device("tiny", "garbage"))
    bench.usb(BASYS2, ports=2, uart=device("tiny8"))
    outcome = bench.ncx("info", "--port", "auto", "--sys", bench.sys, "--json")
    assert outcome.code == OK and outcome.json["name"] == "tiny8"


def test_auto_does_not_take_the_free_one_while_the_other_is_in_use(
    bench: Bench, device: Device, hold: Callable[[str, str], int]
) -> None:
    held, free = device("tiny"), device("tiny8")
    bench.usb(BASYS, uart=held)
    bench.usb(BASYS2, ports=2, uart=free)
    hold(held, "lock")
    outcome = bench.ncx("info", "--port", "auto", "--sys", bench.sys)
    assert outcome.code == NO_BOARD
    assert f"{held} (basys3 {BASYS}): {held} is in use" in error(outcome)[0]


def test_auto_without_a_board(bench: Bench, device: Device) -> None:
    outcome = bench.ncx("info", "--port", "auto", "--sys", bench.sys)
    assert outcome.code == NO_BOARD and "there are no serial ports" in error(outcome)[0]
    bench.usb("A1", pid="6001", product="GPS", ports=6)
    (bench.sys / "bus/usb/devices/1-1/manufacturer").write_text("Acme\n")
    outcome = bench.ncx("info", "--port", "auto", "--sys", bench.sys)
    assert outcome.code == NO_BOARD and "none that is the UART of a board we know" in error(outcome)[0]
    bench.usb(BASYS, uart=device("tiny", "garbage"))
    bench.usb(BASYS2, ports=2, uart=device("tiny", "garbage"))
    outcome = bench.ncx("info", "--port", "auto", "--sys", bench.sys)
    assert outcome.code == NO_BOARD and error(outcome)[0].startswith("none of 2 boards answers:")


def test_the_jtag_channel_is_not_a_port(bench: Bench, device: Device) -> None:
    port = device("tiny")
    bench.usb(BASYS, ports=2, uart=port)
    outcome = bench.ncx("info", "--port", "/dev/ttyUSB2", "--sys", bench.sys)
    assert outcome.code == NO_BOARD
    assert error(outcome) == (f"/dev/ttyUSB2 is the JTAG channel of a board, whose UART is {port}", f"--port {port}")


# ---- pseudo-terminals ----


def test_a_silent_pseudo_terminal_has_no_rate_to_blame(bench: Bench) -> None:
    far, near = pty.openpty()
    tty.setraw(near)
    port = os.ttyname(near)
    outcome = bench.ncx("info", "--port", port, "--timeout", 1500)
    os.close(far)
    os.close(near)
    assert outcome.code == LINK_LOST
    lines = outcome.err.splitlines()
    assert lines[0] == f"waiting for an answer from serial:{port} (Ctrl-C ends it)"
    assert lines[1].startswith(f"error: no answer to HELLO from serial:{port}, a pseudo-terminal")
    assert "baud" not in outcome.err and "ncx sim" in lines[2]


# ---- rates ----


@pytest.mark.parametrize("baud", [4_000_000, 3_000_000, 1_000_000])
def test_the_rate_is_found(bench: Bench, device: Device, baud: int) -> None:
    port = device("tiny", "baud", baud)
    bench.usb(BASYS, uart=port)
    start = time.monotonic()
    outcome = bench.ncx("info", "--port", port, "--sys", bench.sys, "--json")
    assert outcome.code == OK, outcome.err
    assert time.monotonic() - start < 3


def test_a_link_to_the_port_is_the_port(bench: Bench, device: Device) -> None:
    port = device("tiny", "baud", 3_000_000)
    bench.usb(BASYS, uart=port)
    (bench.folder / "by-id").symlink_to(port)
    assert bench.ncx("info", "--port", "by-id", "--sys", bench.sys).code == OK


def test_a_wrong_rate_is_reported_with_the_right_one(bench: Bench, device: Device) -> None:
    port = device("tiny", "baud", 4_000_000)
    bench.usb(BASYS, uart=port)
    outcome = bench.ncx("info", "--port", port, "--sys", bench.sys, "--baud", 115200)
    assert outcome.code == LINK_LOST
    said, tried = error(outcome)
    assert said == f"no answer to HELLO from serial:{port} at 115200 baud, but there is one at 4000000"
    assert tried == "--baud 4000000, or without a rate: then it is found"


def test_a_rate_that_no_board_has_must_be_given(bench: Bench, device: Device) -> None:
    port = device("tiny", "baud", 115_200)
    bench.usb(BASYS, uart=port)
    start = time.monotonic()
    outcome = bench.ncx("info", "--port", port, "--sys", bench.sys)
    assert time.monotonic() - start < 5
    assert outcome.code == LINK_LOST
    assert "at 4000000, 3000000 and 1000000 baud" in error(outcome)[0]
    assert bench.ncx("info", "--port", port, "--sys", bench.sys, "--baud", 115200).code == OK


# ---- what else may be at a port ----


@pytest.mark.parametrize("rate", [[], ["--baud", 4_000_000]])
def test_a_board_that_talks_garbage(bench: Bench, device: Device, rate: list[object]) -> None:
    port = device("tiny", "garbage")
    bench.usb(BASYS, uart=port)
    start = time.monotonic()
    outcome = bench.ncx("info", "--port", port, "--sys", bench.sys, *rate)
    assert time.monotonic() - start < 5
    assert outcome.code == LINK_LOST and "no answer to HELLO" in error(outcome)[0]


def test_a_port_without_permission(bench: Bench, device: Device) -> None:
    port = device("tiny")
    os.chmod(port, 0o600)
    command: list[str] = [NCX, "info", "--port", port]
    if os.geteuid() == 0:  # who may do everything; so as somebody else
        command = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", *command]
    else:
        os.chmod(port, 0)
    result = subprocess.run(command, cwd="/", capture_output=True, text=True, timeout=TIMEOUT_S)
    if result.returncode in (126, 127):
        pytest.skip("the program is where nobody else may run it")
    assert result.returncode == NO_BOARD, result.stderr
    assert f"no permission to open {port}" in result.stderr and "try: sudo usermod -aG dialout" in result.stderr
    os.chmod(port, 0o600)
    assert bench.ncx("info", "--port", port).code == OK, "the next try works"


# ---- Python ----


@pytest.mark.skipif(not PYTHON_MODULE, reason="built without the Python module: NCX_PYTHON_MODULE is not set")
def test_python_finds_the_only_board_too(bench: Bench, device: Device) -> None:
    port = device("tiny", "baud", 3_000_000)
    bench.usb(BASYS, uart=port)
    script = ("import sys; from neurocorex import _core; "
              "print(_core.Emulator('serial:auto', '', 0, sys.argv[1]).description)")
    result = subprocess.run([sys.executable, "-c", script, str(bench.sys)], capture_output=True, text=True,
                            timeout=TIMEOUT_S, env={**os.environ, "PYTHONPATH": PYTHON_MODULE})
    assert result.stdout == f"serial:{port}\n", result.stderr


@pytest.mark.skipif(not PYTHON_MODULE, reason="built without the Python module: NCX_PYTHON_MODULE is not set")
def test_ctrl_c_in_python_while_it_loads(bench: Bench, device: Device) -> None:
    script = """
import sys, neurocorex as ncx
net = ncx.Network()
group = net.population(150)
net.connect(group, group, 0.25)
with ncx.Emulator("serial:" + sys.argv[1]) as emulator:
    print("open", flush=True)
    try:
        emulator.load(net)
    except KeyboardInterrupt:
        print("stopped", flush=True)
    small = ncx.Network()
    small.connect(small.axons(1), small.population(1, threshold=0.5), 1.0)
    emulator.load(small)
    print(emulator.run(3, inputs=[(1, 0)]).spikes.tolist())
"""
    port = device("cmod_a7", "slow", 40_000)
    program = subprocess.Popen([sys.executable, "-c", script, port], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               text=True, env={**os.environ, "PYTHONPATH": PYTHON_MODULE})
    assert program.stdout is not None and program.stdout.readline() == "open\n"
    time.sleep(1)
    program.send_signal(signal.SIGINT)
    begin = time.monotonic()
    assert program.stdout.readline() == "stopped\n"
    assert time.monotonic() - begin < 1
    out, err = program.communicate(timeout=TIMEOUT_S)
    assert out == "[[1, 0]]\n", err
