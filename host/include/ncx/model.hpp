// SPDX-License-Identifier: BSD-3-Clause
// The bit-exact model of the hardware (docs/model.md), with its cycle count (docs/architecture.md).
#pragma once

#include <memory>

#include "ncx/backend.hpp"

namespace ncx {

class Model final : public Backend {
 public:
  explicit Model(Geometry geometry);
  ~Model() override;
  Model(Model&&) noexcept;
  Model& operator=(Model&&) noexcept;

  [[nodiscard]] const Geometry& geometry() const override;
  [[nodiscard]] std::string description() const override { return "model"; }
  [[nodiscard]] std::vector<std::uint64_t> read(Region region, std::uint64_t address,
                                                std::size_t count) override;
  void write(Region region, std::uint64_t address, std::span<const std::uint64_t> words) override;
  void reset(std::uint32_t mask) override;
  RunResult run(const RunRequest& request) override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ncx
