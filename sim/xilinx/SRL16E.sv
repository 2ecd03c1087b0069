// SPDX-License-Identifier: BSD-3-Clause
// Plain model of the 7-series shift register of 16 bits in a look-up table; A chooses the bit that is seen.
`default_nettype none
module SRL16E #(
  parameter logic [15:0] INIT            = '0,
  parameter logic        IS_CLK_INVERTED = 1'b0
) (
  input  wire logic A0,
  input  wire logic A1,
  input  wire logic A2,
  input  wire logic A3,
  input  wire logic CE,
  input  wire logic CLK,
  input  wire logic D,
  output      logic Q
);
  logic [15:0] bits_q;

  if (IS_CLK_INVERTED) $error("SRL16E: no model of IS_CLK_INVERTED = 1");

  initial bits_q = INIT;

  always_ff @(posedge CLK) if (CE) bits_q <= {bits_q[14:0], D};

  assign Q = bits_q[{A3, A2, A1, A0}];
endmodule
`default_nettype wire
