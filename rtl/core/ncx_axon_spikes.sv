// SPDX-License-Identifier: BSD-3-Clause
// Which axons have a spike in the tick: one bit each, set when the axon's rows are walked, read and cleared by learning.
`default_nettype none
module ncx_axon_spikes #(
  parameter int unsigned Lanes    = 8,
  parameter int unsigned AxonRows = 128,
  parameter int unsigned DistributedDepth = 128,
  localparam int unsigned RowW  = AxonRows > 1 ? $clog2(AxonRows) : 1,
  localparam int unsigned LaneW = $clog2(Lanes)
) (
  input  wire logic               clk_i,
  input  wire logic               rst_i,
  input  wire logic               set_i,        // not in two cycles in a row
  input  wire logic [RowW-1:0]    set_row_i,
  input  wire logic [LaneW-1:0]   set_lane_i,
  input  wire logic               clear_i,      // one row a cycle
  input  wire logic [RowW-1:0]    clear_row_i,
  input  wire logic               clear_last_i, // with clear_i: no row has a spike any more
  output      logic               any_o,
  input  wire logic               re_i,         // a row one cycle later
  input  wire logic [RowW-1:0]    row_i,
  output      logic [Lanes-1:0]   spikes_o,
  input  wire logic               cfg_i,
  input  wire logic               cfg_write_i,
  input  wire logic [RowW-1:0]    cfg_row_i,
  input  wire logic [Lanes-1:0]   cfg_wdata_i
);
  localparam int unsigned Style = AxonRows <= DistributedDepth ? 2 : 1;

  logic             set_q, cfg_store;
  logic [RowW-1:0]  row_q, waddr, raddr;
  logic [LaneW-1:0] lane_q;
  logic [Lanes-1:0] set_bit, wdata;

  assign cfg_store = cfg_i && cfg_write_i;
  assign set_bit   = Lanes'(1) << lane_q;
  assign raddr     = set_i ? set_row_i : cfg_i ? cfg_row_i : row_i;
  assign waddr     = set_q ? row_q : clear_i ? clear_row_i : cfg_row_i;
  assign wdata     = set_q ? spikes_o | set_bit : clear_i ? '0 : cfg_wdata_i;
  ncx_ram #(.Width(Lanes), .Depth(1 << RowW), .Style(Style)) u_ram (
    .clk_i, .we_i(set_q || clear_i || cfg_store), .waddr_i(waddr), .wdata_i(wdata),
    .re_i(set_i || re_i || cfg_i), .raddr_i(raddr), .rdata_o(spikes_o)
  );

  always_ff @(posedge clk_i) begin
    if (set_i) begin
      row_q  <= set_row_i;
      lane_q <= set_lane_i;
    end
    if (rst_i) set_q <= 1'b0;
    else       set_q <= set_i;
    if (rst_i || (clear_i && clear_last_i)) any_o <= 1'b0;
    else if (set_i || (cfg_store && cfg_wdata_i != '0)) any_o <= 1'b1;
  end

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) if (!rst_i) begin
    assert (!(set_i && set_q));
    assert (!(set_q && clear_i));
  end
`endif
endmodule
`default_nettype wire
