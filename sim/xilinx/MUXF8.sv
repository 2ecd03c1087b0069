// SPDX-License-Identifier: BSD-3-Clause
// Plain model of the 7-series multiplexer MUXF8 behind the look-up tables.
`default_nettype none
module MUXF8 (
  input  wire logic I0,
  input  wire logic I1,
  input  wire logic S,
  output      logic O
);
  assign O = S ? I1 : I0;
endmodule
`default_nettype wire
