// SPDX-License-Identifier: BSD-3-Clause
// The learning step of a tick, profile after profile: axon traces, weights, neuron traces, drift; then the axons' spikes
// are forgotten. What to look at, and when; the arithmetic is ncx_plasticity's, the rows are ncx_row_walker's.
`default_nettype none
module ncx_learner #(
  parameter int unsigned Lanes     = 8,
  parameter int unsigned LocalRows = 128,
  parameter int unsigned AxonRows  = 128,
  parameter int unsigned Profiles  = 2,
  parameter int unsigned DistributedDepth = 128,
  localparam int unsigned LaneW   = $clog2(Lanes),
  localparam int unsigned ProfW   = Profiles > 1 ? $clog2(Profiles) : 1,
  localparam int unsigned TraceW  = ncx_pkg::TraceW,
  localparam int unsigned TraceRows = 2 * LocalRows + AxonRows,     // a profile's, in every lane
  localparam int unsigned TraceAddrW = $clog2(Profiles * TraceRows),
  localparam int unsigned SourceRows = LocalRows + AxonRows,
  localparam int unsigned MemberW = $clog2(Profiles * SourceRows),
  localparam int unsigned SrcRowW = $clog2(SourceRows),
  localparam int unsigned SrcW    = SrcRowW + LaneW
) (
  input  wire logic                 clk_i,
  input  wire logic                 rst_i,
  input  wire logic                 start_i,
  output      logic                 done_o,           // pulse
  // settings
  input  wire logic [Profiles-1:0]  in_use_i,
  input  wire logic [Profiles-1:0]  learning_i,
  input  wire logic [15:0]          neuron_rows_i,
  input  wire logic [15:0]          axon_rows_i,
  input  wire logic signed [ncx_pkg::ModulationW-1:0] modulation_i,
  // what happened in the tick
  input  wire logic                 neuron_fired_i,
  input  wire logic                 axon_fired_i,
  input  wire logic [Lanes-1:0]     neuron_spikes_i,  // of the row read last
  input  wire logic [Lanes-1:0]     axon_spikes_i,
  // the profile
  output      logic                 fetch_o,
  output      logic [ProfW-1:0]     profile_o,
  input  wire logic [ncx_pkg::HistoryW-1:0]    window_i,
  input  wire logic [ncx_pkg::LearnShiftW-1:0] shift_i,
  input  wire logic [1:0]           rounding_i,
  input  wire logic                 instar_i,
  input  wire logic                 exponential_i,
  input  wire logic                 post_i,
  input  wire logic                 modulated_i,
  input  wire logic                 drift_i,
  output      logic signed [ncx_pkg::ModulationW-1:0] gain_o,
  output      logic                 draws_o,          // every step takes a random number
  // drift
  output      logic                 product_o,
  output      logic                 add_o,
  output      logic                 fold_o,           // pulse: folded
  output      logic                 age_o,
  input  wire logic                 fold_needed_i,
  // a row of all lanes' traces, and of spikes
  output      logic                 read_o,
  output      logic [TraceAddrW-1:0] read_addr_o,
  output      logic [SrcRowW-1:0]   spike_row_o,      // of neurons, or axons
  input  wire logic [Lanes*TraceW-1:0] traces_i,
  // update: the row of read_addr_o takes in its spikes; written back in stage 5
  output      logic [5:2]           update_o,         // stages that hold one
  output      logic                 update_post_o,    // with the postsynaptic amplitude and decay
  output      logic                 update_axons_o,
  output      logic [TraceAddrW-1:0] update5_addr_o,
  input  wire logic                 update5_any_i,    // some new trace of the row is not 0
  // a kernel trace's value
  output      logic                 value_fetch_o,
  output      logic                 value_post_o,
  output      logic [ncx_pkg::HistoryW-1:0] value_history_o,
  input  wire logic signed [TraceW-1:0] value_i,
  output      logic                 value_write_o,    // into a postsynaptic trace
  output      logic [LaneW-1:0]     value_lane_o,
  output      logic [TraceAddrW-1:0] value_addr_o,
  output      logic [TraceW-1:0]    value_o,
  // walk of a source's rows
  output      logic                 walk_start_o,
  output      logic [SrcW-1:0]      walk_source_o,
  output      logic                 walk_all_o,       // every synapse of the row may change
  output      logic                 walk_fold_o,
  input  wire logic                 walk_last_i,
  input  wire logic                 walk_stepped_i,   // with walk_last_i: the last row was one to learn
  output      logic                 pre_o,            // the source has a spike, and targets have traces
  output      logic signed [TraceW-1:0] x_o,
  output      logic [TraceAddrW-1:0] post_base_o,     // where the profile's postsynaptic traces begin
  // clearing the axons' spikes
  output      logic                 clear_o,
  output      logic [SrcRowW-1:0]   clear_row_o,
  output      logic                 clear_last_o,
  // configuration of LEARN_MEMBER; read data one cycle after the request
  input  wire logic                 cfg_member_i,
  input  wire logic                 cfg_write_i,
  input  wire logic [MemberW-1:0]   cfg_addr_i,
  input  wire logic [Lanes-1:0]     cfg_wdata_i,
  output      logic [Lanes-1:0]     cfg_rdata_o,
  input  wire logic                 traces_written_i, // any trace may be there now
  input  wire logic                 traces_cleared_i
);
  localparam int unsigned GainW = ncx_pkg::ModulationW;
  localparam logic signed [GainW-1:0] One = GainW'(65536);
  localparam int unsigned Settle = 4;             // cycles from the last step or update until it is written
  localparam int unsigned MemberStyle = Profiles * SourceRows <= 4 * DistributedDepth ? 2 : 1;
  localparam logic [1:0] RoundStochastic = 2'd2;

  typedef enum logic [4:0] {
    Idle, Next, Load, AxonDecide, WalkDecide, NeuronDecide, PostDecide, DriftDecide, FoldDecide, FoldDone,
    Update, WalkFetch, Scan, Select, Walk, Land, Resume, ValueFetch, ValueScan, ValueSelect, Drain, Clear, Done
  } state_e;
  state_e state_q, after_q, walk_end;

  logic [Profiles-1:0] left_q, lowest, neuron_traces_q, axon_traces_q;
  logic [ProfW-1:0]    profile_q, next_profile;
  logic signed [GainW-1:0] gain_q;
  logic                learns_q, fold_q, post_pass_q, axons_q, passed_q, any_q;
  logic [SrcRowW-1:0]  row_q;
  logic [2:0]          settle_q;
  logic [Lanes-1:0]    mask_q, lowest_lane, mask_left, member, spikes, has_trace, has_history, candidates;
  logic [LaneW-1:0]    lane;
  logic [TraceW-1:0]   lane_trace;
  logic signed [GainW-1:0] modulation_limited;

  // ---- the profile ----
  assign modulation_limited = modulation_i | GainW'(modulation_i == {1'b1, {(GainW-1){1'b0}}});
  assign lowest = left_q & (~left_q + 1'b1);
  always_comb begin
    next_profile = '0;
    for (int p = 0; p < Profiles; p++) if (lowest[p]) next_profile = ProfW'(p);
  end
  assign fetch_o   = state_q == Next;
  assign profile_o = state_q == Next ? next_profile : profile_q;
  assign gain_o    = gain_q;
  assign product_o = state_q == WalkDecide;       // the gain is there, and long before the drift takes it
  assign draws_o   = rounding_i == RoundStochastic && !fold_q;

  // ---- which row of traces is read ----
  logic                  row_last, next_axons, scan_end, scan_on, value_on, read_axons;
  logic [SrcRowW-1:0]    next_row, read_row;
  logic [TraceAddrW-1:0] base;
  logic [MemberW-1:0]    member_base;

  assign row_last   = 16'(row_q) + 16'd1 == (axons_q ? axon_rows_i : neuron_rows_i);
  assign next_axons = axons_q || row_last;
  assign next_row   = (row_last && !axons_q) ? '0 : row_q + 1'b1;
  assign scan_end   = row_last && (axons_q || axon_rows_i == '0);
  assign scan_on    = (state_q == Scan && candidates == '0) || (state_q == Resume && mask_q == '0);
  assign value_on   = (state_q == ValueScan && candidates == '0) || (state_q == ValueSelect && mask_left == '0);

  always_comb begin
    base        = '0;
    member_base = '0;
    for (int p = 0; p < Profiles; p++) begin
      if (profile_q == ProfW'(p)) begin
        base        = TraceAddrW'(p * TraceRows);
        member_base = MemberW'(p * SourceRows);
      end
    end
  end
  assign read_axons  = scan_on ? next_axons : axons_q;
  assign read_row    = scan_on ? next_row : value_on ? row_q + 1'b1 : row_q;
  assign read_o      = state_q == Update || state_q == WalkFetch || state_q == ValueFetch || state_q == Resume
                       || scan_on || value_on;
  assign read_addr_o = base + TraceAddrW'(read_row) + (post_pass_q ? TraceAddrW'(SourceRows)
                                                       : read_axons ? TraceAddrW'(LocalRows) : TraceAddrW'(0));
  assign spike_row_o = read_row;
  assign post_base_o = base + TraceAddrW'(SourceRows);

  ncx_ram #(.Width(Lanes), .Depth(Profiles * SourceRows), .Style(MemberStyle)) u_members (
    .clk_i, .we_i(cfg_member_i && cfg_write_i), .waddr_i(cfg_addr_i), .wdata_i(cfg_wdata_i),
    .re_i(read_o || cfg_member_i),
    .raddr_i(cfg_member_i ? cfg_addr_i
                          : member_base + (read_axons ? MemberW'(LocalRows) : MemberW'(0)) + MemberW'(read_row)),
    .rdata_o(member)
  );
  assign cfg_rdata_o = member;

  // ---- which of its sources have something to learn ----
  always_comb begin
    has_trace   = '0;
    has_history = '0;
    candidates  = '0;
    spikes      = '0;
    if (state_q == Scan || state_q == ValueScan || state_q == Select) begin
      for (int l = 0; l < Lanes; l++) begin
        has_history[l] = traces_i[l*TraceW+:TraceW] != '0;
        has_trace[l]   = exponential_i ? has_history[l]
                                       : (traces_i[l*TraceW+:ncx_pkg::HistoryW] & window_i) != '0;
      end
      spikes = axons_q ? axon_spikes_i : neuron_spikes_i;
      if (state_q == ValueScan) candidates = has_history;
      else if (fold_q)          candidates = member;
      else begin
        candidates = member & (({Lanes{neuron_fired_i}} & (has_trace | {Lanes{instar_i}})) | ({Lanes{post_i}} & spikes));
      end
    end
  end

  // ---- the lane whose turn it is ----
  assign lowest_lane = mask_q & (~mask_q + 1'b1);
  assign mask_left   = mask_q & ~lowest_lane;
  always_comb begin
    lane       = '0;
    lane_trace = '0;
    if (state_q == Select || state_q == ValueSelect) begin
      for (int l = 0; l < Lanes; l++) begin
        if (lowest_lane[l]) begin
          lane       = LaneW'(l);
          lane_trace = lane_trace | traces_i[l*TraceW+:TraceW];
        end
      end
    end
  end
  assign walk_start_o  = state_q == Select;
  assign walk_source_o = {(axons_q ? SrcRowW'(LocalRows) : SrcRowW'(0)) + row_q, lane};
  assign walk_all_o    = pre_o || fold_q;
  assign walk_fold_o   = fold_q;

  // ---- values of kernel traces: two cycles after the lane's turn, into x or a postsynaptic trace ----
  logic [1:0]          turn_q;
  logic [2:0]          value_turn_q;
  logic [TraceW-1:0]   raw_q, value_q;
  logic [LaneW-1:0]    lane1_q, lane2_q, lane3_q;
  logic [SrcRowW-1:0]  row1_q, row2_q, row3_q;

  assign value_fetch_o   = turn_q[0];
  assign value_post_o    = value_turn_q[0];
  assign value_history_o = raw_q[ncx_pkg::HistoryW-1:0] & window_i;
  assign value_write_o   = value_turn_q[2];
  assign value_lane_o    = lane3_q;
  assign value_addr_o    = post_base_o + TraceAddrW'(row3_q);
  assign value_o         = value_q;
  always_ff @(posedge clk_i) begin
    if (state_q == Select || state_q == ValueSelect) raw_q <= lane_trace;
    if (turn_q[1] && !value_turn_q[1]) x_o <= exponential_i ? $signed(raw_q) : value_i;
    if (value_turn_q[1])               value_q <= value_i;
    {lane3_q, lane2_q, lane1_q} <= {lane2_q, lane1_q, lane};
    {row3_q, row2_q, row1_q}    <= {row2_q, row1_q, row_q};
    if (rst_i) begin
      turn_q       <= '0;
      value_turn_q <= '0;
    end else begin
      turn_q       <= {turn_q[0], state_q == Select || state_q == ValueSelect};
      value_turn_q <= {value_turn_q[1:0], state_q == ValueSelect};
    end
  end

  // ---- updates ----
  logic [SrcRowW-1:0] update2_row_q, update3_row_q, update4_row_q, update5_row_q;
  assign update_post_o  = post_pass_q;
  assign update_axons_o = axons_q;
  assign update5_addr_o = base + TraceAddrW'(update5_row_q) + (post_pass_q ? TraceAddrW'(SourceRows)
                                                               : axons_q ? TraceAddrW'(LocalRows) : TraceAddrW'(0));
  always_ff @(posedge clk_i) begin
    {update5_row_q, update4_row_q, update3_row_q, update2_row_q}
        <= {update4_row_q, update3_row_q, update2_row_q, row_q};
    if (rst_i) update_o <= '0;
    else       update_o <= {update_o[4:2], state_q == Update};
  end

  // ---- clearing ----
  assign clear_o      = state_q == Clear;
  assign clear_row_o  = row_q;
  assign clear_last_o = 16'(row_q) + 16'd1 == axon_rows_i;
  assign done_o       = state_q == Done;

  // ---- decisions ----
  logic has_neurons, has_axons, axon_pass, walk_pass, neuron_pass, clearing;
  assign has_neurons = neuron_rows_i != '0;
  assign has_axons   = axon_rows_i != '0;
  assign axon_pass   = has_axons && (axon_fired_i || axon_traces_q[profile_q]);
  assign walk_pass   = learns_q && gain_q != '0 && (has_neurons || has_axons)
                       && (neuron_fired_i || (post_i && axon_fired_i));
  assign neuron_pass = has_neurons && (neuron_fired_i || neuron_traces_q[profile_q]);
  assign clearing    = has_axons && axon_fired_i;
  // Updates may follow the last step at once; a change of the drift may not.
  assign walk_end    = neuron_pass && !fold_q ? NeuronDecide : Drain;
  assign add_o       = state_q == DriftDecide && drift_i && learns_q;
  assign age_o       = state_q == DriftDecide;
  assign fold_o      = state_q == FoldDone;

  always_ff @(posedge clk_i) begin
    settle_q <= state_q == Drain ? settle_q + 1'b1 : '0;
    if (update_o[5] && update5_any_i) any_q <= 1'b1;
    case (state_q)
      Idle: left_q <= in_use_i;
      Next: begin
        profile_q   <= next_profile;
        left_q      <= left_q & ~lowest;
        learns_q    <= (learning_i & lowest) != '0;
        fold_q      <= 1'b0;
        post_pass_q <= 1'b0;
        row_q       <= '0;
      end
      Load: begin
        // Its negative has to fit as well: the smallest gain counts as the one above it.
        gain_q   <= (modulated_i ? modulation_limited : One) >>> shift_i;
        passed_q <= 1'b0;
      end
      AxonDecide: begin
        axons_q  <= 1'b1;
        passed_q <= axon_pass;
        any_q    <= 1'b0;
        after_q  <= WalkDecide;
      end
      WalkDecide: begin
        axons_q <= !has_neurons;
        row_q   <= '0;
        after_q <= NeuronDecide;
      end
      NeuronDecide: begin
        axons_q  <= 1'b0;
        row_q    <= '0;
        passed_q <= neuron_pass;
        any_q    <= 1'b0;
        after_q  <= post_i ? PostDecide : DriftDecide;
      end
      PostDecide: begin
        row_q       <= '0;
        post_pass_q <= passed_q && exponential_i;
        after_q     <= DriftDecide;
      end
      DriftDecide: post_pass_q <= 1'b0;
      FoldDecide: begin
        fold_q  <= fold_needed_i;
        axons_q <= !has_neurons;
        row_q   <= '0;
        after_q <= FoldDone;
      end
      Update, Clear: row_q <= row_q + 1'b1;
      Scan: begin
        mask_q <= candidates;
        if (scan_on) {axons_q, row_q} <= {next_axons, next_row};
      end
      Select: begin
        mask_q <= mask_left;
        pre_o  <= post_i && !fold_q && (lowest_lane & spikes) != '0;
      end
      Resume: if (scan_on) {axons_q, row_q} <= {next_axons, next_row};
      ValueScan: begin
        mask_q <= candidates;
        if (value_on) row_q <= row_q + 1'b1;
      end
      ValueSelect: begin
        mask_q <= mask_left;
        if (value_on) row_q <= row_q + 1'b1;
      end
      default: ;
    endcase
    // Whether traces are left is known when their pass is over.
    if (rst_i || traces_cleared_i) begin
      neuron_traces_q <= '0;
      axon_traces_q   <= '0;
    end else if (traces_written_i) begin
      neuron_traces_q <= '1;
      axon_traces_q   <= '1;
    end else begin
      if (state_q == WalkDecide && passed_q)  axon_traces_q[profile_q]   <= any_q;
      if (state_q == DriftDecide && passed_q) neuron_traces_q[profile_q] <= any_q;
    end
    if (rst_i) state_q <= Idle;
    else begin
      case (state_q)
        Idle:         if (start_i) state_q <= Next;
        Next:         state_q <= left_q != '0 ? Load : clearing ? Clear : Done;
        Load:         state_q <= has_axons ? AxonDecide : WalkDecide;
        AxonDecide:   state_q <= axon_pass ? Update : WalkDecide;
        WalkDecide:   state_q <= walk_pass ? WalkFetch : NeuronDecide;
        NeuronDecide: state_q <= neuron_pass ? Update : post_i ? PostDecide : DriftDecide;
        PostDecide:   state_q <= !passed_q ? DriftDecide : exponential_i ? Update : ValueFetch;
        DriftDecide:  state_q <= add_o ? FoldDecide : Next;
        FoldDecide:   state_q <= !fold_needed_i ? Next : (has_neurons || has_axons) ? WalkFetch : FoldDone;
        FoldDone:     state_q <= Next;
        Update:       if (row_last) state_q <= Drain;
        WalkFetch:    state_q <= Scan;
        Scan:         if (candidates != '0) state_q <= Select;
                      else if (scan_end) state_q <= walk_end;
        Select:       state_q <= Walk;
        Walk:         if (walk_last_i) state_q <= walk_stepped_i ? Land : Resume;
        Land:         state_q <= Resume;          // the last step reads its target's trace and spike
        Resume:       state_q <= mask_q != '0 ? Select : scan_end ? walk_end : Scan;
        ValueFetch:   state_q <= ValueScan;
        ValueScan:    if (candidates != '0) state_q <= ValueSelect;
                      else if (row_last) state_q <= Drain;
        ValueSelect:  if (mask_left == '0) state_q <= row_last ? Drain : ValueScan;
        Drain:        if (settle_q == Settle[2:0] - 3'd1) state_q <= after_q;
        Clear:        if (clear_last_o) state_q <= Done;
        default:      state_q <= Idle;
      endcase
    end
  end
endmodule
`default_nettype wire
