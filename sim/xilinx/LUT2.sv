// SPDX-License-Identifier: BSD-3-Clause
// Plain model of the 7-series look-up table with 2 inputs.
`default_nettype none
module LUT2 #(
  parameter logic [3:0] INIT = '0
) (
  input  wire logic I0,
  input  wire logic I1,
  output      logic O
);
  assign O = INIT[{I1, I0}];
endmodule
`default_nettype wire
