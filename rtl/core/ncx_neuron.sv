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
  input  wire logic [ncx_pkg::BetaW-1:0]                leak_beta2_i,     // 1.0 when the leak is linear
  input  wire logic [ncx_pkg::StateW-1:0]               leak2_i,          // 0 when the leak is exponential
  input  wire logic signed [ncx_pkg::StateW-1:0]        rest_minus2_i,    // v_rest - leak2
  input  wire logic signed [ncx_pkg::StateW-1:0]        rest_plus2_i,     // v_rest + leak2
  input  wire logic [ncx_pkg::BetaW-1:0]                syn_beta2_i,
  input  wire logic [ncx_pkg::BetaW-1:0]                theta_beta2_i,
  input  wire logic signed [ncx_pkg::StateW-1:0]        v_rest3_i,
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
  input  wire logic                                     set5_i,           // configuration: v_reset5_i, refractory5_i and
  input  wire logic [ncx_pkg::StateW-1:0]               set_word5_i,      // this are the words, else this is 0
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
  localparam int unsigned CurrentW = StateW + BetaW + 1;
  localparam int unsigned TotalW = SumW + Frac;

  logic signed [StateW:0]     offset2_q;                   // v - v_rest
  logic signed [StateW-1:0]   current2_q;
  logic        [StateW-1:0]   theta2_q, theta3_q;
  logic        [ncx_pkg::RefractoryW-1:0] refractory2_q, refractory3_q, refractory4_q, refractory5_q;
  logic        [SumW-1:0]     sum2_q;
  logic signed [ProdW-1:0]    leaked_sum3_q, theta_product3_q;
  logic signed [TotalW-1:0]   current_sum3_q;
  logic                       crossed3_q;
  logic signed [StateW-1:0]   leaked4_q, current4_q, v5_q, current5_q;
  logic        [StateW-1:0]   theta4_q, theta5_q;
  logic signed [StateW:0]     threshold4_q, threshold5_q;

  // Stage 1: how far from rest.
  always_ff @(posedge clk_i) if (valid_i[1]) begin
    offset2_q     <= {v1_i[StateW-1], v1_i} - {v_rest1_i[StateW-1], v_rest1_i};
    current2_q    <= current1_i;
    theta2_q      <= theta1_i;
    refractory2_q <= refractory1_i;
    sum2_q        <= sum1_i;
  end

  // Stage 2: three multipliers with an adder behind them. A product of a value and a 1.16 factor is truncated towards zero:
  // with all ones below what is added, a negative one that is not whole is carried up. So one multiplier gives
  // v_rest + beta * offset, which for a linear leak is v_rest -+ leak + offset, and one sum + beta * current.
  logic                     below2, crossed2;
  logic [StateW-1:0]        distance2;
  logic signed [StateW-1:0] rest2;

  logic signed [ProdW-1:0]  offset_product2;
  logic signed [CurrentW-1:0] current_product2;

  assign offset_product2  = offset2_q * $signed({1'b0, leak_beta2_i});
  assign current_product2 = current2_q * $signed({1'b0, syn_beta2_i});
  assign below2    = offset2_q[StateW];
  assign rest2     = below2 ? rest_plus2_i : rest_minus2_i;
  // The step of a linear leak would pass v_rest: |offset| is less than it, or equal to it from below.
  assign distance2 = offset2_q[StateW-1:0] ^ {StateW{below2}};
  assign crossed2  = distance2 < leak2_i;

  always_ff @(posedge clk_i) if (valid_i[2]) begin
    leaked_sum3_q    <= offset_product2 + $signed({{(ProdW-StateW-Frac){rest2[StateW-1]}}, rest2, {Frac{below2}}});
    current_sum3_q   <= {{(TotalW-CurrentW){current_product2[CurrentW-1]}}, current_product2}
                        + $signed({sum2_q, {Frac{current2_q[StateW-1]}}});
    theta_product3_q <= $signed({1'b0, theta2_q}) * $signed({1'b0, theta_beta2_i});
    crossed3_q       <= crossed2;
    theta3_q         <= theta2_q;
    refractory3_q    <= refractory2_q;
  end

  // Stage 3: what is left after the leak, the synaptic current, the threshold in force. The second pass of a
  // winner-take-all group finds v already integrated: ncx_sweeper lets nothing leak, and nothing is added.
  always_ff @(posedge clk_i) if (valid_i[3]) begin
    leaked4_q     <= crossed3_q ? v_rest3_i : leaked_sum3_q[Frac+:StateW];
    current4_q    <= apply3_i ? '0 : ncx_pkg::sat_state(current_sum3_q[Frac+:SumW]);
    theta4_q      <= theta_product3_q[Frac+:StateW];
    threshold4_q  <= {threshold3_i[StateW-1], threshold3_i} + $signed({1'b0, theta3_q});
    refractory4_q <= refractory3_q;
  end

  // Stage 4: integrate.
  always_ff @(posedge clk_i) if (valid_i[4]) begin
    v5_q          <= (refractory_hold4_i && refractory4_q != '0) ? v_reset4_i : ncx_pkg::sat_add(leaked4_q, current4_q);
    current5_q    <= current4_q;
    theta5_q      <= theta4_q;
    threshold5_q  <= threshold4_q;
    refractory5_q <= refractory4_q;
  end

  // Stage 5: fire and reset. What an entry does not write is not defined, and simulates quickly.
  logic                      refractory5;
  logic        [StateW:0]    theta_sum5;
  logic signed [StateW:0]    soft_wide5;

  always_comb begin
    refractory5   = 'x;
    margin5_o     = 'x;
    soft_wide5    = 'x;
    theta_sum5    = 'x;
    v5_o          = 'x;
    refractory5_o = 'x;
    current5_o    = 'x;
    theta5_o      = 'x;
    candidate5_o  = 1'b0;
    fire5_o       = 1'b0;
    if (active5_i || set5_i) begin
      refractory5  = refractory5_q != '0;
      margin5_o    = {{2{v5_q[StateW-1]}}, v5_q} - {threshold5_q[StateW], threshold5_q};
      candidate5_o = !refractory5 && !margin5_o[StateW+1] && margin5_o != '0;
      fire5_o      = candidate5_o && active5_i && !scan5_i && (!apply5_i || winner5_i)
                     && !clear_membrane5_i && !clear_theta5_i;
      soft_wide5   = {v5_q[StateW-1], v5_q} - {threshold5_i[StateW-1], threshold5_i};
      theta_sum5   = {1'b0, theta5_q} + (fire5_o ? {1'b0, theta_plus5_i} : '0);

      // Who fires is above the threshold: the difference is positive.
      if (set5_i || clear_membrane5_i || (apply5_i && group_fires5_i && !winner5_i) || (fire5_o && !soft_reset5_i)) begin
        v5_o = v_reset5_i;
      end else if (fire5_o) begin
        v5_o = {1'b0, soft_wide5[StateW-2:0] | {(StateW-1){soft_wide5[StateW-1]}}};
      end else begin
        v5_o = v5_q;
      end

      if (set5_i)            refractory5_o = refractory5_i;
      else if (clear_membrane5_i) refractory5_o = '0;
      else if (scan5_i)      refractory5_o = refractory5_q;
      else if (refractory5)  refractory5_o = refractory5_q - 1'b1;
      else                   refractory5_o = fire5_o ? refractory5_i : '0;

      current5_o = (set5_i || clear_membrane5_i) ? set_word5_i : current5_q;

      if (set5_i || clear_theta5_i) theta5_o = set_word5_i;
      else                          theta5_o = {1'b0, theta_sum5[StateW-2:0] | {(StateW-1){theta_sum5[StateW:StateW-1] != 2'b00}}};
    end
  end
endmodule
`default_nettype wire
