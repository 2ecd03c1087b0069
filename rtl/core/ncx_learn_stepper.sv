// SPDX-License-Identifier: BSD-3-Clause
// Walks one row for learning, a synapse of each lane a cycle: every word of a sparse row; of a dense row every local row,
// or only those in which a neuron fired, as the spike queue lists them.
// A spike queue entry above the one before it may name a word whose new value is still on its way: it waits.
`default_nettype none
module ncx_learn_stepper #(
  parameter int unsigned Lanes   = 8,
  parameter int unsigned RowW    = 7,
  parameter int unsigned WeightW = 16,
  parameter int unsigned SynW    = 13,
  parameter int unsigned LenW    = 14,
  localparam int unsigned FieldW = $clog2(32 / WeightW),
  localparam int unsigned GroupW = RowW - FieldW
) (
  input  wire logic              clk_i,
  input  wire logic              rst_i,
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
  output      logic [Lanes-1:0]  mask_o,
  output      logic              same_o        // in the same word as the step before
);
  localparam int unsigned Settle = 5;          // cycles that a descending entry waits
  localparam int unsigned CountW = LenW + FieldW > 16 ? LenW + FieldW : 16;

  typedef enum logic [1:0] {Idle, Words, Rows, Entries} state_e;
  state_e state_q;

  logic [SynW-1:0]   addr_q;
  logic [GroupW-1:0] group_q, queue_group, offset;
  logic [LenW-1:0]   left_q;
  logic [FieldW-1:0] field_q;
  logic [15:0]       entry_q;
  logic [RowW-1:0]   before_q;
  logic              fresh_q, every_row, hold, take, in_range;
  logic [2:0]        settle_q;
  logic [SynW-1:0]   stepped_q;

  assign every_row = all_i || CountW'(entries_i) >= CountW'({length_i, {FieldW{1'b0}}});

  assign queue_group = queue_row_i[RowW-1:FieldW];
  assign offset      = queue_group - group_q;
  assign in_range    = queue_group >= group_q && LenW'(offset) < left_q;
  assign hold        = !fresh_q && queue_row_i < before_q && settle_q != Settle[2:0];
  assign take        = state_q == Entries && !hold;

  assign queue_re_o   = start_i || take;
  assign queue_addr_o = start_i ? '0 : entry_q + 16'd1;

  assign step_o   = state_q == Words || state_q == Rows || (take && in_range);
  assign addr_o   = state_q == Entries ? addr_q + SynW'(offset) : addr_q;
  assign sparse_o = state_q == Words;
  assign row_o    = state_q == Entries ? queue_row_i : {group_q, field_q};
  assign field_o  = row_o[FieldW-1:0];
  assign mask_o   = state_q == Entries ? queue_mask_i : '1;
  assign same_o   = !fresh_q && settle_q == '0 && addr_o == stepped_q && state_q != Words;
  assign last_o   = (state_q == Words && left_q == LenW'(1))
                    || (state_q == Rows && left_q == LenW'(1) && &field_q)
                    || (take && entry_q + 16'd1 == entries_i);

  always_ff @(posedge clk_i) begin
    if (step_o) stepped_q <= addr_o;
    if (start_i) begin
      addr_q   <= base_i;
      group_q  <= group_i;
      left_q   <= length_i;
      field_q  <= '0;
      entry_q  <= '0;
      fresh_q  <= 1'b1;
      settle_q <= '0;
    end else begin
      case (state_q)
        Words: begin
          addr_q <= addr_q + 1'b1;
          left_q <= left_q - 1'b1;
        end
        Rows: begin
          field_q <= field_q + 1'b1;
          if (&field_q) begin
            addr_q  <= addr_q + 1'b1;
            group_q <= group_q + 1'b1;
            left_q  <= left_q - 1'b1;
          end
          fresh_q <= 1'b0;
        end
        Entries: begin
          if (hold) settle_q <= settle_q + 1'b1;
          else begin
            settle_q <= '0;
            before_q <= queue_row_i;
            entry_q  <= entry_q + 1'b1;
            fresh_q  <= 1'b0;
          end
        end
        default: ;
      endcase
    end
    if (rst_i)        state_q <= Idle;
    else if (start_i) state_q <= sparse_i ? Words : every_row ? Rows : Entries;
    else if (last_o)  state_q <= Idle;
  end

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) if (!rst_i) begin
    assert (!start_i || state_q == Idle);
    assert (!(start_i && !sparse_i && !every_row) || entries_i != '0);
  end
`endif
endmodule
`default_nettype wire
