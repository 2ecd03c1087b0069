// SPDX-License-Identifier: BSD-3-Clause
// What RAMB18E1 and RAMB36E1 share: one clock, a port that writes and a port that reads, both of
// the same width, no output register; a read of the word being written returns the old one. Only
// this is modelled, because our memories need no more; anything else stops the elaboration or the
// simulation. TDP: A writes, B reads. SDP: B writes, A reads, both over the data pins of both ports.
`default_nettype none
module ncx_bram_model #(
  parameter                       Name       = "RAMB18E1",
  parameter int unsigned          PortBytes  = 2,             // of data on one port
  parameter int unsigned          Bytes      = 2048,          // of nine bits
  parameter logic [Bytes*8-1:0]   DataInit   = '0,
  parameter logic [Bytes-1:0]     ParityInit = '0,
  parameter bit                   OutputRegisters = 1'b0,
  parameter                       RamMode    = "TDP",
  parameter int                   ReadWidthA = 0,
  parameter int                   ReadWidthB = 0,
  parameter int                   WriteWidthA = 0,
  parameter int                   WriteWidthB = 0,
  parameter                       WriteModeA = "WRITE_FIRST",
  parameter                       WriteModeB = "WRITE_FIRST",
  localparam int unsigned         AddrW      = $clog2(Bytes) + 3
) (
  input  wire logic                   clk_a_i,
  input  wire logic                   clk_b_i,
  input  wire logic                   enable_a_i,
  input  wire logic                   enable_b_i,
  input  wire logic                   reset_i,        // any reset or clock enable of the outputs
  input  wire logic [AddrW-1:0]       addr_a_i,
  input  wire logic [AddrW-1:0]       addr_b_i,
  input  wire logic [PortBytes-1:0]   we_a_i,
  input  wire logic [2*PortBytes-1:0] we_b_i,
  input  wire logic [PortBytes*8-1:0] data_a_i,
  input  wire logic [PortBytes*8-1:0] data_b_i,
  input  wire logic [PortBytes-1:0]   parity_a_i,
  input  wire logic [PortBytes-1:0]   parity_b_i,
  output      logic [PortBytes*8-1:0] data_a_o,
  output      logic [PortBytes*8-1:0] data_b_o,
  output      logic [PortBytes-1:0]   parity_a_o,
  output      logic [PortBytes-1:0]   parity_b_o
);
  localparam bit          Sdp        = RamMode == "SDP";
  localparam int          ReadWidth  = Sdp ? ReadWidthA : ReadWidthB;
  localparam int          WriteWidth = Sdp ? WriteWidthB : WriteWidthA;
  localparam int unsigned MaxBytes   = 2 * PortBytes;         // SDP's width
  localparam int unsigned WordBytes  = ReadWidth / 9;
  localparam int unsigned Words      = Bytes / WordBytes;
  localparam int unsigned WordsW     = $clog2(Words);

  if (!Sdp && RamMode != "TDP") $error("%s: no model of RAM_MODE %s", Name, RamMode);
  if (OutputRegisters) $error("%s: no model of the output registers", Name);
  if (Sdp ? WriteModeB != "READ_FIRST" : WriteModeA != "READ_FIRST") begin : g_mode
    $error("%s: no model of a write mode other than READ_FIRST", Name);
  end
  if ((Sdp ? ReadWidthB : ReadWidthA) != 0 || (Sdp ? WriteWidthA : WriteWidthB) != 0) begin : g_ports
    $error("%s: no model of a port that both reads and writes", Name);
  end
  if (ReadWidth != WriteWidth) $error("%s: no model of ports that differ in width", Name);
  if (Sdp ? PortBytes != 2 || ReadWidth != 36
          : ReadWidth != 9 && ReadWidth != 18 && (PortBytes != 4 || ReadWidth != 36)) begin : g_width
    $error("%s: no model of width %0d in mode %s", Name, ReadWidth, RamMode);
  end

  logic                      write, read;
  logic [AddrW-1:0]          write_addr, read_addr;
  logic [MaxBytes-1:0]       we;
  logic [MaxBytes*9-1:0]     written;         // byte by byte, the parity bit on top of each
  logic [WordBytes*9-1:0]    mem [0:Words-1];
  logic [WordBytes*9-1:0]    read_q;          // not initialised: the simulator chooses

  assign write      = Sdp ? enable_b_i : enable_a_i;
  assign read       = Sdp ? enable_a_i : enable_b_i;
  assign write_addr = Sdp ? addr_b_i : addr_a_i;
  assign read_addr  = Sdp ? addr_a_i : addr_b_i;
  assign we         = Sdp ? we_b_i : {{PortBytes{1'b0}}, we_a_i};
  for (genvar b = 0; b < PortBytes; b++) begin : g_byte
    assign written[b*9+:9]             = {parity_a_i[b], data_a_i[b*8+:8]};
    assign written[(b+PortBytes)*9+:9] = {parity_b_i[b], data_b_i[b*8+:8]};
  end

  initial begin
    for (int w = 0; w < Words; w++) begin
      for (int b = 0; b < WordBytes; b++) begin
        mem[w][b*9+:9] = {ParityInit[w*WordBytes+b], DataInit[(w*WordBytes+b)*8+:8]};
      end
    end
  end

  always_ff @(posedge clk_a_i) begin
    if (write) begin
      for (int b = 0; b < WordBytes; b++) begin
        if (we[b]) mem[write_addr[AddrW-1-:WordsW]][b*9+:9] <= written[b*9+:9];
      end
    end
    if (read) read_q <= mem[read_addr[AddrW-1-:WordsW]];
  end

  // A word narrower than the port may be written only as a whole: the part wants its enables equal.
  always_ff @(posedge clk_a_i) begin
    if (clk_b_i != clk_a_i) $fatal(1, "%s: no model of two clocks", Name);
    if (reset_i) $fatal(1, "%s: no model of resets and clock enables of the outputs", Name);
    if (!Sdp && WordBytes == 1 && write && we_a_i != '0 && we_a_i != '1) begin
      $fatal(1, "%s: byte enables differ for a word of one byte", Name);
    end
    if (!Sdp && we_b_i != '0 || Sdp && we_a_i != '0) $fatal(1, "%s: write to the reading port", Name);
  end

  for (genvar b = 0; b < PortBytes; b++) begin : g_output
    if (Sdp) begin : g_sdp
      assign {parity_a_o[b], data_a_o[b*8+:8]} = read_q[b*9+:9];
      assign {parity_b_o[b], data_b_o[b*8+:8]} = read_q[(b+PortBytes)*9+:9];
    end else begin : g_tdp
      assign {parity_a_o[b], data_a_o[b*8+:8]} = 9'bx;
      if (b < WordBytes) assign {parity_b_o[b], data_b_o[b*8+:8]} = read_q[b*9+:9];
      else               assign {parity_b_o[b], data_b_o[b*8+:8]} = 9'bx;
    end
  end
endmodule
`default_nettype wire
