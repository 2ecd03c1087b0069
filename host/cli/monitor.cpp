// SPDX-License-Identifier: BSD-3-Clause
// `ncx monitor`: a network runs at a pace that one can follow, and its spikes are drawn.
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "command.hpp"
#include "inputs.hpp"
#include "ncx/emulator.hpp"
#include "ncx/error.hpp"
#include "raster.hpp"

namespace ncx::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint32_t kMostTicks = 0x7FFFFFFF;
constexpr std::uint32_t kColumnsAFrame = 4;  // faster than that, the eye cannot follow
constexpr std::uint32_t kLabel = 16, kRate = 8;

struct Options {
  BackendOptions backend;
  std::string image, inputs;
  std::uint32_t ticks = 0, repeat = 0;
  double speed = 20, frames = 10;
  bool restart = false;
};

/// Whether stdout shows what is drawn over.
bool can_draw() {
  const char* term = std::getenv("TERM");
  return ::isatty(STDOUT_FILENO) == 1 && term != nullptr && std::string_view(term) != "dumb";
}

struct Size {
  std::uint32_t columns = 80, rows = 24;
  friend bool operator==(const Size&, const Size&) = default;
};

Size terminal_size() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) {
    return {};
  }
  return {size.ws_col, size.ws_row};
}

/// No cursor while it lives.
class Screen {
 public:
  Screen() { fmt::print("\033[?25l\033[2J"); }
  ~Screen() {
    fmt::print("\033[?25h");
    std::fflush(stdout);
  }
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;
};

/// What one frame's ticks brought.
struct Frame {
  RunResult result;
  std::uint32_t end = 0;  ///< ticks since the monitor began
  double ticks_a_second = 0;
};

class Monitor {
 public:
  Monitor(const Options& options, const Context& context)
      : options_(options),
        context_(context),
        image_(Image::load(options.image)),
        draw_(can_draw() && !context.json),
        ticks_a_frame_(static_cast<std::uint32_t>(
            std::clamp(options.speed / options.frames, 1.0, double{kMostTicks}))) {
    if (!options.inputs.empty()) {
      const std::uint32_t most = options.repeat != 0 ? options.repeat : kMostTicks;
      inputs_ = read_axon_events(options.inputs, image_, most);
    }
  }

  int run() {
    StopSignal stop;
    std::optional<Emulator> emulator;
    emulator.emplace(
        options_.backend.open(image_.geometry, "model", [&stop] { return stop.requested(); }));
    take_up(*emulator);
    make_raster();
    std::optional<Screen> screen;
    if (draw_) screen.emplace();
    const auto pace = std::chrono::duration_cast<Clock::duration>(
        std::chrono::duration<double>(ticks_a_frame_ / options_.speed));
    const auto start = Clock::now();
    auto due = start;
    std::uint32_t done = 0;
    while (!stop.requested() && (options_.ticks == 0 || done < options_.ticks)) {
      const std::uint32_t left = options_.ticks == 0 ? kMostTicks : options_.ticks - done;
      Frame frame;
      const std::uint32_t ticks = std::min(ticks_a_frame_, left);
      try {
        frame.result = emulator->run(request_for(done, ticks, stop));
      } catch (const Interrupted&) {
        // Its inputs are not for whatever runs next.
        stop.acknowledge();
        emulator->backend().reset(1U << map::kResetBitInFlight);
        break;
      }
      done += ticks;
      frame.end = done;
      due = std::max(due + pace, Clock::now());
      frame.ticks_a_second = done / std::chrono::duration<double>(due - start).count();
      raster_->add(frame.result.spikes, ticks);
      show(frame);
      const auto wait = std::chrono::ceil<std::chrono::milliseconds>(due - Clock::now());
      if (wait.count() > 0 && (options_.ticks == 0 || done < options_.ticks))
        static_cast<void>(stop.wait(wait));
    }
    return kOk;
  }

 private:
  /// A device that has the network goes on with it.
  void take_up(Emulator& emulator) {
    const bool there = emulator.backend().read_register(Register::kImageId) == image_.id();
    if (there && !options_.restart) {
      emulator.attach(image_);
    } else {
      emulator.load(image_);
    }
    tell(fmt::format(
        "monitor: {} on {}, {} (Ctrl-C ends it)\n", image_.name, emulator.backend().description(),
        there && !options_.restart ? fmt::format("as it is there, from tick {}",
                                                 emulator.backend().read_register(Register::kTick))
                                   : std::string("loaded")));
  }

  RunRequest request_for(std::uint32_t done, std::uint32_t ticks, const StopSignal& stop) const {
    RunRequest request;
    request.ticks = ticks;
    request.progress = [&stop](std::uint32_t) { return !stop.requested(); };
    for (std::uint32_t at = 0; at < ticks && !inputs_.empty(); ++at) {
      const std::uint32_t tick = options_.repeat != 0 ? (done + at) % options_.repeat : done + at;
      const auto [first, last] =
          std::equal_range(inputs_.begin(), inputs_.end(), AxonEvent{tick, 0},
                           [](const AxonEvent& a, const AxonEvent& b) { return a.tick < b.tick; });
      for (auto event = first; event != last; ++event) {
        request.axon_events.push_back({at, event->axon});
      }
    }
    return request;
  }

