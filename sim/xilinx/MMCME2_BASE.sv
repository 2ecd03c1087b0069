// SPDX-License-Identifier: BSD-3-Clause
// Plain model of the 7-series clock manager for cycle simulation, without delays: CLKOUT0 is
// CLKIN1 itself, so a simulated cycle of the oscillator stands for one of the core clock. What the
// real one would do with these parameters is checked before the simulation starts. LOCKED comes
// after some cycles, as on the part. The ports of the vendor's primitive; other outputs are low.
`default_nettype none
module MMCME2_BASE #(
  parameter real CLKIN1_PERIOD    = 0.0,     // ns
  parameter real CLKFBOUT_MULT_F  = 5.0,
  parameter real CLKOUT0_DIVIDE_F = 1.0
) (
  input  wire logic CLKIN1,
  /* verilator lint_off UNUSEDSIGNAL */
  input  wire logic CLKFBIN,              // no phase to compare without delays
  /* verilator lint_on UNUSEDSIGNAL */
  input  wire logic PWRDWN,
  input  wire logic RST,
  output      logic CLKFBOUT,
  output      logic CLKFBOUTB,
  output      logic CLKOUT0,
  output      logic CLKOUT0B,
  output      logic CLKOUT1,
  output      logic CLKOUT1B,
  output      logic CLKOUT2,
  output      logic CLKOUT2B,
  output      logic CLKOUT3,
  output      logic CLKOUT3B,
  output      logic CLKOUT4,
  output      logic CLKOUT5,
  output      logic CLKOUT6,
  output      logic LOCKED
);
  localparam logic [6:0] LockClocks = 7'd100;
  // Limits of speed grade -1, the slowest (Xilinx DS181), and the core clock that we promise.
  localparam real VcoMinMhz   = 600.0;
  localparam real VcoMaxMhz   = 1200.0;
  localparam real InputMinMhz = 10.0;
  localparam real CoreMhz     = 100.0;
  localparam real Tolerance   = 0.0001;
  localparam real InputMhz    = 1000.0 / CLKIN1_PERIOD;
  localparam real VcoMhz      = InputMhz * CLKFBOUT_MULT_F;
  localparam real OutputMhz   = VcoMhz / CLKOUT0_DIVIDE_F;

  initial begin
    if (InputMhz < InputMinMhz) $fatal(1, "MMCME2_BASE: input of %f MHz is too slow", InputMhz);
    if (VcoMhz < VcoMinMhz || VcoMhz > VcoMaxMhz) begin
      $fatal(1, "MMCME2_BASE: VCO at %f MHz is outside 600 to 1200", VcoMhz);
    end
    if (CLKFBOUT_MULT_F < 2.0 || CLKFBOUT_MULT_F > 64.0 ||
        $floor(CLKFBOUT_MULT_F * 8.0) != CLKFBOUT_MULT_F * 8.0) begin
      $fatal(1, "MMCME2_BASE: CLKFBOUT_MULT_F %f is not 2 to 64 in eighths", CLKFBOUT_MULT_F);
    end
    if (CLKOUT0_DIVIDE_F < 1.0 || CLKOUT0_DIVIDE_F > 128.0 ||
        $floor(CLKOUT0_DIVIDE_F * 8.0) != CLKOUT0_DIVIDE_F * 8.0) begin
      $fatal(1, "MMCME2_BASE: CLKOUT0_DIVIDE_F %f is not 1 to 128 in eighths", CLKOUT0_DIVIDE_F);
    end
    if (OutputMhz < CoreMhz * (1.0 - Tolerance) || OutputMhz > CoreMhz * (1.0 + Tolerance)) begin
      $fatal(1, "MMCME2_BASE: CLKOUT0 at %f MHz is not the core's 100 MHz", OutputMhz);
    end
  end

  logic [6:0] count_q = '0;
  logic       stop;

  assign stop      = RST | PWRDWN;
  assign LOCKED    = count_q == LockClocks;
  assign CLKFBOUT  = CLKIN1;
  assign CLKFBOUTB = ~CLKIN1;
  assign CLKOUT0   = CLKIN1;
  assign CLKOUT0B  = ~CLKIN1;
  assign {CLKOUT1, CLKOUT1B, CLKOUT2, CLKOUT2B, CLKOUT3, CLKOUT3B} = '0;
  assign {CLKOUT4, CLKOUT5, CLKOUT6} = '0;

  always_ff @(posedge CLKIN1) begin
    if (stop)         count_q <= '0;
    else if (!LOCKED) count_q <= count_q + 1'b1;
  end
endmodule
`default_nettype wire
