// SPDX-License-Identifier: BSD-3-Clause
// The learning profiles: how the traces and weights of some rows change, and what a tick adds to their drift.
`default_nettype none
module ncx_profiles #(
  parameter int unsigned Profiles = 2,
  localparam int unsigned ProfW  = Profiles > 1 ? $clog2(Profiles) : 1,
  localparam int unsigned TraceW = ncx_pkg::TraceW,
  localparam int unsigned WordIndexW = $clog2(ncx_pkg::ProfileWords),
  localparam int unsigned StepIndexW = 5                 // a drift step for each age, in 32 places
) (
  input  wire logic                             clk_i,
  input  wire logic                             fetch_i,   // the profile's words come one cycle later and stay
  input  wire logic [ProfW-1:0]                 profile_i,
  input  wire logic [StepIndexW-1:0]            age_i,
  output      logic signed [15:0]               w_min_o,
  output      logic signed [15:0]               w_max_o,
  output      logic signed [TraceW-1:0]         pre_amplitude_o,
  output      logic signed [TraceW-1:0]         post_amplitude_o,
  output      logic [ncx_pkg::BetaW-1:0]        pre_decay_o,
  output      logic [ncx_pkg::BetaW-1:0]        post_decay_o,
  output      logic [ncx_pkg::HistoryW-1:0]     window_o,
  output      logic [ncx_pkg::LearnShiftW-1:0]  shift_o,
  output      logic [1:0]                       rounding_o,
  output      logic                             instar_o,
  output      logic                             exponential_o,
  output      logic                             newest_o,
  output      logic                             post_o,
  output      logic                             modulated_o,
  output      logic                             drift_o,
  output      logic signed [TraceW-1:0]         drift_step_o,
  // configuration; read data one cycle after the request
  input  wire logic                             cfg_profile_i,
  input  wire logic                             cfg_step_i,
  input  wire logic                             cfg_write_i,
  input  wire logic [ProfW+WordIndexW-1:0]      cfg_profile_addr_i,
  input  wire logic [ProfW+StepIndexW-1:0]      cfg_step_addr_i,
  input  wire logic [ncx_pkg::WordW-1:0]        cfg_wdata_i,
  output      logic [ncx_pkg::WordW-1:0]        cfg_rdata_o
);
  localparam int unsigned WordW = ncx_pkg::WordW;
  localparam int unsigned Words = ncx_pkg::ProfileWords;

  logic [Words*WordW-1:0]   set;
  logic [WordIndexW-1:0]    cfg_word, cfg_word_q;
  logic                     cfg_step_q;

  assign cfg_word = cfg_profile_addr_i[WordIndexW-1:0];
  for (genvar w = 0; w < Words; w++) begin : g_word
    ncx_ram #(.Width(WordW), .Depth(1 << ProfW), .Style(2)) u_words (
      .clk_i, .we_i(cfg_profile_i && cfg_write_i && cfg_word == WordIndexW'(w)),
      .waddr_i(cfg_profile_addr_i[WordIndexW+:ProfW]), .wdata_i(cfg_wdata_i),
      .re_i(fetch_i || cfg_profile_i), .raddr_i(cfg_profile_i ? cfg_profile_addr_i[WordIndexW+:ProfW] : profile_i),
      .rdata_o(set[w*WordW+:WordW])
    );
  end
  ncx_ram #(.Width(TraceW), .Depth(1 << (ProfW + StepIndexW)), .Style(2)) u_steps (
    .clk_i, .we_i(cfg_step_i && cfg_write_i), .waddr_i(cfg_step_addr_i), .wdata_i(cfg_wdata_i[TraceW-1:0]),
    .re_i(fetch_i || cfg_step_i), .raddr_i(cfg_step_i ? cfg_step_addr_i : {profile_i, age_i}),
    .rdata_o(drift_step_o)
  );

  always_ff @(posedge clk_i) begin
    if (cfg_profile_i) cfg_word_q <= cfg_word;
    cfg_step_q <= cfg_step_i;
  end
  always_comb begin
    cfg_rdata_o = '0;
    if (cfg_step_q) cfg_rdata_o = WordW'(unsigned'(drift_step_o));
    else for (int w = 0; w < Words; w++) if (cfg_word_q == WordIndexW'(w)) cfg_rdata_o = set[w*WordW+:WordW];
  end

  assign w_min_o          = set[ncx_pkg::ProfileWMinWord*WordW+ncx_pkg::ProfileWMinLsb+:16];
  assign w_max_o          = set[ncx_pkg::ProfileWMaxWord*WordW+ncx_pkg::ProfileWMaxLsb+:16];
  assign pre_amplitude_o  = set[ncx_pkg::ProfilePreAmplitudeWord*WordW+ncx_pkg::ProfilePreAmplitudeLsb+:TraceW];
  assign post_amplitude_o = set[ncx_pkg::ProfilePostAmplitudeWord*WordW+ncx_pkg::ProfilePostAmplitudeLsb+:TraceW];
  // A factor of 1.0 or more means exactly 1.0.
  function automatic logic [ncx_pkg::BetaW-1:0] clamp_beta(input logic [ncx_pkg::BetaW-1:0] beta);
    clamp_beta = beta[ncx_pkg::BetaW-1] ? {1'b1, {(ncx_pkg::BetaW-1){1'b0}}} : beta;
  endfunction
  assign pre_decay_o   = clamp_beta(set[ncx_pkg::ProfilePreDecayWord*WordW+ncx_pkg::ProfilePreDecayLsb+:ncx_pkg::BetaW]);
  assign post_decay_o  = clamp_beta(set[ncx_pkg::ProfilePostDecayWord*WordW+ncx_pkg::ProfilePostDecayLsb+:ncx_pkg::BetaW]);
  assign window_o      = set[ncx_pkg::ProfileWindowWord*WordW+ncx_pkg::ProfileWindowLsb+:ncx_pkg::HistoryW];
  assign shift_o       = set[ncx_pkg::ProfileShiftWord*WordW+ncx_pkg::ProfileShiftLsb+:ncx_pkg::LearnShiftW];
  assign rounding_o    = set[ncx_pkg::ProfileRoundingWord*WordW+ncx_pkg::ProfileRoundingLsb+:2];
  assign instar_o      = set[ncx_pkg::ProfileInstarWord*WordW+ncx_pkg::ProfileInstarLsb];
  assign exponential_o = set[ncx_pkg::ProfileExponentialWord*WordW+ncx_pkg::ProfileExponentialLsb];
  assign newest_o      = set[ncx_pkg::ProfileNewestWord*WordW+ncx_pkg::ProfileNewestLsb];
  assign post_o        = set[ncx_pkg::ProfilePostWord*WordW+ncx_pkg::ProfilePostLsb];
  assign modulated_o   = set[ncx_pkg::ProfileModulatedWord*WordW+ncx_pkg::ProfileModulatedLsb];
  assign drift_o       = set[ncx_pkg::ProfileDriftWord*WordW+ncx_pkg::ProfileDriftLsb];
endmodule
`default_nettype wire
