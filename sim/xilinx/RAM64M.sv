// SPDX-License-Identifier: BSD-3-Clause
// Plain model of the 7-series LUT RAM RAM64M: four memories of 64 by 1, all written at ADDRD, each read
// at its own address.
`default_nettype none
module RAM64M #(
  parameter logic [63:0] INIT_A = '0,
  parameter logic [63:0] INIT_B = '0,
  parameter logic [63:0] INIT_C = '0,
  parameter logic [63:0] INIT_D = '0,
  parameter logic        IS_WCLK_INVERTED = 1'b0
) (
  input  wire logic [5:0] ADDRA,
  input  wire logic [5:0] ADDRB,
  input  wire logic [5:0] ADDRC,
  input  wire logic [5:0] ADDRD,
  input  wire logic       DIA,
  input  wire logic       DIB,
  input  wire logic       DIC,
  input  wire logic       DID,
  output      logic       DOA,
  output      logic       DOB,
  output      logic       DOC,
  output      logic       DOD,
  input  wire logic WCLK,
  input  wire logic WE
);
  logic a [0:63];
  logic b [0:63];
  logic c [0:63];
  logic d [0:63];

  if (IS_WCLK_INVERTED) $error("RAM64M: no model of IS_WCLK_INVERTED = 1");

  initial begin
    for (int i = 0; i < 64; i++) begin
      a[i] = INIT_A[i];
      b[i] = INIT_B[i];
      c[i] = INIT_C[i];
      d[i] = INIT_D[i];
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
