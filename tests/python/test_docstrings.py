# SPDX-License-Identifier: BSD-3-Clause
"""Docstrings: those of functions say what each parameter is, as docs/python.md promises."""

from __future__ import annotations

import importlib
import inspect
import re

import pytest

MODULES = ("connectors", "datasets", "encoders", "plot", "examples.microseer", "examples.mnist", "examples.pubmed",
           "examples.reward", "examples.windows", "training.digits", "training.mnist", "training.unsupervised")


@pytest.mark.parametrize("name", MODULES)
def test_every_parameter_is_in_the_docstring(name: str) -> None:
    module = importlib.import_module(f"neurocorex.{name}")
    functions = [function for word, function in inspect.getmembers(module, inspect.isfunction)
                 if function.__module__ == module.__name__ and not word.startswith("_") and word != "main"]
    missing = [f"{function.__name__}: {parameter}" for function in functions
               for parameter in inspect.signature(function).parameters
               if not re.search(rf"\b{parameter}\b", function.__doc__ or "")]
    assert not missing
