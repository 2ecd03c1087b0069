// SPDX-License-Identifier: BSD-3-Clause
// Winner of a winner-take-all group: the candidate with the largest margin, the lowest slot at a tie.
// A tree of comparators, one level a cycle, then the best of the entries so far. The winner stands log2(Lanes) + 1 cycles
// after stage 5 of the first pass's last entry, well before the second pass needs it.
`default_nettype none
module ncx_winner #(
  parameter int unsigned Lanes = 8,          // power of two, at least 2
  parameter int unsigned RowW  = 7,
  localparam int unsigned LaneW = $clog2(Lanes),
  localparam int unsigned MarginW = ncx_pkg::StateW + 2
) (
  input  wire logic                      clk_i,
  input  wire logic                      scan_i,        // stage 5 holds an entry of a first pass ...
  input  wire logic                      first_i,       // ... the first one
  input  wire logic [RowW-1:0]           row_i,
  input  wire logic [Lanes-1:0]          candidate_i,
  input  wire logic [Lanes*MarginW-1:0]  margin_i,
  output      logic                      valid_o,
  output      logic [RowW-1:0]           row_o,
  output      logic [LaneW-1:0]          lane_o
);
  // A candidate's margin is positive, so margins compare as unsigned and 0 stands for no candidate. Level k of the tree has
  // Lanes >> k nodes; node n of level k covers the lanes n << k up to the next node's.
  for (genvar k = 0; k <= LaneW; k++) begin : g_level
    localparam int unsigned Nodes = Lanes >> k;
    logic [Nodes*MarginW-1:0] margin;
    logic [Nodes*LaneW-1:0]   lane;
    logic                     scan, first;
    logic [RowW-1:0]          row;
    if (k == 0) begin : g_leaf
      for (genvar n = 0; n < Nodes; n++) begin : g_node
        always_comb begin
          margin[n*MarginW+:MarginW] = 'x;
          if (scan_i) margin[n*MarginW+:MarginW] = candidate_i[n] ? margin_i[n*MarginW+:MarginW] : '0;
        end
        assign lane[n*LaneW+:LaneW]       = LaneW'(n);
      end
      assign {scan, first, row} = {scan_i, first_i, row_i};
    end else begin : g_compare
      for (genvar n = 0; n < Nodes; n++) begin : g_node
        logic high_wins;
        assign high_wins = g_level[k-1].margin[(2*n+1)*MarginW+:MarginW] > g_level[k-1].margin[2*n*MarginW+:MarginW];
        always_ff @(posedge clk_i) if (g_level[k-1].scan) begin
          margin[n*MarginW+:MarginW] <= high_wins ? g_level[k-1].margin[(2*n+1)*MarginW+:MarginW]
                                                  : g_level[k-1].margin[2*n*MarginW+:MarginW];
          lane[n*LaneW+:LaneW]       <= high_wins ? g_level[k-1].lane[(2*n+1)*LaneW+:LaneW]
                                                  : g_level[k-1].lane[2*n*LaneW+:LaneW];
        end
      end
      always_ff @(posedge clk_i) {scan, first, row} <= {g_level[k-1].scan, g_level[k-1].first, g_level[k-1].row};
    end
  end

  logic [MarginW-1:0] best, margin_q;
  logic [LaneW-1:0]   best_lane, lane_q;
  logic [RowW-1:0]    best_row, row_q;

  assign best      = g_level[LaneW].margin;
  assign best_lane = g_level[LaneW].lane;
  assign best_row  = g_level[LaneW].row;
  // Entries come in ascending slots, but one row may be split over several entries: then a tie needs the comparison.
  always_ff @(posedge clk_i) begin
    if (g_level[LaneW].scan && (g_level[LaneW].first || best > margin_q
        || (best == margin_q && {best_row, best_lane} < {row_q, lane_q}))) begin
      margin_q <= best;
      row_q    <= best_row;
      lane_q   <= best_lane;
    end
  end

  assign valid_o = margin_q != '0;
  assign row_o   = row_q;
  assign lane_o  = lane_q;
endmodule
`default_nettype wire
