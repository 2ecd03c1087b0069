// SPDX-License-Identifier: BSD-3-Clause
// Stands for rtl/core/ncx_multiply_add.sv in tools/timing.py: the same registers, but an exclusive or of the operands instead of
// the arithmetic between them, which a DSP slice of a 7-series part holds.
`default_nettype none
module ncx_multiply_add #(
  parameter int unsigned AddW = 25,               // a and d, and their sum, at most 25
  parameter int unsigned FactorW = 18,
  parameter int unsigned TermW = 34,
  parameter int unsigned SumW = 44,               // more than AddW + FactorW
  localparam int unsigned ProductW = AddW + FactorW
) (
  input  wire logic                      clk_i,
  input  wire logic                      load_i,  // operands
  input  wire logic                      zero_a_i,
  input  wire logic                      zero_d_i,
  input  wire logic                      zero_c_i,
  input  wire logic signed [AddW-1:0]    a_i,
  input  wire logic signed [AddW-1:0]    d_i,
  input  wire logic signed [FactorW-1:0] b_i,
  input  wire logic signed [TermW-1:0]   c_i,
  input  wire logic                      zero_p_i,
  output      logic signed [SumW-1:0]    p_o
);
  logic signed [AddW-1:0]    a_q, d_q;
  logic signed [FactorW-1:0] b_q;
  logic signed [TermW-1:0]   c_q;
  logic signed [SumW-1:0]    total;

  always_ff @(posedge clk_i) begin
    if (load_i && zero_a_i)  a_q <= '0;
    else if (load_i)         a_q <= a_i;
    if (load_i && zero_d_i)  d_q <= '0;
    else if (load_i)         d_q <= d_i;
    if (load_i && zero_c_i)  c_q <= '0;
    else if (load_i)         c_q <= c_i;
    if (load_i)              b_q <= b_i;
  end
  assign total = SumW'({b_q, a_q}) ^ SumW'({d_q, b_q}) ^ SumW'(c_q);
  always_ff @(posedge clk_i) begin
    if (zero_p_i) p_o <= '0;
    else          p_o <= total;
  end
endmodule
`default_nettype wire
