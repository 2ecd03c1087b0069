# SPDX-License-Identifier: BSD-3-Clause
# Digilent Basys 3: pins, clock and configuration of ncx_basys3.
# Generated from constraints/boards.toml by tools/generate_boards.py: do not edit.

set_property -dict {PACKAGE_PIN W5 IOSTANDARD LVCMOS33} [get_ports {clk_i}]
set_property -dict {PACKAGE_PIN U18 IOSTANDARD LVCMOS33} [get_ports {reset_i}]
set_property -dict {PACKAGE_PIN B18 IOSTANDARD LVCMOS33} [get_ports {uart_rx_i}]
set_property -dict {PACKAGE_PIN A18 IOSTANDARD LVCMOS33} [get_ports {uart_tx_o}]
set_property -dict {PACKAGE_PIN U16 IOSTANDARD LVCMOS33} [get_ports {led_o[0]}]
set_property -dict {PACKAGE_PIN E19 IOSTANDARD LVCMOS33} [get_ports {led_o[1]}]
set_property -dict {PACKAGE_PIN U19 IOSTANDARD LVCMOS33} [get_ports {led_o[2]}]
set_property -dict {PACKAGE_PIN V19 IOSTANDARD LVCMOS33} [get_ports {led_o[3]}]

create_clock -name oscillator -period 10.000 [get_ports {clk_i}]

# Asynchronous to every clock: the inputs pass synchronisers, the outputs are for a UART and for eyes.
set_false_path -from [get_ports {reset_i uart_rx_i}]
set_false_path -to [get_ports {uart_tx_o led_o[0] led_o[1] led_o[2] led_o[3]}]

set_property CFGBVS VCCO [current_design]
set_property CONFIG_VOLTAGE 3.3 [current_design]
set_property BITSTREAM.GENERAL.COMPRESS TRUE [current_design]
# One data line from the flash: four would need the flash's quad mode, which is not set on every board.
set_property BITSTREAM.CONFIG.SPI_BUSWIDTH 1 [current_design]
set_property BITSTREAM.CONFIG.CONFIGRATE 33 [current_design]
