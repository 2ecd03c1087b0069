// SPDX-License-Identifier: BSD-3-Clause
// The configuration's way to the core's memories: one request at a time, its phases, and the word that answers it.
// A lane's words are written through registers that the sweep and learning have anyway, two cycles on the way: a synapse or
// a potential half by half, set in Low and High, written in Store and Request. A sum is cleared in Low and its halves are
// added as currents. Other memories are written, and all are read, in Request; one's word is in a register from Show on.
`default_nettype none
module ncx_core_bus #(
  parameter int unsigned Lanes     = 8,
  parameter int unsigned ThetaLowW = 9            // bits of theta behind the synapses
) (
  input  wire logic                                clk_i,
  input  wire logic                                rst_i,
  input  wire logic                                cfg_valid_i,
  input  wire logic                                cfg_write_i,
  input  wire logic [4:0]                          cfg_region_i,
  input  wire logic [1:0]                          state_word_i,  // which of a slot's words, in STATE
  input  wire logic                                odd_trace_i,   // the address names the second of two traces
  output      logic                                cfg_done_o,
  output      logic [ncx_pkg::WordW-1:0]           cfg_rdata_o,
  // phases
  output      logic [31:0]                         at_region_o,   // one bit during an access, from the first phase on
  output      logic                                idle_o,
  output      logic                                low_o,         // of a write
  output      logic                                upper_o,       // in High of a word of two halves
  output      logic                                store_o,
  output      logic                                set_o,         // from Low to Request, a lane's word is on its way
  output      logic                                request_o,
  output      logic                                lane_request_o,  // request_o of a lane's word
  // words: the lanes' in a cycle of lane_show_i, all others a cycle after request_o
  input  wire logic                                lane_show_i,
  input  wire logic [ncx_pkg::WordW-1:0]           lane_word_i,
  output      logic [ncx_pkg::StateW-1:0]          probe_v_o,     // of the one shown last
  input  wire logic [31:0]                         walker_word_i,
  input  wire logic [ncx_pkg::WordW-1:0]           sweeper_word_i,
  input  wire logic [15:0]                         publisher_word_i,
  input  wire logic [31:0]                         encoder_word_i,
  input  wire logic [31:0]                         queue_word_i,
  input  wire logic [ncx_pkg::WordW-1:0]           profiles_word_i,
  input  wire logic [ncx_pkg::TraceW-1:0]          taps_word_i,
  input  wire logic [Lanes-1:0]                    member_word_i,
  input  wire logic [ncx_pkg::WordW-1:0]           learn_state_word_i,
  input  wire logic [Lanes-1:0]                    axon_spikes_word_i
);
  localparam int unsigned StateW = ncx_pkg::StateW;
  localparam int unsigned WordW  = ncx_pkg::WordW;
  localparam int unsigned TraceW = ncx_pkg::TraceW;

  // ---- phases ----
  typedef enum logic [3:0] {Idle, Start, Low, High, Store, Request, Data, Show, Done} phase_e;
  phase_e phase_q;
  logic   requests, at_synapse, at_state, at_sum, at_trace;

  assign at_synapse = at_region_o[ncx_pkg::RegionSynapse];
  assign at_state   = at_region_o[ncx_pkg::RegionState];
  assign at_sum     = at_region_o[ncx_pkg::RegionAccumulator];
  assign at_trace   = at_region_o[ncx_pkg::RegionTrace];
  assign idle_o     = phase_q == Idle;
  assign low_o      = phase_q == Low;
  assign store_o    = phase_q == Store;
  assign requests   = (phase_q == Start && !cfg_write_i) || phase_q == Store;
  always_ff @(posedge clk_i) begin
    at_region_o <= cfg_valid_i ? 32'd1 << cfg_region_i : '0;
    upper_o     <= phase_q == Low && !at_trace && !(at_state && state_word_i != '0);
    cfg_done_o  <= phase_q == Show && !rst_i;                    // beside Done
    if (rst_i) {set_o, lane_request_o, request_o} <= '0;
    else begin
      request_o      <= requests;
      lane_request_o <= requests && (at_synapse || at_state || at_sum || at_trace);
      if (phase_q == Start) set_o <= cfg_write_i && (at_synapse || at_state || at_trace);
      else if (request_o)   set_o <= 1'b0;
    end
    if (rst_i) phase_q <= Idle;
    else begin
      case (phase_q)
        Idle:    if (cfg_valid_i) phase_q <= Start;
        Start:   phase_q <= cfg_write_i ? Low : Request;
        Low:     phase_q <= High;
        High:    phase_q <= Store;
        Store:   phase_q <= Request;
        Request: phase_q <= Data;
        Data:    phase_q <= Show;
        Show:    phase_q <= Done;
        default: phase_q <= Idle;
      endcase
    end
  end

  // ---- the word that was asked for: a table's, or a lane's ----
  logic [WordW-1:0] lane_word_q, table_word, table_word_q, walker_word_q, sweeper_word_q, shown_word;
  logic             show_theta;

  always_comb begin
    case (cfg_region_i)
      ncx_pkg::RegionCount, ncx_pkg::RegionProbe:       table_word = WordW'(publisher_word_i);
      ncx_pkg::RegionGenerator:                         table_word = WordW'(encoder_word_i);
      ncx_pkg::RegionSpikeQueue:                        table_word = WordW'(queue_word_i);
      ncx_pkg::RegionProfile, ncx_pkg::RegionDriftStep: table_word = profiles_word_i;
      ncx_pkg::RegionTaps:                              table_word = WordW'(taps_word_i);
      ncx_pkg::RegionLearnMember:                       table_word = WordW'(member_word_i);
      ncx_pkg::RegionLearnState:                        table_word = learn_state_word_i;
      ncx_pkg::RegionAxonSpike:                         table_word = WordW'(axon_spikes_word_i);
      default:                                          table_word = '0;
    endcase
  end
  assign probe_v_o = lane_word_q[StateW-1:0];
  always_ff @(posedge clk_i) begin
    if (lane_show_i)     lane_word_q  <= lane_word_i;
    // Of these one is asked for, the others are 0.
    if (phase_q == Data) table_word_q <= table_word;
    if (!(at_region_o[ncx_pkg::RegionSource] || at_region_o[ncx_pkg::RegionRow])) walker_word_q <= '0;
    else if (phase_q == Data) walker_word_q <= WordW'(walker_word_i);
    if (!(at_region_o[ncx_pkg::RegionProgram] || at_region_o[ncx_pkg::RegionParameter] || at_region_o[ncx_pkg::RegionRate])) begin
      sweeper_word_q <= '0;
    end else if (phase_q == Data) sweeper_word_q <= sweeper_word_i;
    if (phase_q == Show) cfg_rdata_o <= shown_word;
  end
  // A lane shows theta's lowest bits where they lie, above its other ones, and traces by two.
  assign show_theta = at_state && state_word_i == 2'd2;
  always_comb begin
    shown_word = table_word_q | walker_word_q | sweeper_word_q;
    if (at_synapse || at_sum || at_state || at_trace) shown_word = lane_word_q;
    if (show_theta || at_trace)                       shown_word[WordW-1:StateW] = '0;
    if (at_trace)                                     shown_word[StateW-1:TraceW] = '0;
    if (show_theta)                                   shown_word[0+:ThetaLowW] = {lane_word_q[WordW-1], lane_word_q[StateW+:ThetaLowW-1]};
    if (at_trace && odd_trace_i)                      shown_word[0+:TraceW] = lane_word_q[TraceW+:TraceW];
  end
endmodule
`default_nettype wire
