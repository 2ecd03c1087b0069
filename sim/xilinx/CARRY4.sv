// SPDX-License-Identifier: BSD-3-Clause
// Plain model of the 7-series carry chain of four bits. It starts with CI or with CYINIT: the other
// one is 0.
`default_nettype none
module CARRY4 (
  input  wire logic       CI,
  input  wire logic       CYINIT,
  input  wire logic [3:0] DI,
  input  wire logic [3:0] S,
  output      logic [3:0] CO,
  output      logic [3:0] O
);
  logic first, c0, c1, c2, c3;          // bits, not a vector: a chain in one would look like a loop

  assign first = CI | CYINIT;
  assign c0    = S[0] ? first : DI[0];
  assign c1    = S[1] ? c0 : DI[1];
  assign c2    = S[2] ? c1 : DI[2];
  assign c3    = S[3] ? c2 : DI[3];
  assign CO    = {c3, c2, c1, c0};
  assign O     = S ^ {c2, c1, c0, first};
endmodule
`default_nettype wire
