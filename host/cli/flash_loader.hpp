// SPDX-License-Identifier: BSD-3-Clause
// openFPGALoader as we use it: what we ask of it, and what its answers mean.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include "flash_process.hpp"
#include "ncx/boards.hpp"

namespace ncx::cli {

class Loader {
 public:
  /// Finds it on PATH; throws InputError when it is not there.
  Loader(const Board& board, std::string serial_number, std::chrono::milliseconds timeout,
         const StopSignal& stop);

  /// Asks the board for its FPGA. Throws InputError when that is another one than the board has,
  /// PortError when there is no board to ask.
  void check_board() const;
  /// Loads the FPGA, or with `persist` the flash that it loads itself from.
  void program(const std::filesystem::path& file, bool persist) const;

 private:
  [[nodiscard]] ProcessResult run(std::vector<std::string> arguments, bool echo,
                                  std::chrono::milliseconds timeout) const;

  const Board& board_;
  std::string serial_number_;
  std::chrono::milliseconds timeout_;
  const StopSignal& stop_;
  std::filesystem::path program_;
};

}  // namespace ncx::cli
