# SPDX-License-Identifier: BSD-3-Clause
"""Life at the serial port: selftest, Ctrl-C, unplugging, `ncx monitor` and `ncx console`, on pseudo-terminals."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
import termios
import time
from pathlib import Path
from typing import Any, Callable

import pytest

from conftest import INTERRUPTED, LINK_LOST, NCX, NO_BOARD, OK, ROOT, TIMEOUT_S, USAGE, Bench, Outcome, error

CHECK_FAILED = 1
QUICK = ("--timeout", 200)  # a pseudo-terminal is taken for a simulator, which is given ten seconds
Device = Callable[..., str]


@pytest.fixture
def image(bench: Bench) -> Path:
    """The example network, compiled for `tiny`."""
    outcome = bench.ncx("compile", ROOT / "tests/data/example.json", "--target", "tiny", "-o", "example.ncx")
    assert outcome.code == OK, outcome.err
    return bench.folder / "example.ncx"


@pytest.fixture
def big(bench: Bench) -> Path:
    """A network with 24,000 synapses for `cmod_a7`: some 100,000 bytes to load."""
    size = 155
    network = {"name": "big", "populations": [{"name": "all", "size": size}],
               "axons": [{"name": "in", "size": 1}],
               "projections": [{"name": "all", "pre": "all", "post": "all",
                                "pre_index": [i for i in range(size) for _ in range(size)],
                                "post_index": list(range(size)) * size, "weight": 0.25}]}  # fmt: skip
    (bench.folder / "big.json").write_text(json.dumps(network))
    outcome = bench.ncx("compile", "big.json", "--target", "cmod_a7", "-o", "big.ncx")
    assert outcome.code == OK, outcome.err
    return bench.folder / "big.ncx"


def start(*arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen([NCX, *map(str, arguments)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True)


def interrupt(program: subprocess.Popen[str], after_s: float) -> Outcome:
    """Ctrl-C; it has five seconds to come to its end."""
    time.sleep(after_s)
    assert program.poll() is None, "it must still be at work"
    program.send_signal(signal.SIGINT)
    out, err = program.communicate(timeout=5)
    return Outcome(program.returncode, out, err)


def ask(bench: Bench, port: str, *lines: str) -> Outcome:
    """A console with these lines on stdin."""
    result = subprocess.run([NCX, "console", "--port", port, "--timeout", "200"], cwd=bench.folder, timeout=TIMEOUT_S,
                            input="".join(f"{line}\n" for line in lines), capture_output=True, text=True)
    return Outcome(result.returncode, result.stdout, result.stderr)


# ---- selftest ----


def test_selftest_proves_a_good_board_and_reports(bench: Bench, device: Device) -> None:
    port = device("tiny", "baud", 4_000_000)
    bench.usb("210183A0B1C2", uart=port)
    outcome = bench.ncx("selftest", "--port", "auto", "--sys", bench.sys, "--networks", 8, "--report", "report")
    assert outcome.code == OK, outcome.err + outcome.out
    assert outcome.out.splitlines()[-1] == "all passed"
    report = json.loads((bench.folder / "report.json").read_text())
    checks = {check["name"]: check for check in report["checks"]}
    assert report["passed"] and all(check["passed"] for check in checks.values())
    assert checks["line"]["amount"] == 68, "64 damaged requests, 4 damaged answers"
    assert checks["networks"]["amount"] == 8 and checks["memory SYNAPSE"]["amount"] == 8192
    assert report["link"]["frames_damaged"] == 4 and report["link"]["frames_sent_again"] >= 4
    assert (report["usb"]["serial"], report["usb"]["boards"], report["baud"]) == ("210183A0B1C2", ["basys3"], 4_000_000)
    assert {m["name"] for m in report["measurements"]} == {"run", "spikes", "write", "read", "round trip"}
    text = (bench.folder / "report.txt").read_text()
    assert text.startswith("NeuroCoreX selftest\n") and "210183A0B1C2, basys3" in text
    assert f"serial:{port} at 4000000 baud" in text and "result     passed" in text
    assert "build            000004d\n" in bench.ncx("info", "--port", port, "--sys", bench.sys).out
    info = bench.ncx("info", "--port", port, "--sys", bench.sys, "--json").json
    assert info["crc_errors"] == 64 and info["image_id"] == 0, "it leaves a device without a network"


def test_selftest_finds_a_memory_that_does_not_keep_what_is_written(bench: Bench, device: Device) -> None:
    outcome = bench.ncx("selftest", "--port", device("tiny", "stuck", 5), *QUICK, "--networks", 1, "--report", "bad")
    assert outcome.code == CHECK_FAILED
    assert "FAILED memory SYNAPSE" in outcome.out and "ok     memory ROW" in outcome.out
    assert error(Outcome(1, "", outcome.err[outcome.err.index("error:"):]))[0].startswith("the device does not do")
    report = json.loads((bench.folder / "bad.json").read_text())
    assert not report["passed"] and "FAILED" in (bench.folder / "bad.txt").read_text()


def test_selftest_of_a_board_that_goes_away_reports_what_it_found(bench: Bench, device: Device) -> None:
    port = device("tiny", "unplug-after", 60_000)
    outcome = bench.ncx("selftest", "--port", port, *QUICK, "--report", "gone")
    assert outcome.code == LINK_LOST
    report = json.loads((bench.folder / "gone.json").read_text())
    assert not report["passed"] and report["checks"][0] == {
        "name": "registers", "passed": True, "amount": 28, "unit": "registers", "detail": ""}  # fmt: skip
    assert report["error"] in outcome.err


def test_selftest_can_be_interrupted(bench: Bench, device: Device) -> None:
    port = device("cmod_a7", "slow", 200_000)
    stopped = interrupt(start("selftest", "--port", port, "--report", bench.folder / "never", *QUICK), 1.5)
    assert stopped.code == INTERRUPTED and "try: " in stopped.err
    assert list(bench.folder.glob("never*")) == []
    assert bench.ncx("info", "--port", port, *QUICK, "--json").json["image_id"] == 0


def test_a_report_that_has_no_place_is_refused_before_the_test(bench: Bench, device: Device) -> None:
    outcome = bench.ncx("selftest", "--port", device("tiny"), "--report", "no/where/report")
    assert outcome.code == USAGE
    assert error(outcome)[0] == "cannot write 'no/where/report.txt': No such file or directory"


# ---- Ctrl-C, unplugging ----


def test_ctrl_c_in_a_bulk_write(bench: Bench, device: Device, big: Path) -> None:
    port = device("cmod_a7", "slow", 20_000)
    stopped = interrupt(start("run", big, "--ticks", 10, "--port", port, *QUICK), 1.5)
    assert stopped.code == INTERRUPTED and "stopped while" in stopped.err and "try: " in stopped.err
    asked = ask(bench, port, "info", "poke scratch 77", "peek scratch")
    assert asked.code == OK, asked.err
    assert "SCRATCH 77" in asked.out and "image_id         0\n" in asked.out, "half a network is none"


def test_ctrl_c_in_a_run(bench: Bench, device: Device, image: Path) -> None:
    port = device("tiny")
    command = ["run", image, "--port", port, *QUICK, "--ticks"]
    reference = bench.ncx(*command, 50, "--record", "before.csv")
    assert reference.code == OK, reference.err
    stopped = interrupt(start(*command, 2_000_000_000, "--record", bench.folder / "never.csv"), 1)
    assert stopped.code == INTERRUPTED and not (bench.folder / "never.csv").exists()
    info = bench.ncx("info", "--port", port, *QUICK, "--json").json
    assert info["tick"] < 2_000_000_000
    time.sleep(0.3)
    assert bench.ncx("info", "--port", port, *QUICK, "--json").json["tick"] == info["tick"], "it stands still"
    assert bench.ncx(*command, 50, "--record", "after.csv").code == OK
    assert (bench.folder / "after.csv").read_text() == (bench.folder / "before.csv").read_text()


def test_a_killed_program_leaves_a_device_for_the_next(bench: Bench, device: Device, image: Path) -> None:
    port = device("tiny")
    program = start("run", image, "--port", port, *QUICK, "--ticks", 2_000_000_000)
    time.sleep(0.5)
    program.kill()
    program.communicate(timeout=TIMEOUT_S)
    assert bench.ncx("run", image, "--port", port, *QUICK, "--ticks", 50, "--record", "x.csv").code == OK
    assert bench.ncx("run", image, "--backend", "model", "--ticks", 50, "--record", "y.csv").code == OK
    assert (bench.folder / "x.csv").read_text() == (bench.folder / "y.csv").read_text()


@pytest.mark.parametrize("after", [2_500, 20_000])
def test_unplugging(bench: Bench, device: Device, image: Path, after: int) -> None:
    # While loading; while running, which acknowledges spikes.
    port = device("tiny", "unplug-after", after, "link", bench.folder / "board")
    begin = time.monotonic()
    outcome = bench.ncx("run", image, "--port", port, *QUICK, "--ticks", 50_000_000, "--record", "never.csv")
    assert outcome.code == LINK_LOST, outcome.err
    assert error(outcome)[0] == f"{port}: the device is gone"
    assert time.monotonic() - begin < 30 and not (bench.folder / "never.csv").exists()
    outcome = bench.ncx("info", "--port", port, *QUICK)
    assert outcome.code == NO_BOARD and error(outcome)[0] == f"there is no port {port}"
    assert bench.ncx("run", image, "--port", device("tiny"), *QUICK, "--ticks", 5).code == OK, "plugged in again"


# ---- monitor ----


def test_monitor_prints_lines_to_a_pipe(bench: Bench, device: Device, image: Path) -> None:
    (bench.folder / "in.csv").write_text("0,0\n1,1\n1,2\n")
    port = device("tiny")
    command = ["monitor", image, "--port", port, *QUICK, "--speed", 200, "--frames", 20, "--inputs", "in.csv"]
    begin = time.monotonic()
    outcome = bench.ncx(*command, "--repeat", 10, "--ticks", 60, "--json")
    assert outcome.code == OK, outcome.err
    assert 0.2 < time.monotonic() - begin < 10, "60 ticks at 200 a second"
    frames = [json.loads(line) for line in outcome.out.splitlines()]
    assert [frame["tick"] for frame in frames] == [10, 20, 30, 40, 50, 60]
    # The same inputs in one run give the same spikes.
    (bench.folder / "all.csv").write_text("".join(f"{t},0\n{t + 1},1\n{t + 1},2\n" for t in range(0, 60, 10)))
    run = bench.ncx("run", image, "--backend", "model", "--ticks", 60, "--inputs", "all.csv", "--record", "s.csv")
    assert run.code == OK, run.err
    spikes = [[int(x) for x in line.split(",")] for line in (bench.folder / "s.csv").read_text().splitlines()[1:]]
    assert [spike for frame in frames for spike in frame["spikes"]] == spikes and spikes
    # It goes on where the device is, and begins anew when it is told to.
    outcome = bench.ncx(*command, "--ticks", 20)
    assert "as it is there, from tick 60" in outcome.err
    assert [line.split(":")[0] for line in outcome.out.splitlines()] == ["tick 70", "tick 80"]
    assert all(" spikes in 10 ticks, " in line and "; rates: " in line for line in outcome.out.splitlines())
    assert bench.ncx(*command, "--ticks", 10, "--restart").out.startswith("tick 10:")


def test_ctrl_c_ends_the_monitor_with_success(bench: Bench, device: Device, image: Path) -> None:
    port = device("tiny")
    program = start("monitor", image, "--port", port, *QUICK)
    assert program.stdout is not None
    assert [program.stdout.readline().split(":")[0] for _ in range(3)] == ["tick 2", "tick 4", "tick 6"]
    assert interrupt(program, 0).code == OK
    assert bench.ncx("run", image, "--port", port, *QUICK, "--ticks", 5).code == OK


class Screen:
    """A program at a terminal."""

    def __init__(self, *arguments: object, folder: Path) -> None:
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.environ["TERM"] = "xterm"
            os.execv(NCX, [NCX, *map(str, arguments)])
        self.text = ""

    def until(self, text: str, timeout_s: float = 20) -> str:
        """What came up to and with `text`."""
        end = time.monotonic() + timeout_s
        while text not in self.text:
            ready = select.select([self.terminal], [], [], max(0, end - time.monotonic()))[0]
            assert ready, f"no {text!r} in {self.text!r}"
            try:
                self.text += os.read(self.terminal, 4096).decode()
            except OSError as gone:  # the program has ended
                raise AssertionError(f"no {text!r} in {self.text!r}") from gone
        seen, self.text = self.text.split(text, 1)
        return seen + text

    def prompt(self) -> None:
        """Waits for the prompt and until keys are taken one by one, which is just after it."""
        self.until("ncx> ")
        end = time.monotonic() + 20
        while termios.tcgetattr(self.terminal)[3] & termios.ICANON:
            assert time.monotonic() < end
            time.sleep(0.01)

    def type(self, text: str) -> None:
        os.write(self.terminal, text.encode())

    def end(self) -> int:
        """Waits until it has ended; its exit code."""
        end = time.monotonic() + 20
        while select.select([self.terminal], [], [], max(0, end - time.monotonic()))[0]:
            try:
                self.text += os.read(self.terminal, 4096).decode()
            except OSError:  # it has ended, and all is read
                os.close(self.terminal)
                return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        os.kill(self.pid, signal.SIGKILL)
        raise AssertionError(f"it does not end: {self.text!r}")


def test_monitor_draws_at_a_terminal(bench: Bench, device: Device, image: Path) -> None:
    screen = Screen("monitor", image, "--port", device("tiny"), *QUICK, "--speed", 100, folder=bench.folder)
    seen = screen.until("ticks/s") + screen.until("ticks/s")
    assert "\033[?25l" in seen and "output[0]" in seen and "|" in seen
    screen.until("#")  # sooner or later many spikes fall together
    screen.type("\x03")
    assert screen.end() == OK
    assert screen.text.endswith("\033[?25h"), "the cursor is back"


# ---- console ----


def test_console_reads_a_pipe(bench: Bench, device: Device, image: Path) -> None:
    port = device("tiny")
    outcome = ask(bench, port, "# a script", "", "poke SCRATCH 0x2A", "peek scratch", "load example.ncx", "run 20",
                  'weights "input to hidden"', "counters", "counts", "reset tick statistics", "peek tick",
                  "poke synapse 3 1 0x23", "peek synapse 3 2", "quit", "peek nonsense")  # fmt: skip
    assert outcome.code == OK and outcome.err == ""
    for text in ("SCRATCH 42 (0x0000002A)", "loaded example: 8 neurons", "ticks 0 to 19: 28 spikes", "SPIKES ",
                 "TICK 0 ", "       3: 000000001 000000023"):  # fmt: skip
        assert text in outcome.out, outcome.out
    assert "0 synapses" not in outcome.out and " synapses, in steps of " in outcome.out


def test_console_survives_errors(bench: Bench, device: Device) -> None:
    port = device("tiny")
    outcome = ask(bench, port, "fly", "peek", "peek nonsense", "peek scratch 3", "peek synapse 99999999",
                  "poke state 1", "poke info 0 1", "run 0", "run 5 in.csv", "weights", "reset everything",
                  "load no.ncx", 'peek "', "poke source 0 0xFFFFFFFFFFFF", "peek scratch")  # fmt: skip
    assert outcome.code == USAGE, "that of the first line that failed"
    errors = outcome.err.split("error: ")[1:]
    assert len(errors) == 14 and all("\n  try: " in text for text in errors), outcome.err
    assert "refused" in errors[5], "the device has its say"
    assert outcome.out == "SCRATCH 0 (0x00000000)\n"


def test_console_in_json(bench: Bench, device: Device) -> None:
    result = subprocess.run([NCX, "console", "--json", "--port", device("tiny"), *map(str, QUICK)],
                            input="peek tick\nfly\n", capture_output=True, text=True, timeout=TIMEOUT_S)
    decoder, text, objects = json.JSONDecoder(), result.stdout, list[Any]()
    while text.strip():
        value, end = decoder.raw_decode(text.lstrip())
        objects.append(value)
        text = text.lstrip()[end:]
    assert objects == [{"register": "TICK", "value": 0},
                       {"error": "there is no command 'fly'", "try": "help", "exit_code": 2}]


def test_console_edits_completes_and_remembers(bench: Bench, device: Device) -> None:
    screen = Screen("console", "--port", device("tiny"), *QUICK, folder=bench.folder)
    screen.prompt()
    screen.type("pok\tscra\t17\n")  # completion
    screen.until("SCRATCH written")
    screen.prompt()
    screen.type("peek crc\t\n")
    assert "CRC_ERRORS 0" in screen.until("(0x00000000)")
    screen.prompt()
    screen.type("\x1b[A\x1b[A\x1b[D\x1b[D\x7f\x7f9\n")  # two lines up; its 'h ' becomes a 9
    assert "error: " in screen.until("try: ")
    screen.prompt()
    screen.type("rubbish\x03")  # Ctrl-C gives the line up
    screen.until("^C")
    screen.prompt()
    screen.type("peek scratch\n")
    screen.until("SCRATCH 17 ")
    screen.prompt()
    screen.type("pe\x12scr\n\n")  # Ctrl-R finds it again
    screen.until("SCRATCH 17 ")
    screen.prompt()
    screen.type("p\t\t")
    assert "poke" in screen.until("potentials")
    screen.type("\x03")
    screen.until("^C")  # the list was followed by the prompt as well
    screen.prompt()
    screen.type("\x04")  # Ctrl-D leaves
    assert screen.end() == OK


def test_ctrl_c_in_a_console_run_leaves_the_prompt(bench: Bench, device: Device) -> None:
    screen = Screen("console", "--port", device("tiny"), *QUICK, folder=bench.folder)
    screen.prompt()
    screen.type("run 2000000000\n")
    time.sleep(0.7)
    screen.type("\x03")
    screen.until("error: ")
    screen.prompt()
    screen.type("run 3\n")
    screen.until("0 spikes")
    screen.prompt()
    screen.type("quit\n")
    assert screen.end() == OK


def test_console_opens_a_port_again_that_was_gone(bench: Bench, device: Device, image: Path) -> None:
    link = bench.folder / "board"
    device("tiny", "unplug-after", 6_000, "link", link)
    program = start("console", "--port", link, *QUICK)
    assert program.stdin is not None and program.stdout is not None and program.stderr is not None
    program.stdin.write(f"load {image}\n" + "peek scratch\n" * 400)
    program.stdin.flush()
    assert program.stdout.readline().startswith("loaded example")
    for expected in ("the device is gone", "there is no port"):
        assert any(expected in line for line in iter(program.stderr.readline, "")), expected
    device("tiny", "link", link)
    out, err = program.communicate("peek scratch\n" * 2, timeout=TIMEOUT_S)
    assert out.endswith("SCRATCH 0 (0x00000000)\n")
    assert err.count("error: the device is here again, but without the network example\n  try: load it again") == 1
    assert program.returncode == LINK_LOST
