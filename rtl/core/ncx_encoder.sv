// SPDX-License-Identifier: BSD-3-Clause
// Bernoulli encoders: in every tick, for each row of `Lanes` axons, each lane takes its own byte of a generator's newer half
// and its axon fires if the byte is below the rate; then the generator steps. A generator serves eight lanes: its next word
// has at most four bits of its state in each bit, so a LUT a bit steps it and lets the configuration load it.
`default_nettype none
module ncx_encoder #(
  parameter int unsigned Lanes = 8,
  localparam int unsigned RateW = ncx_pkg::RateW,
  localparam int unsigned CfgAddrW = 3               // generator * 4 + word
) (
  input  wire logic                     clk_i,
  input  wire logic                     rst_i,
  input  wire logic                     next_i,          // rates_i are those of the row whose turn comes
  input  wire logic [Lanes*RateW-1:0]   rates_i,
  input  wire logic                     draw_i,          // step the generators
  output      logic [Lanes-1:0]         fire_o,          // what the state gives for that row
  // configuration of the generators; read data one cycle after the request
  input  wire logic                     cfg_generator_i,
  input  wire logic                     cfg_write_i,
  input  wire logic [CfgAddrW-1:0]      cfg_addr_i,
  input  wire logic [31:0]              cfg_wdata_i,
  output      logic [31:0]              cfg_rdata_o
);
  localparam int unsigned DrawW = 8;
  localparam int unsigned HalfW = 64;
  localparam int unsigned LanesOfOne = HalfW / DrawW;
  localparam int unsigned Generators = (Lanes + LanesOfOne - 1) / LanesOfOne;
  localparam int unsigned ShiftLeft = 23, RotateLeft = 13;

  logic [Lanes*RateW-1:0] rates_q;                       // of the row whose turn it is
  logic [Generators*HalfW-1:0] newer;
  logic [2:0]             cfg_word_q;                    // of at most two generators
  logic [Generators*2*HalfW-1:0] states;

  for (genvar g = 0; g < Generators; g++) begin : g_generator
    logic [HalfW-1:0] older_q, newer_q, next;
    logic             load;

    assign load = cfg_generator_i && cfg_write_i && (Generators == 1 || cfg_addr_i[2] == 1'(g));
    assign next = older_q ^ (older_q << ShiftLeft) ^ newer_q ^ {newer_q[HalfW-RotateLeft-1:0], newer_q[HalfW-1-:RotateLeft]};
    // All four words are loaded through the newer half: word 2 moves what words 0 and 1 were to the older one.
    always_ff @(posedge clk_i) begin
      if (rst_i) begin
        older_q <= '0;
        newer_q <= HalfW'(1);                            // any state but 0
      end else begin
        if (draw_i || (load && !cfg_addr_i[0])) newer_q[31:0]  <= cfg_generator_i ? cfg_wdata_i : next[31:0];
        if (draw_i || (load && cfg_addr_i[0]))  newer_q[63:32] <= cfg_generator_i ? cfg_wdata_i : next[63:32];
        if (draw_i || (load && cfg_addr_i[1:0] == 2'd2)) older_q <= newer_q;
      end
    end
    assign newer[g*HalfW+:HalfW] = newer_q;
    assign states[g*2*HalfW+:2*HalfW] = {newer_q, older_q};
  end

  // Looked at when they are drawn only: otherwise not defined, which simulates quickly.
  always_comb begin
    fire_o = 'x;
    if (draw_i) for (int l = 0; l < Lanes; l++) fire_o[l] = {1'b0, newer[l*DrawW+:DrawW]} < rates_q[l*RateW+:RateW];
  end

  // Builds with few lanes leave some bytes alone.
  logic unused;
  assign unused = &{1'b0, newer};

  always_ff @(posedge clk_i) begin
    if (next_i) rates_q <= rates_i;
    cfg_word_q <= cfg_addr_i;
  end
  always_comb begin
    cfg_rdata_o = '0;
    for (int w = 0; w < 4 * Generators; w++) if (cfg_word_q[1:0] == 2'(w) && (Generators == 1 || cfg_word_q[2] == 1'(w / 4))) begin
      cfg_rdata_o = cfg_rdata_o | states[w*32+:32];
    end
  end
endmodule
`default_nettype wire
