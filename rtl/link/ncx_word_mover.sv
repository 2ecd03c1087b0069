// SPDX-License-Identifier: BSD-3-Clause
// Moves words between bytes and the configuration bus: the inner loop of READ, WRITE and CHECK.
// The bus access of one word overlaps the bytes of its neighbour. WRITE takes a byte whenever it
// has room, so its bytes must be there; READ offers bytes; CHECK feeds them to a CRC instead.
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
  input  wire logic [2:0]                   unit_i,       // bytes a word, 1..5
  input  wire logic [3:0]                   high_i,       // bits 35..32 of words written by fours
  input  wire logic [CountW-1:0]            address_i,
  input  wire logic [CountW-1:0]            count_i,
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
  // configuration bus
  output      logic                         cfg_valid_o,
  output      logic                         cfg_write_o,
  output      logic [4:0]                   cfg_region_o,
  output      logic [31:0]                  cfg_addr_o,
  output      logic [ncx_pkg::CfgDataW-1:0] cfg_wdata_o,
  input  wire logic                         cfg_done_i,
  input  wire logic [ncx_pkg::CfgDataW-1:0] cfg_rdata_i
);
  localparam int unsigned CfgDataW  = ncx_pkg::CfgDataW;
  localparam int unsigned WordBytes = CfgDataW / 8;
  localparam int unsigned ByteW     = $clog2(WordBytes);
  localparam logic [2:0]  FourBytes = 3'd4;

  logic [CountW-1:0]   address_q, left_q;    // left: words not handed to the bus yet
  logic [CfgDataW-1:0] word_q, hold_q;       // word of the byte side, word of the bus side
  logic                word_full_q, hold_full_q, valid_q, busy_q;
  logic [ByteW-1:0]    byte_q;
  logic                last_byte, word_wanted, byte_taken, begin_access, load;

  assign cfg_valid_o  = valid_q;
  assign cfg_write_o  = write_i;
  assign cfg_region_o = region_i;
  assign cfg_addr_o   = 32'(address_q);
  assign cfg_wdata_o  = hold_q;
  assign done_o       = !busy_q;

  // ---- byte side ----
  assign in_next_o   = word_wanted;
  assign out_valid_o = !write_i && !check_i && word_full_q;
  assign out_data_o  = word_q[8*byte_q+:8];
  assign out_last_o  = last_byte && left_q == '0 && !valid_q && !hold_full_q;
  assign last_byte   = byte_q == unit_i - 1'b1;

  // ---- bus side: one idle cycle between accesses. Nothing is full or under way while not busy. ----
  always_comb begin
    word_wanted  = 1'b0;
    byte_taken   = 1'b0;
    begin_access = 1'b0;
    load         = 1'b0;
    if (busy_q) begin
      word_wanted  = write_i && !word_full_q && left_q != '0;
      byte_taken   = word_wanted || (!write_i && word_full_q && (check_i || out_ready_i));
      begin_access = !valid_q && left_q != '0 && (write_i ? word_full_q : !hold_full_q);
      load         = !write_i && hold_full_q && (!word_full_q || (byte_taken && last_byte));
    end
  end

  always_ff @(posedge clk_i) if (rst_i || start_i || busy_q) begin
    if (start_i) begin
      address_q <= address_i;
      word_q    <= {4'd0, unit_i == FourBytes ? high_i : 4'd0, 32'd0};
    end else begin
      if (valid_q && cfg_done_i) address_q <= address_q + 1'b1;
      if (load) word_q <= hold_q;
      for (int b = 0; b < WordBytes; b++) begin
        if (in_next_o && byte_q == ByteW'(b)) word_q[8*b+:8] <= in_data_i;
      end
    end
    if (begin_access && write_i) hold_q <= word_q;
    else if (valid_q && cfg_done_i && !write_i) hold_q <= cfg_rdata_i;
    if (rst_i) begin
      busy_q      <= 1'b0;
      valid_q     <= 1'b0;
      word_full_q <= 1'b0;
      hold_full_q <= 1'b0;
      left_q      <= '0;
      byte_q      <= '0;
    end else if (start_i) begin
      busy_q      <= 1'b1;
      valid_q     <= 1'b0;
      word_full_q <= 1'b0;
      hold_full_q <= 1'b0;
      left_q      <= count_i;
      byte_q      <= '0;
    end else begin
      if (begin_access) begin
        valid_q <= 1'b1;
        left_q  <= left_q - 1'b1;
      end else if (cfg_done_i) begin
        valid_q <= 1'b0;
      end
      if (valid_q && cfg_done_i) begin
        hold_full_q <= !write_i;
      end else if (load) begin
        hold_full_q <= 1'b0;
      end
      if (byte_taken) byte_q <= last_byte ? '0 : byte_q + 1'b1;
      if (write_i) begin
        if (in_next_o && last_byte) word_full_q <= 1'b1;
        else if (begin_access)      word_full_q <= 1'b0;
      end else begin
        if (load)                          word_full_q <= 1'b1;
        else if (byte_taken && last_byte)  word_full_q <= 1'b0;
      end
      if (left_q == '0 && !valid_q && !hold_full_q && !word_full_q) busy_q <= 1'b0;
    end
  end

  ncx_crc32 u_crc (
    .clk_i, .clear_i(start_i), .valid_i(check_i && byte_taken), .data_i(out_data_o),
    .crc_o
  );

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) if (!rst_i) begin
    assert (!cfg_done_i || valid_q);
  end
`endif
endmodule
`default_nettype wire
