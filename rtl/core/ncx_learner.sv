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
  localparam int unsigned SrcW    = SrcRowW + LaneW,
  localparam int unsigned CountW  = 5
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
  output      logic                 fetch_post_o,     // of the postsynaptic amplitude and decay
  output      logic [ProfW-1:0]     fetch_profile_o,  // during a fetch
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
  output      logic                 product_load_o,   // a product begins
  output      logic                 multiply_o,
  output      logic [CountW-1:0]    count_o,          // of multiply_o's cycles
  input  wire logic                 multiplied_i,
  output      logic                 fold_o,           // pulse: folded
  output      logic                 age_o,
  input  wire logic                 fold_needed_i,    // in the cycle after multiplied_i
  // a row of all lanes' traces, and of spikes
  output      logic                 read_o,
  output      logic [TraceAddrW-1:0] read_addr_o,
  output      logic [SrcRowW-1:0]   spike_row_o,      // of neurons, or axons
  input  wire logic [Lanes*TraceW-1:0] traces_i,
  // update: the row of read_addr_o takes in its spikes; written back in stage 5
  output      logic                 update1_o,        // the cycle before stage 2
  output      logic [5:2]           update_o,         // stages that hold one
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
  output      logic                 clear_last_o,     // all are cleared
  // configuration of LEARN_MEMBER; read data one cycle after the request
  input  wire logic                 cfg_i,
  input  wire logic                 cfg_member_i,     // of an access, from before its request to its end
  input  wire logic                 cfg_write_i,
  input  wire logic [MemberW-1:0]   cfg_addr_i,
  input  wire logic [Lanes-1:0]     cfg_wdata_i,
  output      logic [Lanes-1:0]     cfg_rdata_o,
  input  wire logic                 traces_written_i, // any trace may be there now
  input  wire logic                 traces_cleared_i
);
  localparam int unsigned GainW = ncx_pkg::ModulationW;
  localparam logic signed [GainW-1:0] One = GainW'(65536);
  localparam int unsigned Settle = 3;             // cycles from the end of a pass until its last update or step is written
  localparam bit          MemberLut = Profiles * SourceRows <= 4 * DistributedDepth;
  localparam logic [1:0]  RoundStochastic = 2'd2;
  localparam int unsigned MostRows = LocalRows > AxonRows ? LocalRows : AxonRows;
  localparam int unsigned RowW  = $clog2(MostRows + 1);
  // A lane's trace is taken out of all in two cycles: first of each group of four, then of the groups.
  localparam int unsigned GroupLanes = Lanes < 4 ? Lanes : 4;
  localparam int unsigned Groups     = Lanes / GroupLanes;
  localparam int unsigned InGroupW   = $clog2(GroupLanes);

  typedef enum logic [4:0] {
    Idle, Next, Load, Gain, AxonDecide, WalkDecide, NeuronDecide, PostDecide, DriftDecide, Multiply, FoldDecide, FoldDone,
    Update, Scan, Select, Walk, ValueScan, ValueSelect, Drain, Clear, Done
  } state_e;
  state_e state_q;
  // What goes on in Update, Scan, ValueScan and the states they lead to.
  typedef enum logic [2:0] {PassAxons, PassWeights, PassNeurons, PassPost, PassFold} pass_e;
  pass_e pass_q;

  logic [Profiles-1:0] left_q, lowest, neuron_traces_q, axon_traces_q;
  logic [ProfW-1:0]    profile_q, next_profile;
  logic signed [GainW-1:0] gain_q;
  logic                learns_q, fold_q, axons_q, passed_q, any_q;
  logic [CountW-1:0]   count_q, product_q;
  logic signed [GainW-1:0] modulation_limited;

  // ---- the profile ----
  // Its negative has to fit as well: the smallest modulation counts as the one above it.
  assign modulation_limited = modulation_i | GainW'(modulation_i == {1'b1, {(GainW-1){1'b0}}});
  assign lowest = left_q & (~left_q + 1'b1);
  always_comb begin
    next_profile = '0;
    for (int p = 0; p < Profiles; p++) if (lowest[p]) next_profile = next_profile | ProfW'(p);
  end
  assign fetch_o         = state_q == Next && left_q != '0;
  assign fetch_post_o    = state_q == Drain && pass_q == PassNeurons && count_q == '0;
  assign fetch_profile_o = state_q == Next ? next_profile : profile_q;
  assign profile_o       = profile_q;
  assign draws_o         = rounding_i == RoundStochastic && !fold_q;

  // The gain is shifted by four places or one a cycle. In a fold it is 1.
  logic gain_load, gain_four, gain_one;
  assign gain_load = state_q == Load || state_q == FoldDecide;
  assign gain_four = count_q[CountW-1:2] != shift_i[CountW-1:2];
  assign gain_one  = count_q[1:0] != shift_i[1:0];
  always_ff @(posedge clk_i) begin
    if (gain_load)              gain_q <= modulated_i && state_q == Load ? modulation_limited : One;
    else if (state_q == Gain) begin
      if (gain_four)     gain_q <= gain_q >>> 4;
      else if (gain_one) gain_q <= gain_q >>> 1;
    end
  end
  assign gain_o = gain_q;

  // One counter for all that takes a known time.
  always_ff @(posedge clk_i) begin
    if (state_q == Gain || state_q == Drain) begin
      count_q <= count_q + (state_q == Gain && gain_four ? CountW'(4) : CountW'(1));
    end else begin
      count_q <= '0;
    end
  end

  // ---- a walk: from Select, its first cycle, on ----
  // Its end is known late, and only ends walking_q. In the next cycle, or, if its last row was one to learn, after one in which
  // the last step reads its target's trace and spike, the next lane's walk begins, or what Scan does.
  logic walking_q, landing_q, walked, scan, resume;
  always_ff @(posedge clk_i) begin
    if (rst_i) {landing_q, walking_q} <= '0;
    else begin
      walking_q <= walk_start_o || (walking_q && !walk_last_i);
      landing_q <= walking_q && walk_last_i && walk_stepped_i;
    end
  end
  assign walked = state_q == Walk && !walking_q && !landing_q;

  // ---- which row is looked at ----
  // A row a cycle is read; its candidates are known two cycles later, when two more may have been read. A row with
  // candidates, a hit, is read once more, and what was read behind it is forgotten.
  logic [RowW-1:0]    row_q, row1_q, row2_q, row3_q, row4_q, row5_q, limit_q, read_row;
  logic               at_end, scanning, reads, hit, again, holds, read1_q, read2_q, end1_q, scanned, row_start;
  logic [Lanes-1:0]   mask, lowest_lane, mask_left, member, spikes, spikes_q;
  logic               take, mask_empty;
  logic [LaneW-1:0]   lane, lane_q, lane1_q, lane2_q, lane3_q;

  assign at_end     = row_q == limit_q;
  assign mask_empty = mask == '0;
  assign hit        = read2_q && !mask_empty;
  assign scan       = state_q == Scan || (walked && mask_empty);
  assign resume     = walked && !mask_empty;
  assign scanning   = scan || state_q == ValueScan || (state_q == ValueSelect && mask_empty);
  assign reads      = (scanning || state_q == Update) && !at_end && !hit;
  assign again      = hit || resume;
  assign holds      = hit || state_q == Select || (state_q == Walk && !(walked && mask_empty)) || state_q == ValueSelect;
  assign scanned    = end1_q && !hit;
  assign row_start  = state_q == Next || state_q == WalkDecide || state_q == NeuronDecide || state_q == PostDecide
                      || state_q == FoldDecide || (scan && scanned);
  always_ff @(posedge clk_i) begin
    if (row_start) row_q <= '0;
    else if ((hit && read1_q) || reads || (state_q == Clear && !at_end)) row_q <= row_q + {{(RowW-1){hit}}, 1'b1};
    if (!holds) {row2_q, row1_q} <= {row1_q, row_q};
    // The reset keeps these in registers: as a shift register they would take LUTs.
    if (rst_i) {row5_q, row4_q, row3_q} <= '0;
    else       {row5_q, row4_q, row3_q} <= {row4_q, row3_q, row2_q};
    if (rst_i) begin
      read1_q <= 1'b0;
      read2_q <= 1'b0;
      end1_q  <= 1'b0;
    end else begin
      read1_q <= scanning && reads;
      read2_q <= read1_q && !hit;
      end1_q  <= scanning && at_end && !hit && !scanned;
    end
  end

  logic [TraceAddrW-1:0] base;
  logic [MemberW-1:0]    member_base, member_addr;
  always_comb begin
    base        = '0;
    member_base = '0;
    for (int p = 0; p < Profiles; p++) begin
      if (profile_q == ProfW'(p)) begin
        base        = base | TraceAddrW'(p * TraceRows + (pass_q == PassPost && exponential_i ? SourceRows
                                                          : axons_q ? LocalRows : 0));
        member_base = member_base | MemberW'(p * SourceRows + (axons_q ? LocalRows : 0));
      end
    end
  end
  always_comb begin
    post_base_o = '0;
    for (int p = 0; p < Profiles; p++) begin
      if (profile_q == ProfW'(p)) post_base_o = post_base_o | TraceAddrW'(p * TraceRows + SourceRows);
    end
  end
  assign read_row    = again ? row2_q : row_q;
  assign read_o      = reads || again;
  assign read_addr_o = TraceAddrW'(read_row) + base;
  assign spike_row_o = SrcRowW'(row_q);

  // ---- the members of the profile, one bit a source ----
  assign member_addr = cfg_member_i ? cfg_addr_i : MemberW'(row_q) + member_base;
  if (MemberLut) begin : g_member_lut
    logic [Lanes-1:0] word;
    ncx_single_ram #(.Width(Lanes), .Depth(Profiles * SourceRows)) u_members (
      .clk_i, .we_i(cfg_i && cfg_member_i && cfg_write_i), .addr_i(member_addr), .wdata_i(cfg_wdata_i), .rdata_o(word)
    );
    always_ff @(posedge clk_i) if (reads || cfg_member_i) member <= word;
  end else begin : g_member_block
    ncx_ram #(.Width(Lanes), .Depth(Profiles * SourceRows), .Style(1)) u_members (
      .clk_i, .we_i(cfg_i && cfg_member_i && cfg_write_i), .waddr_i(cfg_addr_i), .wdata_i(cfg_wdata_i),
      .re_i(reads || cfg_member_i), .raddr_i(member_addr), .rdata_o(member)
    );
  end
  assign cfg_rdata_o = member;

  // ---- which of the row's sources have something to learn ----
  // Not traces alone make a candidate; what else does holds for a whole pass.
  logic [TraceW-1:0] trace_mask_q;
  logic              values_q, all_q, post_on_q;
  always_ff @(posedge clk_i) begin
    case (state_q)
      WalkDecide: begin
        trace_mask_q <= exponential_i ? '1 : {{(TraceW-ncx_pkg::HistoryW){1'b0}}, window_i};
        if (!neuron_fired_i) trace_mask_q <= '0;
        values_q     <= 1'b0;
        all_q        <= instar_i && neuron_fired_i;
        post_on_q    <= post_i;
      end
      PostDecide: begin
        trace_mask_q <= '1;
        values_q     <= 1'b1;
        all_q        <= 1'b0;
        post_on_q    <= 1'b0;
      end
      FoldDecide: begin
        values_q  <= 1'b0;
        all_q     <= 1'b1;
      end
      default: ;
    endcase
  end
  // Block RAMs answer late: traces come into registers by parts, as what of them is not 0.
  localparam int unsigned Parts = 3;
  localparam int unsigned PartW = (TraceW + Parts - 1) / Parts;
  logic [Lanes-1:0]      gate, other, other_q;
  always_comb begin
    spikes = '0;
    gate   = '0;
    other  = '0;
    if (read1_q) begin
      spikes = axons_q ? axon_spikes_i : neuron_spikes_i;
      gate   = member | {Lanes{values_q}};
      other  = gate & ({Lanes{all_q}} | ({Lanes{post_on_q}} & spikes));
    end
  end
  for (genvar l = 0; l < Lanes; l++) begin : g_traced
    logic [Parts*PartW-1:0] trace;
    logic [Parts-1:0]       traced, traced_q;
    always_comb begin
      trace  = 'x;
      traced = '0;
      if (read1_q) begin
        trace = (Parts*PartW)'(traces_i[l*TraceW+:TraceW] & trace_mask_q);
        for (int p = 0; p < Parts; p++) traced[p] = trace[p*PartW+:PartW] != '0;
      end
    end
    always_ff @(posedge clk_i) begin
      if (take || (read1_q && !gate[l])) traced_q <= '0;
      else if (read1_q)                  traced_q <= traced;
    end
    always_comb begin
      mask[l] = 'x;
      if (read2_q || walked || state_q == ValueSelect) mask[l] = other_q[l] || traced_q != '0;
    end
  end

  // ---- the lane whose turn it is ----
  // It is taken out of the mask in the cycle before its trace is looked at, which is also the first of its walk.
  assign lowest_lane = mask & (~mask + 1'b1);
  assign mask_left   = mask & ~lowest_lane;
  assign take        = again || state_q == ValueSelect;
  always_comb begin
    lane = '0;
    for (int l = 0; l < Lanes; l++) if (lowest_lane[l]) lane = lane | LaneW'(l);
  end
  always_ff @(posedge clk_i) begin
    if (take) begin
      other_q <= mask_left;
      lane_q  <= lane;
      pre_o   <= post_i && !fold_q && (lowest_lane & spikes_q) != '0;
    end else if (read1_q) begin
      other_q  <= other;
      spikes_q <= spikes;
    end
  end
  assign walk_start_o  = (hit && state_q == Scan) || resume;
  assign walk_source_o = {(axons_q ? SrcRowW'(LocalRows) : SrcRowW'(0)) + SrcRowW'(row2_q), lane};
  assign walk_all_o    = pre_o || fold_q;
  assign walk_fold_o   = fold_q;

  // ---- values of traces: three cycles after the lane's turn, into x or a postsynaptic trace ----
  logic [1:0]               turn_q;
  logic [2:0]               value_turn_q;
  logic [Groups*TraceW-1:0] raw_q;
  logic [TraceW-1:0]        raw1;
  logic                     x_clear;

  always_comb begin
    raw1 = '0;
    for (int g = 0; g < Groups; g++) begin
      if (32'(lane1_q) >> InGroupW == g) raw1 = raw1 | raw_q[g*TraceW+:TraceW];
    end
  end
  assign value_fetch_o   = turn_q[0];
  assign value_post_o    = value_turn_q[0];
  assign value_history_o = raw1[ncx_pkg::HistoryW-1:0] & window_i;
  assign value_write_o   = value_turn_q[2];
  assign value_lane_o    = lane3_q;
  assign value_addr_o    = TraceAddrW'(row5_q) + post_base_o;
  assign value_o         = x_o;
  // Updates and a fold add to nothing.
  assign x_clear         = fold_q || state_q == AxonDecide || state_q == NeuronDecide || state_q == PostDecide;
  always_ff @(posedge clk_i) begin
    if (state_q == Select || state_q == ValueSelect) begin
      for (int g = 0; g < Groups; g++) begin
        raw_q[g*TraceW+:TraceW] <= traces_i[g*GroupLanes*TraceW+:TraceW];
        for (int k = 1; k < GroupLanes; k++) begin
          if (lane_q[InGroupW-1:0] == InGroupW'(k)) raw_q[g*TraceW+:TraceW] <= traces_i[(g*GroupLanes+k)*TraceW+:TraceW];
        end
      end
    end
    if (x_clear)                                x_o <= '0;
    else if (exponential_i ? turn_q[0] : turn_q[1]) x_o <= exponential_i ? $signed(raw1) : value_i;
    {lane3_q, lane2_q, lane1_q} <= {lane2_q, lane1_q, lane_q};
    if (rst_i) begin
      turn_q       <= '0;
      value_turn_q <= '0;
      lane2_q      <= '0;
    end else begin
      turn_q       <= {turn_q[0], state_q == Select || state_q == ValueSelect};
      value_turn_q <= {value_turn_q[1:0], state_q == ValueSelect};
    end
  end

  // ---- updates ----
  assign update1_o      = state_q == Update;
  assign update_axons_o = axons_q;
  assign update5_addr_o = TraceAddrW'(row4_q) + base;
  always_ff @(posedge clk_i) begin
    if (rst_i) update_o <= '0;
    else       update_o <= {update_o[4:2], state_q == Update && !at_end};
  end

  // ---- clearing ----
  assign clear_o      = state_q == Clear && !at_end;
  assign clear_row_o  = SrcRowW'(row_q);
  assign clear_last_o = state_q == Clear && at_end;
  assign done_o       = state_q == Done || clear_last_o;

  // ---- decisions ----
  logic has_neurons, has_axons, axon_pass, walk_pass, neuron_pass, clearing, drifts, more_rows;
  assign has_neurons = neuron_rows_i != '0;
  assign has_axons   = axon_rows_i != '0;
  assign axon_pass   = has_axons && (axon_fired_i || axon_traces_q[profile_q]);
  assign walk_pass   = learns_q && gain_q != '0 && (has_neurons || has_axons)
                       && (neuron_fired_i || (post_i && axon_fired_i));
  assign neuron_pass = has_neurons && (neuron_fired_i || neuron_traces_q[profile_q]);
  assign clearing    = has_axons && axon_fired_i;
  assign drifts      = drift_i && learns_q;
  assign more_rows   = !axons_q && has_axons;
  // The drift's product is made a bit a cycle while the passes go on; its last step waits for them.
  assign product_load_o = state_q == Idle || state_q == Next || state_q == Load || state_q == Gain;
  assign multiply_o     = !product_load_o && (!multiplied_i || state_q == Multiply);
  assign count_o        = product_q;
  always_ff @(posedge clk_i) begin
    if (product_load_o)     product_q <= '0;
    else if (!multiplied_i) product_q <= product_q + 1'b1;
  end
  assign age_o       = (state_q == DriftDecide && !drifts) || state_q == FoldDecide;
  assign fold_o      = state_q == FoldDone;

  // Whose rows the next pass looks at, and how many.
  logic axons;
  always_comb begin
    case (state_q)
      Next:                   axons = 1'b1;         // for AxonDecide, or Clear
      WalkDecide, FoldDecide: axons = !has_neurons;
      NeuronDecide:           axons = 1'b0;
      default:                axons = axons_q || (scan && scanned);
    endcase
  end
  always_ff @(posedge clk_i) begin
    axons_q <= axons;
    limit_q <= axons ? RowW'(axon_rows_i) : RowW'(neuron_rows_i);
    if (update_o[5]) begin
      if (update5_any_i) any_q <= 1'b1;
    end
    case (state_q)
      Idle: left_q <= in_use_i;
      Next: begin
        profile_q <= next_profile;
        left_q    <= left_q & ~lowest;
        learns_q  <= (learning_i & lowest) != '0;
        fold_q    <= 1'b0;
        passed_q  <= 1'b0;
      end
      AxonDecide: begin
        passed_q <= axon_pass;
        any_q    <= 1'b0;
        pass_q   <= PassAxons;
      end
      WalkDecide: begin
        pass_q  <= PassWeights;
      end
      NeuronDecide: begin
        passed_q <= neuron_pass;
        any_q    <= 1'b0;
        pass_q   <= PassNeurons;
      end
      PostDecide: pass_q <= PassPost;
      FoldDecide: begin
        fold_q  <= fold_needed_i;
        pass_q  <= PassFold;
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
        Load:         state_q <= Gain;
        Gain:         if (!gain_four && !gain_one) state_q <= has_axons ? AxonDecide : WalkDecide;
        AxonDecide:   state_q <= axon_pass ? Update : WalkDecide;
        WalkDecide:   state_q <= walk_pass ? Scan : NeuronDecide;
        NeuronDecide: state_q <= neuron_pass ? Update : post_i ? PostDecide : DriftDecide;
        PostDecide:   state_q <= !passed_q ? DriftDecide : exponential_i ? Update : ValueScan;
        DriftDecide:  state_q <= drifts ? Multiply : Next;
        Multiply:     if (multiplied_i) state_q <= FoldDecide;
        FoldDecide:   state_q <= !fold_needed_i ? Next : (has_neurons || has_axons) ? Scan : FoldDone;
        FoldDone:     state_q <= Next;
        Update:       if (at_end) state_q <= Drain;
        // Updates may follow the last step at once; a change of the drift may not.
        Scan, Walk:   if (hit || resume) state_q <= Select;
                      else if (scan) state_q <= !scanned || more_rows ? Scan : neuron_pass && !fold_q ? NeuronDecide : Drain;
        Select:       state_q <= Walk;
        ValueScan:    if (hit) state_q <= ValueSelect;
                      else if (scanned) state_q <= Drain;
        ValueSelect:  if (mask_empty) state_q <= ValueScan;
        Drain: begin
          if (count_q == CountW'(Settle - 1)) begin
            case (pass_q)
              PassAxons:   state_q <= WalkDecide;
              PassWeights: state_q <= NeuronDecide;
              PassNeurons: state_q <= post_i ? PostDecide : DriftDecide;
              PassPost:    state_q <= DriftDecide;
              default:     state_q <= FoldDone;
            endcase
          end
        end
        Clear:        if (at_end) state_q <= Idle;
        default:      state_q <= Idle;
      endcase
    end
  end
endmodule
`default_nettype wire
