// Does to pictures what a request says, for preprocess_judge.py and for timing. Requests come on standard input: a line
// of words, then as many bytes as it says; answers go to standard output in the same manner.
//   spec                           a contract (YAML) for all requests that follow
//   resize ARITHMETIC FILTER ANTIALIAS WIDTH HEIGHT OLD_WIDTH OLD_HEIGHT CHANNELS   pixels → pixels
//   pixels | resized | input       an encoded file → P0, P1, P2
//   time COUNT | decode COUNT      COUNT times an encoded file → P2, → P0; answers with CPU nanoseconds
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <sstream>
#include <string>

#include "vetset/image/resize.h"
#include "vetset/runtime/preprocess.h"

namespace {

using namespace vetset;

void answer(const std::string& words, const void* bytes, std::size_t size) {
  std::printf("%s %zu\n", words.c_str(), size);
  std::fwrite(bytes, 1, size, stdout);
  std::fflush(stdout);
}
void fail(const Error& error) {
  const std::string text = to_string(error);
  answer("error", text.data(), text.size());
}
void show(const Raster& r) {
  answer(std::to_string(r.height) + " " + std::to_string(r.width) + " " + std::to_string(r.channels), r.samples.data(),
         r.samples.size());
}

unsigned number(std::istringstream& words) {
  unsigned value = 0;
  words >> value;
  return value;
}

void resize(std::istringstream& words, const std::string& bytes) {
  Resampling how;
  how.arithmetic = static_cast<Resampling::Arithmetic>(number(words));
  how.filter = static_cast<Resampling::Filter>(number(words));
  how.antialias = number(words) != 0;
  const unsigned width = number(words), height = number(words);
  Raster from{number(words), number(words), 0, 8, {}};
  from.channels = static_cast<std::uint8_t>(number(words));
  from.samples.assign(bytes.begin(), bytes.end());
  show(resized(from, width, height, how));
}

std::string shape_of(const Tensor& t) {
  std::string text;
  for (const std::int64_t length : t.shape()) text += (text.empty() ? "" : " ") + std::to_string(length);
  return text;
}

void time_input(const ModelSpec& spec, const std::string& bytes, unsigned count, bool all) {
  std::vector<std::byte> out;
  const std::clock_t began = std::clock();
  for (unsigned i = 0; i < count; ++i) {
    const auto pixels = decoded_pixels(bytes, spec.pixels);
    if (!pixels) return fail(pixels.error());
    if (!all) continue;
    const auto placement = placement_of(pixels->width, pixels->height, spec.resize);
    if (!placement) return fail(placement.error());
    out.resize(input_bytes(*placement, spec.input));
    if (const auto filled = fill_input(*pixels, spec, *placement, out); !filled) return fail(filled.error());
  }
  const auto nanoseconds = static_cast<double>(std::clock() - began) * (1e9 / CLOCKS_PER_SEC) / count;
  answer(std::to_string(static_cast<long long>(nanoseconds)), "", 0);
}

void serve(ModelSpec& spec, const std::string& line, const std::string& bytes) {
  std::istringstream words(line);
  std::string verb;
  words >> verb;
  if (verb == "resize") return resize(words, bytes);
  if (verb == "time" || verb == "decode") return time_input(spec, bytes, number(words), verb == "time");
  if (verb == "spec") {
    auto read = parse_model_spec(bytes, "spec");
    if (!read) return fail(read.error());
    spec = *std::move(read);
    return answer("ok", "", 0);
  }
  if (verb == "pixels") {
    const auto pixels = decoded_pixels(bytes, spec.pixels);
    return pixels ? show(*pixels) : fail(pixels.error());
  }
  const auto done = preprocess(bytes, spec, {.keep_stages = true});
  if (!done) return fail(done.error());
  if (verb == "resized") return show(done->resized);
  answer(shape_of(done->tensor), done->tensor.bytes().data(), done->tensor.bytes().size());
}

}  // namespace

int main() {
  ModelSpec spec;
  char line[512];
  while (std::fgets(line, sizeof line, stdin) != nullptr) {
    const char* const last = std::strrchr(line, ' ');
    const std::size_t size = last == nullptr ? 0 : std::strtoull(last, nullptr, 10);
    std::string bytes(size, '\0');
    if (std::fread(bytes.data(), 1, size, stdin) != size) return 1;
    serve(spec, line, bytes);
  }
}
