// SPDX-License-Identifier: BSD-3-Clause
// Plain model of the 7-series look-up table with 3 inputs.
`default_nettype none
module LUT3 #(
  parameter logic [7:0] INIT = '0
) (
  input  wire logic I0,
  input  wire logic I1,
  input  wire logic I2,
  output      logic O
);
  assign O = INIT[{I2, I1, I0}];
endmodule
`default_nettype wire
