// What goes back over HTTP, without a socket: places that are only read, refusals, heads, log lines.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "vetset/serve/http_route.h"
#include "vetset/serve/service.h"

namespace vetset {

struct HttpAnswer {
  unsigned status = 200;
  std::string body = {};
  std::string type = "application/json";
  std::string fields = {};  // more of the head: "Allow: GET\r\n"
  std::string error = {};   // what a refusal's body says
};
/// {"error":"…"}, whatever went wrong.
HttpAnswer http_refusal(unsigned status, std::string_view message);
HttpAnswer http_answer(Reply reply);
/// Places that need no body and no worker; 404 for those that do.
HttpAnswer http_told(const Service& service, const HttpRoute& route);

/// From "HTTP/1.1 200 OK" to the empty line. `date`: as HTTP writes it.
std::string http_head(const HttpAnswer& answer, std::string_view date, std::string_view request_id, bool keep);
/// "Mon, 23 Nov 2026 15:00:00 GMT" and "2026-11-23T15:00:00Z" of seconds since 1970.
std::string http_date(std::int64_t seconds);
std::string log_date(std::int64_t seconds);

struct HttpLogged {
  std::string time, request_id, peer, method, target, model;
  std::uint64_t bytes_in = 0;
  double seconds = 0;
};
/// One JSON object, whatever bytes a client sent.
std::string http_log_line(const HttpLogged& request, const HttpAnswer& answer);

}  // namespace vetset
