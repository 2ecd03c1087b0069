// SPDX-License-Identifier: BSD-3-Clause
// Carries requests out, one at a time and each once: sessions, sequence numbers, refusals, replies.
// Every state waits for something bounded only: a memory access, a reset pass, room on the way to
// the host. Whatever a request may be refused for is looked at before anything is changed.
`default_nettype none
module ncx_configurator #(
  parameter int unsigned Lanes          = 8,
  parameter int unsigned Neurons        = 1024,
  parameter int unsigned Axons          = 1024,
  parameter int unsigned SynapseWords   = 1024,
  parameter int unsigned Rows           = 2048,
  parameter int unsigned MaxDelay       = 1,
  parameter int unsigned ParameterSets  = 256,
  parameter int unsigned ProgramEntries = 512,
  parameter int unsigned Profiles       = 2,
  parameter int unsigned EventEntries   = 512,
  parameter int unsigned ProbeEntries   = 64,
  localparam int unsigned OffsetW = $clog2(ncx_pkg::FrameHeader + ncx_pkg::MaxPayload + 1)
) (
  input  wire logic                            clk_i,
  input  wire logic                            rst_i,
  output      logic                            awake_o,          // registers are as after a reset
  // requests, from ncx_frame_rx
  input  wire logic                            frame_valid_i,
  input  wire logic [7:0]                      frame_data_i,
  output      logic                            frame_next_o,
  output      logic                            frame_seek_o,
  output      logic [OffsetW-1:0]              frame_offset_o,
  output      logic                            frame_release_o,
  // replies, to ncx_frame_tx
  output      logic                            reply_valid_o,
  input  wire logic                            reply_ready_i,
  output      logic [7:0]                      reply_data_o,
  output      logic                            reply_last_o,
  // configuration bus, all of it registers; regions below SYNAPSE are ncx_registers'
  output      logic                            cfg_valid_o,
  output      logic                            local_valid_o,    // instead of cfg_valid_o, for ncx_registers
  output      logic                            cfg_write_o,
  output      logic [4:0]                      cfg_region_o,
  output      logic [31:0]                     cfg_addr_o,
  output      logic [ncx_pkg::CfgDataW-1:0]    cfg_wdata_o,
  input  wire logic                            cfg_done_i,
  input  wire logic [ncx_pkg::CfgDataW-1:0]    cfg_rdata_i,      // the core's
  output      logic                            local_clear_o,
  input  wire logic                            local_kept_i,
  input  wire logic [31:0]                     live_rdata_i,
  input  wire logic [31:0]                     kept_rdata_i,
  output      logic [4:0]                      check_addr_o,     // which register may be written?
  input  wire logic                            check_read_only_i,
  input  wire logic                            check_still_only_i,
  // run control
  output      logic                            until_valid_o,
  output      logic [31:0]                     until_o,
  output      logic                            stop_o,
  output      logic                            reset_valid_o,
  output      logic [7:0]                      reset_mask_o,
  input  wire logic                            reset_done_i,
  // events
  output      logic                            event_valid_o,
  input  wire logic                            event_ready_i,
  output      logic [1:0]                      event_kind_o,
  output      logic [ncx_pkg::IdW-1:0]         event_id_o,
  output      logic [ncx_pkg::StateW-1:0]      event_value_o,
  input  wire logic [15:0]                     event_free_i,
  input  wire logic [31:0]                     event_tick_i,
  // stream
  output      logic                            stream_valid_o,
  input  wire logic                            stream_ready_i,
  output      logic                            stream_new_o,
  output      logic                            stream_resend_o,
  output      logic [31:0]                     stream_position_o,
  output      logic                            stream_hold_o,    // stream_position_i is being read
  input  wire logic [31:0]                     stream_position_i,
  output      logic                            stream_sync_o,
  // state
  input  wire logic [31:0]                     tick_i,
  input  wire logic [31:0]                     until_i,
  input  wire logic [7:0]                      state_i,
  output      logic [ncx_pkg::RegionTotal-1:0] dirty_o
);
  // ---- what the regions hold ----
  localparam logic [31:0] SynapseSize = SynapseWords * Lanes;
  localparam logic [31:0] RowSize     = Rows * 2;
  localparam logic [31:0] ProgramSize = ProgramEntries * 2;
  localparam logic [31:0] SetSize     = ParameterSets * ncx_pkg::ParameterStride;
  localparam logic [31:0] StateSize   = Neurons * 4;
  localparam logic [31:0] AccSize     = MaxDelay * Neurons;
  localparam logic [31:0] QueueSize   = ProgramEntries * 2;
  localparam logic [31:0] MemberSize  = Profiles * ((Neurons + Axons) / Lanes);
  localparam logic [31:0] TraceSize   = Profiles * (2 * Neurons + Axons);
  localparam logic [31:0] TapsSize    = Profiles * 128;

  function automatic logic [31:0] region_size(input logic [4:0] region);
    case (region)
      ncx_pkg::RegionRegisters:   region_size = ncx_pkg::RegisterScratch + 1;
      ncx_pkg::RegionInfo:        region_size = ncx_pkg::InfoWords;
      ncx_pkg::RegionSynapse:     region_size = SynapseSize;
      ncx_pkg::RegionSource:      region_size = Neurons + Axons;
      ncx_pkg::RegionRow:         region_size = RowSize;
      ncx_pkg::RegionProgram:     region_size = ProgramSize;
      ncx_pkg::RegionParameter:   region_size = SetSize;
      ncx_pkg::RegionState:       region_size = StateSize;
      ncx_pkg::RegionAccumulator: region_size = AccSize;
      ncx_pkg::RegionCount:       region_size = Neurons;
      ncx_pkg::RegionRate:        region_size = Axons;
      ncx_pkg::RegionGenerator:   region_size = (Lanes + 7) / 8 * 4;
      ncx_pkg::RegionProbe:       region_size = ProbeEntries;
      ncx_pkg::RegionProfile:     region_size = Profiles * ncx_pkg::ProfileWords;
      ncx_pkg::RegionTaps:        region_size = TapsSize;
      ncx_pkg::RegionDriftStep:   region_size = Profiles * 32;
      ncx_pkg::RegionLearnMember: region_size = MemberSize;
      ncx_pkg::RegionTrace:       region_size = TraceSize;
      ncx_pkg::RegionLearnState:  region_size = Profiles * 2 + 1;
      ncx_pkg::RegionAxonSpike:   region_size = Axons / Lanes;
      default:                    region_size = QueueSize;
    endcase
  endfunction
  // The sum is an upper bound of every region's size.
  localparam int unsigned CountW = $clog2(SynapseSize + RowSize + ProgramSize + SetSize + StateSize
                                          + AccSize + QueueSize + TraceSize + TapsSize + Axons + ProbeEntries + Lanes
                                          + ncx_pkg::InfoWords + 1);

  // ---- layout of requests and replies ----
  localparam int unsigned LengthW     = $clog2(ncx_pkg::MaxPayload + 1);
  localparam int unsigned ArgBytes    = 16;                 // the longest request without its data
  localparam int unsigned WordLsb     = 8 * (ArgBytes - 4); // of the byte that came four bytes ago
  localparam int unsigned DataOffset  = 8;                  // of WRITE's data and EVENTS' words
  localparam int unsigned CountBits   = 10;                 // no request moves 1,024 words: bytes of the longest payload
  localparam logic [LengthW-1:0] HelloLength  = 4;
  localparam logic [LengthW-1:0] ReadLength   = 8;
  localparam logic [LengthW-1:0] CheckLength  = 16;
  localparam logic [LengthW-1:0] RunLength    = 4;
  localparam logic [LengthW-1:0] ResetLength  = 4;
  localparam logic [LengthW-1:0] StreamLength = 5;
  localparam int unsigned InfoUnit   = 4;
  localparam int unsigned MaxUnit    = 5;
  localparam int unsigned SequenceW  = 8;
  localparam int unsigned StatusW    = 4;                   // bits of a status
  localparam int unsigned WindowW    = $clog2(ncx_pkg::StatusWindow);
  localparam int unsigned WordsW     = LengthW - 1;

  typedef enum logic [4:0] {
    Idle, Header, Arguments, Measure, Sequence, Session, Judge, Act, Attributes, Move, Events, Reset, Stream,
    Settle, Finish, Reply, Data, Release, Released
  } state_e;
  state_e              state_q;
  logic [StatusW-1:0]  status_q;
  logic [3:0]          index_q;
  // The header and what may be arguments shift in; what lies behind a short request's payload is never looked at.
  logic [8*ncx_pkg::FrameHeader-1:0] header_q;
  logic [8*ArgBytes-1:0] arg_q;
  logic [5:0]          code;
  logic [7:0]          sequence_number;
  logic [LengthW-1:0]  length;
  assign code            = header_q[5:0];
  assign sequence_number = header_q[15:8];
  assign length          = header_q[16+:LengthW];
  logic unused;                          // ncx_frame_rx has looked at the version and the length
  assign unused = &{1'b0, header_q, beyond};

  // Arguments by name; which are meaningful depends on the request.
  logic [7:0]  region, unit_byte;
  logic [15:0] count16;
  logic [31:0] arg0, arg1, count32, crc_given;
  assign {crc_given, count32, arg1, arg0} = arg_q;
  assign {count16, unit_byte, region}     = arg0;

  // The header and the arguments are there long before they are looked at and stay until the next request, so whatever
  // follows from them comes out of a register.
  logic       is_hello_q, is_read_q, is_write_q, is_check_q, is_run_q, is_events_q, is_stop_q, is_reset_q, is_stream_q;
  logic       has_words_q, local_q;
  logic [4:0] region_q;
  logic [2:0] unit_q;
  logic [WordsW-1:0] event_words_q;
  always_ff @(posedge clk_i) begin
    is_hello_q    <= code == ncx_pkg::RequestHello && !rst_i;
    is_read_q     <= code == ncx_pkg::RequestRead && !rst_i;
    is_write_q    <= code == ncx_pkg::RequestWrite || rst_i;      // see awake_o
    is_check_q    <= code == ncx_pkg::RequestCheck && !rst_i;
    is_run_q      <= code == ncx_pkg::RequestRun;
    is_events_q   <= code == ncx_pkg::RequestEvents;
    is_stop_q     <= code == ncx_pkg::RequestStop;
    is_reset_q    <= code == ncx_pkg::RequestReset;
    is_stream_q   <= code == ncx_pkg::RequestStream;
    has_words_q   <= count16 != '0;
    event_words_q <= WordsW'((length - LengthW'(DataOffset)) >> 1);
    if (rst_i) begin
      region_q <= ncx_pkg::RegionRegisters;
      unit_q   <= '0;
      local_q  <= 1'b1;
    end else begin
      region_q <= is_hello_q ? ncx_pkg::RegionInfo : region[4:0];
      unit_q   <= is_hello_q ? 3'(InfoUnit) : is_check_q ? 3'(MaxUnit) : unit;
      local_q  <= region_q[4:1] == '0;                            // REGISTERS and INFO
    end
  end

  // ---- session and sequence numbers ----
  logic                 session_q, fresh_q, same_nonce_q, answered_q, current_q;
  logic [31:0]          nonce_q;
  logic [SequenceW-1:0] expected_q, behind;
  logic [WindowW:0]     remembered_q;
  logic [StatusW-1:0]   remembered;
  logic                 remember;

  assign behind     = expected_q - sequence_number;
  always_ff @(posedge clk_i) begin
    current_q    <= behind == '0;
    answered_q   <= behind != '0 && behind <= SequenceW'(remembered_q);
    same_nonce_q <= session_q && arg0 == nonce_q;
  end
  assign remember   = state_q == Finish && fresh_q && status_q != ncx_pkg::StatusFull[StatusW-1:0];

  ncx_ram #(.Width(StatusW), .Depth(ncx_pkg::StatusWindow), .Style(2)) u_statuses (
    .clk_i, .we_i(remember), .waddr_i(sequence_number[WindowW-1:0]), .wdata_i(status_q[StatusW-1:0]),
    .re_i(1'b1), .raddr_i(sequence_number[WindowW-1:0]), .rdata_o(remembered)
  );

  // ---- may it be done? ----
  localparam int unsigned EndW = CountW + 1;
  logic [2:0]           unit;
  logic [CountBits+2:0] size_q;         // DataOffset, which is also ncx_reply's ReplyFixed, and the bytes of all words
  logic [EndW-1:0]      end_q;
  logic [31:0]          count_checked;
  logic                 running, bad_unit, bad_region_q, bad_address_q, still_q, any_dirty_q, far_q;
  logic                 bad_length_q, read_only_q, to_registers_q, is_move, below, below_q, is_past_q, is_early_q;
  logic [7:0]           reference;
  logic [StatusW-1:0]   verdict;

  assign running     = state_i[ncx_pkg::StateBitRunning];
  assign unit        = unit_byte[2:0];
  assign bad_unit    = unit == '0 || unit > 3'(MaxUnit) || unit_byte[3]
                       || count16[15:CountBits] != '0 || (is_read_q && unit_byte[7:4] != '0);
  assign is_move     = is_read_q || is_write_q || is_check_q;
  assign count_checked = is_check_q ? count32 : {16'd0, count16};

  // Bytewise, as the arguments come: is the first below `until`, the second below the first?
  always_comb begin
    case (index_q[2:0])
      3'd0:    reference = until_i[7:0];
      3'd1:    reference = until_i[15:8];
      3'd2:    reference = until_i[23:16];
      3'd3:    reference = until_i[31:24];
      default: reference = arg_q[WordLsb+:8];
    endcase
    below = {frame_data_i, 1'b0} < {reference, below_q && index_q[1:0] != '0};
  end
  always_ff @(posedge clk_i) if (state_q == Arguments) begin
    below_q <= below;
    if (index_q == 4'd3) is_past_q  <= below;
    if (index_q == 4'd7) is_early_q <= below;
  end

  // As many times the count as a word has bytes.
  always_ff @(posedge clk_i) begin
    if (state_q == Arguments) size_q <= (CountBits+3)'(DataOffset);
    else if (state_q == Measure && index_q[2:0] < unit) size_q <= size_q + (CountBits+3)'(count16[CountBits-1:0]);
  end

  // A subtraction from a register, so that the sizes need no LUTs of their own.
  logic            fits;
  logic [EndW-1:0] beyond;
  assign {fits, beyond} = {1'b0, end_q} - {1'b0, EndW'(region_size(region[4:0]) + 32'd1)};

  // What a verdict needs stands when it is given.
  always_ff @(posedge clk_i) if (state_q == Measure) begin
    end_q          <= {1'b0, arg1[CountW-1:0]} + {1'b0, count_checked[CountW-1:0]};
    far_q          <= arg1[31:CountW] != '0 || count_checked[31:CountW] != '0;
  end
  always_ff @(posedge clk_i) if (state_q == Sequence) begin
    bad_address_q  <= far_q || !fits;
    bad_region_q   <= region >= 8'(ncx_pkg::RegionTotal);
    still_q        <= region >= 8'(ncx_pkg::RegionSynapse);      // reachable while standing still
    read_only_q    <= is_write_q && region == 8'(ncx_pkg::RegionInfo);
    to_registers_q <= is_write_q && region == 8'(ncx_pkg::RegionRegisters);
    any_dirty_q    <= dirty_o != '0;
    bad_length_q   <= (is_read_q && (length != ReadLength || bad_unit || size_q[CountBits+2:CountBits+1] != '0
                                     || (size_q[CountBits] && size_q[CountBits-1:0] != '0)))
                      || (is_write_q && (bad_unit || size_q != (CountBits+3)'(length)))
                      || (is_check_q && length != CheckLength)
                      || (is_run_q && length != RunLength)
                      || (is_events_q && (length < LengthW'(DataOffset) || length[0]))
                      || (is_stop_q && length != '0)
                      || (is_reset_q && length != ResetLength);
  end

  // Looked at in one state only: elsewhere not defined, which simulates quickly.
  always_comb begin
    verdict = 'x;
    if (state_q == Judge) begin
      verdict = ncx_pkg::StatusOk[StatusW-1:0];
      if (!(is_move || is_run_q || is_events_q || is_stop_q || is_reset_q)) verdict = ncx_pkg::StatusBadType[StatusW-1:0];
      else if (bad_length_q) verdict = ncx_pkg::StatusBadLength[StatusW-1:0];
      else if (is_move) begin
        if (bad_region_q)            verdict = ncx_pkg::StatusBadRegion[StatusW-1:0];
        else if (bad_address_q)      verdict = ncx_pkg::StatusBadAddress[StatusW-1:0];
        else if (read_only_q)        verdict = ncx_pkg::StatusReadOnly[StatusW-1:0];
        else if (still_q && running) verdict = ncx_pkg::StatusBusy[StatusW-1:0];
      end
      else if ((is_run_q || is_events_q) && any_dirty_q) verdict = ncx_pkg::StatusNotValidated[StatusW-1:0];
      else if (is_run_q && is_past_q)                verdict = ncx_pkg::StatusLate[StatusW-1:0];
      else if (is_events_q && is_early_q)            verdict = ncx_pkg::StatusBadValue[StatusW-1:0];
      else if (is_reset_q && running)                verdict = ncx_pkg::StatusBusy[StatusW-1:0];
    end
  end

  // ---- which of the registers from arg1 on may not be written? ----
  // ncx_word_mover goes over the addresses without words.
  logic       any_read_only_q, any_still_only_q, attributes_done, no_word_left;
  logic [StatusW-1:0] attributes_verdict;
  assign check_addr_o       = cfg_addr_o[4:0];
  assign attributes_done    = state_q == Attributes && no_word_left;
  assign attributes_verdict = any_read_only_q ? ncx_pkg::StatusReadOnly[StatusW-1:0]
                              : any_still_only_q && running ? ncx_pkg::StatusBusy[StatusW-1:0] : ncx_pkg::StatusOk[StatusW-1:0];
  always_ff @(posedge clk_i) begin
    if (state_q == Judge) begin
      any_read_only_q  <= 1'b0;
      any_still_only_q <= 1'b0;
    end else if (state_q == Attributes && !no_word_left) begin
      if (check_read_only_i)  any_read_only_q  <= 1'b1;
      if (check_still_only_i) any_still_only_q <= 1'b1;
    end
  end

  // ---- words and events ----
  logic        ok, ok_q, granted_q, allowed, mover_start, mover_done, mover_next, mover_valid, mover_ready;
  logic        mover_last, loader_start, loader_done, loader_next, loader_rewind;
  logic [7:0]  mover_data;
  logic [StatusW-1:0] loader_status;
  logic [31:0] crc;
  logic        sends_words, match_q;

  assign ok           = status_q == ncx_pkg::StatusOk[StatusW-1:0];
  assign allowed      = granted_q;         // in Act
  assign sends_words  = ok_q && (is_hello_q || (is_read_q && has_words_q));
  assign mover_start  = (allowed && (is_check_q || is_write_q))
                        || (attributes_done && attributes_verdict == ncx_pkg::StatusOk[StatusW-1:0])
                        || (state_q == Finish && sends_words);
  assign mover_ready  = state_q == Data && !reply_valid_o;
  assign local_clear_o = unit_q == '0;       // no request that is carried out
  assign loader_start = allowed && is_events_q;

  ncx_word_mover #(.CountW(CountW)) u_mover (
    .clk_i, .rst_i, .start_i(mover_start), .write_i(is_write_q), .check_i(is_check_q),
    .region_i(region_q), .unit_i(unit_q),
    .high_i(unit_byte[7:4]),
    .address_i(is_hello_q ? '0 : arg1[CountW-1:0]),
    .count_i(is_hello_q ? CountW'(ncx_pkg::InfoWords)
             : is_check_q ? count32[CountW-1:0] : CountW'(count16)),
    .scan_i(to_registers_q && (state_q == Act || (state_q == Attributes && !no_word_left))), .none_o(no_word_left),
    .done_o(mover_done), .crc_o(crc),
    .in_next_o(mover_next), .in_data_i(frame_data_i),
    .out_valid_o(mover_valid), .out_ready_i(mover_ready), .out_data_o(mover_data),
    .out_last_o(mover_last),
    .cfg_valid_o, .local_valid_o, .cfg_write_o, .cfg_region_o, .cfg_addr_o, .cfg_wdata_o,
    .cfg_done_i, .cfg_rdata_i, .local_i(local_q), .kept_i(local_kept_i), .live_rdata_i, .kept_rdata_i
  );

  ncx_event_loader #(
    .Neurons(Neurons), .Axons(Axons), .EventEntries(EventEntries), .WordsW(WordsW)
  ) u_loader (
    .clk_i, .rst_i, .start_i(loader_start),
    .words_i(event_words_q), .base_i(arg1), .until_i,
    .done_o(loader_done), .status_o(loader_status),
    .in_data_i(frame_data_i), .in_next_o(loader_next), .rewind_o(loader_rewind),
    .event_valid_o, .event_ready_i, .event_kind_o, .event_id_o, .event_value_o, .event_free_i,
    .event_tick_i
  );

  always_ff @(posedge clk_i) begin
    granted_q <= state_q == Judge && verdict == ncx_pkg::StatusOk[StatusW-1:0] && !rst_i;
    ok_q      <= ok;                       // looked at from Finish on
    match_q   <= crc == crc_given;         // the mover is done two cycles after its last byte
  end

  // ---- reading the frame ----
  // Released in two steps: behind the payload, and behind the header's bytes.
  assign frame_next_o    = state_q == Header || state_q == Arguments || mover_next || loader_next;
  assign frame_seek_o    = state_q == Act || attributes_done || loader_rewind;
  assign frame_release_o = state_q == Release || state_q == Released;
  assign frame_offset_o  = state_q == Release ? OffsetW'(length)
                           : state_q == Released ? OffsetW'(ncx_pkg::FrameHeader)
                           : OffsetW'(ncx_pkg::FrameHeader + DataOffset);

  // ---- what a request does besides moving words ----
  logic events_ok;
  assign events_ok         = state_q == Events && loader_done
                             && loader_status == ncx_pkg::StatusOk[StatusW-1:0];
  assign until_o           = arg0;
  always_ff @(posedge clk_i) begin
    until_valid_o <= ((allowed && is_run_q) || (events_ok && !is_past_q)) && !rst_i;
    stop_o        <= allowed && is_stop_q && !rst_i;
  end
  assign reset_valid_o     = state_q == Reset;
  assign reset_mask_o      = arg0[7:0];
  assign stream_valid_o    = state_q == Stream || state_q == Session;
  assign stream_new_o      = state_q == Session;
  assign stream_resend_o   = arg1[0];
  assign stream_position_o = arg0;
  assign stream_hold_o     = is_hello_q && state_q == Reply;
  assign stream_sync_o     = state_q == Session && stream_ready_i;

  // ---- replies ----
  logic byte_load, reply_end;
  ncx_reply #(.LengthW(LengthW), .StatusW(StatusW)) u_reply (
    .clk_i, .rst_i, .finish_i(state_q == Finish), .fixed_i(state_q == Reply), .data_i(state_q == Data), .index_i(index_q),
    .load_o(byte_load), .fixed_end_o(reply_end),
    .is_hello_i(is_hello_q), .is_read_i(is_read_q), .is_check_i(is_check_q), .code_i(code), .sequence_i(sequence_number),
    .status_i(status_q), .expected_i(expected_q), .read_length_i(size_q[LengthW-1:0]),
    .state_i, .free_i(event_free_i), .tick_i, .position_i(stream_position_i), .crc_i(crc),
    .sends_words_i(sends_words), .word_valid_i(mover_valid), .word_data_i(mover_data), .word_last_i(mover_last),
    .valid_o(reply_valid_o), .ready_i(reply_ready_i), .data_o(reply_data_o), .last_o(reply_last_o)
  );

  // ---- one request after the other ----
  always_ff @(posedge clk_i) begin
    // After reset ncx_word_mover writes zeros: a WRITE of register words without bytes.
    awake_o <= !rst_i && (awake_o || mover_done);
    if (rst_i) begin
      header_q <= 32'(ncx_pkg::RequestWrite);
      arg_q    <= '0;
    end else begin
      if (state_q == Header)    header_q <= {frame_data_i, header_q[8*ncx_pkg::FrameHeader-1:8]};
      if (state_q == Arguments) arg_q    <= {frame_data_i, arg_q[8*ArgBytes-1:8]};
    end
    case (state_q)
      Header:             index_q <= index_q == 4'(ncx_pkg::FrameHeader - 1) ? '0 : index_q + 1'b1;
      Arguments, Measure, Settle: index_q <= index_q + 1'b1;
      Reply:              if (byte_load) index_q <= index_q + 1'b1;
      default:            index_q <= '0;
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      state_q      <= Idle;
      session_q    <= 1'b0;
      remembered_q <= '0;
      fresh_q      <= 1'b0;
    end else begin
      case (state_q)
        Idle: begin
          fresh_q <= 1'b0;
          if (frame_valid_i) state_q <= Header;
        end
        Header:    if (index_q == 4'(ncx_pkg::FrameHeader - 1)) state_q <= Arguments;
        Arguments: if (index_q == 4'(ArgBytes - 1)) state_q <= Measure;
        Measure:   if (index_q[2:0] == 3'(MaxUnit)) state_q <= Sequence;
        Sequence: begin
          state_q  <= Settle;
          status_q <= ncx_pkg::StatusOk[StatusW-1:0];
          if (is_hello_q) begin
            if (length != HelloLength) status_q <= ncx_pkg::StatusBadLength[StatusW-1:0];
            else if (!same_nonce_q)      state_q  <= Session;
          end else if (is_stream_q) begin
            state_q <= session_q && length == StreamLength ? Stream : Release;
          end else if (!session_q) begin
            status_q <= ncx_pkg::StatusNoSession[StatusW-1:0];
          end else if (current_q) begin
            fresh_q <= 1'b1;
            state_q <= Judge;
          end else if (answered_q) begin
            // The data of an answer is not remembered, so it is read again.
            status_q <= remembered;
            if ((is_read_q || is_check_q) && (remembered == ncx_pkg::StatusOk[StatusW-1:0]
                || remembered == ncx_pkg::StatusCrcMismatch[StatusW-1:0])) state_q <= Judge;
          end else begin
            status_q <= ncx_pkg::StatusOutOfOrder[StatusW-1:0];
          end
        end
        Session: if (stream_ready_i) begin
          session_q    <= 1'b1;
          nonce_q      <= arg0;
          expected_q   <= sequence_number + 1'b1;
          remembered_q <= '0;
          state_q      <= Settle;
        end
        Judge: begin
          status_q <= verdict;
          state_q  <= Act;
        end
        Act: begin
          state_q <= Settle;
          if (granted_q) begin
            if (to_registers_q)                state_q <= Attributes;
            else if (is_write_q || is_check_q) state_q <= Move;
            else if (is_events_q)              state_q <= Events;
            else if (is_reset_q)               state_q <= Reset;
          end
        end
        Attributes: if (attributes_done) begin
          status_q <= attributes_verdict;
          state_q  <= attributes_verdict == ncx_pkg::StatusOk[StatusW-1:0] ? Move : Settle;
        end
        Move: if (mover_done) begin
          state_q <= Settle;
          if (is_check_q && !match_q) begin
            status_q <= ncx_pkg::StatusCrcMismatch[StatusW-1:0];
          end
        end
        Events: if (loader_done) begin
          status_q <= loader_status;
          state_q  <= Settle;
        end
        Reset:  if (reset_done_i) state_q <= Settle;
        Stream: if (stream_ready_i) state_q <= Release;
        // What was done has an effect on what the reply says: `until` on the state, say.
        Settle: if (index_q[1:0] == '1) state_q <= Finish;
        Finish: begin
          state_q <= Reply;
          if (remember) begin
            expected_q <= expected_q + 1'b1;
            if (remembered_q != (WindowW+1)'(ncx_pkg::StatusWindow)) begin
              remembered_q <= remembered_q + 1'b1;
            end
          end
        end
        Reply:   if (byte_load && reply_end) state_q <= sends_words ? Data : Release;
        Data:    if (byte_load && mover_last) state_q <= Release;
        Release: state_q <= Released;
        default: state_q <= Idle;       // Released
      endcase
    end
  end

  // ---- written and not checked since ----
  logic written, validated;
  assign written   = allowed && is_write_q && has_words_q;
  assign validated = state_q == Move && mover_done && is_check_q && fresh_q && match_q;
  always_ff @(posedge clk_i) begin
    if (rst_i) dirty_o <= '0;
    else if (written || validated) begin
      for (int r = 0; r < ncx_pkg::RegionTotal; r++) begin
        if (ncx_pkg::RegionConfigMask[r] && region[4:0] == 5'(r)) dirty_o[r] <= written;
      end
    end
  end

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) if (!rst_i) begin
    assert (!(state_q == Header && !frame_valid_i));
    assert (remembered_q <= (WindowW+1)'(ncx_pkg::StatusWindow));
  end
`endif
endmodule
`default_nettype wire
