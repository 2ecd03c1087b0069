// SPDX-License-Identifier: BSD-3-Clause
// a + b, of which a goes straight to the carry chain: what masks or chooses b then costs no LUTs of its own.
// Yosys sorts the operands of a sum by their names and may put the masked one there, at one more LUT a bit; a difference
// it leaves as it is: with a bit below, a - ~b is a + b.
`default_nettype none
module ncx_adder #(
  parameter int unsigned Width = 32
) (
  input  wire logic [Width-1:0] a_i,
  input  wire logic [Width-1:0] b_i,
  output      logic [Width-1:0] sum_o
);
`ifdef SYNTHESIS
  logic one;
  assign {sum_o, one} = {a_i, 1'b0} - {~b_i, 1'b1};
`else
  assign sum_o = a_i + b_i;
`endif
endmodule
`default_nettype wire
