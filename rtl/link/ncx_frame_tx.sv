// SPDX-License-Identifier: BSD-3-Clause
// Frames to bytes: takes bodies from two sources in turn, adds CRC and COBS, sends.
// A frame is encoded into a ring as it comes: a code byte's place is left open and filled in when
// its block ends. A frame is sent when it is complete, while the next one is being filled in. Two
// sources that both have frames take turns; a stream frame moreover waits until little is left to
// send, so that a reply finds at most one of them and that little before it.
`default_nettype none
module ncx_frame_tx (
  input  wire logic       clk_i,
  input  wire logic       rst_i,
  // bodies without their CRC; last marks the last byte
  input  wire logic       reply_valid_i,
  output      logic       reply_ready_o,
  input  wire logic [7:0] reply_data_i,
  input  wire logic       reply_last_i,
  input  wire logic       stream_valid_i,
  output      logic       stream_ready_o,
  input  wire logic [7:0] stream_data_i,
  input  wire logic       stream_last_i,
  output      logic       tx_valid_o,
  input  wire logic       tx_ready_i,
  output      logic [7:0] tx_data_o
);
  localparam int unsigned RingBytes  = 2048;
  localparam int unsigned AddrW      = $clog2(RingBytes);
  localparam int unsigned Body       = ncx_pkg::FrameHeader + ncx_pkg::MaxPayload
                                       + ncx_pkg::FrameCrc;
  localparam int unsigned BlockBytes = 254;                 // non-zero bytes in a full block
  localparam int unsigned Encoded    = Body + (Body + BlockBytes - 1) / BlockBytes + 2;
  localparam int unsigned Margin     = RingBytes / 8;       // at least code, full block's code, delimiter
  localparam int unsigned GateW      = 8;                   // a stream frame starts below 256 bytes to send
  localparam logic [7:0]  FullCode   = 8'hFF;

  if (Encoded + Margin > RingBytes) begin : g_ring_too_small
    $error("ncx_frame_tx: the longest frame must fit the ring");
  end

  typedef enum logic [2:0] {Idle, Payload, Crc, Close, Delimit} state_e;
  state_e         state_q;
  logic           owner_q;                    // 1: the stream owns the frame, or owned the last
  logic [AddrW:0] write_q, write_next, commit_q, read_q, read_d, used_q;
  logic [AddrW-1:0] code_at_q;
  logic [7:0]     code_q;                     // code of the block so far: its bytes + 1
  logic           open_q;                     // code_at_q is a place left open
  logic           full_q;                     // the block is full: its code must be written
  logic [1:0]     crc_byte_q;
  logic [31:0]    crc;
  logic           grant_reply, grant_stream, in_valid, in_last, encoding, step, take, load, opens;
  logic           room_q, quiet_q;            // there is room for more; little is left to send
  logic           byte_valid_q, byte_last_q;
  logic [7:0]     byte_q;                     // on its way from its source to the ring
  logic [7:0]     in_data, crc_byte;
  logic           we;
  logic [AddrW-1:0] waddr;
  logic [7:0]     wdata;

  // ---- whose turn ----
  assign grant_reply  = reply_valid_i && (owner_q || !stream_valid_i);
  assign grant_stream = stream_valid_i && !grant_reply && quiet_q;

  // ---- encode: at most one write a cycle ----
  // Known two cycles late: the margin has room for more than that.
  always_ff @(posedge clk_i) begin
    used_q  <= write_q - read_q;
    room_q  <= !used_q[AddrW] && used_q[AddrW-1-:3] != '1;
    quiet_q <= used_q[AddrW:GateW] == '0;
  end
  assign opens    = encoding && !open_q && !full_q && room_q;
  // Whatever was written, all places before it are complete in Delimit.
  assign write_next = write_q + {{AddrW{1'b0}}, take || opens || state_q == Delimit};
  assign crc_byte = crc[8*crc_byte_q+:8];
  always_comb begin
    in_valid = 1'b1;
    in_data  = crc_byte;
    in_last  = &crc_byte_q;
    if (state_q != Crc) begin
      in_valid = owner_q ? stream_valid_i : reply_valid_i;
      in_data  = owner_q ? stream_data_i : reply_data_i;
      in_last  = owner_q ? stream_last_i : reply_last_i;
    end
  end
  assign encoding       = state_q == Payload || state_q == Crc;
  assign step           = open_q && room_q;
  assign take           = byte_valid_q && step;
  // Nothing is loaded behind the last byte of a payload, or of the CRC, until it is in the ring.
  assign load           = !byte_valid_q || (step && !byte_last_q);
  assign reply_ready_o  = load && state_q == Payload && !owner_q;
  assign stream_ready_o = load && state_q == Payload && owner_q;

  always_comb begin
    we    = 1'b0;
    waddr = code_at_q;
    wdata = code_q;
    if (full_q) begin
      we    = 1'b1;
      wdata = FullCode;
    end else if (take) begin
      we = 1'b1;
      if (byte_q != '0) begin
        waddr = write_q[AddrW-1:0];
        wdata = byte_q;
      end
    end else if (state_q == Close) begin
      we = open_q;
    end else if (state_q == Delimit) begin
      we    = 1'b1;
      waddr = write_q[AddrW-1:0];
      wdata = '0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (load) begin
      byte_q      <= in_data;
      byte_last_q <= in_last;
      if (state_q == Crc) crc_byte_q <= crc_byte_q + 1'b1;
    end
    byte_valid_q <= (load ? encoding && in_valid : !step) && !rst_i;
    full_q <= 1'b0;
    if (state_q == Idle) begin
      crc_byte_q <= '0;
      open_q     <= 1'b0;
    end else if (opens) begin
      open_q    <= 1'b1;
      code_at_q <= write_q[AddrW-1:0];
      code_q    <= 8'd1;
    end else if (take) begin
      if (byte_q == '0) begin
        code_at_q <= write_q[AddrW-1:0];
        code_q    <= 8'd1;
      end else begin
        code_q <= code_q + 1'b1;
        if (code_q == 8'(BlockBytes)) begin
          open_q <= 1'b0;
          full_q <= 1'b1;
        end
      end
    end
    if (rst_i) begin
      state_q  <= Idle;
      owner_q  <= 1'b0;
      write_q  <= '0;
      commit_q <= '0;
      full_q   <= 1'b0;
    end else begin
      write_q <= write_next;
      case (state_q)
        Idle: if (grant_reply || grant_stream) begin
          owner_q <= grant_stream;
          state_q <= Payload;
        end
        Payload: if (take && byte_last_q) state_q <= Crc;
        Crc:     if (take && byte_last_q) state_q <= Close;
        Close:   state_q <= Delimit;
        default: begin
          commit_q <= write_next;
          state_q  <= Idle;
        end
      endcase
    end
  end

  ncx_crc32 u_crc (
    .clk_i, .clear_i(state_q == Idle), .valid_i(take && state_q == Payload), .data_i(byte_q),
    .crc_o(crc)
  );

  // ---- send ----
  logic take_byte;
  assign take_byte = tx_valid_o && tx_ready_i;
  assign read_d    = read_q + {{AddrW{1'b0}}, take_byte};

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      read_q     <= '0;
      tx_valid_o <= 1'b0;
    end else begin
      read_q     <= read_d;
      tx_valid_o <= read_d != commit_q;
    end
  end

  ncx_ram #(.Width(8), .Depth(RingBytes), .Style(1)) u_ring (
    .clk_i, .we_i(we), .waddr_i(waddr), .wdata_i(wdata),
    .re_i(1'b1), .raddr_i(read_d[AddrW-1:0]), .rdata_o(tx_data_o)
  );

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) if (!rst_i) begin
    assert (write_q - read_q <= (AddrW+1)'(RingBytes));
    assert (state_q != Idle || write_q == commit_q);
  end
`endif
endmodule
`default_nettype wire
