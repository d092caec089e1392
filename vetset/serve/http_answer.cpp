#include "vetset/serve/http_answer.h"

#include <chrono>
#include <cstdio>

#include "vetset/base/json.h"
#include "vetset/base/unicode.h"

namespace vetset {
namespace {

std::string_view reason(unsigned status) {
  switch (status) {
    case 200: return "OK";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 413: return "Content Too Large";
    case 415: return "Unsupported Media Type";
    case 417: return "Expectation Failed";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    default: return "Status";
  }
}

HttpAnswer json(std::string body) { return HttpAnswer{.body = std::move(body)}; }

std::string index_of(const Service& service) {
  const bool ready = service.ready();
  std::string body;
  JsonWriter w(body);
  w.begin_array();
  for (const Serving& s : service.models()) {
    w.begin_object().key("name").value(s.name).key("version").value(s.version);
    w.key("state").value(ready ? "READY" : "UNAVAILABLE").key("reason").value(ready ? "" : "draining").end_object();
  }
  w.end_array();
  return body;
}

struct When {
  std::chrono::year_month_day date;
  std::chrono::weekday day;
  int hour, minute, second;
};
When when(std::int64_t seconds) {
  const std::chrono::sys_seconds at{std::chrono::seconds(seconds)};
  const auto days = std::chrono::floor<std::chrono::days>(at);
  const auto rest = static_cast<int>((at - days).count());
  return {std::chrono::year_month_day(days), std::chrono::weekday(days), rest / 3600, rest / 60 % 60, rest % 60};
}

}  // namespace

HttpAnswer http_refusal(unsigned status, std::string_view message) {
  // What a client sent may be quoted in it, and JSON holds nothing but UTF-8.
  HttpAnswer answer{.status = status, .error = invalid_utf8(message) ? printable(message) : std::string(message)};
  answer.body = oip_error(answer.error);
  return answer;
}

HttpAnswer http_answer(Reply reply) {
  if (reply.served != Served::ok) {
    HttpAnswer no = http_refusal(http_status(reply.served), reply.message);
    if (reply.retry_after_s) no.fields = "Retry-After: " + std::to_string(reply.retry_after_s) + "\r\n";
    return no;
  }
  HttpAnswer answer{.body = std::move(reply.body), .type = std::move(reply.content_type)};
  if (reply.json_bytes)
    answer.fields = "Inference-Header-Content-Length: " + std::to_string(*reply.json_bytes) + "\r\n";
  return answer;
}

HttpAnswer http_told(const Service& service, const HttpRoute& route) {
  using What = HttpRoute::What;
  switch (route.what) {
    case What::page: {
      HttpAnswer page{.body = std::string(serve_page()), .type = "text/html; charset=utf-8"};
      page.fields =
          "Content-Security-Policy: default-src 'none'; connect-src 'self'; img-src blob: data:; "
          "script-src 'unsafe-inline'; style-src 'unsafe-inline'; frame-ancestors 'none'\r\n"
          "X-Content-Type-Options: nosniff\r\n";
      return page;
    }
    case What::server: return json(oip_server_metadata());
    case What::live: return json("{\"live\":true}");
    case What::ready: {
      const bool ready = service.ready();
      if (ready) return json("{\"live\":true,\"ready\":true}");
      HttpAnswer no = http_refusal(503, "the server is not ready: it drains, or serves no model");
      no.body = "{\"live\":true,\"ready\":false," + no.body.substr(1);
      return no;
    }
    case What::metrics: return HttpAnswer{.body = service.metrics(), .type = "text/plain; version=0.0.4"};
    case What::index: return json(index_of(service));
    case What::load: return http_refusal(400, "models are named when the server starts; SIGHUP loads them anew");
    case What::model:
    case What::model_ready:
    case What::model_config:
    case What::model_stats: break;
    case What::infer:
    case What::predict:
    case What::none:
    case What::wrong_method: return http_refusal(404, "there is no such place");
  }
  if (route.what == What::model_stats && route.model.empty()) return json(service.statistics());
  const std::shared_ptr<const Serving> s = service.find(route.model, route.version);
  if (!s) return http_refusal(404, unknown_model(route.model, route.version));
  const Session& session = *s->session;
  if (route.what == What::model)
    return json(oip_model_metadata(s->name, s->version, "onnxruntime_onnx", session.inputs(), session.outputs()));
  if (route.what == What::model_config)
    return json(oip_model_config(s->name, "onnxruntime_onnx", session.inputs(), session.outputs()));
  if (route.what == What::model_stats) return json(service.statistics(s->name, s->version));
  std::string body;
  JsonWriter w(body);
  w.begin_object().key("name").value(s->name).key("ready").value(service.ready()).end_object();
  HttpAnswer answer = json(std::move(body));
  if (!service.ready()) answer = http_refusal(503, "the server drains");
  return answer;
}

std::string http_head(const HttpAnswer& answer, std::string_view date, std::string_view request_id, bool keep) {
  std::string head;
  head.reserve(256 + answer.fields.size());
  head += "HTTP/1.1 ";
  head += std::to_string(answer.status);
  head += ' ';
  head += reason(answer.status);
  head += "\r\nDate: ";
  head += date;
  head += "\r\nContent-Type: ";
  head += answer.type;
  head += "\r\nContent-Length: ";
  head += std::to_string(answer.body.size());
  head += "\r\nX-Request-Id: ";
  head += request_id;
  head += "\r\n";
  head += answer.fields;
  head += keep ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
  return head;
}

std::string http_date(std::int64_t seconds) {
  constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const When w = when(seconds);
  char text[64];
  const int n = std::snprintf(text, sizeof text, "%s, %02u %s %04d %02d:%02d:%02d GMT", days[w.day.c_encoding()],
                              unsigned{w.date.day()}, months[unsigned{w.date.month()} - 1], int{w.date.year()}, w.hour,
                              w.minute, w.second);
  return {text, static_cast<std::size_t>(n)};
}

std::string log_date(std::int64_t seconds) {
  const When w = when(seconds);
  char text[64];
  const int n = std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02dZ", int{w.date.year()},
                              unsigned{w.date.month()}, unsigned{w.date.day()}, w.hour, w.minute, w.second);
  return {text, static_cast<std::size_t>(n)};
}

std::string http_log_line(const HttpLogged& q, const HttpAnswer& answer) {
  const auto safe = [](const std::string& text) { return invalid_utf8(text) ? printable(text) : text; };
  std::string line;
  JsonWriter w(line);
  w.begin_object().key("time").value(q.time).key("request_id").value(q.request_id).key("peer").value(q.peer);
  w.key("method").value(safe(q.method)).key("target").value(safe(q.target));
  if (!q.model.empty()) w.key("model").value(safe(q.model));
  w.key("status").value(std::uint64_t{answer.status}).key("bytes_in").value(q.bytes_in);
  w.key("bytes_out").value(std::uint64_t{answer.body.size()}).key("seconds").value(q.seconds);
  if (!answer.error.empty()) w.key("error").value(answer.error);
  w.end_object();
  return line;
}

}  // namespace vetset
