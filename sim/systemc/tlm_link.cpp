// SPDX-License-Identifier: BSD-3-Clause
// Bytes in, transactions out, bytes back.
#include "tlm_link.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace ncx::sim {
namespace {

using sc_core::sc_time;

constexpr double kBitsPerByte = 10;
/// Bytes that the line moves at once.
constexpr std::size_t kBurst = 16;
/// The hardware's pause after which it sends what is in a stream frame that is not full.
constexpr double kQuietClocks = 1024;
/// Clock cycles that an initiator may be ahead of simulated time.
constexpr double kQuantumClocks = 10'000;
constexpr std::size_t kStackBytes = std::size_t{1} << 20;  // of the process that the model runs in

std::size_t move_some(std::deque<std::uint8_t>& from, std::vector<std::uint8_t>& to) {
  const std::size_t count = std::min(from.size(), kBurst);
  const auto end = from.begin() + static_cast<std::ptrdiff_t>(count);
  to.insert(to.end(), from.begin(), end);
  from.erase(from.begin(), end);
  return count;
}

}  // namespace

ByteLine::ByteLine(const sc_core::sc_module_name& name, std::uint32_t baud)
    : sc_module(name), byte_(kBitsPerByte / baud, sc_core::SC_SEC) {
  SC_HAS_PROCESS(ByteLine);
  SC_THREAD(inward);
  SC_THREAD(outward);
}

void ByteLine::send(const std::uint8_t* bytes, std::size_t count) {
  to_board_.insert(to_board_.end(), bytes, bytes + count);
  sent_.notify(sc_core::SC_ZERO_TIME);
}

std::vector<std::uint8_t> ByteLine::received() { return std::exchange(received_, {}); }

std::vector<std::uint8_t> ByteLine::take() { return std::exchange(arrived_bytes_, {}); }

void ByteLine::answer(const std::vector<std::uint8_t>& bytes) {
  from_board_.insert(from_board_.end(), bytes.begin(), bytes.end());
  answered_.notify(sc_core::SC_ZERO_TIME);
}

void ByteLine::inward() {
  while (true) {
    while (to_board_.empty()) wait(sent_);
    wait(byte_ * static_cast<double>(std::min(to_board_.size(), kBurst)));
    static_cast<void>(move_some(to_board_, arrived_bytes_));
    arrived_.notify(sc_core::SC_ZERO_TIME);
  }
}

void ByteLine::outward() {
  while (true) {
    while (from_board_.empty()) wait(answered_);
    wait(byte_ * static_cast<double>(move_some(from_board_, received_)));
  }
}

TlmLink::TlmLink(const sc_core::sc_module_name& name, ByteLine& line, LinkFactory factory,
                 const sc_time& clock)
    : sc_module(name), line_(line), factory_(std::move(factory)), clock_(clock) {
  SC_HAS_PROCESS(TlmLink);
  tlm_utils::tlm_quantumkeeper::set_global_quantum(clock_ * kQuantumClocks);
  keeper_.reset();
  SC_THREAD(serve);
  set_stack_size(kStackBytes);
}

void TlmLink::serve() {
  link_ = factory_(*this);
  const sc_time pause = clock_ * kQuietClocks;
  int idle = 0;
  while (true) {
    const std::vector<std::uint8_t> bytes = line_.take();
    if (!bytes.empty()) link_->receive(bytes.data(), bytes.size());
    const bool busy = link_->work();
    const std::vector<std::uint8_t> out = link_->transmit();
    keeper_.sync();  // what the requests took has passed before the reply leaves
    if (!out.empty()) line_.answer(out);
    look();
    idle = busy || !bytes.empty() || !out.empty() ? 0 : idle + 1;
    if (busy) continue;
    // The first pause after some work makes the rest of the stream due.
    asleep_ = idle > 1;
    if (asleep_) {
      sc_module::wait(line_.arrived());
    } else {
      sc_module::wait(pause, line_.arrived());
    }
    asleep_ = false;
  }
}

void TlmLink::look() {
  if (std::exchange(frames_, link_->frames()) != link_->frames()) {
    framed_.notify(sc_core::SC_ZERO_TIME);
  }
  const bool damaged = std::exchange(damaged_, link_->damaged()) != link_->damaged();
  const bool session = std::exchange(sessions_, link_->sessions()) != link_->sessions();
  if (!damaged && !session) return;
  error_ = damaged;
  checked_.notify(sc_core::SC_ZERO_TIME);
}

void TlmLink::access(tlm::tlm_command command, std::uint64_t address, std::uint8_t* data,
                     std::size_t bytes) {
  tlm::tlm_generic_payload payload;
  payload.set_command(command);
  payload.set_address(address);
  payload.set_data_ptr(data);
  payload.set_data_length(static_cast<unsigned>(bytes));
  payload.set_streaming_width(static_cast<unsigned>(bytes));
  payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  sc_time delay = keeper_.get_local_time();
  socket->b_transport(payload, delay);
  if (payload.is_response_error()) {
    throw std::runtime_error("the link's access to bus address " + std::to_string(address) +
                             " got " + payload.get_response_string());
  }
  keeper_.set(delay);
  if (keeper_.need_sync()) keeper_.sync();
}

void TlmLink::read(std::uint64_t address, std::uint8_t* data, std::size_t bytes) {
  access(tlm::TLM_READ_COMMAND, address, data, bytes);
}

void TlmLink::write(std::uint64_t address, const std::uint8_t* data, std::size_t bytes) {
  // TLM has one pointer for both ways; a target does not write through it in a write.
  access(tlm::TLM_WRITE_COMMAND, address, const_cast<std::uint8_t*>(data), bytes);
}

void TlmLink::wait() {
  keeper_.sync();
  sc_module::wait(clock_ * kQuantumClocks, running_i.negedge_event());
}

}  // namespace ncx::sim
