#include "vetset/infer/parity.h"

#include <algorithm>
#include <cmath>

#include "vetset/base/digest.h"
#include "vetset/base/json.h"

namespace vetset {
namespace {

using Axes = std::vector<std::string_view>;

/// One image through the stages.
class Replay {
 public:
  Replay(const Tree& tree, const RecordedImage& image, const ModelSpec& spec, const ParityNetwork& network,
         const ParityLimits& limits, ParityReport& report)
      : tree_(tree), image_(image), spec_(spec), network_(network), limits_(limits), report_(report) {}

  Result<void> run() {
    VETSET_TRY(const Bytes bytes, tree_.read(image_.file));
    if (sha256(bytes).hex() != image_.sha256)
      return Error{Code::untrusted, "is not the file whose digest is in record.json", image_.file};
    Result<Raster> pixels = decoded_pixels(bytes, spec_.pixels);
    if (image_.refused) {
      count(ParityStage::pixels, pixels ? Sameness::other : Sameness::equal,
            {.what = "refused", .here = "done", .there = *image_.refused});
      return {};
    }
    if (!pixels) return refuses(ParityStage::pixels, pixels.error());
    VETSET_DO(compare_pixels(*pixels));
    Result<Placement> placement = placement_of(pixels->width, pixels->height, spec_.resize);
    if (!placement) return refuses(ParityStage::resized, placement.error());
    Result<Raster> resized = resized_pixels(*pixels, spec_.resize, *placement);
    if (!resized) return refuses(ParityStage::resized, resized.error());
    VETSET_DO(compare_raster(ParityStage::resized, *resized, image_.resized,
                             limits_.near_resize ? ValueLimits{.absolute = 1, .share = 0.12} : ValueLimits{}));
    Result<Preprocessed> made = preprocess_pixels(*pixels, spec_);
    if (!made) return refuses(ParityStage::input, made.error());
    VETSET_DO(compare_input(made->tensor));
    VETSET_TRY(const std::optional<Tensor> their_input, kept(image_.input));
    Result<std::vector<Tensor>> outputs = network_.run(their_input ? *their_input : made->tensor);
    if (!outputs) return refuses(ParityStage::outputs, outputs.error());
    if (differs_ && !their_input)
      ++tally(ParityStage::outputs).not_recorded;  // of another input
    else
      VETSET_DO(compare_outputs(*outputs));
    return compare_answer(*outputs, *placement);
  }

 private:
  ParityTally& tally(ParityStage stage) { return report_.stages[static_cast<std::size_t>(stage)]; }

  void count(ParityStage stage, Sameness sameness, ParityDifference&& difference) {
    ParityTally& t = tally(stage);
    if (sameness == Sameness::equal) ++t.equal;
    if (sameness == Sameness::near) ++t.near;
    if (sameness != Sameness::other) return;
    differs_ = true;
    ++t.other;
    difference.image = image_.name;
    if (!t.first) t.first = std::move(difference);
  }

  /// The contract cannot do at all what the record did.
  Result<void> refuses(ParityStage stage, const Error& error) {
    if (error.code == Code::io || error.code == Code::cancelled) return error;
    count(stage, Sameness::other, {.what = "refused", .here = error.message, .there = "done"});
    return {};
  }

  Result<std::optional<Tensor>> kept(const std::optional<RecordedTensor>& recorded) const {
    if (!recorded || recorded->file.empty()) return std::optional<Tensor>();
    VETSET_TRY(Tensor t, read_recorded(tree_, *recorded));
    return std::optional<Tensor>(std::move(t));
  }

  Result<void> compare_tensor(ParityStage stage, const Tensor& here, const std::optional<RecordedTensor>& recorded,
                              const ValueLimits& limits, const Axes& axes) {
    if (!recorded) {
      ++tally(stage).not_recorded;
      return {};
    }
    if (tensor_digest(here) == recorded->sha256) {
      count(stage, Sameness::equal, {});
      return {};
    }
    VETSET_TRY(const std::optional<Tensor> there, kept(recorded));
    const bool exact = limits.absolute == 0 && limits.relative == 0 && limits.by_channel.empty();
    if (!there) {
      const bool form = here.type() == recorded->type && here.shape() == recorded->shape;
      if (form && !exact)
        ++tally(stage).not_recorded;  // its values may be near; nobody kept them
      else
        count(stage, Sameness::other,
              {.what = form ? "digest" : "form",
               .here = form ? tensor_digest(here).substr(0, 16) + "…"
                            : to_string(here.type()) + " " + shape_text(here.shape()),
               .there = form ? recorded->sha256.substr(0, 16) + "…"
                             : to_string(recorded->type) + " " + shape_text(recorded->shape)});
      return {};
    }
    ParityDifference difference;
    const Sameness sameness = compare_values(here, *there, limits, axes, tally(stage).most, difference);
    count(stage, sameness, std::move(difference));
    return {};
  }

