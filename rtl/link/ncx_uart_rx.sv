// SPDX-License-Identifier: BSD-3-Clause
// UART receiver, 8N1: pin to bytes.
// A bit is divided into eighths by a fractional counter, so that any baud rate up to ClockHz / 16
// works. The value of a bit is the majority of the line at 3/8, 4/8 and 5/8 of it, counted from
// the falling edge of the start bit; the third sample of the stop bit lies 9.625 bits after that
// edge, which leaves room for a clock mismatch of over 2 % in both directions.
`default_nettype none
module ncx_uart_rx #(
  parameter int unsigned ClockHz = 100_000_000,
  parameter int unsigned Baud    = 1_000_000     // at most ClockHz / 16
) (
  input  wire logic       clk_i,
  input  wire logic       rst_i,
  input  wire logic       rx_i,      // the pin: asynchronous
  output      logic       valid_o,
  input  wire logic       ready_i,
  output      logic [7:0] data_o,
  output      logic       error_o    // pulse: stop bit not high, or a byte was not taken in time
);
  localparam int unsigned FractionW = 8;              // phase unit: 1/256 of a clock cycle
  localparam int unsigned EighthsW  = 3;
  localparam logic [63:0] One       = 64'd1 << FractionW;
  localparam logic [63:0] Eighths   = 64'(Baud) << EighthsW;
  // Length of an eighth of a bit, rounded to the nearest phase unit.
  localparam logic [63:0] Eighth    = ((64'(ClockHz) << FractionW) + (Eighths >> 1)) / Eighths;
  localparam int unsigned PhaseW    = $clog2(Eighth + One);
  localparam logic [EighthsW-1:0] FirstSample = 3'd3;
  localparam logic [EighthsW-1:0] LastSample  = 3'd5;
  localparam logic [3:0]  StartBit  = 4'd0;
  localparam logic [3:0]  StopBit   = 4'd9;

  if (64'(Baud) * 16 > 64'(ClockHz)) begin : g_baud_too_high
    $error("ncx_uart_rx: Baud must be at most ClockHz / 16");
  end

  typedef enum logic [1:0] {Idle, Receive, WaitHigh} state_e;
  state_e              state_q;
  (* ASYNC_REG = "TRUE" *) logic [1:0] sync_q;
  logic                line, vote, tick;
  logic [PhaseW-1:0]   phase_q;
  logic [EighthsW-1:0] eighth_q;
  logic [3:0]          bit_q;
  logic [1:0]          samples_q;
  logic [7:0]          shift_q;
  logic                decide, stop_decided, byte_done, framing_error;

  assign line          = sync_q[1];
  assign tick          = phase_q < One[PhaseW-1:0];
  // eighth_q counts whole eighths seen so far; at the tick that completes the fifth, decide.
  assign vote          = (line & samples_q[0]) | (line & samples_q[1]) | (&samples_q);
  assign decide        = state_q == Receive && tick && eighth_q == LastSample - 1'b1;
  assign stop_decided  = decide && bit_q == StopBit;
  assign byte_done     = stop_decided && vote;
  assign framing_error = stop_decided && !vote;

  always_ff @(posedge clk_i) begin
    if (tick && eighth_q >= FirstSample - 1'b1) samples_q <= {samples_q[0], line};
    if (state_q == Idle) begin
      phase_q  <= Eighth[PhaseW-1:0];
      eighth_q <= '0;
      bit_q    <= StartBit;
    end else if (tick) begin
      phase_q  <= phase_q + Eighth[PhaseW-1:0] - One[PhaseW-1:0];
      eighth_q <= eighth_q + 1'b1;
      if (&eighth_q) bit_q <= bit_q + 1'b1;
    end else begin
      phase_q  <= phase_q - One[PhaseW-1:0];
    end
    if (decide) shift_q <= {vote, shift_q[7:1]};
    if (byte_done) data_o <= shift_q;

    if (rst_i) begin
      sync_q  <= '1;
      state_q <= WaitHigh;
      valid_o <= 1'b0;
      error_o <= 1'b0;
    end else begin
      sync_q  <= {sync_q[0], rx_i};
      valid_o <= byte_done || (valid_o && !ready_i);
      error_o <= framing_error || (byte_done && valid_o && !ready_i);
      case (state_q)
        Idle:    if (!line) state_q <= Receive;
        Receive: if (framing_error) state_q <= WaitHigh;
                 else if (byte_done || (decide && bit_q == StartBit && vote)) state_q <= Idle;
        default: if (line) state_q <= Idle;      // a break ends here
      endcase
    end
  end
endmodule
`default_nettype wire
