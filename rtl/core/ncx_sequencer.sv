// SPDX-License-Identifier: BSD-3-Clause
// The order of a tick: spikes of the last tick, encoders, sweep, learning, publish; between ticks the host's events that are due.
// A tick's cost is counted here, cycle by cycle; docs/architecture.md has the formula and a test compares them.
`default_nettype none
module ncx_sequencer #(
  parameter int unsigned Lanes    = 8,
  parameter int unsigned Neurons  = 1024,
  parameter int unsigned Axons    = 1024,
  parameter int unsigned ProgramEntries = 512,
  parameter int unsigned ClearDepth = 128,     // addresses of the longest RAM that IN_FLIGHT clears
  parameter int unsigned TraceDepth = 768,     // addresses of a lane's traces
  localparam int unsigned LaneW   = $clog2(Lanes),
  localparam int unsigned SlotW   = $clog2(Neurons),
  localparam int unsigned RowW    = SlotW - LaneW,
  localparam int unsigned AxonRows = Axons / Lanes,
  localparam int unsigned EncW    = AxonRows > 1 ? $clog2(AxonRows) : 1,
  localparam int unsigned SrcW    = $clog2(Neurons + Axons),
  localparam int unsigned IdW     = $clog2(Neurons > Axons ? Neurons : Axons),
  localparam int unsigned ClearW  = $clog2(ClearDepth),
  localparam int unsigned TraceAddrW = $clog2(TraceDepth),
  localparam int unsigned ProgW   = $clog2(ProgramEntries)
) (
  input  wire logic               clk_i,
  input  wire logic               rst_i,
  // run control
  input  wire logic               until_valid_i,
  input  wire logic [31:0]        until_i,
  input  wire logic               stop_i,
  input  wire logic               tick_valid_i,
  input  wire logic [31:0]        tick_value_i,
  input  wire logic               reset_valid_i,
  input  wire logic [7:0]         reset_mask_i,
  output      logic               reset_done_o,
  input  wire logic [15:0]        program_length_i,
  input  wire logic [15:0]        encoder_rows_i,
  input  wire logic [31:0]        period_i,
  output      logic [31:0]        tick_o,
  output      logic [31:0]        until_o,
  output      logic               running_o,
  output      logic               run_end_o,        // pulse: the run is over
  output      logic [63:0]        cycles_o,
  output      logic [31:0]        stalls_o,
  output      logic [31:0]        overruns_o,
  output      logic [31:0]        spikes_o,
  // events
  output      logic               event_flush_o,
  output      logic               tick_end_o,          // tick_o rises by one
  input  wire logic               event_settled_i,
  input  wire logic               event_valid_i,
  output      logic               event_ready_o,
  input  wire logic               event_current_i,
  input  wire logic [IdW-1:0]     event_id_i,
  output      logic               inject_o,
  // spike queue
  output      logic               queue_clear_o,
  output      logic               queue_re_o,
  output      logic [15:0]        queue_addr_o,
  input  wire logic [15:0]        queue_entries_i,
  input  wire logic [15:0]        queue_spikes_i,
  input  wire logic [RowW-1:0]    queue_row_i,
  input  wire logic [Lanes-1:0]   queue_mask_i,
  // walker
  output      logic               walk_start_o,
  output      logic [SrcW-1:0]    walk_source_o,
  input  wire logic               walk_last_i,
  // encoders
  output      logic               encoder_fetch_o,
  output      logic [EncW-1:0]    encoder_row_o,
  output      logic               encoder_draw_o,
  input  wire logic [Lanes-1:0]   encoder_fire_i,
  // an axon has a spike in this tick
  input  wire logic               learns_i,          // some profile is in use
  input  wire logic [15:0]        learn_axon_rows_i,
  output      logic               axon_spike_o,
  output      logic [EncW-1:0]    axon_row_o,
  output      logic [LaneW-1:0]   axon_lane_o,
  // sweep, learning and publish
  output      logic               sweep_start_o,
  output      logic               clear_membrane_o,
  output      logic               clear_theta_o,
  input  wire logic               sweep_done_i,
  output      logic               learn_start_o,
  input  wire logic               learn_done_i,
  output      logic               publish_start_o,
  input  wire logic               publish_done_i,
  input  wire logic               publish_stalled_i,
  input  wire logic               publish_idle_i,
  // clearing
  output      logic               clear_o,
  output      logic [ClearW-1:0]  clear_addr_o,
  output      logic               clear_count_o,
  output      logic [SlotW-1:0]   clear_slot_o,
  output      logic               clear_traces_o,
  output      logic [TraceAddrW-1:0] clear_trace_o
);
  typedef enum logic [4:0] {
    Wait, EventWalk, Entry, Spike, SpikeWalk, Encode, EncodeSpike, EncodeWalk, SweepStart, Sweep, Learn, Publish,
    ResetSweepStart, ResetSweep, ResetClear, ResetCount, ResetTraces, ResetDone
  } state_e;
  state_e state_q, after_sweep, after_clear, after_count, reset_sweep_end;

  // Passes of RESET share one counter.
  localparam int unsigned PassAW = ClearW > SlotW ? ClearW : SlotW;
  localparam int unsigned PassW  = PassAW > TraceAddrW ? PassAW : TraceAddrW;

  logic [31:0]      tick_q, tick_next, until_q, stalls_q, overruns_q, spikes_q;
  logic [63:0]      cycles_q;
  logic             in_tick_q, ticking, was_ticking_q, paced_q, settling_q, may_start;
  logic [2:0]       gather_tail_q;
  logic [ProgW:0]   entry_q;             // of the spike queue, looked at in Entry
  logic [ProgW-1:0] ahead_q;             // the one after it, fetched meanwhile
  logic [EncW:0]    encoder_rows;
  logic [EncW+1:0]  fetch_q;              // the row whose rates are fetched next
  logic             encoder_last_q, last_row;
  logic [Lanes-1:0] mask_q, left;
  logic [RowW-1:0]  row_q;
  logic [EncW-1:0]  axon_row_q;
  logic [LaneW-1:0] lane;
  logic [PassW-1:0] pass_q;
  logic             passing, pass_last;
  logic             take_event, take_current, take_axon, start_tick, start_reset, end_tick, busy;
  logic             sweep_needed, reset_sweeps;

  assign take_event   = state_q == Wait && event_valid_i && !reset_valid_i;
  assign take_current = take_event && event_current_i;
  assign take_axon    = take_event && !event_current_i;
  assign start_tick   = state_q == Wait && event_settled_i && !event_valid_i && ticking && publish_idle_i && may_start;
  assign start_reset  = state_q == Wait && reset_valid_i && !start_tick && publish_idle_i;
  assign end_tick     = publish_done_i && state_q == Publish;
  // Of these a build needs as many bits as it can have rows, entries and spikes.
  logic unused;
  assign unused = &{1'b0, encoder_rows_i, queue_entries_i, queue_spikes_i, learn_axon_rows_i};
  assign encoder_rows = encoder_rows_i[EncW:0];
  assign sweep_needed = program_length_i != '0;
  assign reset_sweeps = sweep_needed && (reset_mask_i[ncx_pkg::ResetBitMembrane] || reset_mask_i[ncx_pkg::ResetBitTheta]);

  assign event_ready_o = take_event;
  assign inject_o      = take_current;
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

  // The queue is read one entry ahead, the first one in every cycle in which a tick might start.
  assign queue_re_o   = state_q == Wait || state_q == Entry;
  assign queue_addr_o = 16'(ahead_q);
  assign queue_clear_o = state_q == SweepStart || (state_q == ResetClear);

  assign walk_start_o = take_axon || state_q == Spike || state_q == EncodeSpike;
  logic [SrcW-1:0] axon, source;
  assign axon   = SrcW'({axon_row_o, axon_lane_o});
  assign source = state_q == Spike ? SrcW'({row_q, lane}) : axon;
  assign walk_source_o = source + (state_q == Spike ? '0 : SrcW'(Neurons));

  // Learning looks at the spikes of its rows of axons only.
  assign axon_spike_o = learns_i && (take_axon || state_q == EncodeSpike)
                        && {1'b0, axon_row_o} < learn_axon_rows_i[EncW:0];
  assign axon_row_o   = state_q == EncodeSpike ? axon_row_q : EncW'(event_id_i >> LaneW);
  assign axon_lane_o  = state_q == EncodeSpike ? lane : event_id_i[LaneW-1:0];

  // Rates are fetched two rows ahead: those of the first row before the start, of the second in the cycle after it, by Encode,
  // which draws a row, those of the row after the next.
  assign encoder_fetch_o = state_q == Wait || (state_q == Entry && entry_q == '0) || state_q == Encode;
  assign encoder_row_o   = fetch_q[EncW-1:0];
  assign last_row        = fetch_q == {1'b0, encoder_rows} + 1'b1;
  assign encoder_draw_o  = state_q == Encode;

  assign sweep_start_o    = (state_q == SweepStart && sweep_needed) || state_q == ResetSweepStart;
  assign clear_membrane_o = state_q == ResetSweep && reset_mask_i[ncx_pkg::ResetBitMembrane];
  assign clear_theta_o    = state_q == ResetSweep && reset_mask_i[ncx_pkg::ResetBitTheta];
  logic swept;
  assign swept            = (state_q == Sweep && sweep_done_i) || (state_q == SweepStart && !sweep_needed);
  assign after_sweep      = learns_i ? Learn : Publish;
  assign learn_start_o    = swept && learns_i;
  assign publish_start_o  = (swept && !learns_i) || (state_q == Learn && learn_done_i);
  assign clear_o          = state_q == ResetClear;
  assign clear_addr_o     = pass_q[ClearW-1:0];
  assign clear_traces_o   = state_q == ResetTraces;
  assign clear_trace_o    = pass_q[TraceAddrW-1:0];
  assign passing          = state_q == ResetClear || state_q == ResetCount || state_q == ResetTraces;
  assign pass_last        = pass_q == (state_q == ResetClear ? PassW'(ClearDepth - 1)
                                       : state_q == ResetCount ? PassW'(Neurons - 1) : PassW'(TraceDepth - 1));
  assign after_count      = reset_mask_i[ncx_pkg::ResetBitTraces] ? ResetTraces : ResetDone;
  assign after_clear      = reset_mask_i[ncx_pkg::ResetBitCounts] ? ResetCount : after_count;
  assign reset_sweep_end  = reset_mask_i[ncx_pkg::ResetBitInFlight] ? ResetClear : after_clear;
  assign clear_count_o    = state_q == ResetCount;
  assign clear_slot_o     = pass_q[SlotW-1:0];
  assign reset_done_o     = state_q == ResetDone;

  logic reset_tick;
  assign reset_tick         = reset_done_o && reset_mask_i[ncx_pkg::ResetBitTick];
  assign event_flush_o      = tick_valid_i || state_q == ResetClear || reset_tick;
  assign tick_end_o         = end_tick;

  always_ff @(posedge clk_i) begin
    case (state_q)
      Entry: begin
        mask_q  <= queue_mask_i;
        row_q   <= queue_row_i;
        entry_q <= entry_q + 1'b1;
        ahead_q <= ahead_q + 1'b1;
        if (entry_q == '0) fetch_q <= fetch_q + 1'b1;
      end
      Encode: begin
        mask_q         <= encoder_fire_i;
        axon_row_q     <= axon_row_q + 1'b1;
        fetch_q        <= fetch_q + 1'b1;
        encoder_last_q <= last_row;
      end
      Spike, EncodeSpike: mask_q <= left;
      // What starts a tick fetches entry 0 and row 0 in its first cycle: they are set long before.
      Wait, SweepStart: begin
        entry_q    <= '0;
        ahead_q    <= ProgW'(start_tick);
        fetch_q    <= (EncW+2)'(start_tick);
        axon_row_q <= '1;
      end
      default: ;
    endcase
    pass_q <= passing && !pass_last ? pass_q + 1'b1 : '0;
    if (rst_i) state_q <= Wait;
    else begin
      case (state_q)
        Wait: begin
          if (take_axon)        state_q <= EventWalk;
          else if (start_tick)  state_q <= Entry;
          else if (start_reset) begin
            state_q <= reset_sweeps ? ResetSweepStart : ResetSweep;
          end
        end
        EventWalk: if (walk_last_i) state_q <= Wait;
        Entry: begin
          if (entry_q != queue_entries_i[ProgW:0]) state_q <= Spike;
          else                                     state_q <= encoder_rows != '0 ? Encode : SweepStart;
        end
        Spike:       state_q <= SpikeWalk;
        SpikeWalk:   if (walk_last_i) state_q <= mask_q != '0 ? Spike : Entry;
        Encode: begin
          if (encoder_fire_i != '0) state_q <= EncodeSpike;
          else if (last_row) state_q <= SweepStart;
        end
        EncodeSpike: state_q <= EncodeWalk;
        EncodeWalk: begin
          if (walk_last_i) state_q <= mask_q != '0 ? EncodeSpike : encoder_last_q ? SweepStart : Encode;
        end
        SweepStart:  state_q <= sweep_needed ? Sweep : after_sweep;
        Sweep:       if (sweep_done_i) state_q <= after_sweep;
        Learn:       if (learn_done_i) state_q <= Publish;
        Publish:     if (publish_done_i) state_q <= Wait;
        ResetSweepStart: state_q <= ResetSweep;
        ResetSweep:  if (sweep_done_i || !reset_sweeps) state_q <= reset_sweep_end;
        ResetClear:  if (pass_last) state_q <= after_clear;
        ResetCount:  if (pass_last) state_q <= after_count;
        ResetTraces: if (pass_last) state_q <= ResetDone;
        default:    state_q <= Wait;
      endcase
    end
  end

  // ---- tick, until, pace ----
  // The link sets no `until` before the tick. Who sets the tick sets `until` as well, a cycle later.
  assign ticking   = in_tick_q || (tick_q != until_q && !settling_q);
  assign tick_next = tick_q + 32'd1;
  assign run_end_o = was_ticking_q && !ticking;
  always_ff @(posedge clk_i) begin
    running_o <= !rst_i && ((state_q != Wait && state_q != ResetDone) || ticking || run_end_o || event_valid_i
                            || !event_settled_i || gather_tail_q != '0);
    gather_tail_q <= {gather_tail_q[1:0], take_event || state_q == EventWalk};
    if (rst_i || reset_tick) tick_q <= '0;
    else if (tick_valid_i)   tick_q <= tick_value_i;
    else if (end_tick)       tick_q <= tick_next;
    if (rst_i)                         until_q <= '0;
    else if (settling_q || stop_i)     until_q <= in_tick_q || start_tick ? tick_next : tick_q;   // behind the one under way
    else if (until_valid_i)            until_q <= until_i;
    settling_q <= !rst_i && (tick_valid_i || reset_tick);
    if (rst_i) begin
      in_tick_q     <= 1'b0;
      was_ticking_q <= 1'b0;
      paced_q       <= 1'b0;
    end else begin
      was_ticking_q <= ticking;
      if (start_tick)    in_tick_q <= 1'b1;
      else if (end_tick) in_tick_q <= 1'b0;
      if (start_tick)    paced_q <= 1'b1;
      else if (!ticking) paced_q <= 1'b0;
    end
  end

  // Cycles until the next tick may start, inverted: counted up to all ones, which is 0 left.
  logic [31:0] left_q;
  logic        waited, waiting_q;        // none are left; some were
  assign waited    = left_q == '1;
  assign may_start = !paced_q || left_q[31:1] == '1;
  always_ff @(posedge clk_i) begin
    if (start_tick || !waited) left_q <= start_tick ? ~period_i : left_q + 1'b1;
    waiting_q <= !start_tick && (waiting_q || !waited);
  end

  // ---- statistics ----
  // A counter stops where it would wrap.
  logic [32:0] spikes_sum, stalls_next, overruns_next;
  assign spikes_sum    = {1'b0, spikes_q} + 33'(queue_spikes_i[SlotW:0]);
  assign stalls_next   = {1'b0, stalls_q} + 33'd1;
  assign overruns_next = {1'b0, overruns_q} + 33'd1;
  logic ended_q;                         // the last spikes are counted a cycle after a tick that nobody hears of
  logic counts_q, stalls_one_q, overrun_q; // a cycle late
  always_ff @(posedge clk_i) begin
    ended_q      <= end_tick && !rst_i;
    counts_q     <= busy && !(state_q == Publish && publish_stalled_i) && !rst_i;
    stalls_one_q <= state_q == Publish && publish_stalled_i && !rst_i;
    overrun_q    <= start_tick && paced_q && waited && waiting_q && !rst_i;
  end
  assign busy = (state_q != Wait && state_q < ResetSweepStart) || take_event || start_tick;
  always_ff @(posedge clk_i) begin
    if (rst_i || (reset_done_o && reset_mask_i[ncx_pkg::ResetBitStatistics])) begin
      cycles_q   <= '0;
      stalls_q   <= '0;
      overruns_q <= '0;
      spikes_q   <= '0;
    end else begin
      if (counts_q) cycles_q <= cycles_q + 1'b1;
      if (stalls_one_q && !stalls_next[32]) stalls_q <= stalls_next[31:0];
      if (overrun_q && !overruns_next[32]) overruns_q <= overruns_next[31:0];
      if (ended_q) spikes_q <= spikes_sum[32] ? '1 : spikes_sum[31:0];
    end
  end

  assign tick_o     = tick_q;
  assign until_o    = until_q;
  assign cycles_o   = cycles_q;
  assign stalls_o   = stalls_q;
  assign overruns_o = overruns_q;
  assign spikes_o   = spikes_q;
endmodule
`default_nettype wire
