# SPDX-License-Identifier: BSD-3-Clause
"""The Vivado script, with stubs of Vivado's commands: we have no Vivado here."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
FAKE = Path(__file__).parent / "fake_vivado.tcl"
TABLE: dict[str, Any] = tomllib.loads((ROOT / "constraints" / "boards.toml").read_text())["board"]
BUILDS: dict[str, Any] = tomllib.loads((ROOT / "rtl" / "ncx_map.toml").read_text())["config"]

pytestmark = pytest.mark.skipif(shutil.which("tclsh") is None, reason="no tclsh: install the package tcl")


class Run:
    """One `make bitstream` and what it left."""

    def __init__(self, folder: Path, board: str, **settings: str) -> None:
        tools = folder / "tools"
        tools.mkdir(exist_ok=True)
        if not (tools / "vivado").exists():
            (tools / "vivado").symlink_to(FAKE)
        self.out = folder / "out"
        self.log = folder / "calls.tcl"
        environment = {
            **os.environ, **settings, "PATH": f"{tools}:{os.environ['PATH']}", "FAKE_VIVADO_LOG": str(self.log),
        }  # fmt: skip
        command = [f"{ROOT}/constraints/vivado/build.sh", board, str(self.out)]
        self.result: subprocess.CompletedProcess[str] = subprocess.run(
            command, capture_output=True, text=True, env=environment, timeout=60, cwd=folder
        )

    @property
    def code(self) -> int:
        return self.result.returncode

    @property
    def text(self) -> str:
        return self.result.stdout + self.result.stderr

    @property
    def calls(self) -> list[str]:
        return self.log.read_text().splitlines()

    @property
    def names(self) -> list[str]:
        return [call.split()[0] for call in self.calls]

    @property
    def summary(self) -> Any:
        return json.loads((self.out / "summary.json").read_text())


@pytest.mark.parametrize("board", list(TABLE))
def test_every_board_is_built_from_its_own_files(tmp_path: Path, board: str) -> None:
    run = Run(tmp_path, board)
    assert run.code == 0, run.text
    order = ["read_xdc", "synth_design", "opt_design", "place_design", "phys_opt_design", "route_design",
             "report_timing_summary", "report_drc", "report_power", "write_checkpoint", "write_bitstream"]  # fmt: skip
    assert [name for name in run.names if name in order] == order
    sources = [word.strip("{}") for call in run.calls if call.startswith("read_verilog") for word in call.split()[2:]]
    modules = {Path(source).stem for source in sources}
    assert sources[0].endswith("ncx_pkg.sv"), "the package comes first"
    assert len(modules) == len(sources), "no file twice"
    tops = {f"ncx_{name}" for name in TABLE}
    assert modules & tops == {f"ncx_{board}"}
    needed = {p.stem for folder in ("lib", "link", "core") for p in (ROOT / "rtl" / folder).glob("*.sv")}
    assert modules == needed | {"ncx_pkg", "ncx_device", "ncx_top", "ncx_board", "ncx_clocking", f"ncx_{board}"}
    (synth,) = (call for call in run.calls if call.startswith("synth_design"))
    assert f"-top ncx_{board} -part {TABLE[board]['part']} " in synth
    assert any(call.endswith(f"constraints/{board}.xdc") for call in run.calls)
    assert TABLE[board]["part"].startswith(str(BUILDS[TABLE[board]["build"]]["part"])[:7]) or board in (
        "arty_a7_100",
        "nexys_a7_100",
    ), "a build for another part must at least fit this one"


def test_reports_bitstream_summary_and_one_line(tmp_path: Path) -> None:
    run = Run(tmp_path, "basys3", FAKE_SETUP="0.421", FAKE_HOLD="0.05")
    assert run.code == 0, run.text
    assert {p.name for p in run.out.iterdir()} == {
        "basys3.bit", "basys3.dcp", "drc.rpt", "power.rpt", "summary.json", "timing.rpt", "utilisation.rpt",
        "vivado.log",
    }  # fmt: skip
    assert "Slice LUTs" in (run.out / "utilisation.rpt").read_text()
    summary = run.summary
    number = summary.pop("build_number")
    assert summary == {
        "board": "basys3", "part": "xc7a35tcpg236-1", "build": "cmod_a7", "timing_met": True, "setup_slack_ns": 0.421,
        "hold_slack_ns": 0.05, "drc_errors": 0, "lut": 9876, "lut_available": 20800, "ff": 5432,
        "ff_available": 41600, "bram36": 47.5, "bram36_available": 50, "dsp": 24, "dsp_available": 90,
        "bitstream": "basys3.bit",
    }  # fmt: skip
    assert 0 <= number < 2**31
    (line,) = (line for line in run.text.splitlines() if line.startswith("bitstream: basys3 (xc7a35tcpg236-1"))
    assert "setup slack 0.421 ns, hold slack 0.05 ns, lut 9876 of 20800, ff 5432 of 41600" in line


@pytest.mark.parametrize(("setup", "hold"), [("-0.013", "0.1"), ("0.2", "-0.001")])
def test_timing_that_is_not_met_fails_and_leaves_no_bitstream(tmp_path: Path, setup: str, hold: str) -> None:
    assert Run(tmp_path, "basys3").code == 0
    run = Run(tmp_path, "basys3", FAKE_SETUP=setup, FAKE_HOLD=hold)
    assert run.code == 1
    assert f"error: timing is not met: setup slack {setup} ns, hold slack {hold} ns" in run.text
    assert "try:" in run.text and "timing.rpt" in run.text
    assert not (run.out / "basys3.bit").exists(), "the earlier run's is gone as well"
    assert "write_bitstream" not in run.names
    assert run.summary["timing_met"] is False and run.summary["bitstream"] is None


def test_timing_met_exactly_is_met(tmp_path: Path) -> None:
    run = Run(tmp_path, "cmod_a7", FAKE_SETUP="0.000", FAKE_HOLD="0.000")
    assert run.code == 0 and (run.out / "cmod_a7.bit").exists()


def test_broken_design_rules_fail(tmp_path: Path) -> None:
    run = Run(tmp_path, "basys3", FAKE_DRC="2")
    assert run.code == 1
    assert "error: 2 design rules are broken" in run.text and "drc.rpt" in run.text
    assert not (run.out / "basys3.bit").exists()
    assert run.summary["drc_errors"] == 2


@pytest.mark.parametrize("command", ["synth_design", "place_design", "route_design", "write_bitstream"])
def test_a_step_that_fails_fails_the_build(tmp_path: Path, command: str) -> None:
    run = Run(tmp_path, "basys3", FAKE_FAIL=command)
    assert run.code == 1
    assert f"ERROR: [Fake 1-1] {command} failed" in run.text and "vivado.log" in run.text
    assert not (run.out / "basys3.bit").exists() and not (run.out / "summary.json").exists()


def test_a_report_that_we_cannot_read_is_no_number(tmp_path: Path) -> None:
    run = Run(tmp_path, "basys3", FAKE_BARE="1")
    assert run.code == 0, run.text
    assert run.summary["lut"] is None and run.summary["lut_available"] is None


def test_unknown_board(tmp_path: Path) -> None:
    for board in ("basys4", "", "basys"):
        run = Run(tmp_path, board)
        assert run.code == 2
        assert f"error: there is no board '{board}'" in run.text
        assert "BOARD=cmod_a7 or BOARD=basys3" in run.text
        assert not run.log.exists()


def test_the_script_itself_refuses_what_it_does_not_know(tmp_path: Path) -> None:
    def script(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = ["tclsh", str(FAKE), "-mode", "batch", "-source", f"{ROOT}/constraints/vivado/build.tcl", "-tclargs"]
        return subprocess.run([*command, *arguments], capture_output=True, text=True, cwd=tmp_path, timeout=60)

    out = str(tmp_path / "out")
    for arguments, message in [
        ((), "0 arguments"), (("basys3",), "1 arguments"), (("basys4", out), "no board 'basys4'"),
        (("basys3", out, "x"), "build number 'x'"), (("basys3", out, "-1"), "build number '-1'"),
    ]:  # fmt: skip
        result = script(*arguments)
        assert result.returncode == 2 and message in result.stderr and "try:" in result.stderr
    assert not (tmp_path / "out").exists()
    assert script("basys3", out).returncode == 0


def test_without_vivado_it_says_what_to_install(tmp_path: Path) -> None:
    bare = tmp_path / "bin"
    bare.mkdir()
    for tool in ("bash", "env", "sed", "grep", "dirname", "cat"):
        (bare / tool).symlink_to(str(shutil.which(tool)))
    command = [f"{ROOT}/constraints/vivado/build.sh", "basys3", str(tmp_path / "out")]
    result = subprocess.run(command, capture_output=True, text=True, env={"PATH": str(bare)}, timeout=60)
    assert result.returncode == 2
    assert "vivado is not on PATH" in result.stderr and "try: install AMD Vivado" in result.stderr
    assert not (tmp_path / "out").exists()


def test_make_passes_the_board_on(tmp_path: Path) -> None:
    result = subprocess.run(
        ["make", "-s", "bitstream", "BOARD=nosuch", f"BUILD={tmp_path}"], cwd=ROOT, capture_output=True, text=True
    )
    assert result.returncode != 0 and "there is no board 'nosuch'" in result.stderr
