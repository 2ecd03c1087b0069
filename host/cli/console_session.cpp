// SPDX-License-Identifier: BSD-3-Clause
// What each command of the console does.
#include "console_session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <span>
#include <utility>

#include "console_words.hpp"
#include "inputs.hpp"
#include "ncx/device.hpp"
#include "ncx/error.hpp"

namespace ncx::cli {
namespace {

constexpr std::size_t kAny = SIZE_MAX;
constexpr std::uint32_t kMostTicks = 0x7FFFFFFF;
constexpr std::size_t kWordsALine = 8;
constexpr std::size_t kHelpColumn = 44;  // column at which explanations begin

struct ResetBit {
  const char* name;
  std::uint32_t bit;
};
constexpr std::array<ResetBit, 7> kResetBits{{{"membrane", map::kResetBitMembrane},
                                              {"theta", map::kResetBitTheta},
                                              {"in_flight", map::kResetBitInFlight},
                                              {"counts", map::kResetBitCounts},
                                              {"tick", map::kResetBitTick},
                                              {"statistics", map::kResetBitStatistics},
                                              {"traces", map::kResetBitTraces}}};
constexpr std::array kCounters = {Register::kTick,       Register::kSpikes,    Register::kStalls,
                                  Register::kOverruns,   Register::kFrames,    Register::kCrcErrors,
                                  Register::kLineErrors, Register::kOverflows, Register::kResends,
                                  Register::kFolds};

std::string register_name(Register reg) {
  return std::string(map::kRegisterNames[static_cast<std::size_t>(reg)]);
}

InputError unknown_place(const std::string& word) {
  return InputError(fmt::format("'{}' is neither a register nor a memory", word),
                    "`regions` lists memories, `counters` some registers; Tab completes");
}

/// Lines of some numbers each, with the number of the first.
template <typename Values>
std::string columns_of(const Values& values, std::size_t first, const char* format) {
  std::string text;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i % kWordsALine == 0) text += fmt::format("{}{:>8}:", i == 0 ? "" : "\n", first + i);
    text += fmt::format(fmt::runtime(format), values[i]);
  }
  return text;
}

}  // namespace

ConsoleSession::ConsoleSession(const BackendOptions& backend, std::string configuration,
                               const Context& context)
    : options_(backend), configuration_(std::move(configuration)), context_(context) {
  open();
}

void ConsoleSession::open() {
  const auto stop = [this] { return stop_ != nullptr && stop_->requested(); };
  emulator_.emplace(options_.open(Geometry::of_target(configuration_), "model", stop));
}

void ConsoleSession::take_up_again() {
  if (!image_) return;
  try {
    emulator_->attach(*image_);
  } catch (const InputError&) {
    const std::string name = image_->name;
    image_.reset();
    throw InputError(fmt::format("the device is here again, but without the network {}", name),
                     "load it again");
  }
}

void ConsoleSession::keep_image() {
  if (!image_) return;
  try {
    emulator_->attach(*image_);
  } catch (const Error&) {
    image_.reset();
  }
}

const Image& ConsoleSession::image() const {
  if (!image_) {
    throw InputError("no network is known", "load IMAGE, or attach IMAGE if the device has it");
  }
  return *image_;
}

std::span<const ConsoleSession::Command> ConsoleSession::commands() {
  using S = ConsoleSession;
  static constexpr std::array<Command, 16> kCommands{{
      {"help", "[COMMAND]", "what there is", 0, 1, &S::help},
      {"info", "", "build, state and counters of the device", 0, 0, &S::info},
      {"counters", "", "what the device and the link have counted", 0, 0, &S::counters},
      {"regions", "", "memories, their sizes and widths", 0, 0, &S::regions},
      {"peek", "REGISTER | MEMORY [ADDRESS [COUNT]]", "read words", 1, 3, &S::peek},
      {"poke", "REGISTER VALUE | MEMORY ADDRESS VALUE...", "write words", 2, kAny, &S::poke},
      {"load", "IMAGE", "load a compiled network; it begins anew", 1, 1, &S::load},
      {"attach", "IMAGE", "take up a network that the device has", 1, 1, &S::attach},
      {"run", "TICKS [INPUTS.csv]", "run the network; inputs: tick,axon", 1, 2, &S::run},
      {"stop", "", "stop a network that runs by itself", 0, 0, &S::stop},
      {"reset", "[membrane|theta|in_flight|counts|tick|statistics|traces]...",
       "parts of the state; without a word, the network's beginning", 0, 7, &S::reset},
      {"counts", "", "spikes of each neuron since the last reset", 0, 0, &S::counts},
      {"potentials", "", "membrane potential of each neuron, in state units", 0, 0, &S::potentials},
      {"weights", "[PROJECTION]", "as they act, drift included, in weight steps", 0, 1,
       &S::weights},
      {"quit", "", "leave; the device stays as it is", 0, 0, nullptr},
      {"exit", "", "the same", 0, 0, nullptr},
  }};
  return kCommands;
}

