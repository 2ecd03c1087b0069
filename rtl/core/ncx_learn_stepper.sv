// SPDX-License-Identifier: BSD-3-Clause
// Walks one row for learning, a synapse of each lane a cycle: every word of a sparse row; of a dense row every local row,
// or only those in which a neuron fired, as the spike queue lists them. No synapse is met twice.
`default_nettype none
module ncx_learn_stepper #(
  parameter int unsigned Lanes   = 8,
  parameter int unsigned RowW    = 7,
  parameter int unsigned WeightW = 16,
  parameter int unsigned SynW    = 13,
  parameter int unsigned LenW    = 14,
  parameter int unsigned Entries = 512,     // of the spike queue
  localparam int unsigned FieldW = $clog2(32 / WeightW),
  localparam int unsigned GroupW = RowW - FieldW
) (
  input  wire logic              clk_i,
  input  wire logic              rst_i,
  input  wire logic              prepare_i,    // learning begins: the spike queue is full, and nobody else reads it
  input  wire logic              learn_i,      // from the cycle after that to its end
  input  wire logic              start_i,      // with the row; the first step comes in the next cycle
  input  wire logic [SynW-1:0]   base_i,
  input  wire logic [GroupW-1:0] group_i,
  input  wire logic [LenW-1:0]   length_i,     // >= 1
  input  wire logic              sparse_i,
  input  wire logic              all_i,        // every synapse may change, not only those to spiking neurons
  output      logic              last_o,       // last cycle of the walk
  // spike queue, an entry the cycle after its address
  input  wire logic [15:0]       entries_i,
  output      logic              queue_re_o,
  output      logic [15:0]       queue_addr_o,
  input  wire logic [RowW-1:0]   queue_row_i,
  input  wire logic [Lanes-1:0]  queue_mask_i,
  // the step
  output      logic              step_o,
  output      logic [SynW-1:0]   addr_o,
  output      logic              sparse_o,
  output      logic [RowW-1:0]   row_o,        // of a dense row; a sparse row's tag stands in its upper bits
  output      logic [FieldW-1:0] field_o,
  output      logic [Lanes-1:0]  mask_o
);
  // An entry is what the sweep's program has at most one of for each entry; a dense row has a word for each group at most.
  localparam int unsigned EntryW = $clog2(Entries + 1);
  localparam int unsigned DenseW = GroupW + 1;
  localparam int unsigned LongW  = DenseW > EntryW ? DenseW : EntryW;
  localparam int unsigned PlaceW = LenW > LongW ? LenW : LongW;
  localparam int unsigned EveryW = DenseW + FieldW > EntryW ? DenseW + FieldW : EntryW;

  typedef enum logic [1:0] {Idle, Words, Rows, Listed} state_e;
  state_e state_q;

  // The place in the row, or in the queue, and the one after it. Both are 0 while idle.
  logic [PlaceW-1:0] next_q, after, length, length_q;
  logic [SynW-1:0]   place_q, base_q, place;
  logic [GroupW-1:0] group_q, group_place;
  logic [GroupW:0]   offset;                  // of a listed row's group, from the row's first
  logic [FieldW-1:0] field_q;
  logic              every_row, in_range, row_done, prepare_q, prepared_q;
  // The queue is read ahead into a register; its first entry, with which every listed walk begins, has its own.
  logic [RowW-1:0]   first_row_q, entry_row_q;
  logic [Lanes-1:0]  first_mask_q, entry_mask_q;

  assign length    = PlaceW'(length_i);
  assign every_row = all_i || EveryW'(entries_i[EntryW-1:0]) >= EveryW'({length[DenseW-1:0], {FieldW{1'b0}}});

  assign offset   = {1'b0, entry_row_q[RowW-1:FieldW]} - {1'b0, group_q};
  assign in_range = !offset[GroupW] && offset < length_q[DenseW-1:0];

  assign after        = next_q + 1'b1;
  assign queue_re_o   = learn_i;
  assign queue_addr_o = prepare_q ? '0 : 16'(after);   // while idle 1

  assign place       = state_q == Listed ? SynW'(offset[GroupW-1:0]) : place_q;
  assign group_place = state_q == Listed ? offset[GroupW-1:0] : state_q == Rows ? GroupW'(place_q) : '0;
  assign step_o   = state_q == Words || state_q == Rows || (state_q == Listed && in_range);
  assign addr_o   = base_q + place;
  assign sparse_o = state_q == Words;
  assign field_o  = state_q == Listed ? entry_row_q[FieldW-1:0] : field_q;
  assign row_o    = {group_q + group_place, field_o};
  assign mask_o   = state_q == Listed ? entry_mask_q : '1;
  assign row_done = next_q == length_q;
  assign last_o   = state_q == Listed ? next_q[EntryW-1:0] == entries_i[EntryW-1:0]
                  : row_done && (state_q == Words || (state_q == Rows && &field_q));

  always_ff @(posedge clk_i) begin
    prepare_q  <= prepare_i;              // the last entry may just be written
    prepared_q <= prepare_q;
    if (prepared_q) {first_mask_q, first_row_q} <= {queue_mask_i, queue_row_i};
    if (start_i) {entry_mask_q, entry_row_q} <= {first_mask_q, first_row_q};
    else         {entry_mask_q, entry_row_q} <= {queue_mask_i, queue_row_i};
    if (start_i) begin
      base_q   <= base_i;
      group_q  <= group_i;
      length_q <= length;
    end
    if (state_q == Rows) field_q <= field_q + 1'b1;
    else                 field_q <= '0;
    if (last_o || (state_q == Idle && !start_i))  {next_q, place_q} <= '0;
    else if (state_q != Rows || &field_q)         {next_q, place_q} <= {after, SynW'(next_q)};
    if (rst_i)        state_q <= Idle;
    else if (start_i) state_q <= sparse_i ? Words : every_row ? Rows : Listed;
    else if (last_o)  state_q <= Idle;
  end
  logic unused;
  assign unused = &{1'b0, entries_i};

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) if (!rst_i) begin
    assert (!start_i || (state_q == Idle && next_q == '0));
    assert (!prepare_i || state_q == Idle);
    assert (!(start_i && !sparse_i && !every_row) || entries_i != '0);
  end
`endif
endmodule
`default_nettype wire
