// SPDX-License-Identifier: BSD-3-Clause
// Plain model of the inverter that Yosys leaves for the fitter to absorb.
`default_nettype none
module INV (
  input  wire logic I,
  output      logic O
);
  assign O = ~I;
endmodule
`default_nettype wire
