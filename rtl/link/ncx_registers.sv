// SPDX-License-Identifier: BSD-3-Clause
// The register file and the INFO words: what the host sets and sees, what this build is.
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
  input  wire logic        info_i,        // an INFO word instead of a register
  input  wire logic [4:0]  addr_i,
  input  wire logic [31:0] wdata_i,
  output      logic        done_o,
  output      logic [31:0] rdata_o,
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
  output      logic        tick_valid_o,
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
  localparam int unsigned ErrorW   = 16;    // link error counters saturate here
  localparam int unsigned FractionW = 8;
  localparam int unsigned NameW    = 32;    // letters of an INFO word
  localparam logic signed [ncx_pkg::ModulationW-1:0] ModulationOne = ncx_pkg::ModulationW'(65536);
  localparam int unsigned MostProfiles = 8;
  // Profiles that exist, in both halves of LEARNING.
  localparam logic [MostProfiles-1:0] ProfileMask = MostProfiles'((1 << Profiles) - 1);
  localparam logic [15:0] ProfileBits = {ProfileMask, ProfileMask};

  logic [ControlW-1:0]  control_q;
  logic [FractionW-1:0] fraction_bits_q;
  logic [31:0]          image_id_q, scratch_q, cycles_high_q, frames_q;
  logic [ErrorW-1:0]    crc_errors_q, overflows_q, line_errors_q, resends_q;
  logic                 write, access;
  logic [31:0]          value, info;

  assign access    = valid_i && !done_o;
  assign write     = access && write_i && !info_i;
  assign control_o = 32'(control_q);
  assign tick_valid_o          = write && addr_i == 5'(ncx_pkg::RegisterTick);
  assign spike_entries_valid_o = write && addr_i == 5'(ncx_pkg::RegisterSpikeEntries);

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

  always_comb begin
    case (addr_i)
      5'(ncx_pkg::RegisterTick):          value = tick_i;
      5'(ncx_pkg::RegisterUntil):         value = until_i;
      5'(ncx_pkg::RegisterState):         value = 32'(state_i);
      5'(ncx_pkg::RegisterControl):       value = control_o;
      5'(ncx_pkg::RegisterProgramLength): value = 32'(program_length_o);
      5'(ncx_pkg::RegisterEncoderRows):   value = 32'(encoder_rows_o);
      5'(ncx_pkg::RegisterUsedRows):      value = 32'(used_rows_o);
      5'(ncx_pkg::RegisterPeriod):        value = period_o;
      5'(ncx_pkg::RegisterProbes):        value = 32'(probes_o);
      5'(ncx_pkg::RegisterSpikeEntries):  value = 32'(spike_entries_i);
      5'(ncx_pkg::RegisterFractionBits):  value = 32'(fraction_bits_q);
      5'(ncx_pkg::RegisterImageId):       value = image_id_q;
      5'(ncx_pkg::RegisterCyclesLow):     value = cycles_i[31:0];
      5'(ncx_pkg::RegisterCyclesHigh):    value = cycles_high_q;
      5'(ncx_pkg::RegisterStalls):        value = stalls_i;
      5'(ncx_pkg::RegisterOverruns):      value = overruns_i;
      5'(ncx_pkg::RegisterSpikes):        value = spikes_i;
      5'(ncx_pkg::RegisterFrames):        value = frames_q;
      5'(ncx_pkg::RegisterCrcErrors):     value = 32'(crc_errors_q);
      5'(ncx_pkg::RegisterOverflows):     value = 32'(overflows_q);
      5'(ncx_pkg::RegisterLineErrors):    value = 32'(line_errors_q);
      5'(ncx_pkg::RegisterResends):       value = 32'(resends_q);
      5'(ncx_pkg::RegisterDirty):         value = 32'(dirty_i);
      5'(ncx_pkg::RegisterLearning):      value = 32'(learning_o);
      5'(ncx_pkg::RegisterLearnRows):     value = learn_rows_o;
      5'(ncx_pkg::RegisterModulation):    value = 32'(unsigned'(modulation_o));
      5'(ncx_pkg::RegisterFolds):         value = folds_i;
      5'(ncx_pkg::RegisterScratch):       value = scratch_q;
      default:                            value = '0;
    endcase
  end

  always_comb begin
    case (addr_i)
      5'(ncx_pkg::InfoMagic):          info = ncx_pkg::InfoMagicValue;
      5'(ncx_pkg::InfoProtocol):       info = ncx_pkg::ProtocolVersion;
      5'(ncx_pkg::InfoMapHash):        info = ncx_pkg::MapHash;
      5'(ncx_pkg::InfoBuild):          info = Build;
      5'(ncx_pkg::InfoLanes):          info = Lanes;
      5'(ncx_pkg::InfoNeurons):        info = Neurons;
      5'(ncx_pkg::InfoAxons):          info = Axons;
      5'(ncx_pkg::InfoWeightBits):     info = WeightW;
      5'(ncx_pkg::InfoSynapseWords):   info = SynapseWords;
      5'(ncx_pkg::InfoRows):           info = Rows;
      5'(ncx_pkg::InfoMaxDelay):       info = MaxDelay;
      5'(ncx_pkg::InfoParameterSets):  info = ParameterSets;
      5'(ncx_pkg::InfoProgramEntries): info = ProgramEntries;
      5'(ncx_pkg::InfoProfiles):       info = Profiles;
      5'(ncx_pkg::InfoEventEntries):   info = EventEntries;
      5'(ncx_pkg::InfoStreamWords):    info = StreamWords;
      5'(ncx_pkg::InfoProbeEntries):   info = ProbeEntries;
      5'(ncx_pkg::InfoRxBytes):        info = RxBytes;
      5'(ncx_pkg::InfoClockHz):        info = ClockHz;
      5'(ncx_pkg::InfoBaud):           info = Baud;
      5'(ncx_pkg::InfoName0):          info = Name[0*NameW+:NameW];
      5'(ncx_pkg::InfoName1):          info = Name[1*NameW+:NameW];
      5'(ncx_pkg::InfoName2):          info = Name[2*NameW+:NameW];
      5'(ncx_pkg::InfoName3):          info = Name[3*NameW+:NameW];
      default:                         info = '0;    // FEATURES: none in this release
    endcase
  end

  // A saturating counter's next value.
  function automatic logic [ErrorW-1:0] count(input logic [ErrorW-1:0] old, input logic more);
    count = old + {{(ErrorW-1){1'b0}}, more && !(&old)};
  endfunction

  always_ff @(posedge clk_i) begin
    rdata_o <= info_i ? info : value;
    // The high half belongs to the low half that was read.
    if (access && !write_i && !info_i && addr_i == 5'(ncx_pkg::RegisterCyclesLow)) begin
      cycles_high_q <= cycles_i[63:32];
    end
    if (rst_i) begin
      done_o           <= 1'b0;
      control_q        <= '0;
      program_length_o <= '0;
      encoder_rows_o   <= '0;
      used_rows_o      <= '0;
      period_o         <= '0;
      probes_o         <= '0;
      learning_o       <= '0;
      learn_rows_o     <= '0;
      modulation_o     <= ModulationOne;
      fraction_bits_q  <= '0;
      image_id_q       <= '0;
      scratch_q        <= '0;
      frames_q         <= '0;
      crc_errors_q     <= '0;
      overflows_q      <= '0;
      line_errors_q    <= '0;
      resends_q        <= '0;
    end else begin
      done_o        <= access;
      frames_q      <= frames_q + 32'(frame_i);
      crc_errors_q  <= count(crc_errors_q, crc_error_i);
      overflows_q   <= count(overflows_q, overflow_i);
      line_errors_q <= count(line_errors_q, line_error_i);
      resends_q     <= count(resends_q, resend_i);
      if (write) begin
        case (addr_i)
          5'(ncx_pkg::RegisterControl):       control_q        <= wdata_i[ControlW-1:0];
          5'(ncx_pkg::RegisterProgramLength): program_length_o <= wdata_i[15:0];
          5'(ncx_pkg::RegisterEncoderRows):   encoder_rows_o   <= wdata_i[15:0];
          5'(ncx_pkg::RegisterUsedRows):      used_rows_o      <= wdata_i[15:0];
          5'(ncx_pkg::RegisterPeriod):        period_o         <= wdata_i;
          5'(ncx_pkg::RegisterProbes):        probes_o         <= wdata_i[15:0];
          5'(ncx_pkg::RegisterLearning):      learning_o       <= wdata_i[15:0] & ProfileBits;
          5'(ncx_pkg::RegisterLearnRows):     learn_rows_o     <= wdata_i;
          5'(ncx_pkg::RegisterModulation):    modulation_o     <= wdata_i[ncx_pkg::ModulationW-1:0];
          5'(ncx_pkg::RegisterFractionBits):  fraction_bits_q  <= wdata_i[FractionW-1:0];
          5'(ncx_pkg::RegisterImageId):       image_id_q       <= wdata_i;
          5'(ncx_pkg::RegisterScratch):       scratch_q        <= wdata_i;
          default: ;                          // TICK and SPIKE_ENTRIES live in the core
        endcase
      end
    end
  end
endmodule
`default_nettype wire
