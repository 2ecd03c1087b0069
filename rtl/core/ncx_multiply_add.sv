// SPDX-License-Identifier: BSD-3-Clause
// p = (a + d) * b + c with a register at each operand and at the result: one DSP slice, which also does the zeroing.
// Operands enter in one cycle, the result stands two cycles later.
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
  logic signed [AddW-1:0]    sum;
  logic signed [ProductW-1:0] product;
  logic signed [SumW-1:0]    total;

  // A reset of a register, not a choice in front of it: the slice has the one for nothing.
  always_ff @(posedge clk_i) begin
    if (load_i && zero_a_i)  a_q <= '0;
    else if (load_i)         a_q <= a_i;
    if (load_i && zero_d_i)  d_q <= '0;
    else if (load_i)         d_q <= d_i;
    if (load_i && zero_c_i)  c_q <= '0;
    else if (load_i)         c_q <= c_i;
    if (load_i)              b_q <= b_i;
  end
  assign sum     = a_q + d_q;
  assign product = sum * b_q;
  assign total   = SumW'(product) + SumW'(c_q);
  always_ff @(posedge clk_i) begin
    if (zero_p_i) p_o <= '0;
    else          p_o <= total;
  end
endmodule
`default_nettype wire
