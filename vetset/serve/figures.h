// What a server counts, by model, and how it tells it: Prometheus text and the protocol's statistics.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace vetset {

/// How long the parts of one request took, in seconds.
struct Spent {
  double queue = 0, decode = 0, run = 0, answer = 0;
  double total() const { return queue + decode + run + answer; }
};

/// May be used by several threads.
class Figures {
 public:
  /// `code`: as HTTP has it. What was not executed has no times.
  void count(std::string_view model, std::string_view version, int code, const Spent* spent);
  /// Figures of now, appended by the caller: "vetset_queue_depth 3".
  std::string prometheus(std::string_view gauges) const;
  using Key = std::pair<std::string, std::string>;  // model and version
  /// {"model_stats":[…]}, of Triton's statistics extension.
  std::string statistics(std::span<const Key> models) const;

 private:
  static constexpr std::array<double, 14> edges{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01,
                                                0.025,  0.05,    0.1,    0.25,  0.5,    1,     5};
  struct Histogram {
    std::array<std::uint64_t, edges.size() + 1> counts{};
    double sum = 0;
    void add(double seconds);
    std::uint64_t total() const;
  };
  struct Model {
    std::map<int, std::uint64_t> codes;
    Histogram queue, decode, run, answer, all;
    std::uint64_t done = 0, failed = 0;
    double failed_seconds = 0;
  };

  mutable std::mutex mutex_;
  std::map<Key, Model> models_;
};

}  // namespace vetset
