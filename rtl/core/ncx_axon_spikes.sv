// SPDX-License-Identifier: BSD-3-Clause
// Which axons have a spike in the tick: one bit each, set when the axon's rows are walked, read and cleared by learning.
// What sets and clears is written a cycle later: nobody reads so soon.
`default_nettype none
module ncx_axon_spikes #(
  parameter int unsigned Lanes    = 8,
  parameter int unsigned AxonRows = 128,
  localparam int unsigned RowW  = AxonRows > 1 ? $clog2(AxonRows) : 1,
  localparam int unsigned LaneW = $clog2(Lanes)
) (
  input  wire logic               clk_i,
  input  wire logic               rst_i,
  input  wire logic               set_i,
  input  wire logic [RowW-1:0]    set_row_i,
  input  wire logic [LaneW-1:0]   set_lane_i,
  input  wire logic               clear_i,      // one row a cycle
  input  wire logic [RowW-1:0]    clear_row_i,
  input  wire logic               clear_last_i, // no row has a spike any more
  output      logic               any_o,
  input  wire logic [RowW-1:0]    row_i,        // read one cycle later, unless something else goes on
  output      logic [Lanes-1:0]   spikes_o,
  input  wire logic               cfg_region_i, // of an access, from before its request to its end
  input  wire logic               cfg_i,
  input  wire logic               cfg_write_i,
  input  wire logic [RowW-1:0]    cfg_row_i,
  input  wire logic [Lanes-1:0]   cfg_wdata_i
);
  logic             set_q, clear_q;
  logic [RowW-1:0]  row_q, addr;
  logic [LaneW-1:0] lane_q;
  logic [Lanes-1:0] word, wdata;

  always_ff @(posedge clk_i) begin
    row_q  <= set_i ? set_row_i : clear_row_i;
    lane_q <= set_lane_i;
    if (rst_i) {clear_q, set_q} <= '0;
    else       {clear_q, set_q} <= {clear_i, set_i};
  end

  assign addr  = set_q || clear_q ? row_q : cfg_region_i ? cfg_row_i : row_i;
  assign wdata = clear_q ? '0 : set_q ? word | (Lanes'(1) << lane_q) : cfg_wdata_i;
  ncx_single_ram #(.Width(Lanes), .Depth(1 << RowW)) u_ram (
    .clk_i, .we_i(set_q || clear_q || (cfg_i && cfg_write_i)), .addr_i(addr), .wdata_i(wdata), .rdata_o(word)
  );

  always_ff @(posedge clk_i) begin
    spikes_o <= word;
    if (rst_i || clear_last_i) any_o <= 1'b0;
    else if (set_i || (cfg_i && cfg_write_i && cfg_wdata_i != '0)) any_o <= 1'b1;
  end

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) if (!rst_i) begin
    assert (32'(set_q) + 32'(clear_q) + 32'(cfg_i) <= 1);
    assert (!(set_i && clear_i));
  end
`endif
endmodule
`default_nettype wire
