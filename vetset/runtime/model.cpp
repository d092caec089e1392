#include "vetset/runtime/model.h"

#include "vetset/base/digest.h"
#include "vetset/base/tree.h"

namespace vetset {
namespace {

/// The file's digest, read once in pieces.
Result<std::string> digest_of(const std::string& file) {
  VETSET_TRY(const std::unique_ptr<Tree> tree, open_file(file));
  Sha256 hash;
  VETSET_DO(tree->read_through(base_name(file), [&](std::string_view piece) { hash.add(piece); }));
  return hash.finish().hex();
}

/// Whether the model's one input can take what the contract makes. Gives the longest batch.
Result<std::uint32_t> fitting_input(const TensorInfo& input, const ModelSpec& spec) {
  const auto wrong = [&](const std::string& expected) {
    return Error{Code::refused,
                 "the model's input " + input.name + " is " + to_string(input) + "; the contract makes " + expected};
  };
  if (input.type != spec.input.type) return wrong(to_string(spec.input.type));
  if (!input.has_shape) return std::uint32_t{0};
  if (input.shape.size() != 4) return wrong("four lengths: images, channels, height, width");
  const bool channels_first = spec.input.layout == InputSpec::Layout::nchw;
  const std::int64_t channels = input.shape[channels_first ? 1 : 3];
  const std::int64_t height = input.shape[channels_first ? 2 : 1], width = input.shape[channels_first ? 3 : 2];
  if (channels > 0 && channels != static_cast<std::int64_t>(spec.input.channels))
    return wrong(std::to_string(spec.input.channels) + " channels" +
                 (channels_first ? std::string(" before") : std::string(" after")) + " height and width");
  const ResizeSpec& r = spec.resize;
  const std::uint32_t made_width = r.crop_width ? r.crop_width : r.width;
  const std::uint32_t made_height = r.crop_height ? r.crop_height : r.height;
  if ((width > 0 && made_width && width != made_width) || (height > 0 && made_height && height != made_height))
    return wrong("pictures of " + std::to_string(made_width) + " x " + std::to_string(made_height));
  return static_cast<std::uint32_t>(input.shape[0] > 0 ? input.shape[0] : 0);
}

}  // namespace

Result<std::shared_ptr<const Model>> Model::open(const std::string& file, ModelSpec spec, const RuntimeOptions& runtime,
                                                 const SessionOptions& session) {
  const std::shared_ptr<Model> m(new Model);
  m->file_ = file;
  VETSET_DO(check_steps(spec));
  VETSET_TRY(m->sha256_, digest_of(file));
  if (!spec.model_sha256.empty() && spec.model_sha256 != m->sha256_ && spec.model_sha256 != "sha256:" + m->sha256_)
    return Error{Code::untrusted, "the file's SHA-256 is " + m->sha256_ + "; its contract is for " + spec.model_sha256,
                 file};
  VETSET_TRY(m->runtime_, Runtime::load(runtime));
  VETSET_TRY(m->session_, m->runtime_->open(file, session));
  if (m->session_->inputs().size() != 1) {
    std::string names;
    for (const TensorInfo& i : m->session_->inputs()) names += (names.empty() ? "" : ", ") + i.name;
    return Error{Code::unsupported,
                 "the model has " + std::to_string(m->session_->inputs().size()) + " inputs (" + names +
                     "); expected one, the image",
                 file};
  }
  const auto here = [&](Error e) { return std::move(e).in(file); };
  Result<std::uint32_t> most = fitting_input(m->session_->inputs()[0], spec);
  if (!most) return here(std::move(most).error());
  m->most_images_ = *most;
  Result<std::vector<std::size_t>> outputs = head_outputs(spec, m->session_->outputs());
  if (!outputs) return here(std::move(outputs).error());
  m->outputs_ = *std::move(outputs);
  m->spec_digest_ = digest(spec);
  m->spec_ = std::move(spec);
  return std::shared_ptr<const Model>(m);
}

Result<std::vector<Tensor>> Model::run(const Tensor& input) const {
  VETSET_TRY(std::vector<Tensor> all, session_->run(std::span(&input, 1)));
  std::vector<Tensor> outputs;
  for (std::size_t o : outputs_) outputs.push_back(all[o]);
  return outputs;
}

Result<ModelAnswer> Model::answer_of(std::span<const Tensor> outputs, std::size_t index,
                                     const Placement& placement) const {
  std::vector<const Tensor*> pointers;
  for (const Tensor& t : outputs) pointers.push_back(&t);
  return postprocess(pointers, index, spec_, placement);
}

Result<ModelAnswer> Model::answer(std::string_view image) const {
  VETSET_TRY(const Raster pixels, decoded_pixels(image, spec_.pixels));
  return answer(pixels);
}

Result<ModelAnswer> Model::answer(const Raster& pixels) const {
  VETSET_TRY(const Placement placement, placement_of(pixels.width, pixels.height, spec_.resize));
  VETSET_TRY(std::vector<ModelAnswer> answers, answer(std::span(&pixels, 1), std::span(&placement, 1)));
  return std::move(answers[0]);
}

Result<std::vector<ModelAnswer>> Model::answer(std::span<const Raster> pixels,
                                               std::span<const Placement> placements) const {
  std::vector<ModelAnswer> answers;
  if (pixels.empty()) return answers;
  const Placement& first = placements[0];
  const auto count = static_cast<std::int64_t>(pixels.size());
  const std::int64_t channels = spec_.input.channels, height = first.input_height, width = first.input_width;
  Tensor input = Tensor::zeros(spec_.input.type, spec_.input.layout == InputSpec::Layout::nchw
                                                     ? std::vector<std::int64_t>{count, channels, height, width}
                                                     : std::vector<std::int64_t>{count, height, width, channels});
  const std::size_t each = input_bytes(first, spec_.input);
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    VETSET_ASSERT(placements[i].input_width == first.input_width && placements[i].input_height == first.input_height,
                  "images of one run have one input size");
    VETSET_DO(fill_input(pixels[i], spec_, placements[i], input.bytes().subspan(i * each, each)));
  }
  VETSET_TRY(const std::vector<Tensor> outputs, run(input));
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    VETSET_TRY(ModelAnswer answer, answer_of(outputs, i, placements[i]));
    answers.push_back(std::move(answer));
  }
  return answers;
}

}  // namespace vetset