const ConsoleSession::Command& ConsoleSession::find_command(const std::string& name) {
  for (const Command& command : commands()) {
    if (lower_case(name) == command.name) return command;
  }
  throw InputError(fmt::format("there is no command '{}'", name), "help");
}

bool ConsoleSession::execute(std::string_view line) {
  const Words words = split_words(line);
  if (words.empty()) return true;
  const Command& command = find_command(words[0]);
  if (words.size() - 1 < command.least || words.size() - 1 > command.most) {
    throw InputError(fmt::format("{}: {} argument{}", command.name, words.size() - 1,
                                 words.size() == 2 ? "" : "s"),
                     fmt::format("{} {}", command.name, command.arguments));
  }
  if (command.action == nullptr) return false;
  struct Signal {
    explicit Signal(ConsoleSession& s) : session(s) { session.stop_ = &stop; }
    ~Signal() { session.stop_ = nullptr; }
    Signal(const Signal&) = delete;
    Signal& operator=(const Signal&) = delete;
    ConsoleSession& session;
    StopSignal stop;
  } signal(*this);
  try {
    if (!emulator_) {
      open();
      take_up_again();
    }
    (this->*command.action)(words);
  } catch (const RefusedError&) {
    throw;
  } catch (const LinkError&) {
    emulator_.reset();  // the next command opens the port again
    throw;
  }
  return true;
}

std::vector<std::string> ConsoleSession::words_for(std::string_view line) const {
  const auto begin = line.find_last_of(' ');
  const std::string_view word = begin == std::string_view::npos ? line : line.substr(begin + 1);
  const std::string before(line.substr(0, line.size() - word.size()));
  const auto first = before.find_first_not_of(' ');
  std::vector<std::string> known;
  if (first == std::string::npos) {
    for (const Command& command : commands()) known.emplace_back(command.name);
  } else {
    const std::string command = lower_case(before.substr(first, before.find(' ', first) - first));
    if (command == "help") {
      for (const Command& c : commands()) known.emplace_back(c.name);
    } else if (command == "reset") {
      for (const ResetBit& bit : kResetBits) known.emplace_back(bit.name);
    } else if (command == "peek" || command == "poke") {
      for (const auto name : map::kRegisterNames) known.push_back(lower_case(name));
      for (const auto name : map::kRegionNames) known.push_back(lower_case(name));
    } else if (command == "weights" && image_) {
      for (const ProjectionMap& projection : image_->projections) {
        known.push_back(projection.name);
      }
    }
  }
  std::vector<std::string> fitting;
  for (std::string& name : known) {
    if (name.starts_with(word)) fitting.push_back(std::move(name));
  }
  return fitting;
}

void ConsoleSession::help(const Words& words) {
  std::string text;
  nlohmann::json list = nlohmann::json::array();
  for (const Command& command : commands()) {
    if (words.size() == 2 && lower_case(words[1]) != command.name) continue;
    const std::string usage = fmt::format("{} {}", command.name, command.arguments);
    const std::string gap = usage.size() < kHelpColumn
                                ? std::string(kHelpColumn - usage.size(), ' ')
                                : "\n" + std::string(kHelpColumn, ' ');
    text += fmt::format("{}{}{}{}", text.empty() ? "" : "\n", usage, gap, command.help);
    list.push_back(
        {{"command", command.name}, {"arguments", command.arguments}, {"help", command.help}});
  }
  if (text.empty()) static_cast<void>(find_command(words[1]));
  print(context_, text, {{"commands", list}});
}

void ConsoleSession::info(const Words& /*words*/) {
  const Description description = describe(backend());
  print(context_, description.text, description.object);
}

void ConsoleSession::counters(const Words& /*words*/) {
  nlohmann::json object;
  std::string text;
  const auto add = [&](const std::string& name, std::uint64_t value) {
    object[lower_case(name)] = value;
    text += fmt::format("{}{:<16} {}", text.empty() ? "" : "\n", name, value);
  };
  for (const Register reg : kCounters) add(register_name(reg), backend().read_register(reg));
  const std::uint64_t high = backend().read_register(Register::kCyclesHigh);
  add("CYCLES", high << 32 | backend().read_register(Register::kCyclesLow));
  if (const auto* device = dynamic_cast<const Device*>(&backend())) {
    const LinkStatistics& s = device->statistics();
    add("bytes_sent", s.bytes_sent);
    add("bytes_received", s.bytes_received);
    add("frames_damaged", s.damaged);
    add("frames_sent_again", s.retries);
  }
  print(context_, text, object);
}

