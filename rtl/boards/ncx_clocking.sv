// SPDX-License-Identifier: BSD-3-Clause
// From a board's oscillator and reset button to the core clock and its synchronous reset.
// The reset lasts until the MMCM has been locked, and the button released, for HoldClocks cycles in
// a row: long enough to ride out the bouncing of a contact. Registers start in reset by their
// initial values, so nothing depends on the clock while there is none.
`default_nettype none
module ncx_clocking #(
  parameter real         InputPeriodNs  = 10.0,
  parameter real         Multiply       = 10.0,    // 2 to 64 in eighths: VCO = input * Multiply
  parameter real         Divide         = 10.0,    // 1 to 128 in eighths: clk_o = VCO / Divide
  parameter bit          ResetActiveLow = 1'b0,
  parameter int unsigned HoldClocks     = 1 << 20  // 2 or more
) (
  input  wire logic clk_i,       // the oscillator's pin
  input  wire logic reset_i,     // the button's pin: asynchronous
  output      logic clk_o,
  output      logic rst_o        // synchronous to clk_o, active high
);
  localparam int unsigned HoldW = $clog2(HoldClocks);

  logic feedback, clock, locked;

  MMCME2_BASE #(
    .CLKIN1_PERIOD(InputPeriodNs), .CLKFBOUT_MULT_F(Multiply), .CLKOUT0_DIVIDE_F(Divide)
  ) u_mmcm (
    .CLKIN1(clk_i), .CLKFBIN(feedback), .CLKFBOUT(feedback), .CLKOUT0(clock), .LOCKED(locked),
    .PWRDWN(1'b0), .RST(1'b0),
    // one clock is all we need, and its phase does not matter
    /* verilator lint_off PINCONNECTEMPTY */
    .CLKFBOUTB(), .CLKOUT0B(), .CLKOUT1(), .CLKOUT1B(), .CLKOUT2(), .CLKOUT2B(), .CLKOUT3(),
    .CLKOUT3B(), .CLKOUT4(), .CLKOUT5(), .CLKOUT6()
    /* verilator lint_on PINCONNECTEMPTY */
  );
  BUFG u_buffer (.I(clock), .O(clk_o));

  (* ASYNC_REG = "TRUE" *) logic [1:0] locked_q = 2'b00;
  (* ASYNC_REG = "TRUE" *) logic [1:0] button_q = 2'b11;
  logic [HoldW-1:0] hold_q = '0;
  logic             reset_q = 1'b1;

  assign rst_o = reset_q;

  always_ff @(posedge clk_o) begin
    locked_q <= {locked_q[0], locked};
    button_q <= {button_q[0], reset_i ^ ResetActiveLow};
    if (!locked_q[1] || button_q[1]) begin
      hold_q  <= '0;
      reset_q <= 1'b1;
    end else if (hold_q != HoldW'(HoldClocks - 1)) begin
      hold_q  <= hold_q + 1'b1;
    end else begin
      reset_q <= 1'b0;
    end
  end
endmodule
`default_nettype wire
