// SPDX-License-Identifier: BSD-3-Clause
// The network: lanes in lock-step, the tables they share, the sequencer that gives every tick its order.
// docs/architecture.md explains the ports; docs/model.md what a tick does.
`default_nettype none
module ncx_core #(
  parameter int unsigned Lanes          = 8,      // power of two, 2..16
  parameter int unsigned Neurons        = 1024,   // multiple of Lanes * 32 / WeightW
  parameter int unsigned Axons          = 1024,   // multiple of Lanes
  parameter int unsigned WeightW        = 16,     // 8 or 16
  parameter int unsigned SynapseWords   = 5120,   // a lane
  parameter int unsigned Rows           = 2048,
  parameter int unsigned MaxDelay       = 1,      // power of two, 1..128
  parameter int unsigned ParameterSets  = 256,
  parameter int unsigned ProgramEntries = 512,
  parameter int unsigned Profiles       = 2,      // 1..8
  parameter int unsigned EventEntries   = 512,    // power of two
  parameter int unsigned ProbeEntries   = 64
) (
  input  wire logic        clk_i,
  input  wire logic        rst_i,
  // configuration bus
  input  wire logic        cfg_valid_i,
  input  wire logic        cfg_write_i,
  input  wire logic [4:0]  cfg_region_i,
  input  wire logic [31:0] cfg_addr_i,
  input  wire logic [ncx_pkg::CfgDataW-1:0] cfg_wdata_i,
  output      logic        cfg_done_o,
  output      logic [ncx_pkg::CfgDataW-1:0] cfg_rdata_o,
  // run control
  input  wire logic        until_valid_i,
  input  wire logic [31:0] until_i,
  input  wire logic        stop_i,
  input  wire logic        tick_valid_i,
  input  wire logic [31:0] tick_value_i,
  input  wire logic        spike_entries_valid_i,
  input  wire logic [15:0] spike_entries_value_i,
  input  wire logic        reset_valid_i,
  input  wire logic [7:0]  reset_mask_i,
  output      logic        reset_done_o,
  // events
  input  wire logic        event_valid_i,
  output      logic        event_ready_o,
  input  wire logic [1:0]  event_kind_i,
  input  wire logic [ncx_pkg::IdW-1:0]    event_id_i,
  input  wire logic [ncx_pkg::StateW-1:0] event_value_i,
  output      logic [15:0] event_free_o,
  output      logic [31:0] event_tick_o,
  // stream
  output      logic        stream_valid_o,
  input  wire logic        stream_ready_i,
  output      logic [ncx_pkg::StreamWordW-1:0] stream_word_o,
  input  wire logic        stream_sync_i,
  output      logic        stream_end_o,
  // settings and status
  input  wire logic [31:0] control_i,
  input  wire logic [15:0] program_length_i,
  input  wire logic [15:0] encoder_rows_i,
  input  wire logic [15:0] used_rows_i,
  input  wire logic [31:0] period_i,
  input  wire logic [15:0] probes_i,
  input  wire logic [15:0] learning_i,
  input  wire logic [31:0] learn_rows_i,
  input  wire logic signed [ncx_pkg::ModulationW-1:0] modulation_i,
  output      logic [31:0] tick_o,
  output      logic [31:0] until_o,
  output      logic        running_o,
  output      logic [15:0] spike_entries_o,
  output      logic [63:0] cycles_o,
  output      logic [31:0] stalls_o,
  output      logic [31:0] overruns_o,
  output      logic [31:0] spikes_o,
  output      logic [31:0] folds_o
);
  localparam int unsigned StateW    = ncx_pkg::StateW;
  localparam int unsigned WordW     = ncx_pkg::WordW;
  localparam int unsigned SumW      = ncx_pkg::AccumulatorW;
  localparam int unsigned LocalRows = Neurons / Lanes;
  localparam int unsigned Banks     = 32 / WeightW;
  localparam int unsigned LaneW     = $clog2(Lanes);
  localparam int unsigned SlotW     = $clog2(Neurons);
  localparam int unsigned RowW      = $clog2(LocalRows);
  localparam int unsigned GroupW    = RowW - $clog2(Banks);
  localparam int unsigned RingW     = MaxDelay > 1 ? $clog2(MaxDelay) : 1;
  localparam int unsigned SynW      = $clog2(SynapseWords);
  // Behind the synapses a lane keeps a word of state for each of its neurons.
  localparam int unsigned SynMemW   = $clog2(SynapseWords + LocalRows);
  localparam int unsigned Sources   = Neurons + Axons;
  localparam int unsigned SrcW      = $clog2(Sources);
  localparam int unsigned TableRowW = $clog2(Rows);
  localparam int unsigned SetW      = $clog2(ParameterSets);
  localparam int unsigned ProgW     = $clog2(ProgramEntries);
  localparam int unsigned ProbeW    = $clog2(ProbeEntries);
  localparam int unsigned AxonRows  = Axons / Lanes;
  localparam int unsigned EncW      = AxonRows > 1 ? $clog2(AxonRows) : 1;
  localparam int unsigned IdW       = $clog2(Neurons > Axons ? Neurons : Axons);
  localparam int unsigned AccDepth  = MaxDelay << GroupW;
  localparam int unsigned SpikeDepth = LocalRows > AxonRows ? LocalRows : AxonRows;
  localparam int unsigned ClearDepth = AccDepth > SpikeDepth ? AccDepth : SpikeDepth;
  localparam int unsigned ProfW     = Profiles > 1 ? $clog2(Profiles) : 1;
  localparam int unsigned TraceW    = ncx_pkg::TraceW;
  localparam int unsigned TraceDepth = Profiles * (2 * LocalRows + AxonRows);
  localparam int unsigned TraceAddrW = $clog2(TraceDepth);
  // A lane's potentials and traces share a RAM: two halves of a word for each potential, then one for each trace.
  localparam int unsigned TraceBase  = 2 * LocalRows;
  localparam int unsigned NodeHalves = TraceBase + TraceDepth + TraceDepth % 2;
  localparam int unsigned NodeW      = $clog2(NodeHalves);
  localparam int unsigned AddW       = StateW + 1;
  localparam int unsigned FactorW    = ncx_pkg::ModulationW;
  localparam int unsigned MemberDepth = Profiles * (LocalRows + AxonRows);
  localparam int unsigned MemberW   = $clog2(MemberDepth);
  localparam int unsigned SrcRowW   = $clog2(LocalRows + AxonRows);
  localparam int unsigned LenW      = SynW > 15 ? 16 : SynW + 1;
  localparam int unsigned FieldW    = $clog2(Banks);
  localparam int unsigned DriftIntW = ncx_pkg::DriftW - 16;
  localparam int unsigned TapsW     = ProfW + 7;  // address bits of TAPS, DRIFT_STEP, PROFILE and LEARN_STATE
  localparam int unsigned StepsW    = ProfW + 5;
  localparam int unsigned ProfileAddrW = ProfW + $clog2(ncx_pkg::ProfileWords);
  localparam int unsigned LearnStateW = ProfW + 2;
  localparam int unsigned ClearW    = $clog2(ClearDepth);
  localparam int unsigned DistributedDepth = 128;
  localparam int unsigned HalfAddrW = 1;          // two bus words an entry
  localparam int unsigned StateAddrW = 2;         // four bus words a slot
  localparam int unsigned ThetaLowW  = 9;         // bits of theta behind the synapses: a byte and its flag

  if (Lanes != 2 && Lanes != 4 && Lanes != 8 && Lanes != 16) $error("Lanes must be 2, 4, 8 or 16");
  if (WeightW != 8 && WeightW != 16) $error("WeightW must be 8 or 16");
  if (Neurons % (Lanes * Banks) != 0) $error("Neurons must be a multiple of Lanes * 32 / WeightW");
  if (Axons % Lanes != 0) $error("Axons must be a multiple of Lanes");
  if ((MaxDelay & (MaxDelay - 1)) != 0 || MaxDelay > 128) $error("MaxDelay must be a power of two up to 128");
  if (MaxDelay > 1 && (Neurons & (Neurons - 1)) != 0) $error("delays need a power of two of Neurons");
  if ((EventEntries & (EventEntries - 1)) != 0) $error("EventEntries must be a power of two");
  if (Profiles < 1 || Profiles > 8) $error("Profiles must be 1 to 8");
  if (LocalRows > 4096) $error("a sparse word can name 4096 rows a lane");
  if (Neurons > 32768 || Axons > 32768) $error("stream and event words can name 32768 neurons or axons");

  // Words of the bus and numbers of events are sized for the largest build; builds without delays have one ring slot.
  logic unused;
  assign unused = &{1'b0, cfg_wdata_i, event_id_i, learning_i, learn_spike_row, axon_clear_row, cfg_idle};

  // ---- configuration bus ----
  localparam int unsigned HalfSum = 15;           // bits of a sum that are added first, the rest times 2^HalfSum
  logic             request, lane_request;        // see ncx_core_bus
  logic             cfg_idle, cfg_low, cfg_upper, cfg_store, cfg_set, show_q;
  logic [WordW-1:0] cfg_rdata, lane_word, sweeper_rdata, profiles_rdata, learn_state_rdata;
  logic [31:0]      at_region, walker_rdata, encoder_rdata, queue_rdata;
  logic [15:0]      publisher_rdata;
  logic [TraceW-1:0] taps_rdata;
  logic [1:0]       state_word;
  logic [StateW-1:0] probe_v;
  logic [Lanes-1:0] lane_select, cfg_here, learner_rdata, axon_spikes;
  logic [LaneW-1:0] cfg_lane;
  logic [SlotW-1:0] cfg_slot;
  logic [RowW-1:0]  cfg_row;
  logic             cfg_syn, cfg_state, cfg_acc, cfg_trace, cfg_inject, sel_syn, sel_state, sel_acc, sel_trace;

  ncx_core_bus #(.Lanes(Lanes), .ThetaLowW(ThetaLowW)) u_bus (
    .clk_i, .rst_i, .cfg_valid_i, .cfg_write_i, .cfg_region_i, .state_word_i(state_word), .odd_trace_i(cfg_addr_i[LaneW]),
    .cfg_done_o, .cfg_rdata_o(cfg_rdata), .at_region_o(at_region), .idle_o(cfg_idle), .low_o(cfg_low), .upper_o(cfg_upper),
    .store_o(cfg_store), .set_o(cfg_set), .request_o(request), .lane_request_o(lane_request),
    .lane_show_i(show_q), .lane_word_i(lane_word), .probe_v_o(probe_v), .walker_word_i(walker_rdata),
    .sweeper_word_i(sweeper_rdata), .publisher_word_i(publisher_rdata), .encoder_word_i(encoder_rdata),
    .queue_word_i(queue_rdata), .profiles_word_i(profiles_rdata), .taps_word_i(taps_rdata), .member_word_i(learner_rdata),
    .learn_state_word_i(learn_state_rdata), .axon_spikes_word_i(axon_spikes)
  );
  assign cfg_rdata_o = {{(ncx_pkg::CfgDataW-WordW){1'b0}}, cfg_rdata};
  assign state_word  = cfg_addr_i[StateAddrW-1:0];
  assign cfg_syn     = at_region[ncx_pkg::RegionSynapse];
  assign cfg_state   = at_region[ncx_pkg::RegionState];
  assign cfg_acc     = at_region[ncx_pkg::RegionAccumulator];
  assign cfg_trace   = at_region[ncx_pkg::RegionTrace];
  assign cfg_inject = cfg_write_i && (cfg_store || request) && cfg_acc;
  assign sel_syn    = lane_request && cfg_syn;
  assign sel_state  = lane_request && cfg_state;
  assign sel_acc    = lane_request && cfg_acc;
  assign sel_trace  = lane_request && cfg_trace;
  assign cfg_slot  = cfg_state ? cfg_addr_i[StateAddrW+:SlotW] : cfg_addr_i[SlotW-1:0];
  assign cfg_lane  = cfg_slot[LaneW-1:0];
  assign cfg_row   = cfg_slot[SlotW-1:LaneW];
  for (genvar l = 0; l < Lanes; l++) begin : g_select
    assign lane_select[l] = cfg_lane == LaneW'(l);
    assign cfg_here[l]    = cfg_addr_i[LaneW-1:0] == LaneW'(l);
  end

  // ---- sequencer and its parts ----
  logic              event_flush, event_settled, due_valid, due_ready, due_current, inject;
  logic              tick_end;
  logic [IdW-1:0]    due_id;
  logic [StateW-1:0] due_value;
  logic              queue_clear, queue_spiked, seq_queue_re, pub_queue_re;
  logic [15:0]       seq_queue_addr, pub_queue_addr, queue_entries, queue_spikes;
  logic [RowW-1:0]   queue_row;
  logic [Lanes-1:0]  queue_mask, encoder_fire;
  logic              walk_start, gather_last, walk, walk_sparse, encoder_fetch, encoder_draw;
  logic [SrcW-1:0]   walk_source;
  logic [SynW-1:0]   walk_addr;
  logic [ncx_pkg::ExponentW-1:0] walk_exponent;
  logic [GroupW-1:0] walk_group;
  logic [EncW-1:0]   encoder_row;
  logic              sweep_start, clear_membrane, clear_theta, sweep_stall, sweep_done;
  logic              publish_start, publish_done, publish_stalled, publish_idle, run_end;
  logic              clear, clear_count;
  logic [ClearW-1:0] clear_addr;
  logic [SlotW-1:0]  clear_slot;

  // ---- learning: what its parts say to each other ----
  logic [Profiles-1:0]   in_use;
  logic                  learns, learn_start, learn_done, axon_spike, axon_fired, clear_traces;
  logic [EncW-1:0]       axon_row;
  logic [LaneW-1:0]      axon_lane;
  logic [TraceAddrW-1:0] clear_trace;
  logic                  learn_walk_start, learn_walk_last, learn_walk_all, fold_walk, row_start, row_sparse, row_last;
  logic [SrcRowW+LaneW-1:0] learn_source;
  logic [SynW-1:0]       row_base;
  logic [GroupW-1:0]     row_group;
  logic [LenW-1:0]       row_length;
  logic [ncx_pkg::ProfileW-1:0] walk_profile;
  logic [ProfW-1:0]      profile;
  logic                  learn_queue_re;
  logic [15:0]           learn_queue_addr;
  logic [Lanes-1:0]      bits;                    // of the row of spikes read last

  assign in_use    = learning_i[Profiles-1:0];
  assign learns    = in_use != '0;

  ncx_sequencer #(
    .Lanes(Lanes), .Neurons(Neurons), .Axons(Axons), .ProgramEntries(ProgramEntries), .ClearDepth(ClearDepth),
    .TraceDepth(TraceDepth)
  ) u_sequencer (
    .clk_i, .rst_i, .until_valid_i, .until_i, .stop_i, .tick_valid_i, .tick_value_i, .reset_valid_i, .reset_mask_i,
    .reset_done_o, .program_length_i, .encoder_rows_i, .period_i, .tick_o, .until_o, .running_o,
    .run_end_o(run_end), .cycles_o, .stalls_o, .overruns_o, .spikes_o,
    .event_flush_o(event_flush), .tick_end_o(tick_end), .event_settled_i(event_settled),
    .event_valid_i(due_valid), .event_ready_o(due_ready), .event_current_i(due_current), .event_id_i(due_id),
    .inject_o(inject),
    .queue_clear_o(queue_clear), .queue_re_o(seq_queue_re), .queue_addr_o(seq_queue_addr),
    .queue_entries_i(queue_entries), .queue_spikes_i(queue_spikes), .queue_row_i(queue_row), .queue_mask_i(queue_mask),
    .walk_start_o(walk_start), .walk_source_o(walk_source), .walk_last_i(gather_last),
    .encoder_fetch_o(encoder_fetch), .encoder_row_o(encoder_row), .encoder_draw_o(encoder_draw),
    .encoder_fire_i(encoder_fire),
    .learns_i(learns), .learn_axon_rows_i(learn_rows_i[31:16]), .axon_spike_o(axon_spike), .axon_row_o(axon_row),
    .axon_lane_o(axon_lane), .learn_start_o(learn_start), .learn_done_i(learn_done),
    .sweep_start_o(sweep_start), .clear_membrane_o(clear_membrane), .clear_theta_o(clear_theta),
    .sweep_done_i(sweep_done), .publish_start_o(publish_start), .publish_done_i(publish_done),
    .publish_stalled_i(publish_stalled), .publish_idle_i(publish_idle),
    .clear_o(clear), .clear_addr_o(clear_addr), .clear_count_o(clear_count),
    .clear_slot_o(clear_slot), .clear_traces_o(clear_traces), .clear_trace_o(clear_trace)
  );

  ncx_event_queue #(.Entries(EventEntries), .IdW(IdW)) u_events (
    .clk_i, .rst_i, .flush_i(event_flush), .tick_i(tick_o), .tick_end_i(tick_end),
    .push_valid_i(event_valid_i), .push_ready_o(event_ready_o), .push_kind_i(event_kind_i),
    .push_id_i(event_id_i[IdW-1:0]), .push_value_i(event_value_i), .free_o(event_free_o), .push_tick_o(event_tick_o),
    .settled_o(event_settled), .due_valid_o(due_valid), .due_ready_i(due_ready), .due_current_o(due_current),
    .due_id_o(due_id), .due_value_o(due_value)
  );

  ncx_row_walker #(
    .Sources(Sources), .Rows(Rows), .SynapseWords(SynapseWords), .GroupW(GroupW)
  ) u_walker (
    .clk_i, .rst_i, .start_i(walk_start || learn_walk_start),
    .source_i(learn_walk_start ? SrcW'(learn_source) : walk_source), .gather_last_o(gather_last), .learn_last_o(learn_walk_last),
    .walk_o(walk), .walk_addr_o(walk_addr), .walk_sparse_o(walk_sparse), .walk_exponent_o(walk_exponent),
    .walk_group_o(walk_group), .walk_profile_o(walk_profile),
    .learn_i(learning_q), .learn_profile_i(ncx_pkg::ProfileW'(profile)), .learn_start_o(row_start),
    .learn_base_o(row_base), .learn_group_o(row_group), .learn_length_o(row_length), .learn_sparse_o(row_sparse),
    .row_last_i(row_last),
    .cfg_source_i(request && at_region[ncx_pkg::RegionSource]),
    .cfg_row_i(request && at_region[ncx_pkg::RegionRow]), .cfg_write_i,
    .cfg_source_addr_i(cfg_addr_i[SrcW-1:0]), .cfg_row_addr_i(cfg_addr_i[TableRowW:0]),
    .cfg_wdata_i(cfg_wdata_i[31:0]), .cfg_rdata_o(walker_rdata)
  );

  logic [Lanes*ncx_pkg::RateW-1:0] rates;
  ncx_encoder #(.Lanes(Lanes)) u_encoder (
    .clk_i, .rst_i, .next_i(encoder_fetch), .rates_i(rates), .draw_i(encoder_draw), .fire_o(encoder_fire),
    .cfg_generator_i(request && at_region[ncx_pkg::RegionGenerator]), .cfg_write_i,
    .cfg_addr_i(cfg_addr_i[2:0]), .cfg_wdata_i(cfg_wdata_i[31:0]), .cfg_rdata_o(encoder_rdata)
  );

  // ---- sweep ----
  logic                     read, apply3, refractory_hold4, soft_reset4, soft_reset5, scan4, apply4, scan5, apply5, first5;
  logic                     clear_membrane5, clear_theta5, winner_valid;
  logic [4:1]               valid;
  logic [RowW-1:0]          read_row, row4, row5, winner_row;
  logic signed [StateW-1:0] v_rest1, v_rest3, threshold3, v_reset4, threshold5, v_reset5;
  logic [StateW-1:0]        leak2, theta_plus4;
  logic signed [StateW:0]   minus_leak2;
  logic                     sweep_start_q;
  logic [ncx_pkg::BetaW-1:0] leak_beta2, syn_beta2, theta_beta2;
  logic [ncx_pkg::RefractoryW-1:0] refractory5;
  logic [Lanes-1:0]         active5, fire5, candidate5;
  logic [LaneW-1:0]         winner_lane;
  logic [Lanes*StateW-1:0]  below5;

  // The last product of the gather is still on its way to its sum.
  always_ff @(posedge clk_i) begin
    if (rst_i) sweep_start_q <= 1'b0;
    else       sweep_start_q <= sweep_start;
  end

  ncx_sweeper #(
    .Lanes(Lanes), .LocalRows(LocalRows), .AxonRows(AxonRows), .ParameterSets(ParameterSets), .ProgramEntries(ProgramEntries)
  ) u_sweeper (
    .clk_i, .rst_i, .start_i(sweep_start_q), .length_i(program_length_i), .clear_membrane_i(clear_membrane),
    .clear_theta_i(clear_theta), .stall_i(sweep_stall), .done_o(sweep_done), .read_o(read), .read_row_o(read_row),
    .valid_o(valid), .v_rest1_o(v_rest1),
    .leak_beta2_o(leak_beta2), .leak2_o(leak2), .minus_leak2_o(minus_leak2),
    .syn_beta2_o(syn_beta2), .theta_beta2_o(theta_beta2), .v_rest3_o(v_rest3), .threshold3_o(threshold3), .apply3_o(apply3),
    .refractory_hold4_o(refractory_hold4), .v_reset4_o(v_reset4), .theta_plus4_o(theta_plus4), .threshold5_o(threshold5), .v_reset5_o(v_reset5),
    .refractory5_o(refractory5), .soft_reset4_o(soft_reset4), .soft_reset5_o(soft_reset5), .row4_o(row4), .scan4_o(scan4), .apply4_o(apply4), .row5_o(row5),
    .active5_o(active5), .scan5_o(scan5), .apply5_o(apply5), .first5_o(first5),
    .clear_membrane5_o(clear_membrane5), .clear_theta5_o(clear_theta5),
    .rates_fetch_i(encoder_fetch), .rates_row_i(encoder_row), .rates_o(rates),
    .cfg_rate_i(request && at_region[ncx_pkg::RegionRate]), .cfg_rate_addr_i(cfg_addr_i[EncW+LaneW-1:0]),
    .cfg_program_i(request && at_region[ncx_pkg::RegionProgram]),
    .cfg_parameter_i(request && at_region[ncx_pkg::RegionParameter]), .cfg_write_i,
    .cfg_program_addr_i(cfg_addr_i[ProgW:0]), .cfg_parameter_addr_i(cfg_addr_i[SetW+2:0]),
    .cfg_wdata_i(cfg_wdata_i[WordW-1:0]), .cfg_rdata_o(sweeper_rdata)
  );

  ncx_winner #(.Lanes(Lanes), .RowW(RowW)) u_winner (
    .clk_i, .rst_i, .scan_i(scan5 && active5 != '0), .first_i(first5), .row_i(row5), .candidate_i(candidate5),
    .below_i(below5), .stall_o(sweep_stall), .valid_o(winner_valid), .row_o(winner_row), .lane_o(winner_lane)
  );

  localparam int unsigned QueueDataW = Lanes > RowW ? Lanes : RowW;
  ncx_spike_queue #(.Lanes(Lanes), .RowW(RowW), .Entries(ProgramEntries)) u_spikes (
    .clk_i, .rst_i, .clear_i(queue_clear), .push_i(fire5 != '0), .push_row_i(row5), .push_mask_i(fire5),
    .set_i(spike_entries_valid_i), .set_entries_i(spike_entries_value_i),
    .entries_o(queue_entries), .spiked_o(queue_spiked), .spikes_o(queue_spikes),
    .re_i(seq_queue_re || pub_queue_re || learn_queue_re),
    .raddr_i(ProgW'(seq_queue_re ? seq_queue_addr : learn_queue_re ? learn_queue_addr : pub_queue_addr)),
    .row_o(queue_row), .mask_o(queue_mask),
    .cfg_i(request && at_region[ncx_pkg::RegionSpikeQueue]), .cfg_write_i, .cfg_addr_i(cfg_addr_i[ProgW:0]),
    .cfg_wdata_i(cfg_wdata_i[QueueDataW-1:0]), .cfg_rdata_o(queue_rdata)
  );
  assign spike_entries_o = queue_entries;

  // ---- learning ----
  logic                             profile_fetch, profile_fetch_post, instar, exponential, newest, post, modulated, has_drift;
  logic [ProfW-1:0]                 fetch_profile;
  logic [4:0]                       age;
  logic signed [15:0]               w_min, w_max;
  logic signed [TraceW-1:0]         amplitude, drift_step, x, value;
  logic [ncx_pkg::BetaW-1:0]        trace_decay;
  logic [ncx_pkg::HistoryW-1:0]     window, value_history;
  logic [ncx_pkg::LearnShiftW-1:0]  shift;
  logic [1:0]                       rounding;
  logic signed [ncx_pkg::ModulationW-1:0] gain, factor2;
  logic signed [DriftIntW:0]        plus2;
  logic signed [TraceW-1:0]         low4, high4;
  logic                             draws, drift_load, drift_multiply, drift_multiplied, drift_fold, drift_age, fold_needed;
  logic [4:0]                       drift_count;
  logic signed [DriftIntW-1:0]      drift;
  logic signed [StateW-1:0]         drift1_q;
  logic                             inject1_q, gather1_q;
  logic signed [AddW-1:0]           plus;
  logic signed [FactorW-1:0]        factor;
  logic [SlotW-1:0]                 inject_slot1_q;
  logic [31:0]                      generator, random2;
  logic [15:0]                      scale1_q;
  logic                             learn_read, update1, update_axons, value_fetch, value_post, value_write, pre;
  logic                             value1_q, value2_q, clear1_q, clear2_q, set1_q;
  logic [TraceAddrW-1:0]            learn_read_addr, update5_addr, value_addr, set_addr1_q, set_addr2_q, post_base;
  logic [SrcRowW-1:0]               learn_spike_row;
  logic [5:2]                       update_valid;
  logic [LaneW-1:0]                 value_lane, value_lane1_q, value_lane2_q;
  logic [TraceW-1:0]                value_word;
  logic [Lanes*TraceW-1:0]          traces;
  logic [Lanes-1:0]                 update_any;
  logic                             axon_clear, axon_clear_last;
  logic [SrcRowW-1:0]               axon_clear_row;
  logic                             learning_q;
  logic [31:0]                      folds_q;

  ncx_profiles #(.Profiles(Profiles)) u_profiles (
    .clk_i, .rst_i, .fetch_i(profile_fetch), .post_i(profile_fetch_post), .profile_i(fetch_profile), .age_i(age),
    .w_min_o(w_min), .w_max_o(w_max), .amplitude_o(amplitude), .decay_o(trace_decay), .window_o(window), .shift_o(shift),
    .rounding_o(rounding), .instar_o(instar), .exponential_o(exponential), .newest_o(newest), .post_o(post),
    .modulated_o(modulated), .drift_o(has_drift), .drift_step_o(drift_step),
    .cfg_i(request), .cfg_profile_i(at_region[ncx_pkg::RegionProfile]), .cfg_step_i(at_region[ncx_pkg::RegionDriftStep]), .cfg_write_i,
    .cfg_profile_addr_i(cfg_addr_i[ProfileAddrW-1:0]), .cfg_step_addr_i(cfg_addr_i[StepsW-1:0]),
    .cfg_wdata_i(cfg_wdata_i[WordW-1:0]), .cfg_rdata_o(profiles_rdata)
  );

  ncx_taps #(.Profiles(Profiles)) u_taps (
    .clk_i, .fetch_i(value_fetch), .profile_i(profile), .post_i(value_post), .newest_i(newest),
    .history_i(value_history), .value_o(value),
    .cfg_region_i(at_region[ncx_pkg::RegionTaps]), .cfg_i(request && at_region[ncx_pkg::RegionTaps]), .cfg_write_i, .cfg_addr_i(cfg_addr_i[TapsW-1:0]),
    .cfg_wdata_i(cfg_wdata_i[TraceW-1:0]), .cfg_rdata_o(taps_rdata)
  );

  ncx_learn_state #(.Profiles(Profiles), .WeightW(WeightW)) u_learn_state (
    .clk_i, .rst_i, .learn_i(learning_q), .profile_i(profile), .row_profile_i(walk_profile), .drift_o(drift), .age_o(age),
    .load_i(drift_load), .multiply_i(drift_multiply), .count_i(drift_count), .multiplied_o(drift_multiplied),
    .step_i(drift_step), .gain_i(gain),
    .fold_needed_o(fold_needed), .fold_i(drift_fold), .age_i(drift_age), .clear_ages_i(clear_traces),
    .clear_profile_i(clear_trace[ProfW-1:0]), .draw_i(step_valid_q[1] && draws), .generator_o(generator),
    .cfg_region_i(at_region[ncx_pkg::RegionLearnState]), .cfg_i(request && at_region[ncx_pkg::RegionLearnState]), .cfg_write_i,
    .cfg_addr_i(cfg_addr_i[LearnStateW-1:0]), .cfg_wdata_i(cfg_wdata_i[WordW-1:0]), .cfg_rdata_o(learn_state_rdata)
  );

  ncx_axon_spikes #(.Lanes(Lanes), .AxonRows(AxonRows)) u_axon_spikes (
    .clk_i, .rst_i, .set_i(axon_spike), .set_row_i(axon_row), .set_lane_i(axon_lane),
    .clear_i(axon_clear || (clear && 32'(clear_addr) < AxonRows)),
    .clear_row_i(axon_clear ? EncW'(axon_clear_row) : EncW'(clear_addr)),
    .clear_last_i(axon_clear_last || (clear && 32'(clear_addr) == AxonRows - 1)), .any_o(axon_fired),
    .row_i(EncW'(learn_spike_row)), .spikes_o(axon_spikes),
    .cfg_region_i(at_region[ncx_pkg::RegionAxonSpike]), .cfg_i(request && at_region[ncx_pkg::RegionAxonSpike]), .cfg_write_i, .cfg_row_i(cfg_addr_i[EncW-1:0]),
    .cfg_wdata_i(cfg_wdata_i[Lanes-1:0])
  );

  ncx_learner #(
    .Lanes(Lanes), .LocalRows(LocalRows), .AxonRows(AxonRows), .Profiles(Profiles),
    .DistributedDepth(DistributedDepth)
  ) u_learner (
    .clk_i, .rst_i, .start_i(learn_start), .done_o(learn_done), .in_use_i(in_use),
    .learning_i(learning_i[8+:Profiles]), .neuron_rows_i(learn_rows_i[15:0]), .axon_rows_i(learn_rows_i[31:16]),
    .modulation_i, .neuron_fired_i(queue_entries != '0), .axon_fired_i(axon_fired), .neuron_spikes_i(bits),
    .axon_spikes_i(axon_spikes), .fetch_o(profile_fetch), .fetch_post_o(profile_fetch_post),
    .fetch_profile_o(fetch_profile), .profile_o(profile), .window_i(window), .shift_i(shift),
    .rounding_i(rounding), .instar_i(instar), .exponential_i(exponential), .post_i(post), .modulated_i(modulated),
    .drift_i(has_drift), .gain_o(gain), .draws_o(draws), .product_load_o(drift_load),
    .multiply_o(drift_multiply), .count_o(drift_count),
    .multiplied_i(drift_multiplied), .fold_o(drift_fold), .age_o(drift_age), .fold_needed_i(fold_needed),
    .read_o(learn_read), .read_addr_o(learn_read_addr), .spike_row_o(learn_spike_row), .traces_i(traces),
    .update1_o(update1), .update_o(update_valid), .update_axons_o(update_axons),
    .update5_addr_o(update5_addr), .update5_any_i(update_any != '0),
    .value_fetch_o(value_fetch), .value_post_o(value_post), .value_history_o(value_history), .value_i(value),
    .value_write_o(value_write), .value_lane_o(value_lane), .value_addr_o(value_addr), .value_o(value_word),
    .walk_start_o(learn_walk_start), .walk_source_o(learn_source), .walk_all_o(learn_walk_all),
    .walk_fold_o(fold_walk), .walk_last_i(learn_walk_last), .walk_stepped_i(row_last), .pre_o(pre), .x_o(x), .post_base_o(post_base),
    .clear_o(axon_clear), .clear_row_o(axon_clear_row), .clear_last_o(axon_clear_last),
    .cfg_i(request), .cfg_member_i(at_region[ncx_pkg::RegionLearnMember]), .cfg_write_i,
    .cfg_addr_i(cfg_addr_i[MemberW-1:0]), .cfg_wdata_i(cfg_wdata_i[Lanes-1:0]), .cfg_rdata_o(learner_rdata),
    .traces_written_i(request && cfg_write_i && (at_region[ncx_pkg::RegionTrace] || at_region[ncx_pkg::RegionProfile])),
    .traces_cleared_i(clear_traces)
  );

  // Walks belong to learning from its start to its end.
  always_ff @(posedge clk_i) begin
    if (rst_i)            learning_q <= 1'b0;
    else if (learn_start) learning_q <= 1'b1;
    else if (learn_done)  learning_q <= 1'b0;
    if (walk || inject || cfg_inject) begin
      drift1_q <= inject ? due_value
                : walk ? {{(StateW-DriftIntW){drift[DriftIntW-1]}}, drift}
                : request ? {{(StateW+HalfSum-SumW){cfg_wdata_i[SumW-1]}}, cfg_wdata_i[SumW-1:HalfSum]}
                          : {{(StateW-HalfSum){1'b0}}, cfg_wdata_i[HalfSum-1:0]};
    end
    if (inject || cfg_inject) inject_slot1_q <= inject ? due_id[SlotW-1:0] : cfg_slot;
    if (rst_i) {inject1_q, gather1_q} <= '0;
    else       {inject1_q, gather1_q} <= {inject || cfg_inject, walk || inject || cfg_inject};
    scale1_q  <= walk ? 16'd1 << walk_exponent : (cfg_inject && request) ? 16'd1 << HalfSum : 16'd1;
    if (rst_i || (reset_done_o && reset_mask_i[ncx_pkg::ResetBitStatistics])) folds_q <= '0;
    else if (drift_fold && folds_q != '1) folds_q <= folds_q + 1'b1;
  end
  assign folds_o = folds_q;
  // An update of a trace takes all ones: see ncx_plasticity.
  assign random2 = update_valid[2] ? '1 : draws ? generator : '0;
  assign plus    = gather1_q ? {drift1_q[StateW-1], drift1_q} : {{(AddW-DriftIntW-1){plus2[DriftIntW]}}, plus2};
  assign factor  = gather1_q ? {{(FactorW-16){1'b0}}, scale1_q} : factor2;

  ncx_learn_operands #(.WeightW(WeightW)) u_operands (
    .clk_i, .rst_i, .fold_i(fold_walk), .instar_i(instar), .x_i(x), .drift_i(drift), .gain_i(gain), .w_min_i(w_min),
    .w_max_i(w_max), .learn_i(learning_q), .update1_i(update1), .update2_i(update_valid[2]), .update3_i(update_valid[3]), .amplitude_i(amplitude),
    .decay_i(trace_decay), .plus2_o(plus2), .factor2_o(factor2), .low4_o(low4), .high4_o(high4)
  );

  logic              step, step_sparse, step_sparse1_q;
  logic [SynW-1:0]   step_addr, step_addr1_q, step_addr2_q, step_addr3_q, step_addr4_q, step_addr5_q;
  logic [RowW-1:0]   step_row, step_row1_q;
  logic [GroupW-1:0] step_tag1_q;
  logic [FieldW-1:0] step_field, step_field1_q, step_field2_q, step_field3_q, step_field4_q, step_field5_q;
  logic [Lanes-1:0]  step_mask, step_mask1_q, step_mask2_q;
  logic [5:1]        step_valid_q;

  ncx_learn_stepper #(.Lanes(Lanes), .RowW(RowW), .WeightW(WeightW), .SynW(SynW), .LenW(LenW), .Entries(ProgramEntries)) u_stepper (
    .clk_i, .rst_i, .prepare_i(learn_start), .learn_i(learning_q), .start_i(row_start), .base_i(row_base), .group_i(row_group), .length_i(row_length),
    .sparse_i(row_sparse), .all_i(learn_walk_all), .last_o(row_last), .entries_i(queue_entries),
    .queue_re_o(learn_queue_re), .queue_addr_o(learn_queue_addr), .queue_row_i(queue_row), .queue_mask_i(queue_mask),
    .step_o(step), .addr_o(step_addr), .sparse_o(step_sparse), .row_o(step_row), .field_o(step_field),
    .mask_o(step_mask)
  );
  always_ff @(posedge clk_i) begin
    step_sparse1_q <= step_sparse;
    step_row1_q    <= step_row;
    step_tag1_q    <= step_row[RowW-1:FieldW];
    {step_mask2_q, step_mask1_q} <= {step_mask1_q, step_mask};
    {step_addr5_q, step_addr4_q, step_addr3_q, step_addr2_q, step_addr1_q}
        <= {step_addr4_q, step_addr3_q, step_addr2_q, step_addr1_q, step_addr};
    {step_field5_q, step_field4_q, step_field3_q, step_field2_q, step_field1_q}
        <= {step_field4_q, step_field3_q, step_field2_q, step_field1_q,
            step_sparse ? {FieldW{1'b0}} : step_field};
    if (rst_i) step_valid_q <= '0;
    else       step_valid_q <= {step_valid_q[4:1], step};
  end

  // ---- publisher ----
  logic             bits_re, probe_re;
  logic [RowW-1:0]  bits_row;
  logic [SlotW-1:0] probe_slot;
  logic [(Lanes+1)*WordW-1:0] words;    // from lane to lane

  ncx_publisher #(
    .Lanes(Lanes), .Neurons(Neurons), .ProgramEntries(ProgramEntries), .ProbeEntries(ProbeEntries)
  ) u_publisher (
    .clk_i, .rst_i, .start_i(publish_start), .done_o(publish_done), .stalled_o(publish_stalled),
    .idle_o(publish_idle), .tick_i(tick_o), .sync_i(stream_sync_i || event_flush), .end_i(run_end), .control_i,
    .used_rows_i, .probes_i,
    .entries_i(queue_entries), .spiked_i(queue_spiked), .spikes_i(queue_spikes), .queue_re_o(pub_queue_re), .queue_addr_o(pub_queue_addr),
    .queue_row_i(queue_row), .queue_mask_i(queue_mask), .bits_re_o(bits_re), .bits_row_o(bits_row), .bits_i(bits),
    .probe_re_o(probe_re), .probe_slot_o(probe_slot),
    .probe_v_i(probe_v),
    .stream_valid_o, .stream_ready_i, .stream_word_o,
    .clear_count_i(clear_count), .clear_slot_i(clear_slot),
    .cfg_count_i(request && at_region[ncx_pkg::RegionCount]),
    .cfg_probe_i(request && at_region[ncx_pkg::RegionProbe]), .cfg_write_i,
    .cfg_slot_i(cfg_addr_i[SlotW-1:0]), .cfg_probe_addr_i(cfg_addr_i[ProbeW-1:0]), .cfg_wdata_i(cfg_wdata_i[15:0]),
    .cfg_rdata_o(publisher_rdata)
  );
  assign stream_end_o = !running_o && publish_idle;

  // ---- lanes ----
  logic                    lane_read, v_set, set;
  logic [RowW-1:0]         sweep_row, node_row, write_row;
  localparam int unsigned AccW = $clog2(AccDepth);
  logic [AccW-1:0]         read_acc_addr, write_acc_addr;
  logic [SynMemW-1:0]      syn_raddr, syn_waddr;
  logic                    show_syn_q, show_top_q, show_node_q, clear_acc;
  logic [RingW-1:0]        ring, tick_ring, cfg_ring;
  logic [TraceAddrW-1:0]   trace_raddr, trace_waddr;
  logic [NodeW-1:0]        node_raddr, node_waddr;
  logic                    half_update;
  logic [StateW-1:0]       set_word;

  // Addresses are chosen by the region, which is there long before the request: the sweep does not run then. A probe reads a
  // potential, nothing else.
  assign lane_read  = probe_re || lane_request;
  assign sweep_row  = cfg_state || cfg_acc ? cfg_row : read_row;
  assign node_row   = cfg_state ? cfg_row : probe_re ? probe_slot[SlotW-1:LaneW] : read_row;
  if (MaxDelay > 1) begin : g_ring
    assign tick_ring = tick_o[RingW-1:0];
    assign cfg_ring  = cfg_addr_i[SlotW+:RingW];
    // While the configuration has the bus, nothing else is gathered.
    assign ring      = cfg_idle ? tick_ring : cfg_ring;
  end else begin : g_no_ring
    assign tick_ring = '0;
    assign cfg_ring  = '0;
    assign ring      = '0;
  end
  function automatic logic [AccW-1:0] acc_addr(input logic [RingW-1:0] slot, input logic [GroupW-1:0] group);
    // Without delays the ring is constant 0 and its bit falls away.
    acc_addr = AccW'({slot, group});
  endfunction

  always_ff @(posedge clk_i) begin
    {show_q, show_node_q}     <= {lane_read, sel_trace || probe_re || (sel_state && state_word == '0)};
    {show_syn_q, show_top_q} <= {2{sel_syn}} | ({2{sel_state}} & {state_word == 2'd1, state_word == 2'd2});
    // A word that is set stands in the lanes' stage 5 two cycles later.
    {set_addr2_q, set_addr1_q}     <= {set_addr1_q, value_write ? value_addr : clear_trace};
    {value_lane2_q, value_lane1_q} <= {value_lane1_q, value_lane};
    if (rst_i) {value2_q, value1_q, clear2_q, clear1_q, set1_q} <= '0;
    else       {value2_q, value1_q, clear2_q, clear1_q, set1_q} <= {value1_q, value_write, clear1_q, clear_traces, set};
  end
  assign set      = cfg_set || value_write || clear_traces;
  assign set_word = value_write ? {{(StateW-TraceW){1'b0}}, value_word} : !cfg_set ? '0
                  : !cfg_upper ? cfg_wdata_i[StateW-1:0]
                  : cfg_syn ? StateW'(cfg_wdata_i[31:16]) : StateW'(cfg_wdata_i[WordW-1:TraceW]);

  // What the configuration writes takes the way of what a sweep or learning writes.
  assign v_set          = cfg_set && cfg_state && state_word == '0 && (cfg_store || request);
  assign clear_acc      = cfg_acc && cfg_write_i && cfg_low;
  assign write_row      = cfg_set && cfg_state ? cfg_row : row5;
  assign read_acc_addr  = cfg_acc ? acc_addr(cfg_ring, cfg_row[RowW-1:FieldW]) : acc_addr(tick_ring, read_row[RowW-1:FieldW]);
  assign write_acc_addr = clear ? clear_addr[AccW-1:0] : clear_acc ? acc_addr(cfg_ring, cfg_row[RowW-1:FieldW])
                                                                   : acc_addr(tick_ring, row5[RowW-1:FieldW]);
  // While learning goes on nothing else reads synapses: whether there is a step is known too late to choose by.
  assign syn_raddr      = learning_q ? SynMemW'(step_addr) : walk ? SynMemW'(walk_addr)
                        : cfg_syn ? SynMemW'(cfg_addr_i[LaneW+:SynW])
                                              : SynMemW'(SynapseWords) + SynMemW'(sweep_row);
  assign syn_waddr      = step_valid_q[5] ? SynMemW'(step_addr5_q) : (cfg_set && cfg_syn) ? SynMemW'(cfg_addr_i[LaneW+:SynW])
                                          : SynMemW'(SynapseWords) + SynMemW'(write_row);

  assign half_update = update_valid[5] || clear2_q;
  assign trace_raddr = learning_q ? learn_read_addr : cfg_addr_i[LaneW+:TraceAddrW];
  assign trace_waddr = update_valid[5] ? update5_addr : (value2_q || clear2_q) ? set_addr2_q : cfg_addr_i[LaneW+:TraceAddrW];
  assign node_raddr  = learning_q || cfg_trace ? NodeW'(TraceBase) + NodeW'(trace_raddr) : NodeW'({node_row, 1'b0});
  assign node_waddr  = half_update || value2_q || (cfg_set && cfg_trace) ? NodeW'(TraceBase) + NodeW'(trace_waddr)
                                                                              : NodeW'({write_row, request});

  for (genvar l = 0; l < Lanes; l++) begin : g_lane
    logic        winner4, resets5_q;
    logic [15:0] rounding2;
    logic [1:0]  hide;
    logic        shown_here;

    // A group's winner is known long before its second pass.
    assign winner4   = winner_valid && winner_row == row4 && winner_lane == LaneW'(l);
    // Each lane takes another part of the one random number.
    localparam int unsigned Turn = l * 32 / Lanes;
    assign rounding2 = 16'((random2 << Turn) | (random2 >> (32 - Turn))) | {rounding[0] && !draws, 15'b0};
    // Of the sum and theta's high end a configuration shows what it asked for.
    always_comb begin
      hide = 2'b00;
      if (lane_read) hide = ~({2{lane_select[l] && !probe_re}} & {sel_acc, sel_state && state_word == 2'd2});
    end
    always_ff @(posedge clk_i) begin
      if (valid[4]) resets5_q <= clear_membrane5 || (apply4 && winner_valid && !winner4);
      if (lane_read) shown_here <= probe_re ? probe_slot[LaneW-1:0] == LaneW'(l)
                                 : (sel_trace || sel_syn) ? cfg_here[l] : lane_select[l];
    end

    ncx_lane #(
      .LocalRows(LocalRows), .WeightW(WeightW), .SynapseWords(SynapseWords), .MaxDelay(MaxDelay),
      .NodeHalves(NodeHalves), .DistributedDepth(DistributedDepth)
    ) u_lane (
      .clk_i, .rst_i,
      .syn_re_i(walk || learning_q || read || sel_syn || sel_state), .syn_raddr_i(syn_raddr), .walk_i(walk), .walk_sparse_i(walk_sparse),
      .walk_group_i(walk_group), .ring_i(ring), .plus_i(plus), .factor_i(factor),
      .inject1_i(inject1_q), .inject_mine1_i(inject_slot1_q[LaneW-1:0] == LaneW'(l)),
      .inject_row1_i(inject_slot1_q[SlotW-1:LaneW]),
      .read_i(read || lane_read), .read_row_i(sweep_row), .read_acc_addr_i(read_acc_addr),
      .write_row_i(write_row), .write_acc_addr_i(write_acc_addr),
      .valid_i(valid), .v_rest1_i(v_rest1), .leak_beta2_i(leak_beta2), .leak2_i(leak2), .minus_leak2_i(minus_leak2),
      .syn_beta2_i(syn_beta2), .theta_beta2_i(theta_beta2),
      .v_rest3_i(v_rest3), .threshold3_i(threshold3), .no_current3_i(apply3 || clear_membrane5),
      .may_fire4_i(!scan4 && (!apply4 || winner4) && !clear_membrane5 && !clear_theta5), .soft_reset4_i(soft_reset4),
      .refractory_hold4_i(refractory_hold4), .v_reset4_i(v_reset4), .theta_plus4_i(theta_plus4),
      .threshold5_i(threshold5), .v_reset5_i(v_reset5), .refractory5_i(refractory5),
      .soft_reset5_i(soft_reset5), .active5_i(active5[l]), .scan5_i(scan5), .apply5_i(apply5),
      .resets5_i(resets5_q), .clear_membrane5_i(clear_membrane5),
      .clear_theta5_i(clear_theta5),
      .fire5_o(fire5[l]), .candidate5_o(candidate5[l]), .below5_o(below5[l*StateW+:StateW]),
      .spike_re_i(bits_re || learning_q), .spike_row_i(learning_q ? RowW'(learn_spike_row) : bits_row),
      .spike_o(bits[l]),
      .node_re_i(read || lane_read || learn_read), .node_raddr_i(node_raddr), .node_half_we_i(half_update),
      .node_set_we_i((value2_q && value_lane2_q == LaneW'(l)) || (v_set && lane_select[l])
                     || (sel_trace && cfg_write_i && cfg_here[l])),
      .node_waddr_i(node_waddr), .trace_o(traces[l*TraceW+:TraceW]),
      .step_valid_i(step_valid_q), .step_sparse1_i(step_sparse1_q),
      .step_tag1_i(step_tag1_q),
      .step_row1_i(step_row1_q), .step_field1_i(step_field1_q), .step_lane2_i(step_mask2_q[l]),
      .syn_waddr_i(syn_waddr), .step_field5_i(step_field5_q),
      .post_base_i(NodeW'(TraceBase) + NodeW'(post_base)), .update_valid_i(update_valid[4:2]), .update_axons_i(update_axons),
      .axon_spike_i(axon_spikes[l]), .update5_any_o(update_any[l]),
      .fold_i(fold_walk), .instar_i(instar), .pre_i(pre), .rounding2_i(rounding2), .low4_i(low4), .high4_i(high4),
      .exponential_i(exponential), .newest_i(newest), .history_mask_i({window, 1'b1}),
      .clear_i(clear), .spike_waddr_i(clear ? clear_addr[RowW-1:0] : row5),
      .hide_i(hide), .set_i(set), .set_theta_i(cfg_set), .set1_i(set1_q), .set_word_i(set_word),
      .set_flags_i(cfg_wdata_i[WordW-1:32]),
      .cfg_we_syn_i({2{cfg_set && cfg_syn && cfg_here[l]}} & {lane_request, cfg_store}),
      .cfg_we_state_i({2{sel_state && cfg_write_i && lane_select[l]}} & {state_word == 2'd2, state_word == 2'd1}),
      .cfg_clear_acc_i(clear_acc && lane_select[l]), .cfg_bank_i(cfg_row[FieldW-1:0]),
      .show_i(show_q), .show_syn_i(show_syn_q && shown_here), .show_top_i(show_top_q && shown_here), .show_node_i(show_node_q && shown_here),
      .word_i(words[l*WordW+:WordW]), .word_o(words[(l+1)*WordW+:WordW])
    );
  end

  assign words[WordW-1:0] = '0;
  assign lane_word        = words[Lanes*WordW+:WordW];

`ifndef SYNTHESIS
  // The configurator checks every range before it writes.
  logic [31:0] region_size;
  always_comb begin
    case (cfg_region_i)
      ncx_pkg::RegionSynapse:     region_size = SynapseWords * Lanes;
      ncx_pkg::RegionSource:      region_size = Sources;
      ncx_pkg::RegionRow:         region_size = Rows << HalfAddrW;
      ncx_pkg::RegionProgram:     region_size = ProgramEntries << HalfAddrW;
      ncx_pkg::RegionParameter:   region_size = ParameterSets * ncx_pkg::ParameterStride;
      ncx_pkg::RegionState:       region_size = Neurons << StateAddrW;
      ncx_pkg::RegionAccumulator: region_size = Neurons * MaxDelay;
      ncx_pkg::RegionCount:       region_size = Neurons;
      ncx_pkg::RegionRate:        region_size = Axons;
      ncx_pkg::RegionGenerator:   region_size = (Lanes + 7) / 8 * 4;
      ncx_pkg::RegionProbe:       region_size = ProbeEntries;
      ncx_pkg::RegionSpikeQueue:  region_size = ProgramEntries << HalfAddrW;
      ncx_pkg::RegionProfile:     region_size = Profiles * ncx_pkg::ProfileWords;
      ncx_pkg::RegionTaps:        region_size = Profiles << 7;
      ncx_pkg::RegionDriftStep:   region_size = Profiles << 5;
      ncx_pkg::RegionLearnMember: region_size = MemberDepth;
      ncx_pkg::RegionTrace:       region_size = TraceDepth * Lanes;
      ncx_pkg::RegionLearnState:  region_size = Profiles * 2 + 1;
      ncx_pkg::RegionAxonSpike:   region_size = AxonRows;
      default:                    region_size = '0;
    endcase
  end
  always_ff @(posedge clk_i) if (!rst_i) begin
    assert (!request || !running_o);
    assert (!request || cfg_addr_i < region_size);
  end
`endif
endmodule
`default_nettype wire
