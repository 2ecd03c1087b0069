// SPDX-License-Identifier: BSD-3-Clause
// What learning keeps besides weights and traces: each profile's drift and age, and the generator of stochastic rounding.
// A drift grows by step * gain, multiplied and added a bit a cycle: no profile has more than one such product a tick.
`default_nettype none
module ncx_learn_state #(
  parameter int unsigned Profiles = 2,
  parameter int unsigned WeightW  = 16,
  localparam int unsigned ProfW   = Profiles > 1 ? $clog2(Profiles) : 1,
  localparam int unsigned DriftW  = ncx_pkg::DriftW,
  localparam int unsigned TraceW  = ncx_pkg::TraceW,
  localparam int unsigned GainW   = ncx_pkg::ModulationW,
  localparam int unsigned Frac    = 16,
  localparam int unsigned IntW    = DriftW - Frac,
  localparam int unsigned AgeW    = 5,
  localparam int unsigned CountW  = 5,
  localparam int unsigned AddrW   = ProfW + 2
) (
  input  wire logic                     clk_i,
  input  wire logic                     rst_i,
  // drift and age are those of the profile that learns, or of the row that is walked
  input  wire logic                     learn_i,
  input  wire logic [ProfW-1:0]         profile_i,
  input  wire logic [ncx_pkg::ProfileW-1:0] row_profile_i,
  output      logic signed [IntW-1:0]   drift_o,         // its whole part
  output      logic [AgeW-1:0]          age_o,
  // profile_i's drift grows
  input  wire logic                     load_i,          // before the first step of the product
  input  wire logic                     multiply_i,      // a step of it
  input  wire logic [CountW-1:0]        count_i,         // of cycles of it, from 0
  output      logic                     multiplied_o,    // with multiply_i: the last step
  input  wire logic signed [TraceW-1:0] step_i,          // in the cycle before the first step
  input  wire logic signed [GainW-1:0]  gain_i,
  output      logic                     fold_needed_o,   // in the cycle after it: the guard bit is at stake
  input  wire logic                     fold_i,          // the drift's whole part is in the weights now
  input  wire logic                     age_i,           // a tick older
  input  wire logic                     clear_ages_i,    // for each profile, one a cycle
  input  wire logic [ProfW-1:0]         clear_profile_i,
  input  wire logic                     draw_i,          // step the generator
  output      logic [31:0]              generator_o,
  // configuration; address and data stay for another cycle, read data are there in it
  input  wire logic                     cfg_region_i,    // of an access, from before its request to its end
  input  wire logic                     cfg_i,
  input  wire logic                     cfg_write_i,
  input  wire logic [AddrW-1:0]         cfg_addr_i,
  input  wire logic [ncx_pkg::WordW-1:0] cfg_wdata_i,
  output      logic [ncx_pkg::WordW-1:0] cfg_rdata_o
);
  localparam logic [31:0] ResetState = 32'h1;            // any value but 0
  // The cfg address of the generator.
  localparam logic [AddrW-1:0] GeneratorAddr = AddrW'(Profiles * 2);
  localparam int unsigned GuardW = IntW - (WeightW - 2);  // bits that are alike in a drift below its limit
  // Bits of the step, then the product's upper half is added at once.
  localparam logic [CountW-1:0] SignBit  = CountW'(TraceW - 1);
  localparam logic [CountW-1:0] LastCount = CountW'(TraceW);
  localparam int unsigned UpperW = DriftW - TraceW;

  // ---- drifts and ages ----
  logic                store_q, age_write, nowhere;
  logic [ProfW-1:0]    addr;
  logic [DriftW-1:0]   drift, work_q;
  logic [AgeW-1:0]     age, age_wdata;

  // A row of no profile has one that does not exist, and no drift: the table's upper half stays 0,
  // whatever store_q is before the reset.
  assign nowhere = !learn_i && !cfg_region_i && !clear_ages_i && (row_profile_i >> ProfW) != '0;
  assign addr = clear_ages_i ? clear_profile_i
              : cfg_region_i ? cfg_addr_i[ProfW:1] : learn_i ? profile_i : ProfW'(row_profile_i);
  ncx_single_ram #(.Width(DriftW), .Depth(2 << ProfW)) u_drifts (
    .clk_i, .we_i(store_q && !rst_i), .addr_i({nowhere, addr}), .wdata_i(work_q), .rdata_o(drift)
  );
  ncx_single_ram #(.Width(AgeW), .Depth(1 << ProfW)) u_ages (
    .clk_i, .we_i(age_write), .addr_i(addr), .wdata_i(age_wdata), .rdata_o(age)
  );
  assign drift_o   = drift[DriftW-1:Frac];
  assign age_o     = age;
  // An old one grows no older: 16, or what the host wrote beyond.
  assign age_write = clear_ages_i || (cfg_i && cfg_write_i && cfg_addr_i[0]) || (age_i && !age[AgeW-1]);
  assign age_wdata = clear_ages_i ? '0 : cfg_i ? cfg_wdata_i[AgeW-1:0] : age + 1'b1;

  // ---- drift + step * gain: one bit of the sum a cycle enters work_q from above, then the rest ----
  logic signed [GainW-1:0] partial_q;
  logic [GainW:0]          addend, sum;
  logic [TraceW-1:0]       step_q;           // the step's bits from that of count_i on
  logic                    subtract, last, carry_in, carry_q, carry, sum_bit;

  always_ff @(posedge clk_i) step_q <= load_i ? step_i : step_q >> 1;
  assign last     = count_i == LastCount;
  assign subtract = step_q[0] && count_i == SignBit;
  assign carry_in = last ? carry_q : subtract;
  always_comb begin
    addend = 'x;
    sum    = 'x;
    if (multiply_i) begin
      addend = last ? {{(GainW+1-UpperW){1'b0}}, work_q[UpperW-1:0]}
                    : ({gain_i[GainW-1], gain_i} & {(GainW+1){step_q[0]}}) ^ {(GainW+1){subtract}};
      sum    = {partial_q[GainW-1], partial_q} + addend + (GainW+1)'(carry_in);
    end
  end
  assign sum_bit  = work_q[0] ^ sum[0] ^ carry_q;
  assign carry    = (work_q[0] && sum[0]) || (work_q[0] && carry_q) || (sum[0] && carry_q);
  assign multiplied_o = last;

  always_ff @(posedge clk_i) begin
    if (load_i) begin
      partial_q <= '0;
      carry_q   <= 1'b0;
    end else if (multiply_i) begin
      partial_q <= sum[GainW:1];
      carry_q   <= carry;
    end
    if (multiply_i)   work_q <= last ? {sum[UpperW-1:0], work_q[DriftW-1:UpperW]} : {sum_bit, work_q[DriftW-1:1]};
    else if (cfg_i)   work_q <= cfg_wdata_i[DriftW-1:0];
    else if (load_i)  work_q <= drift;
    if (fold_i) work_q[DriftW-1:Frac] <= '0;
    if (rst_i) begin
      store_q <= 1'b0;
    end else begin
      store_q <= (multiply_i && last) || fold_i
                 || (cfg_i && cfg_write_i && !cfg_addr_i[0] && cfg_addr_i != GeneratorAddr);
    end
  end
  // Drift >= limit, or <= -limit: the bits above the limit's are not alike, or all below are 0 as well.
  assign fold_needed_o = (work_q[DriftW-1-:GuardW] != '0 && work_q[DriftW-1-:GuardW] != '1)
                         || (work_q[DriftW-1] && work_q[DriftW-1-GuardW:Frac] == '0);
  logic unused;
  assign unused = &{1'b0, cfg_wdata_i, row_profile_i};

  // ---- generator ----
  logic [31:0] generator_q, step_a, step_b, next;
  assign generator_o = generator_q;
  always_comb begin
    step_a = 'x;
    step_b = 'x;
    next   = 'x;
    if (draw_i) begin
      step_a = generator_q ^ (generator_q << 13);
      step_b = step_a ^ (step_a >> 17);
      next   = step_b ^ (step_b << 5);
    end
  end
  always_ff @(posedge clk_i) begin
    if (rst_i) generator_q <= ResetState;
    else if (cfg_i && cfg_write_i && cfg_addr_i == GeneratorAddr) generator_q <= cfg_wdata_i[31:0];
    else if (draw_i) generator_q <= next;
  end

  always_comb begin
    cfg_rdata_o = '0;
    if (cfg_addr_i == GeneratorAddr) cfg_rdata_o[31:0] = generator_q;
    else if (cfg_addr_i[0])          cfg_rdata_o[AgeW-1:0] = age;
    else                             cfg_rdata_o[DriftW-1:0] = drift;
  end
endmodule
`default_nettype wire
