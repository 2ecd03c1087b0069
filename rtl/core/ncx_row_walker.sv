// SPDX-License-Identifier: BSD-3-Clause
// Walks the rows of one source: source table -> row table -> one synapse address a cycle for all lanes.
// Cost: 2 cycles, plus 1 + length for each row. For learning, rows of one profile are handed to ncx_learn_stepper instead.
`default_nettype none
module ncx_row_walker #(
  parameter int unsigned Sources      = 2048,
  parameter int unsigned Rows         = 2048,
  parameter int unsigned SynapseWords = 5120,
  parameter int unsigned GroupW       = 6,
  localparam int unsigned SrcW = $clog2(Sources),
  localparam int unsigned RowW = $clog2(Rows),
  localparam int unsigned SynW = $clog2(SynapseWords),
  // A row is at most as long as the synapse memory; longer tables than a 16-bit length field can name do not exist.
  localparam int unsigned LenW = SynW > 15 ? 16 : SynW + 1
) (
  input  wire logic                          clk_i,
  input  wire logic                          rst_i,
  input  wire logic                          start_i,      // first cycle of the walk; only while idle
  input  wire logic [SrcW-1:0]               source_i,
  output      logic                          gather_last_o, // last cycle of the walk, if it is not learning's
  output      logic                          learn_last_o,  // the same, if it is
  output      logic                          walk_o,
  output      logic [SynW-1:0]               walk_addr_o,
  output      logic                          walk_sparse_o,
  output      logic [ncx_pkg::ExponentW-1:0] walk_exponent_o,
  output      logic [GroupW-1:0]             walk_group_o,
  output      logic [ncx_pkg::ProfileW-1:0]  walk_profile_o,
  // learning: the row that begins, and the end of its walk
  input  wire logic                          learn_i,      // during the whole walk
  input  wire logic [ncx_pkg::ProfileW-1:0]  learn_profile_i,
  output      logic                          learn_start_o,
  output      logic [SynW-1:0]               learn_base_o,
  output      logic [GroupW-1:0]             learn_group_o,
  output      logic [LenW-1:0]               learn_length_o,
  output      logic                          learn_sparse_o,
  input  wire logic                          row_last_i,
  // configuration, only while idle; read data one cycle after the request
  input  wire logic                          cfg_source_i,
  input  wire logic                          cfg_row_i,
  input  wire logic                          cfg_write_i,
  input  wire logic [SrcW-1:0]               cfg_source_addr_i,
  input  wire logic [RowW:0]                 cfg_row_addr_i,
  input  wire logic [31:0]                   cfg_wdata_i,
  output      logic [31:0]                   cfg_rdata_o
);
  localparam int unsigned ExpW  = ncx_pkg::ExponentW;
  localparam int unsigned ProfW = ncx_pkg::ProfileW;
  localparam int unsigned HalfW = SynW + ExpW + ProfW + 2;
  // Fields of the table words on the configuration bus.
  localparam int unsigned SourceValid = 31;
  localparam int unsigned ExponentLsb = 20;
  localparam int unsigned ProfileLsb  = 24;
  localparam int unsigned SparseBit   = 27;
  localparam int unsigned LastBit     = 28;
  localparam int unsigned TargetLsb   = 16;

  typedef enum logic [2:0] {Idle, Lookup, Load, Walk, Learn} state_e;
  state_e state_q;

  logic              source_valid, row_last, row_sparse, row_fetch, last_q, sparse_q;
  logic [RowW-1:0]   first_row, next_row_q, row_addr;
  logic [SynW-1:0]   row_base, addr_q;
  logic [ExpW-1:0]   row_exponent, exponent_q;
  logic [ProfW-1:0]  row_profile, profile_q;
  logic              match;
  logic [LenW-1:0]   row_length, left_q;
  logic [GroupW-1:0] row_group, group_q;
  logic [HalfW-1:0]  half_q;

  ncx_ram #(.Width(1 + RowW), .Depth(Sources), .Style(1)) u_sources (
    .clk_i, .we_i(cfg_source_i && cfg_write_i), .waddr_i(cfg_source_addr_i),
    .wdata_i({cfg_wdata_i[SourceValid], cfg_wdata_i[RowW-1:0]}),
    .re_i(start_i || cfg_source_i), .raddr_i(cfg_source_i ? cfg_source_addr_i : source_i),
    .rdata_o({source_valid, first_row})
  );

  // The next row's entry is fetched while this one is walked.
  assign row_fetch = state_q == Lookup || state_q == Load;
  assign row_addr  = state_q == Lookup ? first_row : next_row_q;
  ncx_ram #(.Width(LenW + GroupW + HalfW), .Depth(Rows), .Style(1)) u_rows (
    .clk_i, .we_i(cfg_row_i && cfg_write_i && cfg_row_addr_i[0]), .waddr_i(cfg_row_addr_i[RowW:1]),
    .wdata_i({cfg_wdata_i[LenW-1:0], cfg_wdata_i[TargetLsb+:GroupW], half_q}),
    .re_i(row_fetch || cfg_row_i), .raddr_i(cfg_row_i ? cfg_row_addr_i[RowW:1] : row_addr),
    .rdata_o({row_length, row_group, row_last, row_sparse, row_profile, row_exponent, row_base})
  );

  always_ff @(posedge clk_i) begin
    if (cfg_row_i && cfg_write_i && !cfg_row_addr_i[0]) begin
      half_q <= {cfg_wdata_i[LastBit], cfg_wdata_i[SparseBit], cfg_wdata_i[ProfileLsb+:ProfW],
                 cfg_wdata_i[ExponentLsb+:ExpW], cfg_wdata_i[SynW-1:0]};
    end
    case (state_q)
      Lookup: next_row_q <= first_row + 1'b1;
      Load: begin
        next_row_q <= next_row_q + 1'b1;
        addr_q     <= row_base;
        group_q    <= row_group;
        left_q     <= row_length;
        last_q     <= row_last;
        sparse_q   <= row_sparse;
        exponent_q <= row_exponent;
        profile_q  <= row_profile;
      end
      Walk: begin
        addr_q  <= addr_q + 1'b1;
        if (!sparse_q) group_q <= group_q + 1'b1;     // a sparse row's tag stays
        left_q  <= left_q - 1'b1;
      end
      default: ;
    endcase
    if (rst_i) state_q <= Idle;
    else begin
      case (state_q)
        Idle:    if (start_i) state_q <= Lookup;
        Lookup:  state_q <= source_valid ? Load : Idle;
        Load:    state_q <= !learn_i ? Walk : match ? Learn : row_last ? Idle : Load;
        Learn:   if (row_last_i) state_q <= last_q ? Idle : Load;
        default: if (left_q == LenW'(1)) state_q <= last_q ? Idle : Load;
      endcase
    end
  end

  assign walk_o          = state_q == Walk;
  assign walk_addr_o     = addr_q;
  assign walk_group_o    = group_q;
  assign walk_sparse_o   = sparse_q;
  assign walk_exponent_o = exponent_q;
  assign walk_profile_o  = profile_q;
  assign match           = row_profile == learn_profile_i;
  assign learn_start_o   = state_q == Load && learn_i && match;
  assign learn_base_o    = row_base;
  assign learn_group_o   = row_group;
  assign learn_length_o  = row_length;
  assign learn_sparse_o  = row_sparse;
  assign gather_last_o   = (state_q == Lookup && !source_valid) || (state_q == Walk && left_q == LenW'(1) && last_q);
  assign learn_last_o    = (state_q == Lookup && !source_valid) || (state_q == Load && !match && row_last)
                           || (state_q == Learn && row_last_i && last_q);

  logic cfg_source_q, cfg_half_q;
  always_ff @(posedge clk_i) begin
    cfg_source_q <= cfg_source_i;
    cfg_half_q   <= cfg_row_addr_i[0];
  end
  always_comb begin
    cfg_rdata_o = '0;
    if (cfg_source_q) begin
      cfg_rdata_o[RowW-1:0]    = first_row;
      cfg_rdata_o[SourceValid] = source_valid;
    end else if (cfg_half_q) begin
      cfg_rdata_o[LenW-1:0]          = row_length;
      cfg_rdata_o[TargetLsb+:GroupW] = row_group;
    end else begin
      cfg_rdata_o[SynW-1:0]            = row_base;
      cfg_rdata_o[ExponentLsb+:ExpW]   = row_exponent;
      cfg_rdata_o[ProfileLsb+:ProfW]   = row_profile;
      cfg_rdata_o[SparseBit]           = row_sparse;
      cfg_rdata_o[LastBit]             = row_last;
    end
  end

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) if (!rst_i) begin
    assert (!start_i || state_q == Idle);
    assert (!(cfg_source_i || cfg_row_i) || state_q == Idle);
  end
`endif
endmodule
`default_nettype wire