  Result<void> compare_raster(ParityStage stage, const Raster& raster, const std::optional<RecordedTensor>& recorded,
                              const ValueLimits& limits) {
    Raster colours;
    const Raster* shown = &raster;
    if (recorded && recorded->shape.size() == 3 && recorded->shape[2] == 3 && raster.channels == 1) {
      colours = {raster.width, raster.height, 3, 8, {}};  // grey is told as three equal channels there
      for (const std::uint8_t v : raster.samples) colours.samples.insert(colours.samples.end(), 3, v);
      shown = &colours;
    }
    return compare_tensor(stage, tensor_of(*shown), recorded, limits,
                          shown->channels == 1 ? Axes{"row", "column"} : Axes{"row", "column", "channel"});
  }
  Result<void> compare_pixels(const Raster& pixels) {
    return compare_raster(ParityStage::pixels, pixels, image_.pixels, {});
  }

  Result<void> compare_input(const Tensor& input) {
    ValueLimits limits;
    const bool first = spec_.input.layout == InputSpec::Layout::nchw;
    if (limits_.near_resize) {
      const double level = std::abs(spec_.input.scale);
      limits = {.share = 0.12, .channel_axis = first ? 1U : 3U};
      for (const double deviation : spec_.input.deviation)
        limits.by_channel.push_back(level / std::abs(deviation) * 1.0001);
    }
    return compare_tensor(ParityStage::input, input, image_.input, limits,
                          first ? Axes{"", "channel", "row", "column"} : Axes{"", "row", "column", "channel"});
  }

  /// Which of ours a recorded output is.
  std::optional<std::size_t> position(std::size_t recorded) const {
    const std::string& name = image_.outputs[recorded].name;
    const auto at = std::find(network_.names.begin(), network_.names.end(), name);
    if (at != network_.names.end()) return static_cast<std::size_t>(at - network_.names.begin());
    return recorded < network_.names.size() ? std::optional(recorded) : std::nullopt;
  }

  Result<void> compare_outputs(const std::vector<Tensor>& outputs) {
    if (image_.outputs.empty()) {
      ++tally(ParityStage::outputs).not_recorded;
      return {};
    }
    // One image counts once, by the worst of its outputs.
    const ParityTally before = tally(ParityStage::outputs);
    ParityTally all;
    for (std::size_t r = 0; r < image_.outputs.size(); ++r) {
      const std::optional<std::size_t> at = position(r);
      if (!at || *at >= outputs.size()) continue;
      tally(ParityStage::outputs) = {};
      VETSET_DO(compare_tensor(ParityStage::outputs, outputs[*at], image_.outputs[r],
                               {.absolute = limits_.outputs, .relative = limits_.outputs}, {}));
      ParityTally& one = tally(ParityStage::outputs);
      if (one.first)
        one.first->what = "output " + (network_.names[*at].empty() ? std::to_string(*at) : network_.names[*at]) +
                          (one.first->what.empty() ? "" : ", " + one.first->what);
      all.equal += one.equal, all.near += one.near, all.other += one.other, all.not_recorded += one.not_recorded;
      all.most = std::max(all.most, one.most);
      if (!all.first) all.first = one.first;
    }
    ParityTally& t = tally(ParityStage::outputs) = before;
    t.most = std::max(t.most, all.most);
    if (all.other)
      ++t.other;
    else if (all.not_recorded)
      ++t.not_recorded;
    else if (all.near)
      ++t.near;
    else
      ++t.equal;
    if (!t.first) t.first = all.first;
    return {};
  }

  Result<void> compare_answer(std::vector<Tensor>& outputs, const Placement& placement) {
    if (!image_.answered) {
      ++tally(ParityStage::answers).not_recorded;
      return {};
    }
    std::size_t theirs = 0;
    for (std::size_t r = 0; r < image_.outputs.size(); ++r) {
      VETSET_TRY(std::optional<Tensor> there, kept(image_.outputs[r]));
      const std::optional<std::size_t> at = position(r);
      if (!there || !at || *at >= outputs.size()) continue;
      outputs[*at] = *std::move(there);
      ++theirs;
    }
    if (differs_ && theirs != outputs.size()) {
      ++tally(ParityStage::answers).not_recorded;
      return {};
    }
    std::vector<const Tensor*> pointers;
    for (const Tensor& t : outputs) pointers.push_back(&t);
    const Result<ModelAnswer> answer = postprocess(pointers, 0, spec_, placement);
    if (!answer) return refuses(ParityStage::answers, answer.error());
    ParityDifference difference;
    const Sameness sameness = compare_answers(*answer, image_, spec_, placement, theirs == outputs.size(), limits_,
                                              tally(ParityStage::answers).most, difference);
    count(ParityStage::answers, sameness, std::move(difference));
    return {};
  }

  const Tree& tree_;
  const RecordedImage& image_;
  const ModelSpec& spec_;
  const ParityNetwork& network_;
  const ParityLimits& limits_;
  ParityReport& report_;
  bool differs_ = false;  // in a stage so far
};

}  // namespace

Result<ParityReport> parity(const Tree& tree, const ParityRecord& record, const ModelSpec& spec,
                            const ParityNetwork& network, const ParityLimits& limits, const Progress& progress) {
  ParityReport report;
  for (const RecordedImage& image : record.images) {
    if (progress.stopped()) return Error{Code::cancelled, "stopped"};
    VETSET_DO(Replay(tree, image, spec, network, limits, report).run());
    progress.tell("replaying", ++report.images, record.images.size());
  }
  for (std::size_t s = 0; s < parity_stages && !report.broken; ++s)
    if (report.stages[s].other) report.broken = static_cast<ParityStage>(s);
  return report;
}

}  // namespace vetset
