// SPDX-License-Identifier: BSD-3-Clause
// The stream: a ring of 16-bit words between the core and the host.
// `write_q` is the position of the next word, counted from reset modulo 2^32. Of the words before
// it, `held` have not been acknowledged and `unsent` have not been sent (again). A word leaves the
// ring only when the host acknowledges it; a full ring makes the core wait.
// Commands and frames begin in steps of a cycle: positions are 32 bits wide. No word is counted between a command's
// difference and what becomes of it, so the core waits for that time.
`default_nettype none
module ncx_stream #(
  parameter int unsigned StreamWords = 1024    // power of two, 256 or more
) (
  input  wire logic        clk_i,
  input  wire logic        rst_i,
  // from the core
  input  wire logic        word_valid_i,
  output      logic        word_ready_o,
  input  wire logic [15:0] word_i,
  input  wire logic        end_i,          // the core stands still and has handed over everything
  // commands: a new session forgets all words; else acknowledge, and send again if resend is set
  input  wire logic        command_valid_i,
  output      logic        command_ready_o,
  input  wire logic        command_new_i,
  input  wire logic        command_resend_i,
  input  wire logic [31:0] command_position_i,
  input  wire logic        hold_i,         // no frame begins, so that position_o is right
  output      logic [31:0] position_o,     // of the oldest word not acknowledged, while held and no command, a cycle late
  output      logic        pending_o,      // there are such words
  output      logic        resend_o,       // pulse: a resend begins
  // frames
  output      logic        out_valid_o,
  input  wire logic        out_ready_i,
  output      logic [7:0]  out_data_o,
  output      logic        out_last_o
);
  localparam int unsigned AddrW       = $clog2(StreamWords);
  localparam int unsigned MaxWords    = 256;   // in a frame
  localparam int unsigned CountW      = $clog2(MaxWords + 1);
  localparam int unsigned Threshold   = StreamWords / 2 < MaxWords ? StreamWords / 2 : MaxWords;
  localparam int unsigned IdleCycles  = 1024;  // power of two, like MaxWords
  localparam int unsigned IdleW       = $clog2(IdleCycles + 1);
  localparam int unsigned LengthW     = 16;
  localparam int unsigned PositionB   = 4;     // bytes of the position
  localparam int unsigned HeaderBytes = ncx_pkg::FrameHeader + PositionB;
  localparam int unsigned HeaderW     = $clog2(HeaderBytes);
  localparam logic [7:0]  Kind = {ncx_pkg::ProtocolVersion[1:0], ncx_pkg::ReplyStreamData};
  // Word types with more words after them.
  localparam logic [3:0]  TypeSync    = 4'b1100;
  localparam logic [3:0]  TypeBitmap  = 4'b1101;
  localparam logic [3:0]  TypeProbes  = 4'b1110;
  localparam int unsigned RestW       = 13;

  if (StreamWords < 256 || StreamWords > 32768 || (StreamWords & (StreamWords - 1)) != 0)
  begin : g_bad_size
    $error("ncx_stream: StreamWords must be a power of two, 256 to 32,768");
  end

  typedef enum logic [3:0] {Idle, Locate, Weigh, Apply, Aim, Aimed, Header, Low, High} state_e;
  state_e             state_q;
  logic [31:0]        write_q, back, behind_q, position_q;
  logic [AddrW:0]     held_q, unsent_q, held, unsent, held_d;
  logic [RestW:0]     rest_q, rest_d, loaded;   // words to come after this one, less one: negative when there is none
  logic               first, is_bitmap, is_probes;
  logic               skip_q, taken, push, is_sync;
  logic               word_valid_q, blocked_q, blocked_d;
  logic [15:0]        word_q;
  logic [IdleW-1:0]   idle_q;
  logic [CountW-1:0]  left_q, words;
  logic [HeaderW-1:0] header_q;
  logic [AddrW-1:0]   read_q, read_d;
  logic               command, new_session, start, out_taken, full, many, within_q, before_q, must_send_q;
  logic [LengthW-1:0] length;
  logic [15:0]        word, out_q;
  logic               next_word;

  // ---- words in. After a new session, words are dropped up to the next SYNC: what precedes it
  // belongs to a record whose beginning the host did not see.
  // The core's word is registered first. What waits for room waits there, and is as good as in the ring.
  assign full         = held_q[AddrW];
  assign word_ready_o = !blocked_q;
  assign taken        = word_valid_q && !blocked_q;
  assign is_sync      = first && word_q[15:12] == TypeSync;
  assign new_session  = command && command_new_i;
  assign push         = taken && (!(skip_q || new_session) || is_sync);

  assign first      = rest_q[RestW];
  assign is_bitmap  = first && word_q[15:12] == TypeBitmap;
  assign is_probes  = first && word_q[15:12] == TypeProbes;
  always_comb begin
    loaded = 'x;
    rest_d = 'x;
    if (taken) begin
      loaded = (rest_q & ~{(RestW+1){first}}) | ({(RestW+1){is_bitmap}} & {2'd0, word_q[11:0]})
               | ({(RestW+1){is_probes}} & {1'b0, word_q[11:0], 1'b0}) | {{(RestW-1){1'b0}}, is_sync, 1'b0};
      rest_d = {{RestW{1'b1}}, 1'b0} - ~loaded;                 // one less, a LUT a bit
    end
  end

  // ---- positions ----
  assign command_ready_o = state_q == Apply;
  assign command    = state_q == Apply;
  assign start      = state_q == Aim;
  // One subtractor for three positions: a command's, the next frame's, the oldest word's.
  assign back       = start ? 32'(unsent_q) : command_valid_i ? command_position_i : 32'(held_q);
  assign many       = unsent_q[AddrW:CountW-1] != '0;      // a frame's worth
  assign words      = {many, unsent_q[CountW-2:0] & ~{(CountW-1){many}}};
  assign position_o = behind_q;
  assign pending_o  = held_q != '0 || word_valid_q;

  always_ff @(posedge clk_i) begin
    behind_q    <= write_q - back;
    within_q    <= behind_q[31:AddrW+1] == '0 && behind_q[AddrW:0] <= held_q;
    before_q    <= behind_q[AddrW:0] < unsent_q;
    if (state_q == Aimed) position_q <= behind_q;
    // Looked at in the cycle after, when it is still so: a command or a frame begun makes other states of this one.
    must_send_q <= state_q == Idle && unsent_q != '0
                   && (unsent_q >= (AddrW+1)'(Threshold) || (end_i && !word_valid_q) || full || idle_q[IdleW-1]);
  end

  assign held_d    = {{AddrW{1'b0}}, push} + held;
  assign blocked_d = held_d[AddrW] || (state_q == Idle && command_valid_i) || state_q == Locate;

  always_comb begin
    held   = held_q;
    unsent = unsent_q;
    if (new_session) begin
      held   = '0;
      unsent = '0;
    end else if (command && within_q) begin
      held = behind_q[AddrW:0];
      if (command_resend_i || before_q) unsent = behind_q[AddrW:0];
    end else if (start) begin
      unsent = {unsent_q[AddrW:CountW-1] - (AddrW-CountW+2)'(many), unsent_q[CountW-2:0] & {(CountW-1){many}}};
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      write_q  <= '0;
      held_q   <= '0;
      unsent_q <= '0;
      rest_q   <= '1;
      skip_q   <= 1'b0;
      idle_q   <= '0;
      resend_o <= 1'b0;
      blocked_q    <= 1'b0;
      word_valid_q <= 1'b0;
    end else begin
      blocked_q <= blocked_d;
      if (!blocked_q) word_valid_q <= word_valid_i;
      held_q   <= held_d;
      unsent_q <= {{AddrW{1'b0}}, push} + unsent;
      resend_o <= command && !command_new_i && within_q && command_resend_i;
      if (push) write_q <= write_q + 1'b1;
      if (taken) rest_q <= rest_d;
      if (push)             skip_q <= 1'b0;
      else if (new_session) skip_q <= 1'b1;
      if (push) idle_q <= '0;
      else      idle_q <= idle_q + {{(IdleW-1){1'b0}}, !idle_q[IdleW-1]};
    end
  end

  // ---- frames out ----
  assign length      = LengthW'(PositionB) + {{(LengthW-CountW-1){1'b0}}, left_q, 1'b0};
  assign out_valid_o = state_q == Header || state_q == Low || state_q == High;
  assign out_taken   = out_valid_o && out_ready_i;
  assign out_last_o  = state_q == High && left_q == CountW'(1);
  // The ring is a word ahead of the one that is sent.
  assign next_word   = out_taken && (state_q == High || (state_q == Header && (&header_q)));
  assign read_d      = {{(AddrW-1){1'b0}}, next_word} + (state_q == Header ? position_q[AddrW-1:0] : read_q);

  always_comb begin
    out_data_o = state_q == High ? out_q[15:8] : out_q[7:0];
    if (state_q == Header) begin
      case (header_q)
        3'd0:    out_data_o = Kind;
        3'd1:    out_data_o = '0;               // the stream has no sequence numbers
        3'd2:    out_data_o = length[7:0];
        3'd3:    out_data_o = length[15:8];
        3'd4:    out_data_o = position_q[7:0];
        3'd5:    out_data_o = position_q[15:8];
        3'd6:    out_data_o = position_q[23:16];
        default: out_data_o = position_q[31:24];
      endcase
    end
  end

  always_ff @(posedge clk_i) begin
    if (!blocked_q) word_q <= word_i;
    read_q <= read_d;
    if (next_word) out_q <= word;
    if (start)                               header_q <= '0;
    else if (out_taken && state_q == Header) header_q <= header_q + 1'b1;
    if (start || (out_taken && state_q == High)) left_q <= {{(CountW-1){1'b1}}, start} - ~(start ? words : left_q);
    if (rst_i) begin
      state_q <= Idle;
    end else begin
      case (state_q)
        Idle:    if (command_valid_i)             state_q <= Locate;
                 else if (must_send_q && !hold_i) state_q <= Aim;
        Locate:  state_q <= Weigh;
        Weigh:   state_q <= Apply;
        Apply:   state_q <= Idle;
        Aim:     state_q <= Aimed;
        Aimed:   state_q <= Header;
        Header:  if (out_taken && (&header_q)) state_q <= Low;
        Low:     if (out_taken) state_q <= High;
        default: if (out_taken) state_q <= out_last_o ? Idle : Low;
      endcase
    end
  end

  ncx_ram #(.Width(16), .Depth(StreamWords), .Style(1)) u_ring (
    .clk_i, .we_i(push), .waddr_i(write_q[AddrW-1:0]), .wdata_i(word_q),
    .re_i(1'b1), .raddr_i(read_d), .rdata_o(word)
  );

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) if (!rst_i) begin
    assert (held_q <= (AddrW+1)'(StreamWords));
    assert (unsent_q <= held_q);
    assert (!(skip_q && held_q != '0));
  end
`endif
endmodule
`default_nettype wire
