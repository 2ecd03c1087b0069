// SPDX-License-Identifier: BSD-3-Clause
// One exception type a kind of failure. Each carries what went wrong and what to try.
#pragma once

#include <stdexcept>
#include <string>

namespace ncx {

class Error : public std::runtime_error {
 public:
  Error(const std::string& what, const std::string& hint)
      : std::runtime_error(hint.empty() ? what : what + "\n  try: " + hint), hint_(hint) {}
  [[nodiscard]] const std::string& hint() const { return hint_; }

 private:
  std::string hint_;
};

/// The network, a file or an argument is not valid.
class InputError : public Error {
  using Error::Error;
};
/// The network is valid but does not fit this build.
class CapacityError : public Error {
  using Error::Error;
};
/// The line to the device failed, timed out, or the other side speaks something else.
class LinkError : public Error {
  using Error::Error;
};
/// Nothing came back that answers.
class NoAnswerError : public LinkError {
 public:
  NoAnswerError(const std::string& what, const std::string& hint, bool understood)
      : LinkError(what, hint), understood_(understood) {}
  /// Whole frames came, if of another protocol version: the line itself is right.
  [[nodiscard]] bool understood() const { return understood_; }

 private:
  bool understood_;
};
/// No device, or it cannot be opened.
class PortError : public LinkError {
  using LinkError::LinkError;
};
/// The device refused a request.
class RefusedError : public LinkError {
  using LinkError::LinkError;
};
/// The caller asked to stop.
class Interrupted : public Error {
  using Error::Error;
};

}  // namespace ncx
