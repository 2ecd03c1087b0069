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
  // these stand still from before a walk's first step to after its last
  input  wire logic                            fold_i,
  input  wire logic                            instar_i,
  input  wire logic signed [TraceW-1:0]        x_i,
  input  wire logic signed [DriftIntW-1:0]     drift_i,
  input  wire logic signed [GainW-1:0]         gain_i,
  input  wire logic signed [15:0]              w_min_i,
  input  wire logic signed [15:0]              w_max_i,
  input  wire logic                            update2_i,  // stage 2 holds an update of traces ...
  input  wire logic                            update4_i,  // ... stage 4
  input  wire logic signed [TraceW-1:0]        amplitude_i,
  input  wire logic [ncx_pkg::BetaW-1:0]       decay_i,
  output      logic signed [PlusW-1:0]         plus2_o,
  output      logic signed [GainW-1:0]         factor2_o,
  output      logic signed [TraceW-1:0]        low4_o,
  output      logic signed [TraceW-1:0]        high4_o
);
  localparam logic signed [GainW-1:0] MinusOne = GainW'(-65536);
  localparam logic signed [TraceW-1:0] TraceMax = {1'b0, {(TraceW-1){1'b1}}};

  // Lanes work on stored weights. What a rule says of effective ones, drift included, moves by the drift: bounds, and
  // instar's x - (w + drift). A fold adds the drift, by a factor of 1.
  function automatic logic signed [WeightW-1:0] stored_bound(input logic signed [15:0] bound,
                                                             input logic signed [DriftIntW-1:0] drift);
    logic signed [DriftIntW:0] moved;
    moved = {{(DriftIntW-15){bound[15]}}, bound} - {drift[DriftIntW-1], drift};
    if (moved[DriftIntW:WeightW-1] == {(DriftIntW-WeightW+2){moved[DriftIntW]}}) begin
      stored_bound = moved[WeightW-1:0];
    end else begin
      stored_bound = {moved[DriftIntW], {(WeightW-1){~moved[DriftIntW]}}};
    end
  endfunction

  logic signed [PlusW-1:0]     plus_q;
  logic signed [GainW-1:0]     minus_gain_q;
  logic signed [WeightW-1:0]   low_q, high_q;
  logic signed [DriftIntW-1:0] subtracted;

  assign subtracted = (fold_i || !instar_i) ? '0 : drift_i;
  always_ff @(posedge clk_i) begin
    plus_q <= fold_i ? -{drift_i[DriftIntW-1], drift_i}
                     : {subtracted[DriftIntW-1], subtracted} - {{(PlusW-TraceW){x_i[TraceW-1]}}, x_i};
    minus_gain_q <= fold_i ? MinusOne : -gain_i;
    low_q  <= stored_bound(w_min_i, fold_i ? '0 : drift_i);
    high_q <= stored_bound(w_max_i, fold_i ? '0 : drift_i);
  end
  assign plus2_o   = update2_i ? {{(PlusW-TraceW){amplitude_i[TraceW-1]}}, amplitude_i} : plus_q;
  assign factor2_o = update2_i ? {1'b0, decay_i} : minus_gain_q;
  assign low4_o    = update4_i ? ~TraceMax : {{(TraceW-WeightW){low_q[WeightW-1]}}, low_q};
  assign high4_o   = update4_i ? TraceMax : {{(TraceW-WeightW){high_q[WeightW-1]}}, high_q};
endmodule
`default_nettype wire
