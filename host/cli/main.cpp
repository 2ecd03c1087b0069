// SPDX-License-Identifier: BSD-3-Clause
// The program `ncx`.
#include "command.hpp"

int main(int argc, char** argv) { return ncx::cli::run_command_line(argc, argv); }
