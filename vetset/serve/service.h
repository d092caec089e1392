// What a server does whatever the transport: models by name, admission, execution, drain, figures. REST and gRPC call
// it; it knows no socket.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/base/result.h"
#include "vetset/runtime/model.h"
#include "vetset/serve/oip.h"

namespace vetset {

using Clock = std::chrono::steady_clock;

struct ServiceOptions {
  unsigned workers = 0;         // threads that decode, run and answer to completion; 0: the cores there are
  std::uint32_t waiting = 256;  // requests that wait, at most; beyond: refused at the door
  std::uint64_t waiting_bytes = 256ULL << 20;
  OipLimits limits = {};
};

/// How a request ended, for people and for figures.
enum class Served : std::uint8_t {
  ok,
  bad_request,  // 400, INVALID_ARGUMENT
  not_found,    // 404, NOT_FOUND
  too_large,    // 413, RESOURCE_EXHAUSTED
  overloaded,   // 429 and Retry-After, RESOURCE_EXHAUSTED
  not_ready,    // 503, UNAVAILABLE
  late,         // 504, DEADLINE_EXCEEDED: never executed
  failed,       // 500, INTERNAL
  gone,         // the client closed its connection; never executed
};
/// 499 for gone, as access logs have it.
unsigned http_status(Served served);
std::string unknown_model(std::string_view name, std::string_view version);

struct Reply {
  Served served = Served::ok;
  std::string message = {};  // where not ok
  std::string body = {};     // what the transport sends
  std::string content_type = "application/json";
  std::optional<std::uint64_t> json_bytes = {};  // Inference-Header-Content-Length
  std::uint32_t retry_after_s = 0;
};

/// A model that is served.
struct Serving {
  std::string name, version;
  std::string sha256;  // of its file
  std::shared_ptr<const Runtime> runtime;
  std::shared_ptr<const Session> session;
  std::shared_ptr<const Model> model;  // with its contract; null: tensors alone
};
Serving serving_of(std::string name, std::shared_ptr<const Model> model);

/// How long an answer is waited for, and by whom.
struct Waiter {
  Clock::time_point deadline;
  std::function<bool()> gone = {};  // asked by a worker before it executes; must not wait
  std::function<void(Reply)> done;  // once, from a worker or at once
};

class Service {
 public:
  explicit Service(const ServiceOptions& options);
  ~Service();  // drained before
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  /// Verified and warmed outside; in the place of one of that name, whose requests in flight end with the old one.
  void serve(Serving serving);
  bool withdraw(std::string_view name);
  std::vector<Serving> models() const;
  std::shared_ptr<const Serving> find(std::string_view name, std::string_view version = {}) const;

  /// Tensors by the protocol. `body` is kept until `done` was called.
  void infer(std::string_view model, std::string_view version, std::shared_ptr<const std::string> body,
             std::optional<std::uint64_t> json_bytes, Waiter waiter);
  /// An encoded picture; the answer is JSON: {"model":…,"detections":[{"box":[x1,y1,x2,y2],"score":…,"class":…,
  /// "id":…}],"width":…,"height":…}, in the picture's own pixels.
  void predict(std::string_view model, std::shared_ptr<const std::string> image, Waiter waiter);
  /// For figures: what a transport refused by itself.
  void refused(std::string_view model, unsigned http_status);
  void reloaded(bool well);

  const OipLimits& limits() const;
  bool live() const;
  bool ready() const;  // models are served, and it does not drain
  /// Says that it is not ready from now on, and goes on serving: load balancers need time to look elsewhere.
  void retire();
  /// Accepts nothing from now on and waits until what was accepted is answered; false: `most` went by before, and what
  /// waited was refused.
  bool drain(std::chrono::milliseconds most);

  /// Prometheus text, version 0.0.4.
  std::string metrics() const;
  /// Of Triton's statistics extension.
  std::string statistics(std::string_view model, std::string_view version) const;
  std::string statistics() const;  // of all models

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace vetset
