// SPDX-License-Identifier: BSD-3-Clause
// Simple dual-port RAM, one write and one read port, read latency one cycle.
// A read of the address being written returns the old word. The output holds while re_i is low. Wide words are cut into
// slices of at most 36 bits, because Yosys wires the parity bits of wider block RAMs wrongly.
`default_nettype none
module ncx_ram #(
  parameter int unsigned Width = 36,
  parameter int unsigned Depth = 512,      // 2 or more
  parameter int unsigned Style = 0         // 0: the tool chooses, 1: block RAM, 2: LUT RAM
) (
  input  wire logic                     clk_i,
  input  wire logic                     we_i,
  input  wire logic [$clog2(Depth)-1:0] waddr_i,
  input  wire logic [Width-1:0]         wdata_i,
  input  wire logic                     re_i,
  input  wire logic [$clog2(Depth)-1:0] raddr_i,
  output      logic [Width-1:0]         rdata_o
);
  localparam int unsigned SliceW = 36;
  localparam int unsigned Slices = (Width + SliceW - 1) / SliceW;

  for (genvar s = 0; s < Slices; s++) begin : g_slice
    localparam int unsigned Low  = s * SliceW;
    localparam int unsigned Bits = (Width - Low < SliceW) ? Width - Low : SliceW;
    ncx_ram_slice #(.Width(Bits), .Depth(Depth), .Style(Style)) u_slice (
      .clk_i, .we_i, .waddr_i, .wdata_i(wdata_i[Low+:Bits]), .re_i, .raddr_i, .rdata_o(rdata_o[Low+:Bits])
    );
  end
endmodule
`default_nettype wire
