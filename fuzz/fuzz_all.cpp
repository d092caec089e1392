// The fuzz target: bytes become a tree; every format that sees itself in it reads it; what was read must hold together,
// has identities, is checked by every rule, is evaluated, and converts to every format with a proof that declares what
// it loses.
//
// Input: two bytes of choices, then either an archive (zip or tar) or files as "@@ path\n" followed by their bytes.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "vetset/convert/convert.h"
#include "vetset/dataset/canonical.h"
#include "vetset/vetset.h"

namespace vetset {
namespace {

[[noreturn]] void defect(const char* what, std::string_view detail) {
  std::fprintf(stderr, "fuzz: %s: %.*s\n", what, static_cast<int>(detail.size()), detail.data());
  std::abort();
}

/// A loss that no declaration covers ends the run where VETSET_FUZZ_STRICT is set; else it is told and the run goes on.
void undeclared(const std::string& what) {
  static const bool strict = std::getenv("VETSET_FUZZ_STRICT") != nullptr;
  if (strict) defect("undeclared loss", what);
  std::fprintf(stderr, "fuzz: undeclared loss: %s\n", what.c_str());
}

/// Small grants, so that a hostile input is stopped soon and not only at the size of the machine.
Limits small_limits() {
  Limits limits;
  limits.record_bytes = 1 << 20;
  limits.value_bytes = 1 << 20;
  limits.unpacked_bytes = 1 << 22;
  limits.members = 2000;
  limits.mask_pixels = 1 << 20;
  limits.image_pixels = 1 << 24;
  return limits;
}

std::unique_ptr<Tree> tree_of(std::string_view bytes) {
  const TreeOptions options{.limits = small_limits()};
  if (bytes.starts_with("PK")) {
    auto zip = open_zip_bytes(Bytes::from(std::string(bytes)), "fuzz.zip", options);
    return zip ? *std::move(zip) : nullptr;
  }
  if (bytes.size() > 262 && bytes.substr(257, 5) == "ustar") {
    auto tar = open_tar_bytes(Bytes::from(std::string(bytes)), "fuzz.tar", options);
    return tar ? *std::move(tar) : nullptr;
  }
  auto tree = std::make_unique<MemoryTree>();
  std::string path = "instances.json";
  while (!bytes.empty()) {
    const std::size_t mark = bytes.find("@@ ");
    const std::string_view content = bytes.substr(0, mark);
    if (!content.empty() || mark != 0) [[maybe_unused]]
      const auto written = tree->write(path, content);
    if (mark == std::string_view::npos) break;
    bytes.remove_prefix(mark + 3);
    const std::size_t end = bytes.find('\n');
    path = bytes.substr(0, end);
    if (end == std::string_view::npos) break;
    bytes.remove_prefix(end + 1);
  }
  return tree;
}

/// Answers to everything a format asks, picked by one byte.
Policies answers(const Format& to, std::uint8_t pick) {
  Policies policies;
  for (const Choice& c : to.choices) policies[c.decision] = c.policies[pick++ % c.policies.size()];
  return policies;
}

void convert_all(const Dataset& dataset, const Tree& tree, std::uint8_t pick) {
  for (const Format* to : formats()) {
    WriteOptions options{
        .task = {}, .policies = answers(*to, pick), .images = ImagesMode::copy, .limits = small_limits()};
    if (!to->tasks.empty() && (pick & 64) != 0) options.task = to->tasks[pick % to->tasks.size()];
    MemoryTree out;
    const auto proof = write_proved(dataset, tree, *to, out, out, options);
    if (!proof) {
      if (proof.error().code == Code::defect) defect("conversion", to_string(proof.error()));
      continue;
    }
    for (const Difference& d : proof->lines)
      if (!d.declared) undeclared(std::string(to->id) + " " + std::string(name(d.field)) + " " + d.where);
  }
}

void check_all(Source&& source) {
  const auto report = check(source, {});
  if (!report && report.error().code == Code::defect) defect("check", to_string(report.error()));
}

/// Predictions, from the tree's lists of results and from the dataset itself, against the dataset as their truth: in
/// both modes, whatever there is to compare. The outcome does not depend on threads.
void evaluate_all(const Source& truth, const Tree& tree, std::uint8_t pick) {
  for (const Image& image : truth.dataset.images)
    if (std::uint64_t{image.width} * image.height > small_limits().mask_pixels) return;  // drawing takes its time
  std::vector<Predictions> all;
  if (auto read = find_format("coco-results")->predict(tree, {.limits = small_limits()}))
    all.push_back(*std::move(read));
  if (auto made = predictions_of(truth.dataset, Pool(1))) all.push_back(*std::move(made));
  for (const Predictions& predictions : all) {
    for (const CocoMode mode : {CocoMode::strict, CocoMode::corrected}) {
      EvaluateOptions options{.iou_type = static_cast<IouType>(pick % 4), .mode = mode};
      options.use_categories = (pick & 8) == 0;
      options.common.threads = 1;
      const auto done = evaluate(truth, Predictions(predictions), options);
      if (!done && done.error().code == Code::defect) defect("evaluation", to_string(done.error()));
      if (!done) continue;
      for (const double value : done->result.precision)
        if (value != -1 && !(value >= 0 && value <= 1)) defect("precision", std::to_string(value));
      options.common.threads = 2;
      const auto again = evaluate(truth, Predictions(predictions), options);
      if (!again || again->record != done->record) defect("evaluation", "threads make a difference");
    }
  }
}

void run(std::uint8_t pick, std::string_view bytes) {
  const std::unique_ptr<Tree> tree = tree_of(bytes);
  if (tree == nullptr) return;
  for (const Format* format : formats()) {
    const Detection seen = format->detect(*tree);
    if (seen.score == 0) continue;
    auto reading = format->read(*tree, {.only = {}, .images = nullptr, .limits = small_limits()});
    if (!reading) continue;
    if (const auto why = reading->dataset.inconsistency()) defect("inconsistent dataset", *why);
    if (!labels_identity(reading->dataset, Pool(1))) defect("identity", format->id);
    convert_all(reading->dataset, *tree, pick);
    Source source;
    source.tree = tree_of(bytes);
    source.format = format;
    source.detection = seen;
    source.dataset = std::move(reading->dataset);
    source.finding_counts = reading->findings.counts();
    source.findings = std::move(reading->findings).take();
    evaluate_all(source, *tree, pick);
    check_all(std::move(source));
  }
}

}  // namespace
}  // namespace vetset

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  vetset::run(data[0], {reinterpret_cast<const char*>(data) + 2, size - 2});
  return 0;
}
