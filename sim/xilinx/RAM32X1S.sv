// SPDX-License-Identifier: BSD-3-Clause
// Plain model of the 7-series LUT RAM RAM32X1S: 32 bits, read and written at one address.
`default_nettype none
module RAM32X1S #(
  parameter logic [31:0] INIT = '0,
  parameter logic      IS_WCLK_INVERTED = 1'b0
) (
  input  wire logic A0,
  input  wire logic A1,
  input  wire logic A2,
  input  wire logic A3,
  input  wire logic A4,
  input  wire logic D,
  output      logic O,
  input  wire logic WCLK,
  input  wire logic WE
);
  logic [31:0] mem;
  logic [4:0] addr;

  if (IS_WCLK_INVERTED) $error("RAM32X1S: no model of IS_WCLK_INVERTED = 1");

  initial mem = INIT;
  assign addr = {A4, A3, A2, A1, A0};
  always_ff @(posedge WCLK) if (WE) mem[addr] <= D;
  assign O = mem[addr];
endmodule
`default_nettype wire
