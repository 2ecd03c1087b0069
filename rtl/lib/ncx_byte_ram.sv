// SPDX-License-Identifier: BSD-3-Clause
// Block RAM of 36-bit words, one write and one read port, whose four bytes are written one by one. A byte comes with one of
// the four flags above the data, so that it has the nine bits of a block RAM's byte.
`default_nettype none
module ncx_byte_ram #(
  parameter int unsigned Depth = 1024      // 2 or more
) (
  input  wire logic                     clk_i,
  input  wire logic [3:0]               we_i,
  input  wire logic [$clog2(Depth)-1:0] waddr_i,
  input  wire logic [35:0]              wdata_i,
  input  wire logic                     re_i,
  input  wire logic [$clog2(Depth)-1:0] raddr_i,
  output      logic [35:0]              rdata_o
);
  localparam int unsigned Bytes = 4;
  localparam int unsigned ByteW = 8;
  localparam int unsigned CellW = 9;
  localparam int unsigned FlagLsb = Bytes * ByteW;

`ifdef SYNTHESIS
  logic [Bytes*CellW-1:0] wcells, rcells;
  for (genvar b = 0; b < Bytes; b++) begin : g_byte
    assign wcells[b*CellW+:CellW]   = {wdata_i[FlagLsb+b], wdata_i[b*ByteW+:ByteW]};
    assign rdata_o[b*ByteW+:ByteW]  = rcells[b*CellW+:ByteW];
    assign rdata_o[FlagLsb+b]       = rcells[b*CellW+ByteW];
  end

  // Block RAMs are 4,096 by nine bits: so many words need no multiplexer, and the rest takes one of two inputs.
  localparam int unsigned ChunkDepth = 4096;
  localparam int unsigned Chunks     = (Depth + ChunkDepth - 1) / ChunkDepth;
  localparam int unsigned AddrW      = $clog2(Depth);
  localparam int unsigned ChunkW     = Chunks > 1 ? $clog2(Chunks) : 1;

  logic [ChunkW-1:0]            wchunk, rchunk, rchunk_q;
  logic [Chunks*Bytes*CellW-1:0] outputs;
  if (Chunks > 1) begin : g_many
    localparam int unsigned InnerW = $clog2(ChunkDepth);
    assign wchunk = ChunkW'(waddr_i[AddrW-1:InnerW]);
    assign rchunk = ChunkW'(raddr_i[AddrW-1:InnerW]);
    always_ff @(posedge clk_i) if (re_i) rchunk_q <= rchunk;
  end else begin : g_one
    assign wchunk   = '0;
    assign rchunk   = '0;
    assign rchunk_q = '0;
  end

  for (genvar c = 0; c < Chunks; c++) begin : g_chunk
    localparam int unsigned Words  = (Depth - c * ChunkDepth < ChunkDepth) ? Depth - c * ChunkDepth : ChunkDepth;
    localparam int unsigned WordsW = Words > 1 ? $clog2(Words) : 1;
    (* ram_style = "block" *) logic [Bytes*CellW-1:0] mem [0:Words-1];
    logic [Bytes*CellW-1:0] out_q;
    initial for (int i = 0; i < Words; i++) mem[i] = '0;
    always_ff @(posedge clk_i) begin
      if (we_i != '0 && wchunk == ChunkW'(c)) begin
        if (we_i[0]) mem[waddr_i[WordsW-1:0]][0*CellW+:CellW] <= wcells[0*CellW+:CellW];
        if (we_i[1]) mem[waddr_i[WordsW-1:0]][1*CellW+:CellW] <= wcells[1*CellW+:CellW];
        if (we_i[2]) mem[waddr_i[WordsW-1:0]][2*CellW+:CellW] <= wcells[2*CellW+:CellW];
        if (we_i[3]) mem[waddr_i[WordsW-1:0]][3*CellW+:CellW] <= wcells[3*CellW+:CellW];
      end
      if (re_i && rchunk == ChunkW'(c)) out_q <= mem[raddr_i[WordsW-1:0]];
    end
    assign outputs[c*Bytes*CellW+:Bytes*CellW] = out_q;
  end
  always_comb begin
    rcells = '0;
    for (int c = 0; c < Chunks; c++) begin
      if (rchunk_q == ChunkW'(c)) rcells = rcells | outputs[c*Bytes*CellW+:Bytes*CellW];
    end
  end
`else
  // The same memory in a form that simulates quickly: one array, and a write that keeps what it does not name.
  logic [Bytes*CellW-1:0] mem [0:Depth-1];
  logic [Bytes*CellW-1:0] written;
  initial for (int i = 0; i < Depth; i++) mem[i] = '0;
  always_comb begin
    written = 'x;
    if (we_i != '0) begin
      for (int b = 0; b < Bytes; b++) begin
        written[b*ByteW+:ByteW] = {ByteW{we_i[b]}};
        written[FlagLsb+b]      = we_i[b];
      end
    end
  end
  always_ff @(posedge clk_i) begin
    if (we_i != '0) mem[waddr_i] <= (mem[waddr_i] & ~written) | (wdata_i & written);
    if (re_i) rdata_o <= mem[raddr_i];
  end
`endif
endmodule
`default_nettype wire
