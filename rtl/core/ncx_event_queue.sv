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
  output      logic [15:0]                free_o,         // beside the head; a cycle old
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
  logic [31:0]     push_tick_q, wait_sum, wait_q;        // the head's tick - tick_i, modulo 2^32
  logic            push, pop, next_valid, next_advance, take_next, take_advance, head_valid_q, empty_q, now_q, owed_q, flush_q;
  logic [1:0]      next_kind;
  logic [IdW-1:0]    next_id;
  logic [StateW-1:0] next_value;

  assign push_ready_o = write_q != {~read_q[AddrW], read_q[AddrW-1:0]};
  assign push         = push_valid_i && push_ready_o;
  assign push_tick_o  = push_tick_q;

  // The head is a register in front of the RAM, which shows the entry after it. written_q trails by a cycle: an entry can be
  // read the cycle after it is stored.
  assign next_valid   = read_q != written_q;
  assign next_advance = next_kind == KindAdvance;
  assign take_next    = next_valid && !owed_q && (!head_valid_q || pop);
  assign take_advance = take_next && next_advance;
  assign read_next    = read_q + {{AddrW{1'b0}}, take_next};
  // The link refuses events of ticks that may have run, so none is ever late.
  assign due_valid_o  = head_valid_q && now_q;
  assign settled_o    = head_valid_q || empty_q;
  assign pop          = due_valid_o && due_ready_i;
  ncx_adder #(.Width(32)) u_wait (.a_i(wait_q), .b_i(owed_q ? '1 : 32'(next_value)), .sum_o(wait_sum));

  ncx_ram #(.Width(2 + IdW + StateW), .Depth(Entries), .Style(1)) u_ram (
    .clk_i, .we_i(push), .waddr_i(write_q[AddrW-1:0]), .wdata_i({push_kind_i, push_id_i, push_value_i}),
    .re_i(1'b1), .raddr_i(read_next[AddrW-1:0]), .rdata_o({next_kind, next_id, next_value})
  );

  always_ff @(posedge clk_i) begin
    flush_q <= rst_i || flush_i;
    if (flush_q)                                  push_tick_q <= tick_i;
    else if (push && push_kind_i == KindAdvance)  push_tick_q <= push_tick_q + 32'(push_value_i);
    if (take_next) begin
      due_current_o <= next_kind == KindCurrent;
      due_id_o      <= next_id;
      due_value_o   <= next_value;
    end
    // A cycle behind an advance, as is the head. A tick's end is subtracted a cycle later, but seen at once.
    owed_q <= tick_end_i && !rst_i && !flush_i;
    now_q  <= wait_q[31:1] == '0 && wait_q[0] == (tick_end_i || owed_q);
    free_o <= 16'((AddrW+1)'({~read_q[AddrW], read_q[AddrW-1:0]} - write_q));
    if (rst_i || flush_i) begin
      write_q      <= '0;
      read_q       <= '0;
      written_q    <= '0;
      head_valid_q <= 1'b0;
      empty_q      <= 1'b1;
      wait_q       <= '0;
    end else begin
      written_q <= write_q;
      read_q    <= read_next;
      if (push) write_q <= write_q + 1'b1;
      empty_q   <= !push && !take_next && read_q == write_q;
      if (take_next || pop) head_valid_q <= take_next && !next_advance;
      if (take_advance || owed_q) wait_q <= wait_sum;
    end
  end

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) if (!rst_i) assert (free_o <= 16'(Entries));
`endif
endmodule
`default_nettype wire
