// What a request's first line asks for.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace vetset {

struct HttpRoute {
  enum class What : std::uint8_t {
    none,          // 404
    wrong_method,  // 405, `allow` is right
    page,
    server,
    live,
    ready,
    model,
    model_ready,
    model_config,
    model_stats,
    infer,
    predict,
    index,
    load,
    metrics,
  } what = What::none;
  std::string model = {}, version = {};  // unescaped
  std::string_view allow = {};           // "GET"

  bool has_body() const { return what == What::infer || what == What::predict; }
  /// Asked by orchestrators that hold no token.
  bool open_to_all() const { return what == What::live || what == What::ready; }
};

/// `target`: as in the request line, with a query, which is left out.
HttpRoute http_route(std::string_view method, std::string_view target);

/// The page at "/".
std::string_view serve_page();

}  // namespace vetset
