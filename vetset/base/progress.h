// How long work tells of itself, and how it is stopped. The library never prints: it calls.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string_view>

namespace vetset {

/// Passed down to long work. A default one says nothing and never stops.
struct Progress {
  /// What is being done ("reading instances.json"), how much of it, out of how much (0: unknown). Called now and then,
  /// from one thread at a time.
  std::function<void(std::string_view what, std::uint64_t done, std::uint64_t total)> report;
  /// Set by a signal handler or another thread; long work then ends with Code::cancelled.
  const std::atomic<bool>* stop = nullptr;

  bool stopped() const { return stop != nullptr && stop->load(std::memory_order_relaxed); }
  void tell(std::string_view what, std::uint64_t done, std::uint64_t total) const {
    if (report) report(what, done, total);
  }
};

}  // namespace vetset
