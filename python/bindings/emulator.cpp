// SPDX-License-Identifier: BSD-3-Clause
// A loaded backend. Every call that may take long lets other Python threads run.
#include "ncx/emulator.hpp"

#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <exception>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "arrays.hpp"
#include "bindings.hpp"
#include "ncx/device.hpp"
#include "ncx/error.hpp"

namespace py = pybind11;

namespace ncx::python {
namespace {

/// How often a run looks for Ctrl-C and reports its progress.
constexpr std::chrono::milliseconds kWatchInterval{50};
/// For runs in other threads to end when the interpreter does: they may wait for one another.
constexpr std::chrono::seconds kLeaveTimeout{10};

/// Called from within runs without the GIL; keeps the first Python exception for afterwards.
class Watch {
 public:
  Watch(py::object callback, const std::atomic<bool>& stopped)
      : callback_(std::move(callback)), stopped_(stopped) {}

  /// False: another thread, a signal or the callback says stop.
  bool operator()(std::uint64_t done) {
    if (failure_ || stopped_) return false;
    const auto now = std::chrono::steady_clock::now();
    if (now < next_) return true;
    next_ = now + kWatchInterval;
    const py::gil_scoped_acquire held;
    try {
      if (PyErr_CheckSignals() != 0) throw py::error_already_set();
      if (!callback_.is_none()) callback_(done);
    } catch (const py::error_already_set&) {
      failure_ = std::current_exception();
      return false;
    }
    return true;
  }
  void raise() const {
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  py::object callback_;
  const std::atomic<bool>& stopped_;
  std::exception_ptr failure_;
  std::chrono::steady_clock::time_point next_ = std::chrono::steady_clock::now() + kWatchInterval;
};

/// Ctrl-C or a stop while a device is waited for; the Python exception is kept for afterwards.
class Signals {
 public:
  explicit Signals(const std::atomic<bool>& stopped) : stopped_(stopped) {}

  /// Called without the GIL; true: stop.
  bool operator()() {
    if (stopped_) return true;
    const auto now = std::chrono::steady_clock::now();
    if (now < next_) return false;
    next_ = now + kWatchInterval;
    const py::gil_scoped_acquire held;
    if (PyErr_CheckSignals() == 0) return false;
    failure_ = std::make_exception_ptr(py::error_already_set());
    return true;
  }
  void raise() {
    if (const auto failure = std::exchange(failure_, nullptr)) std::rethrow_exception(failure);
  }

 private:
  const std::atomic<bool>& stopped_;
  std::exception_ptr failure_;
  std::chrono::steady_clock::time_point next_ = std::chrono::steady_clock::now() + kWatchInterval;
};

struct Batch {
  std::vector<std::uint32_t> spikes;  ///< sample, tick, neuron
  std::vector<std::int32_t> potentials;
  std::vector<std::uint64_t> cycles;
  std::uint64_t stalls = 0, overruns = 0, retries = 0;
};

class PyEmulator {
 public:
  PyEmulator(const std::string& backend, const std::string& configuration, std::uint32_t baud,
             const std::string& sys) {
    LinkOptions link;
    link.stop = [this] { return signals_(); };
    work(
        [&] {
          emulator_ =
              std::make_unique<Emulator>(open_backend(backend, configuration, baud, link, sys));
        },
        false);
  }

  void close() {
    work([this] { emulator_.reset(); }, false);
  }
  [[nodiscard]] bool closed() const { return emulator_ == nullptr; }

