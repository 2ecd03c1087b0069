// SPDX-License-Identifier: BSD-3-Clause
// The spikes of one tick as the sweep finds them: a local row and the lanes that fired. It is read twice, by the publisher
// after the sweep and by the gather of the next tick.
`default_nettype none
module ncx_spike_queue #(
  parameter int unsigned Lanes   = 8,
  parameter int unsigned RowW    = 7,
  parameter int unsigned Entries = 512,
  localparam int unsigned AddrW  = $clog2(Entries)
) (
  input  wire logic               clk_i,
  input  wire logic               rst_i,
  input  wire logic               clear_i,
  input  wire logic               push_i,
  input  wire logic [RowW-1:0]    push_row_i,
  input  wire logic [Lanes-1:0]   push_mask_i,
  input  wire logic               set_i,           // configuration: number of entries
  input  wire logic [15:0]        set_entries_i,
  output      logic [15:0]        entries_o,
  output      logic               spiked_o,        // an entry since clear_i
  output      logic [15:0]        spikes_o,        // since clear_i, but for an entry of the last cycle
  input  wire logic               re_i,            // entry one cycle later
  input  wire logic [AddrW-1:0]   raddr_i,
  output      logic [RowW-1:0]    row_o,
  output      logic [Lanes-1:0]   mask_o,
  input  wire logic               cfg_i,
  input  wire logic               cfg_write_i,
  input  wire logic [AddrW:0]     cfg_addr_i,
  input  wire logic [(Lanes > RowW ? Lanes : RowW)-1:0] cfg_wdata_i,
  output      logic [31:0]        cfg_rdata_o
);
  logic [15:0]     entries_q, spikes_q;
  logic [RowW-1:0] half_q;
  logic            cfg_half_q, cfg_store;
  logic [$clog2(Lanes):0] fired, fired_q;

  assign cfg_store = cfg_i && cfg_write_i && cfg_addr_i[0];
  always_comb begin
    fired = '0;
    for (int l = 0; l < Lanes; l++) fired = fired + {{$clog2(Lanes){1'b0}}, push_mask_i[l]};
  end

  ncx_ram #(.Width(Lanes + RowW), .Depth(Entries), .Style(0)) u_ram (
    .clk_i, .we_i(push_i || cfg_store),
    .waddr_i(cfg_store ? cfg_addr_i[AddrW:1] : entries_q[AddrW-1:0]),
    .wdata_i(cfg_store ? {cfg_wdata_i[Lanes-1:0], half_q} : {push_mask_i, push_row_i}),
    .re_i(re_i || cfg_i), .raddr_i(cfg_i ? cfg_addr_i[AddrW:1] : raddr_i),
    .rdata_o({mask_o, row_o})
  );

  always_ff @(posedge clk_i) begin
    if (cfg_i && cfg_write_i && !cfg_addr_i[0]) half_q <= cfg_wdata_i[RowW-1:0];
    cfg_half_q <= cfg_addr_i[0];
    if (rst_i || clear_i) begin
      entries_q <= '0;
      spiked_o  <= 1'b0;
      fired_q   <= '0;
      spikes_q  <= '0;
    end else begin
      if (set_i)       entries_q <= set_entries_i;
      else if (push_i) entries_q <= entries_q + 1'b1;
      if (push_i) spiked_o <= 1'b1;
      fired_q  <= push_i ? fired : '0;
      spikes_q <= spikes_q + 16'(fired_q);
    end
  end

  assign entries_o   = entries_q;
  assign spikes_o    = spikes_q;
  assign cfg_rdata_o = cfg_half_q ? 32'(mask_o) : 32'(row_o);

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) if (!rst_i) assert (!push_i || 32'(entries_q) < Entries);
`endif
endmodule
`default_nettype wire
