// SPDX-License-Identifier: BSD-3-Clause
// A register inside DSP48E1 that a parameter of the slice switches on.
`default_nettype none
module ncx_dsp_register #(
  parameter int unsigned Width = 1,
  parameter int          On    = 1        // 0 or 1
) (
  input  wire logic             clk_i,
  input  wire logic             rst_i,
  input  wire logic             ce_i,
  input  wire logic [Width-1:0] d_i,
  output      logic [Width-1:0] q_o
);
  if (On == 0) begin : g_off
    assign q_o = d_i;
  end else begin : g_on
    always_ff @(posedge clk_i) begin
      if (rst_i)     q_o <= '0;
      else if (ce_i) q_o <= d_i;
    end
  end
endmodule
`default_nettype wire
