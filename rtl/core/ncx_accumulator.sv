// SPDX-License-Identifier: BSD-3-Clause
// One accumulator bank of a lane: adds one weight a cycle to any address, and lets the sweep read and clear.
// In LUTs it reads, adds and writes in the one cycle of the addend, at an address in a register; a block RAM is read a cycle before.
`default_nettype none
module ncx_accumulator #(
  parameter int unsigned Depth = 64,
  parameter bit          OneCycle = 1'b1,  // in LUTs
  parameter int unsigned Style = 0         // of the RAM if not: see ncx_ram
) (
  input  wire logic                                     clk_i,
  input  wire logic                                     rst_i,
  // addition: address first, its addend in the next cycle
  input  wire logic                                     gather_i,  // of this bank or another: the address is add_addr_i
  input  wire logic                                     add_i,
  input  wire logic [$clog2(Depth)-1:0]                 add_addr_i,
  input  wire logic signed [ncx_pkg::AccumulatorW-1:0]  addend_i,  // 0 in a cycle of clear_i
  // plain access, never in a cycle of a gather under way
  input  wire logic                                     re_i,
  input  wire logic                                     zero_i,    // with re_i: 0 instead of the sum
  input  wire logic [$clog2(Depth)-1:0]                 raddr_i,
  input  wire logic                                     clear_i,   // the word at waddr_i
  input  wire logic [$clog2(Depth)-1:0]                 waddr_i,
  output      logic signed [ncx_pkg::AccumulatorW-1:0]  rdata_o
);
  localparam int unsigned SumW  = ncx_pkg::AccumulatorW;
  localparam int unsigned AddrW = $clog2(Depth);

  logic             zero_q;
  logic             gather_q, add_q;       // the banks of a lane share the first, and the addresses it chooses
  logic [AddrW-1:0] addr_q;
  logic signed [SumW-1:0] base, sum;

  // In a cycle of clear_i base and addend are 0, so the same adder clears.
  ncx_adder #(.Width(SumW)) u_adder (.a_i(addend_i), .b_i(base), .sum_o(sum));
  always_ff @(posedge clk_i) begin
    if (re_i) zero_q <= zero_i;
    if (rst_i) {gather_q, add_q} <= '0;
    else       {gather_q, add_q} <= {gather_i, add_i};
  end

  if (OneCycle) begin : g_one_cycle
    logic [SumW-1:0] word;
    ncx_lut_ram #(.Width(SumW), .Depth(Depth)) u_ram (
      .clk_i,
      .we_i   (add_q || clear_i),
      .waddr_i(gather_q ? addr_q : waddr_i),
      .wdata_i(sum),
      .raddr_i(addr_q),
      .rdata_o(word)
    );
    assign base    = add_q ? $signed(word) : '0;
    assign rdata_o = zero_q ? '0 : $signed(word);
    always_ff @(posedge clk_i) if (gather_i || re_i) addr_q <= gather_i ? add_addr_i : raddr_i;
  end else begin : g_two_cycles
    // The sum on its way to the RAM is forwarded to an addition right behind it.
    logic             forward_q;
    logic signed [SumW-1:0] sum_q;
    logic [SumW-1:0]  stored;
    ncx_ram #(.Width(SumW), .Depth(Depth), .Style(Style)) u_ram (
      .clk_i,
      .we_i   (add_q || clear_i),
      .waddr_i(gather_q ? addr_q : waddr_i),
      .wdata_i(sum),
      .re_i   (add_i || re_i),
      .raddr_i(gather_i ? add_addr_i : raddr_i),
      .rdata_o(stored)
    );
    assign base    = !add_q ? '0 : forward_q ? sum_q : $signed(stored);
    assign rdata_o = zero_q ? '0 : $signed(stored);
    always_ff @(posedge clk_i) begin
      if (gather_i) addr_q <= add_addr_i;
      if (add_i) forward_q <= add_q && addr_q == add_addr_i;
      if (add_q) sum_q <= sum;
    end
  end

`ifndef SYNTHESIS
  // The compiler's bound: no order of additions may overflow.
  // What is most often false comes first, as a branch: all lanes evaluate these in every cycle.
  always_ff @(posedge clk_i) if (!rst_i) begin
    if (add_q)          assert (!(base[SumW-1] == addend_i[SumW-1] && sum[SumW-1] != base[SumW-1]));
    if (gather_q)       assert (!(clear_i || re_i));
    if (gather_i)       assert (!re_i);
    if (addend_i != '0) assert (!clear_i);
  end
`endif
endmodule
`default_nettype wire
