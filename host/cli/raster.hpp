// SPDX-License-Identifier: BSD-3-Clause
// A raster of recent spikes as text, and the rates of each population.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "ncx/backend.hpp"
#include "ncx/image.hpp"

namespace ncx::cli {

class Raster {
 public:
  /// Time goes to the right, `ticks_a_column` ticks a character, the last tick at the right edge.
  /// Neurons of one population share rows when there are more of them than `rows`.
  Raster(const Image& image, std::uint32_t columns, std::uint32_t rows,
         std::uint32_t ticks_a_column);

  /// The next `ticks` ticks; spikes in user numbers, ticks from 0.
  void add(const std::vector<Spike>& spikes, std::uint32_t ticks);

  struct Row {
    std::size_t population = 0;
    std::uint32_t first = 0, size = 0;  ///< neurons, in user numbers
    std::string label, cells;
  };
  [[nodiscard]] std::vector<Row> rows() const;
  /// Spikes a neuron and tick of each population, over what the raster shows.
  [[nodiscard]] std::vector<double> rates() const;

 private:
  struct Column {
    std::uint32_t ticks = 0;
    std::vector<std::uint32_t> spikes;  ///< of each row
  };
  [[nodiscard]] char cell(const Column& column, std::size_t row) const;

  std::uint32_t columns_, ticks_a_column_;
  std::vector<Row> rows_;
  std::vector<std::uint32_t> population_size_, row_of_neuron_;
  std::deque<Column> past_;
};

/// The first `count` characters of UTF-8 text.
[[nodiscard]] std::string_view first_characters(std::string_view text, std::size_t count);

}  // namespace ncx::cli
