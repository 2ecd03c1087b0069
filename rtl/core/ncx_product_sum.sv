// SPDX-License-Identifier: BSD-3-Clause
// p = a * b + c with a register at the result: one DSP slice.
`default_nettype none
module ncx_product_sum #(
  parameter int unsigned AW = 25,
  parameter int unsigned BW = 18,
  parameter int unsigned SumW = AW + BW      // at least AW + BW
) (
  input  wire logic                   clk_i,
  input  wire logic                   load_i,
  input  wire logic signed [AW-1:0]   a_i,
  input  wire logic signed [BW-1:0]   b_i,
  input  wire logic signed [SumW-1:0] c_i,
  output      logic signed [SumW-1:0] p_o
);
  logic signed [AW+BW-1:0] product;

  assign product = a_i * b_i;
  always_ff @(posedge clk_i) if (load_i) p_o <= SumW'(product) + c_i;
endmodule
`default_nettype wire
