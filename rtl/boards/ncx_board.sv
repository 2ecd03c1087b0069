// SPDX-License-Identifier: BSD-3-Clause
// What all boards have in common behind their pins: clock, reset, ncx_top and four LEDs.
`default_nettype none
module ncx_board #(
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
  parameter int unsigned  Baud           = 1_000_000,
  parameter int unsigned  Build          = 0,
  parameter logic [127:0] Name           = '0,
  // the board
  parameter real          InputPeriodNs  = 10.0,
  parameter real          Multiply       = 10.0,
  parameter real          Divide         = 10.0,
  parameter bit           ResetActiveLow = 1'b0,
  parameter logic [3:0]   LedActiveLow   = 4'b0000,
  parameter int unsigned  HoldClocks     = 1 << 20,
  parameter int unsigned  BlinkClocks    = 50_000_000     // half a period of the alive LED, 2 or more
) (
  input  wire logic       clk_i,
  input  wire logic       reset_i,
  input  wire logic       uart_rx_i,
  output      logic       uart_tx_o,
  output      logic [3:0] led_o           // alive, link, spike, error
);
  localparam int unsigned BlinkW = $clog2(BlinkClocks);

  logic clk, rst;

  ncx_clocking #(
    .InputPeriodNs(InputPeriodNs), .Multiply(Multiply), .Divide(Divide),
    .ResetActiveLow(ResetActiveLow), .HoldClocks(HoldClocks)
  ) u_clocking (.clk_i, .reset_i, .clk_o(clk), .rst_o(rst));

  logic running, link, spike, error;

  ncx_top #(
    .Lanes(Lanes), .Neurons(Neurons), .Axons(Axons), .WeightW(WeightW),
    .SynapseWords(SynapseWords), .Rows(Rows), .MaxDelay(MaxDelay), .ParameterSets(ParameterSets),
    .ProgramEntries(ProgramEntries), .Profiles(Profiles), .EventEntries(EventEntries),
    .ProbeEntries(ProbeEntries), .StreamWords(StreamWords), .RxBytes(RxBytes), .ClockHz(ClockHz),
    .Baud(Baud), .Build(Build), .Name(Name)
  ) u_top (
    .clk_i(clk), .rst_i(rst), .uart_rx_i, .uart_tx_o, .running_o(running),
    .link_activity_o(link), .spike_activity_o(spike), .error_o(error)
  );

  // Alive blinks slowly while the network stands still and four times as fast while it runs.
  logic [BlinkW-1:0] blink_q;
  logic              alive_q;
  logic              blink;

  assign blink = blink_q >= BlinkW'(BlinkClocks - 1) ||
                 (running && blink_q >= BlinkW'(BlinkClocks / 4 - 1));

  always_ff @(posedge clk) begin
    led_o <= {error, spike, link, alive_q} ^ LedActiveLow;
    if (rst) begin
      blink_q <= '0;
      alive_q <= 1'b0;
    end else begin
      blink_q <= blink ? '0 : blink_q + 1'b1;
      alive_q <= alive_q ^ blink;
    end
  end
endmodule
`default_nettype wire
