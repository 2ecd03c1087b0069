// SPDX-License-Identifier: BSD-3-Clause
// Plain model of the 7-series look-up table with 4 inputs.
`default_nettype none
module LUT4 #(
  parameter logic [15:0] INIT = '0
) (
  input  wire logic I0,
  input  wire logic I1,
  input  wire logic I2,
  input  wire logic I3,
  output      logic O
);
  assign O = INIT[{I3, I2, I1, I0}];
endmodule
`default_nettype wire
