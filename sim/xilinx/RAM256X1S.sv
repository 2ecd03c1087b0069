// SPDX-License-Identifier: BSD-3-Clause
// Plain model of the 7-series LUT RAM RAM256X1S: 256 bits, read and written at one address.
`default_nettype none
module RAM256X1S #(
  parameter logic [255:0] INIT = '0,
  parameter logic       IS_WCLK_INVERTED = 1'b0
) (
  input  wire logic [7:0] A,
  input  wire logic D,
  output      logic O,
  input  wire logic WCLK,
  input  wire logic WE
);
  logic [255:0] mem;
  logic [7:0] addr;

  if (IS_WCLK_INVERTED) $error("RAM256X1S: no model of IS_WCLK_INVERTED = 1");

  initial mem = INIT;
  assign addr = A;
  always_ff @(posedge WCLK) if (WE) mem[addr] <= D;
  assign O = mem[addr];
endmodule
`default_nettype wire
