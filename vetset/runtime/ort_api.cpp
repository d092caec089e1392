#include "vetset/runtime/ort_api.h"

#include <algorithm>

namespace vetset::ort {
namespace {

Code code_of(int error) {
  switch (error) {
    case no_such_file:
    case not_found: return Code::not_found;
    case invalid_argument: return Code::usage;
    case not_implemented: return Code::unsupported;
    default: return Code::malformed;
  }
}

/// Where a C++ signature that begins before `open` ends: behind the bracket that closes the one at `open`.
std::size_t closed(std::string_view text, std::size_t open) {
  int depth = 0;
  for (std::size_t i = open; i < text.size(); ++i) {
    if (text[i] == '(') ++depth;
    if (text[i] == ')' && --depth == 0) return i + 1;
  }
  return std::string_view::npos;
}

}  // namespace

Api api_of(void* const* table, unsigned version) {
  Api api = {};
#define VETSET_ORT(slot, name, result, arguments) api.name = reinterpret_cast<result(*) arguments>(table[slot]);
#define VETSET_ORT_24(slot, name, result, arguments) \
  if (version >= 24) api.name = reinterpret_cast<result(*) arguments>(table[slot]);
#include "vetset/runtime/ort_api.def"
#undef VETSET_ORT
#undef VETSET_ORT_24
  return api;
}

std::string plain_words(std::string_view message) {
  std::string text(message);
  // "/…/model.cc:180 onnxruntime::Model::Model(…) Unsupported model IR version": the place in the runtime's sources
  // and the signature say nothing to who uses it.
  for (int cuts = 0; cuts < 8; ++cuts) {
    std::size_t at = std::min(text.find(".cc:"), text.find(".h:"));
    if (at == std::string::npos) break;
    std::size_t begin = text.find_last_of(" \n:", at);
    begin = begin == std::string::npos ? 0 : begin + 1;
    std::size_t end = text.find_first_of(" \n", at);
    if (end == std::string::npos || text.find('/', begin) > at) break;
    const std::size_t open = text.find('(', end);
    if (open != std::string::npos && text.substr(end, open - end).find("onnx") != std::string::npos)
      if (const std::size_t close = closed(text, open); close != std::string::npos) end = close;
    while (end < text.size() && (text[end] == ' ' || text[end] == '\n')) ++end;
    text.erase(begin, end - begin);
  }
  // "[ONNXRuntimeError] : 1 : FAIL : " before the words of a provider.
  if (const std::size_t tag = text.find("[ONNXRuntimeError] : "); tag != std::string::npos) {
    std::size_t end = tag;
    for (int colon = 0; colon < 3 && end != std::string::npos; ++colon) end = text.find(" : ", end + 1);
    if (end != std::string::npos) text.erase(tag, end + 3 - tag);
  }
  if (const std::size_t was = text.find(" was false. "); was != std::string::npos) text.erase(0, was + 12);
  for (char& c : text)
    if (c == '\n' || c == '\r' || c == '\t') c = ' ';
  while (!text.empty() && (text.back() == ' ' || text.back() == '.')) text.pop_back();
  return text;
}

Result<void> outcome(const Api& api, Status* status, std::string_view before) {
  if (status == nullptr) return {};
  const Held<Status> held_status(status, api.ReleaseStatus);
  const char* const words = api.GetErrorMessage(status);
  return Error{code_of(api.GetErrorCode(status)),
               std::string(before) + ": " + plain_words(words == nullptr ? "no reason was given" : words)};
}

}  // namespace vetset::ort
