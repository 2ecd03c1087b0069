// SPDX-License-Identifier: BSD-3-Clause
// One slice of ncx_ram: the array itself, in the style asked for.
`default_nettype none
module ncx_ram_slice #(
  parameter int unsigned Width = 36,
  parameter int unsigned Depth = 512,
  parameter int unsigned Style = 0
) (
  input  wire logic                     clk_i,
  input  wire logic                     we_i,
  input  wire logic [$clog2(Depth)-1:0] waddr_i,
  input  wire logic [Width-1:0]         wdata_i,
  input  wire logic                     re_i,
  input  wire logic [$clog2(Depth)-1:0] raddr_i,
  output      logic [Width-1:0]         rdata_o
);
  if (Style == 1) begin : g_block
    (* ram_style = "block" *) logic [Width-1:0] mem [0:Depth-1];
    initial for (int i = 0; i < Depth; i++) mem[i] = '0;
    always_ff @(posedge clk_i) begin
      if (we_i) mem[waddr_i] <= wdata_i;
      if (re_i) rdata_o <= mem[raddr_i];
    end
  end else if (Style == 2) begin : g_distributed
    (* ram_style = "distributed" *) logic [Width-1:0] mem [0:Depth-1];
    initial for (int i = 0; i < Depth; i++) mem[i] = '0;
    always_ff @(posedge clk_i) begin
      if (we_i) mem[waddr_i] <= wdata_i;
      if (re_i) rdata_o <= mem[raddr_i];
    end
  end else begin : g_auto
    logic [Width-1:0] mem [0:Depth-1];
    initial for (int i = 0; i < Depth; i++) mem[i] = '0;
    always_ff @(posedge clk_i) begin
      if (we_i) mem[waddr_i] <= wdata_i;
      if (re_i) rdata_o <= mem[raddr_i];
    end
  end
endmodule
`default_nettype wire
