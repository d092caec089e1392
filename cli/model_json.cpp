#include "cli/model_json.h"

#include "vetset/base/json.h"

namespace vetset::cli {
namespace {

void write_values(JsonWriter& w, std::string_view key, const std::vector<OnnxValue>& values) {
  w.key(key).begin_array();
  for (const OnnxValue& value : values) {
    w.begin_object().key("name").value(value.name).key("type").value(onnx_type_name(value.type)).key("shape");
    if (!value.has_shape) {
      w.raw("null");
    } else {
      w.begin_array();
      for (const OnnxDimension& d : value.shape) {
        if (d.size >= 0)
          w.value(d.size);
        else
          w.value(d.name.empty() ? "?" : d.name);
      }
      w.end_array();
    }
    w.end_object();
  }
  w.end_array();
}

void write_gaps(JsonWriter& w, const std::vector<ContractGap>& gaps) {
  w.key("gaps").begin_array();
  for (const ContractGap& gap : gaps)
    w.begin_object()
        .key("field")
        .value(gap.field)
        .key("what")
        .value(gap.what)
        .key("cure")
        .value(gap.cure)
        .key("needed")
        .value(gap.needed)
        .end_object();
  w.end_array();
}

void write_model(JsonWriter& w, const ModelReport& r) {
  const OnnxFile& f = r.file;
  w.key("file").begin_object().key("path").value(r.path).key("sha256").value(r.sha256).key("bytes").value(f.file_bytes);
  w.end_object();
  w.key("ir_version").value(f.ir_version).key("opsets").begin_array();
  for (const OnnxOpset& one : f.opsets)
    w.begin_object().key("domain").value(one.domain).key("version").value(one.version).end_object();
  w.end_array().key("producer").value(f.producer).key("producer_version").value(f.producer_version);
  write_values(w, "inputs", f.inputs);
  write_values(w, "outputs", f.outputs);
  w.key("nodes").value(f.nodes).key("operators").begin_array();
  for (const OnnxOperator& one : f.operators)
    w.begin_object()
        .key("domain")
        .value(one.domain)
        .key("name")
        .value(one.name)
        .key("count")
        .value(one.count)
        .end_object();
  w.end_array().key("parameters").value(r.parameters).key("weight_bytes").value(f.weight_bytes);
  w.key("precision").value(r.precision).key("external").begin_array();
  for (const OnnxExternal& one : f.external)
    w.begin_object()
        .key("path")
        .value(one.path)
        .key("tensors")
        .value(one.tensors)
        .key("problem")
        .value(one.problem)
        .end_object();
  w.end_array();
  w.key("guess")
      .begin_object()
      .key("task")
      .value(r.task)
      .key("preset")
      .value(r.guess.preset)
      .key("sure")
      .value(r.guess.sure);
  w.key("classes").value(std::uint64_t{r.guess.classes}).key("names").begin_array();
  for (const auto& [id, name] : r.guess.names) w.value(name);
  w.end_array().key("evidence").begin_array();
  for (const std::string& fact : r.guess.evidence) w.value(fact);
  w.end_array().end_object();
}

}  // namespace

std::string inspected_json(const ModelReport& report) {
  std::string out;
  JsonWriter w(out);
  w.begin_object();
  write_model(w, report);
  write_gaps(w, report.gaps);
  w.end_object();
  return pretty_json(out) + '\n';
}

std::string checked_json(const ModelCheckReport& report) {
  std::string out;
  JsonWriter w(out);
  w.begin_object()
      .key("file")
      .begin_object()
      .key("path")
      .value(report.model.path)
      .key("sha256")
      .value(report.model.sha256);
  w.key("bytes").value(report.model.file.file_bytes).end_object();
  w.key("runtime").value(report.runtime).key("no_runtime").value(report.no_runtime).key("providers").begin_array();
  for (const std::string& provider : report.providers) w.value(provider);
  w.end_array().key("faults").begin_array();
  for (const ModelFault& fault : report.faults)
    w.begin_object()
        .key("name")
        .value(fault.name)
        .key("grade")
        .value(name(fault.grade))
        .key("cause")
        .value(fault.cause)
        .key("cure")
        .value(fault.cure)
        .end_object();
  w.end_array().end_object();
  return pretty_json(out) + '\n';
}

std::string specified_json(const ModelSpecReport& report) {
  std::string out;
  JsonWriter w(out);
  w.begin_object().key("preset").value(report.built.preset).key("digest").value(report.digest);
  w.key("contract").raw(canonical_json(report.built.spec));
  write_gaps(w, report.built.gaps);
  w.end_object();
  return pretty_json(out) + '\n';
}

}  // namespace vetset::cli
