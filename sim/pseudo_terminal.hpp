// SPDX-License-Identifier: BSD-3-Clause
// The master side of a pseudo-terminal, with a symbolic link that other programs can be given.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace ncx::sim {

class PseudoTerminal {
 public:
  /// Makes `link` (unless empty) point to the slave; replaces a link that a killed process left.
  explicit PseudoTerminal(std::string link);
  ~PseudoTerminal();
  PseudoTerminal(const PseudoTerminal&) = delete;
  PseudoTerminal& operator=(const PseudoTerminal&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] int fd() const { return master_; }
  /// Whatever is there, without waiting.
  [[nodiscard]] std::size_t read(std::span<std::uint8_t> out);
  /// As much as fits, without waiting; returns the number of bytes written.
  [[nodiscard]] std::size_t write(std::span<const std::uint8_t> bytes);

 private:
  void close_all() noexcept;
  int master_ = -1;
  int slave_ = -1;  // held open and raw: nothing is echoed, and the terminal outlives its users
  std::string path_, link_;
};

}  // namespace ncx::sim