void ConsoleSession::regions(const Words& /*words*/) {
  nlohmann::json list = nlohmann::json::array();
  std::string text;
  for (const Region region : all_regions()) {
    const std::uint64_t size = backend().geometry().region_size(region);
    text += fmt::format("{}{:<14} {:>9} words of {:>2} bits", text.empty() ? "" : "\n",
                        region_name(region), size, region_bits(region));
    list.push_back({{"name", region_name(region)}, {"words", size}, {"bits", region_bits(region)}});
  }
  print(context_, text, {{"regions", list}});
}

void ConsoleSession::peek(const Words& words) {
  // STATE is the name of both; with an address the memory is meant.
  const auto region = find_region(words[1]);
  if (const auto reg = find_register(words[1]); reg && (words.size() == 2 || !region)) {
    if (words.size() > 2) {
      throw InputError(fmt::format("peek {}: a register is one word", words[1]),
                       fmt::format("peek {}", words[1]));
    }
    const std::uint32_t value = backend().read_register(*reg);
    print(context_, fmt::format("{} {} (0x{:08X})", register_name(*reg), value, value),
          {{"register", register_name(*reg)}, {"value", value}});
    return;
  }
  if (!region) throw unknown_place(words[1]);
  const std::uint64_t size = backend().geometry().region_size(*region);
  const std::uint64_t address =
      words.size() > 2 ? parse_number("address", words[2], 0, size - 1) : 0;
  const std::uint64_t count =
      words.size() > 3 ? parse_number("count", words[3], 1, size - address) : 1;
  const auto found = backend().read(*region, address, count);
  print(context_, columns_of(found, address, " {:09X}"),
        {{"memory", region_name(*region)}, {"address", address}, {"words", found}});
}

void ConsoleSession::poke(const Words& words) {
  const auto region = find_region(words[1]);
  if (const auto reg = find_register(words[1]); reg && (words.size() == 3 || !region)) {
    if (words.size() != 3) {
      throw InputError(fmt::format("poke {}: a register is one word", words[1]),
                       fmt::format("poke {} VALUE", words[1]));
    }
    backend().write_register(
        *reg, static_cast<std::uint32_t>(parse_number("value", words[2], 0, UINT32_MAX)));
    print(context_, fmt::format("{} written", register_name(*reg)),
          {{"register", register_name(*reg)}, {"written", 1}});
    return;
  }
  if (!region) throw unknown_place(words[1]);
  if (words.size() < 4) {
    throw InputError(fmt::format("poke {}: an address, but no value", words[1]),
                     fmt::format("poke {} ADDRESS VALUE...", words[1]));
  }
  const std::uint64_t size = backend().geometry().region_size(*region);
  const std::uint64_t address = parse_number("address", words[2], 0, size - 1);
  const std::uint64_t limit = (std::uint64_t{1} << region_bits(*region)) - 1;
  std::vector<std::uint64_t> values;
  for (std::size_t i = 3; i < words.size(); ++i) {
    values.push_back(parse_number("value", words[i], 0, limit));
  }
  if (values.size() > size - address) {
    throw InputError(fmt::format("poke {}: {} words from address {}; it has {}", words[1],
                                 values.size(), address, size),
                     "fewer words");
  }
  backend().write(*region, address, values);
  print(context_, fmt::format("{} word{} written", values.size(), values.size() == 1 ? "" : "s"),
        {{"memory", region_name(*region)}, {"address", address}, {"written", values.size()}});
}

void ConsoleSession::load(const Words& words) {
  Image image = Image::load(words[1]);
  try {
    emulator_->load(image);
  } catch (const LinkError&) {
    image_.reset();
    throw;
  } catch (const Error&) {
    keep_image();
    throw;
  }
  image_ = std::move(image);
  print(context_,
        fmt::format("loaded {}: {} neurons, {} axons", image_->name, image_->neurons(),
                    image_->axons()),
        {{"loaded", image_->name}, {"neurons", image_->neurons()}, {"axons", image_->axons()}});
}

