// SPDX-License-Identifier: BSD-3-Clause
// Block RAM of 36-bit words, one write and one read port, whose two halves are written one by one. Read latency one cycle,
// the output holds while re_i is low; a read of the address being written returns the old word.
`default_nettype none
module ncx_half_ram #(
  parameter int unsigned Depth = 512       // 2 or more
) (
  input  wire logic                     clk_i,
  input  wire logic [1:0]               we_i,
  input  wire logic [$clog2(Depth)-1:0] waddr_i,
  input  wire logic [35:0]              wdata_i,
  input  wire logic                     re_i,
  input  wire logic [$clog2(Depth)-1:0] raddr_i,
  output      logic [35:0]              rdata_o
);
  localparam int unsigned HalfW = 18;

  (* ram_style = "block" *) logic [2*HalfW-1:0] mem [0:Depth-1];
  initial for (int i = 0; i < Depth; i++) mem[i] = '0;
  always_ff @(posedge clk_i) begin
    if (we_i[0]) mem[waddr_i][0+:HalfW]     <= wdata_i[0+:HalfW];
    if (we_i[1]) mem[waddr_i][HalfW+:HalfW] <= wdata_i[HalfW+:HalfW];
    if (re_i) rdata_o <= mem[raddr_i];
  end
endmodule
`default_nettype wire
