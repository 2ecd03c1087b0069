// SPDX-License-Identifier: BSD-3-Clause
// Plain model of the 7-series LUT RAM RAM32M: four memories of 32 by 2, all written at ADDRD, each read
// at its own address.
`default_nettype none
module RAM32M #(
  parameter logic [63:0] INIT_A = '0,
  parameter logic [63:0] INIT_B = '0,
  parameter logic [63:0] INIT_C = '0,
  parameter logic [63:0] INIT_D = '0,
  parameter logic        IS_WCLK_INVERTED = 1'b0
) (
  input  wire logic [4:0] ADDRA,
  input  wire logic [4:0] ADDRB,
  input  wire logic [4:0] ADDRC,
  input  wire logic [4:0] ADDRD,
  input  wire logic [1:0] DIA,
  input  wire logic [1:0] DIB,
  input  wire logic [1:0] DIC,
  input  wire logic [1:0] DID,
  output      logic [1:0] DOA,
  output      logic [1:0] DOB,
  output      logic [1:0] DOC,
  output      logic [1:0] DOD,
  input  wire logic WCLK,
  input  wire logic WE
);
  logic [1:0] a [0:31];
  logic [1:0] b [0:31];
  logic [1:0] c [0:31];
  logic [1:0] d [0:31];

  if (IS_WCLK_INVERTED) $error("RAM32M: no model of IS_WCLK_INVERTED = 1");

  initial begin
    for (int i = 0; i < 32; i++) begin
      a[i] = INIT_A[2*i+:2];
      b[i] = INIT_B[2*i+:2];
      c[i] = INIT_C[2*i+:2];
      d[i] = INIT_D[2*i+:2];
    end
  end

  always_ff @(posedge WCLK) begin
    if (WE) begin
      a[ADDRD] <= DIA;
      b[ADDRD] <= DIB;
      c[ADDRD] <= DIC;
      d[ADDRD] <= DID;
    end
  end

  assign DOA = a[ADDRA];
  assign DOB = b[ADDRB];
  assign DOC = c[ADDRC];
  assign DOD = d[ADDRD];
endmodule
`default_nettype wire
