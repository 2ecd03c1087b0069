// SPDX-License-Identifier: BSD-3-Clause
// One lane's neuron update: steps 2 to 6 of docs/model.md as a pipeline of five stages, one neuron a cycle.
// Stage 1 takes the words read from RAM, stage 5 gives the words to write back. Parameters and operation arrive
// beside each stage from ncx_sweeper, which every lane shares.
`default_nettype none
module ncx_neuron (
  input  wire logic                                     clk_i,
  input  wire logic [4:1]                               valid_i,     // stages that hold an entry
  // stage 1: what the RAMs hold
  input  wire logic signed [ncx_pkg::StateW-1:0]        v1_i,
  input  wire logic [ncx_pkg::RefractoryW-1:0]          refractory1_i,
  input  wire logic signed [ncx_pkg::StateW-1:0]        current1_i,
  input  wire logic [ncx_pkg::StateW-1:0]               theta1_i,
  input  wire logic signed [ncx_pkg::AccumulatorW-1:0]  sum1_i,
  // parameters of the neuron that is in each stage
  input  wire logic signed [ncx_pkg::StateW-1:0]        v_rest1_i,
  input  wire logic [ncx_pkg::BetaW-1:0]                leak_beta2_i,
  input  wire logic [ncx_pkg::BetaW-1:0]                syn_beta2_i,
  input  wire logic [ncx_pkg::BetaW-1:0]                theta_beta2_i,
  input  wire logic signed [ncx_pkg::StateW-1:0]        v_rest3_i,
  input  wire logic [ncx_pkg::StateW-1:0]               leak3_i,
  input  wire logic                                     leak_exponential3_i,
  input  wire logic signed [ncx_pkg::StateW-1:0]        threshold3_i,
  input  wire logic                                     apply3_i,
  input  wire logic                                     refractory_hold4_i,
  input  wire logic signed [ncx_pkg::StateW-1:0]        v_reset4_i,
  input  wire logic signed [ncx_pkg::StateW-1:0]        threshold5_i,
  input  wire logic signed [ncx_pkg::StateW-1:0]        v_reset5_i,
  input  wire logic [ncx_pkg::RefractoryW-1:0]          refractory5_i,
  input  wire logic [ncx_pkg::StateW-1:0]               theta_plus5_i,
  input  wire logic                                     soft_reset5_i,
  // stage 5: the operation
  input  wire logic                                     active5_i,        // this lane takes part
  input  wire logic                                     scan5_i,
  input  wire logic                                     apply5_i,
  input  wire logic                                     winner5_i,        // this neuron is its group's winner
  input  wire logic                                     group_fires5_i,   // its group has a winner
  input  wire logic                                     clear_membrane5_i,
  input  wire logic                                     clear_theta5_i,
  // stage 5: the result
  output      logic                                     fire5_o,
  output      logic                                     candidate5_o,
  output      logic signed [ncx_pkg::StateW+1:0]        margin5_o,
  output      logic signed [ncx_pkg::StateW-1:0]        v5_o,
  output      logic [ncx_pkg::RefractoryW-1:0]          refractory5_o,
  output      logic signed [ncx_pkg::StateW-1:0]        current5_o,
  output      logic [ncx_pkg::StateW-1:0]               theta5_o
);
  localparam int unsigned StateW = ncx_pkg::StateW;
  localparam int unsigned BetaW  = ncx_pkg::BetaW;
  localparam int unsigned SumW   = ncx_pkg::AccumulatorW;
  localparam int unsigned Frac   = BetaW - 1;              // decay factors are 1.16 fixed point
  localparam int unsigned ProdW  = StateW + 1 + BetaW + 1;

  // A product of a value and a 1.16 factor is truncated towards zero: shifted down, and one more if it was negative and
  // not whole. That one is the carry into the addition that follows.
  logic signed [StateW:0]            offset2_q, offset3_q; // v - v_rest
  logic signed [StateW-1:0]          v2_q, v3_q, current2_q;
  logic        [StateW-1:0]          theta2_q, theta3_q, theta_decayed3_q;
  logic        [ncx_pkg::RefractoryW-1:0] refractory2_q, refractory3_q, refractory4_q, refractory5_q;
  logic signed [SumW-1:0]            sum2_q, sum3_q;
  logic signed [ProdW-1:0]           offset_product3_q, current_product3_q, theta_product2;
  logic signed [StateW-1:0]          leaked4_q, current4_q, v5_q, current5_q;
  logic        [StateW-1:0]          theta4_q, theta5_q;
  logic signed [StateW:0]            threshold4_q, threshold5_q;

  assign theta_product2 = $signed({1'b0, theta2_q}) * $signed({1'b0, theta_beta2_i});

  // Stage 1: how far from rest.
  always_ff @(posedge clk_i) if (valid_i[1]) begin
    offset2_q     <= {v1_i[StateW-1], v1_i} - {v_rest1_i[StateW-1], v_rest1_i};
    v2_q          <= v1_i;
    current2_q    <= current1_i;
    theta2_q      <= theta1_i;
    refractory2_q <= refractory1_i;
    sum2_q        <= sum1_i;
  end

  // Stage 2: the three products.
  always_ff @(posedge clk_i) if (valid_i[2]) begin
    offset_product3_q  <= offset2_q * $signed({1'b0, leak_beta2_i});
    current_product3_q <= current2_q * $signed({1'b0, syn_beta2_i});
    theta_decayed3_q   <= StateW'(theta_product2 >>> Frac);
    offset3_q          <= offset2_q;
    v3_q               <= v2_q;
    theta3_q           <= theta2_q;
    refractory3_q      <= refractory2_q;
    sum3_q             <= sum2_q;
  end

  // Stage 3: both leaks as a distance that is left from v_rest, the synaptic current, the threshold in force.
  logic                     below3, crossed3, offset_carry3, current_carry3;
  logic signed [StateW+1:0] stepped3;
  logic signed [StateW-1:0] left3, leaked3, current3;

  always_comb begin
    below3         = offset3_q[StateW];
    stepped3       = '0;
    crossed3       = 1'b0;
    offset_carry3  = 1'b0;
    current_carry3 = 1'b0;
    left3          = '0;
    leaked3        = '0;
    current3       = '0;
    if (valid_i[3]) begin
      stepped3       = {below3, offset3_q} + ({(StateW+2){!below3}} ^ {2'b00, leak3_i})
                       + {{(StateW+1){1'b0}}, !below3};
      crossed3       = stepped3[StateW+1] != below3;
      offset_carry3  = offset_product3_q[ProdW-1] && offset_product3_q[Frac-1:0] != '0;
      current_carry3 = current_product3_q[ProdW-1] && current_product3_q[Frac-1:0] != '0;
      left3          = leak_exponential3_i ? offset_product3_q[Frac+:StateW] : crossed3 ? '0 : stepped3[StateW-1:0];
      leaked3        = v_rest3_i + left3 + {{(StateW-1){1'b0}}, leak_exponential3_i && offset_carry3};
      current3       = ncx_pkg::sat_state({sum3_q[SumW-1], sum3_q}
          + {{(SumW+1-StateW){current_product3_q[Frac+StateW-1]}}, current_product3_q[Frac+:StateW]}
          + {{SumW{1'b0}}, current_carry3});
    end
  end

  logic apply4_q;
  always_ff @(posedge clk_i) if (valid_i[3]) begin
    leaked4_q     <= apply3_i ? v3_q : leaked3;
    current4_q    <= current3;
    theta4_q      <= theta_decayed3_q;
    threshold4_q  <= {threshold3_i[StateW-1], threshold3_i} + $signed({1'b0, theta3_q});
    refractory4_q <= refractory3_q;
    apply4_q      <= apply3_i;
  end

  // Stage 4: integrate; a second pass of a winner-take-all group finds v already integrated.
  always_ff @(posedge clk_i) if (valid_i[4]) begin
    v5_q          <= (refractory_hold4_i && refractory4_q != '0) ? v_reset4_i
                   : apply4_q ? leaked4_q : ncx_pkg::sat_add(leaked4_q, current4_q);
    current5_q    <= current4_q;
    theta5_q      <= theta4_q;
    threshold5_q  <= threshold4_q;
    refractory5_q <= refractory4_q;
  end

  // Stage 5: fire and reset.
  logic                      refractory5;
  logic        [StateW:0]    theta_sum5;
  logic signed [StateW:0]    soft_wide5;

  always_comb begin
    refractory5   = refractory5_q != '0;
    margin5_o     = '0;
    candidate5_o  = 1'b0;
    fire5_o       = 1'b0;
    soft_wide5    = '0;
    theta_sum5    = '0;
    v5_o          = v5_q;
    refractory5_o = '0;
    current5_o    = current5_q;
    theta5_o      = '0;
    if (active5_i) begin
      margin5_o    = {{2{v5_q[StateW-1]}}, v5_q} - {threshold5_q[StateW], threshold5_q};
      candidate5_o = !refractory5 && !margin5_o[StateW+1] && margin5_o != '0;
      fire5_o      = candidate5_o && !scan5_i && (!apply5_i || winner5_i)
                     && !clear_membrane5_i && !clear_theta5_i;
      soft_wide5   = {v5_q[StateW-1], v5_q} - {threshold5_i[StateW-1], threshold5_i};
      theta_sum5   = {1'b0, theta5_q} + (fire5_o ? {1'b0, theta_plus5_i} : '0);

      if (clear_membrane5_i) v5_o = v_reset5_i;
      else if (fire5_o && soft_reset5_i) begin
        v5_o = soft_wide5[StateW] != soft_wide5[StateW-1] ? {soft_wide5[StateW], {(StateW-1){~soft_wide5[StateW]}}}
                                                          : soft_wide5[StateW-1:0];
      end else if (fire5_o || (apply5_i && group_fires5_i && !winner5_i)) v5_o = v_reset5_i;

      if (clear_membrane5_i) refractory5_o = '0;
      else if (scan5_i)      refractory5_o = refractory5_q;
      else if (refractory5)  refractory5_o = refractory5_q - 1'b1;
      else if (fire5_o)      refractory5_o = refractory5_i;

      if (clear_membrane5_i) current5_o = '0;

      if (clear_theta5_i) theta5_o = '0;
      else if (theta_sum5[StateW:StateW-1] != 2'b00) theta5_o = {1'b0, {(StateW-1){1'b1}}};
      else                theta5_o = theta_sum5[StateW-1:0];
    end
  end
endmodule
`default_nettype wire
