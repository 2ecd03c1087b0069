// SPDX-License-Identifier: BSD-3-Clause
// Four UART pairs, at 1, 2, 3 and 4 Mbaud from 100 MHz, and one at an odd rate from 12 MHz.
`default_nettype none
module uart_bench (
  input  wire logic        clk_i,
  input  wire logic        rst_i,
  input  wire logic [4:0]  rx_i,
  output      logic [4:0]  rx_valid_o,
  input  wire logic [4:0]  rx_ready_i,
  output      logic [39:0] rx_data_o,
  output      logic [4:0]  rx_error_o,
  input  wire logic [4:0]  tx_valid_i,
  output      logic [4:0]  tx_ready_o,
  input  wire logic [39:0] tx_data_i,
  output      logic [4:0]  tx_o
);
  for (genvar i = 0; i < 5; i++) begin : g_pair
    localparam int unsigned ClockHz = i == 4 ? 12_000_000 : 100_000_000;
    localparam int unsigned Baud    = i == 4 ? 460_800 : 1_000_000 * (i + 1);
    ncx_uart_rx #(.ClockHz(ClockHz), .Baud(Baud)) u_rx (
      .clk_i, .rst_i, .rx_i(rx_i[i]), .valid_o(rx_valid_o[i]), .ready_i(rx_ready_i[i]),
      .data_o(rx_data_o[8*i+:8]), .error_o(rx_error_o[i])
    );
    ncx_uart_tx #(.ClockHz(ClockHz), .Baud(Baud)) u_tx (
      .clk_i, .rst_i, .valid_i(tx_valid_i[i]), .ready_o(tx_ready_o[i]),
      .data_i(tx_data_i[8*i+:8]), .tx_o(tx_o[i])
    );
  end
endmodule
`default_nettype wire
