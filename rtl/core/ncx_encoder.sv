// SPDX-License-Identifier: BSD-3-Clause
// Bernoulli encoders: in every tick, for each row of `Lanes` axons, each lane's xorshift32 generator steps once and the
// lane's axon fires if the top byte is below its rate.
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
  output      logic [Lanes-1:0]         fire_o,          // what the step gives for the row fetched last
  // configuration; read data one cycle after the request
  input  wire logic                     cfg_rate_i,
  input  wire logic                     cfg_generator_i,
  input  wire logic                     cfg_write_i,
  input  wire logic [RowW+LaneW-1:0]    cfg_addr_i,      // axon, or lane in the low bits
  input  wire logic [31:0]              cfg_wdata_i,
  output      logic [31:0]              cfg_rdata_o
);
  localparam int unsigned RateW = ncx_pkg::RateW;
  localparam int unsigned DrawW = 8;
  localparam int unsigned Style = AxonRows <= DistributedDepth ? 2 : 1;
  localparam logic [31:0] ResetState = 32'h1;            // any value but 0

  logic [Lanes*32-1:0]    state;
  logic [Lanes*RateW-1:0] rate;
  logic                   cfg_rate_q;
  logic [LaneW-1:0]       cfg_lane_q;

  for (genvar l = 0; l < Lanes; l++) begin : g_lane
    logic [31:0] state_q, step_a, step_b, next;
    logic        selected;

    assign selected = cfg_addr_i[LaneW-1:0] == LaneW'(l);
    always_comb begin
      step_a    = 'x;
      step_b    = 'x;
      next      = 'x;
      fire_o[l] = 1'b0;
      if (draw_i) begin
        step_a    = state_q ^ (state_q << 13);
        step_b    = step_a ^ (step_a >> 17);
        next      = step_b ^ (step_b << 5);
        fire_o[l] = {1'b0, next[31-:DrawW]} < rate[l*RateW+:RateW];
      end
    end
    assign state[l*32+:32] = state_q;

    always_ff @(posedge clk_i) begin
      if (rst_i) state_q <= ResetState;
      else if (cfg_generator_i && cfg_write_i && selected) state_q <= cfg_wdata_i;
      else if (draw_i) state_q <= next;
    end

    ncx_ram #(.Width(RateW), .Depth(AxonRows < 2 ? 2 : AxonRows), .Style(Style)) u_rates (
      .clk_i, .we_i(cfg_rate_i && cfg_write_i && selected), .waddr_i(cfg_addr_i[LaneW+:RowW]),
      .wdata_i(cfg_wdata_i[RateW-1:0]),
      .re_i(fetch_i || cfg_rate_i), .raddr_i(cfg_rate_i ? cfg_addr_i[LaneW+:RowW] : row_i),
      .rdata_o(rate[l*RateW+:RateW])
    );
  end

  always_ff @(posedge clk_i) begin
    cfg_rate_q <= cfg_rate_i;
    cfg_lane_q <= cfg_addr_i[LaneW-1:0];
  end
  always_comb begin
    cfg_rdata_o = '0;
    for (int l = 0; l < Lanes; l++) begin
      if (cfg_lane_q == LaneW'(l)) begin
        cfg_rdata_o = cfg_rdata_o | (cfg_rate_q ? 32'(rate[l*RateW+:RateW]) : state[l*32+:32]);
      end
    end
  end
endmodule
`default_nettype wire
