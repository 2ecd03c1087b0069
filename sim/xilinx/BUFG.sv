// SPDX-License-Identifier: BSD-3-Clause
// Plain model of the 7-series global clock buffer, without delay.
`default_nettype none
module BUFG (
  input  wire logic I,
  output      logic O
);
  assign O = I;
endmodule
`default_nettype wire
