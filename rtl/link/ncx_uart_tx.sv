// SPDX-License-Identifier: BSD-3-Clause
// UART transmitter, 8N1: bytes to pin. Bytes that are there in time follow without a gap.
`default_nettype none
module ncx_uart_tx #(
  parameter int unsigned ClockHz = 100_000_000,
  parameter int unsigned Baud    = 1_000_000     // at most ClockHz / 16
) (
  input  wire logic       clk_i,
  input  wire logic       rst_i,
  input  wire logic       valid_i,
  output      logic       ready_o,
  input  wire logic [7:0] data_i,
  output      logic       tx_o
);
  localparam int unsigned FractionW = 8;              // phase unit: 1/256 of a clock cycle
  localparam logic [63:0] One       = 64'd1 << FractionW;
  localparam logic [63:0] Period    = ((64'(ClockHz) << FractionW) + (64'(Baud) >> 1)) / 64'(Baud);
  localparam int unsigned PhaseW    = $clog2(Period + One);
  localparam logic [3:0]  Bits      = 4'd10;          // start, 8 data, stop

  if (64'(Baud) * 16 > 64'(ClockHz)) begin : g_baud_too_high
    $error("ncx_uart_tx: Baud must be at most ClockHz / 16");
  end

  logic [PhaseW-1:0] phase_q;
  logic [3:0]        left_q;      // bits not finished yet, 0: idle
  logic [8:0]        shift_q;     // the bits after the present one
  logic              tick_q, take;    // tick_q: phase_q is below One

  // Known a cycle ahead: what has one whole cycle left has none after it. A bit is longer than two.
  always_ff @(posedge clk_i) tick_q <= phase_q[PhaseW-1:FractionW] == (PhaseW-FractionW)'(1) && left_q != '0;
  assign ready_o = left_q == '0 || (left_q == 4'd1 && tick_q);
  assign take    = valid_i && ready_o;

  always_ff @(posedge clk_i) begin
    if (take) begin
      shift_q <= {1'b1, data_i};
    end else if (tick_q) begin
      shift_q <= {1'b1, shift_q[8:1]};
    end
    if (left_q == '0) phase_q <= Period[PhaseW-1:0] - One[PhaseW-1:0];
    else if (tick_q)    phase_q <= phase_q + Period[PhaseW-1:0] - One[PhaseW-1:0];
    else              phase_q <= phase_q - One[PhaseW-1:0];
    if (rst_i) begin
      left_q <= '0;
      tx_o   <= 1'b1;
    end else if (take) begin
      left_q <= Bits;
      tx_o   <= 1'b0;
    end else if (left_q != '0 && tick_q) begin
      left_q <= left_q - 1'b1;
      tx_o   <= shift_q[0];
    end
  end
endmodule
`default_nettype wire
