// SPDX-License-Identifier: BSD-3-Clause
// Stands in for the network in tests of the link: memories without meaning, and knobs.
// The knobs are public variables that the test reads and writes. Accesses take a random time.
`default_nettype none
module ncx_core #(
  parameter int unsigned Lanes          = 4,
  parameter int unsigned Neurons        = 64,
  parameter int unsigned Axons          = 48,
  parameter int unsigned WeightW        = 16,
  parameter int unsigned SynapseWords   = 512,
  parameter int unsigned Rows           = 128,
  parameter int unsigned MaxDelay       = 8,
  parameter int unsigned ParameterSets  = 16,
  parameter int unsigned ProgramEntries = 64,
  parameter int unsigned Profiles       = 2,
  parameter int unsigned EventEntries   = 64,
  parameter int unsigned ProbeEntries   = 8
) (
  input  wire logic        clk_i,
  input  wire logic        rst_i,
  input  wire logic        cfg_valid_i,
  input  wire logic        cfg_write_i,
  input  wire logic [4:0]  cfg_region_i,
  input  wire logic [31:0] cfg_addr_i,
  input  wire logic [ncx_pkg::CfgDataW-1:0] cfg_wdata_i,
  output      logic        cfg_done_o,
  output      logic [ncx_pkg::CfgDataW-1:0] cfg_rdata_o,
  input  wire logic        until_valid_i,
  input  wire logic [31:0] until_i,
  input  wire logic        stop_i,
  input  wire logic        tick_valid_i,
  input  wire logic [31:0] tick_value_i,
  input  wire logic        spike_entries_valid_i,
  input  wire logic [15:0] spike_entries_value_i,
  input  wire logic        reset_valid_i,
  input  wire logic [7:0]  reset_mask_i,
  output      logic        reset_done_o,
  input  wire logic        event_valid_i,
  output      logic        event_ready_o,
  input  wire logic [1:0]  event_kind_i,
  input  wire logic [ncx_pkg::IdW-1:0]    event_id_i,
  input  wire logic [ncx_pkg::StateW-1:0] event_value_i,
  output      logic [15:0] event_free_o,
  output      logic [31:0] event_tick_o,
  output      logic        stream_valid_o,
  input  wire logic        stream_ready_i,
  output      logic [ncx_pkg::StreamWordW-1:0] stream_word_o,
  input  wire logic        stream_sync_i,
  output      logic        stream_end_o,
  input  wire logic [31:0] control_i,
  input  wire logic [15:0] program_length_i,
  input  wire logic [15:0] encoder_rows_i,
  input  wire logic [15:0] used_rows_i,
  input  wire logic [31:0] period_i,
  input  wire logic [15:0] probes_i,
  input  wire logic [15:0] learning_i,
  input  wire logic [31:0] learn_rows_i,
  input  wire logic signed [ncx_pkg::ModulationW-1:0] modulation_i,
  output      logic [31:0] tick_o,
  output      logic [31:0] until_o,
  output      logic        running_o,
  output      logic [15:0] spike_entries_o,
  output      logic [63:0] cycles_o,
  output      logic [31:0] stalls_o,
  output      logic [31:0] overruns_o,
  output      logic [31:0] spikes_o,
  output      logic [31:0] folds_o
);
  localparam int unsigned AddrW    = 12;
  localparam int unsigned WordW    = ncx_pkg::WordW;
  localparam int unsigned LogWords = 4096;
  localparam int unsigned ResetClocks = 20;
  localparam int unsigned LastWord = (ncx_pkg::RegionTotal << AddrW) - 1;

  // ---- knobs and records ----
  logic        word_valid  /*verilator public_flat_rw*/;
  logic [15:0] word_next   /*verilator public_flat_rw*/;
  logic        word_ready  /*verilator public_flat_rd*/;
  logic        at_end      /*verilator public_flat_rw*/;
  logic [15:0] free_now    /*verilator public_flat_rw*/;
  logic [31:0] push_tick   /*verilator public_flat_rw*/;
  logic [31:0] tick_now    /*verilator public_flat_rw*/;
  logic [31:0] until_now   /*verilator public_flat_rw*/;
  logic [31:0] tick_clocks /*verilator public_flat_rw*/;   // 0: ticks never end
  logic [31:0] fast_access /*verilator public_flat_rw*/;   // 0: random, else this many cycles
  logic [31:0] pushes      /*verilator public_flat_rw*/;
  logic [31:0] log_kind  [0:LogWords-1] /*verilator public_flat_rw*/;
  logic [31:0] log_id    [0:LogWords-1] /*verilator public_flat_rw*/;
  logic [31:0] log_value [0:LogWords-1] /*verilator public_flat_rw*/;
  logic [31:0] log_tick  [0:LogWords-1] /*verilator public_flat_rw*/;
  logic [31:0] syncs       /*verilator public_flat_rw*/;
  logic [31:0] stops       /*verilator public_flat_rw*/;
  logic [31:0] resets      /*verilator public_flat_rw*/;
  logic [7:0]  reset_mask  /*verilator public_flat_rw*/;
  logic [31:0] writes      /*verilator public_flat_rw*/;   // to memories
  logic [39:0] memory [0:LastWord] /*verilator public_flat_rw*/;
  logic [31:0] seed        /*verilator public_flat_rw*/;

  logic [31:0] random_q, clocks_q, wait_q, delay;
  logic [15:0] entries_q;
  logic        busy_q, was_valid_q;
  logic [AddrW+4:0] at;
  logic [76:0]      request, request_q;

  initial begin
    word_valid = 0; word_next = 0; at_end = 0; free_now = 16'(EventEntries); push_tick = 0;
    tick_now = 0; until_now = 0; tick_clocks = 50; fast_access = 0; pushes = 0;
    syncs = 0; stops = 0; resets = 0; reset_mask = 0; writes = 0; seed = 1;
    for (int i = 0; i <= LastWord; i++) memory[i] = '0;
  end

  assign stream_valid_o = word_valid;
  assign stream_word_o  = word_next;
  assign word_ready     = stream_ready_i;
  assign stream_end_o   = at_end && !running_o;
  assign tick_o         = tick_now;
  assign until_o        = until_now;
  assign running_o      = tick_now < until_now;
  assign event_free_o   = free_now;
  assign event_ready_o  = free_now != 0;
  assign event_tick_o   = push_tick;
  assign spike_entries_o = entries_q;
  assign cycles_o       = {~clocks_q, clocks_q};   // halves that show whether they belong together
  // What the register file says comes back on read-only registers, so that a test can see it.
  assign stalls_o       = control_i + {16'd0, program_length_i};
  assign overruns_o     = period_i + {16'd0, encoder_rows_i};
  assign spikes_o       = {probes_i, used_rows_i};
  assign folds_o        = {modulation_i[15:0], learning_i} ^ learn_rows_i;

  // ---- configuration bus ----
  assign at      = {cfg_region_i, cfg_addr_i[AddrW-1:0]};
  assign request = {cfg_write_i, cfg_region_i, cfg_addr_i[30:0], cfg_write_i ? cfg_wdata_i : '0};
  assign delay   = fast_access != 0 ? fast_access : {29'd0, random_q[4:2]} + 1;

  always_ff @(posedge clk_i) begin
    random_q    <= random_q * 32'd1664525 + 32'd1013904223;
    cfg_done_o  <= 1'b0;
    was_valid_q <= cfg_valid_i;
    request_q   <= request;
    if (rst_i) begin
      random_q <= seed;
      busy_q   <= 1'b0;
    end else if (!busy_q && cfg_valid_i && !cfg_done_o) begin
      busy_q <= 1'b1;
      wait_q <= delay;
    end else if (busy_q) begin
      wait_q <= wait_q - 1;
      if (wait_q == 1) begin
        busy_q      <= 1'b0;
        cfg_done_o  <= 1'b1;
        cfg_rdata_o <= memory[at];
          if (cfg_write_i) begin
          memory[at] <= {4'd0, cfg_wdata_i[WordW-1:0]};
          writes     <= writes + 1;
        end
      end
    end
    if (!rst_i) begin
      assert (!(cfg_valid_i && running_o));
      assert (!(cfg_valid_i && cfg_region_i < ncx_pkg::RegionSynapse));
      assert (!busy_q || cfg_valid_i);                        // held until done
      assert (!(busy_q && was_valid_q) || request == request_q);
      assert (!(cfg_done_o && !cfg_valid_i));
    end
  end

  // ---- run control ----
  always_ff @(posedge clk_i) begin
    clocks_q <= clocks_q + 1;
    if (running_o && tick_clocks != 0 && clocks_q % tick_clocks == 0) tick_now <= tick_now + 1;
    if (until_valid_i && !rst_i) until_now <= until_i;
    if (stop_i && !rst_i) begin
      until_now <= tick_now + {31'd0, running_o};
      stops     <= stops + 1;
    end
    if (tick_valid_i && !rst_i) begin
      tick_now  <= tick_value_i;
      until_now <= tick_value_i;
      assert (!running_o);
    end
    if (spike_entries_valid_i && !rst_i) begin
      entries_q <= spike_entries_value_i;
      assert (!running_o);
    end
    if (stream_sync_i) syncs <= syncs + 1;
    if (rst_i) begin
      clocks_q  <= 0;
      entries_q <= '0;
    end
  end

  // ---- reset ----
  logic [31:0] reset_q;
  always_ff @(posedge clk_i) begin
    reset_done_o <= 1'b0;
    if (rst_i || !reset_valid_i || reset_done_o) begin
      reset_q <= 0;
    end else begin
      reset_q <= reset_q + 1;
      if (reset_q == ResetClocks) begin
        reset_done_o <= 1'b1;
        resets       <= resets + 1;
        reset_mask   <= reset_mask_i;
      end
    end
    if (!rst_i) assert (!(reset_valid_i && running_o));
  end

  // ---- events ----
  always_ff @(posedge clk_i) begin
    if (!rst_i && event_valid_i && event_ready_o) begin
      log_kind[pushes]  <= {30'd0, event_kind_i};
      log_id[pushes]    <= {17'd0, event_id_i};
      log_value[pushes] <= {8'd0, event_value_i};
      log_tick[pushes]  <= event_tick_o;
      pushes            <= pushes + 1;
      // An advance that has nothing before it is taken out at once.
      if (event_kind_i != 2'd2 || free_now != 16'(EventEntries)) free_now <= free_now - 1;
      if (event_kind_i == 2'd2) push_tick <= event_tick_o + {8'd0, event_value_i};
    end
  end
endmodule
`default_nettype wire
