// SPDX-License-Identifier: BSD-3-Clause
// Like ncx_ram, with an output that can be made 0: words of several such RAMs then need no multiplexer, only an or.
`default_nettype none
module ncx_state_ram #(
  parameter int unsigned Width = 24,
  parameter int unsigned Depth = 128,      // 2 or more
  parameter bit          Lut   = 1'b1      // in LUTs, else in block RAM
) (
  input  wire logic                     clk_i,
  input  wire logic                     we_i,
  input  wire logic [$clog2(Depth)-1:0] waddr_i,
  input  wire logic [Width-1:0]         wdata_i,
  input  wire logic                     re_i,
  input  wire logic                     zero_i,    // with re_i: not the word but 0
  input  wire logic [$clog2(Depth)-1:0] raddr_i,
  output      logic [Width-1:0]         rdata_o
);
  if (Lut) begin : g_lut
    logic [Width-1:0] word;
    ncx_lut_ram #(.Width(Width), .Depth(Depth)) u_ram (.clk_i, .we_i, .waddr_i, .wdata_i, .raddr_i, .rdata_o(word));
    // A reset of the register, which takes no LUT.
    always_ff @(posedge clk_i) begin
      if (re_i && zero_i) rdata_o <= '0;
      else if (re_i)      rdata_o <= word;
    end
  end else begin : g_block
    logic             zero_q;
    logic [Width-1:0] word;
    ncx_ram #(.Width(Width), .Depth(Depth), .Style(1)) u_ram (
      .clk_i, .we_i, .waddr_i, .wdata_i, .re_i, .raddr_i, .rdata_o(word)
    );
    always_ff @(posedge clk_i) if (re_i) zero_q <= zero_i;
    assign rdata_o = zero_q ? '0 : word;
  end
endmodule
`default_nettype wire
