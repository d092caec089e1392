// Takes raw outputs to answers as a contract says, for postprocess_judge.py. Requests come on standard input: a line of
// words, then as many bytes as it says; answers go to standard output in the same manner. A tensor is its rank, its
// lengths and its values, all as float32.
//   spec                     a contract (YAML) for all requests that follow
//   post WIDTH HEIGHT        tensors of one image of that size → detections
//   nms THRESHOLD            boxes N × 4, then scores N → positions
//   model PATH               opens a model with the contract
//   answer                   an encoded file → detections
//   run                      a tensor → tensors
// Detections are rows of float32: box, score, label, angle, candidate, keypoints; masks follow as bytes.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sstream>
#include <string>

#include "vetset/runtime/model.h"

namespace {

using namespace vetset;

void answer(const std::string& words, const std::string& body) {
  std::printf("%s %zu\n", words.c_str(), body.size());
  std::fwrite(body.data(), 1, body.size(), stdout);
  std::fflush(stdout);
}
void fail(const Error& error) { answer("error", to_string(error)); }

void put(std::string& out, float v) {
  char bytes[sizeof v];
  std::memcpy(bytes, &v, sizeof v);
  out.append(bytes, sizeof v);
}

std::vector<Tensor> tensors_of(const std::string& bytes) {
  std::vector<Tensor> tensors;
  std::vector<float> values(bytes.size() / sizeof(float));
  std::memcpy(values.data(), bytes.data(), values.size() * sizeof(float));
  for (std::size_t at = 0; at < values.size();) {
    const auto rank = static_cast<std::size_t>(values[at++]);
    std::vector<std::int64_t> shape;
    for (std::size_t k = 0; k < rank; ++k) shape.push_back(static_cast<std::int64_t>(values[at++]));
    Tensor t = Tensor::zeros(ElementType::float32, shape);
    std::copy_n(values.begin() + static_cast<std::ptrdiff_t>(at), t.elements(), t.values<float>().begin());
    at += t.elements();
    tensors.push_back(std::move(t));
  }
  return tensors;
}

void show(const Result<ModelAnswer>& a) {
  if (!a) return fail(a.error());
  std::string body, masks;
  std::size_t columns = 8;
  for (const DetectedObject& d : a->detections) {
    for (float v : d.box) put(body, v);
    for (float v : {d.score, static_cast<float>(d.label), d.angle, static_cast<float>(d.candidate)}) put(body, v);
    for (float v : d.keypoints) put(body, v);
    columns = 8 + d.keypoints.size();
    masks.append(d.mask.begin(), d.mask.end());
  }
  answer(std::to_string(a->detections.size()) + " " + std::to_string(columns), body + masks);
}

void serve(ModelSpec& spec, std::shared_ptr<const Model>& model, const std::string& line, const std::string& bytes) {
  std::istringstream words(line);
  std::string verb;
  words >> verb;
  if (verb == "spec") {
    auto read = parse_model_spec(bytes, "spec");
    if (!read) return fail(read.error());
    spec = *std::move(read);
    return answer("ok", "");
  }
  if (verb == "model") {
    std::string path;
    words >> path;
    auto opened = Model::open(path, spec);
    if (!opened) return fail(opened.error());
    model = *std::move(opened);
    return answer("ok", "");
  }
  if (verb == "answer") return show(model->answer(bytes));
  const std::vector<Tensor> tensors = tensors_of(bytes);
  if (verb == "run") {
    const auto outputs = model->run(tensors[0]);
    if (!outputs) return fail(outputs.error());
    std::string body;
    for (const Tensor& t : *outputs) {
      put(body, static_cast<float>(t.shape().size()));
      for (const std::int64_t length : t.shape()) put(body, static_cast<float>(length));
      for (const float v : t.values<float>()) put(body, v);
    }
    return answer("ok", body);
  }
  if (verb == "nms") {
    double threshold = 0;
    words >> threshold;
    std::vector<std::array<float, 4>> boxes(tensors[0].elements() / 4);
    std::memcpy(boxes.data(), tensors[0].bytes().data(), tensors[0].bytes().size());
    std::string body;
    for (const std::uint32_t i : suppressed(boxes, tensors[1].values<float>(), threshold))
      put(body, static_cast<float>(i));
    return answer("ok", body);
  }
  std::uint32_t width = 0, height = 0;
  words >> width >> height;
  const auto placement = placement_of(width, height, spec.resize);
  if (!placement) return fail(placement.error());
  std::vector<const Tensor*> pointers;
  for (const Tensor& t : tensors) pointers.push_back(&t);
  show(postprocess(pointers, 0, spec, *placement));
}

}  // namespace

int main() {
  ModelSpec spec;
  std::shared_ptr<const Model> model;
  char line[4096];
  while (std::fgets(line, sizeof line, stdin) != nullptr) {
    const char* const last = std::strrchr(line, ' ');
    const std::size_t size = last == nullptr ? 0 : std::strtoull(last, nullptr, 10);
    std::string bytes(size, '\0');
    if (std::fread(bytes.data(), 1, size, stdin) != size) return 1;
    serve(spec, model, line, bytes);
  }
}
