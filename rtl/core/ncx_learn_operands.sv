// SPDX-License-Identifier: BSD-3-Clause
// What all lanes' ncx_plasticity need alike in a walk or a trace pass: what is added, the factor, the bounds.
// Their multiplier can add but not subtract, so a weight's change d * M, d = x - y, is (y - x) * -M.
`default_nettype none
module ncx_learn_operands #(
  parameter int unsigned WeightW = 16,                    // 8 or 16
  localparam int unsigned TraceW = ncx_pkg::TraceW,
  localparam int unsigned DriftIntW = ncx_pkg::DriftW - 16,
  localparam int unsigned PlusW  = DriftIntW + 1,
  localparam int unsigned GainW  = ncx_pkg::ModulationW
) (
  input  wire logic                            clk_i,
  input  wire logic                            rst_i,
  input  wire logic                            learn_i,    // learning goes on: otherwise everything stands still
  // these stand still from before a walk's first step to after its last, the bounds' for five cycles before a step is bounded
  input  wire logic                            fold_i,
  input  wire logic                            instar_i,
  input  wire logic signed [TraceW-1:0]        x_i,        // 0 in a fold and in updates
  input  wire logic signed [DriftIntW-1:0]     drift_i,
  input  wire logic signed [GainW-1:0]         gain_i,     // 1 in a fold
  input  wire logic signed [15:0]              w_min_i,
  input  wire logic signed [15:0]              w_max_i,
  input  wire logic                            update1_i,  // the cycle before stage 2 holds an update of traces
  input  wire logic                            update2_i,  // stage 2 holds one ...
  input  wire logic                            update3_i,  // ... stage 3
  input  wire logic signed [TraceW-1:0]        amplitude_i,
  input  wire logic [ncx_pkg::BetaW-1:0]       decay_i,
  output      logic signed [PlusW-1:0]         plus2_o,
  output      logic signed [GainW-1:0]         factor2_o,
  output      logic signed [TraceW-1:0]        low4_o,
  output      logic signed [TraceW-1:0]        high4_o
);
  localparam logic signed [TraceW-1:0] TraceMax = {1'b0, {(TraceW-1){1'b1}}};

  // Lanes work on stored weights. What a rule says of effective ones, drift included, moves by the drift: bounds, and
  // instar's x - (w + drift). A fold adds the drift, by a factor of 1.
  logic signed [PlusW-1:0] addend;
  logic                    subtract;
  logic signed [GainW-1:0]   minus_gain_q;
  logic signed [WeightW-1:0] low_q, high_q;

  assign subtract = fold_i && !update1_i;
  assign addend   = update1_i ? {amplitude_i[TraceW-1], amplitude_i}
                  : fold_i    ? ~{drift_i[DriftIntW-1], drift_i}
                  : instar_i  ? {drift_i[DriftIntW-1], drift_i} : '0;
  always_ff @(posedge clk_i) if (learn_i) begin
    plus2_o      <= addend - {x_i[TraceW-1], x_i} + PlusW'(subtract);
    minus_gain_q <= -gain_i;
  end
  assign factor2_o = update2_i ? {1'b0, decay_i} : minus_gain_q;
  always_ff @(posedge clk_i) if (learn_i) begin
    low4_o  <= update3_i ? ~TraceMax : {{(TraceW-WeightW){low_q[WeightW-1]}}, low_q};
    high4_o <= update3_i ? TraceMax : {{(TraceW-WeightW){high_q[WeightW-1]}}, high_q};
  end

  // Both bounds take turns. Their difference from the drift is made as the complement of drift - bound - 1: so the choice of
  // the bound is part of the adder.
  logic signed [DriftIntW-1:0] drift_q;
  logic signed [DriftIntW:0]   moved_q, chosen;
  logic signed [WeightW-1:0]   bound;
  logic                        turn_q;
  logic signed [15:0]          w_bound;

  assign w_bound = turn_q ? w_max_i : w_min_i;
  assign chosen  = {{(DriftIntW-15){w_bound[15]}}, w_bound};
  assign bound   = moved_q[DriftIntW:WeightW-1] == {(DriftIntW-WeightW+2){moved_q[DriftIntW]}}
                 ? ~moved_q[WeightW-1:0] : {~moved_q[DriftIntW], {(WeightW-1){moved_q[DriftIntW]}}};
  always_ff @(posedge clk_i) begin
    turn_q <= !rst_i && !turn_q;
    if (learn_i) begin
      drift_q <= fold_i ? '0 : drift_i;
      moved_q <= {drift_q[DriftIntW-1], drift_q} + ~chosen;
      if (turn_q) low_q  <= bound;
      else        high_q <= bound;
    end
  end
endmodule
`default_nettype wire
