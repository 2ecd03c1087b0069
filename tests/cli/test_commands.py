# SPDX-License-Identifier: BSD-3-Clause
"""The subcommands that need no line: results, files, and how each mistake is reported."""

from __future__ import annotations

import json
import socket
import subprocess
from pathlib import Path

import pytest

from conftest import NCX, Ncx, RING


def test_version_and_help_succeed(ncx: Ncx) -> None:
    assert ncx("--version").out.startswith("ncx ")
    for command in ("info", "compile", "run", "weights", "sim", "ports", "selftest", "bench"):
        outcome = ncx(command, "--help")
        assert outcome.code == 0 and command in outcome.out


@pytest.mark.parametrize("arguments", [[], ["fly"], ["run"], ["run", "x.ncx", "--ticks", "many"], ["info", "--wings"]])
def test_wrong_usage_is_exit_code_2_with_something_to_try(ncx: Ncx, arguments: list[str]) -> None:
    outcome = ncx(*arguments)
    assert outcome.code == 2
    assert outcome.err.startswith("error: ") and outcome.err.splitlines()[-1].startswith("  try: ")


@pytest.mark.parametrize(("arguments", "said", "tried"), [
    ([], "no command is named", "selftest"),
    (["fly"], "there is no command 'fly'", "selftest"),
    (["--jsn", "info"], "--jsn", "info --help"),
    (["run", "x.ncx", "--tick", "5"], "there is no option '--tick'", "ncx run --help"),
    (["run", "x.ncx"], "--ticks is required", "ncx run --help"),
    (["info", "--port", ""], "--port: '' names nothing", "ncx info --help"),
    (["run", "x.ncx", "--ticks", "5", "--backend", ""], "--backend: '' names nothing", "ncx run --help"),
    (["sim", "--link", "x", "--engine", "steam"], "--engine: steam not in {rtl,tlm}", "ncx sim --help"),
    (["sim", "--link", "x", "--exit-when-idle", "nan"], "'nan' is not a number from 0 to ", "ncx sim --help"),
    (["monitor", "x.ncx", "--speed", "0"], "--speed: '0' is not a number from 0.1 to ", "ncx monitor --help"),
    (["compile", "x", "--seed", "-1"], "--seed = -1; expected a whole number from 0 to 4294967295", "compile --help"),
    (["run", "x.ncx", "--ticks", "5", "--modulation", "up"], "--modulation = up; expected a number", "run --help"),
])
def test_a_slip_in_the_command_line_is_named(ncx: Ncx, arguments: list[str], said: str, tried: str) -> None:
    outcome = ncx(*arguments)
    assert outcome.code == 2
    first, last = outcome.err.splitlines()
    assert said in first and tried in last


@pytest.mark.parametrize("option", ["--record", "--potentials", "--save-state"])
def test_a_place_that_cannot_be_written_is_refused_before_the_run(ncx: Ncx, ring: Path, option: str) -> None:
    # There is no such port: that it is not what is complained of shows what came first.
    outcome = ncx("run", ring, "--port", "/dev/none", "--ticks", 1, "--probe", 0, option, "no/where/file")
    assert outcome.code == 2 and "cannot write 'no/where/file': No such file or directory" in outcome.err
    assert ncx("weights", ring, "--port", "/dev/none", "--projection", "around", "-o", "no/where").code == 2
    assert ncx("compile", "ring.json", "--target", "tiny", "-o", "no/where").out == ""


def test_a_file_that_cannot_be_read_is_named_with_the_reason(ncx: Ncx, ring: Path) -> None:
    for arguments in (("compile", "none"), ("run", ring, "--ticks", 1, "--inputs", "none")):
        outcome = ncx(*arguments)
        assert outcome.code == 2 and "cannot read 'none': No such file or directory" in outcome.err


