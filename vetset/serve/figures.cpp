#include "vetset/serve/figures.h"

#include <cmath>

#include "vetset/base/json.h"
#include "vetset/base/number.h"

namespace vetset {
namespace {

/// A label's value, escaped as the exposition format asks.
std::string label(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || c == '"') out += '\\';
    if (c == '\n')
      out += "\\n";
    else
      out += c;
  }
  return out;
}

std::string number(double value) {
  std::string out;
  append_number(out, value);
  return out;
}

std::uint64_t nanoseconds(double seconds) { return static_cast<std::uint64_t>(std::llround(seconds * 1e9)); }

}  // namespace

void Figures::Histogram::add(double seconds) {
  std::size_t k = 0;
  while (k < edges.size() && seconds > edges[k]) ++k;
  ++counts[k];
  sum += seconds;
}

std::uint64_t Figures::Histogram::total() const {
  std::uint64_t n = 0;
  for (const std::uint64_t c : counts) n += c;
  return n;
}

void Figures::count(std::string_view model, std::string_view version, int code, const Spent* spent) {
  const std::lock_guard lock(mutex_);
  Model& m = models_[Key(model, version)];
  ++m.codes[code];
  if (code == 200)
    ++m.done;
  else
    ++m.failed;
  if (!spent) return;
  if (code != 200) {
    m.failed_seconds += spent->total();
    return;
  }
  m.queue.add(spent->queue);
  m.decode.add(spent->decode);
  m.run.add(spent->run);
  m.answer.add(spent->answer);
  m.all.add(spent->total());
}

std::string Figures::prometheus(std::string_view gauges) const {
  std::string out(gauges);
  const std::lock_guard lock(mutex_);
  const auto head = [&](std::string_view name, std::string_view type, std::string_view help) {
    out += "# HELP " + std::string(name) + " " + std::string(help) + "\n# TYPE " + std::string(name) + " " +
           std::string(type) + "\n";
  };
  const auto labels = [](const Key& key) {
    return "model=\"" + label(key.first) + "\",version=\"" + label(key.second) + "\"";
  };
  head("vetset_requests_total", "counter", "Requests by their end, as HTTP has it.");
  for (const auto& [key, m] : models_)
    for (const auto& [code, n] : m.codes)
      out += "vetset_requests_total{" + labels(key) + ",code=\"" + std::to_string(code) + "\"} " + std::to_string(n) +
             "\n";
  const auto histogram = [&](std::string_view name, std::string_view help, Histogram Model::* part) {
    head(name, "histogram", help);
    for (const auto& [key, m] : models_) {
      const Histogram& h = m.*part;
      std::uint64_t below = 0;
      for (std::size_t k = 0; k <= edges.size(); ++k) {
        below += h.counts[k];
        out += std::string(name) + "_bucket{" + labels(key) + ",le=\"" +
               (k < edges.size() ? number(edges[k]) : std::string("+Inf")) + "\"} " + std::to_string(below) + "\n";
      }
      out += std::string(name) + "_sum{" + labels(key) + "} " + number(h.sum) + "\n";
      out += std::string(name) + "_count{" + labels(key) + "} " + std::to_string(below) + "\n";
    }
  };
  histogram("vetset_queue_seconds", "From the door to a worker.", &Model::queue);
  histogram("vetset_decode_seconds", "From bytes to the input tensor.", &Model::decode);
  histogram("vetset_run_seconds", "In the model.", &Model::run);
  histogram("vetset_answer_seconds", "From the outputs to the response.", &Model::answer);
  histogram("vetset_request_seconds", "From the door to the response.", &Model::all);
  return out;
}

std::string Figures::statistics(std::span<const Key> models) const {
  const std::lock_guard lock(mutex_);
  std::string out;
  JsonWriter w(out);
  w.begin_object().key("model_stats").begin_array();
  for (const Key& key : models) {
    const auto at = models_.find(key);
    const Model m = at == models_.end() ? Model{} : at->second;
    w.begin_object().key("name").value(key.first).key("version").value(key.second);
    w.key("inference_count").value(m.done).key("execution_count").value(m.done);
    w.key("inference_stats").begin_object();
    const auto part = [&](std::string_view name, std::uint64_t count, double seconds) {
      w.key(name).begin_object().key("count").value(count).key("ns").value(nanoseconds(seconds)).end_object();
    };
    part("success", m.done, m.all.sum);
    part("fail", m.failed, m.failed_seconds);
    part("queue", m.queue.total(), m.queue.sum);
    part("compute_input", m.decode.total(), m.decode.sum);
    part("compute_infer", m.run.total(), m.run.sum);
    part("compute_output", m.answer.total(), m.answer.sum);
    w.end_object().key("batch_stats").begin_array().end_array().end_object();
  }
  w.end_array().end_object();
  return out;
}

}  // namespace vetset
