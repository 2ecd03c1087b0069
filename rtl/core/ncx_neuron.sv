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
  input  wire logic signed [ncx_pkg::StateW:0]          minus_leak2_i,
  input  wire logic [ncx_pkg::BetaW-1:0]                syn_beta2_i,
  input  wire logic [ncx_pkg::BetaW-1:0]                theta_beta2_i,
  input  wire logic signed [ncx_pkg::StateW-1:0]        v_rest3_i,
  input  wire logic signed [ncx_pkg::StateW-1:0]        threshold3_i,
  input  wire logic                                     no_current3_i,    // nothing is integrated
  input  wire logic                                     may_fire4_i,      // no first pass, nobody else's group
  input  wire logic                                     soft_reset4_i,
  input  wire logic                                     refractory_hold4_i,
  input  wire logic signed [ncx_pkg::StateW-1:0]        v_reset4_i,
  input  wire logic [ncx_pkg::StateW-1:0]               theta_plus4_i,
  input  wire logic signed [ncx_pkg::StateW-1:0]        threshold5_i,
  input  wire logic signed [ncx_pkg::StateW-1:0]        v_reset5_i,
  input  wire logic [ncx_pkg::RefractoryW-1:0]          refractory5_i,
  input  wire logic                                     soft_reset5_i,
  // stage 5: the operation
  input  wire logic                                     active5_i,        // this lane takes part
  input  wire logic                                     scan5_i,
  input  wire logic                                     resets5_i,        // whoever fires: it is cleared, or its group has a winner, which it is not
  input  wire logic                                     clear_membrane5_i,
  input  wire logic                                     clear_theta5_i,
  // a word from elsewhere: becomes the current of stage 4, or theta (a clear of theta brings 0)
  input  wire logic                                     set_i,
  input  wire logic                                     set_theta_i,
  input  wire logic [ncx_pkg::StateW-1:0]               set_word_i,
  output      logic signed [ncx_pkg::StateW-1:0]        current4_o,       // becomes the new current
  // stage 5: the result
  output      logic                                     fire5_o,
  output      logic                                     candidate5_o,
  output      logic [ncx_pkg::StateW-1:0]               below5_o,        // a candidate's threshold - v, modulo 2^StateW
  output      logic signed [ncx_pkg::StateW-1:0]        v5_o,            // v_reset5_i if the lane does not take part
  output      logic [ncx_pkg::RefractoryW-1:0]          refractory5_o,
  output      logic [ncx_pkg::StateW-1:0]               theta5_o
);
  localparam int unsigned StateW = ncx_pkg::StateW;
  localparam int unsigned BetaW  = ncx_pkg::BetaW;
  localparam int unsigned SumW   = ncx_pkg::AccumulatorW;
  localparam int unsigned Frac   = BetaW - 1;              // decay factors are 1.16 fixed point
  localparam int unsigned ProdW  = StateW + 1 + BetaW + 1;
  localparam int unsigned TotalW = SumW + Frac;

  logic signed [StateW:0]     offset1, offset2_q;          // v - v_rest
  logic signed [StateW-1:0]   current2_q;
  logic        [StateW-1:0]   theta2_q, theta3_q;
  logic        [ncx_pkg::RefractoryW-1:0] refractory2_q, refractory3_q, refractory4_q, refractory5_q;
  logic signed [TotalW-1:0]   sum2_q, current_sum3_q;
  logic                       above2_q, above3_q;          // at v_rest or above
  logic signed [ProdW-1:0]    leaked_offset3_q, theta_product3_q;
  logic signed [StateW-1:0]   leaked4_q, current4_q, v5_q;
  logic        [StateW-1:0]   theta4_q;
  logic        [StateW-2:0]   theta5_q, raised5_q;         // theta, and theta after a spike
  logic                       able5_q, fires5_q, soft5_q;  // above the threshold it is a candidate, fires, is reset softly
  logic signed [StateW:0]     threshold4_q, threshold5_q;

  // Stage 1: how far from rest. A product of a value and a 1.16 factor is truncated towards zero: with all ones below what
  // is added, a negative one that is not whole is carried up.
  always_comb begin
    offset1 = 'x;
    if (valid_i[1]) offset1 = {v1_i[StateW-1], v1_i} - {v_rest1_i[StateW-1], v_rest1_i};
  end
  always_ff @(posedge clk_i) if (valid_i[1]) begin
    offset2_q     <= offset1;
    above2_q      <= !offset1[StateW];
    current2_q    <= current1_i;
    sum2_q        <= {sum1_i, {Frac{current1_i[StateW-1]}}};
    theta2_q      <= theta1_i;
    refractory2_q <= refractory1_i;
  end

  // Stage 2: three multipliers, two of them with an adder behind. One gives beta * offset, which for a linear leak is
  // offset -+ leak, and one sum + beta * current.
  logic signed [StateW:0]     step2;

  always_comb begin
    step2 = 'x;
    if (valid_i[2]) step2 = above2_q ? minus_leak2_i : $signed({1'b0, leak2_i});
  end
  ncx_product_sum #(.AW(StateW + 1), .BW(BetaW + 1), .SumW(ProdW)) u_leak (
    .clk_i, .load_i(valid_i[2]), .a_i(offset2_q), .b_i($signed({1'b0, leak_beta2_i})),
    .c_i($signed({{(ProdW-StateW-1-Frac){step2[StateW]}}, step2, {Frac{!above2_q}}})), .p_o(leaked_offset3_q)
  );
  ncx_product_sum #(.AW(StateW), .BW(BetaW + 1), .SumW(TotalW)) u_current (
    .clk_i, .load_i(valid_i[2]), .a_i(current2_q), .b_i($signed({1'b0, syn_beta2_i})), .c_i(sum2_q), .p_o(current_sum3_q)
  );
  ncx_product_sum #(.AW(StateW + 1), .BW(BetaW + 1), .SumW(ProdW)) u_theta_decay (
    .clk_i, .load_i(valid_i[2]), .a_i($signed({1'b0, theta2_q})), .b_i($signed({1'b0, theta_beta2_i})), .c_i('0),
    .p_o(theta_product3_q)
  );
  always_ff @(posedge clk_i) if (valid_i[2]) begin
    above3_q      <= above2_q;
    theta3_q      <= theta2_q;
    refractory3_q <= refractory2_q;
  end

  // Stage 3: v after the leak (a step that passes v_rest ends there), the synaptic current, the threshold in force. The
  // second pass of a winner-take-all group finds v already integrated: ncx_sweeper lets nothing leak, and nothing is added.
  logic passed3;
  logic signed [StateW-1:0] leaked3;
  assign passed3 = leaked_offset3_q[Frac+StateW] == above3_q;
  ncx_adder #(.Width(StateW)) u_leaked (
    .a_i(v_rest3_i), .b_i(passed3 ? '0 : leaked_offset3_q[Frac+:StateW]), .sum_o(leaked3)
  );
  always_ff @(posedge clk_i) begin
    if (valid_i[3]) begin
      leaked4_q     <= leaked3;
      theta4_q      <= theta_product3_q[Frac+:StateW];
      threshold4_q  <= {threshold3_i[StateW-1], threshold3_i} + $signed({1'b0, theta3_q});
      refractory4_q <= refractory3_q;
    end
    if (valid_i[3] && no_current3_i) current4_q <= '0;
    else if (valid_i[3] || set_i) begin
      current4_q <= set_i ? $signed(set_word_i) : ncx_pkg::sat_state(current_sum3_q[Frac+:SumW]);
    end
  end

  // Stage 4: integrate. What a spike would do is known before whether there is one.
  logic [StateW:0] raised4;
  logic            able4;
  assign able4      = refractory4_q == '0;
  always_comb begin
    raised4 = 'x;
    if (valid_i[4]) raised4 = {1'b0, theta4_q} + {1'b0, theta_plus4_i};
  end
  assign current4_o = current4_q;
  always_ff @(posedge clk_i) if (valid_i[4]) begin
    able5_q       <= able4;
    fires5_q      <= able4 && may_fire4_i;
    soft5_q       <= able4 && may_fire4_i && soft_reset4_i;
    v5_q          <= (refractory_hold4_i && !able4) ? v_reset4_i : ncx_pkg::sat_add(leaked4_q, current4_q);
    if (theta4_q[StateW-1]) theta5_q <= '1;
    else                    theta5_q <= theta4_q[StateW-2:0];
    if (raised4[StateW:StateW-1] != 2'b00) raised5_q <= '1;
    else                                   raised5_q <= raised4[StateW-2:0];
    threshold5_q  <= threshold4_q;
    refractory5_q <= refractory4_q;
  end

  // Stage 5: fire and reset. What an entry does not write is not defined, and simulates quickly.
  logic                      to_reset5, above5;
  logic        [ncx_pkg::RefractoryW-1:0] counted5;
  logic signed [StateW:0]    soft5;
  logic signed [StateW+1:0]  below5;

  ncx_adder #(.Width(ncx_pkg::RefractoryW)) u_refractory (
    .a_i(refractory5_q), .b_i({ncx_pkg::RefractoryW{!able5_q && !scan5_i}}), .sum_o(counted5)
  );
  always_comb begin
    to_reset5     = 'x;
    above5        = 'x;
    below5        = 'x;
    below5_o      = 'x;
    soft5         = 'x;
    v5_o          = v_reset5_i;
    refractory5_o = 'x;
    theta5_o      = 'x;
    candidate5_o  = 1'b0;
    fire5_o       = 1'b0;
    if (active5_i) begin
      // v > threshold without a look at every bit of the difference. Theta is not negative, so a candidate is less than 2^StateW above.
      below5       = {threshold5_q[StateW], threshold5_q} - {{2{v5_q[StateW-1]}}, v5_q};
      above5       = below5[StateW+1];
      below5_o     = below5[StateW-1:0];
      candidate5_o = above5 && able5_q;
      fire5_o      = above5 && fires5_q;
      // Who fires is above the threshold: the difference is positive, and saturates at the upper end only.
      to_reset5 = resets5_i || (fire5_o && !soft_reset5_i);
      soft5     = {v5_q[StateW-1], v5_q} - (above5 && soft5_q ? {threshold5_i[StateW-1], threshold5_i} : '0);
      if (!to_reset5) v5_o = $signed({soft5[StateW], soft5[StateW-2:0] | {(StateW-1){soft5[StateW] != soft5[StateW-1]}}});
      refractory5_o = clear_membrane5_i ? '0 : fire5_o ? refractory5_i : counted5;
    end
    if (active5_i || set_theta_i) theta5_o = (set_theta_i || clear_theta5_i) ? set_word_i : {1'b0, fire5_o ? raised5_q : theta5_q};
  end
endmodule
`default_nettype wire
