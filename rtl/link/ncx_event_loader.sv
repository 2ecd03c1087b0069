// SPDX-License-Identifier: BSD-3-Clause
// Takes the event words of an EVENTS request to the core's queue.
// Two passes over the words: the first only looks, so that a request is refused as a whole; the
// second pushes. The queue's event tick is moved with advance entries just before the event that
// needs it. Distances between ticks are 32 bits wide: what is taken of one is registered, and looked
// at a cycle later.
`default_nettype none
module ncx_event_loader #(
  parameter int unsigned Neurons      = 1024,
  parameter int unsigned Axons        = 1024,
  parameter int unsigned EventEntries = 512,
  parameter int unsigned WordsW       = 10
) (
  input  wire logic                       clk_i,
  input  wire logic                       rst_i,
  input  wire logic                       start_i,
  input  wire logic [WordsW-1:0]          words_i,        // held until done_o, like base_i
  input  wire logic [31:0]                base_i,
  input  wire logic [31:0]                until_i,        // in force before the request
  output      logic                       done_o,         // high from the end to the next start
  output      logic [3:0]                 status_o,       // then
  // the words' bytes
  input  wire logic [7:0]                 in_data_i,
  output      logic                       in_next_o,
  output      logic                       rewind_o,       // back to the first event word
  // the core's queue
  output      logic                       event_valid_o,
  input  wire logic                       event_ready_i,
  output      logic [1:0]                 event_kind_o,
  output      logic [ncx_pkg::IdW-1:0]    event_id_o,
  output      logic [ncx_pkg::StateW-1:0] event_value_o,
  input  wire logic [15:0]                event_free_i,   // may be behind by some cycles
  input  wire logic [31:0]                event_tick_i
);
  localparam int unsigned IdW     = ncx_pkg::IdW;
  localparam int unsigned StateW  = ncx_pkg::StateW;
  localparam int unsigned WordW   = ncx_pkg::StreamWordW;
  localparam int unsigned HighW   = 2 * WordW - StateW + 1;   // bits that repeat a current's sign
  localparam int unsigned FarW    = 32 - StateW;
  localparam int unsigned RoomW   = WordsW + 1;     // holds the words, all far advances and the spare
  localparam int unsigned Spare   = 2;                        // entries beside one a word
  localparam logic [1:0]  KindAxon    = 2'd0;
  localparam logic [1:0]  KindCurrent = 2'd1;
  localparam logic [1:0]  KindAdvance = 2'd2;
  localparam logic [WordW-1:0] CurrentWord = 16'hC000;

  typedef enum logic [3:0] {Idle, Low, High, Look, Judge, Rewind, Compare, Push, Follow} state_e;
  // What the next word is: a word of its own, or one of a current's three more.
  typedef enum logic [1:0] {Lead, Slot, ValueLow, ValueHigh} part_e;
  state_e              state_q;
  part_e               part_q;
  logic                pushing_q, bad_q, late_q, seen_q, current_q, base_q;
  // The first event was seen one, two and three cycles ago: its distance to the queue's tick is there, that to `until`,
  // the entries it needs.
  logic [2:0]          seen_before_q;
  logic [WordsW-1:0]   left_q;
  logic [7:0]          low_q, high_q;
  logic [WordW-1:0]    word, value_low_q;
  logic [IdW-1:0]      id_q;
  logic [StateW-1:0]   value_q;
  logic [31:0]         tick_q, distance_q, reference;
  logic [FarW-1:0]     far_q;
  logic [RoomW-1:0]    need_q;
  logic                word_here, is_axon, is_advance, is_current, event_here, no_id, malformed;
  logic                restart;
  logic                moved, at_tick_q, distant_q, below_q, empty_q, full_q, refused;

  assign restart    = start_i || state_q == Rewind;
  assign word       = {high_q, low_q};
  assign word_here  = state_q == Look;
  assign in_next_o  = state_q == Low || state_q == High;
  assign is_axon    = !word[WordW-1];
  assign is_advance = word[WordW-1-:2] == 2'b10;
  assign is_current = word == CurrentWord;
  assign event_here = word_here && ((part_q == Lead && is_axon) || part_q == ValueHigh);

  always_comb begin
    no_id     = 1'b0;
    malformed = 1'b0;
    if (word_here) begin
      case (part_q)
        Lead: begin
          no_id     = is_axon && 32'(word) >= Axons;
          malformed = (is_advance && word[WordW-3:0] == '0)
                      || (!is_axon && !is_advance && !is_current);
        end
        Slot:      no_id = 32'(word) >= Neurons;
        ValueHigh: malformed = word[WordW-1:WordW-HighW+1] != {(HighW-1){word[WordW-HighW]}};
        default: ;
      endcase
    end
  end

  // The first event's tick meets the queue's when it is seen, and `until` a cycle later.
  assign reference = seen_before_q[0] ? until_i : event_tick_i;
  always_ff @(posedge clk_i) if (start_i || state_q != Idle) begin
    {below_q, distance_q} <= {1'b0, tick_q} - {1'b0, reference};
    at_tick_q <= distance_q == '0;
    distant_q <= distance_q[31:StateW] != '0;
    // An advance has StateW bits; from an empty queue each is taken out as soon as it is in.
    empty_q   <= event_free_i == 16'(EventEntries);
    need_q    <= RoomW'(words_i) + (RoomW'(far_q) & ~{RoomW{empty_q}}) + RoomW'(Spare);
    full_q    <= !start_i && event_free_i[15:RoomW] == '0 && need_q > event_free_i[RoomW-1:0];
  end
  assign refused   = bad_q || part_q != Lead || late_q || full_q;

  assign event_valid_o = state_q == Push;
  assign event_kind_o  = !at_tick_q ? KindAdvance : current_q ? KindCurrent : KindAxon;
  assign event_id_o    = id_q;
  assign event_value_o = at_tick_q ? value_q : distance_q[StateW-1:0] | {StateW{distant_q}};
  assign moved         = event_valid_o && event_ready_i;
  assign done_o        = state_q == Idle;
  assign rewind_o      = state_q == Rewind;

  always_ff @(posedge clk_i) if (rst_i || start_i || state_q != Idle) begin
    if (state_q == Low)  low_q  <= in_data_i;
    if (state_q == High) high_q <= in_data_i;
    if (word_here) begin
      case (part_q)
        Lead:     begin id_q <= word[IdW-1:0]; current_q <= is_current; end
        Slot:     id_q <= word[IdW-1:0];
        ValueLow: value_low_q <= word;
        default:  value_q <= {word[StateW-WordW-1:0], value_low_q};
      endcase
    end
    // The base is added to zero, as every advance is added to it.
    base_q <= restart;
    if (restart)     tick_q <= '0;
    else if (base_q || (word_here && part_q == Lead && is_advance)) begin
      tick_q <= tick_q + (base_q ? base_i : 32'(word[WordW-3:0]));
    end
    if (restart || word_here) left_q <= {{(WordsW-1){1'b1}}, restart} - ~(restart ? words_i : left_q);
    seen_before_q <= {seen_before_q[1:0], event_here && !seen_q && !start_i} & ~{3{rst_i || start_i}};
    if (start_i) begin
      pushing_q <= 1'b0;
      bad_q     <= 1'b0;
      late_q    <= 1'b0;
      seen_q    <= 1'b0;
      far_q     <= '0;
    end else begin
      if (state_q == Rewind) pushing_q <= 1'b1;
      if (no_id || malformed) bad_q <= 1'b1;
      // Ticks only rise within a request, so the first event is the one that can be late.
      if (event_here) seen_q <= 1'b1;
      if (seen_before_q[0]) far_q <= distance_q[31:StateW];
      if (seen_before_q[1:0] != '0 && below_q) late_q <= 1'b1;
    end

    if (start_i) begin
      part_q <= Lead;
    end else if (word_here) begin
      case (part_q)
        Lead:     if (is_current) part_q <= Slot;
        Slot:     part_q <= ValueLow;
        ValueLow: part_q <= ValueHigh;
        default:  part_q <= Lead;
      endcase
    end

    if (rst_i) begin
      state_q  <= Idle;
      status_o <= ncx_pkg::StatusOk[3:0];
    end else begin
      case (state_q)
        Idle: if (start_i) state_q <= words_i == '0 ? Judge : Low;
        Low:  state_q <= High;
        High: state_q <= Look;
        Look: begin
          if (pushing_q && event_here)   state_q <= Compare;
          else if (left_q != WordsW'(1)) state_q <= Low;
          else                           state_q <= pushing_q ? Idle : Judge;
        end
        Judge: if (seen_before_q == '0) begin
          status_o <= bad_q || part_q != Lead ? ncx_pkg::StatusBadValue[3:0]
                      : late_q ? ncx_pkg::StatusLate[3:0]
                      : full_q ? ncx_pkg::StatusFull[3:0] : ncx_pkg::StatusOk[3:0];
          state_q  <= refused || words_i == '0 ? Idle : Rewind;
        end
        Rewind:  state_q <= Low;
        Compare: state_q <= Push;
        Push:    if (moved) state_q <= !at_tick_q ? Follow : left_q == '0 ? Idle : Low;
        default: state_q <= Compare;   // the queue's event tick follows a cycle after an advance
      endcase
    end
  end

`ifndef SYNTHESIS
  // What was looked at in the first pass still holds in the second.
  always_ff @(posedge clk_i) if (!rst_i) assert (!(state_q == Push && below_q));
`endif
endmodule
`default_nettype wire