  /// What goes on in another thread ends soon, with Interrupted.
  void stop() { stopped_ = true; }
  /// Before the interpreter goes: the same, with SystemExit, and waits for the end. A thread must
  /// not ask for the GIL of an interpreter that is gone.
  void leave() {
    leaving_ = true;
    stop();
    const py::gil_scoped_release released;
    const auto latest = std::chrono::steady_clock::now() + kLeaveTimeout;
    while (busy_.test() && std::chrono::steady_clock::now() < latest) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
  [[nodiscard]] Geometry geometry() { return open().backend().geometry(); }
  [[nodiscard]] std::string description() { return open().backend().description(); }
  [[nodiscard]] Image image() { return open().image(); }

  void load(const Image& image) {
    work([&] { emulator_->load(image); });
  }
  void attach(const Image& image) {
    work([&] { emulator_->attach(image); });
  }
  void reset() {
    work([&] { emulator_->reset(); });
  }
  /// RESET with these bits (docs/registers.md) and nothing else.
  void reset_parts(std::uint32_t mask) {
    static_cast<void>(image());
    work([&] { emulator_->backend().reset(mask); });
  }

  py::dict run(std::uint32_t ticks, const Array<std::uint32_t>& axon_events,
               const Array<std::uint32_t>& current_events, const Array<std::int32_t>& values,
               bool record_spikes, bool count_spikes, const Array<std::uint32_t>& probes,
               const py::object& progress) {
    RunRequest request;
    request.ticks = ticks;
    request.record_spikes = record_spikes;
    request.count_spikes = count_spikes;
    request.probes = to_vector(probes);
    add_axon_events(request, view(axon_events));
    const auto where = view(current_events);
    const auto value = view(values);
    request.current_events.reserve(value.size());
    for (std::size_t k = 0; k < value.size(); ++k) {
      request.current_events.push_back({where[2 * k], where[2 * k + 1], value[k]});
    }
    Watch watch(progress, stopped_);
    request.progress = [&watch](std::uint32_t done) { return watch(done); };
    RunResult result;
    try {
      work([&] { result = emulator_->run(request); });
    } catch (const Interrupted&) {
      watch.raise();
      throw;
    }
    watch.raise();
    return to_dict(std::move(result), request.probes.size());
  }

  /// Resets and runs for each sample in turn; `offsets` says where its events begin and end.
  py::dict run_samples(std::uint32_t ticks, const Array<std::uint64_t>& offsets,
                       const Array<std::uint32_t>& axon_events, bool record_spikes,
                       const Array<std::uint32_t>& probes, const py::object& progress) {
    const auto bounds = view(offsets);
    const auto events = view(axon_events);
    const std::size_t samples = bounds.empty() ? 0 : bounds.size() - 1;
    RunRequest request;
    request.ticks = ticks;
    request.record_spikes = record_spikes;
    request.count_spikes = false;
    request.probes = to_vector(probes);
    Watch watch(progress, stopped_);
    Batch batch;
    const auto one = [&](std::size_t sample) {
      request.axon_events.clear();
      add_axon_events(
          request, events.subspan(2 * bounds[sample], 2 * (bounds[sample + 1] - bounds[sample])));
      request.progress = [&](std::uint32_t) { return watch(sample); };
      emulator_->reset();
      const RunResult result = emulator_->run(request);
      for (const Spike& spike : result.spikes) {
        batch.spikes.insert(batch.spikes.end(),
                            {static_cast<std::uint32_t>(sample), spike.tick, spike.neuron});
      }
      batch.potentials.insert(batch.potentials.end(), result.potentials.begin(),
                              result.potentials.end());
      batch.cycles.push_back(result.cycles);
      batch.stalls += result.stalls;
      batch.overruns += result.overruns;
      batch.retries += result.retries;
    };
    try {
      work([&] {
        for (std::size_t sample = 0; sample < samples; ++sample) {
          if (!watch(sample)) {
            throw Interrupted(fmt::format("stopped after {} of {} samples", sample, samples),
                              "run the others again");
          }
          one(sample);
        }
      });
    } catch (const Interrupted&) {
      watch.raise();
      throw;
    }
    watch.raise();
    return to_dict(std::move(batch), ticks, request.probes.size());
  }

  py::array spike_counts() {
    return read([this] { return emulator_->spike_counts(); });
  }
  void clear_spike_counts() {
    work([this] { emulator_->clear_spike_counts(); });
  }
  py::array potentials() {
    return read([this] { return emulator_->potentials(); });
  }
  py::array currents() {
    return read([this] { return emulator_->currents(); });
  }
  py::array thetas() {
    return read([this] { return emulator_->thetas(); });
  }
  py::array refractory_counters() {
    return read([this] { return emulator_->refractory_counters(); });
  }
  py::array weights(std::size_t projection) {
    return read([&] { return emulator_->weights(projection); });
  }
  void set_potentials(const Array<std::int32_t>& values) {
    work([&, from = view(values)] { emulator_->set_potentials(from); });
  }
  void set_weights(std::size_t projection, const Array<std::int32_t>& values) {
    work([&, from = view(values)] { emulator_->set_weights(projection, from); });
  }
  py::array rates() {
    return read([this] { return emulator_->rates(); });
  }
  void set_rates(const Array<std::uint16_t>& values) {
    work([&, from = view(values)] { emulator_->set_rates(from); });
  }
  void set_learning(std::size_t profile, bool on) {
    work([&] { emulator_->set_learning(profile, on); });
  }
  bool learning(std::size_t profile) {
    bool on = false;
    work([&] { on = emulator_->learning(profile); });
    return on;
  }
  void set_modulation(std::int32_t factor) {
    work([&] { emulator_->set_modulation(factor); });
  }
  std::int32_t modulation() {
    std::int32_t factor = 0;
    work([&] { factor = emulator_->modulation(); });
    return factor;
  }
  State save_state() {
    State state;
    work([&] { state = emulator_->save_state(); });
    return state;
  }
  void restore_state(const State& state) {
    work([&] { emulator_->restore_state(state); });
  }
  std::uint32_t tick() {
    std::uint32_t value = 0;
    work([&] { value = emulator_->backend().read_register(Register::kTick); });
    return value;
  }
  std::uint32_t period() {
    std::uint32_t value = 0;
    work([&] { value = emulator_->backend().read_register(Register::kPeriod); });
    return value;
  }
  void set_period(std::uint32_t cycles) {
    work([&] { emulator_->backend().write_register(Register::kPeriod, cycles); });
  }
  /// None for a backend without a link.
  py::object link_statistics() {
    const auto* device = dynamic_cast<const Device*>(&open().backend());
    if (device == nullptr) return py::none();
    const LinkStatistics& s = device->statistics();
    py::dict result;
    result["bytes_sent"] = s.bytes_sent;
    result["bytes_received"] = s.bytes_received;
    result["frames_sent"] = s.frames_sent;
    result["frames_received"] = s.frames_received;
    result["damaged"] = s.damaged;
    result["retries"] = s.retries;
    result["stream_resends"] = s.stream_resends;
    return result;
  }

 private:
  Emulator& open() {
    if (emulator_) return *emulator_;
    throw InputError("the emulator is closed", "open another one");
  }

  /// Without the GIL, and never for two threads at a time: a backend is not made for that.
  template <typename Job>
  void work(const Job& job, bool must_be_open = true) {
    if (must_be_open) static_cast<void>(open());
    if (busy_.test_and_set()) {
      throw InputError("the emulator is at work in another thread",
                       "wait for it, stop it with stop(), or open an emulator for each thread");
    }
    struct Release {
      std::atomic_flag& flag;
      explicit Release(std::atomic_flag& f) : flag(f) {}
      Release(const Release&) = delete;
      Release& operator=(const Release&) = delete;
      ~Release() { flag.clear(); }
    } const release(busy_);
    stopped_ = leaving_.load();
    try {
      const py::gil_scoped_release released;
      job();
    } catch (const Interrupted&) {
      signals_.raise();
      if (!leaving_) throw;
      PyErr_SetNone(PyExc_SystemExit);
      throw py::error_already_set();
    }
  }
  template <typename Read>
  py::array read(const Read& job) {
    decltype(job()) values;
    work([&] { values = job(); });
    return to_array(std::move(values));
  }

  static void add_axon_events(RunRequest& request, std::span<const std::uint32_t> pairs) {
    request.axon_events.reserve(pairs.size() / 2);
    for (std::size_t k = 0; k + 1 < pairs.size(); k += 2) {
      request.axon_events.push_back({pairs[k], pairs[k + 1]});
    }
  }

  static py::dict to_dict(RunResult result, std::size_t probes) {
    std::vector<std::uint32_t> spikes;
    spikes.reserve(2 * result.spikes.size());
    for (const Spike& spike : result.spikes) {
      spikes.push_back(spike.tick);
      spikes.push_back(spike.neuron);
    }
    py::dict dict;
    const auto rows = static_cast<py::ssize_t>(result.spikes.size());
    dict["first_tick"] = result.first_tick;
    dict["ticks"] = result.ticks;
    dict["spikes"] = to_array(std::move(spikes), {rows, 2});
    dict["potentials"] =
        to_array(std::move(result.potentials),
                 {static_cast<py::ssize_t>(result.ticks), static_cast<py::ssize_t>(probes)});
    dict["cycles"] = result.cycles;
    dict["stalls"] = result.stalls;
    dict["overruns"] = result.overruns;
    dict["retries"] = result.retries;
    return dict;
  }

  static py::dict to_dict(Batch batch, std::uint32_t ticks, std::size_t probes) {
    const auto samples = static_cast<py::ssize_t>(batch.cycles.size());
    const auto rows = static_cast<py::ssize_t>(batch.spikes.size() / 3);
    py::dict dict;
    dict["spikes"] = to_array(std::move(batch.spikes), {rows, 3});
    dict["potentials"] =
        to_array(std::move(batch.potentials),
                 {samples, static_cast<py::ssize_t>(ticks), static_cast<py::ssize_t>(probes)});
    dict["cycles"] = to_array(std::move(batch.cycles));
    dict["stalls"] = batch.stalls;
    dict["overruns"] = batch.overruns;
    dict["retries"] = batch.retries;
    return dict;
  }

  std::atomic<bool> stopped_ = false, leaving_ = false;
  Signals signals_{stopped_};  // before the emulator, whose link asks it
  std::unique_ptr<Emulator> emulator_;
  std::atomic_flag busy_;
};

}  // namespace

void bind_emulator(py::module_& module) {
  py::class_<PyEmulator>(module, "Emulator")
      .def(py::init<const std::string&, const std::string&, std::uint32_t, const std::string&>(),
           py::arg("backend"), py::arg("configuration"), py::arg("baud"), py::arg("sys") = "/sys")
      .def("close", &PyEmulator::close)
      .def("stop", &PyEmulator::stop)
      .def("leave", &PyEmulator::leave)
      .def_property_readonly("closed", &PyEmulator::closed)
      .def_property_readonly("geometry", &PyEmulator::geometry)
      .def_property_readonly("description", &PyEmulator::description)
      .def_property_readonly("image", &PyEmulator::image)
      .def("load", &PyEmulator::load)
      .def("attach", &PyEmulator::attach)
      .def("reset", &PyEmulator::reset)
      .def("reset_parts", &PyEmulator::reset_parts)
      .def("run", &PyEmulator::run)
      .def("run_samples", &PyEmulator::run_samples)
      .def("spike_counts", &PyEmulator::spike_counts)
      .def("clear_spike_counts", &PyEmulator::clear_spike_counts)
      .def("potentials", &PyEmulator::potentials)
      .def("currents", &PyEmulator::currents)
      .def("thetas", &PyEmulator::thetas)
      .def("refractory_counters", &PyEmulator::refractory_counters)
      .def("weights", &PyEmulator::weights)
      .def("set_potentials", &PyEmulator::set_potentials)
      .def("set_weights", &PyEmulator::set_weights)
      .def("rates", &PyEmulator::rates)
      .def("set_rates", &PyEmulator::set_rates)
      .def("set_learning", &PyEmulator::set_learning, py::arg("profile"), py::arg("on"))
      .def("learning", &PyEmulator::learning, py::arg("profile"))
      .def("set_modulation", &PyEmulator::set_modulation, py::arg("factor"))
      .def("modulation", &PyEmulator::modulation)
      .def("save_state", &PyEmulator::save_state)
      .def("restore_state", &PyEmulator::restore_state, py::arg("state"))
      .def_property_readonly("tick", &PyEmulator::tick)
      .def_property("period", &PyEmulator::period, &PyEmulator::set_period)
      .def_property_readonly("link_statistics", &PyEmulator::link_statistics);
}

}  // namespace ncx::python
