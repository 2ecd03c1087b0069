// SPDX-License-Identifier: BSD-3-Clause
// Plain model of the 7-series look-up table with 6 inputs.
`default_nettype none
module LUT6 #(
  parameter logic [63:0] INIT = '0
) (
  input  wire logic I0,
  input  wire logic I1,
  input  wire logic I2,
  input  wire logic I3,
  input  wire logic I4,
  input  wire logic I5,
  output      logic O
);
  assign O = INIT[{I5, I4, I3, I2, I1, I0}];
endmodule
`default_nettype wire
