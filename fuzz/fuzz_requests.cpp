// The fuzz target of what clients send to a server: requests of the Open Inference Protocol, as JSON and with bytes
// behind it, and the first lines of HTTP requests. Nothing is read beyond the body; what was taken fits its shape, and
// whatever is said of it is JSON.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "vetset/base/json.h"
#include "vetset/serve/http_answer.h"
#include "vetset/serve/http_route.h"
#include "vetset/serve/oip.h"

namespace vetset {
namespace {

void hold(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "fuzz: %s\n", what);
  std::abort();
}

void must_be_json(std::string_view text) {
  JsonCursor c(text);
  c.skip();
  hold(!c.failed() && c.at_end(), "an answer that is no JSON");
}

void ask(std::string_view body, std::optional<std::uint64_t> json_bytes) {
  const OipLimits limits{.body = 1 << 16, .json = 1 << 14, .elements = 1 << 14, .inputs = 8};
  Result<OipRequest> read = parse_oip_request(body, json_bytes, limits);
  if (!read) {
    hold(read.error().code == Code::malformed || read.error().code == Code::limit, "a request that is our defect");
    return must_be_json(http_refusal(400, read.error().message).body);
  }
  std::vector<TensorInfo> takes;
  std::vector<OipOutput> gives;
  for (const OipInput& input : read->inputs) {
    const std::int64_t n = elements_of(input.shape);
    hold(n >= 0 && n <= (1 << 16), "a shape beyond the limit");
    const auto count = static_cast<std::size_t>(n);
    if (input.type == ElementType::string) {
      hold(input.texts.size() == count, "texts that do not make the shape");
      continue;
    }
    hold(input.tensor.bytes().size() == count * bytes_of(input.type), "bytes that do not make the shape");
    takes.push_back({.name = input.name, .type = input.type, .shape = input.shape});
    gives.push_back({.name = input.name, .tensor = &input.tensor, .binary = read->binary_outputs});
  }
  const OipResponse told = oip_response("m", "1", read->id, gives, {});
  must_be_json(std::string_view(told.body).substr(0, told.json_bytes.value_or(told.body.size())));
  // As many as the request has, in any order: what fits is given whole.
  const Result<std::vector<Tensor>> fits = oip_inputs(*read, takes);
  if (fits) hold(fits->size() == takes.size(), "tensors that the model did not ask for");
}

void route(std::string_view line) {
  const std::size_t space = std::min(line.find(' '), line.size());
  const std::string_view target = line.substr(std::min(space + 1, line.size()));
  const HttpRoute found = http_route(line.substr(0, space), target);
  hold(found.model.size() <= target.size() && found.version.size() <= target.size(), "names that were not in the line");
  must_be_json(http_refusal(404, found.model).body);
  must_be_json(http_log_line({.target = std::string(target), .model = found.model}, {}));
}

}  // namespace
}  // namespace vetset

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  // A copy of its own, so that a step beyond its end is seen.
  const std::string bytes(reinterpret_cast<const char*>(data + 3), size - 3);
  const std::uint64_t cut = data[1] + 256U * data[2];
  switch (data[0] % 4) {
    case 0: vetset::ask(bytes, {}); break;
    case 1: vetset::ask(bytes, cut); break;
    case 2: vetset::ask(bytes, bytes.find('\n') == std::string::npos ? 0 : bytes.find('\n')); break;
    default: vetset::route(bytes); break;
  }
  return 0;
}
