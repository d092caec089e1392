// REST over HTTP/1.1: the Open Inference Protocol, plain image end points, health, figures, and a page at "/".
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "vetset/base/result.h"
#include "vetset/serve/service.h"

namespace vetset {

struct HttpOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 8000;  // 0: any that is free
  std::uint32_t connections = 1024;
  std::chrono::seconds header_time{10}, idle_time{60};
  std::chrono::seconds body_time{30};          // and one more for each MiB; for a response to be taken, too
  std::uint64_t body_bytes = 256ULL << 20;     // of all requests that are here at once; beyond: 429 before the body
  std::chrono::milliseconds most_wait{30000};  // for an answer, where the request says nothing
  std::uint64_t header_bytes = 16 << 10;
  std::string token = {};                               // bearer token that all but health asks for; empty: none
  std::string certificate = {}, key = {};               // PEM files; empty: no TLS
  std::function<void(std::string_view line)> log = {};  // one JSON object a request
};

class HttpServer {
 public:
  /// Listens; requests are answered once this returns. One thread reads and writes all sockets; workers do the rest.
  static Result<std::unique_ptr<HttpServer>> start(Service& service, const HttpOptions& options);
  virtual ~HttpServer() = default;
  virtual std::uint16_t port() const = 0;
  /// Closes the door: no new connection; those that are open end after the request they have begun. False: `most` went
  /// by before all were answered.
  virtual bool stop(std::chrono::milliseconds most) = 0;
};

}  // namespace vetset
