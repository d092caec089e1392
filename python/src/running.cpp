#include "python/src/running.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <string>
#include <thread>

namespace vetset::python {
namespace {

/// What the working thread and the calling thread tell each other.
struct Exchange {
  std::mutex mutex;
  std::condition_variable ended;
  bool done = false;
  std::exception_ptr thrown;
  bool told = false;  // since the caller looked
  std::string what;
  std::uint64_t count = 0, total = 0;
};

/// The latest progress that was not passed on yet.
struct Latest {
  std::string what;
  std::uint64_t count = 0, total = 0;
};

std::optional<Latest> take_latest(Exchange& exchange) {
  const std::lock_guard lock(exchange.mutex);
  if (!std::exchange(exchange.told, false)) return std::nullopt;
  return Latest{exchange.what, exchange.count, exchange.total};
}

/// Lets signal handlers run and passes progress on; false where one of them raised, which is then kept in `raised`.
bool attend(Exchange& exchange, const nb::object& progress, std::optional<nb::python_error>& raised) {
  try {
    if (PyErr_CheckSignals() != 0) throw nb::python_error();
    if (!progress.is_none())
      if (const auto latest = take_latest(exchange)) progress(text(latest->what), latest->count, latest->total);
    return true;
  } catch (nb::python_error& error) {
    raised.emplace(std::move(error));
    return false;
  }
}

}  // namespace

nb::object text(std::string_view bytes) {
  return nb::steal(PyUnicode_DecodeUTF8(bytes.data(), static_cast<Py_ssize_t>(bytes.size()), "surrogateescape"));
}

nb::object text_or_none(std::string_view bytes) { return bytes.empty() ? nb::object(nb::none()) : text(bytes); }

nb::object error_object(const Error& error) {
  const auto position = [](std::uint32_t number) -> nb::object {
    return number == 0 ? nb::object(nb::none()) : nb::object(nb::int_(number));
  };
  return nb::module_::import_("vetset._error")
      .attr("Error")(text(name(error.code)), text(error.message), text_or_none(error.file), position(error.line),
                     position(error.column));
}

void raise(const nb::object& error) {
  PyErr_SetObject(error.type().ptr(), error.ptr());
  throw nb::python_error();
}

void raise(const Error& error) { raise(error_object(error)); }

void run_released(const nb::object& progress, const std::function<void(const Progress&)>& work) {
  constexpr auto pause = std::chrono::milliseconds(20);
  Exchange exchange;
  std::atomic<bool> stop{false};
  Progress inner;
  inner.stop = &stop;
  if (!progress.is_none())
    inner.report = [&](std::string_view what, std::uint64_t count, std::uint64_t total) {
      const std::lock_guard lock(exchange.mutex);
      exchange.told = true;
      exchange.what = what;
      exchange.count = count;
      exchange.total = total;
    };
  std::optional<nb::python_error> raised;
  {
    nb::gil_scoped_release released;
    std::thread worker([&] {
      std::exception_ptr thrown;
      try {
        work(inner);
      } catch (...) {
        thrown = std::current_exception();
      }
      const std::lock_guard lock(exchange.mutex);
      exchange.thrown = thrown;
      exchange.done = true;
      exchange.ended.notify_one();
    });
    for (std::unique_lock lock(exchange.mutex); !exchange.ended.wait_for(lock, pause, [&] { return exchange.done; });) {
      lock.unlock();
      if (!stop.load()) {
        nb::gil_scoped_acquire acquired;
        if (!attend(exchange, progress, raised)) stop.store(true);
      }
      lock.lock();
    }
    worker.join();
  }
  if (raised) throw *std::move(raised);
  if (!attend(exchange, progress, raised)) throw *std::move(raised);
  if (exchange.thrown) std::rethrow_exception(exchange.thrown);
}

}  // namespace vetset::python
