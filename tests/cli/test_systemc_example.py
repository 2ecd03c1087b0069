# SPDX-License-Identifier: BSD-3-Clause
"""sim/examples/tlm_system: a SystemC system that runs a compiled network through the core's TLM socket."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from conftest import NCX, Ncx

PROGRAM = os.environ.get("NCX_TLM_SYSTEM", str(Path(NCX).parent / "tlm_system"))


def system(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, timeout=60)


def test_the_system_gives_the_spikes_and_the_cycles_of_the_model(ncx: Ncx, ring: Path, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("0,0\n3,1\n5,0\n")
    model = ncx("run", ring, "--backend", "model", "--ticks", 100, "--inputs", "in.csv", "--record", "model.csv",
                "--json").json
    result = system(ring, "tiny", 100, "0,0", "3,1", "5,0")
    assert result.returncode == 0, result.stderr
    # The ring's neurons are placed in order, so slots are neurons.
    expected = (tmp_path / "model.csv").read_text().splitlines()
    found = [line for line in result.stdout.splitlines() if "," in line]
    assert found[0] == "tick,slot" and found[1:] == expected[1:] and len(found) > 150
    match = re.search(r"ran 100 ticks in ([\d.]+) (us|ns)", result.stderr)
    assert match, result.stderr
    nanoseconds = float(match[1]) * (1000 if match[2] == "us" else 1)
    # Ten nanoseconds a cycle; the access that starts it and the reading on the way cost little.
    assert 10 * model["cycles"] <= nanoseconds < 10 * model["cycles"] * 1.1 + 100


def test_what_the_core_refuses_ends_the_system_with_the_response(ring: Path) -> None:
    result = system(ring, "tiny", 5, "0,64")
    assert result.returncode == 1 and "TLM_GENERIC_ERROR_RESPONSE" in result.stderr
    assert system(ring, "cmod_a7", 5).returncode == 1
    assert system(ring).returncode == 2
    for wrong in ("-5", "4294967296", "5x", ""):
        assert system(ring, "tiny", wrong).returncode != 0
    for wrong in ("0", "0,0,7", "x,1", "0,-1"):
        result = system(ring, "tiny", 5, wrong)
        assert result.returncode != 0 and wrong in result.stderr