  void make_raster() {
    size_ = terminal_size();
    const std::uint32_t around = kLabel + kRate + 3;
    raster_.emplace(image_, size_.columns > around + 8 ? size_.columns - around : 8,
                    size_.rows > 6 ? size_.rows - 4 : 2,
                    (ticks_a_frame_ + kColumnsAFrame - 1) / kColumnsAFrame);
  }

  void show(const Frame& frame) {
    if (context_.json) {
      show_json(frame);
    } else if (draw_) {
      show_drawn(frame);
    } else {
      show_line(frame);
    }
    std::fflush(stdout);
  }

  [[nodiscard]] static double cycles_a_tick(const RunResult& result) {
    return result.ticks == 0 ? 0 : static_cast<double>(result.cycles) / result.ticks;
  }

  void show_json(const Frame& frame) const {
    nlohmann::json rates = nlohmann::json::object();
    const std::vector<double> values = raster_->rates();
    for (std::size_t p = 0; p < values.size(); ++p) rates[image_.populations[p].name] = values[p];
    nlohmann::json spikes = nlohmann::json::array();
    for (const Spike& spike : frame.result.spikes) {
      spikes.push_back({frame.result.first_tick + spike.tick, spike.neuron});
    }
    const nlohmann::json object{{"tick", frame.result.first_tick + frame.result.ticks},
                                {"ticks", frame.result.ticks},
                                {"spikes", spikes},
                                {"rates", rates},
                                {"cycles_per_tick", cycles_a_tick(frame.result)},
                                {"ticks_per_second", frame.ticks_a_second},
                                {"overruns", frame.result.overruns},
                                {"retries", frame.result.retries}};
    fmt::print("{}\n", as_text(object));
  }

  void show_line(const Frame& frame) const {
    std::string text =
        fmt::format("tick {}: {} spikes in {} ticks, {:.1f} cycles a tick; rates:",
                    frame.result.first_tick + frame.result.ticks, frame.result.spikes.size(),
                    frame.result.ticks, cycles_a_tick(frame.result));
    const std::vector<double> rates = raster_->rates();
    for (std::size_t p = 0; p < rates.size(); ++p) {
      text += fmt::format(" {} {:.4f}", image_.populations[p].name, rates[p]);
    }
    fmt::print("{}\n", text);
  }

  void show_drawn(const Frame& frame) {
    const bool resized = terminal_size() != size_;
    if (resized) make_raster();
    std::string text = resized ? "\033[2J\033[H" : "\033[H";
    const auto line = [&](const std::string& content) {
      text += first_characters(content, size_.columns);
      text += "\033[K\n";
    };
    line(fmt::format("{}  tick {}  {:.1f} ticks/s  {:.1f} cycles a tick  {} retries", image_.name,
                     frame.result.first_tick + frame.result.ticks, frame.ticks_a_second,
                     cycles_a_tick(frame.result), frame.result.retries));
    line("");
    const std::vector<double> rates = raster_->rates();
    std::size_t shown = SIZE_MAX;
    std::uint32_t room = size_.rows > 4 ? size_.rows - 4 : 1;
    for (const Raster::Row& row : raster_->rows()) {
      if (room-- == 0) break;  // more populations than lines
      std::string rate;
      if (row.population != shown) rate = fmt::format("{:.4f}", rates[row.population]);
      shown = row.population;
      line(fmt::format("{:>{}.{}} |{}|{:>{}}", row.label, kLabel, kLabel, row.cells, rate, kRate));
    }
    fmt::print("{}\033[J", text);
  }

  const Options& options_;
  const Context& context_;
  Image image_;
  bool draw_;
  std::uint32_t ticks_a_frame_;
  std::vector<AxonEvent> inputs_;
  Size size_;
  std::optional<Raster> raster_;
};

}  // namespace

void add_monitor(CLI::App& app, Context& context) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("monitor", "run a network slowly and draw its spikes and rates");
  command->add_option("image", options->image, "image file from `ncx compile`")
      ->required()
      ->check(no_stream, "");
  command->add_option("--inputs", options->inputs, "axon spikes: CSV of tick,axon");
  auto* repeat = command->add_option("--repeat", options->repeat,
                                     "begin the inputs again every so many ticks; 0: never");
  repeat->check(CLI::Range(0u, kMostTicks));
  command->add_option("--ticks", options->ticks, "end after so many ticks; 0: at Ctrl-C")
      ->check(CLI::Range(0u, kMostTicks));
  command->add_option("--speed", options->speed, "ticks a second")
      ->capture_default_str()
      ->check(number_in(0.1, 1e6));
  command->add_option("--frames", options->frames, "pictures, or lines, a second")
      ->capture_default_str()
      ->check(number_in(0.1, 100.0));
  command->add_flag("--restart", options->restart,
                    "load the network even if the device has it: it begins anew");
  options->backend.add_to(*command);
  command->callback([options, &context] {
    context.action = [options, &context] { return Monitor(*options, context).run(); };
  });
}

}  // namespace ncx::cli
