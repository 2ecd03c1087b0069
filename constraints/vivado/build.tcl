# SPDX-License-Identifier: BSD-3-Clause
# Bitstream of one board with Vivado, non-project batch mode; `make bitstream BOARD=...` calls it.
# usage: vivado -mode batch -source build.tcl -tclargs BOARD OUT [BUILD_NUMBER]
# Writes OUT/BOARD.bit, reports, a checkpoint and OUT/summary.json, and prints one line that begins with "bitstream:".
# Exit code: 0 done, 1 timing not met or a design rule broken (no bitstream is written), 2 usage.

set root [file normalize [file join [file dirname [info script]] .. ..]]
source [file join $root constraints vivado boards.tcl]

proc quit_with {code message hint} {
    puts stderr "error: $message"
    puts stderr "  try: $hint"
    exit $code
}

if {[llength $argv] < 2 || [llength $argv] > 3} {
    quit_with 2 "build.tcl: [llength $argv] arguments, expected BOARD OUT \[BUILD_NUMBER\]" \
        "make bitstream BOARD=[lindex [dict keys $boards] 0]"
}
lassign $argv board out number
if {![dict exists $boards $board]} {
    quit_with 2 "there is no board '$board'" "make bitstream BOARD=[join [dict keys $boards] { or BOARD=}]"
}
if {$number eq ""} { set number 0 }
if {![string is integer -strict $number] || $number < 0} {
    quit_with 2 "build number '$number' is not a number" "a number of at most 31 bits"
}
set part [dict get $boards $board part]
set top [dict get $boards $board top]
set build [dict get $boards $board build]
set bit [file join $out $board.bit]
file mkdir $out
# What an earlier run left would pass for this one's.
file delete -force $bit [file join $out summary.json]

# The worst slack of a kind; paths that do not exist break nothing.
proc worst_slack {kind} {
    set paths [get_timing_paths -$kind -max_paths 1 -nworst 1]
    if {[llength $paths] == 0} { return 0.0 }
    return [get_property SLACK [lindex $paths 0]]
}

# A row of report_utilization: used and available. "-" when this version of Vivado names it otherwise.
proc usage {report name} {
    foreach line [split $report "\n"] {
        set cells [lmap cell [split $line "|"] {string trim $cell}]
        if {[lindex $cells 1] ne $name} continue
        set numbers [lsearch -all -inline -regexp [lrange $cells 2 end] {^[0-9.]+$}]
        if {[llength $numbers] >= 2} { return [list [lindex $numbers 0] [lindex $numbers end-1]] }
    }
    return [list - -]
}

proc step {name body} {
    puts "bitstream step: $name"
    uplevel 1 $body
}

step "read" {
    read_verilog -sv [file join $root rtl ncx_pkg.sv]
    foreach folder {lib link core} {
        read_verilog -sv [lsort [glob [file join $root rtl $folder *.sv]]]
    }
    read_verilog -sv [list [file join $root rtl ncx_device.sv] [file join $root rtl ncx_top.sv]]
    foreach module [list ncx_clocking ncx_board $top] {
        read_verilog -sv [file join $root rtl boards $module.sv]
    }
    read_xdc [file join $root constraints $board.xdc]
}
step "synthesis" { synth_design -top $top -part $part -generic Build=$number }
step "optimisation" { opt_design }
step "placement" {
    place_design
    phys_opt_design
}
step "routing" { route_design }

set setup [worst_slack setup]
set hold [worst_slack hold]
set utilisation [report_utilization -return_string]
step "reports" {
    set file [open [file join $out utilisation.rpt] w]
    puts $file $utilisation
    close $file
    report_timing_summary -delay_type min_max -check_timing_verbose -file [file join $out timing.rpt]
    report_drc -file [file join $out drc.rpt]
    report_power -file [file join $out power.rpt]
    write_checkpoint -force [file join $out $board.dcp]
}
set broken [llength [get_drc_violations -quiet -filter {SEVERITY == Error}]]
set met [expr {$setup >= 0 && $hold >= 0}]
set good [expr {$met && $broken == 0}]
if {$good} {
    step "bitstream" { write_bitstream -force $bit }
}

set used [dict create]
foreach {key name} {
    lut "Slice LUTs" ff "Slice Registers" bram36 "Block RAM Tile" dsp "DSPs"
} {
    dict set used $key [usage $utilisation $name]
}
proc json_number {value} { return [expr {$value eq "-" ? "null" : $value}] }
set rows [list]
dict for {key pair} $used {
    lassign $pair have of
    lappend rows "  \"$key\": [json_number $have],\n  \"${key}_available\": [json_number $of]"
}
set flag [expr {$met ? "true" : "false"}]
set named [expr {$good ? "\"$board.bit\"" : "null"}]
set file [open [file join $out summary.json] w]
puts $file "{
  \"board\": \"$board\",
  \"part\": \"$part\",
  \"build\": \"$build\",
  \"build_number\": $number,
  \"timing_met\": $flag,
  \"setup_slack_ns\": $setup,
  \"hold_slack_ns\": $hold,
  \"drc_errors\": $broken,
[join $rows ",\n"],
  \"bitstream\": $named
}"
close $file

set text [list]
dict for {key pair} $used { lappend text "$key [lindex $pair 0] of [lindex $pair 1]" }
puts "bitstream: $board ($part, $build): setup slack $setup ns, hold slack $hold ns, [join $text {, }], $broken DRC errors"
if {!$met} {
    quit_with 1 "timing is not met: setup slack $setup ns, hold slack $hold ns, needed 0 or more" \
        "[file join $out timing.rpt] has the worst paths"
}
if {$broken > 0} {
    quit_with 1 "$broken design rules are broken" "[file join $out drc.rpt] names them"
}
puts "bitstream: wrote $bit"
exit 0
