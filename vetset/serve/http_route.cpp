#include "vetset/serve/http_route.h"

#include <algorithm>
#include <span>
#include <vector>

namespace vetset {
namespace {

using What = HttpRoute::What;

/// "%2F" to "/"; false where it is no escape.
bool unescape(std::string_view text, std::string& out) {
  const auto digit = [](char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
  };
  for (std::size_t k = 0; k < text.size(); ++k) {
    if (text[k] != '%') {
      out += text[k];
      continue;
    }
    if (k + 2 >= text.size() || digit(text[k + 1]) < 0 || digit(text[k + 2]) < 0) return false;
    out += static_cast<char>(digit(text[k + 1]) * 16 + digit(text[k + 2]));
    k += 2;
  }
  return true;
}

HttpRoute with(What what, std::string_view allow, std::string_view method) {
  HttpRoute route{.what = what, .allow = allow};
  const bool get = allow == "GET" && (method == "GET" || method == "HEAD");
  if (!get && method != allow) route.what = What::wrong_method;
  return route;
}

HttpRoute of_model(std::span<const std::string> rest, std::string_view method) {
  HttpRoute found;
  std::size_t k = 1;
  std::string version;
  if (rest.size() >= k + 2 && rest[k] == "versions") {
    version = rest[k + 1];
    k += 2;
  }
  if (rest.size() == k) {
    found = with(What::model, "GET", method);
  } else if (rest.size() == k + 1) {
    const std::string& last = rest[k];
    if (last == "ready") found = with(What::model_ready, "GET", method);
    if (last == "config") found = with(What::model_config, "GET", method);
    if (last == "stats") found = with(What::model_stats, "GET", method);
    if (last == "infer") found = with(What::infer, "POST", method);
  }
  found.model = rest[0];
  found.version = version;
  return found;
}

}  // namespace

HttpRoute http_route(std::string_view method, std::string_view target) {
  target = target.substr(0, target.find('?'));
  if (target.empty() || target[0] != '/') return {};
  std::vector<std::string> parts;
  while (!target.empty()) {
    target.remove_prefix(1);
    const std::size_t slash = std::min(target.find('/'), target.size());
    std::string part;
    if (!unescape(target.substr(0, slash), part)) return {};
    if (part.empty() && slash == target.size()) break;  // a last slash
    parts.push_back(std::move(part));
    target.remove_prefix(slash);
  }
  if (parts.empty()) return with(What::page, "GET", method);
  if (parts[0] == "metrics" && parts.size() == 1) return with(What::metrics, "GET", method);
  if (parts[0] == "predict" && parts.size() <= 2) {
    HttpRoute route = with(What::predict, "POST", method);
    if (parts.size() == 2) route.model = parts[1];
    return route;
  }
  if (parts[0] != "v2") return {};
  const std::span<const std::string> rest = std::span<const std::string>(parts).subspan(1);
  if (rest.empty()) return with(What::server, "GET", method);
  if (rest.size() == 2 && rest[0] == "health" && rest[1] == "live") return with(What::live, "GET", method);
  if (rest.size() == 2 && rest[0] == "health" && rest[1] == "ready") return with(What::ready, "GET", method);
  if (rest[0] == "models" && rest.size() >= 2) {
    if (rest.size() == 2 && rest[1] == "stats") return with(What::model_stats, "GET", method);
    return of_model(rest.subspan(1), method);
  }
  if (rest[0] == "repository" && rest.size() == 2 && rest[1] == "index") return with(What::index, "POST", method);
  if (rest[0] == "repository" && rest.size() == 4 && rest[1] == "models" &&
      (rest[3] == "load" || rest[3] == "unload")) {
    HttpRoute route = with(What::load, "POST", method);
    route.model = rest[2];
    return route;
  }
  return {};
}

}  // namespace vetset
