# SPDX-License-Identifier: BSD-3-Clause
"""The notebooks run from top to bottom, and are stored without output."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from conftest import needs_rtl

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "python" / "notebooks").glob("*.ipynb"))


def test_there_are_notebooks() -> None:
    assert [path.name for path in NOTEBOOKS] == ["01_first_network.ipynb", "02_digits.ipynb", "03_learning.ipynb"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_is_stored_clean(path: Path) -> None:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        assert cell["cell_type"] == "markdown" or (cell["outputs"] == [] and cell["execution_count"] is None)


@needs_rtl
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs_from_top_to_bottom(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nbclient = pytest.importorskip("nbclient", reason="python3-nbclient is not installed")
    nbformat = pytest.importorskip("nbformat", reason="python3-nbformat is not installed")
    pytest.importorskip("ipykernel", reason="python3-ipykernel is not installed")
    # A kernel of our own: one that Jupyter finds by name may belong to another Python.
    kernel = tmp_path / "kernels" / "ncx"
    kernel.mkdir(parents=True)
    (kernel / "kernel.json").write_text(json.dumps({
        "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "ncx", "language": "python"}), encoding="utf-8")
    monkeypatch.setenv("JUPYTER_PATH", os.pathsep.join([str(tmp_path), os.environ.get("JUPYTER_PATH", "")]))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.delenv("MPLBACKEND", raising=False)  # the notebook's own: pictures inline
    notebook = nbformat.read(path, as_version=4)
    nbclient.NotebookClient(notebook, timeout=120, kernel_name="ncx",
                            resources={"metadata": {"path": str(tmp_path)}}).execute()
    pictures = [output for cell in notebook.cells for output in cell.get("outputs", [])
                if "image/png" in output.get("data", {})]
    complaints = [output["text"] for cell in notebook.cells for output in cell.get("outputs", [])
                  if output.get("name") == "stderr" and "warning" in output["text"].lower()]
    assert len(pictures) >= 3 and not complaints
