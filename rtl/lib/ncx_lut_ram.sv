// SPDX-License-Identifier: BSD-3-Clause
// RAM of LUTs, one write and one read port. The word read is there in the cycle of its address: a word can be read,
// changed and written back in one cycle.
`default_nettype none
module ncx_lut_ram #(
  parameter int unsigned Width = 32,
  parameter int unsigned Depth = 64        // 2 or more
) (
  input  wire logic                     clk_i,
  input  wire logic                     we_i,
  input  wire logic [$clog2(Depth)-1:0] waddr_i,
  input  wire logic [Width-1:0]         wdata_i,
  input  wire logic [$clog2(Depth)-1:0] raddr_i,
  output      logic [Width-1:0]         rdata_o
);
  (* ram_style = "distributed" *) logic [Width-1:0] mem [0:Depth-1];
  initial for (int i = 0; i < Depth; i++) mem[i] = '0;
  always_ff @(posedge clk_i) if (we_i) mem[waddr_i] <= wdata_i;
  assign rdata_o = mem[raddr_i];
endmodule
`default_nettype wire
