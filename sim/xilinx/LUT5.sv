// SPDX-License-Identifier: BSD-3-Clause
// Plain model of the 7-series look-up table with 5 inputs.
`default_nettype none
module LUT5 #(
  parameter logic [31:0] INIT = '0
) (
  input  wire logic I0,
  input  wire logic I1,
  input  wire logic I2,
  input  wire logic I3,
  input  wire logic I4,
  output      logic O
);
  assign O = INIT[{I4, I3, I2, I1, I0}];
endmodule
`default_nettype wire
