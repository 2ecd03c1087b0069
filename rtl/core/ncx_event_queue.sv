// SPDX-License-Identifier: BSD-3-Clause
// Input events on their way to their ticks: axon spikes, currents, and advances of the event tick between them.
// Advances are taken out as soon as they come to the head, so the head is always an event with a known tick.
`default_nettype none
module ncx_event_queue #(
  parameter int unsigned Entries = 512,     // power of two
  parameter int unsigned IdW     = 10,
  localparam int unsigned AddrW  = $clog2(Entries)
) (
  input  wire logic                       clk_i,
  input  wire logic                       rst_i,
  input  wire logic                       flush_i,        // forget everything
  input  wire logic [31:0]                tick_i,         // from the cycle after flush_i on: event tick after that
  input  wire logic                       tick_end_i,     // tick_i rises by one
  input  wire logic                       push_valid_i,
  output      logic                       push_ready_o,
  input  wire logic [1:0]                 push_kind_i,    // 0 axon, 1 current, 2 advance
  input  wire logic [IdW-1:0]             push_id_i,
  input  wire logic [ncx_pkg::StateW-1:0] push_value_i,
  output      logic [15:0]                free_o,
  output      logic [31:0]                push_tick_o,    // tick of an event pushed now
  output      logic                       settled_o,      // head known, or nothing queued
  output      logic                       due_valid_o,    // the head is due in tick_i
  input  wire logic                       due_ready_i,
  output      logic                       due_current_o,
  output      logic [IdW-1:0]             due_id_o,
  output      logic [ncx_pkg::StateW-1:0] due_value_o
);
  localparam int unsigned StateW = ncx_pkg::StateW;
  localparam logic [1:0] KindCurrent = 2'd1;
  localparam logic [1:0] KindAdvance = 2'd2;

  logic [AddrW:0]  write_q, read_q, written_q, read_next;
  logic [31:0]     push_tick_q, wait_q;        // the head's tick - tick_i, modulo 2^32
  logic            push, pop, head_valid, head_advance, take_advance, flush_q;
  logic [1:0]      head_kind;
  logic [AddrW:0]  free;

  assign free         = {~read_q[AddrW], read_q[AddrW-1:0]} - write_q;
  assign push_ready_o = free != '0;
  assign push         = push_valid_i && push_ready_o;
  assign free_o       = 16'(free);
  assign push_tick_o  = push_tick_q;

  // written_q trails by a cycle: an entry can be read the cycle after it is stored.
  assign head_valid    = read_q != written_q;
  assign head_advance  = head_valid && head_kind == KindAdvance;
  // The link refuses events of ticks that may have run, so none is ever late.
  assign due_valid_o   = head_valid && !head_advance && wait_q == '0;
  assign settled_o     = (read_q == write_q) || (head_valid && !head_advance);
  assign due_current_o = head_kind == KindCurrent;
  assign take_advance  = head_advance && !tick_end_i;
  assign pop           = take_advance || (due_valid_o && due_ready_i);
  assign read_next     = read_q + {{AddrW{1'b0}}, pop};

  ncx_ram #(.Width(2 + IdW + StateW), .Depth(Entries), .Style(1)) u_ram (
    .clk_i, .we_i(push), .waddr_i(write_q[AddrW-1:0]), .wdata_i({push_kind_i, push_id_i, push_value_i}),
    .re_i(1'b1), .raddr_i(read_next[AddrW-1:0]), .rdata_o({head_kind, due_id_o, due_value_o})
  );

  always_ff @(posedge clk_i) begin
    flush_q <= rst_i || flush_i;
    if (flush_q)                                  push_tick_q <= tick_i;
    else if (push && push_kind_i == KindAdvance)  push_tick_q <= push_tick_q + 32'(push_value_i);
    if (rst_i || flush_i) begin
      write_q   <= '0;
      read_q    <= '0;
      written_q <= '0;
      wait_q    <= '0;
    end else begin
      written_q <= write_q;
      read_q    <= read_next;
      if (push) write_q <= write_q + 1'b1;
      if (head_advance || tick_end_i) wait_q <= wait_q + (tick_end_i ? '1 : 32'(due_value_o));
    end
  end

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) if (!rst_i) assert (free <= (AddrW+1)'(Entries));
`endif
endmodule
`default_nettype wire
