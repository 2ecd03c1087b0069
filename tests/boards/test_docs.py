# SPDX-License-Identifier: BSD-3-Clause
"""What the documents say of `ncx` is so: the errors that they explain exist, and so do the options that they show."""

from __future__ import annotations

import re
import shlex
import subprocess
from functools import lru_cache

import pytest

from conftest import NCX, ROOT

SOURCES = ("host/cli", "host/src", "sim", "constraints/vivado")


@lru_cache(maxsize=None)
def sources() -> str:
    """All code that makes messages, with string literals joined and placeholders and titles made alike."""
    files = [p for folder in SOURCES for p in sorted((ROOT / folder).rglob("*")) if p.suffix in (".cpp", ".tcl", ".sh")]
    files.append(ROOT / "host/include/ncx/map.hpp")
    text = "\n".join(p.read_text() for p in files)
    text = re.sub(r'"\s*\n\s*"', "", text)
    return re.sub(r"\{[^{}\n]*\}|\$\{?\w+\}?", "{}", text)


def explained(document: str) -> list[str]:
    """The messages in the first column of the table that begins with "message"."""
    lines = (ROOT / document).read_text().split("\n| message |", 1)[1].splitlines()[2:]
    rows = [line for line in lines if line.startswith("|")]
    return [message for row in rows for message in re.findall(r"`([^`]+)`", row.split(" | ")[0])]


@pytest.mark.parametrize(("document", "message"), [
    (document, message) for document in ("docs/boards.md", "docs/guide.md") for message in explained(document)])
def test_an_error_that_is_explained_exists(document: str, message: str) -> None:
    # "..." is anything; N, NAME and titles are what the program fills in.
    pieces = re.split(r"\.\.\.|\bN\b|\bNAME\b|\bREAD\b| by NAME|^state: |openFPGALoader|Digilent|HELLO|[{}]", message)
    for piece in (p.strip(" ;,:'()") for p in pieces):
        assert piece in sources(), f"{document} explains {message!r}, but nothing says {piece!r}"


def commands(document: str) -> list[list[str]]:
    """The words of every `ncx` command in an indented block."""
    found = []
    for line in (ROOT / document).read_text().splitlines():
        match = re.match(r"    (?:build/bin/)?ncx (\S.*)", line)
        if match and not match[1].startswith(">"):
            words = shlex.split(match[1].replace("&", " ").replace("...", ""), comments=True)
            found.append(words)
    return found


@lru_cache(maxsize=None)
def options_of(command: str) -> set[str]:
    result = subprocess.run([NCX, command, "--help"], capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, f"ncx {command}: {result.stderr}"
    return set(re.findall(r"(?<![\w-])--?[a-z][\w-]*", result.stdout))


@pytest.mark.parametrize("document", ["README.md", "docs/guide.md", "docs/boards.md", "docs/systemc.md"])
def test_commands_that_are_shown_have_their_options(document: str) -> None:
    shown = commands(document)
    assert shown, f"no command in {document}?"
    for words in shown:
        command = next(word for word in words if not word.startswith("-"))
        used = {word.split("=")[0] for word in words if re.match(r"--?[a-z]", word)} - {"--json"}
        assert used <= options_of(command), f"{document}: ncx {' '.join(words)}"


def test_make_help_has_every_target_that_the_documents_name() -> None:
    listed = subprocess.run(["make", "-s", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    targets = {line.split()[0] for line in listed.splitlines()}
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        named = set(re.findall(r"(?:`|^    )make ([a-z-]+)", path.read_text(), re.MULTILINE))
        assert named <= targets, f"{path.name}: {sorted(named - targets)}"
