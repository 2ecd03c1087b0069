# SPDX-License-Identifier: BSD-3-Clause
"""Builds that synthesis makes of named ones. Nothing is synthesised here."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

TOOLS = Path(__file__).resolve().parents[2] / "tools"
sys.path.insert(0, str(TOOLS))

import synth  # noqa: E402
import synth_scaling  # noqa: E402
from config_params import parameters  # noqa: E402


def test_override_changes_what_it_names_and_the_last_one_counts() -> None:
    build = parameters("tiny")
    changed = synth.override(build, ["Neurons=256", "Lanes=2", "Neurons=128"])
    assert changed == {**build, "Neurons": "128", "Lanes": "2"}
    assert build == parameters("tiny")


@pytest.mark.parametrize("change", ["neurons=256", "Neurons", "Neurons=", "Neurons=-1", "Neurons=1k", "=4", ""])
def test_override_that_is_no_parameter_or_no_number_is_refused(change: str) -> None:
    with pytest.raises(ValueError, match="not NAME=NUMBER, with a name of Lanes, Neurons"):
        synth.override(parameters("tiny"), [change])


def test_command_says_what_is_wrong_with_an_override(tmp_path: Path) -> None:
    for arguments in (["--set", "Neuron=256"], ["--set", "Neurons=256", "--accept"]):
        command = [sys.executable, TOOLS / "synth.py", "tiny", "--out", tmp_path, *arguments]
        result = subprocess.run(command, capture_output=True, text=True)
        assert result.returncode == 2 and arguments[-1] in result.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("tool", ["synth.py", "timing.py"])
def test_commands_say_where_they_cannot_write(tool: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    command = [sys.executable, TOOLS / tool, "tiny", "--out", tmp_path / "file" / "out"]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 2 and result.stderr.startswith("error: ") and "file/out" in result.stderr


def test_synthesis_says_how_to_get_yosys(tmp_path: Path) -> None:
    command = [sys.executable, TOOLS / "synth.py", "tiny", "--out", tmp_path]
    result = subprocess.run(command, capture_output=True, text=True, env={"PATH": str(tmp_path)})
    assert result.returncode == 2 and "make install-test" in result.stderr and "Traceback" not in result.stderr


def test_scaled_build_has_the_tables_that_its_neurons_need_and_is_the_named_one_at_its_own_size() -> None:
    build = parameters("cmod_a7")
    assert synth_scaling.scaled(build, int(build["Neurons"])) == build
    large = synth_scaling.scaled(build, 4 * int(build["Neurons"]))
    changed = {k for k in build if large[k] != build[k]}
    assert changed == {"Neurons", "ProgramEntries", "Rows"}
    assert int(large["Rows"]) >= int(large["Neurons"]) + int(large["Axons"])
    assert int(large["ProgramEntries"]) >= int(large["Neurons"]) // int(large["Lanes"])


def test_core_is_found_by_its_name_and_counted_alone() -> None:
    modules = {"$paramod$0123abcd\\ncx_core": {"LUT6": 3, "FDRE": 2}, "ncx_top": {"LUT6": 5}}
    assert synth_scaling.core_of(synth.Synthesis(modules, 0)) == {**dict.fromkeys(synth.KINDS, 0.0), "lut": 3, "ff": 2}


def test_growth_is_from_the_smallest_to_the_largest_and_lut_ram_does_not_hide_logic() -> None:
    figures = [{"lut": 100.0, "lutram": 50.0, "ff": 50.0}, {"lut": 300.0, "lutram": 0.0, "ff": 10.0},
               {"lut": 110.0, "lutram": 35.0, "ff": 45.0}]  # fmt: skip
    assert synth_scaling.growth(figures) == pytest.approx({"lut": 10.0, "ff": -10.0, "lut - lutram": 50.0})
