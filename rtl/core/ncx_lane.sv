// SPDX-License-Identifier: BSD-3-Clause
// One lane: its synapse memory, the accumulators, state and traces of its neurons and axons, the neuron update and learning.
// Neither gather nor learning goes on during a sweep, so synaptic currents and the low ends of thetas lie behind the synapses,
// potentials beside the traces.
// All lanes run in lock-step: they get the same addresses and operations and differ only in what their memories hold.
// Gather: address -> synapse word (stage 1) -> product (stages 2 and 3) -> accumulators. Sweep: see ncx_neuron. Learning: see
// ncx_plasticity.
`default_nettype none
module ncx_lane #(
  parameter int unsigned LocalRows        = 128,
  parameter int unsigned WeightW          = 16,    // 8 or 16
  parameter int unsigned SynapseWords     = 1024,
  parameter int unsigned MaxDelay         = 1,     // power of two
  parameter int unsigned NodeHalves       = 1024,  // two for each neuron's potential, then the traces
  parameter int unsigned DistributedDepth = 128,   // RAMs up to this depth live in LUTs
  localparam int unsigned Banks  = 32 / WeightW,
  localparam int unsigned BankW  = $clog2(Banks),
  localparam int unsigned RowW   = $clog2(LocalRows),
  localparam int unsigned GroupW = RowW - BankW,
  localparam int unsigned RingW  = MaxDelay > 1 ? $clog2(MaxDelay) : 1,
  localparam int unsigned SynDepth = SynapseWords + LocalRows,
  localparam int unsigned SynW   = $clog2(SynDepth),
  localparam int unsigned AccDepth = MaxDelay << GroupW,
  localparam int unsigned AccW   = $clog2(AccDepth),
  localparam int unsigned NodeW  = $clog2(NodeHalves),
  localparam int unsigned TraceW = ncx_pkg::TraceW,
  localparam int unsigned AddW   = ncx_pkg::StateW + 1,
  localparam int unsigned FactorW = ncx_pkg::ModulationW
) (
  input  wire logic                                  clk_i,
  input  wire logic                                  rst_i,
  // gather: one synapse word a cycle
  input  wire logic                                  syn_re_i,        // for gather, sweep, learning or configuration
  input  wire logic [SynW-1:0]                       syn_raddr_i,
  input  wire logic                                  walk_i,
  input  wire logic                                  walk_sparse_i,
  input  wire logic [GroupW-1:0]                     walk_group_i,    // dense: which accumulators; sparse: the row's tag
  input  wire logic [RingW-1:0]                      ring_i,          // ring slot of the tick
  // operands that all lanes share. Stage 1 of a gather: drift of the row's profile, or a current; 2^exponent, or 1
  input  wire logic signed [AddW-1:0]                plus_i,
  input  wire logic signed [FactorW-1:0]             factor_i,
  // gather: a current from the host for a neuron, in one cycle stage 1 of which lane it is
  input  wire logic                                  inject1_i,
  input  wire logic                                  inject_mine1_i,
  input  wire logic [RowW-1:0]                       inject_row1_i,
  // sweep: row of stage 0, then what ncx_sweeper says beside each stage
  input  wire logic                                  read_i,          // also for configuration
  input  wire logic [RowW-1:0]                       read_row_i,
  input  wire logic [AccW-1:0]                       read_acc_addr_i,
  input  wire logic [RowW-1:0]                       write_row_i,
  input  wire logic [AccW-1:0]                       write_acc_addr_i,
  input  wire logic [4:1]                            valid_i,         // stages that hold an entry
  input  wire logic signed [ncx_pkg::StateW-1:0]     v_rest1_i,
  input  wire logic [ncx_pkg::BetaW-1:0]             leak_beta2_i,
  input  wire logic [ncx_pkg::StateW-1:0]            leak2_i,
  input  wire logic signed [ncx_pkg::StateW:0]       minus_leak2_i,
  input  wire logic [ncx_pkg::BetaW-1:0]             syn_beta2_i,
  input  wire logic [ncx_pkg::BetaW-1:0]             theta_beta2_i,
  input  wire logic signed [ncx_pkg::StateW-1:0]     v_rest3_i,
  input  wire logic signed [ncx_pkg::StateW-1:0]     threshold3_i,
  input  wire logic                                  no_current3_i,
  input  wire logic                                  may_fire4_i,
  input  wire logic                                  soft_reset4_i,
  input  wire logic                                  refractory_hold4_i,
  input  wire logic signed [ncx_pkg::StateW-1:0]     v_reset4_i,
  input  wire logic [ncx_pkg::StateW-1:0]            theta_plus4_i,
  input  wire logic signed [ncx_pkg::StateW-1:0]     threshold5_i,
  input  wire logic signed [ncx_pkg::StateW-1:0]     v_reset5_i,
  input  wire logic [ncx_pkg::RefractoryW-1:0]       refractory5_i,
  input  wire logic                                  soft_reset5_i,
  input  wire logic                                  active5_i,
  input  wire logic                                  scan5_i,
  input  wire logic                                  apply5_i,
  input  wire logic                                  resets5_i,
  input  wire logic                                  clear_membrane5_i,
  input  wire logic                                  clear_theta5_i,
  output      logic                                  fire5_o,
  output      logic                                  candidate5_o,
  output      logic [ncx_pkg::StateW-1:0]            below5_o,
  // spikes of the last sweep, one bit a row
  input  wire logic                                  spike_re_i,
  input  wire logic [RowW-1:0]                       spike_row_i,
  output      logic                                  spike_o,
  // potentials and traces: a potential with its refractory counter is two halves, a trace one
  input  wire logic                                  node_re_i,
  input  wire logic [NodeW-1:0]                      node_raddr_i,
  input  wire logic                                  node_half_we_i,  // of all lanes at once: stage 5 of learning, or a set word ...
  input  wire logic                                  node_set_we_i,   // ... of this one
  input  wire logic [NodeW-1:0]                      node_waddr_i,
  output      logic [TraceW-1:0]                     trace_o,         // the half that was read
  // learning: a step of a walk, from its synapse address on
  input  wire logic [5:1]                            step_valid_i,    // stages that hold a step
  input  wire logic                                  step_sparse1_i,
  input  wire logic [GroupW-1:0]                     step_tag1_i,     // of a sparse row
  input  wire logic [RowW-1:0]                       step_row1_i,
  input  wire logic [BankW-1:0]                      step_field1_i,
  input  wire logic                                  step_lane2_i,
  input  wire logic [SynW-1:0]                       syn_waddr_i,
  input  wire logic [BankW-1:0]                      step_field5_i,
  input  wire logic [NodeW-1:0]                      post_base_i,     // where postsynaptic traces begin
  input  wire logic [4:2]                            update_valid_i,  // stages that hold an update of a trace
  input  wire logic                                  update_axons_i,
  input  wire logic                                  axon_spike_i,
  output      logic                                  update5_any_o,
  // learning: what holds for a whole walk or pass
  input  wire logic                                  fold_i,
  input  wire logic                                  instar_i,
  input  wire logic                                  pre_i,
  input  wire logic [15:0]                           rounding2_i,
  input  wire logic signed [TraceW-1:0]              low4_i,
  input  wire logic signed [TraceW-1:0]              high4_i,
  input  wire logic                                  exponential_i,
  input  wire logic                                  newest_i,
  input  wire logic [ncx_pkg::HistoryW:0]            history_mask_i,
  // clearing, one address a cycle: accumulators (at write_acc_addr_i) and spike bits
  input  wire logic                                  clear_i,
  input  wire logic [RowW-1:0]                       spike_waddr_i,   // a row to clear, or write_row_i
  // configuration and probes, only while nothing else goes on
  input  wire logic [1:0]                            hide_i,          // with read_i: theta's high end, sum read as 0
  input  wire logic                                  set_i,           // a word goes to stage 5, which has it two cycles later
  input  wire logic                                  set_theta_i,     // the same, if it may be a theta
  input  wire logic                                  set1_i,          // set_i one cycle later
  input  wire logic [ncx_pkg::StateW-1:0]            set_word_i,      // a current, half a synapse's word, potential or trace; also theta
  input  wire logic [3:0]                            set_flags_i,
  input  wire logic [1:0]                            cfg_we_syn_i,    // halves
  input  wire logic [1:0]                            cfg_we_state_i,  // current, theta
  input  wire logic                                  cfg_clear_acc_i,
  input  wire logic [BankW-1:0]                      cfg_bank_i,
  input  wire logic                                  show_i,          // a word was asked for, of some lane
  input  wire logic                                  show_syn_i,      // ... bits 23..0 of the synapse memory's word of this one
  input  wire logic                                  show_top_i,      // ... the bits above
  input  wire logic                                  show_node_i,     // ... its potential or trace
  input  wire logic [ncx_pkg::WordW-1:0]             word_i,          // of the lanes before, 0 if not of one of them
  output      logic [ncx_pkg::WordW-1:0]             word_o
);
  localparam int unsigned StateW   = ncx_pkg::StateW;
  localparam int unsigned SumW     = ncx_pkg::AccumulatorW;
  localparam int unsigned WordW    = ncx_pkg::WordW;
  localparam int unsigned AccStyle   = AccDepth <= DistributedDepth ? 2 : 1;
  // With delays the ring makes the accumulators many.
  localparam bit          AccOneCycle = MaxDelay == 1 && AccStyle == 2;
  localparam bit          StateLut   = LocalRows <= DistributedDepth;
  // A sparse word: weight, local row, then the delay in two parts around the plastic flag.
  localparam int unsigned SparseRowLsb   = 16;
  localparam int unsigned SparseDelayLsb = 28;
  localparam int unsigned SparseDelayLowW = 4;
  localparam int unsigned SparseDelayHighLsb = 33;
  localparam int unsigned PlasticLsb = 32;           // plastic flags of a word

  // Rows may share words as long as their tags differ: a lane takes what bears the row's tag.
  localparam int unsigned DelayBits = MaxDelay > 1 ? RingW : 0;
  localparam int unsigned TagFree   = ncx_pkg::DelayW - DelayBits;
  localparam int unsigned TagW      = TagFree < GroupW ? TagFree : GroupW;

  function automatic logic [AccW-1:0] acc_addr(input logic [RingW-1:0] ring, input logic [GroupW-1:0] group);
    // Without delays the ring is constant 0 and its bit falls away.
    acc_addr = AccW'({ring, group});
  endfunction

  // ---- synapses ----
  localparam int unsigned Flags = 4;                 // bits above the data, and bytes of it
  localparam int unsigned ByteW = 8;

  logic [WordW-1:0]     word1;
  logic                 learn_write5;
  logic [TraceW-1:0]    trace5;
  logic [Flags-1:0]     flags5, write_bytes;
  logic [2*ByteW-1:0]   half5;
  logic [WordW-1:0]     syn_wdata;
  // A state word: the current in the lower bytes, of theta the rest.
  localparam int unsigned CurrentBytes = StateW / ByteW;
  localparam int unsigned ThetaLowW    = ByteW + 1;  // with the flag of its byte
  localparam int unsigned ThetaHighW   = StateW - ThetaLowW;
  logic                     write_current, write_theta;
  logic signed [StateW-1:0] current4;
  logic [StateW-TraceW-1:0] current_top5_q;
  logic [StateW-1:0]        theta5;

  always_comb begin
    write_bytes = '0;
    if (cfg_we_syn_i != '0 || learn_write5 || write_current || write_theta) begin
      for (int y = 0; y < Flags; y++) begin
        write_bytes[y] = cfg_we_syn_i[y/2] || (learn_write5 && step_field5_i == BankW'(y * ByteW / WeightW))
                         || (y < CurrentBytes ? write_current : write_theta);
      end
    end
  end
  // Stage 5 has one weight, or half a word.
  if (WeightW == ByteW) begin : g_narrow
    assign half5 = {learn_write5 ? trace5[0+:ByteW] : trace5[ByteW+:ByteW], trace5[0+:ByteW]};
  end else begin : g_wide
    assign half5 = trace5[2*ByteW-1:0];
  end
  // A current comes through stage 5 as well.
  always_ff @(posedge clk_i) if (valid_i[4] || set1_i) current_top5_q <= current4[StateW-1:TraceW];
  assign syn_wdata = (write_current || write_theta)
                   ? {theta5[ByteW], flags5[Flags-2:0], theta5[ByteW-1:0], current_top5_q, trace5[TraceW-1:2*ByteW], half5}
                   : {flags5, half5, half5};
  ncx_byte_ram #(.Depth(SynDepth)) u_synapses (
    .clk_i, .we_i(write_bytes), .waddr_i(syn_waddr_i), .wdata_i(syn_wdata),
    .re_i(syn_re_i), .raddr_i(syn_raddr_i), .rdata_o(word1)
  );

  // ---- gather ----
  logic                 walk1_q, sparse1_q;
  logic [GroupW-1:0]    group1_q;
  logic [RowW-1:0]      sparse_row1;
  logic [RingW-1:0]     ring1;
  logic [ncx_pkg::DelayW-1:0] delay1;
  logic [TagW-1:0]            tag2_q, row_tag2_q;
  logic                       tagged2_q, mine2;
  assign delay1 = {word1[WordW-1:SparseDelayHighLsb], word1[SparseDelayLsb+:SparseDelayLowW]};
  // A gather's or a step's word is in stage 2 whether it is the row's or not.
  always_ff @(posedge clk_i) begin
    if (walk1_q || step_valid_i[1]) begin
      tag2_q     <= delay1[DelayBits+:TagW];
      row_tag2_q <= walk1_q ? group1_q[TagW-1:0] : step_tag1_i[TagW-1:0];
    end
    tagged2_q <= walk1_q ? sparse1_q : step_sparse1_i && step_valid_i[1];
  end
  assign mine2 = !tagged2_q || tag2_q == row_tag2_q;
  // Builds differ in how many bits of the field and of a group number make a tag.
  logic unused;
  assign unused = &{1'b0, delay1, step_tag1_i};

  always_ff @(posedge clk_i) begin
    if (walk_i) begin
      sparse1_q     <= walk_sparse_i;
      group1_q      <= walk_group_i;
    end
    if (rst_i) walk1_q <= 1'b0;
    else       walk1_q <= walk_i;
  end

  assign sparse_row1 = inject1_i ? inject_row1_i : word1[SparseRowLsb+:RowW];
  if (MaxDelay > 1) begin : g_ring
    logic [RingW-1:0] later1;     // delay - 1, modulo the ring
    assign later1 = RingW'(delay1);
    assign ring1  = (sparse1_q && !inject1_i) ? ring_i + later1 : ring_i;
  end else begin : g_no_ring
    assign ring1 = ring_i;        // 0
  end

  logic                  gather1, gather2_q, sweep_write_acc;
  logic [AccW-1:0]       acc_addr2_q;
  logic [Banks*SumW-1:0] stored;
  logic [BankW-1:0]      read_bank_q;
  logic signed [SumW-1:0] learn_product3;
  logic                  learn_no_plus1, learn_add2;

  assign gather1 = walk1_q || inject1_i;
  assign sweep_write_acc = active5_i && !apply5_i && !clear_membrane5_i && !clear_theta5_i;
  always_ff @(posedge clk_i) begin
    if (rst_i) gather2_q <= 1'b0;
    else       gather2_q <= gather1;
    if (gather1) acc_addr2_q <= acc_addr(ring1, (sparse1_q || inject1_i) ? sparse_row1[RowW-1:BankW] : group1_q);
  end

  // With two banks a gather's second one and learning take turns at one choice of a weight.
  logic signed [WeightW-1:0] learn_weight1;
  logic                      high1;
  assign high1 = walk1_q ? !sparse1_q : !step_sparse1_i && step_field1_i[0];
  if (Banks == 2) begin : g_one_choice
    assign learn_weight1 = high1 ? word1[WeightW+:WeightW] : word1[0+:WeightW];
  end else begin : g_choice
    logic             unused_high;
    logic [BankW-1:0] learn_field1;
    assign unused_high   = high1;
    assign learn_field1  = step_sparse1_i ? '0 : step_field1_i;
    assign learn_weight1 = word1[learn_field1*WeightW+:WeightW];
  end

  for (genvar b = 0; b < Banks; b++) begin : g_bank
    logic signed [SumW-1:0] product3;
    logic                   add1, add2_q, add2, no_plus1, clear;

    // A sparse word's weight is in the low field, whichever bank it goes to. A current takes the place of the drift.
    assign no_plus1 = !(inject1_i || (sparse1_q ? word1[PlasticLsb] : word1[PlasticLsb+b]));
    assign add1     = inject1_i ? inject_mine1_i && sparse_row1[BankW-1:0] == BankW'(b)
                    : walk1_q && (!sparse1_q || sparse_row1[BankW-1:0] == BankW'(b));
    assign add2     = add2_q && mine2;
    assign clear    = clear_i
                    || (cfg_clear_acc_i && cfg_bank_i == BankW'(b))
                    || (sweep_write_acc && write_row_i[BankW-1:0] == BankW'(b));
    always_ff @(posedge clk_i) begin
      if (rst_i) add2_q <= 1'b0;
      else       add2_q <= add1;
    end

    // One multiplier adds the drift and scales; the first bank's learns as well.
    if (b == 0) begin : g_learning
      assign product3       = learn_product3;
      assign learn_no_plus1 = no_plus1;
      assign learn_add2     = add2;
    end else begin : g_gather
      logic signed [WeightW-1:0] weight1;
      logic signed [AddW+FactorW:0] product;
      if (Banks == 2) begin : g_shared
        assign weight1 = learn_weight1;
      end else begin : g_own
        assign weight1 = sparse1_q ? word1[WeightW-1:0] : word1[b*WeightW+:WeightW];
      end
      ncx_multiply_add #(.AddW(AddW), .FactorW(FactorW), .TermW(1), .SumW(AddW + FactorW + 1)) u_multiply_add (
        .clk_i, .load_i(gather1), .zero_a_i(inject1_i), .zero_d_i(no_plus1), .zero_c_i(1'b1),
        .a_i({{(AddW-WeightW){weight1[WeightW-1]}}, weight1}), .d_i(plus_i), .b_i(factor_i), .c_i(1'b0),
        .zero_p_i(!add2), .p_o(product)
      );
      // Sums of 32 bits are enough, by the compiler's proof. A product cut to them would take Yosys two multipliers.
      assign product3 = product[SumW-1:0];
      logic unused_product;
      assign unused_product = &{1'b0, product};
    end

    ncx_accumulator #(.Depth(AccDepth), .OneCycle(AccOneCycle), .Style(AccStyle)) u_accumulator (
      .clk_i, .rst_i,
      .gather_i  (gather2_q),
      .add_i     (add2),
      .add_addr_i(acc_addr2_q),
      .addend_i  (product3),
      .re_i      (read_i),
      .zero_i    (hide_i[1]),
      .raddr_i   (read_acc_addr_i),
      .clear_i   (clear),
      .waddr_i   (write_acc_addr_i),
      .rdata_o   (stored[b*SumW+:SumW])
    );
  end

  // ---- sweep ----
  logic signed [StateW-1:0] v5;
  logic [ncx_pkg::RefractoryW-1:0] next_refractory5;
  logic [WordW-1:0]         node1;
  logic [ThetaHighW-1:0]    theta_high1;
  logic [SumW-1:0]          sum1;
  logic                     write_v;

  always_ff @(posedge clk_i) if (read_i) read_bank_q <= read_row_i[BankW-1:0];
  always_comb begin
    sum1 = 'x;
    if (valid_i[1] || show_i) sum1 = stored[read_bank_q*SumW+:SumW];
  end

  assign write_v       = active5_i && !(clear_theta5_i && !clear_membrane5_i);
  assign write_current = cfg_we_state_i[0]
      || (active5_i && !apply5_i && !(clear_theta5_i && !clear_membrane5_i));
  assign write_theta   = cfg_we_state_i[1]
      || (active5_i && !scan5_i && !(clear_membrane5_i && !clear_theta5_i));

  ncx_state_ram #(.Width(ThetaHighW), .Depth(LocalRows), .Lut(StateLut)) u_theta (
    .clk_i, .we_i(write_theta), .waddr_i(write_row_i), .wdata_i(theta5[StateW-1:ThetaLowW]),
    .re_i(read_i), .zero_i(hide_i[0]), .raddr_i(read_row_i), .rdata_o(theta_high1)
  );
  // Nothing is written while a spike that was read is of use: in LUTs it may be read from a registered address.
  logic            spike_re, spike_we;
  logic [RowW-1:0] spike_raddr;
  assign spike_re    = spike_re_i || step_valid_i[1];
  assign spike_raddr = step_valid_i[1] ? target1 : spike_row_i;
  assign spike_we    = clear_i || (active5_i && !clear_membrane5_i && !clear_theta5_i);
  if (StateLut) begin : g_spikes_lut
    logic [RowW-1:0] spike_raddr_q;
    always_ff @(posedge clk_i) if (spike_re) spike_raddr_q <= spike_raddr;
    ncx_lut_ram #(.Width(1), .Depth(LocalRows)) u_spikes (
      .clk_i, .we_i(spike_we), .waddr_i(spike_waddr_i), .wdata_i(!clear_i && fire5_o), .raddr_i(spike_raddr_q), .rdata_o(spike_o)
    );
  end else begin : g_spikes_block
    ncx_ram #(.Width(1), .Depth(LocalRows), .Style(1)) u_spikes (
      .clk_i, .we_i(spike_we), .waddr_i(spike_waddr_i), .wdata_i(!clear_i && fire5_o), .re_i(spike_re), .raddr_i(spike_raddr),
      .rdata_o(spike_o)
    );
  end

  // ---- potentials and traces ----
  // The sweep and learning take turns, so one RAM serves both.
  logic [RowW-1:0]  target1;
  logic [NodeW-1:0] node_early, node_raddr;
  logic [1:0]       node_we;
  logic [WordW-1:0] node_wdata;
  logic             half_q, half_write;

  assign target1    = step_sparse1_i ? word1[SparseRowLsb+:RowW] : step_row1_i;
  // A sparse word names its target late: the other ways to an address are chosen from before.
  assign node_early = step_valid_i[1] ? post_base_i + NodeW'(step_row1_i) : node_raddr_i;
  assign node_raddr = step_valid_i[1] && step_sparse1_i ? post_base_i + NodeW'(word1[SparseRowLsb+:RowW]) : node_early;
  assign half_write = node_half_we_i || node_set_we_i;
  always_comb begin
    node_we    = {2{write_v}};
    node_wdata = 'x;
    if (half_write) node_we = node_we | {node_waddr_i[0], !node_waddr_i[0]};
    if (half_write || write_v) node_wdata = {active5_i ? next_refractory5 : trace5[TraceW-1-:WordW-StateW], v5};
  end
  ncx_half_ram #(.Depth(NodeHalves / 2)) u_nodes (
    .clk_i, .we_i(node_we), .waddr_i(node_waddr_i[NodeW-1:1]),
    .wdata_i(node_wdata),
    .re_i(node_re_i || step_valid_i[1]), .raddr_i(node_raddr[NodeW-1:1]), .rdata_o(node1)
  );
  always_ff @(posedge clk_i) if (node_re_i || step_valid_i[1]) half_q <= node_raddr[0];
  assign trace_o = half_q ? node1[TraceW+:TraceW] : node1[0+:TraceW];

  // ---- learning ----
  ncx_plasticity #(.WeightW(WeightW)) u_plasticity (
    .clk_i, .plus_i, .factor_i, .gather1_i(gather1), .no_weight1_i(inject1_i), .no_plus1_i(learn_no_plus1),
    .add2_i(learn_add2), .product3_o(learn_product3),
    .step1_i(step_valid_i[1]), .mine2_i(mine2),
    .sparse1_i(step_sparse1_i), .field1_i(step_field1_i), .word1_i(word1), .weight1_i(learn_weight1),
    .update2_i(update_valid_i[2]), .step2_i(step_valid_i[2]), .lane2_i(step_lane2_i),
    .spike2_i(update_valid_i[2] && update_axons_i ? axon_spike_i : spike_o), .trace2_i(trace_o), .rounding2_i,
    .valid3_i(step_valid_i[3] || update_valid_i[3]), .valid4_i(step_valid_i[4] || update_valid_i[4]), .low4_i, .high4_i,
    .step5_i(step_valid_i[5]), .fold_i, .instar_i, .pre_i, .exponential_i, .newest_i, .history_mask_i,
    .take_i(valid_i[4] || set1_i), .word_i(current4[TraceW-1:0]), .flags_i(set_flags_i),
    .write5_o(learn_write5), .flags5_o(flags5), .trace5_o(trace5), .trace5_any_o(update5_any_o)
  );

  ncx_neuron u_neuron (
    .clk_i, .valid_i,
    .v1_i(node1[StateW-1:0]), .refractory1_i(node1[WordW-1:StateW]),
    .current1_i(word1[StateW-1:0]), .theta1_i({theta_high1, word1[WordW-1], word1[StateW+:ByteW]}), .sum1_i(sum1),
    .v_rest1_i, .leak_beta2_i, .leak2_i, .minus_leak2_i, .syn_beta2_i, .theta_beta2_i,
    .v_rest3_i, .threshold3_i, .no_current3_i,
    .may_fire4_i, .soft_reset4_i, .refractory_hold4_i, .v_reset4_i, .theta_plus4_i,
    .threshold5_i, .v_reset5_i(active5_i ? v_reset5_i : $signed({trace5[StateW-TraceW-1:0], trace5})), .refractory5_i, .soft_reset5_i,
    .active5_i, .scan5_i, .resets5_i, .clear_membrane5_i, .clear_theta5_i,
    .set_i, .set_theta_i, .set_word_i, .fire5_o, .candidate5_o, .below5_o,
    .current4_o(current4), .v5_o(v5), .refractory5_o(next_refractory5), .theta5_o(theta5)
  );

  // What was not asked for of theta and the sum was read as 0.
  always_comb begin
    word_o = 'x;
    if (show_i) begin
      word_o = word_i | WordW'({theta_high1, ThetaLowW'(0)}) | WordW'(sum1) | (show_node_i ? node1 : '0)
               | {show_top_i ? word1[WordW-1:StateW] : (WordW-StateW)'(0), show_syn_i ? word1[StateW-1:0] : StateW'(0)};
    end
  end

`ifndef SYNTHESIS
  // Stage 5 takes one thing at a time.
  always_ff @(posedge clk_i) if (!rst_i && (valid_i[4] || set1_i)) assert (!step_valid_i[4] && !update_valid_i[4]);
`endif
endmodule
`default_nettype wire
