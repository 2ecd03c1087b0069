// SPDX-License-Identifier: BSD-3-Clause
// Winner of a winner-take-all group: the candidate with the largest margin, the lowest slot at a tie.
// Two cycles after stage 5 of the last entry of the first pass the winner is known.
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
  // A margin of a candidate is positive: candidates compare as unsigned, others count as 0.
  logic [MarginW-1:0] best, best_q, margin_q;
  logic [LaneW-1:0]   lane, lane_q, winner_lane_q;
  logic               scan_q, first_q;
  logic [RowW-1:0]    row_q, winner_row_q;

  always_comb begin
    best = '0;
    lane = '0;
    for (int l = Lanes - 1; l >= 0; l--) begin
      if (candidate_i[l] && margin_i[l*MarginW+:MarginW] >= best) begin
        best = margin_i[l*MarginW+:MarginW];
        lane = LaneW'(l);
      end
    end
  end

  always_ff @(posedge clk_i) begin
    scan_q   <= scan_i;
    first_q  <= first_i;
    row_q    <= row_i;
    best_q   <= best;
    lane_q   <= lane;
    if (scan_q && (first_q || best_q > margin_q
                   || (best_q == margin_q && best_q != '0
                       && {row_q, lane_q} < {winner_row_q, winner_lane_q}))) begin
      margin_q      <= best_q;
      winner_row_q  <= row_q;
      winner_lane_q <= lane_q;
    end
  end

  assign valid_o = margin_q != '0;
  assign row_o   = winner_row_q;
  assign lane_o  = winner_lane_q;
endmodule
`default_nettype wire
