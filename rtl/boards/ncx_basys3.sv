// SPDX-License-Identifier: BSD-3-Clause
// Digilent Basys 3: top level, build cmod_a7.
// Generated from constraints/boards.toml by tools/generate_boards.py: do not edit.
`default_nettype none
module ncx_basys3 #(
  parameter int unsigned  Lanes          = 8,
  parameter int unsigned  Neurons        = 1_024,
  parameter int unsigned  Axons          = 1_024,
  parameter int unsigned  WeightW        = 16,
  parameter int unsigned  SynapseWords   = 4_480,
  parameter int unsigned  Rows           = 2_048,
  parameter int unsigned  MaxDelay       = 1,
  parameter int unsigned  ParameterSets  = 256,
  parameter int unsigned  ProgramEntries = 512,
  parameter int unsigned  Profiles       = 2,
  parameter int unsigned  EventEntries   = 512,
  parameter int unsigned  StreamWords    = 1_024,
  parameter int unsigned  ProbeEntries   = 64,
  parameter int unsigned  RxBytes        = 4_096,
  parameter int unsigned  ClockHz        = 100_000_000,
  parameter int unsigned  Baud           = 4_000_000,
  parameter logic [127:0] Name           = 128'h00000000000000000037615f646f6d63,
  parameter int unsigned  Build          = 0,
  parameter int unsigned  HoldClocks     = 1 << 20,
  parameter int unsigned  BlinkClocks    = 50_000_000
) (
  input  wire logic       clk_i,      // 100 MHz
  input  wire logic       reset_i,    // the reset button, active high
  input  wire logic       uart_rx_i,  // from the host
  output      logic       uart_tx_o,  // to the host
  output      logic [3:0] led_o       // LD0 alive, LD1 link, LD2 spike, LD3 error
);
  ncx_board #(
    .Lanes(Lanes), .Neurons(Neurons), .Axons(Axons), .WeightW(WeightW),
    .SynapseWords(SynapseWords), .Rows(Rows), .MaxDelay(MaxDelay),
    .ParameterSets(ParameterSets), .ProgramEntries(ProgramEntries), .Profiles(Profiles),
    .EventEntries(EventEntries), .StreamWords(StreamWords), .ProbeEntries(ProbeEntries),
    .RxBytes(RxBytes), .ClockHz(ClockHz), .Baud(Baud), .Name(Name), .Build(Build),
    .HoldClocks(HoldClocks), .BlinkClocks(BlinkClocks),
    .InputPeriodNs(10.000), .Multiply(10.0), .Divide(10.0),
    .ResetActiveLow(1'b0), .LedActiveLow(4'b0000)
  ) u_board (.clk_i, .reset_i, .uart_rx_i, .uart_tx_o, .led_o);
endmodule
`default_nettype wire
