// SPDX-License-Identifier: BSD-3-Clause
// What learning keeps besides weights and traces: each profile's drift and age, and the generator of stochastic rounding.
`default_nettype none
module ncx_learn_state #(
  parameter int unsigned Profiles = 2,
  parameter int unsigned WeightW  = 16,
  localparam int unsigned ProfW   = Profiles > 1 ? $clog2(Profiles) : 1,
  localparam int unsigned DriftW  = ncx_pkg::DriftW,
  localparam int unsigned Frac    = 16,
  localparam int unsigned IntW    = DriftW - Frac,
  localparam int unsigned AgeW    = 5,
  localparam int unsigned AddrW   = ProfW + 2
) (
  input  wire logic                     clk_i,
  input  wire logic                     rst_i,
  input  wire logic [ProfW-1:0]         profile_i,       // the one that learns now
  input  wire logic                     product_i,       // multiply step and gain
  input  wire logic signed [ncx_pkg::TraceW-1:0] step_i,
  input  wire logic signed [ncx_pkg::ModulationW-1:0] gain_i,
  input  wire logic                     add_i,           // the product goes into the drift
  input  wire logic                     fold_i,          // the drift's whole part is in the weights now
  input  wire logic                     age_i,           // a tick older
  input  wire logic                     clear_ages_i,
  input  wire logic                     draw_i,          // step the generator
  output      logic signed [IntW-1:0]   drift_o,         // of profile_i
  output      logic                     fold_needed_o,   // of profile_i: the guard bit is at stake
  output      logic [AgeW-1:0]          age_o,           // of profile_i
  output      logic [31:0]              generator_o,
  // for the gather: any row's drift
  input  wire logic [ncx_pkg::ProfileW-1:0] row_profile_i,
  output      logic signed [IntW-1:0]   row_drift_o,
  // configuration; read data one cycle after the request
  input  wire logic                     cfg_i,
  input  wire logic                     cfg_write_i,
  input  wire logic [AddrW-1:0]         cfg_addr_i,
  input  wire logic [ncx_pkg::WordW-1:0] cfg_wdata_i,
  output      logic [ncx_pkg::WordW-1:0] cfg_rdata_o
);
  localparam int unsigned ProductW = ncx_pkg::TraceW + ncx_pkg::ModulationW;
  localparam logic [AgeW-1:0] OldAge = AgeW'(ncx_pkg::HistoryW);
  localparam logic [31:0] ResetState = 32'h1;            // any value but 0
  // The cfg address of the generator.
  localparam logic [AddrW-1:0] GeneratorAddr = AddrW'(Profiles * 2);
  localparam logic signed [IntW-1:0] Limit = IntW'(1 << (WeightW - 2));

  logic [Profiles*DriftW-1:0] drift;
  logic [Profiles*AgeW-1:0]   age;
  logic signed [ProductW-1:0] product_q;
  logic [31:0]                generator_q, step_a, step_b, next;

  for (genvar p = 0; p < Profiles; p++) begin : g_profile
    logic [DriftW-1:0] drift_q;
    logic [AgeW-1:0]   age_q;
    logic              mine, cfg_mine;

    assign mine     = profile_i == ProfW'(p);
    assign cfg_mine = cfg_i && cfg_write_i && cfg_addr_i[AddrW-1:1] == (AddrW-1)'(p);
    assign drift[p*DriftW+:DriftW] = drift_q;
    assign age[p*AgeW+:AgeW]       = age_q;
    always_ff @(posedge clk_i) begin
      if (rst_i) begin
        drift_q <= '0;
        age_q   <= '0;
      end else begin
        if (cfg_mine && !cfg_addr_i[0]) drift_q <= cfg_wdata_i[DriftW-1:0];
        else if (add_i && mine)         drift_q <= drift_q + product_q[DriftW-1:0];
        else if (fold_i && mine)        drift_q[DriftW-1:Frac] <= '0;
        if (cfg_mine && cfg_addr_i[0])  age_q <= cfg_wdata_i[AgeW-1:0];
        else if (clear_ages_i)          age_q <= '0;
        else if (age_i && mine && age_q < OldAge) age_q <= age_q + 1'b1;
      end
    end
  end
  // The sum is modulo 2^DriftW.
  logic unused;
  assign unused = &{1'b0, product_q[ProductW-1:DriftW], cfg_wdata_i};

  always_comb begin
    drift_o     = '0;
    age_o       = '0;
    row_drift_o = '0;
    for (int p = 0; p < Profiles; p++) begin
      if (profile_i == ProfW'(p)) begin
        drift_o = drift_o | $signed(drift[p*DriftW+Frac+:IntW]);
        age_o   = age_o | age[p*AgeW+:AgeW];
      end
      if (row_profile_i == ncx_pkg::ProfileW'(p)) row_drift_o = row_drift_o | $signed(drift[p*DriftW+Frac+:IntW]);
    end
  end
  assign fold_needed_o = drift_o >= Limit || drift_o <= -Limit;
  assign generator_o   = generator_q;

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
    if (product_i) product_q <= step_i * gain_i;
    if (rst_i) generator_q <= ResetState;
    else if (cfg_i && cfg_write_i && cfg_addr_i == GeneratorAddr) generator_q <= cfg_wdata_i[31:0];
    else if (draw_i) generator_q <= next;
  end

  logic [AddrW-1:0] cfg_addr_q;
  always_ff @(posedge clk_i) if (cfg_i) cfg_addr_q <= cfg_addr_i;
  always_comb begin
    cfg_rdata_o = '0;
    if (cfg_addr_q == GeneratorAddr) cfg_rdata_o[31:0] = generator_q;
    else begin
      for (int p = 0; p < Profiles; p++) begin
        if (cfg_addr_q == AddrW'(2 * p))     cfg_rdata_o[DriftW-1:0] = drift[p*DriftW+:DriftW];
        if (cfg_addr_q == AddrW'(2 * p + 1)) cfg_rdata_o[AgeW-1:0]   = age[p*AgeW+:AgeW];
      end
    end
  end
endmodule
`default_nettype wire
