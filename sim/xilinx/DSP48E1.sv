// SPDX-License-Identifier: BSD-3-Clause
// Plain model of the 7-series DSP slice as Yosys uses it for us: P = A * B, or (A + D) * B, with or
// without C added; registers on A, B, C, D, the product and P. Anything else stops the elaboration or the
// simulation.
`default_nettype none
module DSP48E1 #(
  parameter int ACASCREG      = 1,
  parameter int ADREG         = 1,
  parameter int ALUMODEREG    = 1,
  parameter int AREG          = 1,
  parameter     A_INPUT       = "DIRECT",
  parameter int BCASCREG      = 1,
  parameter int BREG          = 1,
  parameter     B_INPUT       = "DIRECT",
  parameter int CARRYINREG    = 1,
  parameter int CARRYINSELREG = 1,
  parameter int CREG          = 1,
  parameter int DREG          = 1,
  parameter int INMODEREG     = 1,
  parameter int MREG          = 1,
  parameter int OPMODEREG     = 1,
  parameter int PREG          = 1,
  parameter     USE_DPORT     = "FALSE",
  parameter     USE_MULT      = "MULTIPLY",
  parameter     USE_SIMD      = "ONE48"
) (
  input  wire logic        CLK,
  input  wire logic [29:0] A,
  input  wire logic [29:0] ACIN,
  input  wire logic [3:0]  ALUMODE,
  input  wire logic [17:0] B,
  input  wire logic [17:0] BCIN,
  input  wire logic [47:0] C,
  input  wire logic        CARRYIN,
  input  wire logic [2:0]  CARRYINSEL,
  input  wire logic        CEA2,
  input  wire logic        CEB2,
  input  wire logic        CEC,
  input  wire logic        CED,
  input  wire logic        CEM,
  input  wire logic        CEP,
  input  wire logic [24:0] D,
  input  wire logic [4:0]  INMODE,
  input  wire logic [6:0]  OPMODE,
  input  wire logic [47:0] PCIN,
  input  wire logic        RSTA,
  input  wire logic        RSTB,
  input  wire logic        RSTC,
  input  wire logic        RSTD,
  input  wire logic        RSTM,
  input  wire logic        RSTP,
  output      logic [47:0] P
);
  localparam bit         PreAdder  = USE_DPORT == "TRUE";
  localparam logic [4:0] InAdd     = 5'b00100;    // A2 + D
  localparam logic [4:0] InA       = 5'b00000;    // A2
  localparam logic [6:0] OpProduct = 7'b0000101;  // Z = 0, X and Y the product
  localparam logic [6:0] OpAdd     = 7'b0110101;  // Z = C

  if (AREG > 1 || BREG > 1) $error("DSP48E1: no model of two registers on A or B");
  if (ADREG != 0 && PreAdder) $error("DSP48E1: no model of ADREG");
  if (ALUMODEREG != 0 || CARRYINREG != 0 || CARRYINSELREG != 0 || INMODEREG != 0 ||
      OPMODEREG != 0) begin : g_control
    $error("DSP48E1: no model of registers on the control inputs");
  end
  if (A_INPUT != "DIRECT" || B_INPUT != "DIRECT") $error("DSP48E1: no model of cascaded inputs");
  if (USE_MULT != "MULTIPLY") $error("DSP48E1: no model of USE_MULT %s", USE_MULT);
  if (USE_SIMD != "ONE48") $error("DSP48E1: no model of USE_SIMD %s", USE_SIMD);

  always_comb begin
    if (ALUMODE != '0 || CARRYIN || CARRYINSEL != '0) $fatal(1, "DSP48E1: no model of ALUMODE %b", ALUMODE);
    if (OPMODE != OpProduct && OPMODE != OpAdd) $fatal(1, "DSP48E1: no model of OPMODE %b", OPMODE);
    if (INMODE != InA && (INMODE != InAdd || !PreAdder)) $fatal(1, "DSP48E1: no model of INMODE %b", INMODE);
    if (ACIN != '0 || BCIN != '0 || PCIN != '0) $fatal(1, "DSP48E1: no model of the cascades");
  end

  logic [24:0] a, d, factor;
  logic [17:0] b;
  logic [42:0] product, m;
  logic [47:0] c, sum;

  ncx_dsp_register #(.Width(25), .On(AREG)) u_a (.clk_i(CLK), .rst_i(RSTA), .ce_i(CEA2), .d_i(A[24:0]), .q_o(a));
  ncx_dsp_register #(.Width(18), .On(BREG)) u_b (.clk_i(CLK), .rst_i(RSTB), .ce_i(CEB2), .d_i(B), .q_o(b));
  ncx_dsp_register #(.Width(48), .On(CREG)) u_c (.clk_i(CLK), .rst_i(RSTC), .ce_i(CEC), .d_i(C), .q_o(c));
  ncx_dsp_register #(.Width(25), .On(DREG)) u_d (.clk_i(CLK), .rst_i(RSTD), .ce_i(CED), .d_i(D), .q_o(d));
  ncx_dsp_register #(.Width(43), .On(MREG)) u_m (.clk_i(CLK), .rst_i(RSTM), .ce_i(CEM), .d_i(product), .q_o(m));
  ncx_dsp_register #(.Width(48), .On(PREG)) u_p (.clk_i(CLK), .rst_i(RSTP), .ce_i(CEP), .d_i(sum), .q_o(P));

  assign factor  = INMODE == InAdd ? a + d : a;
  assign product = {{18{factor[24]}}, factor} * {{25{b[17]}}, b};
  assign sum     = (OPMODE == OpAdd ? c : 48'b0) + {{5{m[42]}}, m};
endmodule
`default_nettype wire
