// SPDX-License-Identifier: BSD-3-Clause
// One lane's learning arithmetic: a weight (docs/model.md, step 7 b) or a trace (a and c) a cycle.
// One multiplier serves both, and scales weights for the gather. Stage 1 takes the synapse word that was read, stage 2 the
// trace and the spike of its target, stage 5 gives the weight to write back. Trace updates enter at stage 2. Controls come
// beside the stages from ncx_learner. The sweep's currents, and words that the configuration writes, leave by stage 5 as well.
`default_nettype none
module ncx_plasticity #(
  parameter int unsigned WeightW = 16,                    // 8 or 16
  localparam int unsigned Fields = 32 / WeightW,
  localparam int unsigned FieldW = $clog2(Fields),
  localparam int unsigned Flags  = 4,                     // bits above the data of a synapse word
  localparam int unsigned TraceW = ncx_pkg::TraceW,
  localparam int unsigned AddW   = ncx_pkg::StateW + 1,
  localparam int unsigned FactorW = ncx_pkg::ModulationW
) (
  input  wire logic                            clk_i,
  // the multiplier's operands that all lanes share: for stage 1 of a gather, or stage 2 here
  input  wire logic signed [AddW-1:0]          plus_i,         // see ncx_learn_operands
  input  wire logic signed [FactorW-1:0]       factor_i,
  // a gather: word1_i's lowest weight, and plus_i, times factor_i
  input  wire logic                            gather1_i,
  input  wire logic                            no_weight1_i,
  input  wire logic                            no_plus1_i,
  input  wire logic                            add2_i,         // the product is wanted ...
  output      logic signed [ncx_pkg::AccumulatorW-1:0] product3_o, // ... else 0
  // stage 1: a step of a walk
  input  wire logic                            step1_i,
  input  wire logic                            sparse1_i,
  input  wire logic [FieldW-1:0]               field1_i,
  input  wire logic [ncx_pkg::WordW-1:0]       word1_i,
  input  wire logic signed [WeightW-1:0]       weight1_i,      // of its field
  // stage 2: its target; or a trace that takes in a spike
  input  wire logic                            update2_i,
  input  wire logic                            step2_i,
  input  wire logic                            mine2_i,        // the word belongs to the row
  input  wire logic                            lane2_i,        // the lane takes part in the step
  input  wire logic                            spike2_i,
  input  wire logic [TraceW-1:0]               trace2_i,
  input  wire logic [15:0]                     rounding2_i,    // all ones for an update
  // the rest of the stages
  input  wire logic                            valid3_i,       // stages that hold a step or an update
  input  wire logic                            valid4_i,
  input  wire logic signed [TraceW-1:0]        low4_i,         // bounds of a stored weight, or of a trace
  input  wire logic signed [TraceW-1:0]        high4_i,
  input  wire logic                            step5_i,
  // what holds for a whole walk or pass
  input  wire logic                            fold_i,
  input  wire logic                            instar_i,
  input  wire logic                            pre_i,          // the source has a spike, and targets have traces
  input  wire logic                            exponential_i,
  input  wire logic                            newest_i,
  input  wire logic [ncx_pkg::HistoryW:0]      history_mask_i, // 2 * window + 1
  // a word from elsewhere goes into stage 5, which nothing else does then
  input  wire logic                            take_i,
  input  wire logic [TraceW-1:0]               word_i,
  input  wire logic [Flags-1:0]                flags_i,
  // stage 5
  output      logic                            write5_o,       // the weight may have changed
  output      logic [Flags-1:0]                flags5_o,       // of its word
  output      logic [TraceW-1:0]               trace5_o,       // or weight
  output      logic                            trace5_any_o    // it is not 0
);
  localparam int unsigned Frac  = 16;                     // fraction bits of gains and decays
  localparam int unsigned TermW = TraceW + Frac;
  localparam int unsigned SumW  = AddW + FactorW + 1;
  localparam int unsigned ResultW = TraceW + 5;           // of a weight or trace and its change
  localparam int unsigned FlagLsb = 32;                   // plastic flags in a synapse word

  // ---- stage 1 ----
  logic [Flags-1:0]          flags2_q, flags3_q, flags4_q;
  logic signed [WeightW-1:0] weight2_q;
  logic                      plastic2_q;

  always_ff @(posedge clk_i) if (step1_i) begin
    flags2_q   <= word1_i[FlagLsb+:Flags];
    weight2_q  <= weight1_i;
    plastic2_q <= word1_i[FlagLsb];
    if (!sparse1_i) begin
      for (int f = 0; f < Fields; f++) begin
        if (field1_i == FieldW'(f)) plastic2_q <= word1_i[FlagLsb+f];
      end
    end
  end

  // ---- stage 2: what will be scaled, and what that will be added to ----
  // A trace takes in its spike: trace + amplitude. A weight changes by x and its target's trace, or towards x: by signs that
  // ncx_learn_operands has changed, y - x times -gain, or w - x.
  logic                       learn2, touched2, touched3_q, touched4_q, touched5_q;
  logic                       plus_on2, trace_on2, weight_on2, up2;
  logic signed [TraceW-1:0]   base2, gathered1, other2;

  assign learn2    = step2_i || update2_i;
  assign gathered1 = {{(TraceW-WeightW){word1_i[WeightW-1]}}, word1_i[WeightW-1:0]};
  always_comb begin
    touched2   = 1'b0;
    plus_on2   = 'x;
    trace_on2  = 'x;
    weight_on2 = 'x;
    other2     = gathered1;
    base2      = 'x;
    up2        = 'x;
    if (learn2) begin
      touched2   = step2_i && plastic2_q && mine2_i && (fold_i || (spike2_i && lane2_i) || (pre_i && !instar_i));
      plus_on2   = update2_i ? spike2_i && exponential_i : fold_i || instar_i || (spike2_i && lane2_i);
      trace_on2  = update2_i ? exponential_i && !(newest_i && spike2_i) : pre_i && !instar_i && !fold_i;
      weight_on2 = !update2_i && instar_i && !fold_i;
      other2     = trace_on2 ? $signed(trace2_i) : {{(TraceW-WeightW){weight2_q[WeightW-1]}}, weight2_q};
      // The history of a kernel trace takes in its spike and is scaled by nothing.
      base2 = !update2_i ? {{(TraceW-WeightW){weight2_q[WeightW-1]}}, weight2_q}
            : exponential_i ? '0
            : $signed({1'b0, {trace2_i[ncx_pkg::HistoryW-1:0], spike2_i} & history_mask_i});
      // A negative trace is rounded up, and so towards zero. The spike comes late, and only chooses.
      up2 = !(update2_i && exponential_i)
            || (spike2_i ? plus_i[AddW-1] || (!newest_i && trace2_i[TraceW-1]) : trace2_i[TraceW-1]);
    end
  end
  always_ff @(posedge clk_i) begin
    if (learn2) flags3_q <= flags2_q;
    touched3_q <= touched2;
  end

  // ---- stage 3: scale, add and round: a trace towards zero, a weight as the profile says ----
  logic signed [SumW-1:0] total4;

  ncx_multiply_add #(.AddW(AddW), .FactorW(FactorW), .TermW(TermW), .SumW(SumW)) u_multiply_add (
    .clk_i, .load_i(gather1_i || learn2),
    .zero_a_i(learn2 ? !(trace_on2 || weight_on2) : no_weight1_i),
    .zero_d_i(learn2 ? !plus_on2 : no_plus1_i),
    .zero_c_i(!learn2 || !up2),
    .a_i({{(AddW-TraceW){other2[TraceW-1]}}, other2}), .d_i(plus_i), .b_i(factor_i),
    .c_i($signed({base2, rounding2_i})),
    .zero_p_i(!(add2_i || valid3_i)), .p_o(total4)
  );
  assign product3_o = total4[ncx_pkg::AccumulatorW-1:0];
  always_ff @(posedge clk_i) begin
    if (valid3_i) flags4_q <= flags3_q;
    touched4_q <= touched3_q;
  end

  // ---- stage 4: into its bounds ----
  logic signed [ResultW-1:0] result4;
  logic                      fits4, below4, above4;

  assign result4 = total4[Frac+:ResultW];
  // Learning's sums are shorter than a gather's.
  logic unused;
  assign unused = &{1'b0, total4};
  always_comb begin
    fits4  = 'x;
    below4 = 1'b0;
    above4 = 1'b0;
    if (valid4_i) begin
      fits4  = result4[ResultW-1:TraceW-1] == {(ResultW-TraceW+1){result4[ResultW-1]}};
      below4 = fits4 ? $signed(result4[TraceW-1:0]) < low4_i : result4[ResultW-1];
      above4 = !below4 && (fits4 ? $signed(result4[TraceW-1:0]) > high4_i : !result4[ResultW-1]);
    end
  end
  always_ff @(posedge clk_i) begin
    if (valid4_i || take_i) begin
      case ({!valid4_i || below4, !valid4_i || above4})
        2'b00:   trace5_o <= result4[TraceW-1:0];
        2'b10:   trace5_o <= low4_i;
        2'b01:   trace5_o <= high4_i;
        default: trace5_o <= word_i;
      endcase
      flags5_o <= valid4_i ? flags4_q : flags_i;
    end
    touched5_q <= touched4_q;
  end

  // ---- stage 5 ----
  assign trace5_any_o = trace5_o != '0;
  assign write5_o     = step5_i && touched5_q;
endmodule
`default_nettype wire
