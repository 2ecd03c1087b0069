# SPDX-License-Identifier: BSD-3-Clause
# What build.tcl needs to know of a board.
# Generated from constraints/boards.toml by tools/generate_boards.py: do not edit.
set boards [dict create]
dict set boards cmod_a7 {part xc7a35tcpg236-1 top ncx_cmod_a7 build cmod_a7}
dict set boards basys3 {part xc7a35tcpg236-1 top ncx_basys3 build cmod_a7}
dict set boards arty_a7_35 {part xc7a35ticsg324-1L top ncx_arty_a7_35 build cmod_a7}
dict set boards arty_a7_100 {part xc7a100tcsg324-1 top ncx_arty_a7_100 build cmod_a7}
dict set boards nexys_a7_100 {part xc7a100tcsg324-1 top ncx_nexys_a7_100 build cmod_a7}
dict set boards nexys_video {part xc7a200tsbg484-1 top ncx_nexys_video build max}
