#!/usr/bin/env tclsh
# SPDX-License-Identifier: BSD-3-Clause
# Stands in for Vivado: takes its options, runs the script with stubs of its commands, each of which is logged to the
# file that FAKE_VIVADO_LOG names. A command that is not stubbed, or gets a file that does not exist, is an error.
# FAKE_SETUP, FAKE_HOLD: slack in ns; FAKE_DRC: rules broken; FAKE_FAIL: command that fails; FAKE_BARE: odd reports.

proc setting {name fallback} {
    global env
    return [expr {[info exists env($name)] ? $env($name) : $fallback}]
}
set log [open [setting FAKE_VIVADO_LOG /dev/null] w]
proc called {name arguments} {
    global log
    puts $log [list $name {*}$arguments]
    flush $log
    if {[setting FAKE_FAIL ""] eq $name} {
        puts "ERROR: \[Fake 1-1\] $name failed"
        error "ERROR: $name failed"
    }
}
# Options that take a value, by command; the others are flags.
array set values {
    synth_design {-top -part -generic} report_timing_summary {-delay_type -file} report_drc -file report_power -file
    get_timing_paths {-max_paths -nworst} get_drc_violations -filter report_utilization {} write_checkpoint {}
    write_bitstream {} opt_design {} place_design {} phys_opt_design {} route_design {} read_xdc {} read_verilog {}
}
array set flags {
    report_timing_summary -check_timing_verbose get_timing_paths {-setup -hold} get_drc_violations -quiet
    report_utilization -return_string write_checkpoint -force write_bitstream -force read_verilog -sv
}
foreach name [array names values] {
    proc $name {args} "called $name \$args; return \[stub $name \$args\]"
}
proc get_property {property object} {
    called get_property [list $property $object]
    if {$property ne "SLACK"} { error "no property $property" }
    return [setting FAKE_[string toupper $object] 0.5]
}
proc stub {name arguments} {
    global values flags
    set positional [list]
    for {set i 0} {$i < [llength $arguments]} {incr i} {
        set word [lindex $arguments $i]
        if {![string match -* $word]} { lappend positional $word; continue }
        if {$word in $values($name)} {
            incr i
            if {$word eq "-file"} { close [open [lindex $arguments $i] w] }
        } elseif {!([info exists flags($name)] && $word in $flags($name))} {
            error "ERROR: \[Common 17-170\] Unknown option '$word' of $name"
        }
    }
    switch $name {
        read_verilog - read_xdc {
            foreach file [concat {*}$positional] {
                if {![file exists $file]} { error "ERROR: \[Common 17-55\] no file $file" }
            }
        }
        get_timing_paths { return [string range [lindex $arguments 0] 1 end] }
        get_drc_violations { return [lrepeat [setting FAKE_DRC 0] violation] }
        report_utilization {
            if {[setting FAKE_BARE ""] ne ""} { return "nothing that we know" }
            return "1. Slice Logic\n| Site Type | Used | Fixed | Prohibited | Available | Util% |\
\n| Slice LUTs             | 9876 | 0 | 0 | 20800 | 47.48 |\
\n| Slice Registers        | 5432 | 0 | 0 | 41600 | 13.06 |\
\n| Block RAM Tile |   47.5 | 0 | 0 | 50 | 95.00 |\n| DSPs      |   24 | 0 | 0 | 90 | 26.67 |"
        }
        write_bitstream - write_checkpoint { close [open [lindex $positional 0] w] }
    }
    return {}
}

set words $argv
set source ""
set argv [list]
for {set i 0} {$i < [llength $words]} {incr i} {
    switch -- [lindex $words $i] {
        -mode { if {[lindex $words [incr i]] ne "batch"} { error "not batch" } }
        -nojournal - -notrace {}
        -log { close [open [lindex $words [incr i]] w] }
        -source { set source [lindex $words [incr i]] }
        -tclargs { set argv [lrange $words [expr {$i + 1}] end]; break }
        default { puts "ERROR: unknown option [lindex $words $i]"; exit 1 }
    }
}
if {[catch { source $source } message]} {
    puts $message
    exit 1
}
