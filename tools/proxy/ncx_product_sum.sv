// SPDX-License-Identifier: BSD-3-Clause
// Stands for rtl/core/ncx_product_sum.sv in tools/timing.py: the same registers, but an exclusive or of the operands instead of
// the arithmetic between them, which a DSP slice of a 7-series part holds.
`default_nettype none
module ncx_product_sum #(
  parameter int unsigned AW = 25,
  parameter int unsigned BW = 18,
  parameter int unsigned SumW = AW + BW
) (
  input  wire logic                   clk_i,
  input  wire logic                   load_i,
  input  wire logic signed [AW-1:0]   a_i,
  input  wire logic signed [BW-1:0]   b_i,
  input  wire logic signed [SumW-1:0] c_i,
  output      logic signed [SumW-1:0] p_o
);
  always_ff @(posedge clk_i) if (load_i) p_o <= SumW'({b_i, a_i}) ^ SumW'({a_i, b_i}) ^ c_i;
endmodule
`default_nettype wire
