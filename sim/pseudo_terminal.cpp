// SPDX-License-Identifier: BSD-3-Clause
// Pseudo-terminal over POSIX calls.
#include "pseudo_terminal.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include "ncx/error.hpp"
#include "ncx/ports.hpp"

namespace ncx::sim {
namespace {

namespace fs = std::filesystem;

std::string reason() { return std::generic_category().message(errno); }

[[noreturn]] void fail(const std::string& what) {
  throw InputError(fmt::format("pseudo-terminal: {} failed: {}", what, reason()),
                   "check that /dev/pts is mounted and /proc/sys/kernel/pty/max is not reached");
}

/// A link that points to a pseudo-terminal was left by a simulator that was killed, unless somebody
/// else has that terminal open: the number of one that is gone may be `own` by now.
bool is_leftover(const fs::path& path, const std::string& own) {
  std::error_code error;
  if (!fs::is_symlink(fs::symlink_status(path, error))) return false;
  const fs::path target = fs::read_symlink(path, error);
  if (error || !target.string().starts_with("/dev/pts/")) return false;
  const std::string user = target == own ? "" : port_user(target);
  if (user.empty()) return true;
  throw InputError(fmt::format("the link '{}' leads to {}, which {} has open", path.string(),
                               target.string(), user),
                   fmt::format("end that program, or another --link path; or rm {}, if it is no "
                               "virtual board",
                               path.string()));
}

}  // namespace

PseudoTerminal::PseudoTerminal(std::string link) {
  try {
    master_ = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (master_ < 0) fail("posix_openpt");
    if (::grantpt(master_) != 0 || ::unlockpt(master_) != 0) fail("unlockpt");
    std::array<char, 128> name{};
    if (::ptsname_r(master_, name.data(), name.size()) != 0) fail("ptsname");
    path_ = name.data();
    slave_ = ::open(path_.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (slave_ < 0) fail("opening " + path_);
    termios settings{};
    if (::tcgetattr(slave_, &settings) != 0) fail("tcgetattr");
    ::cfmakeraw(&settings);
    if (::tcsetattr(slave_, TCSANOW, &settings) != 0) fail("tcsetattr");
    const int flags = ::fcntl(master_, F_GETFL);
    if (flags < 0 || ::fcntl(master_, F_SETFL, flags | O_NONBLOCK) < 0) fail("fcntl");
    if (!link.empty()) {
      std::error_code error;
      if (is_leftover(link, path_)) fs::remove(link, error);
      fs::create_symlink(path_, link, error);
      if (error) {
        throw InputError(fmt::format("cannot make the link '{}': {}", link, error.message()),
                         "another --link path, in a folder you may write to; a file that is there "
                         "is never overwritten");
      }
      link_ = std::move(link);
    }
  } catch (...) {
    close_all();
    throw;
  }
}

PseudoTerminal::~PseudoTerminal() {
  if (!link_.empty()) {
    std::error_code error;  // someone may have taken the name over: theirs stays
    if (fs::read_symlink(link_, error) == path_ && !error) fs::remove(link_, error);
  }
  close_all();
}

void PseudoTerminal::close_all() noexcept {
  if (slave_ >= 0) ::close(slave_);
  if (master_ >= 0) ::close(master_);
  slave_ = master_ = -1;
}

std::size_t PseudoTerminal::read(std::span<std::uint8_t> out) {
  const ssize_t count = ::read(master_, out.data(), out.size());
  if (count >= 0) return static_cast<std::size_t>(count);
  if (errno == EAGAIN || errno == EINTR) return 0;
  fail("reading " + path_);
}

std::size_t PseudoTerminal::write(std::span<const std::uint8_t> bytes) {
  const ssize_t count = ::write(master_, bytes.data(), bytes.size());
  if (count >= 0) return static_cast<std::size_t>(count);
  if (errno == EAGAIN || errno == EINTR) return 0;
  fail("writing " + path_);
}

}  // namespace ncx::sim
