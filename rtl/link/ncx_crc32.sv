// SPDX-License-Identifier: BSD-3-Clause
// CRC-32 (IEEE, reflected), one byte a cycle. The result is ready the cycle after the last byte.
`default_nettype none
module ncx_crc32 (
  input  wire logic        clk_i,
  input  wire logic        clear_i,   // start over; wins over valid_i
  input  wire logic        valid_i,
  input  wire logic [7:0]  data_i,
  output      logic [31:0] crc_o      // of the bytes so far, final inversion done
);
  localparam logic [31:0] Polynomial = 32'hEDB88320;   // 0x04C11DB7, reflected
  localparam logic [31:0] Start      = 32'hFFFFFFFF;

  logic [31:0] crc_q;

  function automatic logic [31:0] step(input logic [31:0] crc, input logic [7:0] data);
    logic [31:0] c;
    c = crc ^ {24'd0, data};
    for (int i = 0; i < 8; i++) c = c[0] ? {1'b0, c[31:1]} ^ Polynomial : {1'b0, c[31:1]};
    step = c;
  endfunction

  assign crc_o = ~crc_q;

  always_ff @(posedge clk_i) begin
    if (clear_i)      crc_q <= Start;
    else if (valid_i) crc_q <= step(crc_q, data_i);
  end
endmodule
`default_nettype wire
