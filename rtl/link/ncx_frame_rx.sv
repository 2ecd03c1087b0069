// SPDX-License-Identifier: BSD-3-Clause
// Bytes to frames: decodes COBS, checks the CRC, and keeps whole good frames in a ring.
// A frame's record in the ring is kind, sequence, length (2 bytes), payload. Nothing of a frame is
// visible before its CRC has been checked. Bytes are always taken: a frame for which there is no
// room is dropped and counted.
`default_nettype none
module ncx_frame_rx #(
  parameter int unsigned RxBytes = 4096,        // power of two, 2,048 or more
  localparam int unsigned AddrW   = $clog2(RxBytes),
  localparam int unsigned OffsetW = $clog2(ncx_pkg::FrameHeader + ncx_pkg::MaxPayload + 1)
) (
  input  wire logic               clk_i,
  input  wire logic               rst_i,
  input  wire logic               byte_valid_i,
  output      logic               byte_ready_o,
  input  wire logic [7:0]         byte_data_i,
  // the oldest frame: data_o is the byte at the read position, which starts at its first byte
  output      logic               frame_valid_o,
  output      logic [7:0]         data_o,
  input  wire logic               next_i,          // read position + 1
  input  wire logic               seek_i,          // read position = record start + offset
  input  wire logic [OffsetW-1:0] seek_offset_i,
  input  wire logic               release_i,       // done with it, offset = its record's length
  // pulses
  output      logic               frame_o,         // a good frame was stored
  output      logic               crc_error_o,     // a damaged one was dropped
  output      logic               overflow_o       // a good one was dropped for want of room
);
  localparam int unsigned LengthW  = 16;
  localparam int unsigned BodyW    = $clog2(ncx_pkg::MaxPayload + 1);
  localparam logic [5:0]  NoRequest = 6'd31;       // nor any code above: a reply to it would be
                                                   // STREAM_DATA, and replies are not answered
  localparam logic [31:0] IntactCrc = 32'h2144DF1C; // of anything that ends in its own CRC
  localparam logic [7:0]  FullCode = 8'hFF;        // COBS block without an implied zero

  if (RxBytes < 2048 || (RxBytes & (RxBytes - 1)) != 0) begin : g_bad_size
    $error("ncx_frame_rx: RxBytes must be a power of two, 2,048 or more");
  end

  // ---- COBS ----
  logic [7:0] block_q;      // bytes of the block still to come
  logic       full_q;       // no zero before the next block
  logic       started_q;    // something came since the last zero
  logic       is_end, is_code;

  assign byte_ready_o = 1'b1;
  assign is_end  = byte_valid_i && byte_data_i == '0;
  assign is_code = byte_valid_i && byte_data_i != '0 && block_q == '0;

  // What a byte stands for is registered before anything looks at it. The byte after a zero is a code, which stands for
  // nothing: so the frame before is settled a cycle later still, while nothing of the next one is here.
  logic       end_q, emit_q, cut_q, begun_q;
  logic [7:0] decoded_q;
  always_ff @(posedge clk_i) begin
    decoded_q <= block_q == '0 ? 8'd0 : byte_data_i;
    emit_q    <= byte_valid_i && byte_data_i != '0 && !(block_q == '0 && full_q) && !rst_i;
    end_q     <= is_end && !rst_i;
    cut_q     <= block_q != '0;
    begun_q   <= started_q;
  end

  always_ff @(posedge clk_i) begin
    if (rst_i || is_end) begin
      block_q   <= '0;
      full_q    <= 1'b1;
      started_q <= 1'b0;
    end else if (byte_valid_i) begin
      started_q <= 1'b1;
      block_q   <= 8'hFE - ~(block_q == '0 ? byte_data_i : block_q);    // one less, a LUT a bit
      if (is_code) full_q <= byte_data_i == FullCode;
    end
  end

  // ---- header, length and CRC ----
  logic [1:0]       header_q;         // header bytes seen
  logic             in_body_q;        // header complete
  logic [BodyW:0]   body_left_q;      // payload bytes still to come, less one: negative when there is none
  logic [2:0]       crc_seen_q;       // CRC bytes seen; the highest bit says: all of them
  logic             last_header, is_crc;
  logic [7:0]       length_low_q;
  logic             bad_q, overrun_q;
  logic [31:0]      crc;
  logic [LengthW-1:0] length;

  assign length      = {decoded_q, length_low_q};
  assign last_header = header_q == 2'd3;
  assign is_crc      = in_body_q && body_left_q[BodyW];

  always_ff @(posedge clk_i) begin
    if (emit_q) length_low_q <= decoded_q;
    if (rst_i || end_q) begin
      header_q    <= '0;
      in_body_q   <= 1'b0;
      body_left_q <= '0;
      crc_seen_q  <= '0;
      bad_q       <= 1'b0;
    end else if (emit_q) begin
      if (!in_body_q) begin
        header_q <= header_q + 1'b1;
        if (header_q == 2'd0 && (decoded_q[7:6] != ncx_pkg::ProtocolVersion[1:0]
                                 || decoded_q[5:0] >= NoRequest)) bad_q <= 1'b1;
        if (last_header) begin
          in_body_q <= 1'b1;
          if (length > LengthW'(ncx_pkg::MaxPayload)) bad_q <= 1'b1;
        end
      end else if (is_crc) begin
        if (crc_seen_q[2]) bad_q <= 1'b1;
        crc_seen_q <= crc_seen_q + 1'b1;
      end
      // Loading and counting down in one sum: before the last byte of the header nothing is loaded that stays.
      if (!is_crc) body_left_q <= {{BodyW{1'b1}}, 1'b0} - ~(in_body_q ? body_left_q : {1'b0, length[BodyW-1:0]});
    end
  end

  ncx_crc32 u_crc (
    .clk_i, .clear_i(rst_i || end_q), .valid_i(emit_q), .data_i(decoded_q),
    .crc_o(crc)
  );

  // The frame that ended in the cycle before.
  logic settle_q, good_q, some_q;
  always_ff @(posedge clk_i) begin
    settle_q <= end_q && !rst_i;
    good_q   <= !bad_q && crc_seen_q[2] && !cut_q && crc == IntactCrc;
    some_q   <= begun_q;
  end

  // ---- ring; pointers have one bit more than addresses ----
  logic [AddrW:0] start_q, commit_q, write_q, read_q, read_d;
  logic           want, room, store, keep, seek;

  assign want  = emit_q && !is_crc;
  assign room  = write_q != {!start_q[AddrW], start_q[AddrW-1:0]};
  assign keep  = good_q && !overrun_q;
  assign store = want && room && !overrun_q;

  assign frame_valid_o = start_q != commit_q;
  assign seek          = seek_i || release_i;
  assign read_d        = (seek ? start_q : read_q) + (seek ? (AddrW+1)'(seek_offset_i) : (AddrW+1)'(next_i));

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      start_q     <= '0;
      commit_q    <= '0;
      write_q     <= '0;
      read_q      <= '0;
      overrun_q   <= 1'b0;
      frame_o     <= 1'b0;
      crc_error_o <= 1'b0;
      overflow_o  <= 1'b0;
    end else begin
      read_q <= read_d;
      if (release_i) start_q <= read_d;
      write_q <= (AddrW+1)'(store) + (settle_q && !keep ? commit_q : write_q);
      if (want && !room) overrun_q <= 1'b1;
      frame_o     <= settle_q && keep;
      crc_error_o <= settle_q && some_q && !good_q;
      overflow_o  <= settle_q && good_q && overrun_q;
      if (settle_q) begin
        overrun_q <= 1'b0;
        if (keep) commit_q <= write_q;
      end
    end
  end

  ncx_ram #(.Width(8), .Depth(RxBytes), .Style(1)) u_ring (
    .clk_i, .we_i(store), .waddr_i(write_q[AddrW-1:0]), .wdata_i(decoded_q),
    .re_i(1'b1), .raddr_i(read_d[AddrW-1:0]), .rdata_o(data_o)
  );

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) if (!rst_i) begin
    assert (write_q - start_q <= (AddrW+1)'(RxBytes));
    assert (commit_q - start_q <= write_q - start_q);
    assert (!(release_i || next_i) || frame_valid_o);
    assert (!(next_i && (release_i || seek_i)));
    assert (!(settle_q && emit_q));
  end
`endif
endmodule
`default_nettype wire
