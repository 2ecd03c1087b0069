// SPDX-License-Identifier: BSD-3-Clause
// A reply's bytes: header, status, state, free entries, tick, what an answer adds to them, then the words that were read.
// What the fixed part says is kept when the request is finished; a byte takes two cycles, and is chosen in the first.
`default_nettype none
module ncx_reply #(
  parameter int unsigned LengthW = 11,             // of a payload's length
  parameter int unsigned StatusW = 4
) (
  input  wire logic               clk_i,
  input  wire logic               rst_i,
  // phases: the request is finished, its fixed part goes out, its words do
  input  wire logic               finish_i,
  input  wire logic               fixed_i,
  input  wire logic               data_i,
  input  wire logic [3:0]         index_i,         // of the fixed part's byte
  output      logic               load_o,          // a byte is chosen
  output      logic               fixed_end_o,     // it is the fixed part's last
  // what is answered
  input  wire logic               is_hello_i,
  input  wire logic               is_read_i,
  input  wire logic               is_check_i,
  input  wire logic [5:0]         code_i,
  input  wire logic [7:0]         sequence_i,
  input  wire logic [StatusW-1:0] status_i,
  input  wire logic [7:0]         expected_i,      // the sequence number
  input  wire logic [LengthW-1:0] read_length_i,   // ReplyFixed and the bytes of all words that are read
  input  wire logic [7:0]         state_i,
  input  wire logic [15:0]        free_i,
  input  wire logic [31:0]        tick_i,
  input  wire logic [31:0]        position_i,      // of the stream
  input  wire logic [31:0]        crc_i,
  // the words
  input  wire logic               sends_words_i,
  input  wire logic               word_valid_i,
  input  wire logic [7:0]         word_data_i,
  input  wire logic               word_last_i,
  // to ncx_frame_tx
  output      logic               valid_o,
  input  wire logic               ready_i,
  output      logic [7:0]         data_o,
  output      logic               last_o
);
  localparam int unsigned ReplyFixed = 8;          // status, state, free, tick
  localparam int unsigned InfoUnit   = 4;          // bytes of a word of INFO
  localparam logic [3:0]  LastFixed  = 4'd11;      // last byte of the fixed part with its header

  // ---- lengths ----
  logic [LengthW-1:0] data_length, length_q;       // of the payload
  logic [3:0]         last_q, last;
  logic               ok, out_of_order;

  assign ok           = status_i == ncx_pkg::StatusOk[StatusW-1:0];
  assign out_of_order = status_i == ncx_pkg::StatusOutOfOrder[StatusW-1:0];
  always_comb begin
    data_length = 'x;
    last        = 'x;
    if (finish_i) begin
      data_length = LengthW'(ReplyFixed);
      last        = LastFixed;
      if (out_of_order) begin
        data_length = LengthW'(ReplyFixed + 1);
        last        = LastFixed + 4'd1;
      end else if (is_check_i && (ok || status_i == ncx_pkg::StatusCrcMismatch[StatusW-1:0])) begin
        data_length = LengthW'(ReplyFixed + 4);
        last        = LastFixed + 4'd4;
      end else if (is_hello_i && ok) begin
        data_length = LengthW'(ReplyFixed + 4 + ncx_pkg::InfoWords * InfoUnit);
        last        = LastFixed + 4'd4;
      end else if (is_read_i && ok) begin
        data_length = read_length_i;
      end
    end
  end

  // ---- bytes by fours, then one of the fours ----
  logic [31:0] tick_q;
  logic [15:0] free_q, length;
  logic [7:0]  state_q, extra, fixed;

  function automatic logic [7:0] byte_of(input logic [31:0] four, input logic [1:0] index);
    case (index)
      2'd0:    byte_of = four[7:0];
      2'd1:    byte_of = four[15:8];
      2'd2:    byte_of = four[23:16];
      default: byte_of = four[31:24];
    endcase
  endfunction
  assign length = 16'(length_q);
  always_comb begin
    extra = 'x;
    fixed = 'x;
    if (fixed_i) begin
      extra = is_hello_i ? byte_of(position_i, index_i[1:0]) : byte_of(crc_i, index_i[1:0]);
      if (out_of_order) extra = expected_i;
      case (index_i[3:2])
        2'd0:    fixed = byte_of({length, sequence_i, ncx_pkg::ProtocolVersion[1:0], code_i | ncx_pkg::ReplyReply}, index_i[1:0]);
        2'd1:    fixed = byte_of({free_q, state_q, 8'(status_i)}, index_i[1:0]);
        2'd2:    fixed = byte_of(tick_q, index_i[1:0]);
        default: fixed = extra;
      endcase
    end
  end
  always_ff @(posedge clk_i) begin
    if (finish_i) begin
      tick_q   <= tick_i;
      free_q   <= free_i;
      state_q  <= state_i;
      last_q   <= last;
      length_q <= data_length;
    end
    if (load_o) begin
      data_o <= data_i ? word_data_i : fixed;
      last_o <= data_i ? word_last_i : fixed_end_o && !sends_words_i;
    end
    valid_o <= (valid_o ? !ready_i : load_o) && !rst_i;
  end
  assign fixed_end_o = index_i == last_q;
  assign load_o      = !valid_o && (fixed_i || (data_i && word_valid_i));
endmodule
`default_nettype wire
