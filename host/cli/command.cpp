// SPDX-License-Identifier: BSD-3-Clause
// Parsing, error reports and the small tools of the subcommands.
#include "command.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <pthread.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <exception>
#include <mutex>
#include <new>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

#include "ncx/device.hpp"
#include "ncx/emulator.hpp"
#include "ncx/error.hpp"
#include "ncx/rtl_backend.hpp"

namespace ncx::cli {
namespace {

/// Reports a failure; every report ends with what to try.
int fail(const Context& context, int code, const std::string& what, const std::string& hint) {
  if (context.json) {
    nlohmann::json object = context.partial;
    object.update({{"error", what}, {"try", hint}, {"exit_code", code}});
    const std::string line = as_text(object) + "\n";
    // Unlike fmt::print it does not throw: that stdout fails may be what is reported.
    static_cast<void>(std::fwrite(line.data(), 1, line.size(), stdout));
    std::fflush(stdout);
  }
  tell(fmt::format("error: {}\n  try: {}\n", what, hint));
  return code;
}

int fail(const Context& context, int code, const Error& error) {
  std::string what = error.what();
  const std::string tail = "\n  try: " + error.hint();
  if (!error.hint().empty() && what.ends_with(tail)) what.resize(what.size() - tail.size());
  return fail(context, code, what, error.hint().empty() ? "ncx --help" : error.hint());
}

int fail_stdout(const Context& context) {
  return fail(context, kUsage, "cannot write all of the result to standard output",
              "a disk with room, or another place");
}

/// A word of the command line that looks like an option and is none; empty: there is none.
std::string unknown_option(const std::vector<const CLI::App*>& apps, int argc,
                           const char* const* argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--") break;
    if (!word.starts_with("--")) continue;
    std::string name = word.substr(0, word.find('='));
    if (std::none_of(apps.begin(), apps.end(), [&](const CLI::App* app) {
          return app->get_option_no_throw(name) != nullptr;
        })) {
      return name;
    }
  }
  return {};
}

/// "; expected ..." for the option that "Could not convert: --seed = -1" names.
std::string expectation(const std::vector<const CLI::App*>& apps, const std::string& what) {
  for (const CLI::App* app : apps) {
    for (const CLI::Option* option : app->get_options()) {
      if (what.find(fmt::format(": {} = ", option->get_name())) == std::string::npos) continue;
      const std::string type = option->get_type_name();
      if (type.starts_with("UINT")) return "; expected a whole number from 0 to 4294967295";
      if (type.starts_with("INT")) return "; expected a whole number";
      return "; expected a number";
    }
  }
  return {};
}

/// What the parser found wrong, in words that name it, and where to read on.
int fail(const Context& context, const CLI::App& app, const CLI::ParseError& error, int argc,
         const char* const* argv) {
  // It complains of what is missing first, also when that is there with a slip of the pen.
  const bool missing = dynamic_cast<const CLI::RequiredError*>(&error) != nullptr;
  std::string what = error.what();
  std::vector<const CLI::App*> apps{&app};
  for (const CLI::App* command : app.get_subcommands()) apps.push_back(command);
  if (dynamic_cast<const CLI::ConversionError*>(&error) != nullptr) what += expectation(apps, what);
  const std::string slip = missing ? unknown_option(apps, argc, argv) : "";
  if (!slip.empty()) what = fmt::format("there is no option '{}'", slip);
  if (apps.size() > 1) {
    return fail(context, kUsage, what, fmt::format("ncx {} --help", apps[1]->get_name()));
  }
  const auto word = std::find_if(argv + 1, argv + argc, [](const char* w) { return w[0] != '-'; });
  std::string commands;
  for (const CLI::App* command : app.get_subcommands({})) {
    commands += (commands.empty() ? "" : ", ") + command->get_name();
  }
  if (word != argv + argc) {
    return fail(context, kUsage, fmt::format("there is no command '{}'", *word),
                fmt::format("one of {}", commands));
  }
  if (missing && slip.empty()) what = "no command is named";
  return fail(context, kUsage, what, fmt::format("ncx --help, or one of {}", commands));
}

/// Says after a while what the program waits for: a simulator may take half a minute to be given
/// up.
class WaitingNotice {
 public:
  explicit WaitingNotice(std::string text)
      : thread_([text = std::move(text)](const std::stop_token& stop) {
          constexpr std::chrono::seconds kSilence{2};
          std::mutex mutex;
          std::unique_lock lock(mutex);
          std::condition_variable_any end;
          if (!end.wait_for(lock, stop, kSilence, [&] { return stop.stop_requested(); })) {
            tell(text + "\n");
          }
        }) {}

