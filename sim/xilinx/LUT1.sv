// SPDX-License-Identifier: BSD-3-Clause
// Plain model of the 7-series look-up table with 1 input.
`default_nettype none
module LUT1 #(
  parameter logic [1:0] INIT = '0
) (
  input  wire logic I0,
  output      logic O
);
  assign O = INIT[I0];
endmodule
`default_nettype wire
