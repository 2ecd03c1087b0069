// SPDX-License-Identifier: BSD-3-Clause
// Moves words between bytes and the configuration bus: the inner loop of READ, WRITE and CHECK.
// One word is held here, and bytes shift through it: WRITE shifts a word's bytes in and then offers the word to the bus,
// so the bytes must be there; READ loads a word and shifts its bytes out; CHECK feeds them to a CRC instead. The next
// access of a read overlaps the bytes: the core keeps what it has read until the access after that.
// After reset zeros are written to all registers.
`default_nettype none
module ncx_word_mover #(
  parameter int unsigned CountW = 20           // wide enough for every region's address and count
) (
  input  wire logic                         clk_i,
  input  wire logic                         rst_i,
  input  wire logic                         start_i,      // the rest is held until done_o
  input  wire logic                         write_i,
  input  wire logic                         check_i,
  input  wire logic [4:0]                   region_i,
  input  wire logic [2:0]                   unit_i,       // bytes a word, 1..5; 0: write zeros
  input  wire logic [3:0]                   high_i,       // bits 35..32 of words written by fours
  input  wire logic [CountW-1:0]            address_i,
  input  wire logic [CountW-1:0]            count_i,
  input  wire logic                         scan_i,       // no words: one address a cycle until none_o
  output      logic                         none_o,       // no word left to begin with
  output      logic                         done_o,       // high from the end to the next start
  output      logic [31:0]                  crc_o,
  // bytes to write
  output      logic                         in_next_o,
  input  wire logic [7:0]                   in_data_i,
  // bytes read
  output      logic                         out_valid_o,
  input  wire logic                         out_ready_i,
  output      logic [7:0]                   out_data_o,
  output      logic                         out_last_o,
  // configuration bus, all of it registers
  output      logic                         cfg_valid_o,      // an access to the core
  output      logic                         local_valid_o,    // ... to ncx_registers
  output      logic                         cfg_write_o,
  output      logic [4:0]                   cfg_region_o,
  output      logic [31:0]                  cfg_addr_o,
  output      logic [ncx_pkg::CfgDataW-1:0] cfg_wdata_o,
  input  wire logic                         cfg_done_i,
  input  wire logic [ncx_pkg::CfgDataW-1:0] cfg_rdata_i,
  // what ncx_registers answers comes in two parts, and is there in the cycle of cfg_done_i
  input  wire logic                         local_i,
  input  wire logic                         kept_i,       // which of the two
  input  wire logic [31:0]                  live_rdata_i,
  input  wire logic [31:0]                  kept_rdata_i
);
  localparam int unsigned CfgDataW  = ncx_pkg::CfgDataW;
  localparam int unsigned ByteW     = $clog2(CfgDataW / 8);
  localparam logic [2:0]  FourBytes = 3'd4;
  localparam logic [2:0]  FiveBytes = 3'd5;
  localparam logic [1:0]  Shift = 2'd0;    // where the word comes from
  localparam logic [1:0]  Core  = 2'd1;
  localparam logic [1:0]  Live  = 2'd2;
  localparam logic [1:0]  Kept  = 2'd3;
  localparam int unsigned Registers = ncx_pkg::RegisterScratch + 1;

  logic [CountW-1:0]   address_q;
  logic [CountW:0]     left_q;               // words not handed to the bus yet, less one: negative when there is none
  logic [CfgDataW-1:0] word_q;
  logic                word_full_q;          // READ: the word has bytes that are not taken yet
  logic                ready_q;              // READ: the core has the next word
  logic                core_q, local_q, valid, busy_q;
  logic [2:0]          last_q;               // number of a word's last byte
  logic [ByteW-1:0]    byte_q;
  logic                last_byte, filling, byte_taken, begin_access, load, step, four, five, real_byte;
  logic [7:0]          fourth, fifth;
  logic [1:0]          source;

  assign valid         = core_q || local_q;
  assign cfg_valid_o   = core_q;
  assign local_valid_o = local_q;
  assign cfg_write_o  = write_i;
  assign cfg_region_o = region_i;
  assign cfg_addr_o   = 32'(address_q);
  assign cfg_wdata_o  = word_q;
  assign done_o       = !busy_q;
  assign none_o       = left_q[CountW];

  // ---- byte side ----
  assign four        = unit_i == FourBytes;
  assign five        = unit_i == FiveBytes;
  assign out_valid_o = !write_i && !check_i && word_full_q;
  assign out_data_o  = word_q[7:0];
  assign out_last_o  = last_byte && none_o && !valid && !ready_q;
  // Words of up to four bytes are filled up with zeros from above.
  always_ff @(posedge clk_i) last_q <= !write_i ? unit_i - 1'b1 : five ? FiveBytes - 3'd1 : FourBytes - 3'd1;
  assign last_byte   = byte_q == last_q;
  assign real_byte   = byte_q < unit_i;
  assign in_next_o   = filling && real_byte;

  // ---- bus side: one idle cycle between accesses. Nothing is full or under way while not busy. ----
  always_comb begin
    filling      = 1'b0;
    byte_taken   = 1'b0;
    begin_access = 1'b0;
    load         = 1'b0;
    if (busy_q) begin
      // The bus needs a word until the end of its access's last cycle.
      filling      = write_i && !none_o && (!valid || cfg_done_i);
      byte_taken   = filling || (!write_i && word_full_q && (check_i || out_ready_i));
      begin_access = write_i ? filling && last_byte
                     : !valid && !none_o && !ready_q && !(local_i && word_full_q);
      load         = !write_i && (local_i ? cfg_done_i : ready_q && (!word_full_q || (byte_taken && last_byte)));
    end
  end
  assign step = scan_i ? !start_i : cfg_done_i;

  assign source = !load ? Shift : !local_i ? Core : kept_i ? Kept : Live;
  always_comb begin
    fourth = !write_i || five ? word_q[39:32] : in_data_i & {8{real_byte}};
    fifth  = five ? in_data_i : {4'd0, high_i & {4{four}}};
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      word_q    <= '0;
      address_q <= '0;
      left_q    <= (CountW+1)'(Registers - 2);
    end else begin
      if (load || byte_taken) begin
        case (source)
          Core:    word_q <= cfg_rdata_i;
          Live:    word_q <= {8'd0, live_rdata_i};
          Kept:    word_q <= {8'd0, kept_rdata_i};
          default: word_q <= {fifth, fourth, word_q[31:8]};
        endcase
      end
      // Loading and counting in one sum each; x - 1 as -2 - ~x, whose carry chain takes a constant and one LUT a bit.
      if (start_i || step) address_q <= CountW'(step) + (start_i ? address_i : address_q);
      if (start_i || (scan_i && !none_o) || begin_access) left_q <= {{CountW{1'b1}}, 1'b0} - ~(start_i ? {1'b0, count_i} : left_q);
    end
    if (rst_i) begin
      busy_q      <= 1'b1;
      core_q      <= 1'b0;
      local_q     <= 1'b1;
      word_full_q <= 1'b0;
      ready_q     <= 1'b0;
      byte_q      <= '0;
    end else if (start_i) begin
      busy_q      <= !scan_i;
      core_q      <= 1'b0;
      local_q     <= 1'b0;
      word_full_q <= 1'b0;
      ready_q     <= 1'b0;
      byte_q      <= '0;
    end else if (busy_q) begin
      if (begin_access)    {local_q, core_q} <= {local_i, !local_i};
      else if (cfg_done_i) {local_q, core_q} <= '0;
      if (load)                                         ready_q <= 1'b0;
      else if (cfg_done_i && !write_i)       ready_q <= 1'b1;
      if (byte_taken) byte_q <= last_byte ? '0 : byte_q + 1'b1;
      if (load)                                     word_full_q <= 1'b1;
      else if (byte_taken && last_byte && !write_i) word_full_q <= 1'b0;
      if (none_o && !valid && !ready_q && !word_full_q) busy_q <= 1'b0;
    end
  end

  ncx_crc32 u_crc (
    .clk_i, .clear_i(start_i), .valid_i(check_i && byte_taken), .data_i(out_data_o),
    .crc_o
  );

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) if (!rst_i) begin
    assert (!cfg_done_i || valid);
    assert (!(core_q && local_q));
  end
`endif
endmodule
`default_nettype wire
