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
  input  wire logic                         cfg_i,
  input  wire logic                         cfg_write_i,
  input  wire logic [AddrW+NibbleIndexW-1:0] cfg_addr_i,
  input  wire logic [TraceW-1:0]            cfg_wdata_i,
  output      logic [TraceW-1:0]            cfg_rdata_o
);
  logic [ncx_pkg::HistoryW-1:0] spikes;
  logic [Nibbles*TraceW-1:0]    part;
  logic [AddrW-1:0]             cfg_addr;
  logic [NibbleIndexW-1:0]      cfg_nibble, cfg_nibble_q;

  assign spikes     = newest_i ? history_i & (~history_i + 1'b1) : history_i;
  assign cfg_nibble = cfg_addr_i[NibbleW+:NibbleIndexW];
  assign cfg_addr   = {cfg_addr_i[AddrW+NibbleIndexW-1:NibbleW+NibbleIndexW], cfg_addr_i[NibbleW-1:0]};

  for (genvar n = 0; n < Nibbles; n++) begin : g_nibble
    ncx_ram #(.Width(TraceW), .Depth(1 << AddrW), .Style(2)) u_table (
      .clk_i, .we_i(cfg_i && cfg_write_i && cfg_nibble == NibbleIndexW'(n)), .waddr_i(cfg_addr),
      .wdata_i(cfg_wdata_i), .re_i(fetch_i || cfg_i),
      .raddr_i(cfg_i ? cfg_addr : {profile_i, post_i, spikes[n*NibbleW+:NibbleW]}),
      .rdata_o(part[n*TraceW+:TraceW])
    );
  end

  always_comb begin
    value_o     = '0;
    cfg_rdata_o = '0;
    for (int n = 0; n < Nibbles; n++) begin
      value_o = value_o + $signed(part[n*TraceW+:TraceW]);
      if (cfg_nibble_q == NibbleIndexW'(n)) cfg_rdata_o = part[n*TraceW+:TraceW];
    end
  end
  always_ff @(posedge clk_i) if (cfg_i) cfg_nibble_q <= cfg_nibble;
endmodule
`default_nettype wire
