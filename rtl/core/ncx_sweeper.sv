// SPDX-License-Identifier: BSD-3-Clause
// Runs the sweep program: one entry a cycle names a local row, a parameter set and the lanes that take part.
// Stage 0 addresses the lanes' RAMs, stages 1 to 5 carry the parameters beside ncx_neuron. The second pass of a
// winner-take-all group waits until its first pass has been written back. While ncx_winner has more candidates in
// stage 5 than one, all stages stand still: stage k + 1 of the lanes takes nothing while valid_o[k] is low.
`default_nettype none
module ncx_sweeper #(
  parameter int unsigned Lanes          = 8,
  parameter int unsigned LocalRows      = 128,
  parameter int unsigned AxonRows       = 128,
  parameter int unsigned ParameterSets  = 256,
  parameter int unsigned ProgramEntries = 512,
  localparam int unsigned RowW  = $clog2(LocalRows),
  localparam int unsigned SetW  = $clog2(ParameterSets),
  localparam int unsigned EncW  = AxonRows > 1 ? $clog2(AxonRows) : 1,
  localparam int unsigned LaneW = $clog2(Lanes),
  localparam int unsigned RateW = ncx_pkg::RateW,
  localparam int unsigned ProgW = $clog2(ProgramEntries)
) (
  input  wire logic                                  clk_i,
  input  wire logic                                  rst_i,
  input  wire logic                                  start_i,
  input  wire logic [15:0]                           length_i,          // >= 1 at start
  input  wire logic                                  clear_membrane_i,  // held during a clearing pass, from start_i on
  input  wire logic                                  clear_theta_i,
  input  wire logic                                  stall_i,           // what is in stage 5 must stay there
  output      logic                                  done_o,            // pulse: everything is written back
  // stage 0
  output      logic                                  read_o,
  output      logic [RowW-1:0]                       read_row_o,
  // beside the stages
  output      logic [4:1]                            valid_o,           // stages that hold an entry
  output      logic signed [ncx_pkg::StateW-1:0]     v_rest1_o,
  output      logic [ncx_pkg::BetaW-1:0]             leak_beta2_o,      // 1.0 when the leak is linear, or nothing leaks
  output      logic [ncx_pkg::StateW-1:0]            leak2_o,           // 0 when the leak is exponential, or nothing leaks
  output      logic signed [ncx_pkg::StateW:0]       minus_leak2_o,
  output      logic [ncx_pkg::BetaW-1:0]             syn_beta2_o,
  output      logic [ncx_pkg::BetaW-1:0]             theta_beta2_o,
  output      logic signed [ncx_pkg::StateW-1:0]     v_rest3_o,
  output      logic signed [ncx_pkg::StateW-1:0]     threshold3_o,
  output      logic                                  apply3_o,
  output      logic                                  refractory_hold4_o,
  output      logic signed [ncx_pkg::StateW-1:0]     v_reset4_o,
  output      logic [ncx_pkg::StateW-1:0]            theta_plus4_o,
  output      logic signed [ncx_pkg::StateW-1:0]     threshold5_o,
  output      logic signed [ncx_pkg::StateW-1:0]     v_reset5_o,
  output      logic [ncx_pkg::RefractoryW-1:0]       refractory5_o,
  output      logic                                  soft_reset4_o,
  output      logic                                  soft_reset5_o,
  output      logic [RowW-1:0]                       row4_o,
  output      logic                                  scan4_o,
  output      logic                                  apply4_o,
  output      logic [RowW-1:0]                       row5_o,
  output      logic [Lanes-1:0]                      active5_o,
  output      logic                                  scan5_o,
  output      logic                                  apply5_o,
  output      logic                                  first5_o,
  output      logic                                  clear_membrane5_o,
  output      logic                                  clear_theta5_o,
  // rates of a row of axons' encoders, one cycle later; only while no sweep runs
  input  wire logic                                  rates_fetch_i,
  input  wire logic [EncW-1:0]                       rates_row_i,
  output      logic [Lanes*RateW-1:0]                rates_o,
  // configuration, only while no sweep runs; read data one cycle after the request
  input  wire logic                                  cfg_rate_i,
  input  wire logic [EncW+LaneW-1:0]                 cfg_rate_addr_i,   // axon
  input  wire logic                                  cfg_program_i,     // request for the program ...
  input  wire logic                                  cfg_parameter_i,   // ... or for the parameters
  input  wire logic                                  cfg_write_i,
  input  wire logic [ProgW:0]                        cfg_program_addr_i,
  input  wire logic [SetW+2:0]                       cfg_parameter_addr_i,
  input  wire logic [ncx_pkg::WordW-1:0]             cfg_wdata_i,
  output      logic [ncx_pkg::WordW-1:0]             cfg_rdata_o
);
  localparam int unsigned StateW = ncx_pkg::StateW;
  localparam int unsigned WordW  = ncx_pkg::WordW;
  localparam int unsigned Words  = ncx_pkg::ParameterWords;
  localparam int unsigned OpW    = 3;
  localparam int unsigned EntryW = Lanes + OpW + SetW + RowW;
  localparam int unsigned Stages = 5;
  localparam int unsigned ScanToApply = Stages;   // cycles between a write in stage 5 and a read in stage 0
  // Fields of a program word on the configuration bus.
  localparam int unsigned ProgSetLsb = 16;
  localparam int unsigned ProgOpLsb  = 28;

  // ---- program ----
  logic              running_q, entry_valid_q, load, take, hold;
  logic [ProgW:0]    next_q;
  logic              last;
  logic [2:0]        wait_q, drain_q;
  logic              draining_q;
  logic [ProgW-1:0]  fetch_addr;
  logic [EntryW-1:0] entry, entry_q;
  logic [OpW+SetW+RowW-1:0] half_q;
  logic [Lanes-1:0]  mask0;
  logic [OpW-1:0]    op0;
  logic [SetW-1:0]   set0;
  logic              clearing;

  assign {mask0, op0, set0, read_row_o} = entry_q;
  always_ff @(posedge clk_i) {clear_theta5_o, clear_membrane5_o} <= {clear_theta_i, clear_membrane_i};
  assign clearing = clear_membrane5_o || clear_theta5_o;
  assign hold     = op0[ncx_pkg::ProgramOpApply] && op0[ncx_pkg::ProgramOpFirst] && !clearing
                    && wait_q != ScanToApply[2:0];
  assign take     = entry_valid_q && !hold && !stall_i;
  assign last     = next_q == length_i[ProgW:0];
  logic unused;
  assign unused = &{1'b0, length_i};
  // The memory shows the entry after the one in stage 0; entry 0 before the start.
  assign load       = running_q && !last && (!entry_valid_q || take);
  assign fetch_addr = running_q ? next_q[ProgW-1:0] + 1'b1 : '0;
  // What waits may be read several times; the last is in the cycle in which it is taken.
  assign read_o   = entry_valid_q && !stall_i;

  ncx_ram #(.Width(EntryW), .Depth(ProgramEntries), .Style(1)) u_program (
    .clk_i,
    .we_i(cfg_program_i && cfg_write_i && cfg_program_addr_i[0]), .waddr_i(cfg_program_addr_i[ProgW:1]),
    .wdata_i({cfg_wdata_i[Lanes-1:0], half_q}),
    .re_i(load || !running_q), .raddr_i(cfg_program_i ? cfg_program_addr_i[ProgW:1] : fetch_addr),
    .rdata_o(entry)
  );

  always_ff @(posedge clk_i) begin
    if (cfg_program_i && cfg_write_i && !cfg_program_addr_i[0]) begin
      half_q <= {cfg_wdata_i[ProgOpLsb+:OpW], cfg_wdata_i[ProgSetLsb+:SetW], cfg_wdata_i[RowW-1:0]};
    end
    if (load)       entry_q <= entry;
    if (start_i)    next_q <= '0;
    else if (load)  next_q <= next_q + 1'b1;
    if (take || !entry_valid_q) wait_q <= '0;
    else if (!stall_i)          wait_q <= wait_q + 1'b1;
    if (rst_i) begin
      running_q     <= 1'b0;
      entry_valid_q <= 1'b0;
      draining_q    <= 1'b0;
      drain_q       <= '0;
    end else begin
      if (start_i) running_q <= 1'b1;
      else if (running_q && last && take) running_q <= 1'b0;
      if (load)      entry_valid_q <= 1'b1;
      else if (take) entry_valid_q <= 1'b0;
      // After the last entry: its stages, and the cycle in which its spikes reach the queue.
      if (running_q && last && take) begin
        draining_q <= 1'b1;
        drain_q    <= '0;
      end else if (draining_q && !stall_i) begin
        drain_q    <= drain_q + 1'b1;
        draining_q <= drain_q != Stages[2:0];
      end
    end
  end
  assign done_o = draining_q && drain_q == Stages[2:0];

  // ---- parameters ----
  logic [Words*WordW-1:0] set1;
  logic [2:0]             cfg_word;
  logic                   cfg_parameter_q, cfg_half_q;
  logic [2:0]             cfg_word_q;

  // Above the parameter sets the first words' memories keep the encoders' rates, a byte with its flag for each axon.
  localparam int unsigned HalfW     = SetW > EncW ? SetW : EncW;
  localparam int unsigned RateBytes = 4;
  localparam int unsigned ByteW     = 8;
  localparam int unsigned FlagLsb   = RateBytes * ByteW;

  logic [HalfW:0]     set_waddr, set_raddr;
  logic [WordW-1:0]   set_wdata;
  logic [LaneW-1:0]   cfg_lane, cfg_lane_q;
  logic               cfg_rate_q;

  assign cfg_word  = cfg_parameter_addr_i[2:0];
  assign cfg_lane  = cfg_rate_addr_i[LaneW-1:0];
  assign set_waddr = cfg_rate_i ? {1'b1, HalfW'(cfg_rate_addr_i[LaneW+:EncW])} : {1'b0, HalfW'(cfg_parameter_addr_i[SetW+2:3])};
  assign set_raddr = (cfg_parameter_i || cfg_rate_i) ? set_waddr
                   : running_q ? {1'b0, HalfW'(set0)} : {1'b1, HalfW'(rates_row_i)};
  assign set_wdata = cfg_rate_i ? {{RateBytes{cfg_wdata_i[ByteW]}}, {RateBytes{cfg_wdata_i[ByteW-1:0]}}} : cfg_wdata_i;
  if (Lanes > Words * RateBytes) $error("the parameter words hold the rates of 20 lanes");

  for (genvar w = 0; w < Words; w++) begin : g_word
    if (w * RateBytes < Lanes) begin : g_rates
      logic [RateBytes-1:0] we;
      always_comb begin
        we = {RateBytes{cfg_parameter_i && cfg_write_i && cfg_word == 3'(w)}};
        for (int k = 0; k < RateBytes; k++) begin
          if (cfg_rate_i && cfg_write_i && 32'(cfg_lane) == w * RateBytes + k) we[k] = 1'b1;
        end
      end
      ncx_byte_ram #(.Depth(2 << HalfW)) u_words (
        .clk_i, .we_i(we), .waddr_i(set_waddr), .wdata_i(set_wdata),
        .re_i(read_o || rates_fetch_i || cfg_parameter_i || cfg_rate_i), .raddr_i(set_raddr), .rdata_o(set1[w*WordW+:WordW])
      );
    end else begin : g_parameters
      ncx_ram #(.Width(WordW), .Depth(ParameterSets), .Style(1)) u_words (
        .clk_i,
        .we_i(cfg_parameter_i && cfg_write_i && cfg_word == 3'(w)), .waddr_i(set_waddr[SetW-1:0]), .wdata_i(cfg_wdata_i),
        .re_i(read_o || cfg_parameter_i), .raddr_i(set_raddr[SetW-1:0]), .rdata_o(set1[w*WordW+:WordW])
      );
    end
  end
  // Looked at when the next ones are fetched, or by the configuration: otherwise not defined, which simulates quickly.
  always_comb begin
    rates_o = 'x;
    if (rates_fetch_i || cfg_rate_q) begin
      for (int l = 0; l < Lanes; l++) begin
        rates_o[l*RateW+:RateW] = {set1[l/RateBytes*WordW+FlagLsb+l%RateBytes], set1[l/RateBytes*WordW+l%RateBytes*ByteW+:ByteW]};
      end
    end
  end

  always_ff @(posedge clk_i) begin
    cfg_parameter_q <= cfg_parameter_i;
    cfg_rate_q      <= cfg_rate_i;
    cfg_lane_q      <= cfg_lane;
    cfg_word_q      <= cfg_word;
    cfg_half_q      <= cfg_program_addr_i[0];
  end
  always_comb begin
    cfg_rdata_o = '0;
    if (cfg_rate_q) begin
      for (int l = 0; l < Lanes; l++) if (cfg_lane_q == LaneW'(l)) cfg_rdata_o[RateW-1:0] = rates_o[l*RateW+:RateW];
    end else if (cfg_parameter_q) begin
      for (int w = 0; w < Words; w++) if (cfg_word_q == 3'(w)) cfg_rdata_o = set1[w*WordW+:WordW];
    end else if (cfg_half_q) begin
      cfg_rdata_o[Lanes-1:0] = entry[EntryW-1-:Lanes];
    end else begin
      {cfg_rdata_o[ProgOpLsb+:OpW], cfg_rdata_o[ProgSetLsb+:SetW], cfg_rdata_o[RowW-1:0]} = entry[OpW+SetW+RowW-1:0];
    end
  end

  // ---- the stages ----
  logic [Words*WordW-1:0] set2_q, set3_q, set4_q, set5_q;
  logic [RowW-1:0]        row1_q, row2_q, row3_q, row4_q, row5_q;
  logic [Lanes-1:0]       active1_q, active2_q, active3_q, active4_q, active5_q;
  logic [4:1]             valid_q;
  logic [OpW-1:0]         op1_q, op2_q, op3_q, op4_q, op5_q;

  always_ff @(posedge clk_i) begin
    if (!stall_i) begin
      {row5_q, row4_q, row3_q, row2_q, row1_q} <= {row4_q, row3_q, row2_q, row1_q, read_row_o};
      {op5_q, op4_q, op3_q, op2_q, op1_q}      <= {op4_q, op3_q, op2_q, op1_q, clearing ? OpW'(0) : op0};
    end
    if (valid_o[1]) set2_q <= set1;
    if (valid_o[2]) set3_q <= set2_q;
    if (valid_o[3]) set4_q <= set3_q;
    if (valid_o[4]) set5_q <= set4_q;
    if (rst_i)         valid_q <= '0;
    else if (!stall_i) valid_q <= {valid_q[3:1], take};
    if (rst_i) {active5_q, active4_q, active3_q, active2_q, active1_q} <= '0;
    else if (!stall_i) begin
      {active5_q, active4_q, active3_q, active2_q, active1_q}
          <= {active4_q, active3_q, active2_q, active1_q, take ? mask0 : Lanes'(0)};
    end
  end

  localparam logic [ncx_pkg::BetaW-1:0] BetaOne = {1'b1, {(ncx_pkg::BetaW-1){1'b0}}};
  // A factor of 1.0 or more means exactly 1.0.
  function automatic logic [ncx_pkg::BetaW-1:0] clamp_beta(input logic [ncx_pkg::BetaW-1:0] beta);
    clamp_beta = beta[ncx_pkg::BetaW-1] ? BetaOne : beta;
  endfunction
  localparam int unsigned AtThreshold  = ncx_pkg::ParamThresholdWord * WordW + ncx_pkg::ParamThresholdLsb;
  localparam int unsigned AtRefractory = ncx_pkg::ParamRefractoryWord * WordW + ncx_pkg::ParamRefractoryLsb;
  localparam int unsigned AtVReset     = ncx_pkg::ParamVResetWord * WordW + ncx_pkg::ParamVResetLsb;
  localparam int unsigned AtVRest      = ncx_pkg::ParamVRestWord * WordW + ncx_pkg::ParamVRestLsb;
  localparam int unsigned AtPlusLow    = ncx_pkg::ParamThetaPlusLowWord * WordW + ncx_pkg::ParamThetaPlusLowLsb;
  localparam int unsigned AtPlusHigh   = ncx_pkg::ParamThetaPlusHighWord * WordW + ncx_pkg::ParamThetaPlusHighLsb;
  localparam int unsigned AtLeak       = ncx_pkg::ParamLeakWord * WordW + ncx_pkg::ParamLeakLsb;
  localparam int unsigned AtLeakExp    = ncx_pkg::ParamLeakExponentialWord * WordW + ncx_pkg::ParamLeakExponentialLsb;
  localparam int unsigned AtHold       = ncx_pkg::ParamRefractoryHoldWord * WordW + ncx_pkg::ParamRefractoryHoldLsb;
  localparam int unsigned AtSoft       = ncx_pkg::ParamSoftResetWord * WordW + ncx_pkg::ParamSoftResetLsb;
  localparam int unsigned AtSynBeta    = ncx_pkg::ParamSynBetaWord * WordW + ncx_pkg::ParamSynBetaLsb;
  localparam int unsigned AtThetaBeta  = ncx_pkg::ParamThetaBetaWord * WordW + ncx_pkg::ParamThetaBetaLsb;

  assign valid_o             = stall_i ? '0 : valid_q;
  assign v_rest1_o           = set1[AtVRest+:StateW];
  // The second pass of a winner-take-all group leaks no more.
  logic apply1;
  assign apply1              = op1_q[ncx_pkg::ProgramOpApply];
  always_ff @(posedge clk_i) if (valid_o[1]) begin
    leak_beta2_o  <= (apply1 || !set1[AtLeakExp]) ? BetaOne : clamp_beta(set1[AtLeak+:ncx_pkg::BetaW]);
    leak2_o       <= (apply1 || set1[AtLeakExp]) ? '0 : set1[AtLeak+:StateW];
    syn_beta2_o   <= clamp_beta(set1[AtSynBeta+:ncx_pkg::BetaW]);
    theta_beta2_o <= clamp_beta(set1[AtThetaBeta+:ncx_pkg::BetaW]);
  end
  assign minus_leak2_o       = -{1'b0, leak2_o};
  assign v_rest3_o           = set3_q[AtVRest+:StateW];
  assign threshold3_o        = set3_q[AtThreshold+:StateW];
  assign apply3_o            = op3_q[ncx_pkg::ProgramOpApply];
  assign refractory_hold4_o  = set4_q[AtHold];
  assign v_reset4_o          = set4_q[AtVReset+:StateW];
  assign threshold5_o        = set5_q[AtThreshold+:StateW];
  assign v_reset5_o          = set5_q[AtVReset+:StateW];
  assign refractory5_o       = set5_q[AtRefractory+:ncx_pkg::RefractoryW];
  assign theta_plus4_o       = {set4_q[AtPlusHigh+:ncx_pkg::ParamThetaPlusHighW],
                                set4_q[AtPlusLow+:ncx_pkg::ParamThetaPlusLowW]};
  assign soft_reset4_o       = set4_q[AtSoft];
  assign soft_reset5_o       = set5_q[AtSoft];
  assign row4_o              = row4_q;
  assign scan4_o             = op4_q[ncx_pkg::ProgramOpScan];
  assign apply4_o            = op4_q[ncx_pkg::ProgramOpApply];
  assign row5_o              = row5_q;
  assign active5_o           = active5_q;
  assign scan5_o             = op5_q[ncx_pkg::ProgramOpScan];
  assign apply5_o            = op5_q[ncx_pkg::ProgramOpApply];
  assign first5_o            = op5_q[ncx_pkg::ProgramOpFirst];
endmodule
`default_nettype wire
