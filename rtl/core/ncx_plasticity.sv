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
  localparam int unsigned PlusW  = ncx_pkg::DriftW - 16 + 1
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
  input  wire logic signed [PlusW-1:0]         plus2_i,
  // the rest of the stages
  input  wire logic                            update3_i,
  input  wire logic                            update4_i,
  input  wire logic                            valid3_i,       // stages that hold a step or an update
  input  wire logic                            valid4_i,
  input  wire logic                            step5_i,
  input  wire logic [15:0]                     random3_i,
  input  wire logic signed [ncx_pkg::ModulationW-1:0] factor3_i,
  // what holds for a whole walk or pass
  input  wire logic                            fold_i,
  input  wire logic                            instar_i,
  input  wire logic                            pre_i,          // the source has a spike, and targets have traces
  input  wire logic signed [WeightW-1:0]       low_i,          // bounds of a stored weight
  input  wire logic signed [WeightW-1:0]       high_i,
  input  wire logic                            exponential_i,
  input  wire logic                            newest_i,
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
  localparam int unsigned DiffW = PlusW + 1;
  localparam int unsigned ProdW = DiffW + GainW;
  localparam int unsigned TotalW = ProdW + 1;
  localparam int unsigned ResultW = TotalW - Frac;
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

  // ---- stage 2: what will be scaled, and what that will be added to ----
  // A trace takes in its spike: trace + amplitude. A weight changes by x and its target's trace, or towards x.
  logic                       touched2, touched3_q, touched4_q, touched5_q, plus_on2, trace_on2, weight_on2;
  logic signed [DiffW-1:0]    plus2, other2, sum2, difference2, difference3_q;
  logic signed [TraceW-1:0]   base2, base3_q;
  logic                       unused_carry2;

  always_comb begin
    touched2      = 1'b0;
    plus_on2      = 'x;
    trace_on2     = 'x;
    weight_on2    = 'x;
    plus2         = 'x;
    other2        = 'x;
    sum2          = 'x;
    unused_carry2 = 'x;
    difference2   = 'x;
    base2         = 'x;
    if (step2_i || update2_i) begin
      touched2   = step2_i && plastic2_q && (fold_i || (spike2_i && lane2_i) || (pre_i && !instar_i));
      plus_on2   = update2_i ? spike2_i && exponential_i : fold_i || instar_i || (spike2_i && lane2_i);
      trace_on2  = update2_i ? exponential_i && !(newest_i && spike2_i) : pre_i && !instar_i && !fold_i;
      weight_on2 = !update2_i && instar_i && !fold_i;
      plus2      = plus_on2 ? {plus2_i[PlusW-1], plus2_i} : '0;
      other2     = trace_on2 ? {{(DiffW-TraceW){trace2_i[TraceW-1]}}, trace2_i}
                 : weight_on2 ? {{(DiffW-WeightW){weight2_q[WeightW-1]}}, weight2_q} : '0;
      // One adder, that adds for a trace and subtracts for a weight.
      {sum2, unused_carry2} = {plus2, 1'b1} + {other2 ^ {DiffW{!update2_i}}, !update2_i};
      difference2 = sum2;
      if (update2_i && sum2[TraceW] != sum2[TraceW-1]) begin
        difference2 = {{(DiffW-TraceW+1){sum2[TraceW]}}, {(TraceW-1){~sum2[TraceW]}}};
      end
      // The history of a kernel trace takes in its spike and is scaled by nothing.
      base2 = !update2_i ? {{(TraceW-WeightW){weight2_q[WeightW-1]}}, weight2_q}
            : exponential_i ? '0
            : {1'b0, {trace2_i[ncx_pkg::HistoryW-1:0], spike2_i} & history_mask_i};
    end
  end
  always_ff @(posedge clk_i) begin
    if (step2_i || update2_i) begin
      difference3_q <= difference2;
      base3_q       <= base2;
      flags3_q      <= flags2_q;
    end
    touched3_q <= touched2;
  end

  // ---- stage 3: scale, add and round: a trace towards zero, a weight as the profile says ----
  logic signed [ProdW-1:0]  product3;
  logic signed [TotalW-1:0] total4_q;
  logic [Frac-1:0]          offset3;

  assign product3 = difference3_q * factor3_i;
  assign offset3  = update3_i ? {Frac{difference3_q[DiffW-1]}} : random3_i;
  always_ff @(posedge clk_i) begin
    if (valid3_i) begin
      total4_q <= {product3[ProdW-1], product3} + $signed({{(TotalW-TraceW-Frac){base3_q[TraceW-1]}}, base3_q, offset3});
      flags4_q <= flags3_q;
    end
    touched4_q <= touched3_q;
  end

  // ---- stage 4: a weight into its bounds ----
  logic signed [ResultW-1:0] result4;
  logic                      fits4, below4, above4;

  assign result4 = total4_q[TotalW-1:Frac];
  always_comb begin
    fits4  = 'x;
    below4 = 'x;
    above4 = 'x;
    if (valid4_i) begin
      fits4  = result4[ResultW-1:WeightW-1] == {(ResultW-WeightW+1){result4[ResultW-1]}};
      below4 = !update4_i && (fits4 ? $signed(result4[WeightW-1:0]) < low_i : result4[ResultW-1]);
      above4 = !update4_i && (fits4 ? $signed(result4[WeightW-1:0]) > high_i : !result4[ResultW-1]);
    end
  end
  always_ff @(posedge clk_i) begin
    if (valid4_i) begin
      trace5_o <= below4 ? {{(TraceW-WeightW){low_i[WeightW-1]}}, low_i}
                : above4 ? {{(TraceW-WeightW){high_i[WeightW-1]}}, high_i} : result4[TraceW-1:0];
      flags5_o <= flags4_q;
    end
    touched5_q <= touched4_q;
  end

  // ---- stage 5 ----
  assign weight5_o    = trace5_o[WeightW-1:0];
  assign trace5_any_o = trace5_o != '0;
  assign write5_o     = step5_i && touched5_q;
endmodule
`default_nettype wire
