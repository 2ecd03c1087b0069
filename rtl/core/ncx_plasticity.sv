// SPDX-License-Identifier: BSD-3-Clause
// One lane's learning arithmetic: a weight (docs/model.md, step 7 b) or a trace (a and c) a cycle.
// A multiplier serves both. Stage 1 takes the synapse word that was read, stage 2 the trace and the spike of its target,
// stage 5 gives the weight to write back. Trace updates enter at stage 2. Controls come beside the stages from ncx_learner.
`default_nettype none
module ncx_plasticity #(
  parameter int unsigned WeightW = 16,                    // 8 or 16
  localparam int unsigned Fields = 32 / WeightW,
  localparam int unsigned FieldW = $clog2(Fields),
  localparam int unsigned Flags  = 4,                     // bits above the data of a synapse word
  localparam int unsigned TraceW = ncx_pkg::TraceW,
  localparam int unsigned DriftIntW = ncx_pkg::DriftW - 16
) (
  input  wire logic                            clk_i,
  // stage 1: a step of a walk
  input  wire logic                            step1_i,
  input  wire logic                            mine1_i,        // the word belongs to the row
  input  wire logic                            sparse1_i,
  input  wire logic [FieldW-1:0]               field1_i,
  input  wire logic [ncx_pkg::WordW-1:0]       word1_i,
  // stage 2: its target; or a trace that takes in a spike
  input  wire logic                            update2_i,
  input  wire logic                            step2_i,
  input  wire logic                            lane2_i,        // the lane takes part in the step
  input  wire logic                            spike2_i,
  input  wire logic [TraceW-1:0]               trace2_i,
  // the rest of the stages
  input  wire logic                            update3_i,
  input  wire logic                            update4_i,
  input  wire logic                            valid3_i,       // stages that hold a step or an update
  input  wire logic                            valid4_i,
  input  wire logic                            step5_i,
  input  wire logic [15:0]                     random4_i,
  // what holds for a whole walk or pass
  input  wire logic                            fold_i,
  input  wire logic                            instar_i,
  input  wire logic                            pre_i,          // the source has a spike, and targets have traces
  input  wire logic signed [TraceW-1:0]        x_i,
  input  wire logic signed [DriftIntW-1:0]     drift_i,
  input  wire logic signed [ncx_pkg::ModulationW-1:0] gain_i,
  input  wire logic signed [15:0]              w_min_i,
  input  wire logic signed [15:0]              w_max_i,
  input  wire logic                            exponential_i,
  input  wire logic                            newest_i,
  input  wire logic signed [TraceW-1:0]        amplitude_i,
  input  wire logic [ncx_pkg::BetaW-1:0]       decay_i,
  input  wire logic [ncx_pkg::HistoryW:0]      history_mask_i, // 2 * window + 1
  // stage 5
  output      logic                            write5_o,       // the weight may have changed
  output      logic signed [WeightW-1:0]       weight5_o,
  output      logic [Flags-1:0]                flags5_o,       // of its word
  output      logic [TraceW-1:0]               trace5_o,
  output      logic                            trace5_any_o    // it is not 0
);
  localparam int unsigned GainW = ncx_pkg::ModulationW;
  localparam int unsigned Frac  = 16;                     // fraction bits of gains and decays
  localparam int unsigned EffW  = DriftIntW + 1;          // stored weight plus drift
  localparam int unsigned DiffW = EffW + 1;
  localparam int unsigned ProdW = DiffW + GainW;
  localparam int unsigned DeltaW = ProdW - Frac;
  localparam int unsigned BoundW = 16;
  localparam int unsigned FlagLsb = 32;                   // plastic flags in a synapse word

  // ---- stage 1: pick the weight ----
  logic [Flags-1:0]          flags2_q, flags3_q, flags4_q;
  logic signed [WeightW-1:0] weight2_q;
  logic                      plastic2_q;

  always_ff @(posedge clk_i) if (step1_i) begin
    flags2_q   <= word1_i[FlagLsb+:Flags];
    weight2_q  <= word1_i[WeightW-1:0];
    plastic2_q <= word1_i[FlagLsb] && mine1_i;
    if (!sparse1_i) begin
      for (int f = 0; f < Fields; f++) begin
        if (field1_i == FieldW'(f)) begin
          weight2_q  <= word1_i[f*WeightW+:WeightW];
          plastic2_q <= word1_i[FlagLsb+f];
        end
      end
    end
  end

  // ---- stage 2: the difference that will be scaled ----
  logic signed [EffW-1:0]   effective2, effective3_q, effective4_q;
  logic signed [DiffW-1:0]  plus2, minus2, difference2, difference3_q;
  logic signed [TraceW:0]   raised2;
  logic                     touched2, touched3_q, touched4_q, touched5_q;
  logic [ncx_pkg::HistoryW:0] history3_q, history4_q;

  always_comb begin
    effective2  = '0;
    plus2       = '0;
    minus2      = '0;
    difference2 = '0;
    raised2     = '0;
    touched2    = 1'b0;
    if (step2_i || update2_i) begin
      effective2 = {{(EffW-WeightW){weight2_q[WeightW-1]}}, weight2_q} + {drift_i[DriftIntW-1], drift_i};
      touched2   = step2_i && plastic2_q && (fold_i || (spike2_i && lane2_i) || (pre_i && !instar_i));
      raised2    = {trace2_i[TraceW-1], trace2_i}
                   + (spike2_i ? {amplitude_i[TraceW-1], amplitude_i} : {(TraceW+1){1'b0}});
      if (update2_i) begin
        if (newest_i && spike2_i) begin
          plus2 = {{(DiffW-TraceW){amplitude_i[TraceW-1]}}, amplitude_i};
        end else if (raised2[TraceW] != raised2[TraceW-1]) begin
          plus2 = {{(DiffW-TraceW+1){raised2[TraceW]}}, {(TraceW-1){~raised2[TraceW]}}};
        end else begin
          plus2 = {{(DiffW-TraceW){raised2[TraceW-1]}}, raised2[TraceW-1:0]};
        end
      end else if (!fold_i) begin
        if (instar_i || (spike2_i && lane2_i)) plus2 = {{(DiffW-TraceW){x_i[TraceW-1]}}, x_i};
        if (instar_i)   minus2 = {effective2[EffW-1], effective2};
        else if (pre_i) minus2 = {{(DiffW-TraceW){trace2_i[TraceW-1]}}, trace2_i};
      end
      difference2 = plus2 - minus2;
    end
  end
  always_ff @(posedge clk_i) begin
    if (step2_i || update2_i) begin
      difference3_q <= difference2;
      effective3_q  <= effective2;
      flags3_q      <= flags2_q;
      history3_q    <= {trace2_i[ncx_pkg::HistoryW-1:0], spike2_i} & history_mask_i;
    end
    touched3_q <= touched2;
  end

  // ---- stage 3: scale ----
  logic signed [ProdW-1:0]  product4_q;
  logic signed [GainW-1:0]  factor3;

  assign factor3 = update3_i ? {1'b0, decay_i} : gain_i;
  always_ff @(posedge clk_i) begin
    if (valid3_i) begin
      product4_q   <= difference3_q * factor3;
      effective4_q <= effective3_q;
      flags4_q     <= flags3_q;
      history4_q   <= history3_q;
    end
    touched4_q <= touched3_q;
  end

  // ---- stage 4: round, a trace towards zero; a weight into its bounds ----
  // Of the fraction only the carry matters.
  logic [Frac-1:0]           offset4;
  logic                      carry4;
  logic signed [DeltaW:0]    sum4, low4, high4;
  logic signed [BoundW-1:0]  bounded4, bounded5_q;
  logic                      below4, above4;

  always_comb begin
    sum4     = '0;
    low4     = '0;
    high4    = '0;
    offset4  = '0;
    carry4   = 1'b0;
    below4   = 1'b0;
    above4   = 1'b0;
    bounded4 = '0;
    if (valid4_i) begin
      low4     = {{(DeltaW+1-BoundW){w_min_i[BoundW-1]}}, w_min_i};
      high4    = {{(DeltaW+1-BoundW){w_max_i[BoundW-1]}}, w_max_i};
      offset4  = update4_i ? {Frac{product4_q[ProdW-1]}} : random4_i;
      carry4   = product4_q[Frac-1:0] > ~offset4;
      sum4     = {{(DeltaW+1-EffW){effective4_q[EffW-1] && !update4_i}}, effective4_q & {EffW{!update4_i}}}
                 + {product4_q[ProdW-1], product4_q[ProdW-1:Frac]} + {{DeltaW{1'b0}}, carry4};
      below4   = sum4 < low4;
      above4   = sum4 > high4;
      bounded4 = below4 ? w_min_i : above4 ? w_max_i : sum4[BoundW-1:0];
    end
  end
  always_ff @(posedge clk_i) begin
    if (valid4_i) begin
      bounded5_q <= bounded4;
      flags5_o   <= flags4_q;
      trace5_o   <= exponential_i ? sum4[TraceW-1:0] : {{(TraceW-1-ncx_pkg::HistoryW){1'b0}}, history4_q};
    end
    touched5_q <= touched4_q;
  end
  assign trace5_any_o = trace5_o != '0;

  // ---- stage 5: back to the stored weight ----
  logic signed [EffW-1:0] stored5;

  always_comb begin
    stored5   = '0;
    weight5_o = '0;
    if (step5_i) begin
      stored5   = {{(EffW-BoundW){bounded5_q[BoundW-1]}}, bounded5_q}
                  - (fold_i ? {EffW{1'b0}} : {drift_i[DriftIntW-1], drift_i});
      weight5_o = stored5[WeightW-1:0];
      if (stored5[EffW-1:WeightW-1] != {(EffW-WeightW+1){stored5[EffW-1]}}) begin
        weight5_o = {stored5[EffW-1], {(WeightW-1){~stored5[EffW-1]}}};
      end
    end
  end
  assign write5_o = step5_i && touched5_q;
endmodule
`default_nettype wire
