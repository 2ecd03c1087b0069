// SPDX-License-Identifier: BSD-3-Clause
// The device behind a UART, as a board's top level wants it.
`default_nettype none
module ncx_top #(
  parameter int unsigned  Lanes          = 8,
  parameter int unsigned  Neurons        = 1024,
  parameter int unsigned  Axons          = 1024,
  parameter int unsigned  WeightW        = 16,
  parameter int unsigned  SynapseWords   = 5120,
  parameter int unsigned  Rows           = 2048,
  parameter int unsigned  MaxDelay       = 1,
  parameter int unsigned  ParameterSets  = 256,
  parameter int unsigned  ProgramEntries = 512,
  parameter int unsigned  Profiles       = 2,
  parameter int unsigned  EventEntries   = 512,
  parameter int unsigned  ProbeEntries   = 64,
  parameter int unsigned  StreamWords    = 1024,
  parameter int unsigned  RxBytes        = 4096,
  parameter int unsigned  ClockHz        = 100_000_000,
  parameter int unsigned  Baud           = 1_000_000,     // at most ClockHz / 16
  parameter int unsigned  Build          = 0,
  parameter logic [127:0] Name           = '0             // ASCII, first letter in the lowest byte
) (
  input  wire logic clk_i,
  input  wire logic rst_i,              // synchronous, active high
  input  wire logic uart_rx_i,          // asynchronous
  output      logic uart_tx_o,
  output      logic running_o,
  output      logic link_activity_o,
  output      logic spike_activity_o,
  output      logic error_o
);
  logic       rx_valid, rx_ready, tx_valid, tx_ready, line_error;
  logic [7:0] rx_data, tx_data;

  ncx_uart_rx #(.ClockHz(ClockHz), .Baud(Baud)) u_uart_rx (
    .clk_i, .rst_i, .rx_i(uart_rx_i), .valid_o(rx_valid), .ready_i(rx_ready), .data_o(rx_data),
    .error_o(line_error)
  );

  ncx_uart_tx #(.ClockHz(ClockHz), .Baud(Baud)) u_uart_tx (
    .clk_i, .rst_i, .valid_i(tx_valid), .ready_o(tx_ready), .data_i(tx_data), .tx_o(uart_tx_o)
  );

  ncx_device #(
    .Lanes(Lanes), .Neurons(Neurons), .Axons(Axons), .WeightW(WeightW),
    .SynapseWords(SynapseWords), .Rows(Rows), .MaxDelay(MaxDelay), .ParameterSets(ParameterSets),
    .ProgramEntries(ProgramEntries), .Profiles(Profiles), .EventEntries(EventEntries),
    .ProbeEntries(ProbeEntries),
    .StreamWords(StreamWords), .RxBytes(RxBytes), .ClockHz(ClockHz), .Baud(Baud), .Build(Build),
    .Name(Name)
  ) u_device (
    .clk_i, .rst_i,
    .rx_valid_i(rx_valid), .rx_ready_o(rx_ready), .rx_data_i(rx_data),
    .tx_valid_o(tx_valid), .tx_ready_i(tx_ready), .tx_data_o(tx_data),
    .line_error_i(line_error), .running_o, .link_activity_o, .spike_activity_o, .error_o
  );
endmodule
`default_nettype wire
