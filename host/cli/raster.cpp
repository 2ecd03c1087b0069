// SPDX-License-Identifier: BSD-3-Clause
// Which neurons share a row, and how dense a character is.
#include "raster.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <string_view>

namespace ncx::cli {
namespace {

constexpr std::string_view kLevels = ".:+#";  // up to a quarter, ..., up to all of what can spike
constexpr std::uint32_t kNoRow = UINT32_MAX;

std::uint32_t divided_up(std::uint32_t a, std::uint32_t b) { return (a + b - 1) / b; }

/// The least number of neurons a row with which all populations need at most `rows` rows; a
/// population needs one in any case.
std::uint32_t neurons_a_row(const std::vector<Group>& populations, std::uint32_t rows) {
  std::uint32_t most = 1;
  for (const Group& group : populations) most = std::max(most, group.size);
  std::uint32_t low = 1;
  while (low < most) {
    const std::uint32_t middle = low + (most - low) / 2;
    std::uint64_t needed = 0;
    for (const Group& group : populations) needed += divided_up(group.size, middle);
    if (needed <= rows) {
      most = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

}  // namespace

Raster::Raster(const Image& image, std::uint32_t columns, std::uint32_t rows,
               std::uint32_t ticks_a_column)
    : columns_(std::max(columns, 1U)),
      ticks_a_column_(std::max(ticks_a_column, 1U)),
      row_of_neuron_(image.neurons(), kNoRow) {
  const std::uint32_t share = neurons_a_row(image.populations, rows);
  for (std::size_t p = 0; p < image.populations.size(); ++p) {
    const Group& group = image.populations[p];
    population_size_.push_back(group.size);
    for (std::uint32_t at = 0; at < group.size; at += share) {
      Row row;
      row.population = p;
      row.first = group.first + at;
      row.size = std::min(share, group.size - at);
      row.label = row.size == 1 ? fmt::format("{}[{}]", group.name, at)
                                : fmt::format("{}[{}-{}]", group.name, at, at + row.size - 1);
      std::fill_n(row_of_neuron_.begin() + row.first, row.size,
                  static_cast<std::uint32_t>(rows_.size()));
      rows_.push_back(std::move(row));
    }
  }
}

void Raster::add(const std::vector<Spike>& spikes, std::uint32_t ticks) {
  auto spike = spikes.begin();
  for (std::uint32_t tick = 0; tick < ticks; ++tick) {
    if (past_.empty() || past_.back().ticks == ticks_a_column_) {
      past_.push_back({0, std::vector<std::uint32_t>(rows_.size())});
      if (past_.size() > columns_) past_.pop_front();
    }
    Column& column = past_.back();
    ++column.ticks;
    for (; spike != spikes.end() && spike->tick == tick; ++spike) {
      const std::uint32_t row = row_of_neuron_.at(spike->neuron);
      if (row != kNoRow) ++column.spikes[row];
    }
  }
}

char Raster::cell(const Column& column, std::size_t row) const {
  const std::uint64_t spikes = column.spikes[row];
  if (spikes == 0) return ' ';
  const std::uint64_t most = std::uint64_t{column.ticks} * rows_[row].size;
  return kLevels[std::min<std::size_t>((spikes * kLevels.size() - 1) / most, kLevels.size() - 1)];
}

std::vector<Raster::Row> Raster::rows() const {
  std::vector<Row> rows = rows_;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    rows[row].cells.assign(columns_ - past_.size(), ' ');
    for (const Column& column : past_) rows[row].cells += cell(column, row);
  }
  return rows;
}

std::vector<double> Raster::rates() const {
  std::vector<std::uint64_t> spikes(population_size_.size());
  std::uint64_t ticks = 0;
  for (const Column& column : past_) {
    ticks += column.ticks;
    for (std::size_t row = 0; row < rows_.size(); ++row) {
      spikes[rows_[row].population] += column.spikes[row];
    }
  }
  std::vector<double> rates(spikes.size());
  for (std::size_t p = 0; p < rates.size(); ++p) {
    const double chances = static_cast<double>(ticks) * population_size_[p];
    if (chances > 0) rates[p] = static_cast<double>(spikes[p]) / chances;
  }
  return rates;
}

std::string_view first_characters(std::string_view text, std::size_t count) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool begins = (static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80;
    if (begins && count-- == 0) return text.substr(0, i);
  }
  return text;
}

}  // namespace ncx::cli