 private:
  std::jthread thread_;
};

/// For an option that must not be empty, as "$PORT" is when PORT is not set.
std::string not_empty(const std::string& value) {
  return value.empty() ? "'' names nothing; `ncx ports` lists serial ports" : "";
}

/// CLI11 takes 010 for octal; "10" here, as in CSV files.
std::string decimal(const std::string& text) {
  const std::size_t begin = text.starts_with('-') || text.starts_with('+') ? 1 : 0;
  const std::size_t digits = text.find_first_not_of('0', begin);
  if (digits == std::string::npos || digits == begin || text[digits] < '0' || text[digits] > '9') {
    return text;
  }
  return text.substr(0, begin) + text.substr(digits);
}

/// What holds for the options of every command.
void check_options(CLI::App& command) {
  for (CLI::Option* option : command.get_options()) {
    const std::string type = option->get_type_name();
    if (type.starts_with("UINT") || type.starts_with("INT")) option->transform(decimal);
    if (!type.starts_with("TEXT") || option->get_lnames().empty()) continue;
    option->check(
        [&command](const std::string& value) {
          const bool known = command.get_option_no_throw(value) != nullptr ||
                             command.get_parent()->get_option_no_throw(value) != nullptr;
          return value.starts_with("--") && known
                     ? fmt::format("needs a value, but '{}' follows", value)
                     : "";
        },
        "");
  }
}

sigset_t stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

/// The number of a closed standard stream must not become that of a file or port, which would then
/// be written our messages.
void occupy_standard_streams() {
  int fd = 0;
  do {
    fd = ::open("/dev/null", O_RDONLY);
  } while (fd >= 0 && fd <= STDERR_FILENO);
  if (fd >= 0) ::close(fd);
}

}  // namespace

int run_command_line(int argc, const char* const* argv) {
  occupy_standard_streams();
  Context context;
  CLI::App app{"NeuroCoreX: spiking neural networks on an emulated FPGA", "ncx"};
  app.set_version_flag("--version", "ncx " NCX_VERSION);
  app.add_flag("--json", context.json, "print results as JSON");
  app.require_subcommand(1);
  app.fallthrough();
  add_info(app, context);
  add_compile(app, context);
  add_run(app, context);
  add_weights(app, context);
  add_sim(app, context);
  add_ports(app, context);
  add_flash(app, context);
  add_selftest(app, context);
  add_bench(app, context);
  add_monitor(app, context);
  add_console(app, context);
  for (CLI::App* command : app.get_subcommands({})) check_options(*command);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& asked) {  // --help, --version
    return app.exit(asked);
  } catch (const CLI::ParseError& error) {
    return fail(context, app, error, argc, argv);
  }
  const int code = report_errors(context, context.action);
  // What did not reach a full disk would look like a whole result.
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return code;
  return code == kOk ? fail_stdout(context) : code;
}

int report_errors(const Context& context, const std::function<int()>& action) {
  try {
    return action();
  } catch (const PortError& error) {
    return fail(context, kNoBoard, error);
  } catch (const LinkError& error) {
    return fail(context, kLinkLost, error);
  } catch (const Interrupted& error) {
    return fail(context, kInterrupted, error);
  } catch (const Error& error) {
    return fail(context, kUsage, error);
  } catch (const std::bad_alloc&) {
    return fail(context, kUsage, "the memory does not suffice",
                "fewer ticks a run, with --save-state to go on from, or a smaller network");
  } catch (const std::exception& error) {
    if (std::ferror(stdout) != 0) return fail_stdout(context);
    return fail(context, kCheckFailed, fmt::format("unexpected: {}", error.what()),
                "report it with the command line that you used");
  }
}

std::string no_stream(const std::string& value) {
  return value == "-" ? "'-': images and states are files, not standard streams" : "";
}

CLI::Validator number_in(double least, double most) {
  const std::string range = fmt::format("[{} - {}]", least, most);
  return {[least, most](const std::string& text) {
            double value = 0;
            const bool number = CLI::detail::lexical_cast(text, value);
            return number && value >= least && value <= most
                       ? std::string()
                       : fmt::format("'{}' is not a number from {} to {}", text, least, most);
          },
          range, "number_in"};
}