def test_devices_are_written_to_and_not_replaced(ncx: Ncx, ring: Path, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("0,0\n")
    outcome = ncx("run", ring, "--ticks", 1, "--inputs", "in.csv", "--record", "/dev/stdout", "--backend", "model")
    assert outcome.code == 0 and outcome.out.startswith("tick,neuron\n0,0\n")
    assert ncx("run", ring, "--ticks", 1, "--record", "/dev/null", "--backend", "model").code == 0
    assert Path("/dev/null").is_char_device()


def test_info_shows_what_a_device_does_and_its_build_as_git_does(ncx: Ncx) -> None:
    outcome = ncx("info", "--backend", "rtl", "--config", "tiny")
    assert "build            0000000\n" in outcome.out and "state            standing still\n" in outcome.out
    assert ncx("info", "--backend", "rtl", "--config", "tiny", "--json").json["running"] is False


def test_names_and_data_that_are_no_utf_8_are_reported_as_json(ncx: Ncx, ring: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_bytes(b"\xff,0\n")
    for arguments in (("run", ring, "--ticks", 4, "--inputs", "bad.csv"), ("compile", ring), ("run", "\udcff"),
                      ("\udcff",), ("run", "\udcff", "--ticks", 4)):
        result = subprocess.run([NCX, "--json", *map(str, arguments)], cwd=tmp_path, capture_output=True)
        assert result.returncode == 2 and json.loads(result.stdout)["exit_code"] == 2
    outcome = ncx("--json", "run", ring, "--ticks", 4, "--record", "\udcff")
    assert outcome.code == 0 and outcome.json["ticks"] == 4


def test_a_result_that_does_not_fit_on_the_disk_is_an_error(ncx: Ncx, ring: Path, tmp_path: Path) -> None:
    full = [NCX, "weights", str(ring), "--projection", "around"]
    for arguments in (full, [*full, "--json"], [NCX, "info"]):
        with open("/dev/full", "w", encoding="ascii") as out:
            result = subprocess.run(arguments, stdout=out, stderr=subprocess.PIPE, text=True, check=False)
        assert result.returncode == 2 and "cannot write all of the result to standard output" in result.stderr


def test_no_result_takes_the_place_of_an_input_or_of_another(ncx: Ncx, ring: Path, tmp_path: Path) -> None:
    network = (tmp_path / "ring.json").read_bytes()
    (tmp_path / "link").symlink_to("ring.json")
    for output in ("ring.json", tmp_path / "ring.json", "./ring.json", "link"):
        outcome = ncx("compile", "ring.json", "--target", "tiny", "-o", output)
        assert outcome.code == 2 and "would be overwritten: it is an input too" in outcome.err and not outcome.out
    assert (tmp_path / "ring.json").read_bytes() == network
    for arguments in (("--record", ring), ("--save-state", ring), ("--record", "x", "--save-state", "x"),
                      ("--record", "x", "--potentials", tmp_path / "x", "--probe", 0)):
        outcome = ncx("run", ring, "--ticks", 2, *arguments)
        assert outcome.code == 2 and "would be overwritten" in outcome.err
    assert ncx("weights", ring, "--projection", "around", "-o", ring).code == 2
    # All of these are meant.
    for arguments in (("--record", "/dev/null", "--potentials", "/dev/null", "--probe", 0), ("--save-state", "s"),
                      ("--load-state", "s", "--save-state", "s")):
        assert ncx("run", ring, "--ticks", 2, *arguments).code == 0


def test_a_dash_is_a_standard_stream(ncx: Ncx, ring: Path, tmp_path: Path) -> None:
    run = [NCX, "run", str(ring), "--ticks", "4", "--inputs", "-", "--record", "-"]
    result = subprocess.run(run, input="0,0\n", cwd=tmp_path, capture_output=True, text=True, check=True)
    assert result.stdout.startswith("tick,neuron\n0,0\n1,1\n2,2\n3,3\n") and not (tmp_path / "-").exists()
    # Nobody can open a socket's /dev/stdout.
    near, far = socket.socketpair()
    with near, far:
        subprocess.run(run, input=b"0,0\n", cwd=tmp_path, stdout=far, check=True)
        assert near.recv(4096).startswith(b"tick,neuron\n0,0\n")
    compile_ = [NCX, "compile", "-", "--target", "tiny"]
    result = subprocess.run(compile_, input=json.dumps(RING), cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "target tiny: fits" in result.stdout


def test_a_network_in_the_place_of_an_image_is_called_one(ncx: Ncx, ring: Path) -> None:
    for arguments in (("run", "ring.json", "--ticks", 1), ("info", "ring.json")):
        outcome = ncx(*arguments)
        assert outcome.code == 2 and "ring.json: a JSON text, not an image" in outcome.err
        assert "try: a file that `ncx compile` wrote" in outcome.err


def test_info_is_of_an_image_or_of_a_board(ncx: Ncx, ring: Path) -> None:
    outcome = ncx("info", ring, "--port", "/dev/none")
    assert outcome.code == 2 and "serial:/dev/none" in outcome.err


def test_json_errors_are_json_too(ncx: Ncx) -> None:
    outcome = ncx("--json", "info", "--config", "huge")
    assert outcome.code == 2
    assert outcome.json["exit_code"] == 2 and "huge" in outcome.json["error"] and "tiny" in outcome.json["try"]


def test_info_describes_a_named_build(ncx: Ncx) -> None:
    info = ncx("info", "--config", "cmod_a7", "--json").json
    assert (info["neurons"], info["axons"], info["baud"], info["profiles"]) == (1024, 1024, 4_000_000, 2)
    assert "1024" in ncx("info", "--config", "cmod_a7").out


def test_compile_reports_and_writes_an_image(ncx: Ncx, ring: Path) -> None:
    assert ring.exists()
    report = ncx("compile", "ring.json", "--target", "tiny", "--json")
    assert report.code == 0 and report.json["target"] == "tiny"
    info = ncx("info", "ring.ncx", "--json").json
    assert info["neurons"] == 4 and info["target"] == "tiny"
    assert [p["name"] for p in info["projections"]] == ["in->ring", "around"]


def test_compile_for_a_board_says_what_a_tick_costs(ncx: Ncx, tmp_path: Path) -> None:
    (tmp_path / "net.json").write_text(json.dumps(RING))
    report = ncx("compile", "net.json", "--target", "basys3", "--activity", "1", "--json").json
    assert report["target"] == "basys3" and report["fits"] and report["activity"] == 1.0
    assert len(report["lane_words"]) == 8 and report["cycles_idle"] < report["cycles_active"] == report["cycles_all"]
    text = ncx("compile", "net.json", "--target", "basys3").out
    assert "synapse words in the fullest of 8 lanes" in text and "if 2 % of the sources spike" in text
    wrong = ncx("compile", "net.json", "--target", "basys", "-o", "net.ncx")
    assert wrong.code == 2 and "basys3" in wrong.err and not (tmp_path / "net.ncx").exists()


def test_an_image_for_a_board_runs_on_its_build(ncx: Ncx, ring: Path, tmp_path: Path) -> None:
    assert ncx("compile", "ring.json", "--target", "basys3", "-o", "board.ncx").code == 0
    outcome = ncx("run", "board.ncx", "--ticks", 4, "--backend", "model", "--record", "spikes.csv")
    assert outcome.code == 0, outcome.err
    assert ncx("weights", "board.ncx", "--projection", "around").code == 0
    # Which builds are Verilated depends on how this was configured; that it is the build that is asked for does not.
    outcome = ncx("run", "board.ncx", "--ticks", 4, "--backend", "rtl")
    assert outcome.code == 0 or "configuration 'cmod_a7' is not Verilated" in outcome.err
    assert ncx("info", "--config", "basys3", "--json").json["name"] == "basys3"


def test_compile_without_output_writes_nothing(ncx: Ncx, tmp_path: Path) -> None:
    (tmp_path / "net.json").write_text(json.dumps(RING))
    assert ncx("compile", "net.json", "--target", "tiny").code == 0
    assert [p.name for p in tmp_path.iterdir()] == ["net.json"]


def test_a_network_that_does_not_fit_is_refused_before_anything_is_written(ncx: Ncx, tmp_path: Path) -> None:
    (tmp_path / "big.json").write_text(json.dumps({"populations": [{"name": "p", "size": 65}]}))
    outcome = ncx("compile", "big.json", "--target", "tiny", "-o", "big.ncx")
    assert outcome.code == 2 and "try:" in outcome.err
    assert not (tmp_path / "big.ncx").exists()
    # One JSON document, which has the report and the error.
    found = ncx("compile", "big.json", "--target", "tiny", "--json").json
    assert found["exit_code"] == 2 and "neurons: 65 needed, 64 available" in found["error"]
    assert found["target"] == "tiny" and not found["fits"]


def test_a_broken_network_file_is_named_with_its_field(ncx: Ncx, tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text(json.dumps({"populations": [{"name": "p", "size": "four"}]}))
    outcome = ncx("compile", "bad.json", "--target", "tiny")
    assert outcome.code == 2 and "bad.json" in outcome.err and "size" in outcome.err


def test_a_damaged_image_is_refused(ncx: Ncx, ring: Path) -> None:
    data = bytearray(ring.read_bytes())
    data[len(data) // 2] ^= 1
    ring.write_bytes(data)
    outcome = ncx("run", ring, "--ticks", 1)
    assert outcome.code == 2 and "ring.ncx" in outcome.err


def test_run_sends_a_spike_round_the_ring(ncx: Ncx, ring: Path, tmp_path: Path, on: tuple[str, ...]) -> None:
    (tmp_path / "in.csv").write_text("tick,axon\n# one spike\n2,0\n\n")
    outcome = ncx("run", ring, *on, "--ticks", 8, "--inputs", "in.csv", "--record", "out.csv",
                  "--probe", "0,1", "--potentials", "v.csv", "--json")
    assert outcome.code == 0, outcome.err
    assert (tmp_path / "out.csv").read_text().splitlines() == [
        "tick,neuron", "2,0", "3,1", "4,2", "5,3", "6,0", "7,1"]
    assert outcome.json["spikes"] == 6 and outcome.json["ticks"] == 8
    assert len((tmp_path / "v.csv").read_text().splitlines()) == 1 + 8 * 2
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in.csv", "out.csv", "ring.json", "ring.ncx", "v.csv"]


def test_currents_drive_neurons(ncx: Ncx, ring: Path, tmp_path: Path) -> None:
    (tmp_path / "i.csv").write_text("0,3,8388607\n")
    assert ncx("run", ring, "--ticks", 2, "--currents", "i.csv", "--record", "out.csv").code == 0
    assert (tmp_path / "out.csv").read_text().splitlines() == ["tick,neuron", "0,3", "1,0"]
    outcome = ncx("run", ring, "--ticks", 2, "--currents", "-", "--inputs", "-")
    assert outcome.code == 2 and "standard input can be read once only" in outcome.err


@pytest.mark.parametrize(("text", "complaint"), [
    ("tick,axon\n1,2\n", "line 2, column 'axon': '2'"),
    ("0,0\n\n9,0\n", "line 3, column 'tick': '9'"),
    ("0,zero\n", "line 1, column 'axon': 'zero'"),
    ("0\n", "line 1: 1 fields"),
    ("0,0,0\n", "line 1: 3 fields"),
    ("0,1.5\n", "column 'axon': '1.5'"),
])
def test_a_bad_row_is_named(ncx: Ncx, ring: Path, tmp_path: Path, text: str, complaint: str) -> None:
    (tmp_path / "in.csv").write_text(text)
    outcome = ncx("run", ring, "--ticks", 9, "--inputs", "in.csv", "--record", "out.csv")
    assert outcome.code == 2
    assert "in.csv" in outcome.err and complaint in outcome.err
    assert not (tmp_path / "out.csv").exists()


def test_an_unwritable_record_file_is_an_error_and_leaves_no_temporary(ncx: Ncx, ring: Path, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    outcome = ncx("run", ring, "--ticks", 1, "--record", "folder")
    assert outcome.code == 2 and "folder" in outcome.err
    assert not list(tmp_path.glob("*.tmp"))


def test_weights_come_back(ncx: Ncx, ring: Path, tmp_path: Path, on: tuple[str, ...]) -> None:
    assert ncx("run", ring, *on, "--ticks", 1).code == 0  # a board has it then
    outcome = ncx("weights", ring, "--projection", "around", *on, "-o", "w.csv")
    assert outcome.code == 0, outcome.err
    rows = [line.split(",") for line in (tmp_path / "w.csv").read_text().splitlines()]
    assert rows[0] == ["pre", "post", "steps", "weight"]
    assert [(r[0], r[1], float(r[3])) for r in rows[1:]] == [
        ("0", "1", 1.0), ("1", "2", 1.0), ("2", "3", 1.0), ("3", "0", 1.0)]
    unknown = ncx("weights", ring, "--projection", "nowhere")
    assert unknown.code == 2 and "in->ring" in unknown.err


def test_selftest_passes(ncx: Ncx, on: tuple[str, ...]) -> None:
    build = () if "--port" in on else ("--config", "tiny")
    outcome = ncx("selftest", *on, *build, "--networks", 2, "--json")
    assert outcome.code == 0, outcome.err + outcome.out
    report = outcome.json
    assert report["passed"] and len(report["checks"]) > 10


def test_bench_counts_clocks(ncx: Ncx) -> None:
    outcome = ncx("bench", "--config", "tiny", "--neurons", 32, "--ticks", 50, "--json")
    assert outcome.code == 0, outcome.err
    assert outcome.json["clocks_per_second"] > 0 and outcome.json["cycles_per_tick"] > 0


def test_bench_streams_over_a_simulated_line(ncx: Ncx) -> None:
    line = ("bench", "--config", "tiny", "--neurons", 32, "--rate", 40, "--ticks", 50, "--line", 4_000_000)
    outcome = ncx(*line, "--json")
    assert outcome.code == 0, outcome.err
    found = outcome.json
    assert found["activity"] == 5 / 32
    assert found["line_clocks"] >= 250 * max(found["bytes_sent"], found["bytes_received"])
    outcome = ncx(*line, "--backend", "model")
    assert outcome.code == 2 and "--backend rtl" in outcome.err
    outcome = ncx("bench", "--line", 12_000_001)
    assert outcome.code == 2 and "--line" in outcome.err and "12000000" in outcome.err


def test_no_board_is_exit_code_3(ncx: Ncx) -> None:
    outcome = ncx("info", "--port", "/dev/no-such-port")
    assert outcome.code == 3 and "try:" in outcome.err


def test_ports_lists_as_json(ncx: Ncx) -> None:
    outcome = ncx("ports", "--json")
    assert outcome.code == 0 and isinstance(outcome.json["ports"], list)
