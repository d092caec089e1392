#include "vetset/base/result.h"

#include <cstdio>
#include <cstdlib>

namespace vetset {

std::string_view name(Code code) {
  switch (code) {
    case Code::usage: return "usage";
    case Code::not_found: return "not_found";
    case Code::io: return "io";
    case Code::malformed: return "malformed";
    case Code::limit: return "limit";
    case Code::unsupported: return "unsupported";
    case Code::refused: return "refused";
    case Code::untrusted: return "untrusted";
    case Code::cancelled: return "cancelled";
    case Code::defect: return "defect";
  }
  return "defect";
}

std::string to_string(const Error& e) {
  std::string text = e.file;
  if (e.line != 0) text += ':' + std::to_string(e.line);
  if (e.line != 0 && e.column != 0) text += ':' + std::to_string(e.column);
  if (!text.empty()) text += ": ";
  return text + e.message;
}

void assertion_failed(const char* condition, const char* why, const char* file, int line) {
  std::fprintf(stderr, "vetset: defect at %s:%d: %s does not hold (%s)\n", file, line, condition, why);
  std::abort();
}

}  // namespace vetset
