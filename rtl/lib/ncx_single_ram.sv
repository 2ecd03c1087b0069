// SPDX-License-Identifier: BSD-3-Clause
// RAM of LUTs with one address for reading and writing: a third more bits a LUT than ncx_lut_ram. The word at the address is
// there in the same cycle.
`default_nettype none
module ncx_single_ram #(
  parameter int unsigned Width = 32,
  parameter int unsigned Depth = 64        // 2 or more
) (
  input  wire logic                     clk_i,
  input  wire logic                     we_i,
  input  wire logic [$clog2(Depth)-1:0] addr_i,
  input  wire logic [Width-1:0]         wdata_i,
  output      logic [Width-1:0]         rdata_o
);
  (* ram_style = "distributed" *) logic [Width-1:0] mem [0:Depth-1];
  initial for (int i = 0; i < Depth; i++) mem[i] = '0;
  always_ff @(posedge clk_i) if (we_i) mem[addr_i] <= wdata_i;
  assign rdata_o = mem[addr_i];
endmodule
`default_nettype wire
