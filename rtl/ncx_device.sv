// SPDX-License-Identifier: BSD-3-Clause
// The device behind a byte pipe: the link (docs/protocol.md) and the network.
`default_nettype none
module ncx_device #(
  parameter int unsigned  Lanes          = 8,
  parameter int unsigned  Neurons        = 1024,
  parameter int unsigned  Axons          = 1024,
  parameter int unsigned  WeightW        = 16,
  parameter int unsigned  SynapseWords   = 5120,
  parameter int unsigned  Rows           = 2048,
  parameter int unsigned  MaxDelay       = 1,
  parameter int unsigned  ParameterSets  = 256,
  parameter int unsigned  ProgramEntries = 512,
  parameter int unsigned  Profiles       = 2,
  parameter int unsigned  EventEntries   = 512,
  parameter int unsigned  ProbeEntries   = 64,
  parameter int unsigned  StreamWords    = 1024,          // power of two, 256 or more
  parameter int unsigned  RxBytes        = 4096,          // power of two, 2,048 or more
  parameter int unsigned  ClockHz        = 100_000_000,
  parameter int unsigned  Baud           = 1_000_000,     // only told to the host here
  parameter int unsigned  Build          = 0,
  parameter logic [127:0] Name           = '0             // ASCII, first letter in the lowest byte
) (
  input  wire logic       clk_i,
  input  wire logic       rst_i,
  input  wire logic       rx_valid_i,
  output      logic       rx_ready_o,
  input  wire logic [7:0] rx_data_i,
  output      logic       tx_valid_o,
  input  wire logic       tx_ready_i,
  output      logic [7:0] tx_data_o,
  input  wire logic       line_error_i,       // pulse, not in two cycles running: the receiver of the bytes lost one
  // for the eye; the two activities are stretched
  output      logic       running_o,
  output      logic       link_activity_o,
  output      logic       spike_activity_o,
  output      logic       error_o             // something was lost or damaged in this session
);
  localparam int unsigned CfgDataW = ncx_pkg::CfgDataW;
  localparam int unsigned IdW      = ncx_pkg::IdW;
  localparam int unsigned StateW   = ncx_pkg::StateW;
  localparam int unsigned RegionsW = ncx_pkg::RegionTotal;
  localparam int unsigned OffsetW  = $clog2(ncx_pkg::FrameHeader + ncx_pkg::MaxPayload + 1);
  localparam int unsigned RegW     = 5;
  localparam int unsigned FlashHz  = 16;      // an activity shows for one to two of these
  localparam int unsigned FlashW   = $clog2(ClockHz / FlashHz);

  // ---- bytes to frames and back ----
  logic               frame_valid, frame_next, frame_seek, frame_release;
  logic [7:0]         frame_data, reply_data, stream_data;
  logic [OffsetW-1:0] frame_offset;
  logic               good_frame, crc_error, overflow, resend;
  logic               reply_valid, reply_ready, reply_last, out_valid, out_ready, out_last;

  // No frame is counted before the counters are zero. This takes less time than a byte on a UART.
  logic               awake, rx_ready;
  assign rx_ready_o = rx_ready && awake;

  ncx_frame_rx #(.RxBytes(RxBytes)) u_frame_rx (
    .clk_i, .rst_i,
    .byte_valid_i(rx_valid_i && awake), .byte_ready_o(rx_ready), .byte_data_i(rx_data_i),
    .frame_valid_o(frame_valid), .data_o(frame_data), .next_i(frame_next),
    .seek_i(frame_seek), .seek_offset_i(frame_offset), .release_i(frame_release),
    .frame_o(good_frame), .crc_error_o(crc_error), .overflow_o(overflow)
  );

  ncx_frame_tx u_frame_tx (
    .clk_i, .rst_i,
    .reply_valid_i(reply_valid), .reply_ready_o(reply_ready), .reply_data_i(reply_data),
    .reply_last_i(reply_last),
    .stream_valid_i(out_valid), .stream_ready_o(out_ready), .stream_data_i(stream_data),
    .stream_last_i(out_last),
    .tx_valid_o, .tx_ready_i, .tx_data_o
  );

  // ---- requests ----
  logic                cfg_valid, local_valid, cfg_write;
  logic [4:0]          cfg_region;
  logic [31:0]         cfg_addr;
  logic [CfgDataW-1:0] cfg_wdata;
  logic                core_done, local_done;
  logic [CfgDataW-1:0] core_rdata;
  logic [31:0]         live_rdata, kept_rdata;
  logic                local_clear, local_kept;
  logic [RegW-1:0]     check_addr;
  logic                check_read_only, check_still_only;
  logic                until_valid, stop, reset_valid, reset_done;
  logic [31:0]         until_value;
  logic [7:0]          reset_mask;
  logic                event_valid, event_ready;
  logic [1:0]          event_kind;
  logic [IdW-1:0]      event_id;
  logic [StateW-1:0]   event_value;
  logic [15:0]         event_free;
  logic [31:0]         event_tick;
  logic                command_valid, command_ready, command_new, command_resend;
  logic [31:0]         command_position, stream_position;
  logic                stream_sync, stream_hold, stream_pending, stream_end, word_valid, word_ready;
  logic [15:0]         word;
  logic [31:0]         tick, until_tick, stalls, overruns, spikes;
  logic [63:0]         cycles;
  logic [15:0]         spike_entries;
  logic [7:0]          state;
  logic [RegionsW-1:0] dirty;

  always_comb begin
    state = '0;
    state[ncx_pkg::StateBitRunning]       = running_o;
    state[ncx_pkg::StateBitStreamPending] = stream_pending;
  end

  ncx_configurator #(
    .Lanes(Lanes), .Neurons(Neurons), .Axons(Axons), .SynapseWords(SynapseWords), .Rows(Rows),
    .MaxDelay(MaxDelay), .ParameterSets(ParameterSets), .ProgramEntries(ProgramEntries),
    .Profiles(Profiles), .EventEntries(EventEntries), .ProbeEntries(ProbeEntries)
  ) u_configurator (
    .clk_i, .rst_i, .awake_o(awake),
    .frame_valid_i(frame_valid), .frame_data_i(frame_data), .frame_next_o(frame_next),
    .frame_seek_o(frame_seek), .frame_offset_o(frame_offset), .frame_release_o(frame_release),
    .reply_valid_o(reply_valid), .reply_ready_i(reply_ready), .reply_data_o(reply_data),
    .reply_last_o(reply_last),
    .cfg_valid_o(cfg_valid), .local_valid_o(local_valid), .cfg_write_o(cfg_write), .cfg_region_o(cfg_region),
    .cfg_addr_o(cfg_addr), .cfg_wdata_o(cfg_wdata), .cfg_done_i(core_done || local_done),
    .cfg_rdata_i(core_rdata), .local_clear_o(local_clear), .local_kept_i(local_kept),
    .live_rdata_i(live_rdata), .kept_rdata_i(kept_rdata),
    .check_addr_o(check_addr), .check_read_only_i(check_read_only),
    .check_still_only_i(check_still_only),
    .until_valid_o(until_valid), .until_o(until_value), .stop_o(stop),
    .reset_valid_o(reset_valid), .reset_mask_o(reset_mask), .reset_done_i(reset_done),
    .event_valid_o(event_valid), .event_ready_i(event_ready), .event_kind_o(event_kind),
    .event_id_o(event_id), .event_value_o(event_value), .event_free_i(event_free),
    .event_tick_i(event_tick),
    .stream_valid_o(command_valid), .stream_ready_i(command_ready), .stream_new_o(command_new),
    .stream_resend_o(command_resend), .stream_position_o(command_position),
    .stream_hold_o(stream_hold), .stream_position_i(stream_position), .stream_sync_o(stream_sync),
    .tick_i(tick), .until_i(until_tick), .state_i(state), .dirty_o(dirty)
  );

  // ---- registers: the two lowest regions; the core has the others ----
  logic [31:0] control, period, learn_rows, folds;
  logic [15:0] program_length, encoder_rows, used_rows, probes, learning;
  logic signed [ncx_pkg::ModulationW-1:0] modulation;
  logic        tick_valid, spike_entries_valid;

  ncx_registers #(
    .Lanes(Lanes), .Neurons(Neurons), .Axons(Axons), .WeightW(WeightW),
    .SynapseWords(SynapseWords), .Rows(Rows), .MaxDelay(MaxDelay), .ParameterSets(ParameterSets),
    .ProgramEntries(ProgramEntries), .Profiles(Profiles), .EventEntries(EventEntries),
    .ProbeEntries(ProbeEntries),
    .StreamWords(StreamWords), .RxBytes(RxBytes), .ClockHz(ClockHz), .Baud(Baud), .Build(Build),
    .Name(Name)
  ) u_registers (
    .clk_i, .rst_i,
    .valid_i(local_valid), .write_i(cfg_write), .clear_i(local_clear),
    .info_i(cfg_region[0]), .addr_i(cfg_addr[RegW-1:0]),
    .wdata_i(cfg_wdata[31:0]), .done_o(local_done), .kept_o(local_kept), .live_rdata_o(live_rdata),
    .kept_rdata_o(kept_rdata),
    .check_addr_i(check_addr), .read_only_o(check_read_only), .still_only_o(check_still_only),
    .control_o(control), .program_length_o(program_length), .encoder_rows_o(encoder_rows),
    .used_rows_o(used_rows), .period_o(period), .probes_o(probes), .learning_o(learning),
    .learn_rows_o(learn_rows), .modulation_o(modulation), .tick_valid_o(tick_valid),
    .spike_entries_valid_o(spike_entries_valid),
    .tick_i(tick), .until_i(until_tick), .state_i(state), .spike_entries_i(spike_entries),
    .cycles_i(cycles), .stalls_i(stalls), .overruns_i(overruns), .spikes_i(spikes), .folds_i(folds),
    .dirty_i(dirty), .frame_i(good_frame), .crc_error_i(crc_error), .overflow_i(overflow),
    .line_error_i, .resend_i(resend)
  );

  // ---- the network and what it says ----
  ncx_core #(
    .Lanes(Lanes), .Neurons(Neurons), .Axons(Axons), .WeightW(WeightW),
    .SynapseWords(SynapseWords), .Rows(Rows), .MaxDelay(MaxDelay), .ParameterSets(ParameterSets),
    .ProgramEntries(ProgramEntries), .Profiles(Profiles), .EventEntries(EventEntries),
    .ProbeEntries(ProbeEntries)
  ) u_core (
    .clk_i, .rst_i,
    .cfg_valid_i(cfg_valid), .cfg_write_i(cfg_write), .cfg_region_i(cfg_region),
    .cfg_addr_i(cfg_addr), .cfg_wdata_i(cfg_wdata), .cfg_done_o(core_done),
    .cfg_rdata_o(core_rdata),
    .until_valid_i(until_valid), .until_i(until_value), .stop_i(stop),
    .tick_valid_i(tick_valid), .tick_value_i(cfg_wdata[31:0]),
    .spike_entries_valid_i(spike_entries_valid), .spike_entries_value_i(cfg_wdata[15:0]),
    .reset_valid_i(reset_valid), .reset_mask_i(reset_mask), .reset_done_o(reset_done),
    .event_valid_i(event_valid), .event_ready_o(event_ready), .event_kind_i(event_kind),
    .event_id_i(event_id), .event_value_i(event_value), .event_free_o(event_free),
    .event_tick_o(event_tick),
    .stream_valid_o(word_valid), .stream_ready_i(word_ready), .stream_word_o(word),
    .stream_sync_i(stream_sync), .stream_end_o(stream_end),
    .control_i(control), .program_length_i(program_length), .encoder_rows_i(encoder_rows),
    .used_rows_i(used_rows), .period_i(period), .probes_i(probes),
    .learning_i(learning), .learn_rows_i(learn_rows), .modulation_i(modulation),
    .tick_o(tick), .until_o(until_tick), .running_o, .spike_entries_o(spike_entries),
    .cycles_o(cycles), .stalls_o(stalls), .overruns_o(overruns), .spikes_o(spikes),
    .folds_o(folds)
  );

  ncx_stream #(.StreamWords(StreamWords)) u_stream (
    .clk_i, .rst_i,
    .word_valid_i(word_valid), .word_ready_o(word_ready), .word_i(word), .end_i(stream_end),
    .command_valid_i(command_valid), .command_ready_o(command_ready),
    .command_new_i(command_new), .command_resend_i(command_resend),
    .command_position_i(command_position), .hold_i(stream_hold), .position_o(stream_position),
    .pending_o(stream_pending), .resend_o(resend),
    .out_valid_o(out_valid), .out_ready_i(out_ready), .out_data_o(stream_data),
    .out_last_o(out_last)
  );

  // ---- for the eye ----
  logic [FlashW-1:0] flash_q;
  logic              flash, link_seen_q, spike_seen_q, spike_q, spike;

  assign flash = flash_q == FlashW'(ClockHz / FlashHz - 1);
  assign spike = spikes[0] != spike_q;      // misses an even number at once, now and then

  always_ff @(posedge clk_i) begin
    spike_q <= spikes[0];
    if (rst_i) begin
      flash_q          <= '0;
      link_seen_q      <= 1'b0;
      spike_seen_q     <= 1'b0;
      link_activity_o  <= 1'b0;
      spike_activity_o <= 1'b0;
      error_o          <= 1'b0;
    end else begin
      flash_q      <= flash ? '0 : flash_q + 1'b1;
      link_seen_q  <= good_frame || (link_seen_q && !flash);
      spike_seen_q <= spike || (spike_seen_q && !flash);
      if (good_frame) link_activity_o <= 1'b1;
      else if (flash) link_activity_o <= link_seen_q;
      if (spike)      spike_activity_o <= 1'b1;
      else if (flash) spike_activity_o <= spike_seen_q;
      if (crc_error || overflow || line_error_i) error_o <= 1'b1;
      else if (stream_sync)                      error_o <= 1'b0;     // a new session
    end
  end
endmodule
`default_nettype wire
