// SPDX-License-Identifier: BSD-3-Clause
// Plain model of the 7-series flip-flop with synchronous reset. Without INIT, as where the RTL gives no
// initial value, the simulator chooses the first state, so that nothing can lean on it.
`default_nettype none
module FDRE #(
  parameter logic INIT = 1'bx
) (
  input  wire logic C,
  input  wire logic CE,
  input  wire logic D,
  input  wire logic R,
  output      logic Q
);
  if (INIT === 1'b0 || INIT === 1'b1) begin : g_init
    initial Q = INIT;
  end

  always_ff @(posedge C) begin
    if (R)       Q <= 1'b0;
    else if (CE) Q <= D;
  end
endmodule
`default_nettype wire