void BackendOptions::add_to(CLI::App& command) {
  auto* named = command.add_option("--backend", backend, "model, rtl, serial:PATH or serial:auto")
                    ->check(not_empty, "");
  command
      .add_option("--port", port,
                  "serial port of a board; auto: the only one that is connected; as serial:PORT")
      ->check(not_empty, "")
      ->excludes(named);
  command.add_option("--baud", baud, "line rate; 0: the board's, which is found by trying");
  command.add_option("--timeout", timeout_ms,
                     "milliseconds of grace for an answer; 0: 50, and 10000 behind a "
                     "pseudo-terminal");
  command.add_flag("--trace", trace, "print every frame to stderr");
  command.add_option("--wave", wave, "rtl: write this FST file (needs `make wave`)");
  command.add_option("--sys", sys, "for tests: in place of /sys")->group("");
}

std::string BackendOptions::spec(const std::string& fallback) const {
  if (!port.empty()) return "serial:" + port;
  return backend.empty() ? fallback : backend;
}

LinkOptions BackendOptions::link_options() const {
  LinkOptions link;
  if (trace) link.trace = [](const std::string& line) { tell(line + "\n"); };
  if (timeout_ms != 0) link.grace = std::chrono::milliseconds(timeout_ms);
  return link;
}

std::unique_ptr<Backend> BackendOptions::open(const Geometry& geometry, const std::string& fallback,
                                              const decltype(LinkOptions::stop)& stop,
                                              const decltype(LinkOptions::tap)& tap) const {
  LinkOptions link = link_options();
  link.tap = tap;
  link.stop = stop;
  const std::string name = spec(fallback);
  if (!wave.empty()) {
    if (name != "rtl") {
      throw InputError(fmt::format("--wave {}: backend '{}' has no waveforms", wave, name),
                       "--backend rtl");
    }
    RtlOptions options;
    options.wave = wave;
    return std::make_unique<Device>(open_rtl(Geometry::build_of(geometry.name), options), link);
  }
  const WaitingNotice notice(fmt::format("waiting for an answer from {} (Ctrl-C ends it)", name));
  return open_backend(name, geometry.name, baud, link, sys);
}

bool takes_stdout(const Context& context, const std::vector<std::string>& outputs) {
  const auto tables = std::count(outputs.begin(), outputs.end(), "-");
  if (tables > 1) {
    throw InputError("'-' is named for two results, but standard output takes one table",
                     "a file for one of them");
  }
  if (tables > 0 && context.json) {
    throw InputError("'-' with --json: standard output takes a table or a JSON object, not both",
                     "a file for the table, or no --json");
  }
  return tables > 0;
}

// Unlike fmt::print it does not throw.
void tell(std::string_view text) {
  static_cast<void>(std::fwrite(text.data(), 1, text.size(), stderr));
}

void print(const Context& context, const std::string& text, const nlohmann::json& object) {
  fmt::print("{}\n", context.json ? as_text(object, 2) : text);
}

std::string as_text(const nlohmann::json& object, int indent) {
  return object.dump(indent, ' ', false, nlohmann::json::error_handler_t::replace);
}

Progress::Progress(std::string label, std::uint64_t total)
    : label_(std::move(label)), total_(total), shown_(::isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() { clear(); }

void Progress::clear() {
  if (shown_ && percent_ >= 0) tell("\r\033[K");
  percent_ = -1;
}

void Progress::update(std::uint64_t done) {
  if (!shown_) return;
  const int percent = total_ == 0 ? 100 : static_cast<int>(done * 100 / total_);
  if (percent == percent_) return;
  percent_ = percent;
  constexpr int kWidth = 40;
  tell(fmt::format("\r{} [{:<{}}] {:3} %", label_,
                   std::string(static_cast<std::size_t>(percent * kWidth / 100), '#'), kWidth,
                   percent));
}

StopSignal::StopSignal() {
  const sigset_t set = stop_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  fd_ = ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

StopSignal::~StopSignal() {
  acknowledge();  // before it is let through
  ::close(fd_);
  const sigset_t set = stop_signals();
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

void StopSignal::acknowledge() {
  signalfd_siginfo info{};
  while (::read(fd_, &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
  }
}

bool StopSignal::requested() const { return wait(std::chrono::milliseconds(0)); }

bool StopSignal::wait(std::chrono::milliseconds time) const {
  pollfd poller{fd_, POLLIN, 0};
  return ::poll(&poller, 1, static_cast<int>(time.count())) > 0;
}

}  // namespace ncx::cli
