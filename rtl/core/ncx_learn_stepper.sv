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
  input  wire logic              start_i,      // the row below is to be walked; the first step comes in the next cycle
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
  localparam int unsigned PlaceW = LenW > DenseW ? LenW : DenseW;
  localparam int unsigned EveryW = DenseW + FieldW > EntryW ? DenseW + FieldW : EntryW;

  if (SynW < GroupW) $error("the synapse memory is too small for a row to every neuron");

  // Words of a row are counted from its group on, or its tag: origin_q is where place 0 would lie. What may be a row is taken
  // in every cycle until one starts, which is known late.
  logic              running_q, sparse_q, every_q, listed, in_range, row_done;
  logic [SynW-1:0]   origin_q, place_q, place;
  logic [PlaceW-1:0] ahead_q, end_q, after;  // the place after place_q, and the first behind the row
  logic [GroupW-1:0] group_q, entry_group;
  logic [FieldW-1:0] field_q;
  // The queue is read ahead into a register; its first entry, with which every listed walk begins, has its own.
  logic              prepare_q, prepared_q;
  logic [EntryW-1:0] next_q, next;           // number of the entry behind that of entry_row_q
  logic [RowW-1:0]   first_row_q, entry_row_q;
  logic [Lanes-1:0]  first_mask_q, entry_mask_q;

  assign next         = next_q + 1'b1;
  assign queue_re_o   = learn_i;
  assign queue_addr_o = prepare_q ? '0 : running_q ? 16'(next) : 16'd1;

  assign listed      = !sparse_q && !every_q;
  assign entry_group = entry_row_q[RowW-1:FieldW];
  assign in_range    = entry_group >= group_q && {1'b0, entry_group} < end_q[DenseW-1:0];
  assign after       = (running_q ? ahead_q : PlaceW'(group_i)) + 1'b1;

  assign place    = listed ? SynW'(entry_group) : place_q;
  assign step_o   = running_q && (!listed || in_range);
  assign addr_o   = origin_q + place;
  assign sparse_o = sparse_q;
  assign field_o  = listed ? entry_row_q[FieldW-1:0] : field_q;
  assign row_o    = {listed ? entry_group : sparse_q ? group_q : place_q[GroupW-1:0], field_o};
  assign mask_o   = listed ? entry_mask_q : '1;
  assign row_done = ahead_q == end_q;
  assign last_o   = running_q && (listed ? next_q == entries_i[EntryW-1:0] : row_done && (sparse_q || &field_q));

  always_ff @(posedge clk_i) begin
    prepare_q  <= prepare_i;              // the last entry may just be written
    prepared_q <= prepare_q;
    if (prepared_q) {first_mask_q, first_row_q} <= {queue_mask_i, queue_row_i};
    if (!running_q) begin
      sparse_q <= sparse_i;
      every_q  <= all_i || EveryW'(entries_i[EntryW-1:0]) >= EveryW'({length_i[DenseW-1:0], {FieldW{1'b0}}});
      group_q  <= group_i;
      origin_q <= base_i - SynW'(group_i);
      end_q    <= PlaceW'(group_i) + PlaceW'(length_i);
      place_q  <= SynW'(group_i);
      ahead_q  <= after;
      field_q  <= '0;
      next_q   <= EntryW'(1);
      {entry_mask_q, entry_row_q} <= {first_mask_q, first_row_q};
    end else begin
      if (sparse_q || &field_q) {ahead_q, place_q} <= {after, SynW'(ahead_q)};
      if (!sparse_q) field_q <= field_q + 1'b1;
      next_q <= next;
      {entry_mask_q, entry_row_q} <= {queue_mask_i, queue_row_i};
    end
    if (rst_i) running_q <= 1'b0;
    else       running_q <= start_i || (running_q && !last_o);
  end
  logic unused;
  assign unused = &{1'b0, entries_i};

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) if (!rst_i) begin
    assert (!(start_i || prepare_i) || !running_q);
    assert (!(running_q && listed) || entries_i != '0);
  end
`endif
endmodule
`default_nettype wire
