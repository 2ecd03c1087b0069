// SPDX-License-Identifier: BSD-3-Clause
// Bernoulli encoders: in every tick, for each row of `Lanes` axons, each lane takes its own byte of a generator's newer half
// and its axon fires if the byte is below the rate; then the generator steps. A generator serves eight lanes: its next word
// has at most four bits of its state in each bit, so a LUT a bit steps it and lets the configuration load it.
`default_nettype none
module ncx_encoder #(
  parameter int unsigned Lanes = 8,
  parameter int unsigned Axons = 1024,
  parameter int unsigned DistributedDepth = 128,
  localparam int unsigned AxonRows = Axons / Lanes,
  localparam int unsigned RowW  = AxonRows > 1 ? $clog2(AxonRows) : 1,
  localparam int unsigned LaneW = $clog2(Lanes)
) (
  input  wire logic                     clk_i,
  input  wire logic                     rst_i,
  input  wire logic                     fetch_i,         // read the rates of row_i
  input  wire logic [RowW-1:0]          row_i,
  input  wire logic                     draw_i,          // step the generators
  output      logic [Lanes-1:0]         fire_o,          // what the state gives for the row fetched last
  // configuration; read data one cycle after the request
  input  wire logic                     cfg_rate_i,
  input  wire logic                     cfg_generator_i,
  input  wire logic                     cfg_write_i,
  input  wire logic [RowW+LaneW-1:0]    cfg_addr_i,      // axon, or generator * 4 + word in the low bits
  input  wire logic [31:0]              cfg_wdata_i,
  output      logic [31:0]              cfg_rdata_o
);
  localparam int unsigned RateW = ncx_pkg::RateW;
  localparam int unsigned DrawW = 8;
  localparam int unsigned Style = AxonRows <= DistributedDepth ? 2 : 1;
  localparam int unsigned HalfW = 64;
  localparam int unsigned LanesOfOne = HalfW / DrawW;
  localparam int unsigned Generators = (Lanes + LanesOfOne - 1) / LanesOfOne;
  localparam int unsigned ShiftLeft = 23, RotateLeft = 13;

  logic [Generators*HalfW-1:0] newer;
  logic [31:0]            generator_rdata;
  logic [2:0]             cfg_word_q;                    // of at most two generators
  logic [Generators*2*HalfW-1:0] states;
  logic [Lanes*RateW-1:0] rate;
  logic                   cfg_rate_q;
  logic [LaneW-1:0]       cfg_lane_q;

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

  for (genvar l = 0; l < Lanes; l++) begin : g_lane
    logic selected;
    assign selected  = cfg_addr_i[LaneW-1:0] == LaneW'(l);
    assign fire_o[l] = {1'b0, newer[l*DrawW+:DrawW]} < rate[l*RateW+:RateW];

    ncx_ram #(.Width(RateW), .Depth(AxonRows < 2 ? 2 : AxonRows), .Style(Style)) u_rates (
      .clk_i, .we_i(cfg_rate_i && cfg_write_i && selected), .waddr_i(cfg_addr_i[LaneW+:RowW]),
      .wdata_i(cfg_wdata_i[RateW-1:0]),
      .re_i(fetch_i || cfg_rate_i), .raddr_i(cfg_rate_i ? cfg_addr_i[LaneW+:RowW] : row_i),
      .rdata_o(rate[l*RateW+:RateW])
    );
  end

  // Builds with few lanes leave some bytes alone.
  logic unused;
  assign unused = &{1'b0, newer};

  always_ff @(posedge clk_i) begin
    cfg_rate_q <= cfg_rate_i;
    cfg_lane_q <= cfg_addr_i[LaneW-1:0];
    cfg_word_q <= cfg_addr_i[2:0];
  end
  always_comb begin
    generator_rdata = '0;
    for (int w = 0; w < 4 * Generators; w++) if (cfg_word_q[1:0] == 2'(w) && (Generators == 1 || cfg_word_q[2] == 1'(w / 4))) begin
      generator_rdata = generator_rdata | states[w*32+:32];
    end
    cfg_rdata_o = cfg_rate_q ? '0 : generator_rdata;
    for (int l = 0; l < Lanes; l++) if (cfg_rate_q && cfg_lane_q == LaneW'(l)) begin
      cfg_rdata_o = cfg_rdata_o | 32'(rate[l*RateW+:RateW]);
    end
  end
endmodule
`default_nettype wire
