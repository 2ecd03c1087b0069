// SPDX-License-Identifier: BSD-3-Clause
// The register file and the INFO words: what the host sets and sees, what this build is.
// All that is not live lies in one RAM of LUTs, INFO words in its upper half: what was written last to the settings, of
// which those that the core needs have a copy in flip-flops, and the link's counters, which are counted up in place.
// ncx_word_mover writes zeros to all of it after reset.
`default_nettype none
module ncx_registers #(
  parameter int unsigned  Lanes          = 8,
  parameter int unsigned  Neurons        = 1024,
  parameter int unsigned  Axons          = 1024,
  parameter int unsigned  WeightW        = 16,
  parameter int unsigned  SynapseWords   = 1024,
  parameter int unsigned  Rows           = 2048,
  parameter int unsigned  MaxDelay       = 1,
  parameter int unsigned  ParameterSets  = 256,
  parameter int unsigned  ProgramEntries = 512,
  parameter int unsigned  Profiles       = 2,
  parameter int unsigned  EventEntries   = 512,
  parameter int unsigned  ProbeEntries   = 64,
  parameter int unsigned  StreamWords    = 1024,
  parameter int unsigned  RxBytes        = 4096,
  parameter int unsigned  ClockHz        = 100_000_000,
  parameter int unsigned  Baud           = 1_000_000,
  parameter int unsigned  Build          = 0,
  parameter logic [127:0] Name           = '0         // ASCII, first letter in the lowest byte
) (
  input  wire logic        clk_i,
  input  wire logic        rst_i,
  // access: valid and the rest are held until done
  input  wire logic        valid_i,
  input  wire logic        write_i,       // the address has been checked
  input  wire logic        clear_i,       // a write with 0 for what is so after reset
  input  wire logic        info_i,        // an INFO word instead of a register
  input  wire logic [4:0]  addr_i,        // is there a cycle before valid
  input  wire logic [31:0] wdata_i,
  output      logic        done_o,
  output      logic        kept_o,        // the word read is kept_rdata_o, not live_rdata_o; both are there with done_o
  output      logic [31:0] live_rdata_o,
  output      logic [31:0] kept_rdata_o,
  // may the register at this address be written?
  input  wire logic [4:0]  check_addr_i,
  output      logic        read_only_o,
  output      logic        still_only_o,  // only while the network stands still
  // to the core
  output      logic [31:0] control_o,
  output      logic [15:0] program_length_o,
  output      logic [15:0] encoder_rows_o,
  output      logic [15:0] used_rows_o,
  output      logic [31:0] period_o,
  output      logic [15:0] probes_o,
  output      logic [15:0] learning_o,
  output      logic [31:0] learn_rows_o,
  output      logic signed [ncx_pkg::ModulationW-1:0] modulation_o,
  output      logic        tick_valid_o,            // with done_o, like the next
  output      logic        spike_entries_valid_o,
  // from the core
  input  wire logic [31:0] tick_i,
  input  wire logic [31:0] until_i,
  input  wire logic [7:0]  state_i,
  input  wire logic [15:0] spike_entries_i,
  input  wire logic [63:0] cycles_i,
  input  wire logic [31:0] stalls_i,
  input  wire logic [31:0] overruns_i,
  input  wire logic [31:0] spikes_i,
  input  wire logic [31:0] folds_i,
  // from the link: a mask, and pulses to count
  input  wire logic [ncx_pkg::RegionTotal-1:0] dirty_i,
  input  wire logic        frame_i,
  input  wire logic        crc_error_i,
  input  wire logic        overflow_i,
  input  wire logic        line_error_i,
  input  wire logic        resend_i
);
  localparam int unsigned ControlW = 3;     // control bits that exist
  localparam int unsigned FractionW = 8;
  localparam int unsigned HalfW    = 16;    // of most registers; the link's error counters saturate here
  localparam int unsigned NameW    = 32;    // letters of an INFO word
  localparam logic signed [ncx_pkg::ModulationW-1:0] ModulationOne = ncx_pkg::ModulationW'(65536);
  localparam int unsigned OneBit   = 16;    // of the modulation
  localparam int unsigned MostProfiles = 8;
  // Profiles that exist, in both halves of LEARNING.
  localparam logic [MostProfiles-1:0] ProfileMask = MostProfiles'((1 << Profiles) - 1);
  localparam logic [15:0] ProfileBits = {ProfileMask, ProfileMask};
  localparam int unsigned RegW     = 5;
  localparam int unsigned Words    = 2 << RegW;

  logic [ControlW-1:0]  control_q;
  logic                 access, write, latch;

  // ---- events to count wait here; one in two cycles, before any access: its counter is read, and written ----
  logic [4:0]      waiting_q, served;
  logic [RegW-1:0] counter, counter_q;
  logic            serve, load_q, store_q;

  always_comb begin
    served  = waiting_q & (~waiting_q + 1'b1);
    counter = 'x;
    if (waiting_q[0])      counter = RegW'(ncx_pkg::RegisterLineErrors);
    else if (waiting_q[1]) counter = RegW'(ncx_pkg::RegisterFrames);
    else if (waiting_q[2]) counter = RegW'(ncx_pkg::RegisterCrcErrors);
    else if (waiting_q[3]) counter = RegW'(ncx_pkg::RegisterOverflows);
    else if (waiting_q[4]) counter = RegW'(ncx_pkg::RegisterResends);
  end
  assign serve = waiting_q != '0 && !load_q;
  always_ff @(posedge clk_i) begin
    if (serve) counter_q <= counter;
    if (rst_i) begin
      waiting_q <= '0;
      load_q    <= 1'b0;
      store_q   <= 1'b0;
    end else begin
      waiting_q <= (waiting_q & ~(served & {5{serve}})) | {resend_i, overflow_i, crc_error_i, frame_i, line_error_i};
      load_q    <= serve;
      store_q   <= load_q;
    end
  end

  assign access    = valid_i && !load_q && !store_q && !done_o;
  assign write     = access && write_i && !info_i;
  assign control_o = 32'(control_q);
  always_ff @(posedge clk_i) begin
    done_o                <= access && !rst_i;
    tick_valid_o          <= write && !rst_i && !clear_i && addr_i == 5'(ncx_pkg::RegisterTick);
    spike_entries_valid_o <= write && !rst_i && !clear_i && addr_i == 5'(ncx_pkg::RegisterSpikeEntries);
  end

  assign still_only_o = check_addr_i == 5'(ncx_pkg::RegisterTick)
                        || check_addr_i == 5'(ncx_pkg::RegisterSpikeEntries);
  always_comb begin
    case (check_addr_i)
      5'(ncx_pkg::RegisterTick), 5'(ncx_pkg::RegisterControl), 5'(ncx_pkg::RegisterProgramLength),
      5'(ncx_pkg::RegisterEncoderRows), 5'(ncx_pkg::RegisterUsedRows), 5'(ncx_pkg::RegisterPeriod),
      5'(ncx_pkg::RegisterProbes), 5'(ncx_pkg::RegisterSpikeEntries),
      5'(ncx_pkg::RegisterFractionBits), 5'(ncx_pkg::RegisterImageId), 5'(ncx_pkg::RegisterLearning),
      5'(ncx_pkg::RegisterLearnRows), 5'(ncx_pkg::RegisterModulation),
      5'(ncx_pkg::RegisterScratch): read_only_o = 1'b0;
      default: read_only_o = 1'b1;
    endcase
  end

  // ---- what changes by itself: select in steps of three, with selects known before the access ----
  logic [1:0]  first_q, second_q, third_q;
  logic [31:0] first, second, flags;
  logic        kept_q, is_latch_q;

  always_ff @(posedge clk_i) begin
    first_q  <= 2'd0;
    second_q <= 2'd0;
    third_q  <= 2'd0;
    kept_q   <= info_i;
    is_latch_q <= !rst_i && !write_i && !info_i && addr_i == RegW'(ncx_pkg::RegisterCyclesLow);
    case (addr_i)
      5'(ncx_pkg::RegisterTick):         first_q  <= 2'd0;
      5'(ncx_pkg::RegisterUntil):        first_q  <= 2'd1;
      5'(ncx_pkg::RegisterCyclesLow):    first_q  <= 2'd2;
      5'(ncx_pkg::RegisterStalls):       first_q  <= 2'd3;
      5'(ncx_pkg::RegisterOverruns):     second_q <= 2'd1;
      5'(ncx_pkg::RegisterSpikes):       second_q <= 2'd2;
      5'(ncx_pkg::RegisterFolds):        second_q <= 2'd3;
      5'(ncx_pkg::RegisterSpikeEntries): third_q  <= 2'd1;
      5'(ncx_pkg::RegisterDirty):        third_q  <= 2'd2;
      5'(ncx_pkg::RegisterState):        third_q  <= 2'd3;
      default:                           kept_q   <= 1'b1;
    endcase
  end
  always_comb begin
    case (first_q)
      2'd0:    first = tick_i;
      2'd1:    first = until_i;
      2'd2:    first = cycles_i[31:0];
      default: first = stalls_i;
    endcase
    case (second_q)
      2'd0:    second = first;
      2'd1:    second = overruns_i;
      2'd2:    second = spikes_i;
      default: second = folds_i;
    endcase
    case (third_q)
      2'd0:    flags = second;
      2'd1:    flags = 32'(spike_entries_i);
      2'd2:    flags = 32'(dirty_i);
      default: flags = 32'(state_i);
    endcase
  end
  always_ff @(posedge clk_i) live_rdata_o <= flags;
  assign kept_o       = kept_q;

  function automatic logic [31:0] info(input int unsigned index);
    case (index)
      ncx_pkg::InfoMagic:          info = ncx_pkg::InfoMagicValue;
      ncx_pkg::InfoProtocol:       info = ncx_pkg::ProtocolVersion;
      ncx_pkg::InfoMapHash:        info = ncx_pkg::MapHash;
      ncx_pkg::InfoBuild:          info = Build;
      ncx_pkg::InfoLanes:          info = Lanes;
      ncx_pkg::InfoNeurons:        info = Neurons;
      ncx_pkg::InfoAxons:          info = Axons;
      ncx_pkg::InfoWeightBits:     info = WeightW;
      ncx_pkg::InfoSynapseWords:   info = SynapseWords;
      ncx_pkg::InfoRows:           info = Rows;
      ncx_pkg::InfoMaxDelay:       info = MaxDelay;
      ncx_pkg::InfoParameterSets:  info = ParameterSets;
      ncx_pkg::InfoProgramEntries: info = ProgramEntries;
      ncx_pkg::InfoProfiles:       info = Profiles;
      ncx_pkg::InfoEventEntries:   info = EventEntries;
      ncx_pkg::InfoStreamWords:    info = StreamWords;
      ncx_pkg::InfoProbeEntries:   info = ProbeEntries;
      ncx_pkg::InfoRxBytes:        info = RxBytes;
      ncx_pkg::InfoClockHz:        info = ClockHz;
      ncx_pkg::InfoBaud:           info = Baud;
      ncx_pkg::InfoName0:          info = Name[0*NameW+:NameW];
      ncx_pkg::InfoName1:          info = Name[1*NameW+:NameW];
      ncx_pkg::InfoName2:          info = Name[2*NameW+:NameW];
      ncx_pkg::InfoName3:          info = Name[3*NameW+:NameW];
      default:                         info = '0;    // FEATURES: none in this release
    endcase
  endfunction

  // ---- what is kept ----
  (* ram_style = "distributed" *) logic [31:0] mem [0:Words-1];
  logic [RegW:0] at;
  logic [31:0]   next, exists, exists_q, addend;
  logic          is_frames, saturated;
  initial for (int i = 0; i < Words; i++) mem[i] = i < Words / 2 ? '0 : info(i - Words / 2);

  // The high half of CYCLES is kept when the low half is read: the addresses differ in the lowest bit.
  assign latch = access && is_latch_q;
  assign at    = load_q || store_q ? {1'b0, counter_q} : {info_i, addr_i[RegW-1:1], addr_i[0] || is_latch_q};
  always_ff @(posedge clk_i) kept_rdata_o <= mem[at];

  // Bits that a register has. The address is there a cycle before the access.
  always_ff @(posedge clk_i) exists_q <= exists;
  always_comb begin
    exists = 32'hFFFF;
    case (addr_i)
      5'(ncx_pkg::RegisterPeriod), 5'(ncx_pkg::RegisterImageId), 5'(ncx_pkg::RegisterLearnRows),
      5'(ncx_pkg::RegisterScratch):       exists = '1;
      5'(ncx_pkg::RegisterModulation):    exists = 32'((33'd1 << ncx_pkg::ModulationW) - 33'd1);
      5'(ncx_pkg::RegisterControl):       exists = 32'((1 << ControlW) - 1);
      5'(ncx_pkg::RegisterFractionBits):  exists = 32'((1 << FractionW) - 1);
      5'(ncx_pkg::RegisterLearning):      exists = 32'(ProfileBits);
      default: ;
    endcase
  end

  assign is_frames = counter_q[2:0] == 3'(ncx_pkg::RegisterFrames);
  assign saturated = !is_frames && kept_rdata_o[HalfW-1:0] == '1;
  always_comb begin
    addend = wdata_i & exists_q;
    if (clear_i && addr_i == 5'(ncx_pkg::RegisterModulation)) addend[OneBit] = 1'b1;
    if (is_latch_q) addend = cycles_i[63:32];
    if (store_q)    addend = kept_rdata_o;
    next = 32'(store_q && !saturated) + addend;
  end

  always_ff @(posedge clk_i) begin
    if (!rst_i && (store_q || write || latch)) mem[at] <= next;
    if (rst_i) begin
      control_q        <= '0;
      program_length_o <= '0;
      encoder_rows_o   <= '0;
      used_rows_o      <= '0;
      period_o         <= '0;
      probes_o         <= '0;
      learning_o       <= '0;
      learn_rows_o     <= '0;
      modulation_o     <= ModulationOne;
    end else if (write) begin
      case (addr_i)
        5'(ncx_pkg::RegisterControl):       control_q        <= wdata_i[ControlW-1:0];
        5'(ncx_pkg::RegisterProgramLength): program_length_o <= wdata_i[15:0];
        5'(ncx_pkg::RegisterEncoderRows):   encoder_rows_o   <= wdata_i[15:0];
        5'(ncx_pkg::RegisterUsedRows):      used_rows_o      <= wdata_i[15:0];
        5'(ncx_pkg::RegisterPeriod):        period_o         <= wdata_i;
        5'(ncx_pkg::RegisterProbes):        probes_o         <= wdata_i[15:0];
        5'(ncx_pkg::RegisterLearning):      learning_o       <= wdata_i[15:0] & ProfileBits;
        5'(ncx_pkg::RegisterLearnRows):     learn_rows_o     <= wdata_i;
        5'(ncx_pkg::RegisterModulation):    if (!clear_i) modulation_o <= wdata_i[ncx_pkg::ModulationW-1:0];
        default: ;                          // TICK and SPIKE_ENTRIES live in the core
      endcase
    end
  end
endmodule
`default_nettype wire
