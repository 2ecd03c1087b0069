// SPDX-License-Identifier: BSD-3-Clause
// Value of a kernel trace: what the spikes in a history add up to, by a small table for each four ticks of it.
`default_nettype none
module ncx_taps #(
  parameter int unsigned Profiles = 2,
  localparam int unsigned ProfW   = Profiles > 1 ? $clog2(Profiles) : 1,
  localparam int unsigned TraceW  = ncx_pkg::TraceW,
  localparam int unsigned NibbleW = 4,
  localparam int unsigned Nibbles = ncx_pkg::HistoryW / NibbleW,
  localparam int unsigned NibbleIndexW = $clog2(Nibbles),
  localparam int unsigned AddrW   = ProfW + 1 + NibbleW
) (
  input  wire logic                         clk_i,
  input  wire logic                         fetch_i,
  input  wire logic [ProfW-1:0]             profile_i,
  input  wire logic                         post_i,      // which side's taps
  input  wire logic                         newest_i,    // of the history only the newest spike
  input  wire logic [ncx_pkg::HistoryW-1:0] history_i,
  output      logic signed [TraceW-1:0]     value_o,     // one cycle later
  // configuration; read data one cycle after the request
  input  wire logic                         cfg_region_i,    // of an access, from before its request to its end
  input  wire logic                         cfg_i,
  input  wire logic                         cfg_write_i,
  input  wire logic [AddrW+NibbleIndexW-1:0] cfg_addr_i,
  input  wire logic [TraceW-1:0]            cfg_wdata_i,
  output      logic [TraceW-1:0]            cfg_rdata_o
);
  logic [ncx_pkg::HistoryW-1:0] spikes;
  logic [Nibbles*TraceW-1:0]    part_q;
  logic [AddrW-1:0]             cfg_addr;
  logic [NibbleIndexW-1:0]      cfg_nibble;

  assign cfg_nibble = cfg_addr_i[NibbleW+:NibbleIndexW];
  assign cfg_addr   = {cfg_addr_i[AddrW+NibbleIndexW-1:NibbleW+NibbleIndexW], cfg_addr_i[NibbleW-1:0]};

  // The newest spike is the lowest bit that is set: what a number and its negative share.
  assign spikes = newest_i ? history_i & (~history_i + 1'b1) : history_i;

  // A word that is read by the configuration is a sum with the other nibbles' parts of 0.
  for (genvar n = 0; n < Nibbles; n++) begin : g_nibble
    logic [TraceW-1:0] word;
    ncx_single_ram #(.Width(TraceW), .Depth(1 << AddrW)) u_table (
      .clk_i, .we_i(cfg_i && cfg_write_i && cfg_nibble == NibbleIndexW'(n)),
      .addr_i(cfg_region_i ? cfg_addr : {profile_i, post_i, spikes[n*NibbleW+:NibbleW]}), .wdata_i(cfg_wdata_i), .rdata_o(word)
    );
    always_ff @(posedge clk_i) begin
      if (cfg_region_i && cfg_nibble != NibbleIndexW'(n)) part_q[n*TraceW+:TraceW] <= '0;
      else if (cfg_region_i || fetch_i)                   part_q[n*TraceW+:TraceW] <= word;
    end
  end
  always_comb begin
    value_o = '0;
    for (int n = 0; n < Nibbles; n++) value_o = value_o + $signed(part_q[n*TraceW+:TraceW]);
  end
  assign cfg_rdata_o = value_o;
endmodule
`default_nettype wire
