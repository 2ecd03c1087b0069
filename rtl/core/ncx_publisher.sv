// SPDX-License-Identifier: BSD-3-Clause
// After the sweep: spike counters, and the tick's record for the host (docs/protocol.md, "The stream").
// It waits for the link when it must; such cycles are stalls and not part of a tick's cost.
`default_nettype none
module ncx_publisher #(
  parameter int unsigned Lanes        = 8,
  parameter int unsigned Neurons      = 1024,
  parameter int unsigned ProgramEntries = 512,
  parameter int unsigned ProbeEntries = 64,
  localparam int unsigned LaneW  = $clog2(Lanes),
  localparam int unsigned SlotW  = $clog2(Neurons),
  localparam int unsigned RowW   = SlotW - LaneW,
  localparam int unsigned ProgW  = $clog2(ProgramEntries),
  localparam int unsigned ProbeW = $clog2(ProbeEntries)
) (
  input  wire logic                       clk_i,
  input  wire logic                       rst_i,
  input  wire logic                       start_i,         // the sweep of tick_i is done
  output      logic                       done_o,          // pulse
  output      logic                       stalled_o,
  output      logic                       idle_o,
  input  wire logic [31:0]                tick_i,
  input  wire logic                       sync_i,          // the next record starts with SYNC
  input  wire logic                       end_i,           // pulse: the run is over, write SYNC tick_i
  input  wire logic [31:0]                control_i,
  input  wire logic [15:0]                used_rows_i,
  input  wire logic [15:0]                probes_i,
  // spikes of the tick
  input  wire logic [15:0]                entries_i,
  input  wire logic                       spiked_i,        // there are any
  input  wire logic [15:0]                spikes_i,        // from the second cycle after start_i on
  output      logic                       queue_re_o,
  output      logic [15:0]                queue_addr_o,
  input  wire logic [RowW-1:0]            queue_row_i,
  input  wire logic [Lanes-1:0]           queue_mask_i,
  output      logic                       bits_re_o,
  output      logic [RowW-1:0]            bits_row_o,
  input  wire logic [Lanes-1:0]           bits_i,
  // potential of a slot, from two cycles after the request on
  output      logic                       probe_re_o,
  output      logic [SlotW-1:0]           probe_slot_o,
  input  wire logic [ncx_pkg::StateW-1:0] probe_v_i,
  // to the host
  output      logic                       stream_valid_o,
  input  wire logic                       stream_ready_i,
  output      logic [ncx_pkg::StreamWordW-1:0] stream_word_o,
  // clearing and configuration, only while idle; read data one cycle after the request
  input  wire logic                       clear_count_i,
  input  wire logic [SlotW-1:0]           clear_slot_i,
  input  wire logic                       cfg_count_i,
  input  wire logic                       cfg_probe_i,
  input  wire logic                       cfg_write_i,
  input  wire logic [SlotW-1:0]           cfg_slot_i,
  input  wire logic [ProbeW-1:0]          cfg_probe_addr_i,
  input  wire logic [15:0]                cfg_wdata_i,
  output      logic [15:0]                cfg_rdata_o
);
  localparam int unsigned WordW  = ncx_pkg::StreamWordW;
  localparam int unsigned CountW = ncx_pkg::CountW;
  localparam int unsigned RowsPerWord     = WordW / Lanes;   // of a bitmap
  localparam int unsigned RowsPerWordLog2 = $clog2(RowsPerWord);
  localparam int unsigned AdvanceW = 14;
  localparam logic [1:0] TagAdvance = 2'b10;
  localparam logic [3:0] TagSync = 4'b1100, TagBitmap = 4'b1101, TagProbes = 4'b1110;
  localparam int unsigned CountFieldW = 12;

  typedef enum logic [3:0] {
    Idle, Decide, Head, SyncLow, SyncHigh, Entry, Spike, BitmapHead, BitmapRead, BitmapShift, BitmapEmit,
    ProbeHead, ProbeFetch, ProbeRead, ProbeLow, ProbeHigh
  } state_e;
  state_e state_q, after_spikes, after_head, after_walk;

  logic             want_spikes, want_count, want_probes, want_walk, use_bitmap, emit_spike_q, need_sync;
  logic             sync_q, end_q, ending_q, emit, take, more, last_entry, last_row, last_row_q, word_full;
  logic [AdvanceW:0] distance_q;          // ticks since the last record; the top bit: more than an advance can name
  logic [SlotW:0]   spikes;
  logic [ProgW:0]   entries, entry_q;
  logic [ProgW-1:0] ahead_q;             // the entry that is fetched next
  logic [RowW:0]    used_rows, row_q;    // the row that is read next
  logic [RowW+1:0]  bitmap_words, record_words_q;   // wide enough for builds with one row a word
  logic [ProbeW:0]  probes, probe_q;     // the probe that is fetched next
  logic [Lanes-1:0] mask_q, left;
  logic [RowW-1:0]  spike_row_q;
  logic [LaneW-1:0] lane;
  logic [SlotW-1:0] slot;
  logic [WordW-1:0] word_q;

  // What a build cannot have needs no bits.
  logic unused;
  assign unused = &{1'b0, spikes_i, entries_i, used_rows_i, probes_i, control_i, bitmap_words};
  assign spikes    = spikes_i[SlotW:0];
  assign entries   = entries_i[ProgW:0];
  assign used_rows = used_rows_i[RowW:0];
  assign probes    = probes_i[ProbeW:0];

  assign want_spikes  = control_i[ncx_pkg::ControlBitStreamSpikes] && spiked_i;
  assign want_count   = control_i[ncx_pkg::ControlBitCountSpikes] && spiked_i;
  assign want_probes  = control_i[ncx_pkg::ControlBitStreamProbes] && probes != '0;
  assign bitmap_words = ({1'b0, used_rows} + (RowW+2)'(RowsPerWord - 1)) >> RowsPerWordLog2;
  assign use_bitmap   = want_spikes && used_rows != '0 && (SlotW+2)'(record_words_q) < {1'b0, spikes};
  assign want_walk    = want_count || (want_spikes && !use_bitmap);
  assign need_sync    = sync_q || distance_q[AdvanceW];

  assign after_spikes = want_probes ? ProbeHead : Idle;
  assign after_walk   = use_bitmap ? BitmapHead : after_spikes;
  assign after_head   = want_walk ? Entry : after_walk;

  // The lowest lane of what is left of the entry.
  always_comb begin
    logic below;
    lane  = '0;
    below = 1'b0;
    for (int l = 0; l < Lanes; l++) begin
      if (mask_q[l] && !below) lane = LaneW'(l);
      left[l] = mask_q[l] && below;
      below   = below || mask_q[l];
    end
  end
  assign slot       = {spike_row_q, lane};
  assign last_entry = entry_q == entries;
  assign more       = left != '0;
  assign last_row   = row_q == used_rows;
  if (RowsPerWord > 1) begin : g_full
    assign word_full = row_q[RowsPerWordLog2-1:0] == '0;
  end else begin : g_one
    assign word_full = 1'b1;
  end

  always_comb begin
    emit          = 1'b0;
    stream_word_o = '0;
    case (state_q)
      Head: if (need_sync || ending_q) begin
        emit          = 1'b1;
        stream_word_o = {TagSync, {CountFieldW{1'b0}}};
      end else begin
        emit          = distance_q != '0;
        stream_word_o = {TagAdvance, distance_q[AdvanceW-1:0]};
      end
      SyncLow:    begin emit = 1'b1; stream_word_o = tick_i[15:0]; end
      SyncHigh:   begin emit = 1'b1; stream_word_o = tick_i[31:16]; end
      Spike:      begin emit = emit_spike_q; stream_word_o = WordW'(slot); end
      BitmapHead: begin emit = 1'b1; stream_word_o = {TagBitmap, CountFieldW'(bitmap_words)}; end
      BitmapEmit: begin emit = 1'b1; stream_word_o = word_q; end
      ProbeHead:  begin emit = 1'b1; stream_word_o = {TagProbes, CountFieldW'(probes)}; end
      ProbeLow:   begin emit = 1'b1; stream_word_o = probe_v_i[WordW-1:0]; end
      ProbeHigh: begin
        emit          = 1'b1;
        stream_word_o = {{(2*WordW-ncx_pkg::StateW){probe_v_i[ncx_pkg::StateW-1]}}, probe_v_i[ncx_pkg::StateW-1:WordW]};
      end
      default: ;
    endcase
  end
  assign stream_valid_o = emit;
  assign take           = !emit || stream_ready_i;

  // The two extra words of a SYNC depend on the link's history, not on the network: they count as stalls.
  assign stalled_o = !take || state_q == SyncLow || state_q == SyncHigh;
  assign idle_o    = state_q == Idle && !end_q;

  always_ff @(posedge clk_i) begin
    emit_spike_q   <= want_spikes && !use_bitmap;   // in Spike, which comes after Entry
    last_row_q     <= last_row;               // in BitmapEmit, which leaves row_q alone
    record_words_q <= ({1'b0, used_rows} + (RowW+2)'(2 * RowsPerWord - 1)) >> RowsPerWordLog2;   // a bitmap's, and its head
    if (state_q == Idle) begin
      entry_q  <= '0;
      ahead_q  <= '0;
      row_q    <= '0;
      probe_q  <= '0;
      ending_q <= !start_i;
    end else if (take) begin
      case (state_q)
        Entry: begin
          mask_q      <= queue_mask_i;
          spike_row_q <= queue_row_i;
          entry_q     <= entry_q + 1'b1;
        end
        Spike:       mask_q <= left;
        BitmapHead:  word_q <= '0;
        BitmapRead:  row_q <= row_q + 1'b1;
        BitmapEmit:  word_q <= '0;
        default: ;
      endcase
      if (queue_re_o) ahead_q <= ahead_q + 1'b1;
      if (probe_fetch) probe_q <= probe_q + 1'b1;
      if (state_q == BitmapShift) begin
        // row_q is one ahead of the row that was read
        for (int k = 0; k < RowsPerWord; k++) begin
          if (32'(row_q) % RowsPerWord == (k + 1) % RowsPerWord) word_q[k*Lanes+:Lanes] <= bits_i;
        end
      end
      if (state_q == Head) distance_q <= '0;
      else if (done_o && !distance_q[AdvanceW]) distance_q <= distance_q + 1'b1;
    end
    if (rst_i) begin
      state_q <= Idle;
      sync_q  <= 1'b1;
      end_q   <= 1'b0;
    end else begin
      if (sync_i) sync_q <= 1'b1;
      else if (state_q == Head && take) sync_q <= 1'b0;
      if (end_i) end_q <= 1'b1;
      else if (state_q == Idle && !start_i) end_q <= 1'b0;
      if (state_q == Idle) begin
        if (start_i)    state_q <= Decide;
        else if (end_q) state_q <= Head;
      end else if (take) begin
        case (state_q)
          Decide:      state_q <= (want_spikes || want_probes) ? Head : want_count ? Entry : Idle;
          Head:        state_q <= (need_sync || ending_q) ? SyncLow : after_head;
          SyncLow:     state_q <= SyncHigh;
          SyncHigh:    state_q <= ending_q ? Idle : after_head;
          Entry:       state_q <= Spike;
          Spike:       state_q <= more ? Spike : last_entry ? after_walk : Entry;
          BitmapHead:  state_q <= BitmapRead;
          BitmapRead:  state_q <= BitmapShift;
          BitmapShift: state_q <= (word_full || last_row) ? BitmapEmit : BitmapRead;
          BitmapEmit:  state_q <= last_row_q ? after_spikes : BitmapRead;
          ProbeHead:   state_q <= ProbeFetch;
          ProbeFetch:  state_q <= ProbeRead;
          ProbeRead:   state_q <= ProbeLow;
          ProbeLow:    state_q <= ProbeHigh;
          default:     state_q <= last_probe ? Idle : ProbeFetch;
        endcase
      end
    end
  end

  always_comb begin
    done_o = 1'b0;
    if (!ending_q) begin
      case (state_q)
        Decide:     done_o = !(want_spikes || want_probes || want_count);
        Spike:      done_o = !more && last_entry && after_walk == Idle && (stream_ready_i || !emit_spike_q);
        BitmapEmit: done_o = last_row_q && after_spikes == Idle && stream_ready_i;
        ProbeHigh:  done_o = last_probe && stream_ready_i;
        default: ;
      endcase
    end
  end

  // Reads ahead by one entry: the first is fetched while deciding, the next while the present one is taken.
  assign queue_re_o   = state_q == Decide || state_q == Entry;
  assign queue_addr_o = 16'(ahead_q);
  assign bits_re_o    = state_q == BitmapRead;
  assign bits_row_o   = row_q[RowW-1:0];

  // ---- probe list ----
  logic [SlotW-1:0] probe_list;
  logic             probe_fetch, last_probe;
  assign probe_fetch = state_q == ProbeHead || (state_q == ProbeHigh && take);
  assign last_probe  = probe_q == probes;
  ncx_ram #(.Width(SlotW), .Depth(ProbeEntries), .Style(2)) u_probes (
    .clk_i, .we_i(cfg_probe_i && cfg_write_i), .waddr_i(cfg_probe_addr_i), .wdata_i(cfg_wdata_i[SlotW-1:0]),
    .re_i(probe_fetch || cfg_probe_i),
    .raddr_i(cfg_probe_i ? cfg_probe_addr_i : probe_q[ProbeW-1:0]),
    .rdata_o(probe_list)
  );
  assign probe_re_o   = state_q == ProbeFetch;
  assign probe_slot_o = probe_list;

  // ---- spike counters: read at the spike, written a cycle later; a tick has no slot twice ----
  logic [CountW-1:0] count;
  logic [CountW:0]   count_next;         // one more than the largest: stays
  logic              counting_q, cfg_count_q;
  logic [SlotW-1:0]  counting_slot_q;
  logic              count_spike;
  assign count_spike = state_q == Spike && want_count && take;
  assign count_next  = {1'b0, count} + (CountW+1)'(1);
  ncx_ram #(.Width(CountW), .Depth(Neurons), .Style(1)) u_counts (
    .clk_i,
    .we_i   ((counting_q && !count_next[CountW]) || clear_count_i || (cfg_count_i && cfg_write_i)),
    .waddr_i(counting_q ? counting_slot_q : clear_count_i ? clear_slot_i : cfg_slot_i),
    .wdata_i(counting_q ? count_next[CountW-1:0] : clear_count_i ? '0 : cfg_wdata_i),
    .re_i   (state_q == Spike || cfg_count_i),
    .raddr_i(cfg_count_i ? cfg_slot_i : slot),
    .rdata_o(count)
  );
  always_ff @(posedge clk_i) begin
    counting_q      <= count_spike && !rst_i;
    counting_slot_q <= slot;
    cfg_count_q     <= cfg_count_i;
  end
  assign cfg_rdata_o = cfg_count_q ? count : 16'(probe_list);
endmodule
`default_nettype wire