void ConsoleSession::attach(const Words& words) {
  Image image = Image::load(words[1]);
  emulator_->attach(image);
  image_ = std::move(image);
  const std::uint32_t tick = backend().read_register(Register::kTick);
  print(context_, fmt::format("{} is on the device, at tick {}", image_->name, tick),
        {{"attached", image_->name}, {"tick", tick}});
}

void ConsoleSession::run(const Words& words) {
  RunRequest request;
  request.ticks = static_cast<std::uint32_t>(parse_number("ticks", words[1], 1, kMostTicks));
  if (words.size() > 2) request.axon_events = read_axon_events(words[2], image(), request.ticks);
  Progress progress("run", request.ticks);
  request.progress = [&](std::uint32_t done) {
    progress.update(done);
    return !stop_->requested();
  };
  const RunResult result = image_ ? emulator_->run(request) : backend().run(request);
  nlohmann::json spikes = nlohmann::json::array();
  std::string text =
      fmt::format("ticks {} to {}: {} spikes, {} clock cycles", result.first_tick,
                  result.first_tick + result.ticks - 1, result.spikes.size(), result.cycles);
  constexpr std::size_t kShown = 20;
  for (std::size_t i = 0; i < result.spikes.size(); ++i) {
    const Spike& spike = result.spikes[i];
    spikes.push_back({spike.tick, spike.neuron});
    if (i == 0) text += image_ ? "\n  tick:neuron" : "\n  tick:slot";
    if (i < kShown) text += fmt::format(" {}:{}", result.first_tick + spike.tick, spike.neuron);
  }
  if (result.spikes.size() > kShown) text += " ...";
  print(context_, text,
        {{"first_tick", result.first_tick},
         {"ticks", result.ticks},
         {"cycles", result.cycles},
         {"spikes", spikes}});
}

void ConsoleSession::stop(const Words& /*words*/) {
  auto* device = dynamic_cast<Device*>(&backend());
  const std::uint32_t tick =
      device != nullptr ? device->stop() : backend().read_register(Register::kTick);
  print(context_, fmt::format("stands still at tick {}", tick), {{"tick", tick}});
}

void ConsoleSession::reset(const Words& words) {
  if (words.size() == 1) {
    static_cast<void>(image());
    emulator_->reset();
    print(context_, "at its beginning", {{"reset", "network"}});
    return;
  }
  std::uint32_t mask = 0;
  for (std::size_t i = 1; i < words.size(); ++i) {
    const auto found = std::find_if(kResetBits.begin(), kResetBits.end(), [&](const ResetBit& bit) {
      return lower_case(words[i]) == bit.name;
    });
    if (found == kResetBits.end()) {
      throw InputError(fmt::format("there is no part '{}' to reset", words[i]), "help reset");
    }
    mask |= 1U << found->bit;
  }
  backend().reset(mask);
  print(context_, "done", {{"reset", mask}});
}

void ConsoleSession::counts(const Words& /*words*/) {
  static_cast<void>(image());
  const std::vector<std::uint32_t> values = emulator_->spike_counts();
  print(context_, columns_of(values, 0, " {:>8}"), {{"counts", values}});
}

void ConsoleSession::potentials(const Words& /*words*/) {
  static_cast<void>(image());
  const std::vector<std::int32_t> values = emulator_->potentials();
  print(context_, columns_of(values, 0, " {:>8}"), {{"potentials", values}});
}

void ConsoleSession::weights(const Words& words) {
  const std::vector<ProjectionMap>& all = image().projections;
  std::size_t index = 0;
  if (words.size() == 2) {
    index = static_cast<std::size_t>(
        std::find_if(all.begin(), all.end(),
                     [&](const ProjectionMap& p) { return p.name == words[1]; }) -
        all.begin());
  }
  if (index == all.size() || (words.size() == 1 && all.size() != 1)) {
    std::string names;
    for (const ProjectionMap& projection : all) {
      names += fmt::format(R"({}"{}")", names.empty() ? "" : ", ", projection.name);
    }
    throw InputError(words.size() == 1 ? std::string("the network has several projections, or none")
                                       : fmt::format("there is no projection '{}'", words[1]),
                     fmt::format("weights with one of: {}", names));
  }
  const std::vector<std::int32_t> steps = emulator_->weights(index);
  const int exponent =
      static_cast<int>(all[index].exponent) - static_cast<int>(image().fraction_bits);
  const double step = std::ldexp(1.0, exponent);
  print(context_,
        fmt::format("{} synapses, in steps of {}\n{}", steps.size(), step,
                    columns_of(steps, 0, " {:>8}")),
        {{"projection", all[index].name}, {"step", step}, {"steps", steps}});
}

}  // namespace ncx::cli
