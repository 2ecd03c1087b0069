// SPDX-License-Identifier: BSD-3-Clause
// One accumulator bank of a lane: adds one weight a cycle to any address, and lets the sweep read and clear.
// A read-modify-write takes two cycles; the sum on its way to the RAM is forwarded to an addition right behind it.
`default_nettype none
module ncx_accumulator #(
  parameter int unsigned Depth = 64,
  parameter int unsigned Style = 0
) (
  input  wire logic                                     clk_i,
  input  wire logic                                     rst_i,
  // addition: address first, its addend in the next cycle
  input  wire logic                                     add_i,
  input  wire logic [$clog2(Depth)-1:0]                 add_addr_i,
  input  wire logic signed [ncx_pkg::AccumulatorW-1:0]  addend_i,
  // plain access, never in a cycle of an addition under way
  input  wire logic                                     re_i,
  input  wire logic [$clog2(Depth)-1:0]                 raddr_i,
  input  wire logic                                     we_i,
  input  wire logic [$clog2(Depth)-1:0]                 waddr_i,
  input  wire logic [ncx_pkg::AccumulatorW-1:0]         wdata_i,
  output      logic signed [ncx_pkg::AccumulatorW-1:0]  rdata_o
);
  localparam int unsigned SumW  = ncx_pkg::AccumulatorW;
  localparam int unsigned AddrW = $clog2(Depth);

  logic             add_q, forward_q;
  logic [AddrW-1:0] addr_q;
  logic signed [SumW-1:0] sum_q, base, sum;
  logic [SumW-1:0]  stored;

  assign base    = forward_q ? sum_q : $signed(stored);
  assign sum     = base + addend_i;
  assign rdata_o = $signed(stored);

  always_ff @(posedge clk_i) begin
    if (add_i) begin
      addr_q    <= add_addr_i;
      forward_q <= add_q && addr_q == add_addr_i;
    end
    if (add_q) sum_q <= sum;
    if (rst_i) add_q <= 1'b0;
    else       add_q <= add_i;
  end

  ncx_ram #(.Width(SumW), .Depth(Depth), .Style(Style)) u_ram (
    .clk_i,
    .we_i   (add_q || we_i),
    .waddr_i(add_q ? addr_q : waddr_i),
    .wdata_i(add_q ? sum : wdata_i),
    .re_i   (add_i || re_i),
    .raddr_i(add_i ? add_addr_i : raddr_i),
    .rdata_o(stored)
  );

`ifndef SYNTHESIS
  // The compiler's bound: no order of additions may overflow.
  always_ff @(posedge clk_i) if (add_q && !rst_i) begin
    assert (!(base[SumW-1] == addend_i[SumW-1] && sum[SumW-1] != base[SumW-1]));
    assert (!we_i);
  end
`endif
endmodule
`default_nettype wire
