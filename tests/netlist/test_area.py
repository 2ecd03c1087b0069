# SPDX-License-Identifier: BSD-3-Clause
"""The comparison of areas with the recorded ones."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

TOOLS = Path(__file__).resolve().parents[2] / "tools"
sys.path.insert(0, str(TOOLS))

import area  # noqa: E402

RECORDED = {"lut": 1000.0, "lut_packed": 800.0, "lutram": 0.0, "ff": 500.0, "bram36": 10.0, "dsp": 8.0}


def write(path: Path, **changes: float) -> Path:
    path.write_text(json.dumps({"part": "xc7a35t", **RECORDED, **changes, "neurons": 64}))
    return path


@pytest.fixture
def record(tmp_path: Path) -> Path:
    path = tmp_path / "area.json"
    path.write_text(json.dumps({"tiny": RECORDED}))
    return path


@pytest.mark.parametrize(
    ("kind", "value", "passes"),
    [
        ("lut", 1050.0, True), ("lut", 1051.0, False), ("lut", 950.0, True), ("lut", 949.0, False),
        ("lut_packed", 841.0, False), ("lutram", 1.0, False), ("ff", 526.0, False), ("ff", 474.0, False),
        ("bram36", 10.5, True), ("bram36", 9.0, False), ("dsp", 9.0, False), ("dsp", 7.0, False),
    ],
)  # fmt: skip
def test_more_than_five_percent_either_way_is_a_drift(
    tmp_path: Path, record: Path, kind: str, value: float, passes: bool
) -> None:
    problems = area.check(write(tmp_path / "tiny.json", **{kind: value}), record)
    if passes:
        assert problems == []
    else:
        assert len(problems) == 1 and problems[0].startswith(f"{kind}: {value:g}, recorded {RECORDED[kind]:g}")


def test_build_without_a_record_fails(tmp_path: Path, record: Path) -> None:
    assert "no area is recorded for 'other'" in area.check(write(tmp_path / "other.json"), record)[0]


def test_accepted_area_passes_and_leaves_the_others_alone(tmp_path: Path, record: Path) -> None:
    report = write(tmp_path / "other.json", lut=3.0)
    area.accept(report, record)
    assert area.check(report, record) == []
    areas = json.loads(record.read_text())
    assert areas == {"other": {**RECORDED, "lut": 3.0}, "tiny": RECORDED}


def test_failure_says_how_to_accept(tmp_path: Path) -> None:
    report = write(tmp_path / "tiny.json", lut=1.0)
    result = subprocess.run([TOOLS / "area.py", "check", report], capture_output=True, text=True)
    assert result.returncode == 1
    assert f"tools/area.py accept {report}" in result.stderr
    assert "make synth-accept CONFIG=tiny" in result.stderr


def test_report_that_is_missing_or_incomplete_is_an_error(tmp_path: Path) -> None:
    broken = tmp_path / "tiny.json"
    for path in (tmp_path / "none.json", broken):
        broken.write_text("{}")
        result = subprocess.run([TOOLS / "area.py", "check", path], capture_output=True, text=True)
        assert result.returncode == 2 and "make synth" in result.stderr


def test_small_builds_have_a_record() -> None:
    areas = json.loads((TOOLS / "area.json").read_text())
    assert {"tiny", "tiny8"} <= set(areas)
    assert all(set(figures) == set(area.KINDS) for figures in areas.values())
