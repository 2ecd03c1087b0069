// SPDX-License-Identifier: BSD-3-Clause
// Winner of a winner-take-all group: the candidate farthest above its threshold, the lowest slot at a tie.
// One comparator: an entry's candidates are taken one a cycle, lowest lane first, in the cycles after its stage 5, and the sweep
// stands still until the last of them. Few neurons of a group are candidates in the same tick; an entry with one of them, or none, costs nothing.
`default_nettype none
module ncx_winner #(
  parameter int unsigned Lanes = 8,          // power of two, at least 2
  parameter int unsigned RowW  = 7,
  localparam int unsigned LaneW = $clog2(Lanes),
  localparam int unsigned ExcessW = ncx_pkg::StateW
) (
  input  wire logic                      clk_i,
  input  wire logic                      rst_i,
  input  wire logic                      scan_i,        // stage 5 holds an entry of a first pass ...
  input  wire logic                      first_i,       // ... the first one
  input  wire logic [RowW-1:0]           row_i,
  input  wire logic [Lanes-1:0]          candidate_i,
  input  wire logic [Lanes*ExcessW-1:0]  below_i,       // threshold - v
  output      logic                      stall_o,       // stage 5 must stay: the entry before it has more candidates
  output      logic                      valid_o,       // three cycles after the group's last candidate
  output      logic [RowW-1:0]           row_o,
  output      logic [LaneW-1:0]          lane_o
);
  // ---- an entry's candidates; the lowest of those that are left ----
  logic [Lanes-1:0]         left_q, rest;
  logic [Lanes*ExcessW-1:0] below_q;
  logic                     start_q, more;
  logic [RowW-1:0]          entry_row_q;
  logic [LaneW-1:0]         lane;
  logic [ExcessW-1:0]       excess;

  always_comb begin
    logic below;
    lane   = 'x;
    excess = 'x;
    rest   = '0;
    below  = 1'b0;
    if (left_q != '0) begin
      lane = '0;
      for (int l = 0; l < Lanes; l++) begin
        if (left_q[l] && !below) lane = LaneW'(l);
        rest[l] = left_q[l] && below;
        below   = below || left_q[l];
      end
      // v - threshold - 1, which is not negative
      excess = '0;
      for (int l = 0; l < Lanes; l++) if (lane == LaneW'(l)) excess = excess | ~below_q[l*ExcessW+:ExcessW];
    end
  end
  // Whether there is more than one is known before they are registered: the whole sweep waits for it.
  always_comb begin
    logic one, rest_one, rest_more;
    one       = 1'b0;
    more      = 1'b0;
    rest_one  = 1'b0;
    rest_more = 1'b0;
    if (stall_o || scan_i) begin
      for (int l = 0; l < Lanes; l++) begin
        more      = more || (one && candidate_i[l]);
        one       = one || candidate_i[l];
        rest_more = rest_more || (rest_one && rest[l]);
        rest_one  = rest_one || rest[l];
      end
      if (stall_o) more = rest_more;
    end
  end
  always_ff @(posedge clk_i) begin
    stall_o <= !rst_i && more;
    start_q <= !stall_o && scan_i && first_i;
    left_q  <= stall_o ? rest : scan_i ? candidate_i : '0;
    if (!stall_o && scan_i) begin
      below_q     <= below_i;
      entry_row_q <= row_i;
    end
  end

  // ---- is it better? Entries come in ascending rows, but one row may be split over several of them ----
  logic               first_q, any_q, better;
  logic [ExcessW-1:0] excess_q, best_q;
  logic [RowW-1:0]    row_q;
  logic [LaneW-1:0]   lane_q;

  always_comb begin
    better = 1'b0;
    if (any_q) better = !valid_o || {excess_q, row_q == row_o ? ~lane_q : '0} > {best_q, ~lane_o};
  end
  always_ff @(posedge clk_i) begin
    first_q  <= start_q;
    any_q    <= left_q != '0;
    excess_q <= excess;
    row_q    <= entry_row_q;
    lane_q   <= lane;
    if (first_q || better) begin
      best_q  <= excess_q;
      row_o   <= row_q;
      lane_o  <= lane_q;
      valid_o <= any_q;
    end
  end
endmodule
`default_nettype wire
