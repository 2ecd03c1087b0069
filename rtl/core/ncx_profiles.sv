// SPDX-License-Identifier: BSD-3-Clause
// The learning profiles: how the traces and weights of some rows change, and what a tick adds to their drift.
// The table holds half words, what is needed first with the highest address; they are fetched one after the other into the
// registers that learning looks at, which hold those of one side, presynaptic or postsynaptic.
`default_nettype none
module ncx_profiles #(
  parameter int unsigned Profiles = 2,
  localparam int unsigned ProfW  = Profiles > 1 ? $clog2(Profiles) : 1,
  localparam int unsigned TraceW = ncx_pkg::TraceW,
  localparam int unsigned BetaW  = ncx_pkg::BetaW,
  localparam int unsigned WordIndexW = $clog2(ncx_pkg::ProfileWords),
  localparam int unsigned StepIndexW = 5                 // a drift step for each age, in 32 places
) (
  input  wire logic                             clk_i,
  input  wire logic                             rst_i,
  input  wire logic                             fetch_i,   // the flags come one cycle later, then the rest:
                                                           // window and shift 2, decay 3, amplitude 4, bounds 6 cycles
  input  wire logic                             post_i,    // postsynaptic amplitude 2 and decay 3 cycles later
  input  wire logic [ProfW-1:0]                 profile_i, // stays during a fetch
  input  wire logic [StepIndexW-1:0]            age_i,
  output      logic signed [15:0]               w_min_o,
  output      logic signed [15:0]               w_max_o,
  output      logic signed [TraceW-1:0]         amplitude_o,
  output      logic [BetaW-1:0]                 decay_o,
  output      logic [ncx_pkg::HistoryW-1:0]     window_o,
  output      logic [ncx_pkg::LearnShiftW-1:0]  shift_o,
  output      logic [1:0]                       rounding_o,
  output      logic                             instar_o,
  output      logic                             exponential_o,
  output      logic                             newest_o,
  output      logic                             post_o,
  output      logic                             modulated_o,
  output      logic                             drift_o,
  output      logic signed [TraceW-1:0]         drift_step_o,  // of profile_i and age_i
  // configuration; address and data stay for another cycle, read data are there in it
  input  wire logic                             cfg_i,
  input  wire logic                             cfg_profile_i,   // of an access, from before its request to its end ...
  input  wire logic                             cfg_step_i,      // ... to the other table
  input  wire logic                             cfg_write_i,
  input  wire logic [ProfW+WordIndexW-1:0]      cfg_profile_addr_i,
  input  wire logic [ProfW+StepIndexW-1:0]      cfg_step_addr_i,
  input  wire logic [ncx_pkg::WordW-1:0]        cfg_wdata_i,
  output      logic [ncx_pkg::WordW-1:0]        cfg_rdata_o
);
  localparam int unsigned WordW = ncx_pkg::WordW;
  localparam int unsigned HalfW = WordW / 2;
  localparam int unsigned PlaceW = WordIndexW + 1;

  if (ncx_pkg::ProfileWords != 4 || ncx_pkg::ProfilePostAmplitudeLsb != HalfW || ncx_pkg::ProfilePostDecayLsb != BetaW
      || ncx_pkg::ProfileWMinLsb != 0 || ncx_pkg::ProfileWMaxLsb != 16 || ncx_pkg::ProfileWindowLsb != 0) begin
    $error("the halves of a profile's words are taken apart as its fields lie now");
  end

  // Where a half word is in the table: a fetch takes places 5 to 0, one for the postsynaptic side 7 and 6.
  localparam logic [PlaceW-1:0] WMin = 3'd0, WMax = 3'd1, PreAmplitude = 3'd2, PreDecay = 3'd3, Window = 3'd4, Flags = 3'd5,
                                PostDecay = 3'd6, PostAmplitude = 3'd7;
  function automatic logic [PlaceW-1:0] place_of(input logic [WordIndexW-1:0] word, input logic upper);
    case ({word, upper})
      {WordIndexW'(ncx_pkg::ProfileWMinWord), 1'b0}:          place_of = WMin;
      {WordIndexW'(ncx_pkg::ProfileWMinWord), 1'b1}:          place_of = WMax;
      {WordIndexW'(ncx_pkg::ProfilePreAmplitudeWord), 1'b0}:  place_of = PreAmplitude;
      {WordIndexW'(ncx_pkg::ProfilePostAmplitudeWord), 1'b1}: place_of = PostAmplitude;
      {WordIndexW'(ncx_pkg::ProfilePreDecayWord), 1'b0}:      place_of = PreDecay;
      {WordIndexW'(ncx_pkg::ProfilePostDecayWord), 1'b1}:     place_of = PostDecay;
      {WordIndexW'(ncx_pkg::ProfileWindowWord), 1'b0}:        place_of = Window;
      default:                                                place_of = Flags;
    endcase
  endfunction

  // ---- the table: a word is written in two cycles, its lower half first ----
  logic              cfg_q;
  logic [PlaceW-1:0] place_q, place;
  logic [HalfW-1:0]  half, lower_q;
  logic [TraceW-1:0] step;
  logic [4:0]        age_q;

  assign place = cfg_profile_i ? place_of(cfg_profile_addr_i[WordIndexW-1:0], cfg_q) : place_q;
  ncx_single_ram #(.Width(HalfW), .Depth(1 << (ProfW + PlaceW))) u_halves (
    .clk_i, .we_i(cfg_profile_i && (cfg_i || cfg_q) && cfg_write_i),
    .addr_i({cfg_profile_i ? cfg_profile_addr_i[WordIndexW+:ProfW] : profile_i, place}),
    .wdata_i(cfg_q ? cfg_wdata_i[WordW-1:HalfW] : cfg_wdata_i[HalfW-1:0]), .rdata_o(half)
  );
  ncx_single_ram #(.Width(TraceW), .Depth(1 << (ProfW + StepIndexW))) u_steps (
    .clk_i, .we_i(cfg_step_i && cfg_i && cfg_write_i), .addr_i(cfg_step_i ? cfg_step_addr_i : {profile_i, age_q}),
    .wdata_i(cfg_wdata_i[TraceW-1:0]), .rdata_o(step)
  );
  always_ff @(posedge clk_i) age_q <= age_i;
  assign drift_step_o = $signed(step);
  assign cfg_rdata_o  = cfg_step_i ? WordW'(step) : {half, lower_q};

  // ---- fetch ----
  logic load, post_decay0_q;

  assign load = place_q != Flags || fetch_i;
  always_ff @(posedge clk_i) begin
    if (cfg_i) lower_q <= half;
    if (rst_i) begin
      cfg_q   <= 1'b0;
      place_q    <= Flags;
    end else begin
      cfg_q <= cfg_i;
      if (post_i)    place_q <= PostAmplitude;
      else if (load) place_q <= place_q == WMin ? Flags : place_q - 1'b1;
    end
  end

  localparam int unsigned FlagsLsb = HalfW;
  localparam int unsigned UpperDecay = HalfW - BetaW;      // bits of the postsynaptic decay in the lower half
  localparam int unsigned UpperWMax  = HalfW - 16;
  localparam int unsigned UpperShift = HalfW - ncx_pkg::ProfileShiftLsb;
  logic [BetaW-1:0] decay;
  logic             post_q;
  logic             unused;
  assign unused = &{1'b0, half};
  assign decay  = place_q[2] ? {half[BetaW-1-UpperDecay:0], post_decay0_q} : half[BetaW-1:0];
  assign post_o = post_q && !instar_o;
  always_ff @(posedge clk_i) begin
    if (load) begin
      case (place_q)
        WMin:   {w_max_o[UpperWMax-1:0], w_min_o} <= half;
        WMax:   w_max_o[15:UpperWMax] <= half[15-UpperWMax:0];
        PreAmplitude, PostAmplitude: amplitude_o <= $signed(half);
        PreDecay, PostDecay: begin
          // A factor of 1.0 or more means exactly 1.0.
          decay_o <= decay[BetaW-1] ? {1'b1, {(BetaW-1){1'b0}}} : decay;
          if (place_q == PreDecay) post_decay0_q <= half[BetaW];
        end
        Window: {shift_o[UpperShift-1:0], window_o} <= half;
        default: begin
          shift_o[ncx_pkg::LearnShiftW-1:UpperShift] <= half[ncx_pkg::LearnShiftW-1-UpperShift:0];
          rounding_o    <= half[ncx_pkg::ProfileRoundingLsb-FlagsLsb+:2];
          instar_o      <= half[ncx_pkg::ProfileInstarLsb-FlagsLsb];
          exponential_o <= half[ncx_pkg::ProfileExponentialLsb-FlagsLsb];
          newest_o      <= half[ncx_pkg::ProfileNewestLsb-FlagsLsb];
          post_q        <= half[ncx_pkg::ProfilePostLsb-FlagsLsb];
          modulated_o   <= half[ncx_pkg::ProfileModulatedLsb-FlagsLsb];
          drift_o       <= half[ncx_pkg::ProfileDriftLsb-FlagsLsb];
        end
      endcase
    end
  end
endmodule
`default_nettype wire
